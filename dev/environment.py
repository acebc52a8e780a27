"""The environment variables in which every command of the project runs."""

import os

from dev import browser, odoo_source, postgres, python_env, schema
from dev.common import REPO, cache_dir, checkout_dir, write_text

_ODOO_SCRIPT = """\
#!{python}
import odoo.cli

odoo.cli.main()
"""


def build(root):
    """Return the environment for commands, given Odoo's root; write the files it points to."""
    environ = dict(os.environ)
    for name in ('PYTHONHOME', 'PYTHONDONTWRITEBYTECODE', 'PGDATABASE'):
        environ.pop(name, None)
    paths = [python_env.venv_dir() / 'bin', browser.bin_dir(), postgres.binaries()]
    environ['PATH'] = os.pathsep.join([*map(str, paths), environ['PATH']])
    environ.update(postgres.environment())
    chrome = browser.find()
    environ.update(
        {
            'VIRTUAL_ENV': str(python_env.venv_dir()),
            'PYTHONPATH': os.pathsep.join([str(root), str(REPO)]),
            # Compiled files stay out of the work tree; Odoo starts several times faster with them.
            'PYTHONPYCACHEPREFIX': str(cache_dir() / 'pycache'),
            'ODOO_RC': str(_write_config(root)),
            'SHOPIFY_CONNECTOR_CACHE': str(cache_dir()),
            'SHOPIFY_SCHEMA_DIR': str(schema.schema_dir()),
            'CHROME_BIN': str(chrome or ''),
        }
    )
    _write_odoo_script()
    return environ


def _write_config(root):
    """Write the odoo.conf of this checkout; the PG… variables name the database server."""
    path = checkout_dir() / 'odoo.conf'
    addons = ','.join(str(directory) for directory in [*odoo_source.addons_paths(root), REPO])
    options = {
        'addons_path': addons,
        'data_dir': postgres.data_dir(),
        'http_interface': '127.0.0.1',
    }
    lines = ['[options]', *(f'{key} = {value}' for key, value in options.items())]
    write_text(path, '\n'.join(lines) + '\n')
    return path


def _write_odoo_script():
    script = python_env.venv_dir() / 'bin' / 'odoo'
    write_text(script, _ODOO_SCRIPT.format(python=python_env.venv_python()))
    script.chmod(0o755)
