"""What happens to generated orders: payment, shipping, refunds."""

from datetime import timedelta
from decimal import Decimal

from ..engine import fulfillment, refunds, verbs
from ..engine.fulfillment import FulfillmentTrackingInfo
from ..engine.money import MoneyV2, quantize
from ..engine.payments import (
    CardPaymentDetails,
    LocalPaymentMethodsPaymentDetails,
    TransactionFee,
)

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)

# -- payment


def pay_by_card(sketch, order, amount=None):
    """Pay all of it with Shopify Payments, with the fee it takes."""
    amount = amount or order.total_outstanding_set
    if not amount:
        return None
    card = CardPaymentDetails(sketch.random.choice(("Visa", "Mastercard", "American Express")))
    token = f'p{sketch.random.getrandbits(48):012x}'
    move = verbs.pay(
        sketch.store,
        order,
        amount,
        'shopify_payments',
        payment_details=card,
        payment_id=token,
        account_number=card.number,
        settlement_currency=order.currency_code,
        settlement_currency_rate=Decimal(1),
    )
    move.fees.append(card_fee(sketch, amount))
    return move


def card_fee(sketch, amount):
    """Return a processing fee of 1.5 % and 0.25."""
    currency = amount.shop.currency_code
    flat = MoneyV2(quantize(Decimal('0.25'), currency), currency)
    cost = MoneyV2(
        quantize(amount.shop.amount * Decimal('0.015') + flat.amount, currency), currency
    )
    return TransactionFee(
        sketch.store.next_gid('TransactionFee'),
        cost,
        flat,
        None,
        Decimal('0.015'),
        "1.5%",
        MoneyV2(Decimal(0), currency),
    )


def pay_manually(sketch, order):
    """Leave a pending bank deposit."""
    verbs.pay(sketch.store, order, order.total_outstanding_set, "Bank Deposit", status='PENDING')


def pay_on_terms(sketch, order):
    """Leave the pending manual sale of an order with payment terms."""
    verbs.pay(sketch.store, order, order.total_outstanding_set, 'manual', status='PENDING')


def pay_locally(sketch, order):
    """Pay with iDEAL."""
    details = LocalPaymentMethodsPaymentDetails('ideal', "NL91ABNA0417164300")
    verbs.pay(sketch.store, order, order.total_outstanding_set, 'ideal', payment_details=details)


def authorize(sketch, order):
    """Reserve the amount on the card without taking it."""
    card = CardPaymentDetails("Visa")
    expires = sketch.placed_at + timedelta(days=7)
    return verbs.pay(
        sketch.store,
        order,
        order.total_outstanding_set,
        'shopify_payments',
        kind='AUTHORIZATION',
        payment_details=card,
        payment_id='auth',
        authorization_expires_at=expires,
    )


# -- shipping


def ship(sketch, order, share=None):
    """Ship every open fulfilment order, or about `share` of its units."""
    for fulfillment_order in list(order.all_fulfillment_orders):
        if fulfillment_order.status not in fulfillment.FULFILLABLE:
            continue
        chosen = None
        if share is not None:
            chosen = part_of(fulfillment_order, share)
        number = f'JJD{sketch.random.randrange(10**9, 10**10)}'
        parcel = FulfillmentTrackingInfo("DHL", number, f'https://example.com/track/{number}')
        fulfillment.fulfil(sketch.store, order, [(fulfillment_order, chosen)], [parcel])


def part_of(fulfillment_order, share):
    """Return {line: quantity} of about `share` of the units, at least one and not all."""
    wanted = max(1, int(fulfillment_order.remaining * share))
    chosen = {}
    for item in fulfillment_order.line_items:
        taken = min(item.remaining_quantity, wanted - sum(chosen.values()))
        if taken:
            chosen[item] = taken
    return chosen


def archive(sketch, order):
    """Close the order."""
    verbs.close(sketch.store, order)


def taken_back(order, count=None, kind_of_restock='RETURN'):
    """Return refund lines of `count` units of the first product line, or of everything."""
    lines = [line for line in order.product_lines if line.current_quantity]
    if count is None:
        return [
            (line, line.current_quantity, kind_of_restock, line.location, None) for line in lines
        ]
    return [
        (lines[0], min(count, lines[0].current_quantity), kind_of_restock, lines[0].location, None)
    ]


def give_back(sketch, order, plan):
    """Refund what the plan's lines and shipping are worth to the first payment."""
    worth = order.zero
    for line, quantity, *_rest in plan.lines:
        worth += refunds.line_worth(line, quantity)
    for line, amount in plan.shipping:
        worth += amount or line.current_discounted_price_set
        if not order.taxes_included and amount is None:
            worth += line.current_tax
    moves = [move for move in order.transactions if move.refundable_amount]
    plan.payments = spread(moves, worth)
    return refunds.refund(sketch.store, order, plan)


def spread(moves, amount):
    """Return (payment, part) pairs: each payment gives back what it can, the first one first."""
    found = []
    for move in moves:
        part = amount.combine(move.refundable_amount, lambda mine, most, _currency: min(mine, most))
        if part:
            found.append((move, part))
            amount -= part
    return found
