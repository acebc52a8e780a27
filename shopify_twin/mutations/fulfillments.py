"""Shipping: fulfillmentCreate and friends, and what may be done to fulfilment orders."""

from dataclasses import dataclass

from ..engine import fulfillment
from ..engine.errors import TwinError, UserError
from ..engine.fulfillment import FULFILLABLE, FulfillmentTrackingInfo
from ..engine.records import Record
from .common import done, failed, must_find
from .registry import mutation


def number_of(gid):
    """Return the number in a gid, as messages name records."""
    return gid.rpartition('/')[2]


# -- fulfilments


@mutation('fulfillmentCreate')
@mutation('fulfillmentCreateV2')
def fulfillment_create(store, fulfillment, message=None):  # noqa: ARG001 (for the buyer)
    """Ship units ([R] fulfillment-create-preconditions.json)."""
    given = fulfillment['lineItemsByFulfillmentOrder']
    error = positive_error(given) or fulfillable_error(store, given)
    if error:
        return failed(error, fulfillment=None)
    parts = [part_of(store, each) for each in given]
    order = parts[0][0].order
    made = ship(store, order, parts, tracking_of(fulfillment.get('trackingInfo')))
    store.emit('FULFILLMENTS_CREATE', made)
    status = order.display_fulfillment_status
    store.emit('ORDERS_FULFILLED' if status == 'FULFILLED' else 'ORDERS_PARTIALLY_FULFILLED', order)
    store.emit('ORDERS_UPDATED', order)
    return done(fulfillment=made)


def ship(store, order, parts, tracking):
    """Ship `parts` and return the fulfilment."""
    return fulfillment.fulfil(store, order, parts, tracking)


def positive_error(given):
    """Return the complaint about a quantity below 1, checked over the whole input first [R]."""
    for index, part in enumerate(given):
        for place, line in enumerate(part.get('fulfillmentOrderLineItems') or ()):
            if line['quantity'] < 1:
                field = ['fulfillment', 'lineItemsByFulfillmentOrder', index]
                field += ['fulfillmentOrderLineItems', place, 'quantity']
                return UserError(field, "Quantity must be greater than 0")
    return None


def fulfillable_error(store, given):
    """Return the complaint about fulfilment orders or units that cannot be shipped, or None."""
    found = [store.find('FulfillmentOrder', part['fulfillmentOrderId']) for part in given]
    if not found or None in found:
        return UserError(['fulfillment'], "Fulfillment order does not exist.")
    if len({each.order.id for each in found}) > 1 or len({each.location.id for each in found}) > 1:
        # [R] facts, [I] wording: numeric ids of what was mixed.
        numbers = ', '.join(number_of(each.id) for each in found)
        message = (
            f"Fulfillment orders {numbers} must belong to the same order and the same location."
        )
        return UserError(['fulfillment'], message)
    for each in found:
        if each.status not in FULFILLABLE:
            number, status = number_of(each.id), each.status.lower()
            message = f"Fulfillment order {number} has an unfulfillable status= {status}."
            return UserError(['fulfillment'], message)
    for fulfillment_order, part in zip(found, given, strict=True):
        if not enough(fulfillment_order, part.get('fulfillmentOrderLineItems')):
            return UserError(
                ['fulfillment'], "Invalid fulfillment order line item quantity requested."
            )
    return None


def enough(fulfillment_order, wanted):
    """Whether a fulfilment order holds the wanted units."""
    items = {item.id: item for item in fulfillment_order.line_items}
    return all(
        line['id'] in items and line['quantity'] <= items[line['id']].remaining_quantity
        for line in wanted or ()
    )


def part_of(store, given):
    """Return (fulfilment order, chosen units or None) of a checked input."""
    fulfillment_order = store.get(given['fulfillmentOrderId'])
    wanted = given.get('fulfillmentOrderLineItems')
    chosen = {store.get(line['id']): line['quantity'] for line in wanted} if wanted else None
    return fulfillment_order, chosen


def tracking_of(given):
    """Return the parcels of a ``FulfillmentTrackingInput``."""
    if not given:
        return []
    numbers = given.get('numbers') or [given.get('number')]
    urls = given.get('urls') or [given.get('url')]
    urls = [*urls, *[None] * len(numbers)]
    return [
        FulfillmentTrackingInfo(given.get('company'), number, url)
        for number, url in zip(numbers, urls, strict=False)
        if number or url
    ]


@mutation('fulfillmentCancel')
def fulfillment_cancel(store, id):  # noqa: A002 (Shopify's name)
    """Take a shipment back ([R] fulfillment-cancel-parity.json,
    fulfillment-unknown-not-found.json).
    """
    found = store.find('Fulfillment', id)
    if found is None:
        return failed(UserError(['id'], "Fulfillment not found."), fulfillment=None)
    if found.status == 'CANCELLED':
        # [I] wording.
        return failed(UserError(['id'], "Fulfillment is already cancelled."), fulfillment=found)
    fulfillment.cancel_fulfillment(store, found)
    store.emit('FULFILLMENTS_UPDATE', found)
    store.emit('ORDERS_UPDATED', found.order)
    return done(fulfillment=found)


