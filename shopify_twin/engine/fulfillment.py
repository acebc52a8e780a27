"""Shipping: fulfilment orders (what is asked) and fulfilments (what was shipped).

Kept apart as in Shopify: a fulfilment order line holds units of one order line at one location; a
fulfilment
line ships some of them. Remaining units are derived, so a cancelled fulfilment gives them back [R].
"""

from dataclasses import dataclass, field
from datetime import datetime

from .money import share
from .records import Record

#: Statuses in which units may be shipped ([R] fulfillment-create-preconditions.json: in progress
#: ships too).
FULFILLABLE = ('OPEN', 'IN_PROGRESS')
#: Statuses in which a fulfilment order still holds units.
LIVE = ('OPEN', 'IN_PROGRESS', 'ON_HOLD', 'SCHEDULED')


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrderAssignedLocation(Record):
    """Where a fulfilment order is shipped from, as it was when assigned."""

    typename = 'FulfillmentOrderAssignedLocation'
    location: object

    @property
    def name(self):
        """Name of the location."""
        return self.location.name

    @property
    def country_code(self):
        """Country of the location."""
        return self.location.address.country_code

    @property
    def address1(self):
        """Street of the location."""
        return self.location.address.address1

    @property
    def address2(self):
        """Second line of the location."""
        return self.location.address.address2

    @property
    def city(self):
        """City of the location."""
        return self.location.address.city

    @property
    def province(self):
        """Province of the location."""
        return self.location.address.province

    @property
    def zip(self):
        """Postal code of the location."""
        return self.location.address.zip

    @property
    def phone(self):
        """Phone of the location."""
        return self.location.address.phone


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrderDestination(Record):
    """Where a fulfilment order goes: the order's shipping address, or a location for a pick-up."""

    typename = 'FulfillmentOrderDestination'
    id: str | None = None
    order: object = None
    location: object = None

    def _address(self, name):
        address = self.order.shipping_address
        return getattr(address, name) if address else None

    @property
    def email(self):
        """E-mail of the order."""
        return self.order.email

    @property
    def country_code(self):
        """Country."""
        return self._address('country_code_v2')


def _address_property(name):
    return property(lambda self: self._address(name), doc=f"`{name}` of the shipping address.")


for _name in (
    'first_name',
    'last_name',
    'company',
    'address1',
    'address2',
    'zip',
    'city',
    'province',
    'phone',
):
    setattr(FulfillmentOrderDestination, _name, _address_property(_name))


