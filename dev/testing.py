"""Run all tests: `python3 -m dev.testing [--no-browser] [PYTEST ARGUMENT…]`.

The addon is installed once into a database of this checkout, again whenever its files have changed.
Each run gets a copy of that database: what one run leaves behind cannot help or harm the next.
"""

import os
import subprocess

from dev import addon, db, postgres
from dev.common import (
    REPO,
    SetupError,
    checkout_dir,
    digest_of,
    main,
    read_stamp,
    run,
    say,
    step,
    write_stamp,
)
from dev.setup import ensure_all

DIRECTORIES = ('shopify_twin', 'shopify_connector', 'dev')


def base_name():
    """Return the name of this checkout's database with the addon, which tests never touch."""
    return f'shopify_test_{digest_of(str(REPO))[:8]}'


def ensure_base(environ):
    """Make sure of a database with the addon as it is in the work tree; return its name."""
    name = base_name()
    stamp = checkout_dir() / 'test-database.json'
    wanted = {
        'template': db.template_name(),
        'addon': addon.code_digest(),
        'server': str(postgres.data_dir()),
    }
    if read_stamp(stamp) != wanted or not db.exists(name, environ):
        stamp.unlink(missing_ok=True)
        warnings = db.fresh(name, environ, db.ADDON)
        if warnings:
            raise SetupError("The addon installs with warnings:\n" + '\n'.join(warnings))
        with step("Web client's files"):
            run(['python', '-m', 'dev.assets', name], env=environ)
        write_stamp(stamp, wanted)
    return name


def _command(arguments):
    with_browser = '--no-browser' not in arguments
    arguments = [word for word in arguments if word != '--no-browser']
    environ = ensure_all()
    name = f'{ensure_base(environ)}_{os.getpid()}'
    with step("Copy of the test database"):
        db.copy(base_name(), name, environ)
    try:
        return _pytest(name, with_browser, arguments, environ)
    finally:
        db.drop(name, environ)


def _pytest(database, with_browser, arguments, environ):
    """Run pytest on a database and return its exit status."""
    chosen = [word for word in arguments if (REPO / word.split('::')[0]).exists()]
    command = ['pytest', f'--odoo-database={database}', *arguments]
    if with_browser:
        command.append('--odoo-http')
    if not chosen:
        command += [name for name in DIRECTORIES if (REPO / name).is_dir()]
    say(f"… {' '.join(command)}")
    return subprocess.run(command, env=environ, cwd=REPO, check=False).returncode


if __name__ == '__main__':
    main(_command)
