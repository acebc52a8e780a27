"""Writes: what a user has done to an order in Shopify. None of them may be sent twice blindly."""

import time
from dataclasses import dataclass

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
