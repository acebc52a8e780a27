"""Orders: placed, changed, archived, cancelled and paid, as recorded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shopify_twin.engine import world

from .engine_shop import CREATE, PAID, Shop, amount, cash, item, messages, payment


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


def test_unpaid_order_without_tax(shop):
    """A9, [R] order-create-math-matrix.json, pendingNoTax."""
    order = shop.create(('10.00', 2))
    assert order['displayFinancialStatus'] is None
    assert order['displayFulfillmentStatus'] == 'UNFULFILLED'
    for name in (
        'subtotalPriceSet',
        'totalPriceSet',
        'currentTotalPriceSet',
        'totalOutstandingSet',
    ):
        assert amount(order[name]) == '20.0'
    assert amount(order['totalReceivedSet']) == '0.0'
    assert (order['capturable'], order['transactions'], order['paymentGatewayNames']) == (
        False,
        [],
        [],
    )


def test_paid_order_with_tax_and_shipping(shop):
    """A9, [R] order-create-math-matrix.json, paidTaxShipping: given tax amounts stand as they
    are.
    """
    line = item('12.00', 2, taxLines=[{'title': "Tax", 'rate': '0.1', 'priceSet': cash('2.40')}])
    shipping = {'title': "Ground", 'code': 'G', 'priceSet': cash('5.00')}
    shipping['taxLines'] = [{'title': "Tax", 'rate': '0.1', 'priceSet': cash('0.50')}]
    order = shop.create(line, shippingLines=[shipping], transactions=[payment('31.90')])
    assert order['displayFinancialStatus'] == 'PAID'
    found = [
        amount(order[name])
        for name in ('subtotalPriceSet', 'totalShippingPriceSet', 'totalTaxSet', 'totalPriceSet')
    ]
    assert found == ['24.0', '5.0', '2.9', '31.9']
    assert amount(order['totalOutstandingSet']) == '0.0'


def test_fixed_discount_code(shop):
    """A9, [R] order-create-math-matrix.json, fixedDiscount."""
    shipping = {'title': "Ground", 'priceSet': cash('4.00')}
    code = {'itemFixedDiscountCode': {'code': 'MATH5', 'amountSet': cash('5.00')}}
    order = shop.create(('30.00', 1), shippingLines=[shipping], discountCode=code)
    found = [
        amount(order[name]) for name in ('subtotalPriceSet', 'totalDiscountsSet', 'totalPriceSet')
    ]
    assert found == ['25.0', '5.0', '29.0']
    assert order['discountCodes'] == ['MATH5']


def test_authorization_is_capturable_and_not_outstanding(shop):
    """A9, [R] order-create-math-matrix.json, authorization; capture and void after it."""
    order = shop.create(('18.00', 1), transactions=[payment('18.00', 'AUTHORIZATION')])
    assert order['displayFinancialStatus'] == 'AUTHORIZED'
    assert (amount(order['totalCapturableSet']), amount(order['totalOutstandingSet'])) == (
        '18.0',
        '0.0',
    )
    capture = '''mutation C($input: OrderCaptureInput!) { orderCapture(input: $input) {
        transaction { kind } userErrors { message } } }'''
    parent = order['transactions'][0]['id']
    shop.mutate(capture, input={'id': order['id'], 'parentTransactionId': parent, 'amount': '8.00'})
    after = shop.read(order)
    assert (amount(after['totalCapturableSet']), amount(after['totalReceivedSet'])) == (
        '10.0',
        '8.0',
    )
    assert after['displayFinancialStatus'] == 'PARTIALLY_PAID'


def test_void_gives_the_authorization_up(shop):
    """A9, [R] order-payment-transaction-void-live.json: VOIDED, outstanding again, a VOID of
    0.0.
    """
    order = shop.create(('25.00', 1), transactions=[payment('25.00', 'AUTHORIZATION')])
    void = '''mutation V($id: ID!) { transactionVoid(parentTransactionId: $id) { transaction {
        kind } userErrors { message } } }'''
    shop.mutate(void, id=order['transactions'][0]['id'])
    after = shop.read(order)
    assert after['displayFinancialStatus'] == 'VOIDED'
    assert amount(after['totalOutstandingSet']) == '25.0'
    last = after['transactions'][-1]
    assert (last['kind'], amount(last['amountSet'])) == ('VOID', '0.0')
    assert last['parentTransaction'] == {'id': order['transactions'][0]['id']}


def test_both_currencies_are_kept(shop):
    """A9, [R] order-create-math-matrix.json, presentmentMoney: each side adds up on its own."""
    prices = {
        'shopMoney': {'amount': '10.00', 'currencyCode': 'CAD'},
        'presentmentMoney': {'amount': '7.00', 'currencyCode': 'USD'},
    }
    line = {'title': "FX", 'quantity': 3, 'priceSet': prices}
    order = shop.create(line, presentmentCurrency='USD')
    assert amount(order['totalPriceSet']) == '30.0'
    assert order['totalPriceSet']['presentmentMoney'] == {'amount': '21.0', 'currencyCode': 'USD'}


def test_an_email_makes_a_customer(shop):
    """A9, [R] orderUpdate-input-validation.json: named by the e-mail; the second order finds it."""
    first = shop.create(('1', 1), email='someone@example.com')
    assert first['customer']['displayName'] == 'someone@example.com'
    assert shop.create(('1', 1), email='SOMEONE@example.com')['customer'] == first['customer']
    assert shop.create(('1', 1))['customer'] is None


def test_tags_come_back_sorted(shop):
    """A9, [R] fulfillment-cancel-parity.json."""
    assert shop.create(('1', 1), tags=['parity', 'Alpha', 'parity'])['tags'] == ['Alpha', 'parity']


def test_order_of_a_variant_takes_its_facts(shop):
    """M-10: title, SKU and price of the variant, unless given."""
    product = world.new_product(shop.store, "Mug")
    variant = world.new_variant(shop.store, product, Decimal('9.99'), 'L', sku='MUG-L')
    order = shop.create({'variantId': variant.id, 'quantity': 2})
    (line,) = order['lineItems']['nodes']
    assert (line['title'], line['sku'], amount(order['totalPriceSet'])) == ("Mug", 'MUG-L', '19.98')


def test_orders_with_mistakes_are_refused(shop):
    """M-10: no lines, no quantity, unknown variant, a date in the future: nothing is made."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    cases = [
        ({'lineItems': []}, ['order', 'lineItems']),
        ({'lineItems': [item('1', 0)]}, ['order', 'lineItems', '0', 'quantity']),
        (
            {'lineItems': [{'quantity': 1, 'variantId': 'gid://shopify/ProductVariant/1'}]},
            ['order', 'lineItems', '0', 'variantId'],
        ),
        ({'lineItems': [item('1', 1)], 'processedAt': tomorrow}, ['order', 'processedAt']),
    ]
    for given, field in cases:
        payload = shop.mutate(CREATE, order=given)
        assert payload['order'] is None
        assert [error['field'] for error in payload['userErrors']] == [field]
    assert shop.store.all('Order') == []


