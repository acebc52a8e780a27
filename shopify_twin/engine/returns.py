"""Returns: units a buyer sends back, and where they went.

A return is about goods; the money is a refund (`refunds`), which may point to the return.
"""

from dataclasses import dataclass, field
from datetime import datetime

from .money import MoneyBag, share
from .records import Record


@dataclass(eq=False, repr=False, slots=True)
class ReturnReasonDefinition(Record):
    """Why something comes back (2026-01)."""

    typename = 'ReturnReasonDefinition'
    id: str | None = None
    handle: str = 'other'
    name: str = "Other"
    deleted: bool = False


@dataclass(eq=False, repr=False, slots=True)
class RestockingFee(Record):
    """What the merchant keeps for taking goods back."""

    typename = 'RestockingFee'
    id: str | None = None
    percentage: float = 0.0
    amount_set: MoneyBag | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReturnShippingFee(Record):
    """What the buyer pays for the way back."""

    typename = 'ReturnShippingFee'
    id: str | None = None
    amount_set: MoneyBag | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReturnDecline(Record):
    """Why a requested return was refused."""

    typename = 'ReturnDecline'
    reason: str = 'OTHER'
    note: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReturnLineItem(Record):
    """Units of one shipped line that come back."""

    typename = 'ReturnLineItem'
    id: str | None = None
    parent: object = None
    fulfillment_line_item: object = None
    quantity: int = 1
    processed_quantity: int = 0
    return_reason: str = 'OTHER'
    return_reason_definition: ReturnReasonDefinition | None = None
    return_reason_note: str = ''
    customer_note: str | None = None
    restocking_fee: RestockingFee | None = None
    total_weight: object = None
    refund_line_items: list = field(default_factory=list)

    @property
    def refunded_quantity(self):
        """Units already refunded."""
        return sum(line.quantity for line in self.refund_line_items)

    @property
    def refundable_quantity(self):
        """Units that may still be refunded."""
        return self.quantity - self.refunded_quantity

    @property
    def unprocessed_quantity(self):
        """Units not yet inspected."""
        return self.quantity - self.processed_quantity

    @property
    def processable_quantity(self):
        """Units that may be inspected now."""
        return self.unprocessed_quantity if self.parent.status == 'OPEN' else 0

    @property
    def with_code_discounted_total_price_set(self):
        """Price of the units after line-level discounts, codes included."""
        line = self.fulfillment_line_item.line_item
        return share(
            line.resolve_discounted_total_set(with_code_discounts=True),
            0,
            self.quantity,
            line.quantity,
        )


@dataclass(eq=False, repr=False, slots=True)
class ExchangeLineItem(Record):
    """What the buyer gets instead."""

    typename = 'ExchangeLineItem'
    id: str | None = None
    quantity: int = 1
    processed_quantity: int = 0
    variant: object = None
    line_items: list = field(default_factory=list)

    @property
    def variant_id(self):
        """Gid of the variant."""
        return self.variant.id if self.variant else None

    @property
    def product_id(self):
        """Gid of the product."""
        return self.variant.product.id if self.variant else None

    @property
    def variant_sku(self):
        """SKU of the variant."""
        return self.variant.sku if self.variant else None

    @property
    def variant_title(self):
        """Title of the variant."""
        return self.variant.title if self.variant else None

    @property
    def title(self):
        """Title of the product."""
        return self.variant.product.title if self.variant else None

    @property
    def unprocessed_quantity(self):
        """Units not yet handed out."""
        return self.quantity - self.processed_quantity

    @property
    def processable_quantity(self):
        """Units that may be handed out now."""
        return self.unprocessed_quantity


@dataclass(eq=False, repr=False, slots=True)
class ReverseFulfillmentOrderDisposition(Record):
    """What became of returned units, and where: the true location of returned goods."""

    typename = 'ReverseFulfillmentOrderDisposition'
    id: str | None = None
    type: str = 'RESTOCKED'
    quantity: int = 1
    location: object = None
    created_at: datetime | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReverseFulfillmentOrderLineItem(Record):
    """Returned units of one shipped line."""

    typename = 'ReverseFulfillmentOrderLineItem'
    id: str | None = None
    fulfillment_line_item: object = None
    return_line_item: object = None
    total_quantity: int = 1
    dispositions: list = field(default_factory=list)

    @property
    def remaining_quantity(self):
        """Units nothing was decided about."""
        return self.total_quantity - sum(each.quantity for each in self.dispositions)


@dataclass(eq=False, repr=False, slots=True)
class ReverseFulfillmentOrder(Record):
    """The goods side of an open return."""

    typename = 'ReverseFulfillmentOrder'
    id: str | None = None
    order: object = None
    status: str = 'OPEN'
    line_items: list = field(default_factory=list)
    reverse_deliveries: list = field(default_factory=list)
    third_party_confirmation: object = None


@dataclass(eq=False, repr=False, slots=True)
class ReverseDeliveryTracking(Record):
    """The parcel a return travels in."""

    typename = 'ReverseDeliveryTrackingV2'
    number: str | None = None
    url: str | None = None
    carrier_name: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReverseDeliveryLabel(Record):
    """The label of that parcel."""

    typename = 'ReverseDeliveryLabelV2'
    public_file_url: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReverseDeliveryShippingDeliverable(Record):
    """Parcel and label."""

    typename = 'ReverseDeliveryShippingDeliverable'
    tracking: ReverseDeliveryTracking | None = None
    label: ReverseDeliveryLabel | None = None


@dataclass(eq=False, repr=False, slots=True)
class ReverseDeliveryLineItem(Record):
    """Returned units in one parcel."""

    typename = 'ReverseDeliveryLineItem'
    id: str | None = None
    quantity: int = 1
    reverse_fulfillment_order_line_item: object = None

    @property
    def dispositions(self):
        """What became of the units."""
        return self.reverse_fulfillment_order_line_item.dispositions


