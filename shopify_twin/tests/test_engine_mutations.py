"""Mutations answer as recorded, in effect and in words; run as documents through the executor."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shopify_twin import Twin
from shopify_twin.engine import world

MONEY = '{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }'
HEAD = f'''
  id name closed closedAt cancelledAt cancelReason edited displayFinancialStatus displayFulfillmentStatus
  returnStatus capturable fullyPaid unpaid canMarkAsPaid paymentGatewayNames tags note discountCodes
  currentSubtotalLineItemsQuantity
  subtotalPriceSet {MONEY} totalPriceSet {MONEY} currentTotalPriceSet {MONEY} totalTaxSet {MONEY}
  totalDiscountsSet {MONEY} totalShippingPriceSet {MONEY} totalOutstandingSet {MONEY} totalReceivedSet {MONEY}
  totalRefundedSet {MONEY} totalCapturableSet {MONEY} netPaymentSet {MONEY}
  customer {{ id displayName }}
  lineItems(first: 10) {{ nodes {{ id title sku quantity currentQuantity unfulfilledQuantity fulfillableQuantity }} }}
  transactions {{ id kind status gateway amountSet {MONEY} parentTransaction {{ id }} }}
  fulfillmentOrders(first: 10) {{ nodes {{ id status supportedActions {{ action }} assignedLocation {{ location {{ id }} }}
    lineItems(first: 10) {{ nodes {{ id totalQuantity remainingQuantity lineItem {{ id }} }} }} }} }}
  fulfillments {{ id name status displayStatus fulfillmentLineItems(first: 10) {{ nodes {{ id quantity }} }} }}
  refunds {{ id totalRefundedSet {MONEY} }}
'''
CREATE = f'''mutation Create($order: OrderCreateOrderInput!) {{
  orderCreate(order: $order) {{ order {{ {HEAD} }} userErrors {{ code field message }} }} }}'''
READ = f'query Read($id: ID!) {{ order(id: $id) {{ {HEAD} }} }}'


class Shop:
    """A twin with shortcuts for what these tests do again and again."""

    def __init__(self):
        self.twin = Twin(seed=1)
        self.store = self.twin.store
        self.told = []
        self.store.listeners.append(lambda topic, record: self.told.append((topic, record.id)))

    def run(self, query, **variables):
        """Run a document and return its data; the test fails on a top-level error."""
        body = self.twin.execute(query, variables)
        assert 'errors' not in body, body['errors']
        return body['data']

    def mutate(self, query, **variables):
        """Run a mutation of one field and return its payload."""
        (payload,) = self.run(query, **variables).values()
        return payload

    def create(self, *lines, **given):
        """Place an order; lines are (price, quantity) or inputs. Return it as answered."""
        items = [line if isinstance(line, dict) else item(*line) for line in lines]
        payload = self.mutate(CREATE, order={'currency': 'CAD', 'lineItems': items, **given})
        assert payload['userErrors'] == []
        return payload['order']

    def paid(self, *lines, **given):
        """Place a paid order."""
        whole = sum(Decimal(price) * quantity for price, quantity in lines)
        return self.create(*lines, transactions=[payment(whole)], **given)

    def read(self, order):
        """Read an order again."""
        return self.run(READ, id=order['id'])['order']

    def ship(self, order, **wanted):
        """Ship all, or {line id: quantity}, of the first fulfilment order."""
        first = order['fulfillmentOrders']['nodes'][0]
        part = {'fulfillmentOrderId': first['id']}
        if wanted:
            part['fulfillmentOrderLineItems'] = [
                {'id': wanted['line'], 'quantity': wanted['quantity']}
            ]
        return self.mutate(SHIP, fulfillment={'lineItemsByFulfillmentOrder': [part]})


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


SHIP = '''mutation Ship($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id name status displayStatus trackingInfo { company number url }
    fulfillmentLineItems(first: 9) { nodes { id quantity lineItem { id } } } }
  userErrors { field message } } }'''


def cash(amount, currency='CAD'):
    """A one-currency MoneyBagInput."""
    return {'shopMoney': {'amount': str(amount), 'currencyCode': currency}}


def item(price, quantity, **facts):
    """A custom line."""
    facts = {'title': "Thing", 'requiresShipping': True, **facts}
    return {'quantity': quantity, 'priceSet': cash(price), **facts}


def payment(amount, kind='SALE', **facts):
    """A transaction input."""
    return {
        'kind': kind,
        'status': 'SUCCESS',
        'gateway': 'manual',
        'amountSet': cash(amount),
        **facts,
    }


def amount(bag, side='shopMoney'):
    """The amount of a bag as text."""
    return bag[side]['amount']


def messages(payload, key='userErrors'):
    """The errors of a payload as (field, message)."""
    return [(error['field'], error['message']) for error in payload[key]]


# -- orderCreate, by the math matrix


def test_unpaid_order_without_tax(shop):
    """[R] order-create-math-matrix.json, pendingNoTax."""
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
    """[R] order-create-math-matrix.json, paidTaxShipping: given tax amounts stand as they are."""
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
    """[R] order-create-math-matrix.json, fixedDiscount."""
    shipping = {'title': "Ground", 'priceSet': cash('4.00')}
    code = {'itemFixedDiscountCode': {'code': 'MATH5', 'amountSet': cash('5.00')}}
    order = shop.create(('30.00', 1), shippingLines=[shipping], discountCode=code)
    found = [
        amount(order[name]) for name in ('subtotalPriceSet', 'totalDiscountsSet', 'totalPriceSet')
    ]
    assert found == ['25.0', '5.0', '29.0']
    assert order['discountCodes'] == ['MATH5']


def test_authorization_is_capturable_and_not_outstanding(shop):
    """[R] order-create-math-matrix.json, authorization; capture and void after it."""
    order = shop.create(('18.00', 1), transactions=[payment('18.00', 'AUTHORIZATION')])
    assert order['displayFinancialStatus'] == 'AUTHORIZED'
    assert (amount(order['totalCapturableSet']), amount(order['totalOutstandingSet'])) == (
        '18.0',
        '0.0',
    )
    capture = 'mutation C($input: OrderCaptureInput!) { orderCapture(input: $input) { transaction { kind } userErrors { message } } }'
    parent = order['transactions'][0]['id']
    shop.mutate(capture, input={'id': order['id'], 'parentTransactionId': parent, 'amount': '8.00'})
    after = shop.read(order)
    assert (amount(after['totalCapturableSet']), amount(after['totalReceivedSet'])) == (
        '10.0',
        '8.0',
    )
    assert after['displayFinancialStatus'] == 'PARTIALLY_PAID'


def test_void_gives_the_authorization_up(shop):
    """[R] order-payment-transaction-void-live.json: VOIDED, outstanding again, a VOID of 0.0."""
    order = shop.create(('25.00', 1), transactions=[payment('25.00', 'AUTHORIZATION')])
    void = 'mutation V($id: ID!) { transactionVoid(parentTransactionId: $id) { transaction { kind } userErrors { message } } }'
    shop.mutate(void, id=order['transactions'][0]['id'])
    after = shop.read(order)
    assert after['displayFinancialStatus'] == 'VOIDED'
    assert amount(after['totalOutstandingSet']) == '25.0'
    last = after['transactions'][-1]
    assert (last['kind'], amount(last['amountSet'])) == ('VOID', '0.0')
    assert last['parentTransaction'] == {'id': order['transactions'][0]['id']}


def test_both_currencies_are_kept(shop):
    """[R] order-create-math-matrix.json, presentmentMoney: each side adds up on its own."""
    prices = {
        'shopMoney': {'amount': '10.00', 'currencyCode': 'CAD'},
        'presentmentMoney': {'amount': '7.00', 'currencyCode': 'USD'},
    }
    line = {'title': "FX", 'quantity': 3, 'priceSet': prices}
    order = shop.create(line, presentmentCurrency='USD')
    assert amount(order['totalPriceSet']) == '30.0'
    assert order['totalPriceSet']['presentmentMoney'] == {'amount': '21.0', 'currencyCode': 'USD'}


def test_an_email_makes_a_customer(shop):
    """[R] orderUpdate-input-validation.json: named by the e-mail; the second order finds it."""
    first = shop.create(('1', 1), email='someone@example.com')
    assert first['customer']['displayName'] == 'someone@example.com'
    assert shop.create(('1', 1), email='SOMEONE@example.com')['customer'] == first['customer']
    assert shop.create(('1', 1))['customer'] is None


def test_tags_come_back_sorted(shop):
    """[R] fulfillment-cancel-parity.json."""
    assert shop.create(('1', 1), tags=['parity', 'Alpha', 'parity'])['tags'] == ['Alpha', 'parity']


def test_order_of_a_variant_takes_its_facts(shop):
    """Title, SKU and price of the variant, unless given."""
    product = world.new_product(shop.store, "Mug")
    variant = world.new_variant(shop.store, product, Decimal('9.99'), 'L', sku='MUG-L')
    order = shop.create({'variantId': variant.id, 'quantity': 2})
    (line,) = order['lineItems']['nodes']
    assert (line['title'], line['sku'], amount(order['totalPriceSet'])) == ("Mug", 'MUG-L', '19.98')


def test_orders_with_mistakes_are_refused(shop):
    """No lines, no quantity, unknown variant, a date in the future: nothing is made."""
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
    """orderCreate with a fulfilment: shipped from the named location, with tracking."""
    place = shop.store.all('Location')[1]
    shipment = {'locationId': place.id, 'trackingCompany': "DHL", 'trackingNumber': '1Z'}
    order = shop.create(('1', 2), fulfillment=shipment)
    assert order['displayFulfillmentStatus'] == 'FULFILLED'
    (made,) = shop.store.all('Fulfillment')
    assert made.location is place
    assert made.tracking_info[0].number == '1Z'


def test_a_gift_card_pays(shop):
    """The card loses what it paid; its id stands in the receipt."""
    from shopify_twin.engine import MoneyV2, verbs  # noqa: PLC0415

    card = verbs.make_gift_card(shop.store, MoneyV2(Decimal(50), 'CAD'))
    order = shop.create(
        ('20', 1), transactions=[payment('20', gateway='gift_card', giftCardId=card.id)]
    )
    assert order['displayFinancialStatus'] == 'PAID'
    assert card.balance.amount == 30
    (move,) = shop.store.all('OrderTransaction')
    assert move.receipt_json['gift_card_id'] == card.legacy_resource_id


# -- update, archive, cancel, paid

UPDATE = '''mutation U($input: OrderInput!) { orderUpdate(input: $input) {
  order { id note tags phone poNumber customAttributes { key value } shippingAddress { lastName province country } updatedAt }
  userErrors { field message } } }'''


def test_update_replaces_lists_and_moves_updated_at(shop):
    """Tags and attributes as a whole; the change shows in the next delta."""
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
    """[R] orderUpdate-input-validation.json."""
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


CLOSE = 'mutation C($input: OrderCloseInput!) { orderClose(input: $input) { order { closed closedAt } userErrors { message } } }'
OPEN = 'mutation O($input: OrderOpenInput!) { orderOpen(input: $input) { order { closed closedAt } userErrors { message } } }'


def test_closing_twice_is_no_mistake(shop):
    """[R] orderClose-noop-on-already-closed.json: the first date stays."""
    order = shop.create(('1', 1))
    with shop.store.clock.at(datetime(2026, 12, 1, tzinfo=UTC)):
        first = shop.mutate(CLOSE, input={'id': order['id']})
    second = shop.mutate(CLOSE, input={'id': order['id']})
    assert first['order'] == second['order'] == {'closed': True, 'closedAt': '2026-12-01T00:00:00Z'}
    assert shop.mutate(OPEN, input={'id': order['id']})['order'] == {
        'closed': False,
        'closedAt': None,
    }


CANCEL = '''mutation C($orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $refund: Boolean,
    $refundMethod: OrderCancelRefundMethodInput, $staffNote: String) {
  orderCancel(orderId: $orderId, reason: $reason, restock: $restock, refund: $refund, refundMethod: $refundMethod,
    staffNote: $staffNote) { job { id done } orderCancelUserErrors { code field message } userErrors { field message } } }'''


def cancelled(shop, order, **given):
    """Cancel an order and return the payload."""
    return shop.mutate(CANCEL, orderId=order['id'], reason='OTHER', restock=False, **given)


def test_cancelling_leaves_nothing_and_closes(shop):
    """[R] orderCancel-parity.json: closed as cancelled, nothing outstanding, no status; the job is
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
    """refundMethod original payment: the payment goes back."""
    order = shop.paid(('14.00', 1))
    cancelled(shop, order, refundMethod={'originalPaymentMethodsRefund': True})
    after = shop.read(order)
    assert (after['displayFinancialStatus'], amount(after['totalRefundedSet'])) == (
        'REFUNDED',
        '14.0',
    )


