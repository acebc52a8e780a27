"""Calls of Shopify (webhooks): who signed one, what it is about. Content is always read anew."""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass

from .gid import build

# Topics that we ask to be called about, and the only fields that a call then carries: no name, no
# address, no amount leaves Shopify this way. ``ORDERS_UPDATED`` follows every change of an order,
# payments, edits, refunds and shipments included.
TOPICS = {
    'ORDERS_CREATE': ('id', 'admin_graphql_api_id', 'updated_at'),
    'ORDERS_UPDATED': ('id', 'admin_graphql_api_id', 'updated_at'),
    'APP_UNINSTALLED': ('id',),
}
# A call with the fields above has some 150 bytes. One with a whole order has tens of thousands.
MAX_BYTES = 1024 * 1024

_ORDER_GID = re.compile(r'gid://shopify/Order/[0-9]+')


@dataclass(frozen=True, slots=True)
class Call:
    """The headers of one call; empty text for what is not there.

    ``webhook_id`` stays the same when Shopify repeats a call that was not answered well.
    """

    topic: str
    store_domain: str
    signature: str
    webhook_id: str

    @classmethod
    def from_headers(cls, headers):
        """Read a mapping of HTTP headers, whose names may be written in any case.

        https://shopify.dev/docs/apps/build/webhooks/delivery-structure
        """
        found = {name.lower(): value for name, value in headers.items()}
        return cls(
            topic=found.get('x-shopify-topic', '').strip().replace('/', '_').upper(),
            store_domain=found.get('x-shopify-shop-domain', '').strip().lower(),
            signature=found.get('x-shopify-hmac-sha256', '').strip(),
            webhook_id=found.get('x-shopify-webhook-id', '').strip(),
        )

    def is_signed_by(self, body, secrets):
        """Return whether one of the secrets of the app has signed the body.

        Each is compared in a time that does not tell how much of the signature was right.

        :param bytes body: exactly as it came.
        :param secrets: client secrets; empty ones sign nothing.
        """
        given = self.signature.encode()
        matches = [hmac.compare_digest(sign(body, secret), given) for secret in secrets if secret]
        return any(matches)


def sign(body, secret):
    """Return Shopify's signature of a body: base64 of its HMAC-SHA256.

    https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
    """
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())


def read_order_gid(body):
    """Return the gid of the order that a call is about, ``None`` when it does not tell.

    :raise ValueError: the body is not JSON.
    """
    payload = json.loads(body)
    if not isinstance(payload, dict):
        return None
    given = payload.get('admin_graphql_api_id') or build('Order', payload.get('id'))
    return given if isinstance(given, str) and _ORDER_GID.fullmatch(given) else None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What Shopify was asked to call about, and at which address."""

    gid: str
    topic: str
    uri: str


def read_subscriptions(client):
    """Return all subscriptions of the app (list), and the address that the store has now."""
    found, after = [], None
    while True:
        data = client.execute('webhook_subscriptions', after=after)
        page = data['webhookSubscriptions']
        found += [Subscription(node['id'], node['topic'], node['uri']) for node in page['nodes']]
        if not page['pageInfo']['hasNextPage']:
            return found, data['shop']['myshopifyDomain']
        after = page['pageInfo']['endCursor']


def subscribe(client, topic, uri):
    """Ask to be called about a topic of :data:`TOPICS`; return the gid of the subscription.

    :raise ShopifyUserError: the address is refused, or was subscribed before.
    """
    wanted = {'uri': uri, 'includeFields': list(TOPICS[topic])}
    data = client.execute('webhook_subscription_create', topic=topic, subscription=wanted)
    return data['webhookSubscriptionCreate']['webhookSubscription']['id']


def unsubscribe(client, subscription):
    """End a :class:`Subscription`.

    :raise ShopifyUserError: it does not exist any more.
    """
    client.execute('webhook_subscription_delete', id=subscription.gid)
