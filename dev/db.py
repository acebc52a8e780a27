"""Databases with Odoo in them: `python3 dev/db.py fresh NAME [--install shopify_connector]`.

The modules that the connector needs take a minute to install. They are installed once, into a
template database named after them; `fresh` copies it in a second.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev import odoo_source, postgres
from dev.common import SetupError, digest_of, lock, main, run, say, step
from dev.setup import ensure_all

DEPENDENCIES = 'sale_management,sale_stock,stock_delivery,account'
ADDON = 'shopify_connector'
# Files that Odoo's manifests name and Debian's package leaves out: each is an error in the
# browser's console, and so fails every browser test.
OPTIONAL_ASSETS = {
    'web.assets_backend': 'mail/static/lib/selfie_segmentation/selfie_segmentation.js',
}


def template_name():
    """Return the template's name, which changes with the modules and with Odoo's version."""
    made_of = digest_of(
        DEPENDENCIES, str(OPTIONAL_ASSETS), odoo_source.version(odoo_source.ensure())
    )
    return f'shopify_template_{made_of}'


def ensure_template(environ):
    """Make sure of the template database and return its name."""
    name = template_name()
    with lock('template'):
        if not exists(name, environ):
            with step("Template database with Odoo's modules (about a minute, once)"):
                _build_template(name, environ)
    return name


def _build_template(name, environ):
    building = f'{name}_building'
    drop(building, environ)
    odoo(environ, '-d', building, '-i', DEPENDENCIES)
    _leave_out_missing_assets(building, environ)
    sql('ALTER DATABASE :"old" RENAME TO :"new"', environ, old=building, new=name)
    shutil.rmtree(filestore(name), ignore_errors=True)
    if filestore(building).exists():
        filestore(building).rename(filestore(name))


def _leave_out_missing_assets(name, environ):
    query = (
        "INSERT INTO ir_asset (name, bundle, directive, path, active, sequence) "
        "VALUES ('Missing in this build of Odoo', :'bundle', 'remove', :'path', true, 16)"
    )
    places = odoo_source.addons_paths(odoo_source.ensure())
    for bundle, path in OPTIONAL_ASSETS.items():
        if not any((addons / path).exists() for addons in places):
            sql(query, environ, database=name, bundle=bundle, path=path)


def sql(query, environ, database='postgres', **values):
    """Run one SQL statement, in which :'name' stands for a value; return its rows, one a line."""
    command = ['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', '-']
    for name, value in values.items():
        command += ['-v', f'{name}={value}']
    return run(command, env=environ, input=query).strip()


def odoo(environ, *options):
    """Run Odoo's server once on a database (install or update, then stop); return its warnings."""
    command = ['odoo', 'server', *options, '--stop-after-init', '--no-http', '--log-level=warn']
    done = subprocess.run(
        command, env=environ, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise SetupError(f"Odoo failed: {' '.join(command)}\n{done.stderr.strip()[-6000:]}")
    return [line for line in done.stderr.splitlines() if ' WARNING ' in line or ' ERROR ' in line]


def exists(name, environ):
    """Say whether the database is there."""
    return bool(sql("SELECT 1 FROM pg_database WHERE datname = :'name'", environ, name=name))


def drop(name, environ):
    """Remove a database with its files, if it is there; its users are disconnected."""
    run(['dropdb', '--if-exists', '--force', name], env=environ)
    shutil.rmtree(filestore(name), ignore_errors=True)


def filestore(name):
    """Return the directory of a database's files."""
    return postgres.data_dir() / 'filestore' / name


def copy(source, name, environ):
    """Make database `name` a copy of `source`, replacing what was there.

    The files are linked, not copied: Odoo never changes a file in place, its name is the hash of
    its content.
    """
    drop(name, environ)
    with lock('template'):  # PostgreSQL refuses to copy a database that somebody uses.
        run(['createdb', '-T', source, name], env=environ)
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(name), copy_function=os.link)
    # Two databases with one identity would share browser sessions and registration.
    new_identity = (
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text WHERE key = 'database.uuid'"
    )
    sql(new_identity, environ, database=name)


def fresh(name, environ, modules=None):
    """Make `name` a new database with the dependencies and the given modules (comma-separated).

    :return: the warnings that Odoo logged while it installed the modules
    """
    template = ensure_template(environ)
    with step(f"Database {name}"):
        copy(template, name, environ)
    if not modules:
        return []
    with step(f"{modules} in {name}"):
        return odoo(environ, '-d', name, '-i', modules)


def _parse(arguments):
    parser = argparse.ArgumentParser(prog='dev/db.py', description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)
    new = commands.add_parser('fresh', help="a new database from the template")
    new.add_argument('name')
    new.add_argument(
        '--install', metavar='MODULES', help="comma-separated, for example shopify_connector"
    )
    update = commands.add_parser(
        'update', help="update modules after a change of fields, views or data"
    )
    update.add_argument('name')
    update.add_argument('--modules', default=ADDON)
    commands.add_parser('drop', help="remove a database").add_argument('name')
    return parser.parse_args(arguments)


def _command(arguments):
    options = _parse(arguments)
    environ = ensure_all()
    if options.command == 'fresh':
        _show(fresh(options.name, environ, options.install))
    elif options.command == 'drop':
        drop(options.name, environ)
    elif not exists(options.name, environ):
        raise SetupError(
            f"There is no database {options.name}; make it with: dev/db.py fresh {options.name}"
        )
    else:
        with step(f"Update of {options.modules} in {options.name}"):
            warnings = odoo(environ, '-d', options.name, '-u', options.modules)
        _show(warnings)
    return 0


def _show(warnings):
    for line in warnings:
        say(f"  {line}")


if __name__ == '__main__':
    main(_command)
