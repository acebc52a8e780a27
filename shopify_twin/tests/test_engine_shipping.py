"""Fulfilments and fulfilment orders, as recorded."""

import pytest

from .engine_shop import SHIP, Shop, messages


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


def test_shipping_parts_numbers_the_fulfilments(shop):
    """A9, [R] fulfillment-create-name.json: -F1, -F2."""
    order = shop.paid(('10.00', 2))
    line = order['fulfillmentOrders']['nodes'][0]['lineItems']['nodes'][0]['id']
    first = shop.ship(order, line=line, quantity=1)['fulfillment']
    assert shop.read(order)['displayFulfillmentStatus'] == 'PARTIALLY_FULFILLED'
    second = shop.ship(order, line=line, quantity=1)['fulfillment']
    assert [first['name'], second['name']] == [f"{order['name']}-F1", f"{order['name']}-F2"]
    after = shop.read(order)
    assert after['displayFulfillmentStatus'] == 'FULFILLED'
    assert after['closed'] is True, (
        "[R] fulfillment-cancel-parity.json: paid and shipped archives itself"
    )


def test_shipping_refusals(shop):
    """A9, [R] fulfillment-create-preconditions.json."""
    order = shop.create(('10.00', 1))
    first = order['fulfillmentOrders']['nodes'][0]
    line = first['lineItems']['nodes'][0]['id']
    none = shop.ship(order, line=line, quantity=0)
    field = [
        'fulfillment',
        'lineItemsByFulfillmentOrder',
        '0',
        'fulfillmentOrderLineItems',
        '0',
        'quantity',
    ]
    assert messages(none) == [(field, "Quantity must be greater than 0")]
    many = shop.ship(order, line=line, quantity=2)
    assert messages(many) == [
        (['fulfillment'], "Invalid fulfillment order line item quantity requested.")
    ]
    part = {'fulfillmentOrderId': 'gid://shopify/FulfillmentOrder/9'}
    missing = shop.mutate(SHIP, fulfillment={'lineItemsByFulfillmentOrder': [part]})
    assert messages(missing) == [(['fulfillment'], "Fulfillment order does not exist.")]
    shop.ship(order)
    number = first['id'].rpartition('/')[2]
    message = f"Fulfillment order {number} has an unfulfillable status= closed."
    assert messages(shop.ship(order)) == [(['fulfillment'], message)]
    assert len(shop.store.all('Fulfillment')) == 1


def test_two_orders_in_one_shipment_are_refused(shop):
    """M-10: one call per order and location."""
    orders = [shop.create(('1', 1)) for _turn in range(2)]
    parts = [
        {'fulfillmentOrderId': order['fulfillmentOrders']['nodes'][0]['id']} for order in orders
    ]
    payload = shop.mutate(SHIP, fulfillment={'lineItemsByFulfillmentOrder': parts})
    assert payload['fulfillment'] is None
    assert len(payload['userErrors']) == 1


def test_cancelling_a_shipment_gives_the_units_back(shop):
    """A9, [R] fulfillment-cancel-parity.json: the old one keeps its line, a new one is open, the
    order
    opens.
    """
    order = shop.paid(('10.00', 1))
    made = shop.ship(order)['fulfillment']
    cancel = '''mutation C($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status
        displayStatus } userErrors { field message } } }'''
    payload = shop.mutate(cancel, id=made['id'])
    assert payload['fulfillment'] == {'status': 'CANCELLED', 'displayStatus': 'CANCELED'}
    after = shop.read(order)
    assert (after['closed'], after['displayFulfillmentStatus']) == (False, 'UNFULFILLED')
    nodes = after['fulfillmentOrders']['nodes']
    assert [
        (node['status'], node['lineItems']['nodes'][0]['remainingQuantity']) for node in nodes
    ] == [('CLOSED', 1), ('OPEN', 1)]
    unknown = shop.mutate(cancel, id='gid://shopify/Fulfillment/9')
    assert messages(unknown) == [(['id'], "Fulfillment not found.")]


def test_tracking_is_replaced(shop):
    """A9, [R] fulfillment-cancel-parity.json and fulfillment-unknown-not-found.json."""
    order = shop.paid(('10.00', 1))
    made = shop.ship(order)['fulfillment']
    change = '''mutation T($id: ID!, $info: FulfillmentTrackingInput!) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info) {
        fulfillment { trackingInfo { company number url } } userErrors { field message } } }'''
    info = {
        'company': "UPS",
        'numbers': ['1', '2'],
        'urls': ['https://example.com/1', 'https://example.com/2'],
    }
    payload = shop.mutate(change, id=made['id'], info=info)
    assert [parcel['number'] for parcel in payload['fulfillment']['trackingInfo']] == ['1', '2']
    unknown = shop.mutate(change, id='gid://shopify/Fulfillment/9', info=info)
    assert messages(unknown) == [(['fulfillmentId'], "Fulfillment does not exist.")]


ACTIONS = ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD']


PART = '''{ id status supportedActions { action } assignedLocation { location { id } }
    lineItems(first: 5) { nodes { id totalQuantity lineItem { fulfillableQuantity } } } }'''


def actions(node):
    """The actions of a fulfilment order."""
    return [each['action'] for each in node['supportedActions']]


def test_supported_actions(shop):
    """A9, [R] fulfillment-order-lifecycle.json: SPLIT with more than one unit, nothing when
    closed.
    """
    one, two = shop.create(('1', 1)), shop.create(('1', 2))
    assert actions(one['fulfillmentOrders']['nodes'][0]) == ACTIONS
    assert actions(two['fulfillmentOrders']['nodes'][0]) == [*ACTIONS, 'SPLIT']
    shop.ship(one)
    assert actions(shop.read(one)['fulfillmentOrders']['nodes'][0]) == []


