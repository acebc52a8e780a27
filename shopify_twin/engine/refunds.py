"""Refunds: units taken back, shipping and duties given back, money returned.

An order edit or cancellation that removes units leaves a refund too: without transactions, worth
nothing [R].
"""

from dataclasses import dataclass, field
from datetime import datetime

from .fulfillment import settle_units
from .money import ZERO, MoneyBag, MoneyV2, total
from .payments import OrderTransaction
from .records import Record


@dataclass(eq=False, repr=False, slots=True)
class RefundLineItem(Record):
    """Units of one line taken back. Subtotal and tax are their share of the line, rounded
    cumulatively.
    """

    typename = 'RefundLineItem'
    id: str | None = None
    line_item: object = None
    quantity: int = 0
    restock_type: str = 'NO_RESTOCK'
    location: object = None
    price_set: MoneyBag | None = None
    subtotal_set: MoneyBag | None = None
    tax_parts: list = field(default_factory=list)
    dropped_quantity: int = 0

    @property
    def restocked(self):
        """Whether the units went back to stock."""
        return self.restock_type != 'NO_RESTOCK'

    @property
    def total_tax_set(self):
        """Tax of the units."""
        return total(self.tax_parts, self.subtotal_set.zero)


@dataclass(eq=False, repr=False, slots=True)
class RefundShippingLine(Record):
    """Shipping given back."""

    typename = 'RefundShippingLine'
    id: str | None = None
    shipping_line: object = None
    subtotal_amount_set: MoneyBag | None = None
    tax_amount_set: MoneyBag | None = None


@dataclass(eq=False, repr=False, slots=True)
class RefundDuty(Record):
    """Duty given back."""

    typename = 'RefundDuty'
    original_duty: object = None
    amount_set: MoneyBag | None = None
    tax_amount_set: MoneyBag | None = None


@dataclass(eq=False, repr=False, slots=True)
class OrderAdjustment(Record):
    """The difference between what a refund is worth and what was paid back; positive: the merchant
    kept it.
    """

    typename = 'OrderAdjustment'
    id: str | None = None
    amount_set: MoneyBag | None = None
    tax_amount_set: MoneyBag | None = None
    reason: str | None = 'REFUND_DISCREPANCY'


@dataclass(eq=False, repr=False, slots=True)
class Refund(Record):
    """One refund."""

    typename = 'Refund'
    id: str | None = None
    order: object = None
    note: str | None = None
    created_at: datetime | None = None
    processed_at: datetime | None = None
    updated_at: datetime | None = None
    return_: object = None
    staff_member: object = None
    refund_line_items: list = field(default_factory=list)
    refund_shipping_lines: list = field(default_factory=list)
    order_adjustments: list = field(default_factory=list)
    duties: list = field(default_factory=list)
    transactions: list = field(default_factory=list)

    @property
    def total_refunded_set(self):
        """What was paid back: the sum of successful transactions."""
        moves = (move.amount_set for move in self.transactions if move.succeeded)
        return total(moves, self.order.zero)

    @property
    def total_refunded(self):
        """Deprecated shop-currency twin."""
        return self.total_refunded_set.shop

    @property
    def worth(self):
        """What the units, shipping and duties of the refund are worth, with tax."""
        order = self.order
        worth = total((line.subtotal_set for line in self.refund_line_items), order.zero)
        worth += total(
            (line.subtotal_amount_set for line in self.refund_shipping_lines), order.zero
        )
        worth += total((line.amount_set for line in self.duties), order.zero)
        if not order.taxes_included:
            worth += total((line.total_tax_set for line in self.refund_line_items), order.zero)
            worth += total((line.tax_amount_set for line in self.refund_shipping_lines), order.zero)
            worth += total((line.tax_amount_set for line in self.duties), order.zero)
        return worth


#: ``return`` is a word of Python, so the attribute has another name; resolvers look it up by its
#: GraphQL name.
setattr(Refund, 'return', property(lambda self: self.return_))


@dataclass(slots=True)
class RefundPlan:
    """What is to be refunded.

    :param lines: list of (order line, quantity, restock type, location, return line or None).
    :param shipping: list of (shipping line, bag or None for all that is left).
    :param duties: list of (duty, bag or None for all that is left).
    :param payments: list of (parent transaction, bag) or (transaction, bag, status).
    """

    lines: list = field(default_factory=list)
    shipping: list = field(default_factory=list)
    duties: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    note: str | None = None
    return_: object = None
    reason: str = 'REFUND_DISCREPANCY'


def refund(store, order, plan):
    """Carry out a `RefundPlan` and return the refund."""
    now = store.clock.now()
    owed = (-order.total_outstanding_set).floor_zero()
    made = Refund(order=order, note=plan.note, created_at=now, processed_at=now, updated_at=now)
    made.return_ = plan.return_
    store.add(made)
    for part in plan.lines:
        _take_back(store, made, part)
    for line, amount in plan.shipping:
        _give_back_shipping(store, made, line, amount)
    for duty, amount in plan.duties:
        part = RefundDuty(duty, *_duty_back(duty, amount))
        duty.refunds.append(part)
        made.duties.append(part)
    order.refunds.append(made)
    if plan.return_:
        plan.return_.refunds.append(made)
    for payment in plan.payments:
        made.transactions.append(_pay_back(store, order, *payment))
    if any(move.succeeded for move in made.transactions):
        _settle_difference(store, made, owed, plan.reason)
    store.touch(order)
    return made