def test_cancel_refusals(shop):
    """[R] orderCancel-error-messages.json, and fulfilled orders."""
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


PAID = f'mutation P($input: OrderMarkAsPaidInput!) {{ orderMarkAsPaid(input: $input) {{ order {{ {HEAD} }} userErrors {{ field message }} }} }}'


def test_mark_as_paid(shop):
    """[R] orderMarkAsPaid-state-and-money.json: a manual sale of all that is outstanding, once."""
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


# -- edits

SESSION = f'''calculatedOrder {{ id totalPriceSet {MONEY} originalOrder {{ id }}
  lineItems(first: 10) {{ nodes {{ id title quantity }} }} addedLineItems(first: 5) {{ nodes {{ id title quantity }} }} }}'''
BEGIN = f'mutation B($id: ID!) {{ orderEditBegin(id: $id) {{ {SESSION} orderEditSession {{ id }} userErrors {{ message }} }} }}'
ADD = f'''mutation A($id: ID!, $title: String!, $quantity: Int!, $price: MoneyInput!) {{
  orderEditAddCustomItem(id: $id, title: $title, quantity: $quantity, price: $price) {{ {SESSION}
    calculatedLineItem {{ id title quantity }} userErrors {{ field message }} }} }}'''
SET = f'''mutation S($id: ID!, $lineItemId: ID!, $quantity: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $lineItemId, quantity: $quantity, restock: true) {{ {SESSION}
    calculatedLineItem {{ title quantity }} userErrors {{ field message }} }} }}'''
