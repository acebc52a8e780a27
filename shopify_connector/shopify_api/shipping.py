"""What has to be told to Shopify of the deliveries of one order: pure decisions.

Nothing here remembers events. Each time, what Odoo has delivered is held against what Shopify has
now, and the difference is to be done; so a run may be killed anywhere and repeated.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from .allocation import Left, Part, allocate, without
from .order import Fulfillment, FulfillmentOrder

#: ``displayStatus`` of a parcel that the buyer has: it is too late to take the shipment back.
ARRIVED = ('DELIVERED', 'PICKED_UP')


@dataclass(frozen=True, slots=True)
class Shipping:
    """What Shopify has shipped of an order, and what it wants shipped."""

    fulfillments: tuple
    fulfillment_orders: tuple

    @classmethod
    def from_json(cls, node):
        """Read an ``Order`` of ``shipping_by_ids``, with all its pages."""
        return cls(
            fulfillments=tuple(Fulfillment.from_json(item) for item in node['fulfillments']),
            fulfillment_orders=tuple(
                FulfillmentOrder.from_json(item) for item in node['fulfillmentOrders']['nodes']
            ),
        )

    def live_fulfillments(self):
        """Return gid → :class:`Fulfillment` of those whose units count as shipped."""
        return {item.gid: item for item in self.fulfillments if item.is_live}


@dataclass(frozen=True, slots=True)
class Tracking:
    """Parcels of a delivery, all of one company; ``urls`` is empty or as long as ``numbers``."""

    company: str = ''
    numbers: tuple = ()
    urls: tuple = ()

    def __bool__(self):
        return bool(self.numbers)

    def to_json(self):
        """Return the ``FulfillmentTrackingInput``."""
        values = {'numbers': list(self.numbers)}
        if self.company:
            values['company'] = self.company
        if self.urls:
            values['urls'] = list(self.urls)
        return values

    def is_on(self, fulfillment):
        """Return whether a fulfilment says so already; Shopify adds addresses of its own."""
        told = [(company, number) for company, number, _url in fulfillment.tracking]
        if [number for _company, number in told] != list(self.numbers):
            return False
        same_company = all(company == self.company for company, _number in told)
        urls = tuple(url for _company, _number, url in fulfillment.tracking)
        return (same_company or not self.company) and (urls == self.urls or not self.urls)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was about to be sent for a delivery: after a lost answer it is looked for.

    ``known`` are the gids of the fulfilments that the order had before; ``calls`` are pairs of
    location gid and line gid → units.
    """

    known: frozenset
    calls: tuple

    def to_json(self):
        """Return what to keep of it."""
        return {'known': sorted(self.known), 'calls': [list(call) for call in self.calls]}

    @classmethod
    def from_json(cls, values):
        """Read what was kept, ``None`` for nothing."""
        if not values:
            return None
        return cls(
            frozenset(values['known']), tuple((gid, units) for gid, units in values['calls'])
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that is done in Odoo, in units of the lines of the Shopify order.

    ``units`` left and did not come back. Of the lines in ``rest`` nobody can say how many units
    were in this delivery (kits, services): it takes what was delivered in all and not sent yet.
    ``places`` are the gids of the locations it left from; ``fulfillments`` the gids of what was
    sent for it before.
    """

    key: int
    units: dict
    rest: frozenset = frozenset()
    places: tuple = ()
    tracking: Tracking = Tracking()
    tracking_changed: bool = False
    fulfillments: frozenset = frozenset()
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What the shop wants: ``cancel_returned`` shipments, ``move`` what left from elsewhere."""

    cancel_returned: bool = False
    move: bool = False


KEEP = Policy()


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a fulfilment order that are to be shipped from another location."""

    order_gid: str
    to_gid: str
    lines: tuple  # pairs of gid of the line of the fulfilment order and units


@dataclass(slots=True)
class Outcome:
    """What is to be done for one delivery, and what cannot be done and why."""

    adopted: list = field(default_factory=list)  # gids of fulfilments whose answer was lost
    cancels: list = field(default_factory=list)  # gids
    moves: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    updates: list = field(default_factory=list)  # gids of fulfilments with old tracking
    left: list = field(default_factory=list)
    known: dict = field(default_factory=dict)  # line gid → units Shopify had as shipped already
    returned: dict = field(default_factory=dict)  # line gid → units that came back

    @property
    def is_first_step(self):
        """Whether Shopify has to be asked again after this, before anything is shipped."""
        return bool(self.cancels or self.moves)


def decide(deliveries, delivered, shipping, policy=KEEP):
    """Decide what to tell Shopify of the deliveries of one order.

    :param deliveries: :class:`Delivery`, the earliest first.
    :param dict delivered: line gid → units that Odoo has delivered in all, less what came back.
    :param Shipping shipping: as Shopify has it now.
    :return: key of the delivery → :class:`Outcome`.
    """
    live = shipping.live_fulfillments()
    outcomes = {delivery.key: Outcome() for delivery in deliveries}
    owned = {delivery.key: set(delivery.fulfillments) & set(live) for delivery in deliveries}
    _adopt(deliveries, live, owned, outcomes)
    for delivery in deliveries:
        _find_returned(delivery, [live[gid] for gid in owned[delivery.key]], policy, outcomes)
    if any(outcome.cancels for outcome in outcomes.values()):
        return outcomes
    wanted = _share_out(deliveries, delivered, live, owned, outcomes)
    orders = shipping.fulfillment_orders
    for delivery in deliveries:
        outcome = outcomes[delivery.key]
        if policy.move:
            outcome.moves = list(_find_moves(wanted[delivery.key], orders, delivery.places))
        parts, left = allocate(wanted[delivery.key], orders, delivery.places)
        outcome.parts, outcome.left = list(parts), list(left)
        orders = without(orders, parts)
        if delivery.tracking and delivery.tracking_changed:
            outcome.updates = [
                gid for gid in sorted(owned[delivery.key]) if not delivery.tracking.is_on(live[gid])
            ]
    return outcomes


def _adopt(deliveries, live, owned, outcomes):
    """Find the fulfilments of calls whose answer was lost: same place, same units, new since.

    Two deliveries of an order may hold the same units. A call whose answer was kept is settled: it
    must not take the shipment of the other one.
    """
    claimed = set().union(*owned.values())
    for delivery in deliveries:
        settled = set()
        for call in delivery.attempt.calls if delivery.attempt else ():
            new = [
                gid
                for gid, item in sorted(live.items())
                if gid not in delivery.attempt.known | settled
                and (item.location_gid, item.units()) == call
            ]
            kept = [gid for gid in new if gid in owned[delivery.key]]
            lost = [gid for gid in new if gid not in claimed]
            for gid in (kept or lost)[:1]:
                settled.add(gid)
                if gid not in claimed:
                    claimed.add(gid)
                    owned[delivery.key].add(gid)
                    outcomes[delivery.key].adopted.append(gid)


def _find_returned(delivery, sent, policy, outcomes):
    """Note units that came back after they were sent, and what is cancelled for it.

    Shopify cannot cancel a part of a fulfilment: the whole is cancelled, and what did not come
    back is sent again.
    """
    outcome = outcomes[delivery.key]
    excess = _sum_units(sent)
    for line_gid in list(excess):
        excess[line_gid] -= delivery.units.get(line_gid, 0)
    outcome.returned = {
        gid: units for gid, units in excess.items() if units > 0 and gid not in delivery.rest
    }
    if policy.cancel_returned:
        outcome.cancels = sorted(
            item.gid
            for item in sent
            if item.display_status not in ARRIVED and set(item.units()) & set(outcome.returned)
        )


def _share_out(deliveries, delivered, live, owned, outcomes):
    """Return key → line gid → units to send, never more than Shopify lacks in all.

    What Shopify has as shipped without our doing counts as shipped: by another app, by hand, or by
    an earlier delivery of which Shopify was told more than stayed out.
    """
    lacking = defaultdict(int)
    shipped = _sum_units(live.values())
    for line_gid, units in delivered.items():
        lacking[line_gid] = max(0, units - shipped[line_gid])
    wanted = {}
    for delivery in deliveries:
        sent = _sum_units(live[gid] for gid in owned[delivery.key])
        shares = {gid: units - sent[gid] for gid, units in delivery.units.items()}
        shares.update({gid: lacking[gid] for gid in delivery.rest})
        wanted[delivery.key] = {}
        for gid, units in sorted(shares.items()):
            share = min(units, lacking[gid])
            if share > 0:
                wanted[delivery.key][gid] = share
                lacking[gid] -= share
            if units > max(share, 0):
                outcomes[delivery.key].known[gid] = units - max(share, 0)
    return wanted


def _find_moves(wanted, orders, places):
    """Yield the moves that bring units to the place they really left from.

    Only when that is one place: with several, nobody knows which.
    """
    if len(places) != 1:
        return
    place = places[0]
    elsewhere = [order for order in orders if not order.is_ended and order.location_gid != place]
    here = [order for order in orders if order.location_gid == place]
    _parts, left = allocate(wanted, here, places)
    missing = {item.line_gid: item.units for item in left if item.code == 'too_many'}
    for order in sorted(elsewhere, key=lambda order: order.gid):
        if 'MOVE' not in order.actions:
            continue
        lines = []
        for line in order.lines:
            units = min(line.remaining, missing.get(line.line_gid, 0))
            if units > 0:
                missing[line.line_gid] -= units
                lines.append((line.gid, units))
        if lines:
            yield Move(order.gid, place, tuple(lines))


def _sum_units(fulfillments):
    units = defaultdict(int)
    for item in fulfillments:
        for line_gid, quantity in item.lines:
            units[line_gid] += quantity
    return units


__all__ = [
    'Attempt',
    'Delivery',
    'Left',
    'Outcome',
    'Part',
    'Policy',
    'Shipping',
    'Tracking',
    'decide',
]
