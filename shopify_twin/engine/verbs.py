"""What happens to an order after it was placed: payment, edit, cancellation, archiving."""

from dataclasses import dataclass, field
from datetime import datetime

from . import fulfillment, refunds
from .building import LineSpec, Tax, add_line, add_shipping_line, apply_discount, tax_lines
from .money import allocate_bag
from .order import OrderCancellation
from .payments import GiftCard, OrderTransaction
from .refunds import RefundPlan


def pay(store, order, amount, gateway='shopify_payments', **facts):
    """Add a transaction and return it; money that arrives makes sold gift cards real.

    :param facts: attributes of `OrderTransaction`; kind SALE and status SUCCESS unless said.
    """
    now = store.clock.now()
    facts.setdefault('processed_at', now)
    move = OrderTransaction(
        order=order, gateway=gateway, amount_set=amount, created_at=now, test=order.test, **facts
    )
    order.transactions.append(store.add(move))
    if move.succeeded and order.fully_paid:
        issue_gift_cards(store, order)
        if order.payment_terms:
            for schedule in order.payment_terms.payment_schedules:
                schedule.completed_at = now
    store.touch(order)
    return move


def capture(store, order, authorization, amount=None):
    """Capture an authorization, all that is left of it unless `amount` is given."""
    return pay(
        store,
        order,
        amount or authorization.capturable_amount,
        authorization.gateway,
        kind='CAPTURE',
        parent_transaction=authorization,
        payment_details=authorization.payment_details,
        payment_id=authorization.payment_id,
    )


def void(store, order, authorization):
    """Give up an authorization; the transaction moves nothing ([R] …-void-live.json: 0.0)."""
    gateway = authorization.gateway
    return pay(store, order, order.zero, gateway, kind='VOID', parent_transaction=authorization)


def pay_with_gift_card(store, order, gift_card, amount):
    """Pay with a gift card: its balance falls, its id stands in the receipt only [C]."""
    receipt = {
        'gift_card_id': gift_card.legacy_resource_id,
        'gift_card_last_characters': gift_card.last_characters,
    }
    move = pay(store, order, amount, 'gift_card', receipt_json=receipt)
    store.move_gift_card(gift_card, -amount.shop.amount)
    return move


def issue_gift_cards(store, order):
    """Make one gift card per unit sold, once."""
    for line in order.line_items:
        if line.is_gift_card and not any(card.line_item is line for card in store.cards_of(order)):
            for _unit in range(line.quantity):
                make_gift_card(
                    store, line.original_unit_price_set.shop, order=order, line_item=line
                )


def make_gift_card(store, value, **facts):
    """Make a gift card worth `value` and return it; of its code it shows the last four letters
    [R].
    """
    now = store.clock.now()
    letters = ''.join(store.random.choices('abcdefghjkmnpqrstuvwxyz23456789', k=4))
    shown = (facts.get('code') or letters)[-4:]
    card = GiftCard(
        initial_value=value, last_characters=shown, created_at=now, updated_at=now, **facts
    )
    if card.order and card.customer is None:
        card.customer = card.order.customer
    if card.order:
        store.gift_cards_by_order.setdefault(card.order.id, []).append(card)
    return store.add(card)


def mark_as_paid(store, order):
    """Book all that is outstanding by hand ([R] orderMarkAsPaid-state-and-money.json: SALE, gateway
    manual).
    """
    pending = [move for move in order.transactions if move.is_pending]
    for move in list(order.transactions):
        if move.capturable_amount:
            capture(store, order, move)
    if order.total_outstanding_set.presentment.amount > 0:
        # [I] a pending payment stays as it is and becomes the parent of the one that settles it.
        parent = pending[0] if pending else None
        gateway = parent.gateway if parent else 'manual'
        pay(store, order, order.total_outstanding_set, gateway, parent_transaction=parent)
    issue_gift_cards(store, order)
    fulfillment.archive_if_done(store, order)


def close(store, order):
    """Archive an order; an archived one stays as it is [R]."""
    if not order.closed_at:
        order.closed_at = store.clock.now()
        store.touch(order)


def reopen(store, order):
    """Take an order out of the archive."""
    if order.closed_at and not order.cancelled_at:
        order.closed_at = None
        store.touch(order)


def cancel(store, order, reason='OTHER', restock=False, pay_back=False):
    """Cancel an order: nothing is left of it, and it is closed ([R] orderCancel-parity.json).

    What was taken is returned when `pay_back`; authorizations are voided.
    """
    now = store.clock.now()
    for move in list(order.transactions):
        if move.capturable_amount:
            void(store, order, move)
    order.cancelled_at = now
    refunds.refund(store, order, everything(order, restock, pay_back))
    for fulfillment_order in order.all_fulfillment_orders:
        if not fulfillment_order.is_retired:
            fulfillment_order.status = 'CLOSED'
            store.touch(fulfillment_order)
    order.cancel_reason = reason
    order.cancellation = OrderCancellation()
    order.closed_at = order.closed_at or now
    store.touch(order)