def test_what_is_not_modelled_is_refused_by_name(shop):
    """DESIGN 8: loudly, and nothing is made."""
    tax = {'title': "T", 'rate': '0.1', 'priceSet': cash('1')}
    body = shop.twin.execute(CREATE, {'order': {'lineItems': [item('1', 1)], 'taxLines': [tax]}})
    assert 'OrderCreateOrderInput.taxLines' in body['errors'][0]['message']
    assert body['errors'][0]['extensions']['code'] == 'NOT_EMULATED'
    assert shop.store.all('Order') == []


def test_a_fulfilled_order_at_once(shop):
    """M-10: `orderCreate` with a fulfilment: shipped from the named location, with tracking."""
    place = shop.store.all('Location')[1]
    shipment = {'locationId': place.id, 'trackingCompany': "DHL", 'trackingNumber': '1Z'}
    order = shop.create(('1', 2), fulfillment=shipment)
    assert order['displayFulfillmentStatus'] == 'FULFILLED'
    (made,) = shop.store.all('Fulfillment')
    assert made.location is place
    assert made.tracking_info[0].number == '1Z'


def test_a_gift_card_pays(shop):
    """M-10: the card loses what it paid; its id stands in the receipt."""
    from shopify_twin.engine import MoneyV2, verbs  # noqa: PLC0415

    card = verbs.make_gift_card(shop.store, MoneyV2(Decimal(50), 'CAD'))
    order = shop.create(
        ('20', 1), transactions=[payment('20', gateway='gift_card', giftCardId=card.id)]
    )
    assert order['displayFinancialStatus'] == 'PAID'
    assert card.balance.amount == 30
    (move,) = shop.store.all('OrderTransaction')
    assert move.receipt_json['gift_card_id'] == card.legacy_resource_id


