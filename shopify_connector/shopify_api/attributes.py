"""Write one attribute to many orders, and tell our own change of an order from those of others."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from . import fetch, send
from .errors import ShopifyAccessError, ShopifyError, ShopifyRetryableError, ShopifyUserError

# Shopify's times have whole seconds: a read so long after our write has seen the whole second.
SETTLE_SECONDS = 2.0

# Nothing else will go through either: the other orders are better tried later.
_ENDS_THE_ROUND = (ShopifyRetryableError, ShopifyAccessError)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the attribute of one order.

    ``error`` is ``None`` when Shopify has the attribute now. ``changed_at`` is the order's last
    change before ours, ``echo_at`` our own change if we saw that nobody else had changed anything
    in between; both aware, UTC. ``read_at`` is when we looked after it.
    """

    error: ShopifyError | None = None
    sent: bool = False
    changed_at: datetime | None = None
    echo_at: datetime | None = None
    read_at: datetime | None = None


def merged(attributes, key, value):
    """Return attributes (pairs) with one of them set; the others stay, each in its place."""
    result, rest = [], [value]
    for name, old in attributes:
        if name != key:
            result.append((name, old))
        elif rest:
            result.append((name, rest.pop()))
    return (*result, *((key, item) for item in rest))


def is_own_change(before, after, key):
    """Return whether two states of an order differ in nothing but the attribute ``key``.

    :param Order before: as read before our change.
    :param Order after: as read after it.
    """
    return _without(before, key) == _without(after, key)


def _without(order, key):
    others = tuple(pair for pair in order.attributes if pair[0] != key)
    return replace(order, attributes=others, updated_at=None)


def write(client, key, values, **read_options):
    """Give many orders an attribute; what has it already is left alone.

    Orders are read before, because Shopify replaces all attributes of an order at once, and again
    after, because only that tells whether somebody else changed the order meanwhile, and what
    became of a write whose answer was lost.

    :param dict values: gid → value of the attribute; at most ``fetch.ORDERS_PER_REQUEST``. Others'
        attributes that are changed between our read and our write would be lost: few are better.
    :param read_options: for :func:`fetch.orders`.
    :return: dict gid → :class:`Written`; an order that was not tried is not in it.
    :raise ShopifyError: the orders could not be read; nothing was sent.
    """
    before = fetch.orders(client, list(values), with_refunds=False, **read_options)
    gone = {gid: Written(error=_gone()) for gid in values if gid not in before}
    tried = _send_all(client, key, {gid: (before[gid], values[gid]) for gid in before})
    unsure = [gid for gid, result in tried.items() if _is_unsure(result)]
    for gid, after in _read_settled(client, unsure, read_options).items():
        tried[gid] = _judge(tried[gid], before[gid], after, (key, values[gid]))
    return {**gone, **tried}


def _gone():
    return ShopifyUserError("Shopify has no such order any more.", code='gone')


def _send_all(client, key, wanted):
    """Send what is not there yet; end at an error that the other orders would meet, too."""
    tried = {}
    for gid, (order, value) in wanted.items():
        attributes = merged(order.attributes, key, value)
        facts = {'changed_at': order.updated_at}
        if attributes == order.attributes:
            tried[gid] = Written(**facts)
            continue
        try:
            send.set_attributes(client, gid, attributes)
        except _ENDS_THE_ROUND as error:
            tried[gid] = Written(error=error, **facts)
            break
        except ShopifyError as error:
            tried[gid] = Written(error=error, **facts)
        else:
            tried[gid] = Written(sent=True, **facts)
    return tried


def _is_unsure(result):
    """Return whether only a look at the order tells what it is like now."""
    return result.sent or isinstance(result.error, ShopifyRetryableError)


def _read_settled(client, gids, options):
    """Return gid → order, read when the second of our last write is over.

    Without an answer there is nothing to know: the import will read the orders once more.
    """
    if not gids:
        return {}
    time.sleep(SETTLE_SECONDS)
    try:
        return fetch.orders(client, gids, with_refunds=False, **options)
    except ShopifyError:
        return {}


def _judge(result, before, after, pair):
    """Return what the order tells of its write."""
    if pair not in after.attributes:
        return result
    echo_at = after.updated_at if is_own_change(before, after, pair[0]) else None
    return replace(result, error=None, sent=True, echo_at=echo_at, read_at=after.read_at)
