"""Which units of which fulfilment order a shipment takes: pure, so that it can be proven.

Units are matched by order line, never by product (two lines may hold the same one, and one line may
be spread over several fulfilment orders), and never more are taken than Shopify has left to ship.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

#: https://shopify.dev/docs/api/usage/limits: an array of input holds at most 250 items.
LINES_PER_CALL = 250

#: Statuses of a fulfilment order from which units may be shipped ([R]
#: fulfillment-create-preconditions.json).
FULFILLABLE = ('OPEN', 'IN_PROGRESS')
#: ``requestStatus`` of units that a fulfilment service was asked to ship, or to leave.
REQUESTED = ('SUBMITTED', 'ACCEPTED', 'CANCELLATION_REQUESTED')


@dataclass(frozen=True, slots=True)
class Part:
    """Units for one ``fulfillmentCreate``: of one order, from one location.

    ``takes`` are pairs of the gid of a fulfilment order and pairs of line gid and units in it.
    """

    location_gid: str
    takes: tuple
    units: dict  # gid of the order line → units

    @property
    def taken(self):
        """Return gid of the line of the fulfilment order → units."""
        return {gid: units for _order, lines in self.takes for gid, units in lines}


@dataclass(frozen=True, slots=True)
class Left:
    """Units of an order line that could not be taken.

    ``code`` says why: ``on_hold``, ``scheduled``, ``service``, ``requested``, ``blocked``, or
    ``too_many`` when Shopify has no more of them to ship. ``order`` is the fulfilment order that
    has them, ``None`` for ``too_many``.
    """

    line_gid: str
    units: int
    code: str
    order: object = None


def get_obstacle(order):
    """Return why nothing can be shipped from a fulfilment order now, '' when it can.

    :param FulfillmentOrder order: not an ended one.
    """
    obstacles = {
        'on_hold': order.status == 'ON_HOLD',
        'scheduled': order.status == 'SCHEDULED',
        'requested': order.request_status in REQUESTED,
        'service': order.is_service,
        'blocked': order.status not in FULFILLABLE or 'CREATE_FULFILLMENT' not in order.actions,
    }
    return next((code for code, is_there in obstacles.items() if is_there), '')


def allocate(wanted, orders, places=()):
    """Take wanted units from fulfilment orders.

    :param dict wanted: gid of the order line → units that left in Odoo and Shopify does not know.
    :param orders: :class:`FulfillmentOrder` of the order.
    :param places: gids of the locations they left from, taken first; where Shopify has fewer
        there, the rest is taken from its other places.
    :return: ``(parts, left)``: tuples of :class:`Part` and :class:`Left`.
    """
    live = sorted(
        (order for order in orders if not order.is_ended),
        key=lambda order: (order.location_gid not in places, order.gid),
    )
    open_units = {gid: units for gid, units in wanted.items() if units > 0}
    takes = defaultdict(list)
    for order in live:
        if not get_obstacle(order):
            taken = _take(order, open_units)
            if taken:
                takes[order.location_gid].append((order.gid, taken))
    parts = tuple(part for place, items in takes.items() for part in _split(place, items))
    return parts, tuple(_explain(open_units, live))


def _take(order, open_units):
    """Take what one fulfilment order has of the wanted units, which get fewer, in place."""
    taken = []
    for line in order.lines:
        units = min(line.remaining, open_units.get(line.line_gid, 0))
        if units > 0:
            open_units[line.line_gid] -= units
            taken.append((line, units))
    return taken


def _split(place, items):
    """Yield the parts of one location, each with as many lines as one call may have."""
    flat = [(gid, line, units) for gid, taken in items for line, units in taken]
    for start in range(0, len(flat), LINES_PER_CALL):
        takes, units = defaultdict(list), defaultdict(int)
        for gid, line, quantity in flat[start : start + LINES_PER_CALL]:
            takes[gid].append((line.gid, quantity))
            units[line.line_gid] += quantity
        yield Part(place, tuple((gid, tuple(lines)) for gid, lines in takes.items()), dict(units))


def _explain(open_units, live):
    """Yield why units are left: what keeps them, and what is not there at all."""
    for line_gid, missing in sorted(open_units.items()):
        rest = missing
        for order in live:
            kept = sum(line.remaining for line in order.lines if line.line_gid == line_gid)
            code = get_obstacle(order)
            if code and kept and rest:
                yield Left(line_gid, min(rest, kept), code, order)
                rest -= min(rest, kept)
        if rest:
            yield Left(line_gid, rest, 'too_many')


def without(orders, parts):
    """Return the fulfilment orders as they are when the parts have been shipped."""
    taken = {gid: units for part in parts for gid, units in part.taken.items()}
    return tuple(
        replace(
            order,
            lines=tuple(
                replace(line, remaining=line.remaining - taken.get(line.gid, 0))
                for line in order.lines
            ),
        )
        for order in orders
    )