DISCOUNT = f'''mutation D($id: ID!, $lineItemId: ID!, $discount: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $lineItemId, discount: $discount) {{ {SESSION}
    addedDiscountStagedChange {{ id description }}
    calculatedLineItem {{ id hasStagedLineItemDiscount discountedUnitPriceSet {MONEY}
      calculatedDiscountAllocations {{ allocatedAmountSet {MONEY} discountApplication {{ id description }} }} }}
    userErrors {{ field message }} }} }}'''
COMMIT = f'''mutation C($id: ID!) {{ orderEditCommit(id: $id, notifyCustomer: false, staffNote: "n") {{
  order {{ {HEAD} }} successMessages userErrors {{ field message }} }} }}'''


def begun(shop, order):
    """Begin an edit and return the calculated order."""
    return shop.mutate(BEGIN, id=order['id'])['calculatedOrder']


def test_adding_an_unpaid_item_makes_it_partially_paid(shop):
    """[R] order-edit-commit-derived-statuses.json."""
    order = shop.paid(('10.00', 1))
    edit = begun(shop, order)
    added = shop.mutate(
        ADD, id=edit['id'], title="Extra", quantity=1, price={'amount': '5', 'currencyCode': 'CAD'}
    )
    assert amount(added['calculatedOrder']['totalPriceSet']) == '15.0'
    assert [line['title'] for line in added['calculatedOrder']['addedLineItems']['nodes']] == [
        "Extra"
    ]
    assert amount(shop.read(order)['totalPriceSet']) == '10.0', "staging must not change the order"
    payload = shop.mutate(COMMIT, id=edit['id'])
    after = payload['order']
    assert payload['successMessages'] == ["Order updated"]
    found = [
        amount(after[name])
        for name in ('totalOutstandingSet', 'totalPriceSet', 'currentTotalPriceSet')
    ]
    assert found == ['5.0', '15.0', '15.0']
    assert (after['displayFinancialStatus'], after['edited']) == ('PARTIALLY_PAID', True)
    waiting = [node['lineItems']['nodes'] for node in after['fulfillmentOrders']['nodes']]
    assert sum(len(lines) for lines in waiting) == 2


def test_removing_a_line_keeps_its_quantity(shop):
    """[R] order-edit-existing-order-zero-removal.json: quantity 1, current quantity 0."""
    order = shop.create(('20.00', 2), ('12.00', 1), ('29.00', 1))
    edit = begun(shop, order)
    gone = edit['lineItems']['nodes'][2]['id']
    staged = shop.mutate(SET, id=edit['id'], lineItemId=gone, quantity=0)
    assert staged['calculatedLineItem']['quantity'] == 0
    after = shop.mutate(COMMIT, id=edit['id'])['order']
    assert [
        (line['quantity'], line['currentQuantity']) for line in after['lineItems']['nodes']
    ] == [(2, 2), (1, 1), (1, 0)]
    assert after['currentSubtotalLineItemsQuantity'] == 3
    assert (amount(after['totalPriceSet']), amount(after['currentTotalPriceSet'])) == (
        '81.0',
        '52.0',
    )
    assert [amount(refund['totalRefundedSet']) for refund in after['refunds']] == ['0.0']
    (waiting,) = after['fulfillmentOrders']['nodes']
    assert [line['remainingQuantity'] for line in waiting['lineItems']['nodes']] == [2, 1]


def test_removing_paid_units_owes_the_buyer_until_refunded(shop):
    """Outstanding turns negative; the refund that settles it is no discrepancy."""
    order = shop.paid(('10.00', 3))
    edit = begun(shop, order)
    shop.mutate(SET, id=edit['id'], lineItemId=edit['lineItems']['nodes'][0]['id'], quantity=2)
    after = shop.mutate(COMMIT, id=edit['id'])['order']
    assert amount(after['totalOutstandingSet']) == '-10.0'
    refunded(shop, order, transactions=[back('10.00', order)])
    settled = shop.read(order)
    assert amount(settled['totalOutstandingSet']) == '0.0'
    assert shop.store.get(order['id']).refunds[-1].order_adjustments == []


def test_staged_percent_discount(shop):
    """[R] order-edit-line-discount-percent-value.json."""
    order = shop.create(('100.00', 2))
    edit = begun(shop, order)
    line = edit['lineItems']['nodes'][0]['id']
    given = {'description': "Ten percent off", 'percentValue': 10}
    staged = shop.mutate(DISCOUNT, id=edit['id'], lineItemId=line, discount=given)
    assert amount(staged['calculatedOrder']['totalPriceSet']) == '180.0'
    calculated = staged['calculatedLineItem']
    assert calculated['hasStagedLineItemDiscount'] is True
    assert amount(calculated['discountedUnitPriceSet']) == '90.0'
    (part,) = calculated['calculatedDiscountAllocations']
    assert (amount(part['allocatedAmountSet']), part['discountApplication']['description']) == (
        '20.0',
        "Ten percent off",
    )
    assert amount(shop.mutate(COMMIT, id=edit['id'])['order']['totalDiscountsSet']) == '20.0'