UPDATE = '''mutation U($input: OrderInput!) { orderUpdate(input: $input) {
  order { id note tags phone poNumber customAttributes { key value } shippingAddress { lastName
    province country } updatedAt }
  userErrors { field message } } }'''


def test_update_replaces_lists_and_moves_updated_at(shop):
    """M-10: tags and attributes as a whole; the change shows in the next delta."""
    with shop.store.clock.at(datetime(2026, 5, 1, tzinfo=UTC)):
        order = shop.create(('1', 1), tags=['a'], customAttributes=[{'key': 'k', 'value': 'v'}])
    given = {
        'id': order['id'],
        'tags': ['b'],
        'customAttributes': [{'key': 'x', 'value': 'y'}],
        'note': 'n',
    }
    with shop.store.clock.at(datetime(2026, 5, 2, tzinfo=UTC)):
        payload = shop.mutate(UPDATE, input=given)
    assert payload['order']['tags'] == ['b']
    assert payload['order']['customAttributes'] == [{'key': 'x', 'value': 'y'}]
    assert payload['order']['updatedAt'] == '2026-05-02T00:00:00Z'
    assert ('ORDERS_UPDATED', order['id']) in shop.told


def test_update_refusals(shop):
    """A9, [R] orderUpdate-input-validation.json."""
    order = shop.create(('1', 1))
    gid = order['id']
    address = {'countryCode': 'US', 'provinceCode': 'ZZ', 'address1': "1 Main St"}
    cases = [
        ({'id': gid}, [(None, "No valid update parameters have been provided")]),
        ({'id': gid, 'phone': 'not-a-phone'}, [(['phone'], "Phone is invalid")]),
        (
            {'id': gid, 'shippingAddress': address},
            [
                (['shippingAddress', 'lastName'], "Enter a last name"),
                (['shippingAddress', 'zip'], "Enter a ZIP code"),
                (['shippingAddress', 'province'], "State is not a valid state in United States"),
            ],
        ),
        ({'id': 'gid://shopify/Order/1', 'note': 'x'}, [(['id'], "Order does not exist")]),
    ]
    for given, expected in cases:
        assert messages(shop.mutate(UPDATE, input=given)) == expected
    assert shop.store.get(gid).shipping_address is None


CLOSE = '''mutation C($input: OrderCloseInput!) { orderClose(input: $input) { order { closed
    closedAt } userErrors { message } } }'''


OPEN = '''mutation O($input: OrderOpenInput!) { orderOpen(input: $input) { order { closed closedAt
    } userErrors { message } } }'''


def test_closing_twice_is_no_mistake(shop):
    """A9, [R] orderClose-noop-on-already-closed.json: the first date stays."""
    order = shop.create(('1', 1))
    with shop.store.clock.at(datetime(2026, 12, 1, tzinfo=UTC)):
        first = shop.mutate(CLOSE, input={'id': order['id']})
    second = shop.mutate(CLOSE, input={'id': order['id']})
    assert first['order'] == second['order'] == {'closed': True, 'closedAt': '2026-12-01T00:00:00Z'}
    assert shop.mutate(OPEN, input={'id': order['id']})['order'] == {
        'closed': False,
        'closedAt': None,
    }


