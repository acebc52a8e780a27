"""The addon's translation template: `python3 -m dev.pot` writes it, `--check` compares only."""

import re
import tempfile
from pathlib import Path

from dev.common import REPO, SetupError, main, run, say, write_text
from dev.db import ADDON
from dev.setup import ensure_all
from dev.testing import ensure_base

POT = REPO / ADDON / 'i18n' / f'{ADDON}.pot'
# The two lines that change without any text having changed.
_DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


def export(environ):
    """Return the template as Odoo writes it, without its dates."""
    name = ensure_base(environ)
    with tempfile.TemporaryDirectory() as work:
        target = Path(work) / 'export.pot'
        run(['odoo', 'i18n', 'export', '-d', name, '-o', target, ADDON], env=environ)
        return _DATES.sub('', target.read_text())


def _command(arguments):
    text = export(ensure_all())
    if '--check' not in arguments:
        write_text(POT, text)
        say(f"Written: {POT.relative_to(REPO)}")
    elif not POT.exists() or POT.read_text() != text:
        raise SetupError(f"{POT.relative_to(REPO)} is not up to date. Run: make pot")
    return 0


if __name__ == '__main__':
    main(_command)