@dataclass(eq=False, repr=False, slots=True)
class ReverseDelivery(Record):
    """A parcel on its way back."""

    typename = 'ReverseDelivery'
    id: str | None = None
    reverse_fulfillment_order: object = None
    reverse_delivery_line_items: list = field(default_factory=list)
    deliverable: ReverseDeliveryShippingDeliverable | None = None


@dataclass(eq=False, repr=False, slots=True)
class Return(Record):
    """A return of shipped units."""

    typename = 'Return'
    id: str | None = None
    order: object = None
    name: str = ''
    status: str = 'OPEN'
    created_at: datetime | None = None
    updated_at: datetime | None = None
    request_approved_at: datetime | None = None
    closed_at: datetime | None = None
    decline: ReturnDecline | None = None
    staff_member: object = None
    return_line_items: list = field(default_factory=list)
    exchange_line_items: list = field(default_factory=list)
    return_shipping_fees: list = field(default_factory=list)
    refunds: list = field(default_factory=list)
    reverse_fulfillment_orders: list = field(default_factory=list)

    @property
    def total_quantity(self):
        """Units of all lines."""
        return sum(line.quantity for line in self.return_line_items)

    @property
    def transactions(self):
        """Money moved by its refunds."""
        return [move for refund in self.refunds for move in refund.transactions]


def return_status(order):
    """Derive ``Order.returnStatus`` ([R] order-return-status-lifecycle.json).

    Requested wins over open, open over closed; declined and cancelled returns do not count.
    """
    states = {each.status for each in order.returns}
    rank = (('REQUESTED', 'RETURN_REQUESTED'), ('OPEN', 'IN_PROGRESS'), ('CLOSED', 'RETURNED'))
    return next((shown for state, shown in rank if state in states), 'NO_RETURN')


# -- verbs


def returnable_quantity(line):
    """Return how many units of a fulfilment line may still be returned."""
    taken = sum(
        each.quantity
        for each in line.return_line_items
        if each.parent.status not in ('DECLINED', 'CANCELED')
    )
    return line.quantity - taken


def open_return(store, order, parts, requested=False):
    """Make a return and return it.

    :param parts: list of dicts for `ReturnLineItem` with `fulfillment_line_item` and `quantity`.
    :param bool requested: the buyer asked, staff have not approved; nothing is to come back yet.
    """
    now = store.clock.now()
    made = Return(
        order=order, created_at=now, updated_at=now, status='REQUESTED' if requested else 'OPEN'
    )
    # [R] order-return-status-lifecycle.json: "#1797-R1", "#1797-R2".
    made.name = f'{order.name}-R{len(order.returns) + 1}'
    store.add(made)
    order.returns.append(made)
    for part in parts:
        line = store.add(ReturnLineItem(parent=made, **part))
        made.return_line_items.append(line)
        line.fulfillment_line_item.return_line_items.append(line)
    if not requested:
        _expect_goods(store, made)
    store.touch(order)
    return made


def _expect_goods(store, made):
    """Make the reverse fulfilment order of an open return."""
    reverse = store.add(ReverseFulfillmentOrder(order=made.order))
    for line in made.return_line_items:
        item = ReverseFulfillmentOrderLineItem(
            fulfillment_line_item=line.fulfillment_line_item,
            return_line_item=line,
            total_quantity=line.quantity,
        )
        reverse.line_items.append(store.add(item))
    made.reverse_fulfillment_orders.append(reverse)


def approve(store, made):
    """Let a requested return happen."""
    made.status = 'OPEN'
    made.request_approved_at = store.clock.now()
    _expect_goods(store, made)
    _changed(store, made)


def decline(store, made, reason, note=None):
    """Refuse a requested return."""
    made.status = 'DECLINED'
    made.decline = ReturnDecline(reason, note)
    _changed(store, made)


def close(store, made):
    """Finish a return."""
    made.status = 'CLOSED'
    made.closed_at = store.clock.now()
    for reverse in made.reverse_fulfillment_orders:
        reverse.status = 'CLOSED'
    _changed(store, made)


def reopen(store, made):
    """Take a finished return up again."""
    made.status = 'OPEN'
    made.closed_at = None
    _changed(store, made)


def cancel(store, made):
    """Drop a return of which nothing was processed."""
    made.status = 'CANCELED'
    for reverse in made.reverse_fulfillment_orders:
        reverse.status = 'CANCELED'
    _changed(store, made)


def dispose(store, item, quantity, location, kind='RESTOCKED'):
    """Decide what becomes of returned units.

    The return line's processed quantity does not change ([R]
    return-reverse-logistics-recorded.json).
    """
    made = ReverseFulfillmentOrderDisposition(
        type=kind, quantity=quantity, location=location, created_at=store.clock.now()
    )
    item.dispositions.append(store.add(made))
    _changed(store, item.return_line_item.parent)
    return made


def process(store, line, quantity):
    """Note that returned units were dealt with."""
    line.processed_quantity += quantity
    _changed(store, line.parent)


def _changed(store, made):
    store.touch(made)
    store.touch(made.order)


def remove_units(store, made, line, quantity):
    """Take units out of a return; a return without any closes."""
    line.quantity -= quantity
    for reverse in made.reverse_fulfillment_orders:
        for item in list(reverse.line_items):
            if item.return_line_item is line:
                item.total_quantity = line.quantity
                if not line.quantity:
                    reverse.line_items.remove(item)
    if not line.quantity:
        made.return_line_items.remove(line)
        line.fulfillment_line_item.return_line_items.remove(line)
    if not made.return_line_items:
        close(store, made)
    _changed(store, made)