CANCEL = '''mutation C($orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $refund:
    Boolean,
    $refundMethod: OrderCancelRefundMethodInput, $staffNote: String) {
  orderCancel(orderId: $orderId, reason: $reason, restock: $restock, refund: $refund,
    refundMethod: $refundMethod,
    staffNote: $staffNote) { job { id done } orderCancelUserErrors { code field message }
      userErrors { field message } } }'''


def cancelled(shop, order, **given):
    """Cancel an order and return the payload."""
    return shop.mutate(CANCEL, orderId=order['id'], reason='OTHER', restock=False, **given)


def test_cancelling_leaves_nothing_and_closes(shop):
    """A9, [R] orderCancel-parity.json: closed as cancelled, nothing outstanding, no status; the job
    is
    done when asked.
    """
    order = shop.create(('14.00', 1))
    payload = cancelled(shop, order)
    assert payload['job']['done'] is False
    job = shop.run('query J($id: ID!) { job(id: $id) { id done } }', id=payload['job']['id'])['job']
    assert job == {'id': payload['job']['id'], 'done': True}
    after = shop.read(order)
    assert after['closed'] and after['closedAt'] == after['cancelledAt']
    assert (after['cancelReason'], after['displayFinancialStatus']) == ('OTHER', None)
    assert amount(after['currentTotalPriceSet']) == amount(after['totalOutstandingSet']) == '0.0'
    assert after['fulfillmentOrders']['nodes'][0]['status'] == 'CLOSED'


def test_cancelling_a_paid_order_pays_back_when_asked(shop):
    """M-10: `refundMethod` original payment: the payment goes back."""
    order = shop.paid(('14.00', 1))
    cancelled(shop, order, refundMethod={'originalPaymentMethodsRefund': True})
    after = shop.read(order)
    assert (after['displayFinancialStatus'], amount(after['totalRefundedSet'])) == (
        'REFUNDED',
        '14.0',
    )


def test_cancel_refusals(shop):
    """A9, [R] orderCancel-error-messages.json, and fulfilled orders."""
    order = shop.create(('1', 1))
    both = {'refund': True, 'refundMethod': {'originalPaymentMethodsRefund': True}}
    long = "Staff note is too long. Maximum length is 255 characters."
    only = "Only one of the arguments `refund` or `refund_method` is allowed."
    assert messages(cancelled(shop, order, staffNote='x' * 256)) == [(['staffNote'], long)]
    assert messages(cancelled(shop, order, **both), 'orderCancelUserErrors') == [(['refund'], only)]
    cancelled(shop, order)
    again = cancelled(shop, order)
    assert messages(again) == [
        (['orderId'], "Cannot cancel an order that has already been canceled")
    ]
    shipped = shop.paid(('1', 1))
    shop.ship(shipped)
    message = "Cannot cancel an order that has outstanding fulfillments"
    assert messages(cancelled(shop, shipped)) == [(['orderId'], message)]
    assert shop.read(shipped)['cancelledAt'] is None


def test_mark_as_paid(shop):
    """A9, [R] orderMarkAsPaid-state-and-money.json: a manual sale of all that is outstanding,
    once.
    """
    order = shop.create(('12.50', 1))
    payload = shop.mutate(PAID, input={'id': order['id']})
    (move,) = payload['order']['transactions']
    assert (move['kind'], move['status'], move['gateway'], amount(move['amountSet'])) == (
        'SALE',
        'SUCCESS',
        'manual',
        '12.5',
    )
    assert (payload['order']['displayFinancialStatus'], payload['order']['canMarkAsPaid']) == (
        'PAID',
        False,
    )
    again = shop.mutate(PAID, input={'id': order['id']})
    assert messages(again) == [(['id'], "Order cannot be marked as paid.")]
    assert len(again['order']['transactions']) == 1
    assert ('ORDERS_PAID', order['id']) in shop.told


def test_a_deleted_order_is_gone(shop):
    """A9, [R] order-live-hybrid-mixed-catalog.json."""
    order = shop.create(('1', 1))
    query = (
        'mutation D($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }'
    )
    assert shop.mutate(query, id=order['id'])['deletedId'] == order['id']
    assert shop.read(order) is None
    assert shop.store.all('FulfillmentOrder') == []
