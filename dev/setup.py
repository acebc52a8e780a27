"""Get everything that the project needs: `python3 -m dev.setup`. Again, it takes a second."""

import sys
from pathlib import Path

if __package__ in (None, ''):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev import browser, environment, odoo_source, postgres, python_env, schema
from dev.common import cache_dir, lock, main, say


def ensure_all():
    """Make sure of every part, start the database server; return the commands' environment."""
    with lock('setup'):
        python_env.ensure()
        root = odoo_source.ensure()
        schema.ensure()
        browser.ensure()
    postgres.ensure()
    return environment.build(root)


def _command(_arguments):
    environ = ensure_all()
    say(f"Ready: Odoo in {environ['PYTHONPATH'].split(':')[0]}, everything else in {cache_dir()}")
    return 0


if __name__ == '__main__':
    main(_command)
