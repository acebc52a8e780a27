"""M-11, the twin's part: any sequence of happenings leaves an order whose sums and units agree."""

from random import Random

import pytest

from shopify_twin.engine import fulfillment, new_store, refunds, returns, verbs
from shopify_twin.engine.building import DiscountSpec, LineSpec, ShippingSpec
from shopify_twin.engine.fulfillment import FULFILLABLE, LIVE
from shopify_twin.engine.refunds import RefundPlan
from shopify_twin.generator import KINDS, generate

from .engine_arithmetic import given_back, moved, side, sold

STEPS = 10


def refund_some(store, order, random):
    """Take a random part back and pay back as much as the payments allow."""
    lines = [line for line in order.line_items if line.current_quantity]
    if not lines:
        return
    line = random.choice(lines)
    quantity = random.randint(1, line.current_quantity)
    kind = random.choice(('RETURN', 'CANCEL', 'NO_RESTOCK'))
    plan = RefundPlan([(line, quantity, kind, None, None)])
    paid = [move for move in order.transactions if move.refundable_amount]
    if paid and random.random() < 0.8:
        worth = refunds.line_worth(line, quantity)
        most = paid[0].refundable_amount
        amount = worth.combine(most, lambda mine, limit, _currency: min(mine, limit))
        plan.payments = [(paid[0], amount)]
    refunds.refund(store, order, plan)


def refund_shipping(store, order, _random):
    """Give the first shipping line back."""
    lines = [line for line in order.shipping_lines if line.current_discounted_price_set]
    if lines:
        refunds.refund(store, order, RefundPlan(shipping=[(lines[0], None)]))


def change_quantities(store, order, random):
    """Edit: fewer or more units of a line, a new line, a discount, another way of shipping."""
    lines = [line for line in order.line_items if line.current_quantity and line.merchant_editable]
    plan = verbs.EditPlan()
    if lines:
        line = random.choice(lines)
        least = line.current_quantity - line.unfulfilled_quantity
        plan.quantities[line] = random.randint(max(least, 0), line.current_quantity + 2)
    price = order.rates.bag('7.77')
    plan.added = [LineSpec(price, random.randint(1, 3), "Extra")]
    if random.random() < 0.5:
        spec = DiscountSpec('manual', "Sorry", 33, allocation='EACH', selection='EXPLICIT')
        plan.discounts = [(('added', 0), spec)]
    if random.random() < 0.3:
        plan.removed_shipping = [
            line for line in order.shipping_lines if not line.refund_shipping_lines
        ][:1]
        plan.shipping = [ShippingSpec("Courier", order.rates.bag('3.21'), custom=True)]
    verbs.edit(store, order, plan)


def ship_some(store, order, random):
    """Ship a random part of an open fulfilment order."""
    found = [each for each in order.all_fulfillment_orders if each.status in FULFILLABLE]
    found = [each for each in found if each.remaining]
    if found:
        chosen = random.choice(found)
        units = {item: random.randint(0, item.remaining_quantity) for item in chosen.line_items}
        if any(units.values()):
            fulfillment.fulfil(store, order, [(chosen, units)])


def take_shipment_back(store, order, random):
    """Cancel a random shipment."""
    found = [each for each in order.fulfillments if each.status == 'SUCCESS']
    if found:
        fulfillment.cancel_fulfillment(store, random.choice(found))


def move_some(store, order, random):
    """Move some units to another location."""
    found = [each for each in order.all_fulfillment_orders if each.status == 'OPEN']
    if found:
        chosen = random.choice(found)
        units = {item: random.randint(0, item.remaining_quantity) for item in chosen.line_items}
        units = {item: quantity for item, quantity in units.items() if quantity}
        if units:
            fulfillment.carve(store, chosen, units, store.all('Location')[1])


def hold_and_release(store, order, random):
    """Hold a fulfilment order, or release one."""
    held = [each for each in order.all_fulfillment_orders if each.status == 'ON_HOLD']
    free = [each for each in order.all_fulfillment_orders if each.status == 'OPEN']
    if held and random.random() < 0.6:
        fulfillment.release(store, held[0])
    elif free:
        fulfillment.hold(store, free[0])


def return_some(store, order, random):
    """Open a return of one shipped unit."""
    lines = [line for each in order.fulfillments for line in each.fulfillment_line_items]
    lines = [line for line in lines if line.counts and returns.returnable_quantity(line)]
    if lines:
        part = {'fulfillment_line_item': random.choice(lines), 'quantity': 1}
        returns.open_return(store, order, [part])


def pay_rest(store, order, _random):
    """Book what is outstanding."""
    if order.can_mark_as_paid:
        verbs.mark_as_paid(store, order)


HAPPENINGS = (
    refund_some,
    refund_some,
    refund_shipping,
    change_quantities,
    ship_some,
    ship_some,
    take_shipment_back,
    move_some,
    hold_and_release,
    return_some,
    pay_rest,
)


def check_money(order, name):
    """The totals follow from the parts."""
    assert side(order.total_price_set, name) == sold(order, name)
    left = sold(order, name) - given_back(order, name)
    assert side(order.current_total_price_set, name) == left
    net = moved(order, 'SALE', 'CAPTURE', name=name) - moved(order, 'REFUND', name=name)
    assert side(order.net_payment_set, name) == net
    held = side(order.total_capturable_set, name)
    differences = side(order.refund_discrepancy_set, name)
    rounding = sum(side(move.amount_rounding_set, name) for move in order.transactions)
    expected = left + differences - net - held + rounding
    assert side(order.total_outstanding_set, name) == expected


def check_units(order):
    """Units are shipped, waiting or taken back; none is lost or counted twice."""
    for line in order.line_items:
        assert 0 <= line.current_quantity <= line.quantity
        waiting = sum(
            item.remaining_quantity
            for each in order.all_fulfillment_orders
            if each.status in LIVE
            for item in each.line_items
            if item.line_item is line
        )
        if not line.is_tip:
            assert waiting == line.unfulfilled_quantity, (line, order.name)


def check_taxes(order, name):
    """The merged tax lines say the same as the total, before and after."""
    sold_taxes = sum(side(tax.price_set, name) for tax in order.tax_lines)
    assert sold_taxes == side(order.total_tax_set, name)
    left = sum(side(tax.price_set, name) for tax in order.current_tax_lines)
    assert left == side(order.current_total_tax_set, name)


@pytest.mark.parametrize('seed', range(40))
def test_any_sequence_adds_up(seed):
    """M-11: after each step sums, taxes, units and the ledger agree, in both currencies."""
    random = Random(seed)  # noqa: S311 (reproducible, no secret)
    store = new_store(seed=seed)
    store.auto_archive = False
    kinds = [random.choice(sorted(KINDS)) for _turn in range(4)]
    for order in generate(store, 4, seed, kinds):
        if order.cancelled_at:
            continue
        for _step in range(STEPS):
            random.choice(HAPPENINGS)(store, order, random)
            for name in ('shop', 'presentment'):
                check_money(order, name)
                check_taxes(order, name)
            check_units(order)
            check_ledger(order)
        verbs.cancel(store, order, pay_back=True)
        assert not order.current_total_price_set
        assert order.current_subtotal_line_items_quantity == 0


def check_ledger(order):
    """Sales without adjustments come to what the order is worth."""
    sales = [sale for agreement in order.agreements for sale in agreement.sales]
    whole = sum(side(sale.total_amount, 'shop') for sale in sales if sale.line_type != 'ADJUSTMENT')
    assert whole == side(order.current_total_price_set, 'shop')
