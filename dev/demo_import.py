"""The part of the demo that runs in Odoo: `python -m dev.demo_import DATABASE TWIN`.

TWIN is the line of JSON with which the twin says where it is and how to sign in.
"""

import contextlib
import json
import os
import sys
import threading
import time
from urllib.parse import urlsplit

import psycopg2

import odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

from dev.common import say

# A run handles what one scheduled action would; the next one takes what is left.
_MAX_RUNS = 50


def connect_and_import(env, twin):
    """Connect a shop as a user would, by the wizard, and import until nothing waits.

    :param dict twin: `url`, `client_id` and `client_secret` of the local Shopify
    """
    store = _connect(env, twin)
    store.shop_ids.create_products = True
    env.cr.commit()
    for _run in range(_MAX_RUNS):
        store._cron_import_orders()
        env.cr.commit()
        if not env['shopify.order.import']._count_due():
            return


def _connect(env, twin):
    """Connect the twin, or find it again on the port where it is today."""
    known = env['shopify.store'].search([], limit=1)
    wizard = env['shopify.connect'].create(
        {
            'store_id': known.id,
            'domain': urlsplit(twin['url']).netloc,
            'auth_method': 'client',
            'client_id': twin['client_id'],
            'client_secret': twin['client_secret'],
        }
    )
    wizard.action_connect()
    return wizard.store_id


def summary(env):
    """Return lines about what came of the import: orders, documents, reasons."""
    orders = env['shopify.order'].search([])
    confirmed = env['sale.order'].search_count(
        [('shopify_order_id', '!=', False), ('state', '=', 'sale')]
    )
    waiting = env['shopify.order.import'].search([])
    reasons = orders.filtered('error_message').mapped('error_message')
    reasons += waiting.filtered('error_message').mapped('error_message')
    lines = [
        f"{len(orders)} orders imported, {confirmed} confirmed sales orders, {len(waiting)} waiting"
    ]
    return lines + [f"  {reasons.count(reason)} × {reason}" for reason in sorted(set(reasons))]


class Progress(threading.Thread):
    """Says how many orders are in, through a connection of its own, until it is stopped."""

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database = database
        self.start_time = time.monotonic()
        self.first_after = None
        self.ended = threading.Event()

    def run(self):
        with contextlib.closing(psycopg2.connect(dbname=self.database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            said = before = self._count(cursor)
            while not self.ended.wait(0.2):
                count = self._count(cursor)
                if count > before and self.first_after is None:
                    self.first_after = time.monotonic() - self.start_time
                    say(f"  first order after {self.first_after:.1f} s")
                if count >= said + 50:
                    said = count
                    say(f"  {count} orders")

    def _count(self, cursor):
        cursor.execute('SELECT count(*) FROM shopify_order')
        return cursor.fetchone()[0]


def main():
    """Import, and say what came of it."""
    database, twin = sys.argv[1], json.loads(sys.argv[2])
    odoo.tools.config.parse_config(
        ['-c', os.environ['ODOO_RC'], '-d', database, '--log-level=error']
    )
    registry = Registry(database)
    progress = Progress(database)
    say("… Connection and import")
    progress.start()
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        connect_and_import(env, twin)
        progress.ended.set()
        say(f"✓ Connection and import ({time.monotonic() - progress.start_time:.1f} s)")
        say('\n'.join(summary(env)))


if __name__ == '__main__':
    try:
        main()
    except UserError as error:
        say(f"✗ {error}")
        sys.exit(1)
