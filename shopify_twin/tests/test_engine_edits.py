"""Order edits, staged and committed, as recorded."""

from decimal import Decimal

import pytest

from shopify_twin.engine import world

from .engine_shop import HEAD, MONEY, Shop, amount, back, messages, refunded


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


SESSION = f'''calculatedOrder {{ id totalPriceSet {MONEY} originalOrder {{ id }}
  lineItems(first: 10) {{ nodes {{ id title quantity }} }} addedLineItems(first: 5) {{ nodes {{ id
    title quantity }} }} }}'''


BEGIN = f'''mutation B($id: ID!) {{ orderEditBegin(id: $id) {{ {SESSION} orderEditSession {{ id }}
    userErrors {{ message }} }} }}'''


ADD = f'''mutation A($id: ID!, $title: String!, $quantity: Int!, $price: MoneyInput!) {{
  orderEditAddCustomItem(id: $id, title: $title, quantity: $quantity, price: $price) {{ {SESSION}
    calculatedLineItem {{ id title quantity }} userErrors {{ field message }} }} }}'''


SET = f'''mutation S($id: ID!, $lineItemId: ID!, $quantity: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $lineItemId, quantity: $quantity, restock: true) {{
    {SESSION}
    calculatedLineItem {{ title quantity }} userErrors {{ field message }} }} }}'''


DISCOUNT = f'''mutation D($id: ID!, $lineItemId: ID!, $discount: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $lineItemId, discount: $discount) {{ {SESSION}
    addedDiscountStagedChange {{ id description }}
    calculatedLineItem {{ id hasStagedLineItemDiscount discountedUnitPriceSet {MONEY}
      calculatedDiscountAllocations {{ allocatedAmountSet {MONEY} discountApplication {{ id
        description }} }} }}
    userErrors {{ field message }} }} }}'''


COMMIT = f'''mutation C($id: ID!) {{ orderEditCommit(id: $id, notifyCustomer: false, staffNote:
    "n") {{
  order {{ {HEAD} }} successMessages userErrors {{ field message }} }} }}'''


def begun(shop, order):
    """Begin an edit and return the calculated order."""
    return shop.mutate(BEGIN, id=order['id'])['calculatedOrder']


def test_adding_an_unpaid_item_makes_it_partially_paid(shop):
    """A9, [R] order-edit-commit-derived-statuses.json."""
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
    """A9, [R] order-edit-existing-order-zero-removal.json: quantity 1, current quantity 0."""
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
    """M-10: outstanding turns negative; the refund that settles it is no discrepancy."""
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
    """A9, [R] order-edit-line-discount-percent-value.json."""
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
    """A9, [R] order-edit-existing-order-happy-path.json."""
    product = world.new_product(shop.store, "Board")
    variant = world.new_variant(shop.store, product, Decimal('2629.95'))
    order = shop.create(('12.00', 1))
    edit = begun(shop, order)
    add = f'''mutation V($id: ID!, $variantId: ID!) {{ orderEditAddVariant(id: $id, variantId:
        $variantId, quantity: 1) {{
      {SESSION} calculatedLineItem {{ title quantity originalUnitPriceSet {MONEY} }} userErrors {{
        message }} }} }}'''
    payload = shop.mutate(add, id=edit['id'], variantId=variant.id)
    assert amount(payload['calculatedLineItem']['originalUnitPriceSet']) == '2629.95'
    after = shop.mutate(COMMIT, id=edit['id'])['order']
    assert [line['title'] for line in after['lineItems']['nodes']] == ["Thing", "Board"]
    assert ('ORDERS_EDITED', order['id']) in shop.told


def test_an_empty_edit_is_refused(shop):
    """M-10: nothing staged, nothing committed."""
    order = shop.create(('12.00', 1))
    payload = shop.mutate(COMMIT, id=begun(shop, order)['id'])
    assert messages(payload)
    assert shop.read(order)['edited'] is False