def test_an_edit_adds_a_variant_at_its_price(shop):
    """[R] order-edit-existing-order-happy-path.json."""
    product = world.new_product(shop.store, "Board")
    variant = world.new_variant(shop.store, product, Decimal('2629.95'))
    order = shop.create(('12.00', 1))
    edit = begun(shop, order)
    add = f'''mutation V($id: ID!, $variantId: ID!) {{ orderEditAddVariant(id: $id, variantId: $variantId, quantity: 1) {{
      {SESSION} calculatedLineItem {{ title quantity originalUnitPriceSet {MONEY} }} userErrors {{ message }} }} }}'''
    payload = shop.mutate(add, id=edit['id'], variantId=variant.id)
    assert amount(payload['calculatedLineItem']['originalUnitPriceSet']) == '2629.95'
    after = shop.mutate(COMMIT, id=edit['id'])['order']
    assert [line['title'] for line in after['lineItems']['nodes']] == ["Thing", "Board"]
    assert ('ORDERS_EDITED', order['id']) in shop.told


def test_an_empty_edit_is_refused(shop):
    """Nothing staged, nothing committed."""
    order = shop.create(('12.00', 1))
    payload = shop.mutate(COMMIT, id=begun(shop, order)['id'])
    assert messages(payload)
    assert shop.read(order)['edited'] is False


# -- refunds

REFUND = f'''mutation R($input: RefundInput!, $key: String!) {{ refundCreate(input: $input) @idempotent(key: $key) {{
  refund {{ id note totalRefundedSet {MONEY} refundLineItems(first: 5) {{ nodes {{ quantity restockType restocked subtotalSet {MONEY} totalTaxSet {MONEY} }} }}
    refundShippingLines(first: 5) {{ nodes {{ subtotalAmountSet {MONEY} }} }}
    orderAdjustments(first: 5) {{ nodes {{ reason amountSet {MONEY} }} }}
    transactions(first: 5) {{ nodes {{ kind status gateway amountSet {MONEY} }} }} }}
  order {{ {HEAD} }} userErrors {{ field message }} }} }}'''


def refunded(shop, order, **given):
    """Refund and return the payload."""
    key = f'key-{len(shop.store.all("Refund"))}-{len(str(given))}'
    return shop.mutate(REFUND, input={'orderId': order['id'], **given}, key=key)


def back(value, order, **facts):
    """A refund of the order's first payment."""
    parent = order['transactions'][0]['id']
    return {
        'orderId': order['id'],
        'kind': 'REFUND',
        'gateway': 'manual',
        'amount': value,
        'parentId': parent,
        **facts,
    }


def test_refund_of_units_and_shipping(shop):
    """[R] refund-create-full-parity.json in money and status (see the report for `subtotalSet`)."""
    shipping = {'title': "Ground", 'priceSet': cash('5.00')}
    order = shop.create(('10.00', 1), shippingLines=[shipping], transactions=[payment('15.00')])
    units = [
        {
            'lineItemId': order['lineItems']['nodes'][0]['id'],
            'quantity': 1,
            'restockType': 'NO_RESTOCK',
        }
    ]
    payload = refunded(
        shop,
        order,
        refundLineItems=units,
        shipping={'fullRefund': True},
        transactions=[back('15.00', order)],
    )
    assert amount(payload['refund']['totalRefundedSet']) == '15.0'
    assert payload['refund']['orderAdjustments']['nodes'] == []
    after = shop.read(order)
    assert (after['displayFinancialStatus'], after['displayFulfillmentStatus']) == (
        'REFUNDED',
        'UNFULFILLED',
    )
    assert amount(after['currentTotalPriceSet']) == '0.0'
    assert ('REFUNDS_CREATE', after['refunds'][0]['id']) in shop.told


def test_refund_of_some_units(shop):
    """[R] refund-create-user-errors-and-quantities.json: 45.0 becomes 35.0, current quantity 1."""
    shipping = {'title': "Ground", 'priceSet': cash('5.00')}
    order = shop.create(
        ('10.00', 2), ('10.00', 2), shippingLines=[shipping], transactions=[payment('45.00')]
    )
    line = order['lineItems']['nodes'][0]['id']
    units = [{'lineItemId': line, 'quantity': 1, 'restockType': 'NO_RESTOCK'}]
    refunded(shop, order, refundLineItems=units, transactions=[back('10.00', order)])
    after = shop.read(order)
    assert after['displayFinancialStatus'] == 'PARTIALLY_REFUNDED'
    assert (amount(after['totalPriceSet']), amount(after['currentTotalPriceSet'])) == (
        '45.0',
        '35.0',
    )
    assert after['lineItems']['nodes'][0]['currentQuantity'] == 1
    many = [{'lineItemId': line, 'quantity': 3, 'restockType': 'NO_RESTOCK'}]
    over = refunded(shop, order, refundLineItems=many, allowOverRefunding=True)
    message = "Quantity cannot refund more items than were purchased"
    assert messages(over) == [(['refundLineItems', '0', 'quantity'], message)]
    dear = refunded(shop, order, transactions=[back('999.00', order)], allowOverRefunding=True)
    assert messages(dear) == [
        (None, "Refund amount $999.00 is greater than net payment received $35.00")
    ]
    assert len(shop.read(order)['refunds']) == 1


def test_refund_transactions_are_checked(shop):
    """[R] refund-create-transactions-validation.json; the gateway is the parent's, whatever was
    said.
    """
    order = shop.create(('10.00', 1), transactions=[payment('10.00', gateway='bogus')])
    wrong = refunded(shop, order, transactions=[back('1.00', order, kind='AUTHORIZATION')])
    assert messages(wrong) == [(None, "Kind authorization is not a valid transaction")]
    orphan = refunded(
        shop, order, transactions=[back('1.00', order, parentId='gid://shopify/OrderTransaction/9')]
    )
    assert messages(orphan) == [
        (['transactions'], "Transactions require a parent_id associated with the order")
    ]
    payload = refunded(shop, order, transactions=[back('1.00', order)])
    (move,) = payload['refund']['transactions']['nodes']
    assert (move['gateway'], move['status']) == ('bogus', 'SUCCESS')
    assert payload['order']['displayFinancialStatus'] == 'PARTIALLY_REFUNDED'


def test_refund_of_an_unknown_order(shop):
    """[R] refund-create-user-errors-and-quantities.json."""
    payload = refunded(shop, {'id': 'gid://shopify/Order/9'})
    assert messages(payload) == [(['orderId'], "Order does not exist")]