@mutation('fulfillmentTrackingInfoUpdate')
def fulfillment_tracking_info_update(store, fulfillmentId, trackingInfoInput, notifyCustomer=False):  # noqa: N803
    """Replace the parcels of a shipment."""
    del notifyCustomer
    found = store.find('Fulfillment', fulfillmentId)
    if found is None:
        return failed(UserError(['fulfillmentId'], "Fulfillment does not exist."), fulfillment=None)
    found.tracking_info = tracking_of(trackingInfoInput)
    store.touch(found)
    store.emit('FULFILLMENTS_UPDATE', found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment=found)


# -- fulfilment orders


def chosen_units(fulfillment_order, wanted):
    """Return {line: quantity} of the wanted units; raises for units that are not there."""
    items = {item.id: item for item in fulfillment_order.line_items}
    chosen = {}
    for each in wanted:
        item = items.get(each['id'])
        if item is None:
            raise TwinError(f"Invalid id: {each['id']}", 'RESOURCE_NOT_FOUND')
        chosen[item] = each['quantity']
    return chosen


def is_all(fulfillment_order, chosen):
    """Whether the chosen units are all that remains."""
    return all(chosen.get(item) == item.remaining_quantity for item in fulfillment_order.line_items)


@mutation('fulfillmentOrderMove')
def fulfillment_order_move(store, id, newLocationId, fulfillmentOrderLineItems=None):  # noqa: A002, N803
    """Have some or all units shipped from elsewhere ([R] fulfillment-order-lifecycle.json, move).

    Some units get a fulfilment order of their own; all units of one that never shipped move in
    place [I].
    """
    found = must_find(store, 'FulfillmentOrder', id)
    location = must_find(store, 'Location', newLocationId)
    error = move_error(found, location)
    if error:
        return failed(
            error,
            moved_fulfillment_order=None,
            original_fulfillment_order=found,
            remaining_fulfillment_order=None,
        )
    chosen = chosen_units(found, fulfillmentOrderLineItems) if fulfillmentOrderLineItems else None
    if (chosen is None or is_all(found, chosen)) and not any(
        item.fulfilled for item in found.line_items
    ):
        found.location = location
        store.touch(found)
        moved, rest = found, None
    else:
        chosen = chosen or {item: item.remaining_quantity for item in found.line_items}
        moved = fulfillment.carve(store, found, chosen, location)
        rest = found if found.remaining else None
    store.emit('FULFILLMENT_ORDERS_MOVED', moved)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(
        moved_fulfillment_order=moved,
        original_fulfillment_order=found,
        remaining_fulfillment_order=rest,
    )


def move_error(found, location):
    """Return why a fulfilment order cannot move, or None; wordings [I], codes [S]."""

    def wrong(message, code):
        return UserError(['id'], message, code, 'FulfillmentOrderMoveFulfillmentOrderMoveUserError')

    if found.is_retired:
        return wrong("Cannot move a fulfillment order that is closed.", None)
    if found.status == 'IN_PROGRESS' and not any(item.fulfilled for item in found.line_items):
        return wrong("Cannot move a fulfillment order that has had progress reported.", None)
    if found.location is location:
        return wrong("The fulfillment order is already assigned to this location.", None)
    return None


