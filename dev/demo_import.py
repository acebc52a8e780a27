"""The part of the demo that runs in Odoo: `python -m dev.demo_import DATABASE TWIN`.

TWIN is the line of JSON with which the twin says where it is and how to sign in.
"""

import contextlib
import json
import os
import sys
import threading
import time
from collections import Counter
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg2
import requests

import odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

from dev.common import say

# A run handles what one scheduled action would; the next one takes what is left.
_MAX_RUNS = 50
VERSION = '2026-10'
_TOTALS = """
query Totals($after: String) {
  orders(first: 250, after: $after) {
    nodes {
      id
      totalPriceSet { shopMoney { amount } }
      currentTotalPriceSet { shopMoney { amount } }
      totalCashRoundingAdjustment { paymentSet { shopMoney { amount } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def connect_and_import(env, twin):
    """Connect a shop as a user would, by the wizard, and import until nothing waits.

    :param dict twin: `url`, `client_id` and `client_secret` of the local Shopify
    """
    store = _connect(env, twin)
    _keep_books_in(env, store.currency_id)
    store.shop_ids.create_products = True
    env.cr.commit()
    for _run in range(_MAX_RUNS):
        store._cron_import_orders()
        env.cr.commit()
        if not env['shopify.order.import']._count_due():
            return


def _keep_books_in(env, currency):
    """Give the new company the currency of its store, as a merchant's company has it.

    With another one every order would wait for an exchange rate, as it should (R-01).
    """
    company = env.company
    if company.currency_id != currency and not env['account.move.line'].search_count([], limit=1):
        company.currency_id = currency


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


def summary(env, twin):
    """Return lines about what came of the import: orders, documents, reasons."""
    orders = env['shopify.order'].search([])
    sales = env['sale.order'].search(
        [('shopify_order_id', 'in', orders.ids), ('state', '=', 'sale')]
    )
    equal = _count_equal(sales, _totals(twin))
    waiting = env['shopify.order.import'].search([])
    share = 100 * equal / max(len(orders), 1)
    return [
        f"  {len(orders)} orders imported",
        f"  {len(sales)} confirmed sales orders",
        f"  {equal} of them equal to Shopify to the cent ({share:.1f} % of the orders)",
        f"  {len(waiting)} orders waiting",
        *_reasons(orders, waiting),
    ]


def _reasons(orders, waiting):
    """Return why orders have no document, each reason with how often it occurs."""
    reasons = Counter(orders.filtered('error_message').mapped('error_message'))
    reasons.update(waiting.filtered('error_message').mapped('error_message'))
    nobodys = waiting.filtered(lambda row: not row.shop_id)
    reasons["No shop takes this order: a test order, or outside of the shops' filters."] += len(
        nobodys
    )
    return [f"    {count} × {reason}" for reason, count in reasons.most_common() if count]


def _totals(twin):
    """Ask the local Shopify itself, past the connector: order id → totals, as sold and as now."""
    result, after = {}, None
    while True:
        page = _ask(twin, _TOTALS, {'after': after})['orders']
        for node in page['nodes']:
            moneys = (node['totalPriceSet'], node['currentTotalPriceSet'])
            rounded = node['totalCashRoundingAdjustment']['paymentSet']['shopMoney']['amount']
            result[node['id']] = {
                Decimal(money['shopMoney']['amount']) + Decimal(rounded) for money in moneys
            }
        after = page['pageInfo']['endCursor']
        if not page['pageInfo']['hasNextPage']:
            return result


def _ask(twin, query, variables):
    url = f"{twin['url']}/admin/api/{VERSION}/graphql.json"
    headers = {'X-Shopify-Access-Token': twin['token']}
    payload = {'query': query, 'variables': variables}
    answer = requests.post(url, json=payload, headers=headers, timeout=60).json()
    return answer['data']


def _count_equal(sales, totals):
    """Count the sales orders whose total is one of Shopify's, to the cent."""
    return sum(
        any(abs(float(total) - sale.amount_total) < 0.005 for total in totals[gid])
        for sale in sales
        for gid in [sale.shopify_order_id.shopify_id]
    )


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
        say('\n'.join(summary(env, twin)))


if __name__ == '__main__':
    try:
        main()
    except UserError as error:
        say(f"✗ {error}")
        sys.exit(1)