@dataclass(eq=False, repr=False, slots=True)
class DeliveryMethod(Record):
    """How a fulfilment order reaches the buyer."""

    typename = 'DeliveryMethod'
    id: str | None = None
    method_type: str = 'SHIPPING'
    presented_name: str | None = None
    service_code: str | None = None
    source_reference: str | None = None
    min_delivery_date_time: datetime | None = None
    max_delivery_date_time: datetime | None = None
    additional_information: object = None
    branded_promise: object = None


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentHold(Record):
    """Why a fulfilment order must not be shipped."""

    typename = 'FulfillmentHold'
    id: str | None = None
    reason: str = 'OTHER'
    reason_notes: str | None = None
    handle: str | None = ''
    held_by_app: object = None
    held_by_requesting_app: bool = True

    @property
    def display_reason(self):
        """The reason for people ([R] fulfillment-order-lifecycle.json: "Other")."""
        return self.reason.replace('_', ' ').capitalize()


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrderSupportedAction(Record):
    """One thing that may be done to a fulfilment order."""

    typename = 'FulfillmentOrderSupportedAction'
    action: str
    external_url: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrderLineItem(Record):
    """Units of one order line in one fulfilment order."""

    typename = 'FulfillmentOrderLineItem'
    id: str | None = None
    fulfillment_order: object = None
    line_item: object = None
    total_quantity: int = 0
    shipments: list = field(default_factory=list)

    @property
    def fulfilled(self):
        """Units of it that were shipped."""
        return sum(line.quantity for line in self.shipments if line.counts)

    @property
    def remaining_quantity(self):
        """Units still to ship."""
        if self.fulfillment_order.is_retired:
            return self.total_quantity - self.fulfilled
        return max(self.total_quantity - self.fulfilled, 0)

    @property
    def requires_shipping(self):
        """Whether the line is physical."""
        return self.line_item.requires_shipping

    @property
    def sku(self):
        """SKU of the line."""
        return self.line_item.sku

    @property
    def variant(self):
        """Variant of the line."""
        return self.line_item.variant

    @property
    def variant_title(self):
        """Variant title of the line."""
        return self.line_item.variant_title

    @property
    def vendor(self):
        """Vendor of the line."""
        return self.line_item.vendor

    @property
    def product_title(self):
        """Title of the line."""
        return self.line_item.title

    @property
    def inventory_item_id(self):
        """Gid of the inventory item, null for custom lines."""
        variant = self.line_item.variant
        return variant.inventory_item.id if variant and variant.inventory_item else None

    @property
    def original_unit_price_set(self):
        """Unit price of the line (deprecated field)."""
        return self.line_item.original_unit_price_set

    @property
    def shipping_line(self):
        """The shipping line of the order that pays for it: the first one [I]."""
        order = self.fulfillment_order.order
        return order.shipping_line if self.line_item.requires_shipping else None


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrder(Record):
    """A request to ship some units of an order from one location."""

    typename = 'FulfillmentOrder'
    id: str | None = None
    order: object = None
    location: object = None
    status: str = 'OPEN'
    request_status: str = 'UNSUBMITTED'
    line_items: list = field(default_factory=list)
    fulfillment_holds: list = field(default_factory=list)
    fulfillments: list = field(default_factory=list)
    delivery_method: DeliveryMethod | None = None
    destination: FulfillmentOrderDestination | None = None
    fulfill_at: datetime | None = None
    fulfill_by: datetime | None = None
    international_duties: object = None
    merchant_requests: list = field(default_factory=list)
    split_by_hold: object = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def assigned_location(self):
        """Where it is shipped from."""
        return FulfillmentOrderAssignedLocation(self.location)

    @property
    def order_id(self):
        """Gid of the order."""
        return self.order.id

    @property
    def order_name(self):
        """Name of the order."""
        return self.order.name

    @property
    def order_processed_at(self):
        """Processing date of the order."""
        return self.order.processed_at

    @property
    def is_retired(self):
        """Whether it holds no units any more."""
        return self.status not in LIVE

    @property
    def remaining(self):
        """Units still to ship, of all lines."""
        return sum(line.remaining_quantity for line in self.line_items)

    @property
    def displayable(self):
        """Whether the admin shows it: live, or something of it was shipped [I]."""
        return not self.is_retired or any(line.fulfilled for line in self.line_items)

    @property
    def supported_actions(self):
        """What may be done next, in the recorded order ([R] fulfillment-order-lifecycle.json)."""
        return [FulfillmentOrderSupportedAction(action) for action in self._actions()]

    def _actions(self):
        if self.location.is_fulfillment_service and self.status == 'OPEN':
            return ['REQUEST_FULFILLMENT', 'CREATE_FULFILLMENT', 'HOLD', *self._splits(), 'MOVE']
        return {
            'OPEN': [
                'CREATE_FULFILLMENT',
                'REPORT_PROGRESS',
                'MOVE',
                'HOLD',
                *self._splits(),
                *self._merges(),
            ],
            'IN_PROGRESS': ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'HOLD', 'MARK_AS_OPEN'],
            'ON_HOLD': ['RELEASE_HOLD', 'HOLD', 'MOVE'],
            # [I]: no recording; a scheduled fulfilment order is opened or moved.
            'SCHEDULED': ['MARK_AS_OPEN', 'MOVE'],
        }.get(self.status, [])

    def _splits(self):
        return ['SPLIT'] if sum(line.total_quantity for line in self.line_items) > 1 else []

    def _merges(self):
        return ['MERGE'] if self.fulfillment_orders_for_merge else []

    @property
    def fulfillment_orders_for_merge(self):
        """Other open fulfilment orders of the same order and location."""
        return [
            other
            for other in self.order.all_fulfillment_orders
            if other is not self and other.status == 'OPEN' and other.location is self.location
        ]


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentTrackingInfo(Record):
    """One parcel."""

    typename = 'FulfillmentTrackingInfo'
    company: str | None = None
    number: str | None = None
    url: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentLineItem(Record):
    """Units of an order line in one fulfilment."""

    typename = 'FulfillmentLineItem'
    id: str | None = None
    fulfillment: object = None
    line_item: object = None
    quantity: int = 0
    return_line_items: list = field(default_factory=list)

    @property
    def counts(self):
        """Whether the units are really shipped: a cancelled fulfilment does not count."""
        return self.fulfillment.status == 'SUCCESS'

    @property
    def original_total_set(self):
        """Undiscounted price of the units."""
        return self.line_item.original_unit_price_set.map(
            lambda amount, _currency: amount * self.quantity
        )

    @property
    def discounted_total_set(self):
        """Price of the units after all discounts."""
        line = self.line_item
        return share(line.total_after_all_discounts, 0, self.quantity, line.quantity)


