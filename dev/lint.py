"""All checks that need no running test: `python3 -m dev.lint`."""

import subprocess
import sys

from dev.common import REPO, main, say
from dev.db import ADDON
from dev.setup import ensure_all

CHECKS = {
    "Style": ['ruff', 'check', '--no-cache', '.'],
    "Format": ['ruff', 'format', '--no-cache', '--check', '.'],
    # An option in the file would lose against its own `enable`.
    "Odoo's rules": ['pylint', '--rcfile=.pylintrc', '--disable=missing-readme', ADDON],
    "Direction of imports": [sys.executable, '-m', 'dev.lint_imports'],
    "Table of proofs": [sys.executable, '-m', 'dev.proof', '--check'],
    "Translation template": [sys.executable, '-m', 'dev.pot', '--check'],
}


def _command(_arguments):
    environ = ensure_all()
    failed = [name for name, command in CHECKS.items() if not _passes(name, command, environ)]
    if failed:
        say(f"✗ {', '.join(failed)}")
        return 1
    say("✓ All checks of the code")
    return 0


def _passes(name, command, environ):
    say(f"… {name}: {' '.join(command)}")
    return subprocess.run(command, cwd=REPO, env=environ, check=False).returncode == 0


if __name__ == '__main__':
    main(_command)
