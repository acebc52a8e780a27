#!/usr/bin/env python3
"""List shops, start an import and read the orders, from outside Odoo over XML-RPC.

    python3 docs/rpc/import_orders.py http://localhost:8069 my-database my-login my-api-key

The user needs the group Shopify / User. The last argument is a password or, better, an API key
(Odoo: My Profile → Account Security).
"""

import sys
import time
import xmlrpc.client


class Odoo:
    """A signed-in connection to one database."""

    def __init__(self, url, database, login, key, transport=None):
        common = xmlrpc.client.ServerProxy(f'{url}/xmlrpc/2/common', transport)
        self.uid = common.authenticate(database, login, key, {})
        if not self.uid:
            raise SystemExit("Odoo does not know this login and key.")
        self._models = xmlrpc.client.ServerProxy(
            f'{url}/xmlrpc/2/object', transport, allow_none=True
        )
        self._credentials = (database, self.uid, key)

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model."""
        return self._models.execute_kw(*self._credentials, model, method, list(args), kwargs)


def list_shops(odoo):
    """Return the shops with what waits and what failed."""
    fields = ['name', 'store_state', 'last_sync_at', 'waiting_count', 'order_error_count']
    return odoo.call('shopify.shop', 'search_read', [], fields)


def start_import(odoo, shop_ids):
    """Ask for an import of new and changed orders; it runs in the background."""
    odoo.call('shopify.shop', 'action_import_orders', shop_ids)


def read_orders(odoo, shop_ids, limit=80):
    """Return the newest orders with their amounts, their proof and their sales orders."""
    fields = ['name', 'total', 'difference', 'document_state', 'error_message', 'sale_order_ids']
    domain = [('shop_id', 'in', shop_ids)]
    return odoo.call('shopify.order', 'search_read', domain, fields, limit=limit)


def main(url, database, login, key):
    """Do all three, waiting up to a minute for the orders."""
    odoo = Odoo(url, database, login, key)
    shops = list_shops(odoo)
    for shop in shops:
        print(f"{shop['name']}: {shop['store_state']}, {shop['waiting_count']} waiting")
    shop_ids = [shop['id'] for shop in shops]
    start_import(odoo, shop_ids)
    orders = []
    for _second in range(60):
        orders = read_orders(odoo, shop_ids)
        if orders and not any(shop['waiting_count'] for shop in list_shops(odoo)):
            break
        time.sleep(1)
    for order in orders:
        print(order['name'], order['total'], order['document_state'], order['error_message'] or '')


if __name__ == '__main__':
    main(*sys.argv[1:5])