def test_a_tax_is_refunded_unit_by_unit_to_the_cent(shop):
    """Three refunds of one unit give back exactly the tax of three units."""
    tax = {'title': "T", 'rate': '0.19', 'priceSet': cash('1.00')}
    order = shop.create(item('1.75', 3, taxLines=[tax]), transactions=[payment('6.25')])
    line = order['lineItems']['nodes'][0]['id']
    taken = []
    for _turn in range(3):
        payload = refunded(
            shop,
            order,
            refundLineItems=[{'lineItemId': line, 'quantity': 1, 'restockType': 'RETURN'}],
        )
        taken.append(
            Decimal(amount(payload['refund']['refundLineItems']['nodes'][0]['totalTaxSet']))
        )
    assert taken == [Decimal('0.33'), Decimal('0.34'), Decimal('0.33')]
    assert amount(shop.read(order)['currentTotalPriceSet']) == '0.0'


# -- shipping


def test_shipping_parts_numbers_the_fulfilments(shop):
    """[R] fulfillment-create-name.json: -F1, -F2."""
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
    """[R] fulfillment-create-preconditions.json."""
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
    """One call per order and location."""
    orders = [shop.create(('1', 1)) for _turn in range(2)]
    parts = [
        {'fulfillmentOrderId': order['fulfillmentOrders']['nodes'][0]['id']} for order in orders
    ]
    payload = shop.mutate(SHIP, fulfillment={'lineItemsByFulfillmentOrder': parts})
    assert payload['fulfillment'] is None
    assert len(payload['userErrors']) == 1


def test_cancelling_a_shipment_gives_the_units_back(shop):
    """[R] fulfillment-cancel-parity.json: the old one keeps its line, a new one is open, the order
    opens.
    """
    order = shop.paid(('10.00', 1))
    made = shop.ship(order)['fulfillment']
    cancel = 'mutation C($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status displayStatus } userErrors { field message } } }'
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
    """[R] fulfillment-cancel-parity.json and fulfillment-unknown-not-found.json."""
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
PART = '{ id status supportedActions { action } assignedLocation { location { id } } lineItems(first: 5) { nodes { id totalQuantity lineItem { fulfillableQuantity } } } }'


def actions(node):
    """The actions of a fulfilment order."""
    return [each['action'] for each in node['supportedActions']]


def test_supported_actions(shop):
    """[R] fulfillment-order-lifecycle.json: SPLIT with more than one unit, nothing when closed."""
    one, two = shop.create(('1', 1)), shop.create(('1', 2))
    assert actions(one['fulfillmentOrders']['nodes'][0]) == ACTIONS
    assert actions(two['fulfillmentOrders']['nodes'][0]) == [*ACTIONS, 'SPLIT']
    shop.ship(one)
    assert actions(shop.read(one)['fulfillmentOrders']['nodes'][0]) == []


def test_holding_some_units(shop):
    """[R] fulfillment-order-lifecycle.json, holdRelease: the rest goes to a new one; held units are
    not fulfillable.
    """
    order = shop.create(('1', 2))
    first = order['fulfillmentOrders']['nodes'][0]
    line = first['lineItems']['nodes'][0]['id']
    query = f'''mutation H($id: ID!, $hold: FulfillmentOrderHoldInput!) {{ fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {{
      fulfillmentHold {{ reason displayReason }} fulfillmentOrder {PART} remainingFulfillmentOrder {PART} userErrors {{ message }} }} }}'''
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
    release = f'mutation R($id: ID!) {{ fulfillmentOrderReleaseHold(id: $id) {{ fulfillmentOrder {PART} userErrors {{ message }} }} }}'
    assert shop.mutate(release, id=first['id'])['fulfillmentOrder']['status'] == 'OPEN'


MOVE = f'''mutation M($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {{
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {{
    movedFulfillmentOrder {PART} originalFulfillmentOrder {PART} remainingFulfillmentOrder {PART} userErrors {{ field message }} }} }}'''


