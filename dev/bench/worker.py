"""A process with Odoo in it: `python -m dev.bench.worker DATABASE`.

Says `{"ready": true}`, then does one command of COMMANDS for each line of JSON on its standard
input and answers with a line: `{"result": …}` or `{"error": …}`.
"""

import itertools
import json
import os
import signal
import sys
import traceback

import requests

import odoo
import odoo.sql_db
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

from dev.bench import filling, floor, importing, shipping
from dev.bench.clock import Measure

COMMANDS = {
    **importing.COMMANDS,
    **floor.COMMANDS,
    **filling.COMMANDS,
    **shipping.COMMANDS,
}


def open_database(name):
    """Return the registry of a database; Odoo is set up for it."""
    level = os.environ.get('BENCH_LOG_LEVEL', 'error')
    arguments = ['-c', os.environ['ODOO_RC'], '-d', name, f'--log-level={level}']
    odoo.tools.config.parse_config(arguments)
    return Registry(name)


def do(registry, command, arguments):
    """Run a command in a transaction of its own and return its result with what it took."""
    with registry.cursor() as cr, Measure(cr) as measure:
        env = Environment(cr, SUPERUSER_ID, {})
        result = COMMANDS[command](env, **arguments) or {}
    return {**measure.as_dict(), **result}


def start_child(registry, command, arguments, die_before=None, die_at=None):
    """Run a command in a child process and return its id at once.

    :param int die_before: kill the child, without any warning, before this SQL statement of its
    :param int die_at: kill it at this boundary: before or after a commit, or a request over HTTP
    """
    odoo.sql_db.close_all()  # a connection must not have two owners
    child = os.fork()
    if child:
        return {'pid': child}
    status = 1
    try:
        if die_before:
            _die_before(die_before)
        if die_at:
            _die_at(die_at)
        do(registry, command, arguments)
        status = 0
    except Exception:  # noqa: BLE001 - goes to whoever gave the command
        traceback.print_exc()
    finally:
        os._exit(status)


def _die_before(number):
    """Have this process killed before its SQL statement of that number."""
    execute = odoo.sql_db.Cursor.execute
    left = itertools.count(number - 1, -1)

    def counted(self, *arguments, **options):
        if next(left) <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *arguments, **options)

    odoo.sql_db.Cursor.execute = counted


def _die_at(number):
    """Have this process killed at a boundary: each commit and each request has two."""
    left = itertools.count(number - 1, -1)

    def cross():
        if next(left) <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in ((odoo.sql_db.Cursor, 'commit'), (requests.Session, 'send')):
        setattr(owner, name, _between(getattr(owner, name), cross))


def _between(method, cross):
    def crossed(*arguments, **options):
        cross()
        result = method(*arguments, **options)
        cross()
        return result

    return crossed


def wait_child(pid):
    """Wait for a child; return its exit status, negative when a signal ended it."""
    return {'status': os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


def answer(registry, request):
    """Return what to answer to one request."""
    command = request.pop('command')
    try:
        if command == 'start_child':
            run = request.pop('run')
            ends = {name: request.pop(name, None) for name in ('die_before', 'die_at')}
            return {'result': start_child(registry, run, request, **ends)}
        if command == 'wait_child':
            return {'result': wait_child(**request)}
        return {'result': do(registry, command, request)}
    except Exception as error:  # noqa: BLE001 - goes to whoever gave the command
        return {'error': f'{command}: {error!r}\n{traceback.format_exc()}'}


def main():
    """Serve until standard input ends."""
    registry = open_database(sys.argv[1])
    reply({'ready': True})
    for line in sys.stdin:
        reply(answer(registry, json.loads(line)))


def reply(document):
    """Write one line of JSON."""
    sys.stdout.write(json.dumps(document, default=str) + '\n')
    sys.stdout.flush()


if __name__ == '__main__':
    main()
