"""Writes: what was done here becomes true in Shopify. None of them may be sent twice blindly."""

import time
from dataclasses import dataclass

from . import fetch

JOB_TRIES = 10
JOB_PAUSE = 0.5  # seconds between two questions


def mark_as_paid(client, gid):
    """Book all that is outstanding on an order as paid.

    :raise ShopifyUserError: nothing is outstanding, or the order is cancelled.
    """
    client.execute('order_mark_as_paid', input={'id': gid})


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How an order is cancelled.

    ``reason`` is a value of ``OrderCancelReason``, for example ``CUSTOMER``; ``refund`` pays back
    by the ways the buyer paid.
    """

    reason: str
    restock: bool
    refund: bool
    notify: bool
    note: str = ''


def cancel(client, gid, how):
    """Cancel an order, and wait for a few seconds until that is done.

    :param Cancellation how: reason and choices.
    :return: whether it was done while we waited; Shopify goes on by itself.
    :raise ShopifyUserError: Shopify refuses, for example after a shipment.
    """
    data = client.execute(
        'order_cancel',
        orderId=gid,
        reason=how.reason,
        restock=how.restock,
        refundMethod={'originalPaymentMethodsRefund': how.refund},
        notifyCustomer=how.notify,
        staffNote=how.note or None,
    )
    job = data['orderCancel']['job']
    return not job or job['done'] or _wait_for_job(client, job['id'])


def _wait_for_job(client, gid):
    for attempt in range(JOB_TRIES):
        if client.execute('job', id=gid)['job']['done']:
            return True
        if attempt < JOB_TRIES - 1:
            time.sleep(JOB_PAUSE)
    return False


def fulfillment(client, part, tracking, notify):
    """Tell Shopify that units were shipped.

    :param Part part: of :func:`~.allocation.allocate`.
    :param Tracking tracking: may be empty.
    :param bool notify: whether Shopify writes to the buyer.
    :return: the :class:`~.order.Fulfillment`.
    :raise ShopifyUserError: Shopify has these units no more; ask again.
    """
    values = {
        'notifyCustomer': notify,
        'lineItemsByFulfillmentOrder': [
            {
                'fulfillmentOrderId': gid,
                'fulfillmentOrderLineItems': [{'id': line, 'quantity': n} for line, n in lines],
            }
            for gid, lines in part.takes
        ],
    }
    if tracking:
        values['trackingInfo'] = tracking.to_json()
    data = client.execute('fulfillment_create', fulfillment=values)
    return fetch.read_fulfillment(client, data['fulfillmentCreate']['fulfillment'])


def tracking(client, gid, info, notify):
    """Replace the tracking of a fulfilment; the same once more changes nothing.

    :param Tracking info: not empty.
    :return: the :class:`~.order.Fulfillment`.
    """
    data = client.execute(
        'fulfillment_tracking_update', id=gid, tracking=info.to_json(), notify=notify
    )
    return fetch.read_fulfillment(client, data['fulfillmentTrackingInfoUpdate']['fulfillment'])


def fulfillment_cancel(client, gid):
    """Take a shipment back: its units are to be shipped again.

    :return: the :class:`~.order.Fulfillment`.
    :raise ShopifyUserError: it is cancelled already, or delivered.
    """
    data = client.execute('fulfillment_cancel', id=gid)
    return fetch.read_fulfillment(client, data['fulfillmentCancel']['fulfillment'])


def move(client, what):
    """Have units of a fulfilment order shipped from another location.

    :param Move what: of :func:`~.shipping.decide`.
    :raise ShopifyUserError: the other location does not stock them, or they are on their way.
    """
    client.execute(
        'fulfillment_order_move',
        id=what.order_gid,
        to=what.to_gid,
        lines=[{'id': gid, 'quantity': units} for gid, units in what.lines],
    )


def close(client, gid):
    """Archive an order; an archived one stays so."""
    client.execute('order_close', input={'id': gid})


def set_attributes(client, gid, attributes):
    """Replace all attributes of an order.

    :param attributes: ``(key, value)`` pairs, those that are to stay included.
    :raise ShopifyUserError: Shopify refuses them.
    """
    pairs = [{'key': key, 'value': value} for key, value in attributes]
    client.execute('order_update', input={'id': gid, 'customAttributes': pairs})
