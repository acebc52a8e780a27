"""refundCreate."""

from ..engine import refunds
from ..engine.errors import TwinError, UserError
from ..engine.money import MoneyBag, MoneyV2, quantize
from ..engine.refunds import RefundPlan
from .common import decimal, done, failed, must_find
from .registry import mutation

#: Signs Shopify writes before amounts in messages; other currencies go without [I].
SIGNS = {'USD': '$', 'CAD': '$', 'EUR': '€', 'GBP': '£', 'JPY': '¥'}


@mutation('refundCreate')
def refund_create(store, input, **_directives):  # noqa: A002 (Shopify's name)
    """Refund units, shipping, duties and money; refusals as recorded ([R] refund-create-*.json).

    The ``@idempotent`` directive is the executor's business, see `registry.NEEDS_KEY`.
    """
    order = store.find('Order', input['orderId'])
    if order is None:
        return failed(UserError(['orderId'], "Order does not exist"), refund=None, order=None)
    error = quantity_error(store, order, input) or payment_error(store, order, input)
    if error:
        return failed(error, refund=None, order=order)
    plan = plan_of(store, order, input)
    made = refunds.refund(store, order, plan)
    if input.get('processedAt'):
        made.processed_at = input['processedAt']
    store.emit('REFUNDS_CREATE', made)
    store.emit('ORDERS_UPDATED', order)
    return done(refund=made, order=order)


def quantity_error(store, order, given):
    """Return the complaint about units that cannot be refunded, or None."""
    asked = {}
    for index, part in enumerate(given.get('refundLineItems') or ()):
        line = store.find('LineItem', part['lineItemId'])
        if line is None or line.order is not order:
            # [I] wording.
            return UserError(['refundLineItems', index, 'lineItemId'], "Line item does not exist")
        asked[line] = asked.get(line, 0) + part['quantity']
        if asked[line] > line.refundable_quantity:
            message = "Quantity cannot refund more items than were purchased"
            return UserError(['refundLineItems', index, 'quantity'], message)
    return None


def payment_error(store, order, given):
    """Return the complaint about the transactions, or None."""
    whole = decimal(0)
    for part in given.get('transactions') or ():
        if part['kind'] != 'REFUND':
            return UserError(None, f"Kind {part['kind'].lower()} is not a valid transaction")
        parent = store.find('OrderTransaction', part.get('parentId'))
        if parent is None or parent.order is not order:
            message = "Transactions require a parent_id associated with the order"
            return UserError(['transactions'], message)
        whole += decimal(part['amount'])
    net = order.net_payment_set.presentment
    # [R] `allowOverRefunding` makes no difference here.
    if whole > net.amount:
        asked, there = shown(whole, net), shown(net.amount, net)
        message = f"Refund amount {asked} is greater than net payment received {there}"
        return UserError(None, message)
    return None


def shown(amount, like):
    """Return an amount as messages show it: "$999.00"."""
    sign = SIGNS.get(like.currency_code, '')
    return f'{sign}{quantize(amount, like.currency_code)}'


def plan_of(store, order, given):
    """Return the plan of a checked ``RefundInput``."""
    plan = RefundPlan(note=given.get('note'))
    if given.get('discrepancyReason'):
        plan.reason = given['discrepancyReason']
    for part in given.get('refundLineItems') or ():
        line = store.get(part['lineItemId'])
        location = (
            must_find(store, 'Location', part['locationId']) if part.get('locationId') else None
        )
        plan.lines.append(
            (line, part['quantity'], part.get('restockType') or 'NO_RESTOCK', location, None)
        )
    plan.shipping = shipping_of(order, given.get('shipping') or {})
    for part in given.get('refundDuties') or ():
        duty = must_find(store, 'Duty', part['dutyId'])
        plan.duties.append((duty, None))
    for part in given.get('transactions') or ():
        parent = store.get(part['parentId'])
        plan.payments.append((parent, paid_bag(order, decimal(part['amount']))))
    return plan


def shipping_of(order, given):
    """Return the shipping part: all of it, or an amount from the lines in turn."""
    if given.get('fullRefund'):
        return [(line, None) for line in order.shipping_lines if line.current_discounted_price_set]
    left = decimal(given.get('amount') or 0)
    found = []
    for line in order.shipping_lines:
        part = min(left, line.current_discounted_price_set.presentment.amount)
        if part:
            found.append((line, paid_bag(order, part)))
            left -= part
    if left:
        # [I] wording.
        raise TwinError("Refund shipping amount exceeds the refundable shipping amount", 'INVALID')
    return found


def paid_bag(order, amount):
    """Return the bag of an amount in presentment currency, as refund inputs give it [S]."""
    rates = order.rates
    if rates.presentment_currency == rates.currency:
        return rates.bag(amount)
    received = order.total_received_set
    rate = (
        received.presentment.amount / received.shop.amount if received.shop.amount else rates.rate
    )
    shop = MoneyV2(quantize(amount / rate, rates.currency), rates.currency)
    return MoneyBag(shop, MoneyV2(amount, rates.presentment_currency))
