"""Webhook subscriptions and their delivery.

The refusals are as recorded for `webhookSubscriptionCreate` (version 2026-04) [R]; delivery follows
the documentation [D], with the four hours of retries shortened to moments.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import json
import logging
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import search
from .engine.errors import NotModelled, UserError
from .engine.records import Record
from .faults import WEBHOOK_KINDS
from .roots import ApiVersion
from .scalars import datetime_text
from .schema import DEFAULT_VERSION

if TYPE_CHECKING:
    from datetime import datetime

_logger = logging.getLogger(__name__)

MAX_ADDRESS = 64 * 1024
MAX_FILTER = 64 * 1024 - 1  # [R] 65,535 bytes pass, one more does not.
RETRIES = 8  # [D]
FAILURES_UNTIL_DELETED = 8  # [D]
ANSWER_WITHIN = 5  # seconds [D]
_NAME = re.compile(r'^[\w-]+$')
_LOCAL = frozenset({'127.0.0.1', 'localhost', '::1'})
_RESOURCES = (
    'fulfillment_orders',
    'order_transactions',
    'draft_orders',
    'bulk_operations',
    'inventory_levels',
    'inventory_items',
    'orders',
    'refunds',
    'returns',
    'fulfillments',
    'customers',
    'companies',
    'company_locations',
    'products',
    'locations',
    'disputes',
    'shop',
    'app',
)


@dataclass
class HttpEndpoint:
    """Where a subscription delivers."""

    callback_url: str
    typename: str = 'WebhookHttpEndpoint'


@dataclass(eq=False)
class WebhookSubscription(Record):
    """One subscription of the app."""

    typename = 'WebhookSubscription'
    id: str | None = None
    topic: str = ''
    uri: str = ''
    format: str = 'JSON'
    filter: str | None = None
    include_fields: list[str] = field(default_factory=list)
    metafield_namespaces: list[str] = field(default_factory=list)
    metafields: list[Any] = field(default_factory=list)
    name: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    failures: int = 0

    @property
    def callback_url(self) -> str:
        """The deprecated name of `uri`."""
        return self.uri

    @property
    def endpoint(self) -> HttpEndpoint:
        """The address as an object."""
        return HttpEndpoint(self.uri)

    @property
    def api_version(self) -> ApiVersion:
        """The version of the payload: the app's, not the subscription's. [D]"""
        return ApiVersion(DEFAULT_VERSION)


# --- the mutations ----------------------------------------------------------------------------


class SubscriptionMutations:
    """webhookSubscriptionCreate and webhookSubscriptionDelete.

    `allow_local` lets plain http:// addresses of this machine pass, which Shopify refuses: without
    it nothing on a developer's machine could be notified.
    """

    def __init__(self, *, allow_local: bool = True):
        self.allow_local = allow_local

    def create(self, store: Any, topic: str, webhookSubscription: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Create a subscription, or say why not."""
        given = webhookSubscription
        uri = (given.get('uri') or given.get('callbackUrl') or '').strip()
        errors = [
            *self._address_errors(store, uri),
            *_name_errors(store, given.get('name')),
            *_filter_errors(given.get('filter')),
        ]
        if given.get('format') == 'XML':
            raise NotModelled('not emulated: webhooks in XML')
        if not errors and _taken(store, topic, uri, given.get('filter')):
            errors = [_on_address('for this topic has already been taken')]
        if errors:
            return {'webhook_subscription': None, 'user_errors': errors}
        return {'webhook_subscription': _made(store, topic, uri, given), 'user_errors': []}

    def delete(self, store: Any, id: str) -> dict[str, Any]:  # noqa: A002 (GraphQL's name)
        """Delete a subscription."""
        record = store.get(id)
        if not isinstance(record, WebhookSubscription):
            error = UserError(['id'], 'Webhook subscription does not exist')
            return {'deleted_webhook_subscription_id': None, 'user_errors': [error]}
        store.remove(record)
        return {'deleted_webhook_subscription_id': id, 'user_errors': []}

    def _address_errors(self, store: Any, uri: str) -> list[UserError]:
        if not uri:
            return [_on_address("can't be blank")]
        if len(uri.encode()) > MAX_ADDRESS:
            return [_on_address('is too big (maximum is 64 KB)')]
        scheme, _, rest = uri.partition('://')
        if scheme == 'pubsub' or uri.startswith('arn:'):
            raise NotModelled(f'not emulated: webhook address {uri}')
        if not rest and '://' not in uri:
            return [_on_address('is invalid')]
        host = urlsplit(uri).hostname or ''
        if self.allow_local and scheme in ('http', 'https') and host in _LOCAL:
            return []
        return _remote_errors(store, scheme, host)


