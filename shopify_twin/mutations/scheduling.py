"""When and by whom fulfilment orders are shipped: schedule, deadline, close, pick-up, reroute."""

from ..engine.errors import NotModelled, UserError
from .common import done, failed, must_find
from .fulfillments import number_of
from .registry import mutation

DEADLINE_ERROR = 'FulfillmentOrdersSetFulfillmentDeadlineUserError'
PICKUP_ERROR = 'FulfillmentOrderLineItemsPreparedForPickupUserError'


@mutation('fulfillmentOrderReschedule')
def fulfillment_order_reschedule(store, id, fulfillAt):  # noqa: A002, N803 (Shopify's names)
    """Change the date of a scheduled fulfilment order ([R] fulfillment-order-lifecycle.json)."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.status != 'SCHEDULED':
        error = UserError(None, "Fulfillment order must be scheduled.")
        return failed(error, fulfillment_order=None)
    found.fulfill_at = fulfillAt
    store.touch(found)
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderClose')
def fulfillment_order_close(store, id, message=None):  # noqa: A002, ARG001 (for the merchant)
    """Close what a fulfilment service cannot ship ([R] fulfillment-order-lifecycle.json)."""
    found = must_find(store, 'FulfillmentOrder', id)
    if not found.location.is_fulfillment_service:
        text = "The fulfillment order's assigned fulfillment service must be of api type"
        return failed(UserError(None, text), fulfillment_order=None)
    # [S] a service marks it as incomplete.
    found.status = 'INCOMPLETE'
    store.touch(found)
    return done(fulfillment_order=found)


@mutation('fulfillmentOrdersSetFulfillmentDeadline')
def fulfillment_orders_set_fulfillment_deadline(store, fulfillmentOrderIds, fulfillmentDeadline):  # noqa: N803
    """Set the latest moment to ship ([R] fulfillment-order-lifecycle.json)."""
    found = [store.find('FulfillmentOrder', gid) for gid in fulfillmentOrderIds]
    if None in found:
        # [S] code, [I] wording.
        text = "Fulfillment order does not exist."
        code = 'FULFILLMENT_ORDERS_NOT_FOUND'
        return failed(UserError(['fulfillmentOrderIds'], text, code, DEADLINE_ERROR), success=False)
    for each in found:
        each.fulfill_by = fulfillmentDeadline
        store.touch(each)
    return done(success=True)


@mutation('fulfillmentOrderLineItemsPreparedForPickup')
def fulfillment_order_line_items_prepared_for_pickup(store, input):  # noqa: A002
    """Tell the buyer to come, for pick-up only ([R] fulfillment-order-lifecycle.json)."""
    errors = []
    for index, given in enumerate(input['lineItemsByFulfillmentOrder']):
        gid = given['fulfillmentOrderId']
        found = store.find('FulfillmentOrder', gid)
        if found is None or found.delivery_method.method_type != 'PICK_UP':
            field = ['input', 'lineItemsByFulfillmentOrder', index, 'fulfillmentOrderId']
            text = f"Invalid fulfillment_order_id provided {number_of(gid)}"
            errors.append(UserError(field, text, 'FULFILLMENT_ORDER_INVALID', PICKUP_ERROR))
    if errors:
        return failed(*errors)
    return done()


@mutation('fulfillmentOrdersReroute')
def fulfillment_orders_reroute(store, fulfillmentOrderIds, **locations):  # noqa: N803
    """Refused: the twin routes to one location; unknown ids as recorded [R]."""
    del locations
    for gid in fulfillmentOrderIds:
        must_find(store, 'FulfillmentOrder', gid)
    raise NotModelled('not emulated: mutation fulfillmentOrdersReroute')
