"""Kits: what Shopify sells as one leaves in parts (C3 of issue 4); with Odoo's `sale_mrp`."""

import pytest

from dev import db, testing
from dev.bench import programs
from dev.setup import ensure_all
from dev.tests.test_processes import connect

ORDER = """mutation ($order: OrderCreateOrderInput!) {
    orderCreate(order: $order) { order { id } userErrors { message } } }"""
SHIPPED = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order {
    displayFulfillmentStatus fulfillments { fulfillmentLineItems(first: 9) {
      nodes { quantity lineItem { title } } } } } } }"""


@pytest.fixture
def database():
    """Give the name of a database with the addon and Odoo's kits, and the environment."""
    environ = ensure_all()
    with programs.database_copy(testing.ensure_base(environ), environ) as name:
        db.odoo(environ, '-d', name, '-i', 'sale_mrp')
        yield name, environ


def shipped(twin, gid):
    """Return what Shopify has as shipped: status, and each fulfilment as title → units."""
    order = twin.execute(SHIPPED, ids=[gid])['nodes'][0]
    return order['displayFulfillmentStatus'], [
        {
            part['lineItem']['title']: part['quantity']
            for part in item['fulfillmentLineItems']['nodes']
        }
        for item in order['fulfillments']
    ]


def put_order(twin):
    """Create an order of three kits in the twin's own currency; return its gid."""
    currency = twin.execute('{ shop { currencyCode } }')['shop']['currencyCode']
    price = {'shopMoney': {'amount': '30.00', 'currencyCode': currency}}
    line = {'title': "Tea set", 'sku': 'SET', 'quantity': 3, 'requiresShipping': True}
    order = {'lineItems': [{**line, 'priceSet': price}], 'currency': currency}
    return twin.execute(ORDER, order=order)['orderCreate']['order']['id']


def test_kits_are_sent_when_they_are_complete(database):
    """C3, R-117, M-02: of three kits one leaves whole, then parts, then the rest; sent as kits."""
    name, environ = database
    expected = [
        ({'CUP': 2, 'POT': 1}, 'PARTIALLY_FULFILLED', [1]),
        ({'CUP': 2, 'POT': 0}, 'PARTIALLY_FULFILLED', [1]),
        ({'CUP': 2, 'POT': 2}, 'FULFILLED', [1, 2]),
    ]
    with (
        programs.twin(0, environ, seed=1, profile='plain') as twin,
        programs.odoo(name, environ) as worker,
    ):
        connect(worker, twin)
        worker.ask('set_pauses', lease_seconds=30, ask_again_seconds=0)
        worker.ask('make_kit', sku='SET', parts={'CUP': 2, 'POT': 1})
        gid = put_order(twin)
        worker.ask('import_all')
        for units, status, kits in expected:
            worker.ask('deliver_parts', units=units)
            worker.ask('ship_all')
            assert shipped(twin, gid) == (status, [{'Tea set': number} for number in kits])
