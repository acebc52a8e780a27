"""The demo: `python3 -m dev.demo [--reset] [--orders N]`, until Ctrl-C.

Starts a local Shopify (the twin) and Odoo, connects a shop and imports its orders, says where to
look, and stops what it started when it ends. A second demo finds the first one running.
"""

import argparse
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from dev import addon, db, postgres
from dev.common import (
    REPO,
    SetupError,
    cache_dir,
    checkout_dir,
    main,
    read_stamp,
    say,
    step,
    write_stamp,
)
from dev.setup import ensure_all

DATABASE = 'shopify_demo'
SEED = 42
ODOO_PORT = 8069
TWIN_PORT = 8089
_WELCOME = """
  Odoo is ready:  {url}
  Sign in with:   admin / admin

  Where to look
    Shopify                      the shop, with its last synchronization, orders and errors
    Shopify → Shopify Orders     what was imported, compared with Shopify to the cent
    Shopify → Orders to Import   what waits, and what could not be imported and why
    Sales → Orders               the sales orders

  The local Shopify answers at {twin}.
  Logs: {logs}
  Stop with Ctrl-C (or, from elsewhere, with: make stop).
"""


def state_file(database=DATABASE):
    """Return the file in which a running demo says who and where it is."""
    return cache_dir() / f'{database}.json'


@contextlib.contextmanager
def only_demo(database=DATABASE):
    """Be the only demo on this database; the lock ends with the process, whatever ends it."""
    with (cache_dir() / f'{database}.lock').open('w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(_already_running(database)) from None
        try:
            yield
        finally:
            state_file(database).unlink(missing_ok=True)


def _already_running(database):
    state = read_stamp(state_file(database)) or {}
    where = f" at {state['url']}" if state.get('url') else ""
    return f"A demo is running already{where}. Stop it with: make stop"


def end_leftovers(database=DATABASE):
    """End the programs of a demo that was killed and could not do so itself."""
    state = read_stamp(state_file(database)) or {}
    for pid in state.get('children', []):
        _end(pid, database)


def _end(pid, database):
    """End a program of ours; another program may have its number by now, so look at its words."""
    try:
        words = Path(f'/proc/{pid}/cmdline').read_text().split('\0')
    except OSError:
        return
    if words[1:3] == ['-m', 'shopify_twin'] or database in words:
        os.kill(pid, signal.SIGTERM)


def free_port(wanted):
    """Return the wanted port of this machine if nobody listens there, else some free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise SetupError("No free port on this machine.")


class Demo:
    """The programs of one demo."""

    def __init__(self, environ, orders, database):
        self.environ = environ
        self.orders = orders
        self.database = database
        self.logs = checkout_dir()
        self.children = []
        self.url = None

    def run(self):
        """Start all, import, tell, and wait until somebody stops it."""
        twin = self._start_twin()
        self._prepare_database()
        self._import(twin)
        self._start_odoo()
        say(_WELCOME.format(url=self.url, twin=twin['url'], logs=self.logs))
        self._wait()

    def stop(self):
        """Stop the programs, asking twice before they are killed (Odoo ends its jobs at first)."""
        for end in (subprocess.Popen.terminate, subprocess.Popen.terminate, subprocess.Popen.kill):
            running = [child for child in reversed(self.children) if child.poll() is None]
            for child in running:
                end(child)
            _await(running, 5)

    def _start(self, command, name, **options):
        """Start a program in a session of its own: Ctrl-C reaches only us, who stop it in order."""
        with (self.logs / f'demo-{name}.log').open('w') as log:
            options = {'stdout': log, 'stderr': log, 'stdin': subprocess.DEVNULL, **options}
            child = subprocess.Popen(
                command, env=self.environ, cwd=REPO, start_new_session=True, **options
            )
        self.children.append(child)
        write_stamp(
            state_file(self.database),
            {
                'pid': os.getpid(),
                'url': self.url,
                'children': [running.pid for running in self.children],
            },
        )
        return child

    def _start_twin(self):
        with step(f"Local Shopify with {self.orders} orders"):
            command = ['python', '-m', 'shopify_twin', '--port', str(free_port(TWIN_PORT))]
            command += ['--orders', str(self.orders), '--seed', str(SEED)]
            child = self._start(command, 'twin', stdout=subprocess.PIPE, text=True)
            line = child.stdout.readline()
            if not line:
                raise SetupError(f"The local Shopify did not start:\n{self._tail('twin')}")
        return json.loads(line)

    def _prepare_database(self):
        """Create the database, or bring the one of an earlier demo up to the code of now."""
        stamp = cache_dir() / f'{self.database}.installed.json'
        wanted = {'template': db.template_name(), 'addon': addon.code_digest()}
        there = read_stamp(stamp) if db.exists(self.database, self.environ) else None
        if there == wanted:
            return
        if there and there['template'] == wanted['template']:
            with step("Update of the demo's database to the code of now"):
                db.odoo(self.environ, '-d', self.database, '-u', db.ADDON)
        else:
            db.fresh(self.database, self.environ, db.ADDON)
        write_stamp(stamp, wanted)

    def _import(self, twin):
        command = ['python', '-m', 'dev.demo_import', self.database, json.dumps(twin)]
        child = subprocess.Popen(command, env=self.environ, cwd=REPO, start_new_session=True)
        self.children.append(child)
        status = child.wait()
        self.children.remove(child)
        if status:
            raise SetupError("The import of the demo failed; the lines above say why.")

    def _start_odoo(self):
        port = free_port(ODOO_PORT)
        self.url = f'http://127.0.0.1:{port}'
        command = ['odoo', 'server', '-d', self.database, '--db-filter', f'^{self.database}$']
        command += ['--http-port', str(port), '--max-cron-threads', '2']
        with step("Odoo"):
            child = self._start(command, 'odoo')
            self._await_odoo(child)

    def _await_odoo(self, child):
        deadline = time.monotonic() + 120
        while not self._answers():
            if child.poll() is not None or time.monotonic() > deadline:
                raise SetupError(f"Odoo did not start:\n{self._tail('odoo')}")
            time.sleep(0.3)

    def _answers(self):
        try:
            with urllib.request.urlopen(f'{self.url}/web/login', timeout=60) as answer:  # noqa: S310 - our own
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _wait(self):
        while all(child.poll() is None for child in self.children):
            time.sleep(0.5)
        raise SetupError(f"A program of the demo ended by itself; see the logs in {self.logs}.")

    def _tail(self, name):
        return (self.logs / f'demo-{name}.log').read_text()[-2000:]


def _await(children, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(child.poll() is None for child in children):
        time.sleep(0.05)


def _interrupt(*_args):
    raise KeyboardInterrupt


def _command(arguments):
    parser = argparse.ArgumentParser(prog='make demo', description=__doc__)
    parser.add_argument('--reset', action='store_true', help="begin with a new database")
    parser.add_argument('--orders', type=int, default=250, help="orders of the local Shopify")
    parser.add_argument('--database', default=DATABASE, help="name of the database")
    options = parser.parse_args(arguments)
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    with only_demo(options.database):
        return _run(options)


def _run(options):
    end_leftovers(options.database)
    was_running = postgres.is_running()
    environ = ensure_all()
    if options.reset:
        db.drop(options.database, environ)
    demo = Demo(environ, options.orders, options.database)
    try:
        demo.run()
    except KeyboardInterrupt:
        say("\n… Stopping what the demo started")
    finally:
        demo.stop()
        if not was_running:
            postgres.stop_if_idle()
    say("✓ Stopped. The database is kept for the next time (make demo-reset begins anew).")
    return 0


if __name__ == '__main__':
    main(_command)