def _remote_errors(store: Any, scheme: str, host: str) -> list[UserError]:
    if scheme != 'https':
        errors = [_on_address(f'protocol {scheme}:// is not supported')]
        if scheme == 'kafka':
            errors.append(_on_address('is not a valid kafka topic'))
        return errors
    if not host:
        return [_on_address('is invalid')]
    internal = host in _LOCAL or host.endswith(('.myshopify.com', '.local', '.internal'))
    shopify = host == 'shopify.com' or host.endswith('.shopify.com')
    if internal or shopify or host == store.shop.myshopify_domain:
        return [_on_address('cannot be a Shopify or an internal domain')]
    return []


def _on_address(text: str) -> UserError:
    return UserError(['webhookSubscription', 'callbackUrl'], f'Address {text}')


def _name_errors(store: Any, name: str | None) -> list[UserError]:
    if name is None:
        return []
    texts = []
    if not name:
        texts.append('Name is too short (minimum is 1 character)')
    if not _NAME.match(name):
        texts.append(
            'Name name field can only contain alphanumeric characters, underscores, and hyphens'
        )
    elif any((s.name or '').lower() == name.lower() for s in _all(store)):
        texts.append('Name already exists, no duplicate allowed')
    return [UserError(['webhookSubscription', 'name'], text) for text in texts]


def _filter_errors(text: str | None) -> list[UserError]:
    if len((text or '').encode()) > MAX_FILTER:
        return [
            UserError(
                ['webhookSubscription'], 'The specified filter exceeds the maximum allowed size.'
            )
        ]
    named = all(term.field != 'default' for term in search.terms(search.parse(text or '')))
    if named:
        return []
    return [
        UserError(
            ['webhookSubscription'],
            'The specified filter is invalid, please ensure you specify the field(s) you wish '
            'to filter on.',
        )
    ]


def _all(store: Any) -> list[WebhookSubscription]:
    return store.collections['webhook_subscriptions']()


def _taken(store: Any, topic: str, uri: str, text: str | None) -> bool:
    wanted = (topic, uri, text or '')
    return any((s.topic, s.uri, s.filter or '') == wanted for s in _all(store))


def _made(store: Any, topic: str, uri: str, given: dict[str, Any]) -> WebhookSubscription:
    now = store.clock.now()
    return store.add(
        WebhookSubscription(
            topic=topic,
            uri=uri,
            filter=given.get('filter'),
            include_fields=list(given.get('includeFields') or ()),
            metafield_namespaces=list(given.get('metafieldNamespaces') or ()),
            name=given.get('name'),
            created_at=now,
            updated_at=now,
        )
    )


# --- the delivery -----------------------------------------------------------------------------


@dataclass
class Delivery:
    """One notification to one subscription, with its attempts."""

    subscription: WebhookSubscription
    topic: str
    body: bytes
    headers: dict[str, str]
    attempts: int = 0
    status: int | None = None
    done: bool = False
    faults: list[str] = field(default_factory=list)


def enum_topic(topic: str) -> str:
    """`orders/create` and ORDERS_CREATE both give ORDERS_CREATE."""
    return topic.replace('/', '_').upper()


def header_topic(topic: str) -> str:
    """ORDERS_CREATE gives `orders/create`, as the header X-Shopify-Topic has it."""
    if '/' in topic:
        return topic.lower()
    lowered = topic.lower()
    for resource in _RESOURCES:
        if lowered.startswith(resource + '_'):
            return f'{resource}/{lowered.removeprefix(resource + "_")}'
    return lowered


def signature(secret: str, body: bytes) -> str:
    """base64 of HMAC-SHA256 over the raw body. [D]"""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def rest_payload(record: Any) -> dict[str, Any]:
    """The part of the REST-shaped payload that the twin knows: who changed, and when.

    The whole payload of Shopify is far longer; a client should read the object by its id anyway.
    """
    payload: dict[str, Any] = {
        'id': getattr(record, 'legacy_resource_id', None),
        'admin_graphql_api_id': record.id,
    }
    for name in ('created_at', 'updated_at', 'processed_at', 'closed_at', 'cancelled_at'):
        moment = getattr(record, name, None)
        if moment is not None:
            payload[name] = datetime_text(moment)
    order = getattr(record, 'order', None)
    if order is not None:
        payload['order_id'] = order.legacy_resource_id
    for name in ('name', 'email', 'status'):
        value = getattr(record, name, None)
        if isinstance(value, str):
            payload[name] = value
    return payload