def test_moving_some_units(shop):
    """[R] fulfillment-order-lifecycle.json, move: a new one at the new place, the old one keeps the
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
    """[R] fulfillment-order-lifecycle.json, validation."""
    place = shop.store.all('Location')[1]
    body = shop.twin.execute(MOVE, {'id': 'gid://shopify/FulfillmentOrder/0', 'to': place.id})
    (error,) = body['errors']
    assert error['message'] == 'Invalid id: gid://shopify/FulfillmentOrder/0'
    assert error['extensions']['code'] == 'RESOURCE_NOT_FOUND'
    assert body['data'] == {'fulfillmentOrderMove': None}


def test_splitting(shop):
    """[R] fulfillment-order-split-multi.json: the named units leave, both may be merged again."""
    order = shop.create(('1', 2), ('1', 3))
    first = order['fulfillmentOrders']['nodes'][0]
    lines = [node['id'] for node in first['lineItems']['nodes']]
    query = f'''mutation S($splits: [FulfillmentOrderSplitInput!]!) {{ fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {{
      fulfillmentOrderSplits {{ fulfillmentOrder {PART} remainingFulfillmentOrder {PART} }} userErrors {{ code field message }} }} }}'''
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
    merge = f'''mutation M($inputs: [FulfillmentOrderMergeInput!]!) {{ fulfillmentOrderMerge(fulfillmentOrderMergeInputs: $inputs) {{
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


# -- returns

RETURN = '{ id name status closedAt totalQuantity returnLineItems(first: 5) { nodes { id quantity processedQuantity unprocessedQuantity } } order { returnStatus } }'


def shipped_line(shop, units=6):
    """A shipped order and the gid of its shipped line."""
    order = shop.paid(('18.00', units))
    made = shop.ship(order)['fulfillment']
    return order, made['fulfillmentLineItems']['nodes'][0]['id']


def test_return_status_follows_its_returns(shop):
    """[R] order-return-status-lifecycle.json."""
    order, line = shipped_line(shop)
    request = f'mutation R($input: ReturnRequestInput!) {{ returnRequest(input: $input) {{ return {RETURN} userErrors {{ code field message }} }} }}'
    part = {'fulfillmentLineItemId': line, 'quantity': 1}
    first = shop.mutate(request, input={'orderId': order['id'], 'returnLineItems': [part]})[
        'return'
    ]
    assert (first['name'], first['status'], first['order']['returnStatus']) == (
        f"{order['name']}-R1",
        'REQUESTED',
        'RETURN_REQUESTED',
    )
    approve = f'mutation A($input: ReturnApproveRequestInput!) {{ returnApproveRequest(input: $input) {{ return {RETURN} userErrors {{ message }} }} }}'
    assert (
        shop.mutate(approve, input={'id': first['id']})['return']['order']['returnStatus']
        == 'IN_PROGRESS'
    )
    second = shop.mutate(request, input={'orderId': order['id'], 'returnLineItems': [part]})[
        'return'
    ]
    assert second['order']['returnStatus'] == 'RETURN_REQUESTED'
    decline = f'mutation D($input: ReturnDeclineRequestInput!) {{ returnDeclineRequest(input: $input) {{ return {RETURN} userErrors {{ message }} }} }}'
    declined = shop.mutate(decline, input={'id': second['id'], 'declineReason': 'OTHER'})['return']
    assert (declined['status'], declined['order']['returnStatus']) == ('DECLINED', 'IN_PROGRESS')
    close = f'mutation C($id: ID!) {{ returnClose(id: $id) {{ return {RETURN} userErrors {{ message }} }} }}'
    assert shop.mutate(close, id=first['id'])['return']['order']['returnStatus'] == 'RETURNED'


def test_no_more_can_be_returned_than_was_shipped(shop):
    """[R] return-quantity-validation.json."""
    order, line = shipped_line(shop, 2)
    create = f'mutation R($returnInput: ReturnInput!) {{ returnCreate(returnInput: $returnInput) {{ return {RETURN} userErrors {{ code field message }} }} }}'

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


# -- drafts

DRAFT = f'''{{ id name status ready invoiceUrl completedAt totalPriceSet {MONEY} subtotalPriceSet {MONEY} totalDiscountsSet {MONEY}
  totalShippingPriceSet {MONEY} totalQuantityOfLineItems appliedDiscount {{ value valueType amountSet {MONEY} }}
  lineItems(first: 5) {{ nodes {{ id title sku custom quantity originalUnitPriceSet {MONEY} discountedTotalSet {MONEY} }} }}
  order {{ id name sourceName displayFinancialStatus paymentGatewayNames tags transactions {{ kind status gateway }} currentTotalPriceSet {MONEY} }} }}'''
DRAFT_CREATE = f'mutation D($input: DraftOrderInput!) {{ draftOrderCreate(input: $input) {{ draftOrder {DRAFT} userErrors {{ field message }} }} }}'
COMPLETE = f'mutation C($id: ID!) {{ draftOrderComplete(id: $id) {{ draftOrder {DRAFT} userErrors {{ field message }} }} }}'


def draft_line(price='10.00', quantity=1, **facts):
    """A custom line of a draft, in the shop's currency."""
    money = {'amount': price, 'currencyCode': 'EUR'}
    return {
        'title': "Service",
        'quantity': quantity,
        'originalUnitPriceWithCurrency': money,
        'taxable': False,
        **facts,
    }


def test_draft_is_priced_and_completed(shop):
    """[R] draft-order-detail.json in arithmetic, draft-order-complete-parity.json in effect."""
    ten = {'title': "Service discount", 'value': 10, 'valueType': 'PERCENTAGE'}
    five = {
        'title': "Loyalty",
        'description': "order-level",
        'value': 5,
        'valueType': 'FIXED_AMOUNT',
    }
    given = {
        'lineItems': [draft_line('20.00', 2, appliedDiscount=ten), draft_line('949.95')],
        'appliedDiscount': five,
        'shippingLine': {
            'title': "Courier",
            'priceWithCurrency': {'amount': '7.25', 'currencyCode': 'EUR'},
        },
        'tags': ['b', 'a'],
        'taxExempt': True,
    }
    draft = shop.mutate(DRAFT_CREATE, input=given)['draftOrder']
    found = [
        amount(draft[name])
        for name in (
            'subtotalPriceSet',
            'totalPriceSet',
            'totalDiscountsSet',
            'totalShippingPriceSet',
        )
    ]
    assert found == ['980.95', '988.2', '9.0', '7.25']
    assert (draft['status'], draft['ready'], draft['totalQuantityOfLineItems']) == ('OPEN', True, 3)
    assert amount(draft['lineItems']['nodes'][0]['discountedTotalSet']) == '36.0'
    assert shop.store.all('Order') == []
    done = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']
    assert (done['status'], amount(done['order']['currentTotalPriceSet'])) == ('COMPLETED', '988.2')
    assert (done['order']['displayFinancialStatus'], done['order']['paymentGatewayNames']) == (
        'PAID',
        ['manual'],
    )
    assert done['order']['tags'] == ['a', 'b']
    again = shop.mutate(COMPLETE, id=draft['id'])
    assert messages(again) == [(['id'], "This order has been paid")]
    assert again['draftOrder']['order']['id'] == done['order']['id']
    assert len(shop.store.all('Order')) == 1


def test_draft_on_terms_stays_pending(shop):
    """[R] draft-order-complete-payment-terms-pending.json."""
    terms = {
        'paymentTermsTemplateId': 'gid://shopify/PaymentTermsTemplate/4',
        'paymentSchedules': [{'issuedAt': '2026-07-29T12:00:00Z'}],
    }
    draft = shop.mutate(
        DRAFT_CREATE, input={'lineItems': [draft_line('42.00')], 'paymentTerms': terms}
    )['draftOrder']
    order = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']['order']
    assert (order['displayFinancialStatus'], order['paymentGatewayNames']) == (
        'PENDING',
        ['manual'],
    )
    assert order['transactions'] == [{'kind': 'SALE', 'status': 'PENDING', 'gateway': 'manual'}]
    read = '{ paymentTerms { paymentTermsName dueInDays paymentSchedules(first: 5) { nodes { dueAt balanceDue { amount } } } } }'
    found = shop.run(f'query O($id: ID!) {{ order(id: $id) {read} }}', id=order['id'])['order'][
        'paymentTerms'
    ]
    assert (found['paymentTermsName'], found['dueInDays']) == ("Net 30", 30)
    assert found['paymentSchedules']['nodes'] == [
        {'dueAt': '2026-08-28T12:00:00Z', 'balanceDue': {'amount': '42.0'}}
    ]


def test_a_variants_own_facts_win_in_a_draft(shop):
    """[R] draft-order-variant-custom-only-fields.json."""
    product = world.new_product(shop.store, "Source")
    variant = world.new_variant(shop.store, product, Decimal('19.95'), sku='REAL')
    line = draft_line('0.01', 2, title="Bogus", sku='BOGUS', variantId=variant.id)
    draft = shop.mutate(DRAFT_CREATE, input={'lineItems': [line]})['draftOrder']
    (made,) = draft['lineItems']['nodes']
    assert (made['title'], made['sku'], made['custom'], amount(made['originalUnitPriceSet'])) == (
        "Source",
        'REAL',
        False,
        '19.95',
    )


