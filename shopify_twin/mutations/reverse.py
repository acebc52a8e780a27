"""Parcels on their way back ([R] return-reverse-logistics-recorded.json)."""

from ..engine.returns import (
    ReverseDelivery,
    ReverseDeliveryLabel,
    ReverseDeliveryLineItem,
    ReverseDeliveryShippingDeliverable,
    ReverseDeliveryTracking,
)
from .common import done, failed, find_typed
from .registry import mutation
from .returns import complaint


@mutation('reverseDeliveryCreateWithShipping')
def reverse_delivery_create(store, reverseFulfillmentOrderId, reverseDeliveryLineItems, **rest):  # noqa: N803
    """Announce a parcel; no lines named means all that comes back."""
    order = find_typed(store, 'ReverseFulfillmentOrder', reverseFulfillmentOrderId)
    if order is None:
        message = "Reverse fulfillment order was not found."
        error = complaint(['reverseFulfillmentOrderId'], message, 'NOT_FOUND')
        return failed(error, reverse_delivery=None)
    error = line_error(store, order, reverseDeliveryLineItems)
    if error:
        return failed(error, reverse_delivery=None)
    made = store.add(ReverseDelivery(reverse_fulfillment_order=order))
    for item, quantity in wanted_units(store, order, reverseDeliveryLineItems):
        line = ReverseDeliveryLineItem(quantity=quantity, reverse_fulfillment_order_line_item=item)
        made.reverse_delivery_line_items.append(store.add(line))
    made.deliverable = ReverseDeliveryShippingDeliverable()
    send(store, made, rest)
    order.reverse_deliveries.append(made)
    store.emit('REVERSE_DELIVERIES_ATTACH_DELIVERABLE', made)
    return done(reverse_delivery=made)


def line_error(store, order, given):
    """Return what is wrong with the named lines, or None."""
    asked = {}
    for index, part in enumerate(given):
        gid = part['reverseFulfillmentOrderLineItemId']
        item = find_typed(store, 'ReverseFulfillmentOrderLineItem', gid)
        if item is None or item not in order.line_items:
            field = ['reverseDeliveryLineItems', index, 'reverseFulfillmentOrderLineItemId']
            return complaint(field, "must exist", None)
        asked[gid] = asked.get(gid, 0) + part['quantity']
        if asked[gid] > item.total_quantity:
            field = ['reverseDeliveryLineItems', index, 'quantity']
            return complaint(field, "cannot deliver more items than are returned", None)
    return None


def wanted_units(store, order, given):
    """Return (line, quantity) of the named lines, or of all."""
    if not given:
        return [(item, item.total_quantity) for item in order.line_items]
    return [
        (store.get(part['reverseFulfillmentOrderLineItemId']), part['quantity']) for part in given
    ]


def send(store, made, given):
    """Note tracking and label, where given."""
    tracking, label = given.get('trackingInput'), given.get('labelInput')
    if tracking:
        parcel = ReverseDeliveryTracking(tracking.get('number'), tracking.get('url'))
        made.deliverable.tracking = parcel
    if label:
        now = store.clock.now()
        made.deliverable.label = ReverseDeliveryLabel(label.get('fileUrl'), now, now)


@mutation('reverseDeliveryShippingUpdate')
def reverse_delivery_update(store, reverseDeliveryId, **rest):  # noqa: N803
    """Change tracking or label of a parcel."""
    made = find_typed(store, 'ReverseDelivery', reverseDeliveryId)
    if made is None:
        error = complaint(['reverseDeliveryId'], "Reverse delivery was not found.", 'NOT_FOUND')
        return failed(error, reverse_delivery=None)
    send(store, made, rest)
    return done(reverse_delivery=made)
