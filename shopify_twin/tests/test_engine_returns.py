"""Returns and parcels on their way back, as recorded."""

import pytest

from .engine_shop import Shop, messages, shipped_line


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


RETURN = '''{ id name status closedAt totalQuantity returnLineItems(first: 5) { nodes { id
    quantity processedQuantity unprocessedQuantity } } order { returnStatus } }'''


def test_return_status_follows_its_returns(shop):
    """A9, [R] order-return-status-lifecycle.json."""
    order, line = shipped_line(shop)
    request = f'''mutation R($input: ReturnRequestInput!) {{ returnRequest(input: $input) {{
        return {RETURN} userErrors {{ code field message }} }} }}'''
    part = {'fulfillmentLineItemId': line, 'quantity': 1}
    first = shop.mutate(request, input={'orderId': order['id'], 'returnLineItems': [part]})[
        'return'
    ]
    assert (first['name'], first['status'], first['order']['returnStatus']) == (
        f"{order['name']}-R1",
        'REQUESTED',
        'RETURN_REQUESTED',
    )
    approve = f'''mutation A($input: ReturnApproveRequestInput!) {{ returnApproveRequest(input:
        $input) {{ return {RETURN} userErrors {{ message }} }} }}'''
    assert (
        shop.mutate(approve, input={'id': first['id']})['return']['order']['returnStatus']
        == 'IN_PROGRESS'
    )
    second = shop.mutate(request, input={'orderId': order['id'], 'returnLineItems': [part]})[
        'return'
    ]
    assert second['order']['returnStatus'] == 'RETURN_REQUESTED'
    decline = f'''mutation D($input: ReturnDeclineRequestInput!) {{ returnDeclineRequest(input:
        $input) {{ return {RETURN} userErrors {{ message }} }} }}'''
    declined = shop.mutate(decline, input={'id': second['id'], 'declineReason': 'OTHER'})['return']
    assert (declined['status'], declined['order']['returnStatus']) == ('DECLINED', 'IN_PROGRESS')
    close = f'''mutation C($id: ID!) {{ returnClose(id: $id) {{ return {RETURN} userErrors {{
        message }} }} }}'''
    assert shop.mutate(close, id=first['id'])['return']['order']['returnStatus'] == 'RETURNED'


def test_no_more_can_be_returned_than_was_shipped(shop):
    """A9, [R] return-quantity-validation.json."""
    order, line = shipped_line(shop, 2)
    create = f'''mutation R($returnInput: ReturnInput!) {{ returnCreate(returnInput: $returnInput)
        {{ return {RETURN} userErrors {{ code field message }} }} }}'''

    def opened(gid, quantity):
        part = {'fulfillmentLineItemId': gid, 'quantity': quantity, 'returnReason': 'UNWANTED'}
        return shop.mutate(create, returnInput={'orderId': order['id'], 'returnLineItems': [part]})

    assert opened(line, 1)['return']['status'] == 'OPEN'
    (error,) = opened(line, 2)['userErrors']
    assert error == {
        'code': 'INVALID',
        'field': ['returnInput', 'returnLineItems', '0', 'quantity'],
        'message': "Return line item has an invalid quantity.",
    }
    (error,) = opened('gid://shopify/FulfillmentLineItem/9', 1)['userErrors']
    assert (error['code'], error['message']) == (
        'NOT_FOUND',
        "Fulfillment Line Item was not found.",
    )


def test_a_parcel_on_its_way_back(shop):
    """A9, [R] return-reverse-logistics-recorded.json: no lines named means all; too many are
    refused.
    """
    order, line = shipped_line(shop, 2)
    create = '''mutation R($input: ReturnInput!) { returnCreate(returnInput: $input) { return {
        reverseFulfillmentOrders(first: 1) { nodes { id lineItems(first: 1) { nodes { id } } } } }
        userErrors { message } } }'''
    part = {'fulfillmentLineItemId': line, 'quantity': 1, 'returnReason': 'OTHER'}
    made = shop.mutate(create, input={'orderId': order['id'], 'returnLineItems': [part]})['return']
    (goods,) = made['reverseFulfillmentOrders']['nodes']
    send = '''mutation S($id: ID!, $lines: [ReverseDeliveryLineItemInput!]!, $tracking:
        ReverseDeliveryTrackingInput) {
      reverseDeliveryCreateWithShipping(reverseFulfillmentOrderId: $id, reverseDeliveryLineItems:
        $lines, trackingInput: $tracking) {
        reverseDelivery { reverseDeliveryLineItems(first: 5) { nodes { quantity } }
          deliverable { ... on ReverseDeliveryShippingDeliverable { tracking { number } } } }
        userErrors { code field message } } }'''
    many = [
        {'reverseFulfillmentOrderLineItemId': goods['lineItems']['nodes'][0]['id'], 'quantity': 2}
    ]
    refused = shop.mutate(send, id=goods['id'], lines=many)
    assert messages(refused) == [
        (
            ['reverseDeliveryLineItems', '0', 'quantity'],
            "cannot deliver more items than are returned",
        )
    ]
    sent = shop.mutate(send, id=goods['id'], lines=[], tracking={'number': 'R1'})['reverseDelivery']
    assert sent['reverseDeliveryLineItems']['nodes'] == [{'quantity': 1}]
    assert sent['deliverable']['tracking']['number'] == 'R1'
