"""Programs that bench and tests start and stop: twins and processes with Odoo in them."""

import contextlib
import json
import subprocess
import time
import urllib.request
import uuid

from dev import db
from dev.common import REPO

READY_WITHIN = 120  # seconds


class ProgramError(Exception):
    """A program that the bench or a test started did not do what it was told."""


class Program:
    """A process that speaks lines of JSON on its standard input and output.

    :ivar tuple arguments: those of its command line.
    :ivar dict hello: its first line.
    """

    def __init__(self, module, *arguments, environ):
        self.arguments = arguments
        self.process = subprocess.Popen(
            ['python', '-m', module, *(str(word) for word in arguments)],
            env=environ,
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.hello = self._read()

    def ask(self, command, **arguments):
        """Have a command done and return its result."""
        self.tell(command, **arguments)
        return self.answer()

    def tell(self, command, **arguments):
        """Start a command; `answer` waits for its result."""
        self.process.stdin.write(json.dumps({'command': command, **arguments}) + '\n')
        self.process.stdin.flush()

    def answer(self):
        """Wait for the result of the command that runs.

        :raise ProgramError: with the program's own words when the command failed
        """
        answer = self._read()
        if 'error' in answer:
            raise ProgramError(answer['error'])
        return answer['result']

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise ProgramError(f"{self.process.args[2]} ended with {self.process.wait()}.")
        return json.loads(line)

    def stop(self):
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextlib.contextmanager
def odoo(database, environ):
    """Give a process that has the database open, see `dev.bench.worker` for what it can do."""
    with _running(Program('dev.bench.worker', database, environ=environ)) as program:
        yield program


@contextlib.contextmanager
def twin(orders, environ, seed, profile):
    """Give a :class:`TwinProgram` with generated orders."""
    with _running(TwinProgram(orders, seed, profile, environ)) as program:
        yield program


@contextlib.contextmanager
def _running(program):
    try:
        yield program
    finally:
        program.stop()


class TwinProgram(Program):
    """A twin in a process of its own, with its control interface as methods."""

    def __init__(self, orders, seed, profile, environ):
        super().__init__('dev.bench.twin', orders, seed, profile, environ=environ)
        self.url = self.hello['url']

    def stats(self):
        """Return requests, points and seconds since the twin started."""
        return self._call('stats', None)

    def control(self, action, **document):
        """Have the twin do something: `faults`, `generate`, `execute`, …"""
        return self._call(action, json.dumps(document).encode())

    def execute(self, query, **variables):
        """Return the `data` of a document that runs with every right and without throttle."""
        return self.control('execute', query=query, variables=variables)['data']

    def open_orders(self):
        """Return gid → node of all orders that a first import takes."""
        query = """query ($after: String) {
          orders(first: 250, after: $after, query: "status:open") {
            pageInfo { hasNextPage endCursor }
            nodes { id lineItems(first: 250) { nodes { id } } } } }"""
        found, after = {}, None
        while True:
            page = self.execute(query, after=after)['orders']
            found.update((node['id'], node) for node in page['nodes'])
            if not page['pageInfo']['hasNextPage']:
                return found
            after = page['pageInfo']['endCursor']

    def attribute(self, key):
        """Return gid → value of an attribute, for the newest 250 orders that have it."""
        query = """{ orders(first: 250, reverse: true) {
            nodes { id customAttributes { key value } } } }"""
        return {
            node['id']: item['value']
            for node in self.execute(query)['orders']['nodes']
            for item in node['customAttributes']
            if item['key'] == key
        }

    def variants(self):
        """Return what is for sale."""
        query = """{ productVariants(first: 250) {
            nodes { sku displayName price inventoryItem { requiresShipping } } } }"""
        return self.execute(query)['productVariants']['nodes']

    def _call(self, action, body):
        with urllib.request.urlopen(f'{self.url}/twin/{action}', body, timeout=120) as answer:  # noqa: S310 - own address
            return json.load(answer)


@contextlib.contextmanager
def database_copy(source, environ):
    """Give the name of a copy of a database, which is removed in the end."""
    name = f'{source[:40]}_{uuid.uuid4().hex[:6]}'
    db.copy(source, name, environ)
    try:
        yield name
    finally:
        db.drop(name, environ)


def wait_until(condition, seconds, what):
    """Wait until `condition()` is true.

    :raise ProgramError: when it is not within `seconds`
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ProgramError(f"{what}: not within {seconds} seconds.")
        time.sleep(0.05)