def test_holding_some_units(shop):
    """A9, [R] fulfillment-order-lifecycle.json, holdRelease: the rest goes to a new one; held units
    are
    not fulfillable.
    """
    order = shop.create(('1', 2))
    first = order['fulfillmentOrders']['nodes'][0]
    line = first['lineItems']['nodes'][0]['id']
    query = f'''mutation H($id: ID!, $hold: FulfillmentOrderHoldInput!) {{
        fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {{
      fulfillmentHold {{ reason displayReason }} fulfillmentOrder {PART} remainingFulfillmentOrder
        {PART} userErrors {{ message }} }} }}'''
    given = {'reason': 'OTHER', 'fulfillmentOrderLineItems': [{'id': line, 'quantity': 1}]}
    payload = shop.mutate(query, id=first['id'], hold=given)
    assert payload['fulfillmentHold'] == {'reason': 'OTHER', 'displayReason': "Other"}
    held, rest = payload['fulfillmentOrder'], payload['remainingFulfillmentOrder']
    assert (held['id'], held['status'], actions(held)) == (
        first['id'],
        'ON_HOLD',
        ['RELEASE_HOLD', 'HOLD', 'MOVE'],
    )
    assert (rest['status'], actions(rest)) == ('OPEN', ACTIONS)
    assert held['lineItems']['nodes'][0]['lineItem']['fulfillableQuantity'] == 1
    assert shop.read(order)['displayFulfillmentStatus'] == 'UNFULFILLED'
    release = f'''mutation R($id: ID!) {{ fulfillmentOrderReleaseHold(id: $id) {{ fulfillmentOrder
        {PART} userErrors {{ message }} }} }}'''
    assert shop.mutate(release, id=first['id'])['fulfillmentOrder']['status'] == 'OPEN'


MOVE = f'''mutation M($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {{
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {{
    movedFulfillmentOrder {PART} originalFulfillmentOrder {PART} remainingFulfillmentOrder {PART}
      userErrors {{ field message }} }} }}'''


def test_moving_some_units(shop):
    """A9, [R] fulfillment-order-lifecycle.json, move: a new one at the new place, the old one keeps
    the
    rest.
    """
    order = shop.create(('1', 2))
    first = order['fulfillmentOrders']['nodes'][0]
    line = first['lineItems']['nodes'][0]['id']
    place = shop.store.all('Location')[1]
    payload = shop.mutate(MOVE, id=first['id'], to=place.id, lines=[{'id': line, 'quantity': 1}])
    moved, kept = payload['movedFulfillmentOrder'], payload['originalFulfillmentOrder']
    assert moved['id'] != first['id']
    assert moved['assignedLocation']['location']['id'] == place.id
    assert kept == payload['remainingFulfillmentOrder']
    assert [node['lineItems']['nodes'][0]['totalQuantity'] for node in (moved, kept)] == [1, 1]
    assert ('FULFILLMENT_ORDERS_MOVED', moved['id']) in shop.told


def test_unknown_fulfilment_order_is_a_top_level_error(shop):
    """A9, [R] fulfillment-order-lifecycle.json, validation."""
    place = shop.store.all('Location')[1]
    body = shop.twin.execute(MOVE, {'id': 'gid://shopify/FulfillmentOrder/0', 'to': place.id})
    (error,) = body['errors']
    assert error['message'] == 'Invalid id: gid://shopify/FulfillmentOrder/0'
    assert error['extensions']['code'] == 'RESOURCE_NOT_FOUND'
    assert body['data'] == {'fulfillmentOrderMove': None}


def test_splitting(shop):
    """A9, [R] fulfillment-order-split-multi.json: the named units leave, both may be merged
    again.
    """
    order = shop.create(('1', 2), ('1', 3))
    first = order['fulfillmentOrders']['nodes'][0]
    lines = [node['id'] for node in first['lineItems']['nodes']]
    query = f'''mutation S($splits: [FulfillmentOrderSplitInput!]!) {{
        fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {{
      fulfillmentOrderSplits {{ fulfillmentOrder {PART} remainingFulfillmentOrder {PART} }}
        userErrors {{ code field message }} }} }}'''
    split = {
        'fulfillmentOrderId': first['id'],
        'fulfillmentOrderLineItems': [{'id': line, 'quantity': 1} for line in lines],
    }
    (result,) = shop.mutate(query, splits=[split])['fulfillmentOrderSplits']
    quantities = [
        [node['totalQuantity'] for node in result[name]['lineItems']['nodes']]
        for name in ('fulfillmentOrder', 'remainingFulfillmentOrder')
    ]
    assert quantities == [[1, 2], [1, 1]]
    assert actions(result['fulfillmentOrder']) == [*ACTIONS, 'SPLIT', 'MERGE']
    empty = shop.mutate(query, splits=[{**split, 'fulfillmentOrderLineItems': []}])
    assert empty['userErrors'][0]['code'] == 'NO_LINE_ITEMS_PROVIDED_TO_SPLIT'
    merge = f'''mutation M($inputs: [FulfillmentOrderMergeInput!]!) {{
        fulfillmentOrderMerge(fulfillmentOrderMergeInputs: $inputs) {{
      fulfillmentOrderMerges {{ fulfillmentOrder {PART} }} userErrors {{ message }} }} }}'''
    intents = [
        {'fulfillmentOrderId': result[name]['id']}
        for name in ('fulfillmentOrder', 'remainingFulfillmentOrder')
    ]
    (merged,) = shop.mutate(merge, inputs=[{'mergeIntents': intents}])['fulfillmentOrderMerges']
    assert [node['totalQuantity'] for node in merged['fulfillmentOrder']['lineItems']['nodes']] == [
        2,
        3,
    ]
