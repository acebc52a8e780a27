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

import odoo
import odoo.sql_db
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

from dev.bench import filling, floor, importing
from dev.bench.clock import Measure

COMMANDS = {**importing.COMMANDS, **floor.COMMANDS, **filling.COMMANDS}


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


def start_child(registry, command, arguments, die_before=None):
    """Run a command in a child process and return its id at once.

    :param int die_before: kill the child, without any warning, before this SQL statement of its
    """
    odoo.sql_db.close_all()  # a connection must not have two owners
    child = os.fork()
    if child:
        return {'pid': child}
    status = 1
    try:
        if die_before:
            _die_before(die_before)
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


def wait_child(pid):
    """Wait for a child; return its exit status, negative when a signal ended it."""
    return {'status': os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


def answer(registry, request):
    """Return what to answer to one request."""
    command = request.pop('command')
    try:
        if command == 'start_child':
            run, die_before = request.pop('run'), request.pop('die_before', None)
            return {'result': start_child(registry, run, request, die_before)}
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
