"""Imports by several real processes: killed, hindered, side by side (A5, A6, A7 of issue 2).

Nothing here runs in Odoo's test mode: each worker is a process with a connection of its own, and
what it commits is committed.
"""

import contextlib
import signal
import threading
from random import Random

import psycopg2
import pytest

from dev import testing
from dev.bench import programs
from dev.setup import ensure_all

KILLS = 20
# A batch of ten orders takes some 550 SQL statements, so most workers die within one, and the
# last of them before all is done.
LIFE = 650  # SQL statements
# A round of twenty numbers takes some fifty.
WRITING_LIFE = 60  # SQL statements
ATTRIBUTE = 'Odoo Order'
# Enough for a machine that does much else; an import that hangs must not hang the tests.
WITHIN = 240  # seconds

FAULTS = (
    # More than a client bears with: discovery and imports have to be put off.
    {'kind': 'drop_before', 'operation': 'OrdersToImport', 'times': 4},
    {'kind': 'drop_before', 'operation': 'OrdersByIds', 'times': 8},
    {'kind': 'throttled', 'times': 5},  # a burst, from the first request on
    {'kind': 'throttled', 'probability': 0.1},
    {'kind': 'http', 'status': 503, 'probability': 0.08},
    {'kind': 'http', 'status': 500, 'probability': 0.05},
    {'kind': 'http', 'status': 429, 'retry_after': 0.5, 'probability': 0.08},
    {'kind': 'drop_before', 'probability': 0.08},
    {'kind': 'drop_after', 'probability': 0.08},
)

# Each query finds something that must not be there.
HALF_MADE = {
    'rows left': "SELECT name FROM shopify_order_import",
    'stock not reserved': "SELECT name FROM shopify_order WHERE to_reserve",
    'waiting for documents': "SELECT name FROM shopify_order WHERE document_state = 'pending'",
    'failed': """SELECT name, error_message FROM shopify_order
        WHERE document_state = 'failed' OR follow_error != ''""",
    'not exactly one sales order': """SELECT o.name, o.document_state, count(s.id)
        FROM shopify_order o LEFT JOIN sale_order s ON s.shopify_order_id = o.id
        GROUP BY o.id
        HAVING count(s.id) != CASE WHEN o.document_state = 'done' THEN 1 ELSE 0 END""",
    'sales order of no order': "SELECT name FROM sale_order WHERE shopify_order_id IS NULL",
    'sales order not confirmed': "SELECT name FROM sale_order WHERE state != 'sale'",
    'sales order without lines': """SELECT name FROM sale_order s
        WHERE NOT EXISTS (SELECT FROM sale_order_line l WHERE l.order_id = s.id)""",
    'total differs': """SELECT s.name, s.amount_total, o.expected_total
        FROM sale_order s JOIN shopify_order o ON o.id = s.shopify_order_id
        WHERE abs(s.amount_total - o.expected_total) > 0.004 OR o.difference != 0""",
    'two open deliveries': """SELECT s.name, count(*) FROM stock_picking p
        JOIN sale_order s ON s.id = p.sale_id AND p.state NOT IN ('done', 'cancel')
        GROUP BY s.id HAVING count(*) > 1""",
    'two invoices': """SELECT shopify_order_id, count(*) FROM account_move
        WHERE shopify_order_id IS NOT NULL AND move_type = 'out_invoice' AND state != 'cancel'
        GROUP BY 1 HAVING count(*) > 1""",
    'shipped twice, or not all of it': """SELECT s.name, l.name, l.qty_delivered
        FROM sale_order_line l JOIN sale_order s ON s.id = l.order_id
        JOIN shopify_order o ON o.id = s.shopify_order_id
        JOIN product_product p ON p.id = l.product_id
        JOIN product_template t ON t.id = p.product_tmpl_id AND t.type = 'consu'
        WHERE l.qty_delivered > l.product_uom_qty
           OR o.fulfillment_status = 'FULFILLED' AND l.qty_delivered != l.product_uom_qty
           OR o.fulfillment_status = 'UNFULFILLED' AND l.qty_delivered != 0""",
    'contact twice': """SELECT email_normalized, count(*) FROM res_partner
        WHERE parent_id IS NULL AND email_normalized IS NOT NULL GROUP BY 1 HAVING count(*) > 1""",
    'product twice': """SELECT default_code, count(*) FROM product_product
        WHERE default_code != '' GROUP BY 1 HAVING count(*) > 1""",
}
# Whatever one of these finds, a user can see.
VISIBLE_ERRORS = """
    SELECT error_message FROM shopify_order_import WHERE error_message != '' OR state = 'failed'
    UNION SELECT error_message FROM shopify_order
        WHERE error_message != '' OR document_state = 'failed'
    UNION SELECT error_message FROM shopify_store WHERE error_message != '' OR state = 'error'"""


@pytest.fixture(scope='module')
def environ():
    """Give the environment for programs."""
    return ensure_all()


@pytest.fixture
def database(environ):
    """Give the name of a new database with the addon."""
    with programs.database_copy(testing.ensure_base(environ), environ) as name:
        yield name


