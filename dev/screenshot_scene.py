"""What the pictures show, made in Odoo: `python -m dev.screenshot_scene DATABASE TWIN`.

Imports the orders of the twin, lets some fail and some wait. Prints which records to show.
"""

import json
import os
import sys

import requests

import odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

from dev.demo_import import connect_and_import

_ORDER_CREATE = """
mutation Create($order: OrderCreateOrderInput!) {
  orderCreate(order: $order) { order { id } userErrors { field message } }
}
"""
_ADDRESS = {
    'firstName': "Grace",
    'lastName': "Hopper",
    'address1': "Kantstraße 4",
    'city': "Berlin",
    'zip': "10623",
    'countryCode': 'DE',
}
_FULFILLMENT_ORDERS = """
query Find($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes { id status } } } }
"""
_HOLD = """
mutation Hold($id: ID!, $hold: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) { userErrors { message } } }
"""
_DELIVERIES = 6
_WAITING_ORDERS = 12
_WAITING_SEED = 7


def _money(amount):
    side = {'amount': amount, 'currencyCode': 'EUR'}
    return {'shopMoney': side, 'presentmentMoney': side}


def _control(twin, action, document):
    answer = requests.post(f"{twin['url']}/twin/{action}", json=document, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _put_order_of_unknown_product(twin):
    """Create an order in the twin whose SKU no product in Odoo has."""
    order = {
        'email': 'grace@example.com',
        'currency': 'EUR',
        'financialStatus': 'PAID',
        'lineItems': [
            {
                'title': "Linen Apron",
                'sku': 'APRON-GREEN',
                'quantity': 2,
                'priceSet': _money('34.50'),
                'requiresShipping': True,
            }
        ],
        'shippingAddress': _ADDRESS,
        'billingAddress': _ADDRESS,
    }
    answer = _control(twin, 'execute', {'query': _ORDER_CREATE, 'variables': {'order': order}})
    problems = answer['data']['orderCreate']['userErrors']
    if problems:
        raise RuntimeError(problems)


def build(env, twin):
    """Import, fail and wait; return the ids of the records to show.

    :param dict twin: `url`, `client_id` and `client_secret` of the local Shopify
    """
    connect_and_import(env, twin)
    store = env['shopify.store'].search([], limit=1)
    store.shop_ids.create_products = False
    _put_order_of_unknown_product(twin)
    store._cron_import_orders()
    _control(twin, 'generate', {'count': _WAITING_ORDERS, 'seed': _WAITING_SEED})
    store._discover_orders('status:open')
    env['shopify.shop']._assign_waiting()
    return {**_choose(env), **_ship(env, twin)}


def _execute(twin, query, **variables):
    return _control(twin, 'execute', {'query': query, 'variables': variables})['data']


def _put_on_hold(twin, order):
    found = _execute(twin, _FULFILLMENT_ORDERS, id=order.shopify_id)['order']
    hold = {'reason': 'HIGH_RISK_OF_FRAUD', 'reasonNotes': "Call the buyer first"}
    for node in found['fulfillmentOrders']['nodes']:
        if node['status'] == 'OPEN':
            _execute(twin, _HOLD, id=node['id'], hold=hold)


def _ship(env, twin):
    """Deliver some orders, of which Shopify holds one back; return the deliveries to show."""
    carrier = env['delivery.carrier'].search([], limit=1)
    carrier.write(
        {
            'name': "DHL",
            'shopify_tracking_company': 'DHL Express',
            'tracking_url': 'https://www.dhl.com/track?id=<shipmenttrackingnumber>',
        }
    )
    pickings = env['stock.picking'].search(
        [('shopify_shop_id', '!=', False), ('state', 'not in', ('done', 'cancel'))],
        order='id',
        limit=_DELIVERIES,
    )
    _put_on_hold(twin, pickings[0].sale_id.shopify_order_id)
    for number, picking in enumerate(pickings):
        picking.write({'carrier_id': carrier.id, 'carrier_tracking_ref': f'JD0146000{number}'})
        for move in picking.move_ids:
            move.write({'quantity': move.product_uom_qty, 'picked': True})
        picking.with_context(skip_sms=True, skip_backorder=True).button_validate()
    env.cr.commit()
    env['shopify.order']._cron_sync_shipments()
    return {'held': pickings[0].id, 'sent': pickings[1].id}


def _choose(env):
    orders = env['shopify.order']
    processed = orders.search(
        [
            ('document_state', '=', 'done'),
            ('financial_status', '=', 'PAID'),
            ('total_discount', '>', 0),
            ('total_shipping', '>', 0),
            ('sale_order_ids.picking_ids', '!=', False),
            ('partner_id.street', '!=', False),
            ('partner_shipping_id.street', '!=', False),
        ]
    ).sorted(lambda order: len(order.line_ids))[-1]
    failed = orders.search([('document_state', '=', 'failed')], limit=1)
    return {
        'order': processed.id,
        'failed': failed.id,
        'sale': processed.sale_order_ids.id,
        'shop': processed.shop_id.id,
    }


def main():
    """Build the scene and print what is in it as one line of JSON."""
    database, twin = sys.argv[1], json.loads(sys.argv[2])
    odoo.tools.config.parse_config(
        ['-c', os.environ['ODOO_RC'], '-d', database, '--log-level=error']
    )
    registry = Registry(database)
    with registry.cursor() as cr:
        scene = build(Environment(cr, SUPERUSER_ID, {}), twin)
        cr.commit()
    registry.signal_changes()  # the server that takes the pictures forgets what it had cached
    sys.stdout.write(json.dumps(scene) + '\n')


if __name__ == '__main__':
    main()
