"""What a merchant and a fulfilment service ask of each other.

[R] is fulfillment-order-request-lifecycle.json throughout.
"""

from dataclasses import dataclass
from datetime import datetime

from ..engine import fulfillment
from ..engine.errors import UserError
from ..engine.records import Record
from ..engine.shop import FulfillmentService, Location
from .common import done, failed, must_find
from .fulfillments import chosen_units, split_off_rest
from .registry import mutation


@dataclass(eq=False, repr=False, slots=True)
class FulfillmentOrderMerchantRequest(Record):
    """A request of the merchant to a fulfilment service."""

    typename = 'FulfillmentOrderMerchantRequest'
    id: str
    fulfillment_order: object
    kind: str
    message: str | None
    request_options: dict
    sent_at: datetime
    response_data: object = None


@mutation('fulfillmentServiceCreate')
def fulfillment_service_create(store, name, trackingSupport=False, **settings):  # noqa: N803 (Shopify's name)
    """Add a fulfilment service with a location of its own."""
    now = store.clock.now()
    place = Location(name=name, is_fulfillment_service=True, created_at=now, updated_at=now)
    place.fulfills_online_orders = True
    service = FulfillmentService(
        handle='-'.join(name.lower().split()),
        service_name=name,
        type='THIRD_PARTY',
        tracking_support=trackingSupport,
        inventory_management=bool(settings.get('inventoryManagement')),
        requires_shipping_method=settings.get('requiresShippingMethod', True),
        location=store.add(place),
    )
    # [R] the gid of a service carries a query part.
    store.add(service, f'{store.next_gid("FulfillmentService")}?id=true')
    place.fulfillment_service = service
    return done(fulfillment_service=service)


@mutation('fulfillmentServiceDelete')
def fulfillment_service_delete(store, id, **choices):  # noqa: A002
    """Take a service away and switch its location off; the gid needs no query part [R]."""
    del choices
    plain = id.partition('?')[0]
    service = store.find('FulfillmentService', f'{plain}?id=true')
    if service is None:
        return failed(UserError(['id'], "Fulfillment service could not be found."), deleted_id=None)
    service.location.is_active = False
    store.remove(service)
    return done(deleted_id=plain)


def note(store, order, kind, message, options):
    """Write a request down."""
    gid = store.next_gid('FulfillmentOrderMerchantRequest')
    order.merchant_requests.append(
        FulfillmentOrderMerchantRequest(gid, order, kind, message, options, store.clock.now())
    )
    store.touch(order)


def refused(found, allowed, key='fulfillment_order'):
    """Return the payload for a request in the wrong state, or None; wording [I]."""
    if found.request_status in allowed:
        return None
    message = f"Fulfillment order request status is {found.request_status.lower()}."
    return failed(UserError(['id'], message), **{key: None})


@mutation('fulfillmentOrderSubmitFulfillmentRequest')
def submit_fulfillment_request(
    store,
    id,  # noqa: A002
    message=None,
    fulfillmentOrderLineItems=None,  # noqa: N803
    notifyCustomer=False,  # noqa: N803
):
    """Ask the service to ship; other units move to a fulfilment order of their own [R]."""
    found = must_find(store, 'FulfillmentOrder', id)
    error = refused(found, ('UNSUBMITTED', 'REJECTED'), 'submitted_fulfillment_order')
    if error:
        return {**error, 'original_fulfillment_order': found, 'unsubmitted_fulfillment_order': None}
    rest = None
    if fulfillmentOrderLineItems:
        rest = split_off_rest(store, found, chosen_units(found, fulfillmentOrderLineItems))
    found.request_status = 'SUBMITTED'
    note(store, found, 'FULFILLMENT_REQUEST', message, {'notify_customer': notifyCustomer})
    store.emit('FULFILLMENT_ORDERS_FULFILLMENT_REQUEST_SUBMITTED', found)
    return done(
        original_fulfillment_order=found,
        submitted_fulfillment_order=found,
        unsubmitted_fulfillment_order=rest,
    )


def answered(store, found, status, request_status, topic):
    """Carry an answer of the service out."""
    found.status, found.request_status = status, request_status
    store.emit(f'FULFILLMENT_ORDERS_{topic}', store.touch(found))
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderAcceptFulfillmentRequest')
def accept_fulfillment_request(store, id, **details):  # noqa: A002
    """The service will ship."""
    del details
    found = must_find(store, 'FulfillmentOrder', id)
    return refused(found, ('SUBMITTED',)) or answered(
        store, found, 'IN_PROGRESS', 'ACCEPTED', 'FULFILLMENT_REQUEST_ACCEPTED'
    )


@mutation('fulfillmentOrderRejectFulfillmentRequest')
def reject_fulfillment_request(store, id, **details):  # noqa: A002
    """The service will not ship."""
    del details
    found = must_find(store, 'FulfillmentOrder', id)
    return refused(found, ('SUBMITTED',)) or answered(
        store, found, 'OPEN', 'REJECTED', 'FULFILLMENT_REQUEST_REJECTED'
    )


@mutation('fulfillmentOrderSubmitCancellationRequest')
def submit_cancellation_request(store, id, message=None):  # noqa: A002
    """Ask the service not to ship; until it answers nothing else changes [R]."""
    found = must_find(store, 'FulfillmentOrder', id)
    error = refused(found, ('ACCEPTED',))
    if error:
        return error
    note(store, found, 'CANCELLATION_REQUEST', message, {})
    store.emit('FULFILLMENT_ORDERS_CANCELLATION_REQUEST_SUBMITTED', found)
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderAcceptCancellationRequest')
def accept_cancellation_request(store, id, **details):  # noqa: A002
    """The service stops; the old fulfilment order keeps lines of 0 units [R]."""
    del details
    found = must_find(store, 'FulfillmentOrder', id)
    error = refused(found, ('ACCEPTED',))
    if error:
        return error
    units = {item: item.remaining_quantity for item in found.line_items}
    fulfillment.carve(store, found, units, found.location, keep=True)
    return answered(
        store, found, 'CLOSED', 'CANCELLATION_ACCEPTED', 'CANCELLATION_REQUEST_ACCEPTED'
    )


@mutation('fulfillmentOrderRejectCancellationRequest')
def reject_cancellation_request(store, id, **details):  # noqa: A002
    """The service ships all the same."""
    del details
    found = must_find(store, 'FulfillmentOrder', id)
    return refused(found, ('ACCEPTED',)) or answered(
        store, found, 'IN_PROGRESS', 'CANCELLATION_REJECTED', 'CANCELLATION_REQUEST_REJECTED'
    )