def everything(order, restock, pay_back):
    """Return the refund plan that leaves nothing of an order, with or without the money."""
    kind = 'CANCEL' if restock else 'NO_RESTOCK'
    duties = [duty for line in order.line_items for duty in line.duties]
    return RefundPlan(
        lines=[
            (line, line.current_quantity, kind, line.location, None)
            for line in order.line_items
            if line.current_quantity
        ],
        shipping=[
            (line, None) for line in order.shipping_lines if line.current_discounted_price_set
        ],
        duties=[(duty, None) for duty in duties if duty.current_price],
        payments=[
            (move, move.refundable_amount)
            for move in order.transactions
            if pay_back and move.refundable_amount
        ],
    )


@dataclass(slots=True)
class Edit:
    """A committed order edit."""

    happened_at: datetime
    staff_note: str | None = None
    refund: object = None
    added_shipping: list = field(default_factory=list)
    removed_shipping: list = field(default_factory=list)


@dataclass(slots=True)
class EditPlan:
    """Staged changes of an order.

    :param quantities: {line: new current quantity}.
    :param added: list of `LineSpec`.
    :param discounts: list of (line or index into `added` as ('added', index), `DiscountSpec`).
    :param shipping: list of `ShippingSpec`.
    :param removed_shipping: list of shipping lines.
    """

    quantities: dict = field(default_factory=dict)
    restock: bool = True
    added: list = field(default_factory=list)
    discounts: list = field(default_factory=list)
    shipping: list = field(default_factory=list)
    removed_shipping: list = field(default_factory=list)
    staff_note: str | None = None


def edit(store, order, plan):
    """Commit an `EditPlan` and return the edit.

    Fewer units leave a refund without transactions; more units of a line become a new line [I].
    Lines keep their
    ordered quantity, their current quantity changes ([R]
    order-edit-existing-order-zero-removal.json).
    """
    made = Edit(store.clock.now(), plan.staff_note)
    order.edits.append(made)
    number = len(order.edits)
    made.refund = _remove_units(store, order, plan)
    added = [_add_edit_line(store, order, spec, number) for spec in plan.added]
    for line, quantity in plan.quantities.items():
        if quantity > line.current_quantity:
            added.append(_more_of(store, line, quantity - line.current_quantity, number))
    for target, spec in plan.discounts:
        line = added[target[1]] if isinstance(target, tuple) else target
        _discount_line(order, line, spec)
    for spec in plan.shipping:
        line = add_shipping_line(store, order, spec)
        line.tax_lines = tax_lines(line.discounted_price_set, spec.taxes, order.taxes_included)
        made.added_shipping.append(line)
    for line in plan.removed_shipping:
        line.is_removed = True
        made.removed_shipping.append(line)
    fulfillment.route(store, order, added)
    order.closed_at = None
    store.touch(order)
    return made


def _remove_units(store, order, plan):
    """Take away units; return the refund that says so, or None."""
    kind = 'CANCEL' if plan.restock else 'NO_RESTOCK'
    lines = [
        (line, line.current_quantity - quantity, kind, line.location, None)
        for line, quantity in plan.quantities.items()
        if quantity < line.current_quantity
    ]
    return refunds.refund(store, order, RefundPlan(lines=lines)) if lines else None


def _add_edit_line(store, order, spec, number):
    line = add_line(store, order, spec, edit=number)
    line.tax_lines = tax_lines(line.total_after_all_discounts, spec.taxes, order.taxes_included)
    return line


def _more_of(store, line, quantity, number):
    """Sell more units of a line, at its price and taxes, without its discounts."""
    spec = LineSpec(
        line.original_unit_price_set,
        quantity,
        line.title,
        line.variant,
        line.product,
        line.variant_title,
        line.sku,
        line.vendor,
        line.requires_shipping,
        line.taxable,
    )
    spec.taxes = [
        Tax(tax.title, tax.rate, tax.channel_liable, tax.source) for tax in line.tax_lines
    ]
    spec.location = line.location
    return _add_edit_line(store, line.order, spec, number)


def _discount_line(order, line, spec):
    """Give a line a discount and compute its taxes anew."""
    spec.lines = [order.line_items.index(line)]
    apply_discount(order, spec)
    if line.tax_lines:
        taxes = [Tax(tax.title, tax.rate, tax.channel_liable, tax.source) for tax in line.tax_lines]
        line.tax_lines = tax_lines(line.total_after_all_discounts, taxes, order.taxes_included)


def split_payment(order, amount, weights):
    """Split `amount` over `weights` (plain numbers) to the cent; for orders paid in parts."""
    bags = [order.rates.bag(weight) for weight in weights]
    return allocate_bag(amount, bags)
