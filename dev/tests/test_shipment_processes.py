"""Shipments by real processes: killed at every boundary, hindered, side by side (C2 of issue 4)."""

import signal

import pytest

from dev.bench import programs
from dev.tests.test_processes import connect, database, environ, select

# Fewer than a run of this test has would leave boundaries out; it ends by itself before.
MAX_BOUNDARIES = 120
ORDERS_A_RUN = 2
WITHIN = 60  # seconds

FULFILLMENTS = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id fulfillments {
    status trackingInfo { number }
    fulfillmentLineItems(first: 250) { nodes { quantity lineItem { id } } } } } } }"""

# Services are in no delivery: they are told with the last one.
DELIVERED = """
    SELECT o.shopify_id, l.shopify_id,
           sum(CASE t.type WHEN 'service' THEN sl.product_uom_qty ELSE sl.qty_delivered END)::int
      FROM shopify_order o JOIN shopify_order_line l ON l.order_id = o.id
      JOIN sale_order_line sl ON sl.shopify_line_id = l.id
      JOIN product_product p ON p.id = sl.product_id
      JOIN product_template t ON t.id = p.product_tmpl_id
     WHERE l.kind IN ('product', 'custom') GROUP BY 1, 2"""
DELIVERIES = """
    SELECT o.shopify_id, p.carrier_tracking_ref
      FROM stock_picking p JOIN sale_order s ON s.id = p.sale_id
      JOIN shopify_order o ON o.id = s.shopify_order_id WHERE p.state = 'done'"""
NOT_SENT = """
    SELECT name, shopify_state, shopify_message FROM stock_picking
     WHERE state = 'done' AND (shopify_state != 'done' OR shopify_message != '')"""

FAULTS = (
    {'kind': 'drop_after', 'operation': 'FulfillmentCreate', 'probability': 0.25},
    {'kind': 'drop_before', 'operation': 'FulfillmentCreate', 'probability': 0.15},
    {'kind': 'http', 'status': 502, 'operation': 'FulfillmentCreate', 'probability': 0.1},
    {'kind': 'http', 'status': 503, 'operation': 'ShippingByIds', 'probability': 0.2},
    {'kind': 'throttled', 'probability': 0.1},
    {'kind': 'broken_json', 'operation': 'ShippingByIds', 'probability': 0.1},
)

__all__ = ['database', 'environ']  # fixtures of the imports


def assert_each_unit_once(name, twin, gids):
    """Assert that Shopify has each delivery as one fulfilment, and each unit in one of them."""
    nodes = twin.execute(FULFILLMENTS, ids=gids)['nodes']
    shipped, numbers = {}, []
    for node in nodes:
        for item in node['fulfillments']:
            assert item['status'] == 'SUCCESS'
            numbers += [(node['id'], info['number']) for info in item['trackingInfo']]
            for part in item['fulfillmentLineItems']['nodes']:
                key = (node['id'], part['lineItem']['id'])
                shipped[key] = shipped.get(key, 0) + part['quantity']
    delivered = {(gid, line): units for gid, line, units in select(name, DELIVERED) if gid in gids}
    assert shipped == delivered
    assert sorted(numbers) == sorted(row for row in select(name, DELIVERIES) if row[0] in gids)
    assert select(name, NOT_SENT) == []


def test_killed_at_every_boundary(environ, database):
    """C2, M-02: killed before and after each commit and request, each unit is fulfilled once."""
    with (
        programs.twin(ORDERS_A_RUN * MAX_BOUNDARIES, environ, seed=9, profile='usual') as twin,
        programs.odoo(database, environ) as worker,
    ):
        connect(worker, twin)
        worker.ask('set_pauses', lease_seconds=1, ask_again_seconds=0)
        worker.ask('import_all')
        for boundary in range(1, MAX_BOUNDARIES + 1):
            gids = worker.ask('deliver', orders=ORDERS_A_RUN)['gids']
            child = worker.ask('start_child', run='ship_once', die_at=boundary)
            status = worker.ask('wait_child', **child)['status']
            worker.ask('ship_all', within=WITHIN)
            assert_each_unit_once(database, twin, gids)
            if status == 0:
                break  # it lived: there are no more boundaries
            assert status == -signal.SIGKILL
        else:
            pytest.fail("There are more boundaries than this test tries.")
        assert boundary > 20


def test_hindered(environ, database):
    """C2: two workers through lost answers and server errors: each unit once, no user sees it."""
    with (
        programs.twin(120, environ, seed=10, profile='usual') as twin,
        programs.odoo(database, environ) as first,
        programs.odoo(database, environ) as second,
    ):
        connect(first, twin)
        first.ask('set_pauses', lease_seconds=30, ask_again_seconds=1)
        first.ask('import_all')
        gids = first.ask('deliver', orders=120)['gids']
        for fault in FAULTS:
            twin.control('faults', **fault)
        for worker in (first, second):
            worker.tell('ship_all', batch=10, within=WITHIN * 3)
        results = [worker.answer() for worker in (first, second)]
        assert all(rule['fired'] for rule in twin.control('faults')['rules'])
        assert_each_unit_once(database, twin, gids)
        assert min(result['queries'] for result in results) > 200, "one worker did it all"