@mutation('fulfillmentOrderHold')
def fulfillment_order_hold(store, id, fulfillmentHold):  # noqa: A002, N803
    """Hold some or all units; the rest moves to a fulfilment order of its own [R]."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.status not in ('OPEN', 'ON_HOLD', 'IN_PROGRESS', 'SCHEDULED'):
        message = "The fulfillment order is not in a state that can be held."
        error = UserError(['id'], message, 'INVALID', 'FulfillmentOrderHoldUserError')
        return failed(
            error, fulfillment_order=found, fulfillment_hold=None, remaining_fulfillment_order=None
        )
    rest = None
    wanted = fulfillmentHold.get('fulfillmentOrderLineItems')
    if wanted:
        rest = split_off_rest(store, found, chosen_units(found, wanted))
        found.split_by_hold = rest
    made = fulfillment.hold(
        store,
        found,
        fulfillmentHold['reason'],
        fulfillmentHold.get('reasonNotes'),
        fulfillmentHold.get('handle') or '',
    )
    store.emit('FULFILLMENT_ORDERS_PLACED_ON_HOLD', found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order=found, fulfillment_hold=made, remaining_fulfillment_order=rest)


def split_off_rest(store, found, kept):
    """Move all but the kept units to a new fulfilment order and return it, or None."""
    rest = {
        item: item.remaining_quantity - kept.get(item, 0)
        for item in found.line_items
        if item.remaining_quantity > kept.get(item, 0)
    }
    return fulfillment.carve(store, found, rest, found.location) if rest else None


@mutation('fulfillmentOrderReleaseHold')
def fulfillment_order_release_hold(store, id, holdIds=None, externalId=None):  # noqa: A002, N803
    """Take holds away, all or the named ones."""
    del externalId
    found = must_find(store, 'FulfillmentOrder', id)
    if holdIds:
        found.fulfillment_holds = [
            hold for hold in found.fulfillment_holds if hold.id not in holdIds
        ]
    if not holdIds or not found.fulfillment_holds:
        fulfillment.release(store, found)
    store.emit('FULFILLMENT_ORDERS_HOLD_RELEASED', found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order=found)


@dataclass
class FulfillmentOrderSplitResult(Record):
    """What one split came to."""

    typename = 'FulfillmentOrderSplitResult'
    fulfillment_order: object
    remaining_fulfillment_order: object
    replacement_fulfillment_order: object = None


@mutation('fulfillmentOrderSplit')
def fulfillment_order_split(store, fulfillmentOrderSplits):  # noqa: N803
    """Put units into new fulfilment orders ([R] fulfillment-order-split-multi.json)."""
    for index, given in enumerate(fulfillmentOrderSplits):
        error = split_error(store, index, given)
        if error:
            return failed(error, fulfillment_order_splits=None)
    results = []
    for given in fulfillmentOrderSplits:
        found = store.get(given['fulfillmentOrderId'])
        chosen = chosen_units(found, given['fulfillmentOrderLineItems'])
        made = fulfillment.carve(store, found, chosen, found.location)
        results.append(FulfillmentOrderSplitResult(found, made))
        store.emit('FULFILLMENT_ORDERS_SPLIT', found)
        store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order_splits=results)


def split_error(store, index, given):
    """Return why a split is refused, or None."""

    def wrong(field, message, code):
        return UserError(field, message, code, 'FulfillmentOrderSplitUserError')

    field = ['fulfillmentOrderSplits', index, 'fulfillmentOrderLineItems']
    if not given['fulfillmentOrderLineItems']:
        message = "There must be at least one item selected in this fulfillment to split it."
        return wrong(field, message, 'NO_LINE_ITEMS_PROVIDED_TO_SPLIT')
    for place, line in enumerate(given['fulfillmentOrderLineItems']):
        if line['quantity'] < 1:
            message = "You must select at least one item to split into a new fulfillment order."
            return wrong([*field, place, 'quantity'], message, 'GREATER_THAN')
    found = store.find('FulfillmentOrder', given['fulfillmentOrderId'])
    if found is None:
        return wrong(None, "Fulfillment order does not exist.", 'FULFILLMENT_ORDER_NOT_FOUND')
    if not enough(found, given['fulfillmentOrderLineItems']):
        # [I] wording.
        message = "Invalid fulfillment order line item quantity requested."
        return wrong(field, message, 'INVALID_LINE_ITEM_QUANTITY')
    return None


@dataclass
class FulfillmentOrderMergeResult(Record):
    """What one merge came to."""

    typename = 'FulfillmentOrderMergeResult'
    fulfillment_order: object


@mutation('fulfillmentOrderMerge')
def fulfillment_order_merge(store, fulfillmentOrderMergeInputs):  # noqa: N803
    """Put fulfilment orders together, into the first of each group [R]."""
    results = []
    for given in fulfillmentOrderMergeInputs:
        found = [
            must_find(store, 'FulfillmentOrder', each['fulfillmentOrderId'])
            for each in given['mergeIntents']
        ]
        first, *others = found
        for other in others:
            fulfillment.merge(store, first, other)
        results.append(FulfillmentOrderMergeResult(first))
        store.emit('FULFILLMENT_ORDERS_MERGED', first)
    return done(fulfillment_order_merges=results)


@mutation('fulfillmentOrderOpen')
def fulfillment_order_open(store, id):  # noqa: A002
    """Mark a scheduled or begun fulfilment order as open [R]."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.status not in ('SCHEDULED', 'IN_PROGRESS'):
        message = (
            f"Expected fulfillment order status to be valid but it was {found.status.lower()}."
        )
        return failed(UserError(None, message), fulfillment_order=None)
    found.status = 'OPEN'
    store.touch(found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderReportProgress')
def fulfillment_order_report_progress(store, id, progressReport=None):  # noqa: A002, N803
    """Say that work on a fulfilment order has begun [R]."""
    del progressReport
    found = must_find(store, 'FulfillmentOrder', id)
    if found.status not in FULFILLABLE:
        message = (
            f"Expected fulfillment order status to be valid but it was {found.status.lower()}."
        )
        return failed(UserError(None, message), fulfillment_order=None)
    found.status = 'IN_PROGRESS'
    store.touch(found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderCancel')
def fulfillment_order_cancel(store, id):  # noqa: A002
    """Close a fulfilment order; a replacement holds its units [R]."""
    found = must_find(store, 'FulfillmentOrder', id)
    error = None
    if found.is_retired:
        message = "Fulfillment order is not in cancelable request state and can't be canceled."
        error = UserError(None, message)
    elif found.status == 'IN_PROGRESS':
        message = (
            "Cannot cancel fulfillment order that has had progress reported. "
            "Mark as unfulfilled first."
        )
        error = UserError(['id'], message)
    if error:
        return failed(error, fulfillment_order=None, replacement_fulfillment_order=None)
    made = fulfillment.hand_over(store, found)
    store.emit('FULFILLMENT_ORDERS_CANCELLED', found)
    return done(fulfillment_order=found, replacement_fulfillment_order=made)
