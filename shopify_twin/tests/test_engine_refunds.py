"""Refunds and what they do to an order, as recorded."""

from decimal import Decimal

import pytest

from .engine_shop import Shop, amount, back, cash, item, messages, payment, refunded


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


def test_refund_of_units_and_shipping(shop):
    """A9, [R] refund-create-full-parity.json in money and status (see the report for
    `subtotalSet`).
    """
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
    """A9, [R] refund-create-user-errors-and-quantities.json: 45.0 becomes 35.0, current
    quantity 1.
    """
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
    """A9, [R] refund-create-transactions-validation.json; the gateway is the parent's, whatever was
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
    """A9, [R] refund-create-user-errors-and-quantities.json."""
    payload = refunded(shop, {'id': 'gid://shopify/Order/9'})
    assert messages(payload) == [(['orderId'], "Order does not exist")]


def test_a_tax_is_refunded_unit_by_unit_to_the_cent(shop):
    """M-10: three refunds of one unit give back exactly the tax of three units."""
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