class WebhookDelivery:
    """Delivers in a thread of its own, so that no request waits for a receiver."""

    def __init__(self, twin: Any, retry_base: float = 0.05):
        self.twin = twin
        self.retry_base = retry_base
        self.log: list[Delivery] = []
        self._queue: list[tuple[float, int, Delivery]] = []
        self._sequence = 0
        self._busy = 0
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def notify(self, topic: str, record: Any) -> None:
        """Queue a notification for every subscription of a topic (a listener of the store)."""
        wanted = enum_topic(topic)
        found = [s for s in _all(self.twin.store) if s.topic == wanted]
        if not found:
            return
        payload, event = rest_payload(record), str(uuid.uuid4())
        for subscription in found:
            if _passes(subscription.filter, payload):
                self._send(subscription, header_topic(topic), payload, event)

    def _send(
        self, subscription: WebhookSubscription, topic: str, payload: dict[str, Any], event: str
    ) -> None:
        kept = subscription.include_fields
        shown = {k: v for k, v in payload.items() if k in kept} if kept else payload
        body = json.dumps(shown).encode()
        delivery = Delivery(
            subscription, topic, body, self._headers(subscription, topic, body, event)
        )
        delay, copies = 0.0, 1
        for fault in self.twin.faults.pick({subscription.topic, topic}, WEBHOOK_KINDS):
            delivery.faults.append(fault.kind)
            if fault.kind == 'webhook_lost':
                copies = 0
            elif fault.kind == 'webhook_late':
                delay = fault.params.get('seconds', 1)
            elif fault.kind == 'webhook_duplicate':
                copies = 2
            elif fault.kind == 'webhook_bad_signature':
                delivery.headers['X-Shopify-Hmac-Sha256'] = signature('wrong', body)
        self.log.append(delivery)
        for _copy in range(copies):
            self._enqueue(delivery, delay)

    def _headers(
        self, subscription: WebhookSubscription, topic: str, body: bytes, event: str
    ) -> dict[str, str]:
        headers = {
            'Content-Type': 'application/json',
            'X-Shopify-Topic': topic,
            'X-Shopify-Hmac-Sha256': signature(self.twin.access.client_secret, body),
            'X-Shopify-Shop-Domain': self.twin.store.shop.myshopify_domain,
            'X-Shopify-API-Version': DEFAULT_VERSION,
            'X-Shopify-Webhook-Id': str(uuid.uuid4()),
            'X-Shopify-Triggered-At': datetime_text(self.twin.store.clock.now()),
            'X-Shopify-Event-Id': event,
        }
        if subscription.name:
            headers['X-Shopify-Name'] = subscription.name
        return headers

    # --- the thread -------------------------------------------------------------------------

    def _enqueue(self, delivery: Delivery, delay: float) -> None:
        with self._wake:
            self._sequence += 1
            heapq.heappush(self._queue, (time.monotonic() + delay, self._sequence, delivery))
            if self._thread is None:
                self._stopping = False
                self._thread = threading.Thread(
                    target=self._work, daemon=True, name='twin-webhooks'
                )
                self._thread.start()
            self._wake.notify_all()

    def _work(self) -> None:
        while True:
            delivery = self._next()
            if delivery is None:
                return
            try:
                self._attempt(delivery)
            except Exception:
                _logger.exception("Webhook delivery failed in the twin itself")
            with self._wake:
                self._busy -= 1
                self._wake.notify_all()

    def _next(self) -> Delivery | None:
        with self._wake:
            while not self._stopping:
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue)[2]
                self._wake.wait(wait)
        return None

    def _attempt(self, delivery: Delivery) -> None:
        delivery.attempts += 1
        delivery.status = _post(delivery)
        if delivery.status is not None and 200 <= delivery.status < 300:
            delivery.done = True
            delivery.subscription.failures = 0
            return
        subscription = delivery.subscription
        subscription.failures += 1
        if subscription.failures >= FAILURES_UNTIL_DELETED:
            self._delete(subscription)
        elif delivery.attempts <= RETRIES:
            self._enqueue(delivery, self.retry_base * 2 ** (delivery.attempts - 1))

    def _delete(self, subscription: WebhookSubscription) -> None:
        with self.twin.lock:
            if self.twin.store.get(subscription.id) is subscription:
                self.twin.store.remove(subscription)

    def idle(self, timeout: float = 10) -> bool:
        """Wait until nothing is left to deliver; False when the time is up."""
        until = time.monotonic() + timeout
        with self._wake:
            while self._queue or self._busy:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._wake.wait(left)
        return True

    def stop(self) -> None:
        """Deliver nothing more."""
        with self._wake:
            self._stopping = True
            self._queue.clear()
            thread, self._thread = self._thread, None
            self._wake.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=ANSWER_WITHIN + 1)


def _passes(text: str | None, payload: dict[str, Any]) -> bool:
    condition = search.parse(text or '')
    table = {term.field: 'string' for term in search.terms(condition)}
    find = lambda name: lambda record: record.get(name)  # noqa: E731
    return search.compile_condition(condition, table, find, None)(payload)


def _post(delivery: Delivery) -> int | None:
    request = urllib.request.Request(  # noqa: S310 (the address was checked when subscribed)
        delivery.subscription.uri, data=delivery.body, headers=delivery.headers, method='POST'
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