@dataclass(eq=False, repr=False, slots=True)
class Fulfillment(Record):
    """A shipment."""

    typename = 'Fulfillment'
    id: str | None = None
    order: object = None
    name: str = ''
    status: str = 'SUCCESS'
    location: object = None
    service: object = None
    fulfillment_line_items: list = field(default_factory=list)
    fulfillment_orders: list = field(default_factory=list)
    tracking_info: list = field(default_factory=list)
    events: list = field(default_factory=list)
    origin_address: object = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    delivered_at: datetime | None = None
    estimated_delivery_at: datetime | None = None
    in_transit_at: datetime | None = None

    @property
    def display_status(self):
        """What staff see ([R] fulfillment-detail-events-lifecycle.json: the last event's
        status).
        """
        if self.status == 'CANCELLED':
            return 'CANCELED'
        return self.events[-1].status if self.events else 'FULFILLED'

    @property
    def total_quantity(self):
        """Units of all lines."""
        return sum(line.quantity for line in self.fulfillment_line_items)

    @property
    def requires_shipping(self):
        """Whether any line is physical."""
        return any(line.line_item.requires_shipping for line in self.fulfillment_line_items)


def display_fulfillment_status(order):
    """Derive ``Order.displayFulfillmentStatus`` from units and fulfilment orders.

    UNFULFILLED after a full refund without restock and for lines that need no shipping [R]; the
    rank of holds,
    schedules and progress is [I].
    """
    lines = order.product_lines
    shipped = sum(line.fulfilled_quantity for line in lines)
    remaining = sum(line.unfulfilled_quantity for line in lines)
    if shipped:
        return 'PARTIALLY_FULFILLED' if remaining else 'FULFILLED'
    live = {each.status for each in order.all_fulfillment_orders if not each.is_retired}
    if 'OPEN' in live:
        return 'UNFULFILLED'
    named = {'IN_PROGRESS': 'IN_PROGRESS', 'ON_HOLD': 'ON_HOLD', 'SCHEDULED': 'SCHEDULED'}
    return next((named[status] for status in named if status in live), 'UNFULFILLED')


# -- verbs


def delivery_method_of(store, order, shippable):
    """Return the delivery method: the first shipping line's name, or pick-up, retail, none."""
    if not shippable:
        return DeliveryMethod(id=store.next_gid('DeliveryMethod'), method_type='NONE')
    if order.retail_location:
        return DeliveryMethod(id=store.next_gid('DeliveryMethod'), method_type='RETAIL')
    line = order.shipping_line
    if line is None:
        return DeliveryMethod(id=store.next_gid('DeliveryMethod'), method_type='SHIPPING')
    kind = 'PICK_UP' if line.delivery_category == 'local-pickup' else 'SHIPPING'
    return DeliveryMethod(store.next_gid('DeliveryMethod'), kind, line.title, line.code)


def new_fulfillment_order(store, order, location, units):
    """Add an open fulfilment order of `units`, pairs of (order line, quantity), at `location`."""
    now = store.clock.now()
    made = FulfillmentOrder(order=order, location=location, created_at=now, updated_at=now)
    # [R] fulfillment-order-lifecycle.json: the begun hour.
    made.fulfill_at = now.replace(minute=0, second=0)
    store.add(made)
    shippable = any(line.requires_shipping for line, _quantity in units)
    made.delivery_method = delivery_method_of(store, order, shippable)
    if shippable:
        gid = store.next_gid('FulfillmentOrderDestination')
        made.destination = FulfillmentOrderDestination(gid, order)
    for line, quantity in units:
        add_units(store, made, line, quantity)
    order.all_fulfillment_orders.append(made)
    return made