def select(database, query):
    """Return the rows of a query, on a connection of its own."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchall()


def connect(worker, twin, **shop):
    """Connect the twin with a shop that takes every order."""
    values = {'import_test_orders': True, **shop}
    worker.ask('connect', twin=twin.hello, shop=values, lease_seconds=1)


def assert_complete(database, twin):
    """Assert that every open order of the twin is in the database whole, and once."""
    expected = {gid: node['lineItems'] for gid, node in twin.open_orders().items()}
    found = select(database, "SELECT shopify_id, count(*) FROM shopify_order GROUP BY shopify_id")
    assert dict(found) == dict.fromkeys(expected, 1)
    lines = select(
        database,
        """SELECT o.shopify_id, count(l.id) FROM shopify_order o
           LEFT JOIN shopify_order_line l ON l.order_id = o.id GROUP BY o.id""",
    )
    assert dict(lines) == {gid: len(items['nodes']) for gid, items in expected.items()}
    found = {what: select(database, query) for what, query in HALF_MADE.items()}
    assert {what: rows for what, rows in found.items() if rows} == {}


def test_killed_twenty_times(environ, database):
    """A5, M-02: an import killed at 20 random moments loses no order and makes none twice."""
    moments = Random(5)  # noqa: S311 - repeatable, no secret
    with (
        programs.twin(150, environ, seed=5, profile='all') as twin,
        programs.odoo(database, environ) as worker,
    ):
        connect(worker, twin)
        for _ in range(KILLS):
            child = worker.ask(
                'start_child', run='import_all', batch=10, die_before=moments.randint(1, LIFE)
            )
            assert worker.ask('wait_child', **child) == {'status': -signal.SIGKILL}
        worker.ask('import_all', batch=10, within=WITHIN)
        assert_complete(database, twin)


def test_killed_while_it_writes_numbers(environ, database):
    """R-11, M-02: a write-back killed at ten random moments writes each number exactly once."""
    moments = Random(11)  # noqa: S311 - repeatable, no secret
    with (
        programs.twin(45, environ, seed=8, profile='plain') as twin,
        programs.odoo(database, environ) as worker,
    ):
        connect(worker, twin, write_order_number=True)
        worker.ask('import_all', within=WITHIN)
        statuses = []
        for _ in range(10):
            child = worker.ask(
                'start_child', run='write_numbers', die_before=moments.randint(1, WRITING_LIFE)
            )
            statuses.append(worker.ask('wait_child', **child)['status'])
        assert statuses == [-signal.SIGKILL] * 10
        worker.ask('write_numbers', within=WITHIN)
        expected = dict(
            select(
                database,
                """SELECT o.shopify_id, s.name FROM shopify_order o
                   JOIN sale_order s ON s.shopify_order_id = o.id""",
            )
        )
        assert len(expected) > 30
        assert twin.attribute(ATTRIBUTE) == expected
        assert twin.stats()['by_operation']['OrderUpdate'] == len(expected)
        worker.ask('import_all', within=WITHIN)  # echoes of workers that died
        assert_complete(database, twin)


def test_hindered(environ, database):
    """A6: 500 orders arrive through throttling, server errors and lost connections, unnoticed."""
    with (
        programs.twin(500, environ, seed=6, profile='plain') as twin,
        programs.odoo(database, environ) as worker,
    ):
        connect(worker, twin, auto_confirm_orders=False)
        for fault in FAULTS:
            twin.control('faults', **fault)
        with watch(database) as seen:
            worker.ask('import_all', batch=25, within=WITHIN)
        fired = [rule['fired'] for rule in twin.control('faults')['rules']]
        assert all(fired)
        assert seen == set()
        twin.control('faults', clear=True)
        arrived = select(
            database,
            """SELECT o.shopify_id FROM shopify_order o JOIN sale_order s
               ON s.shopify_order_id = o.id AND s.amount_total = o.expected_total""",
        )
        assert sorted(gid for (gid,) in arrived) == sorted(twin.open_orders())


@contextlib.contextmanager
def watch(database):
    """Collect, while the block runs and at its end, the errors that a user could see."""
    seen, ended = set(), threading.Event()

    def look():
        with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while True:
                last = ended.wait(0.1)
                cursor.execute(VISIBLE_ERRORS)
                seen.update(message for (message,) in cursor.fetchall())
                if last:
                    return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def test_two_workers(environ, database):
    """A7, M-15: two workers share the orders by PostgreSQL; none comes twice or is left out."""
    with (
        programs.twin(150, environ, seed=7, profile='all') as twin,
        programs.odoo(database, environ) as first,
        programs.odoo(database, environ) as second,
    ):
        connect(first, twin)
        first.ask('discover')
        for worker in (first, second):
            worker.tell('import_all', batch=10, within=WITHIN)
        results = [worker.answer() for worker in (first, second)]
        assert_complete(database, twin)
        assert min(result['queries'] for result in results) > LIFE, "one worker did it all"