def test_draft_refusals(shop):
    """[R] draftOrderCalculate-validation-and-shipping-rates.json: no lines, bad e-mail; nothing is
    made.
    """
    empty = shop.mutate(DRAFT_CREATE, input={'lineItems': []})
    assert messages(empty) == [(None, "Add at least 1 product")]
    bad = shop.mutate(DRAFT_CREATE, input={'email': 'bad email', 'lineItems': [draft_line()]})
    assert messages(bad) == [(['email'], "Email is invalid")]
    assert shop.store.all('DraftOrder') == []


def test_calculating_keeps_nothing(shop):
    """draftOrderCalculate prices and forgets."""
    query = f'''mutation C($input: DraftOrderInput!) {{ draftOrderCalculate(input: $input) {{
      calculatedDraftOrder {{ currencyCode totalPriceSet {MONEY} availableShippingRates {{ handle }} }} userErrors {{ message }} }} }}'''
    before = len(shop.store.by_gid)
    payload = shop.mutate(query, input={'lineItems': [draft_line('42.00', 2)]})
    assert amount(payload['calculatedDraftOrder']['totalPriceSet']) == '84.0'
    assert len(shop.store.by_gid) == before


def test_deleting_a_draft(shop):
    """It is gone, and said so."""
    draft = shop.mutate(DRAFT_CREATE, input={'lineItems': [draft_line()]})['draftOrder']
    query = 'mutation D($input: DraftOrderDeleteInput!) { draftOrderDelete(input: $input) { deletedId userErrors { message } } }'
    assert shop.mutate(query, input={'id': draft['id']})['deletedId'] == draft['id']
    assert shop.store.get(draft['id']) is None


# -- terms, tags, metafields, products


def test_payment_terms_on_an_order(shop):
    """[R] payment-terms-create-on-order.json: due in presentment currency, one schedule only."""
    prices = {
        'shopMoney': {'amount': '42.50', 'currencyCode': 'CAD'},
        'presentmentMoney': {'amount': '57.00', 'currencyCode': 'USD'},
    }
    order = shop.create(
        {'title': "T", 'quantity': 1, 'priceSet': prices}, presentmentCurrency='USD'
    )
    query = '''mutation P($id: ID!, $attrs: PaymentTermsCreateInput!) { paymentTermsCreate(referenceId: $id, paymentTermsAttributes: $attrs) {
      paymentTerms { due overdue dueInDays paymentTermsName paymentSchedules(first: 2) { nodes { dueAt completedAt balanceDue { amount currencyCode } } } }
      userErrors { code field message } } }'''
    attrs = {
        'paymentTermsTemplateId': 'gid://shopify/PaymentTermsTemplate/4',
        'paymentSchedules': [{'issuedAt': '2026-05-05T00:00:00Z'}],
    }
    twice = {**attrs, 'paymentSchedules': attrs['paymentSchedules'] * 2}
    (error,) = shop.mutate(query, id=order['id'], attrs=twice)['userErrors']
    assert error['message'] == "Cannot create payment terms with multiple payment schedules."
    terms = shop.mutate(query, id=order['id'], attrs=attrs)['paymentTerms']
    (schedule,) = terms['paymentSchedules']['nodes']
    assert schedule == {
        'dueAt': '2026-06-04T00:00:00Z',
        'completedAt': None,
        'balanceDue': {'amount': '57.0', 'currencyCode': 'USD'},
    }
    shop.mutate(PAID, input={'id': order['id']})
    assert shop.store.get(order['id']).payment_terms.payment_schedules[0].completed_at


def test_tags_are_added_and_removed(shop):
    """On top of what is there, without regard to case when removed."""
    order = shop.create(('1', 1), tags=['one'])
    add = 'mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { message } } }'
    remove = add.replace('tagsAdd', 'tagsRemove')
    shop.mutate(add, id=order['id'], tags=['two', 'one'])
    assert shop.read(order)['tags'] == ['one', 'two']
    shop.mutate(remove, id=order['id'], tags=['ONE'])
    assert shop.read(order)['tags'] == ['two']


def test_metafields_are_compared_and_set(shop):
    """STALE_OBJECT unless the digest is the present one."""
    order = shop.create(('1', 1))
    query = '''mutation M($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
      metafields { key value compareDigest } userErrors { code field elementIndex } } }'''
    given = {
        'ownerId': order['id'],
        'namespace': 'odoo',
        'key': 'name',
        'value': 'S1',
        'type': 'single_line_text_field',
    }
    (made,) = shop.mutate(query, m=[given])['metafields']
    stale = shop.mutate(query, m=[{**given, 'value': 'S2', 'compareDigest': 'x'}])
    assert stale['userErrors'][0]['code'] == 'STALE_OBJECT'
    fresh = shop.mutate(query, m=[{**given, 'value': 'S2', 'compareDigest': made['compareDigest']}])
    assert fresh['metafields'][0]['value'] == 'S2'
    read = 'query R($id: ID!) { order(id: $id) { metafield(namespace: "odoo", key: "name") { value } } }'
    assert shop.run(read, id=order['id'])['order']['metafield'] == {'value': 'S2'}


def test_a_product_is_made_with_its_default_variant(shop):
    """[R] draft-order-variant-custom-only-fields.json, setup."""
    create = 'mutation P($p: ProductCreateInput!) { productCreate(product: $p) { product { id variants(first: 1) { nodes { id title } } } userErrors { message } } }'
    product = shop.mutate(create, p={'title': "Catalog source", 'status': 'DRAFT'})['product']
    (variant,) = product['variants']['nodes']
    assert variant['title'] == 'Default Title'
    update = '''mutation V($id: ID!, $v: [ProductVariantsBulkInput!]!) { productVariantsBulkUpdate(productId: $id, variants: $v) {
      productVariants { sku price barcode taxable } userErrors { message } } }'''
    given = {
        'id': variant['id'],
        'price': '19.95',
        'barcode': '4006381333931',
        'inventoryItem': {'sku': 'S'},
    }
    (after,) = shop.mutate(update, id=product['id'], v=[given])['productVariants']
    assert after == {'sku': 'S', 'price': '19.95', 'barcode': '4006381333931', 'taxable': True}