def add_units(store, fulfillment_order, line, quantity):
    """Put `quantity` units of `line` into a fulfilment order, joining what is there of the line."""
    for each in fulfillment_order.line_items:
        if each.line_item is line:
            each.total_quantity += quantity
            return each
    item = FulfillmentOrderLineItem(
        fulfillment_order=fulfillment_order, line_item=line, total_quantity=quantity
    )
    store.add(item)
    fulfillment_order.line_items.append(item)
    return item


def take_units(fulfillment_order, item, quantity, keep=False):
    """Take units out of a fulfilment order; a line without units leaves, an empty order closes.

    :param keep: a line without units stays, with 0 units ([R] fulfillment-order-lifecycle.json:
        after a
        merge and after a release, but not after a split).
    """
    item.total_quantity -= quantity
    if not item.total_quantity and not keep:
        fulfillment_order.line_items.remove(item)
    if not fulfillment_order.remaining:
        fulfillment_order.status = 'CLOSED'


def route(store, order, lines=None, status='OPEN'):
    """Make the fulfilment orders of new lines: one per location and physical or not.

    A line's own `location` wins over the shop's first; tips and gift cards are nothing to ship.
    """
    groups = {}
    for line in order.line_items if lines is None else lines:
        if line.is_tip or not line.unfulfilled_quantity:
            continue
        location = line.location or order.retail_location or store.default_location()
        groups.setdefault((location.id, line.requires_shipping), (location, []))[1].append(line)
    for location, members in groups.values():
        units = [(line, line.unfulfilled_quantity) for line in members]
        new_fulfillment_order(store, order, location, units).status = status


def fulfil(store, order, parts, tracking=(), at_location=None):
    """Ship units and return the fulfilment.

    :param parts: list of (fulfilment order, {fulfilment order line: quantity} or None for all that
        remains).
    :param tracking: list of `FulfillmentTrackingInfo`.
    """
    now = store.clock.now()
    location = at_location or parts[0][0].location
    made = Fulfillment(order=order, location=location, created_at=now, updated_at=now)
    # [R] fulfillment-create-name.json: "#1513-F1".
    made.name = f'{order.name}-F{len(order.fulfillments) + 1}'
    made.service = location.fulfillment_service or store.service_at(location)
    made.tracking_info = list(tracking)
    store.add(made)
    order.fulfillments.append(made)
    for fulfillment_order, chosen in parts:
        _ship(store, made, fulfillment_order, chosen)
    store.touch(order)
    archive_if_done(store, order)
    return made


def _ship(store, made, fulfillment_order, chosen):
    """Move units of one fulfilment order into the fulfilment `made`."""
    if chosen is None:
        chosen = {item: item.remaining_quantity for item in fulfillment_order.line_items}
    for item, quantity in chosen.items():
        if quantity:
            line = FulfillmentLineItem(
                fulfillment=made, line_item=item.line_item, quantity=quantity
            )
            store.add(line)
            made.fulfillment_line_items.append(line)
            item.shipments.append(line)
            item.line_item.fulfillment_line_items.append(line)
    fulfillment_order.fulfillments.append(made)
    made.fulfillment_orders.append(fulfillment_order)
    # [I] what is left after a part was shipped is "in progress"; all shipped is closed [R].
    fulfillment_order.status = 'IN_PROGRESS' if fulfillment_order.remaining else 'CLOSED'
    store.touch(fulfillment_order)


def archive_if_done(store, order):
    """Close an order that is paid and shipped, as the shop's setting says ([R]
    fulfillment-cancel-parity.json).
    """
    if not store.auto_archive or order.closed_at or order.display_fulfillment_status != 'FULFILLED':
        return
    if order.fully_paid and not order.has_pending_payment:
        order.closed_at = store.clock.now()


def cancel_fulfillment(store, fulfillment):
    """Take a shipment back: a new open fulfilment order holds the units again ([R]
    fulfillment-cancel-parity.json).

    The closed fulfilment order keeps its line, now with remaining units; the order opens again.
    """
    order = fulfillment.order
    fulfillment.status = 'CANCELLED'
    store.touch(fulfillment)
    lines = dict.fromkeys(each.line_item for each in fulfillment.fulfillment_line_items)
    for line in lines:
        drop_returned(line)
    missing = [(line, settle_units(store, line)) for line in lines]
    if any(quantity for _line, quantity in missing) and not order.cancelled_at:
        units = [(line, quantity) for line, quantity in missing if quantity]
        new_fulfillment_order(store, order, fulfillment.location, units)
    order.closed_at = None
    store.touch(order)