def _take_back(store, made, taken):
    """Add one refund line (see `RefundPlan.lines`); unshipped units leave the fulfilment orders."""
    line, quantity, restock_type, location, return_line = taken
    part = RefundLineItem(
        id=store.next_gid('RefundLineItem'),
        line_item=line,
        quantity=quantity,
        restock_type=restock_type,
        location=location,
        price_set=line.discounted_unit_price_after_all_discounts_set,
        subtotal_set=line.refund_part(line.total_after_all_discounts, quantity),
        tax_parts=[line.refund_part(tax.price_set, quantity) for tax in line.tax_lines],
        dropped_quantity=_dropped(line, quantity, restock_type),
    )
    made.refund_line_items.append(part)
    line.refund_line_items.append(part)
    if return_line:
        return_line.refund_line_items.append(part)
    settle_units(store, line)


def _dropped(line, quantity, restock_type):
    """Return how many of the units taken back were never shipped, and so need not be any more.

    RETURN means shipped units first, everything else unshipped ones [S] RefundLineItemRestockType.
    """
    if restock_type != 'RETURN':
        return min(quantity, line.unfulfilled_quantity)
    back = sum(each.quantity - each.dropped_quantity for each in line.refund_line_items)
    out = max(line.fulfilled_quantity - back, 0)
    return max(quantity - out, 0)


def _give_back_shipping(store, made, line, amount):
    """Give back all or `amount` of a shipping line, with the proportional tax."""
    left, left_tax = line.current_discounted_price_set, line.current_tax
    if amount is None:
        amount, tax = left, left_tax
    else:
        tax = _tax_share(left_tax, amount, left)
    part = RefundShippingLine(store.next_gid('RefundShippingLine'), line, amount, tax)
    made.refund_shipping_lines.append(part)
    line.refund_shipping_lines.append(part)
    store.by_gid[part.id] = part


def _duty_back(duty, amount):
    """Return what of a duty and its tax goes back: all that is left, or `amount` of it."""
    left, left_tax = duty.current_price, duty.current_tax
    return (amount, _tax_share(left_tax, amount, left)) if amount else (left, left_tax)


def _tax_share(tax, amount, whole):
    """Return the part of `tax` that belongs to `amount` of `whole`, each side on its own."""

    def side(mine, other, all_of_it):
        if not all_of_it.amount:
            return MoneyV2(ZERO, mine.currency_code)
        return MoneyV2(mine.amount * other.amount / all_of_it.amount, mine.currency_code)

    exact = MoneyBag(
        side(tax.shop, amount.shop, whole.shop),
        side(tax.presentment, amount.presentment, whole.presentment),
    )
    return exact * 1


def _pay_back(store, order, parent, amount, status='SUCCESS'):
    """Add a refund transaction to `parent`; its gateway is the parent's ([R] mismatchedGateway)."""
    now = store.clock.now()
    move = OrderTransaction(
        order=order,
        kind='REFUND',
        status=status,
        gateway=parent.gateway,
        amount_set=amount,
        parent_transaction=parent,
        test=parent.test,
        created_at=now,
        processed_at=now,
    )
    order.transactions.append(store.add(move))
    if status == 'SUCCESS':
        _refill_gift_card(store, move)
    return move


def _refill_gift_card(store, move):
    """Put money refunded to a gift card back on it."""
    receipt = move.parent_transaction.receipt_json
    gift_card = receipt and store.find(
        'GiftCard', f"gid://shopify/GiftCard/{receipt.get('gift_card_id')}"
    )
    if gift_card:
        store.move_gift_card(gift_card, move.amount_set.shop.amount)


def _settle_difference(store, made, owed, reason):
    """Add the adjustment that explains why other money went back than the refund is worth.

    Money the buyer was owed before (after an edit) is not a difference [I].
    """
    kept = made.worth - made.total_refunded_set
    surplus = (-kept).floor_zero()
    settled = surplus.combine(owed, lambda mine, theirs, _currency: min(mine, theirs))
    kept += settled
    if kept:
        adjustment = OrderAdjustment(store.next_gid('OrderAdjustment'), kept, kept.zero, reason)
        made.order_adjustments.append(adjustment)


def line_worth(line, quantity):
    """Return what the next `quantity` units of a line are worth when refunded, with tax."""
    worth = line.refund_part(line.total_after_all_discounts, quantity)
    if line.order.taxes_included:
        return worth
    taxes = [line.refund_part(tax.price_set, quantity) for tax in line.tax_lines]
    return worth + total(taxes, line.zero)