def test_a_customer_is_made_once(shop):
    """The e-mail is taken then."""
    query = 'mutation C($i: CustomerInput!) { customerCreate(input: $i) { customer { displayName } userErrors { field message } } }'
    given = {'firstName': "Ada", 'lastName': "Lovelace", 'email': 'ada@example.com'}
    assert shop.mutate(query, i=given)['customer'] == {'displayName': "Ada Lovelace"}
    assert messages(shop.mutate(query, i=given)) == [(['email'], "Email has already been taken")]


# -- companies, parcels back, drafts of orders

COMPANY = '''mutation C($input: CompanyCreateInput!) { companyCreate(input: $input) {
  company { id mainContact { id isMainContact customer { id displayName } roleAssignments(first: 5) { nodes { companyLocation { id } } } }
    locations(first: 5) { nodes { id name billingAddress { address1 } shippingAddress { address1 } } }
    contactRoles(first: 5) { nodes { name } } } userErrors { code message } } }'''


def company(shop):
    """A company with a contact and a branch."""
    given = {
        'company': {'name': "Acme", 'externalId': 'C1'},
        'companyContact': {'firstName': "Ada", 'lastName': "B", 'email': 'ada@example.com'},
        'companyLocation': {
            'billingSameAsShipping': True,
            'shippingAddress': {'address1': "123 Main", 'countryCode': 'CA'},
        },
    }
    return shop.mutate(COMPANY, input=given)['company']


def test_a_company_with_contact_and_branch(shop):
    """[R] b2b-location-address-management.json: the branch is called by its street."""
    made = company(shop)
    (branch,) = made['locations']['nodes']
    assert branch['name'] == "123 Main"
    assert branch['billingAddress'] == branch['shippingAddress'] == {'address1': "123 Main"}
    assert made['mainContact']['customer']['displayName'] == "Ada B"
    assert [role['name'] for role in made['contactRoles']['nodes']] == [
        "Location admin",
        "Ordering only",
    ]
    assigned = made['mainContact']['roleAssignments']['nodes']
    assert assigned == [{'companyLocation': {'id': branch['id']}}]


def test_an_order_of_a_company(shop):
    """R-45: purchasing entity with company, contact and branch; a company with orders stays."""
    made = company(shop)
    branch = made['locations']['nodes'][0]['id']
    customer = made['mainContact']['customer']['id']
    order = shop.create(
        ('10', 1), companyLocationId=branch, customer={'toAssociate': {'id': customer}}
    )
    read = '{ purchasingEntity { __typename ... on PurchasingCompany { company { id } contact { id } location { id } } } }'
    entity = shop.run(f'query O($id: ID!) {{ order(id: $id) {read} }}', id=order['id'])['order'][
        'purchasingEntity'
    ]
    assert entity == {
        '__typename': 'PurchasingCompany',
        'company': {'id': made['id']},
        'contact': {'id': made['mainContact']['id']},
        'location': {'id': branch},
    }
    delete = (
        'mutation D($id: ID!) { companyDelete(id: $id) { deletedCompanyId userErrors { code } } }'
    )
    assert shop.mutate(delete, id=made['id'])['userErrors'] == [{'code': 'FAILED_TO_DELETE'}]


def test_deleting_a_branch_takes_its_roles_away(shop):
    """[R] b2b-location-address-management.json."""
    made = company(shop)
    branch = made['locations']['nodes'][0]['id']
    delete = '''mutation D($id: ID!) { companyLocationDelete(companyLocationId: $id) {
      deletedCompanyLocationId userErrors { code } } }'''
    assert shop.mutate(delete, id=branch)['deletedCompanyLocationId'] == branch
    contact = shop.store.get(made['mainContact']['id'])
    assert contact.role_assignments == []


def test_a_parcel_on_its_way_back(shop):
    """[R] return-reverse-logistics-recorded.json: no lines named means all; too many are
    refused.
    """
    order, line = shipped_line(shop, 2)
    create = 'mutation R($input: ReturnInput!) { returnCreate(returnInput: $input) { return { reverseFulfillmentOrders(first: 1) { nodes { id lineItems(first: 1) { nodes { id } } } } } userErrors { message } } }'
    part = {'fulfillmentLineItemId': line, 'quantity': 1, 'returnReason': 'OTHER'}
    made = shop.mutate(create, input={'orderId': order['id'], 'returnLineItems': [part]})['return']
    (goods,) = made['reverseFulfillmentOrders']['nodes']
    send = '''mutation S($id: ID!, $lines: [ReverseDeliveryLineItemInput!]!, $tracking: ReverseDeliveryTrackingInput) {
      reverseDeliveryCreateWithShipping(reverseFulfillmentOrderId: $id, reverseDeliveryLineItems: $lines, trackingInput: $tracking) {
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


def test_a_draft_of_an_order(shop):
    """[R] draft-order-create-from-order-parity.json: its lines and tags, not its discounts and
    shipping.
    """
    product = world.new_product(shop.store, "Board")
    variant = world.new_variant(shop.store, product, Decimal('949.95'))
    code = {'itemFixedDiscountCode': {'code': 'X', 'amountSet': cash('5.00', 'EUR')}}
    lines = [
        item('20.00', 2, priceSet=cash('20.00', 'EUR')),
        {'variantId': variant.id, 'quantity': 1},
    ]
    order = shop.create(*lines, currency='EUR', tags=['t'], discountCode=code)
    query = f'mutation D($id: ID!) {{ draftOrderCreateFromOrder(orderId: $id) {{ draftOrder {DRAFT} userErrors {{ message }} }} }}'
    draft = shop.mutate(query, id=order['id'])['draftOrder']
    assert amount(draft['totalPriceSet']) == amount(draft['subtotalPriceSet']) == '989.95'
    assert [line['custom'] for line in draft['lineItems']['nodes']] == [True, False]


def test_a_drafts_own_discount_counts_as_a_code(shop):
    """[R] draft-order-create-from-order-parity.json: discountCodes ["Loyalty credit"]."""
    five = {'title': "Loyalty credit", 'value': 5, 'valueType': 'FIXED_AMOUNT'}
    given = {'lineItems': [draft_line('20.00')], 'appliedDiscount': five}
    draft = shop.mutate(DRAFT_CREATE, input=given)['draftOrder']
    order = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']['order']
    assert shop.read(order)['discountCodes'] == ["Loyalty credit"]


def test_a_deleted_order_is_gone(shop):
    """[R] order-live-hybrid-mixed-catalog.json."""
    order = shop.create(('1', 1))
    query = (
        'mutation D($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }'
    )
    assert shop.mutate(query, id=order['id'])['deletedId'] == order['id']
    assert shop.read(order) is None
    assert shop.store.all('FulfillmentOrder') == []