def drop_returned(line):
    """Count units that came back from a shipment now cancelled as never to be shipped again."""
    returned = sum(each.quantity - each.dropped_quantity for each in line.refund_line_items)
    excess = returned - line.fulfilled_quantity
    for each in line.refund_line_items:
        more = max(min(excess, each.quantity - each.dropped_quantity), 0)
        each.dropped_quantity += more
        excess -= more


def waiting_units(line):
    """Return how many units of an order line its live fulfilment orders hold."""
    return sum(
        item.remaining_quantity
        for fulfillment_order in line.order.all_fulfillment_orders
        if not fulfillment_order.is_retired
        for item in fulfillment_order.line_items
        if item.line_item is line
    )


def settle_units(store, line):
    """Drop what live fulfilment orders hold too much of a line; return how many units they lack."""
    missing = line.unfulfilled_quantity - waiting_units(line)
    if missing < 0:
        drop_units(store, line, -missing)
    return max(missing, 0)


def drop_units(store, line, quantity):
    """Take `quantity` units of an order line, no longer wanted, out of its live fulfilment
    orders.
    """
    for fulfillment_order in line.order.all_fulfillment_orders:
        if fulfillment_order.is_retired:
            continue
        for item in list(fulfillment_order.line_items):
            if item.line_item is line and quantity:
                taken = min(item.remaining_quantity, quantity)
                take_units(fulfillment_order, item, taken)
                quantity -= taken
                store.touch(fulfillment_order)


def hold(store, fulfillment_order, reason='OTHER', notes=None, handle=''):
    """Put a hold on a fulfilment order and return it."""
    made = FulfillmentHold(store.next_gid('FulfillmentHold'), reason, notes, handle, store.app)
    fulfillment_order.fulfillment_holds.append(made)
    fulfillment_order.status = 'ON_HOLD'
    store.touch(fulfillment_order)
    return made


def release(store, fulfillment_order):
    """Take all holds away; what the hold had split off comes back ([R]
    fulfillment-order-lifecycle.json).
    """
    fulfillment_order.fulfillment_holds.clear()
    fulfillment_order.status = 'OPEN'
    rest, fulfillment_order.split_by_hold = fulfillment_order.split_by_hold, None
    if rest and rest.status == 'OPEN' and rest.location is fulfillment_order.location:
        merge(store, fulfillment_order, rest)
    store.touch(fulfillment_order)


def merge(store, into, other):
    """Put all that remains of another fulfilment order into one; the other closes with lines of
    0 units.
    """
    for item in list(other.line_items):
        quantity = item.remaining_quantity
        add_units(store, into, item.line_item, quantity)
        take_units(other, item, quantity, keep=True)
    store.touch(other)
    store.touch(into)


def hand_over(store, fulfillment_order):
    """Close a fulfilment order; return a new open one that took its lines over, ids and all [R].

    ([R] fulfillment-order-lifecycle.json, cancelAfterReroute: the line keeps its id, the old one
    has none.)
    """
    made = new_fulfillment_order(store, fulfillment_order.order, fulfillment_order.location, [])
    made.delivery_method = fulfillment_order.delivery_method
    made.destination = fulfillment_order.destination
    made.line_items, fulfillment_order.line_items = fulfillment_order.line_items, []
    for item in made.line_items:
        item.fulfillment_order = made
    fulfillment_order.status = 'CLOSED'
    store.touch(fulfillment_order)
    return made


def carve(store, fulfillment_order, chosen, location, keep=False):
    """Move `chosen` units ({line: quantity}) into a new fulfilment order at `location`; return it.

    :param keep: lines without units stay, see `take_units`.
    """
    units = [(item.line_item, quantity) for item, quantity in chosen.items()]
    made = new_fulfillment_order(store, fulfillment_order.order, location, units)
    made.delivery_method = fulfillment_order.delivery_method
    made.fulfill_at, made.fulfill_by = fulfillment_order.fulfill_at, fulfillment_order.fulfill_by
    for item, quantity in chosen.items():
        take_units(fulfillment_order, item, quantity, keep)
    store.touch(fulfillment_order)
    return made
