"""Requests to fulfilment services: submit, accept, reject, and the same for cancellations.

[R] fulfillment-order-request-lifecycle.json throughout; wordings of refusals are [I].
"""

from ..engine import fulfillment
from ..engine.errors import UserError
from ..engine.fulfillment import FulfillmentOrderMerchantRequest
from .common import done, failed, must_find
from .fulfillments import chosen_units, split_off_rest
from .registry import mutation


def ask(store, found, kind, message, options):
    """Note a request of the merchant."""
    gid = store.next_gid('FulfillmentOrderMerchantRequest')
    now = store.clock.now()
    request = FulfillmentOrderMerchantRequest(gid, found, kind, message, options, now)
    found.merchant_requests.append(request)
    store.touch(found)


def refusal(message):
    """Return the payload of a step that is not possible now."""
    return failed(UserError(['id'], message), fulfillment_order=None)


@mutation('fulfillmentOrderSubmitFulfillmentRequest')
def submit_fulfillment_request(store, id, message=None, **rest):  # noqa: A002 (Shopify's name)
    """Ask the service to ship some or all units; the others get a fulfilment order of their own."""
    found = must_find(store, 'FulfillmentOrder', id)
    if not found.location.is_fulfillment_service or found.request_status not in SUBMITTABLE:
        payload = refusal("Fulfillment order cannot be submitted.")
        del payload['fulfillment_order']
        names = ('original', 'submitted', 'unsubmitted')
        return {**payload, **{f'{name}_fulfillment_order': None for name in names}}
    wanted = rest.get('fulfillmentOrderLineItems')
    others = split_off_rest(store, found, chosen_units(found, wanted)) if wanted else None
    found.request_status = 'SUBMITTED'
    options = {'notify_customer': bool(rest.get('notifyCustomer'))}
    ask(store, found, 'FULFILLMENT_REQUEST', message, options)
    store.emit('FULFILLMENT_ORDERS_FULFILLMENT_REQUEST_SUBMITTED', found)
    return done(
        original_fulfillment_order=found,
        submitted_fulfillment_order=found,
        unsubmitted_fulfillment_order=others,
    )


#: Request states in which a fulfilment may be asked for.
SUBMITTABLE = ('UNSUBMITTED', 'REJECTED', 'CANCELLATION_ACCEPTED')


@mutation('fulfillmentOrderAcceptFulfillmentRequest')
def accept_fulfillment_request(store, id, **_rest):  # noqa: A002
    """Let the service begin."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.request_status != 'SUBMITTED':
        return refusal("Fulfillment order has not been submitted.")
    return step(store, found, 'ACCEPTED', 'FULFILLMENT_REQUEST_ACCEPTED', 'IN_PROGRESS')


@mutation('fulfillmentOrderRejectFulfillmentRequest')
def reject_fulfillment_request(store, id, **_rest):  # noqa: A002
    """Let the service refuse."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.request_status != 'SUBMITTED':
        return refusal("Fulfillment order has not been submitted.")
    return step(store, found, 'REJECTED', 'FULFILLMENT_REQUEST_REJECTED')


@mutation('fulfillmentOrderSubmitCancellationRequest')
def submit_cancellation_request(store, id, message=None):  # noqa: A002
    """Ask the service to stop; its status stays accepted until it answers."""
    found = must_find(store, 'FulfillmentOrder', id)
    if found.request_status != 'ACCEPTED':
        return refusal("Fulfillment order has not been accepted.")
    ask(store, found, 'CANCELLATION_REQUEST', message, {})
    store.emit('FULFILLMENT_ORDERS_CANCELLATION_REQUEST_SUBMITTED', found)
    return done(fulfillment_order=found)


@mutation('fulfillmentOrderAcceptCancellationRequest')
def accept_cancellation_request(store, id, message=None):  # noqa: A002
    """Let the service stop: its fulfilment order closes empty, another one is open."""
    del message
    found = must_find(store, 'FulfillmentOrder', id)
    if not asked_to_stop(found):
        return refusal("Fulfillment order has no cancellation request.")
    units = [(item.line_item, item.remaining_quantity) for item in found.line_items]
    made = fulfillment.new_fulfillment_order(store, found.order, found.location, units)
    made.delivery_method = found.delivery_method
    for item in found.line_items:
        fulfillment.take_units(found, item, item.remaining_quantity, keep=True)
    return step(store, found, 'CANCELLATION_ACCEPTED', 'CANCELLATION_REQUEST_ACCEPTED', 'CLOSED')


@mutation('fulfillmentOrderRejectCancellationRequest')
def reject_cancellation_request(store, id, message=None):  # noqa: A002
    """Let the service go on."""
    del message
    found = must_find(store, 'FulfillmentOrder', id)
    if not asked_to_stop(found):
        return refusal("Fulfillment order has no cancellation request.")
    return step(store, found, 'CANCELLATION_REJECTED', 'CANCELLATION_REQUEST_REJECTED')


def asked_to_stop(found):
    """Whether a cancellation request waits for its answer."""
    kinds = [request.kind for request in found.merchant_requests]
    return found.request_status == 'ACCEPTED' and 'CANCELLATION_REQUEST' in kinds


def step(store, found, request_status, topic, status=None):
    """Move a fulfilment order to its next request state, and tell."""
    found.request_status = request_status
    found.status = status or found.status
    store.touch(found)
    store.emit(f'FULFILLMENT_ORDERS_{topic}', found)
    store.emit('ORDERS_UPDATED', store.touch(found.order))
    return done(fulfillment_order=found)
