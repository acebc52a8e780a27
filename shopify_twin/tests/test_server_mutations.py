"""What the server adds to mutations: idempotency keys, plan rules, dates (M-02, A9)."""

from datetime import UTC, datetime

REFUND = """mutation Refund($input: RefundInput!, $key: String!) {
    refundCreate(input: $input) @idempotent(key: $key) {
        refund { id } userErrors { field message } } }"""


def paid_line(twin):
    """A paid order with a line of which something can be refunded."""
    for order in twin.store.collections['orders']():
        for line in order.line_items:
            if order.display_financial_status == 'PAID' and line.refundable_quantity > 1:
                return order, line
    raise AssertionError("The generator made no paid order.")


def refund_input(order, line, quantity=1):
    """RefundInput for units of a line, without money."""
    lines = [{'lineItemId': line.id, 'quantity': quantity, 'restockType': 'NO_RESTOCK'}]
    return {'orderId': order.id, 'refundLineItems': lines}


def test_refund_needs_an_idempotency_key(shop, client):
    """M-02: without the directive nothing is refunded."""
    order, line = paid_line(shop)
    before = len(order.refunds)
    document = REFUND.replace(' @idempotent(key: $key)', '').replace(', $key: String!', '')
    body = client.ask(document, {'input': refund_input(order, line)})
    assert body['data'] == {'refundCreate': None}
    assert body['errors'][0]['extensions']['code'] == 'BAD_REQUEST'
    assert 'idempotent' in body['errors'][0]['message']
    assert len(order.refunds) == before


def test_a_key_refunds_once(shop, client):
    """M-02: after a lost answer the same key gives the first refund, not a second one."""
    order, line = paid_line(shop)
    before = len(order.refunds)
    variables = {'input': refund_input(order, line), 'key': 'one'}
    first = client.ask(REFUND, variables)['data']['refundCreate']
    assert first['userErrors'] == []
    again = client.ask(REFUND, variables)['data']['refundCreate']
    assert again == first
    assert len(order.refunds) == before + 1
    other = client.ask(REFUND, {**variables, 'input': refund_input(order, line, 2)})
    assert other['errors'][0]['extensions']['code'] == 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH'
    client.ask(REFUND, {**variables, 'key': 'two'})
    assert len(order.refunds) == before + 2


def test_a_manual_payment_of_an_amount_needs_plus(shop, client):
    """A9: ACCESS_DENIED as recorded, whatever the scopes."""
    order = shop.store.collections['orders']()[0]
    document = """mutation ($id: ID!, $amount: MoneyInput) {
        orderCreateManualPayment(id: $id, amount: $amount) { order { id } } }"""
    amount = {'amount': '8.00', 'currencyCode': 'USD'}
    body = client.ask(document, {'id': order.id, 'amount': amount})
    assert body['data'] == {'orderCreateManualPayment': None}
    error = body['errors'][0]
    assert error['message'] == (
        'Access denied for orderCreateManualPayment field. Required access: `write_orders` access '
        'scope. Also: The user must have mark_orders_as_paid permission. The API client must be '
        'installed on a Shopify Plus store to use the amount field.'
    )
    assert error['path'] == ['orderCreateManualPayment']


def test_dates_and_amounts_reach_the_engine_typed(twin, client):
    """A3: DateTime arrives as an aware datetime, Decimal exact, from variables and literals."""
    seen = []
    twin.mutations['orderMarkAsPaid'] = lambda store, **args: (
        seen.append(args)
        or {
            'order': None,
            'user_errors': [],
        }
    )
    twin.mutations['fulfillmentOrderReschedule'] = lambda store, **args: (
        seen.append(args)
        or {
            'fulfillment_order': None,
            'user_errors': [],
        }
    )
    literal = """mutation { fulfillmentOrderReschedule(id: "gid://shopify/FulfillmentOrder/1",
        fulfillAt: "2026-11-20T12:00:00+02:00") { fulfillmentOrder { id } } }"""
    variable = literal.replace('mutation', 'mutation ($at: DateTime!)').replace(
        '"2026-11-20T12:00:00+02:00"', '$at'
    )
    client.ask(literal)
    client.ask(variable, {'at': '2026-11-20T10:00:00Z'})
    moment = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert [args['fulfillAt'] for args in seen] == [moment, moment]
