"""Webhooks: refusals as recorded, signed deliveries, retries (R-88 leans on them; M-02)."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CREATE = """mutation ($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) {
        webhookSubscription { id topic uri filter includeFields name apiVersion { handle } }
        userErrors { field message } } }"""
DELETE = """mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId userErrors { field message } } }"""
ADDRESS = ['webhookSubscription', 'callbackUrl']
NAME = ['webhookSubscription', 'name']
ALLOWED = 'alphanumeric characters, underscores, and hyphens'
INVALID_FILTER = (
    'The specified filter is invalid, please ensure you specify the field(s) you wish to filter on.'
)


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers with the statuses it is told, then 200."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.got = []
        self.statuses = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def uri(self):
        """Where it listens."""
        return f'http://127.0.0.1:{self.server_address[1]}/hook'


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def receiver():
    """A receiver of notifications."""
    made = Receiver()
    yield made
    made.shutdown()
    made.server_close()


def subscribe(client, uri, topic='ORDERS_UPDATED', **extra):
    """The payload of webhookSubscriptionCreate."""
    body = client.ask(CREATE, {'topic': topic, 'sub': {'uri': uri, **extra}})
    return body['data']['webhookSubscriptionCreate']


def change(twin):
    """Change an order, as the engine's verbs do; gives the order."""
    order = twin.store.collections['orders']()[0]
    with twin.lock:
        twin.store.touch(order)
        twin.store.emit('orders/updated', order)
    assert twin.webhooks.idle()
    return order


# Address or name, and the refusals as recorded.
REFUSED = [
    ({'uri': '   '}, [(ADDRESS, "Address can't be blank")]),
    ({'uri': 'http://example.com/hook'}, [(ADDRESS, 'Address protocol http:// is not supported')]),
    ({'uri': 'ftp://example.com/hook'}, [(ADDRESS, 'Address protocol ftp:// is not supported')]),
    (
        {'uri': 'kafka://broker/topic'},
        [
            (ADDRESS, 'Address protocol kafka:// is not supported'),
            (ADDRESS, 'Address is not a valid kafka topic'),
        ],
    ),
    ({'uri': 'https://'}, [(ADDRESS, 'Address is invalid')]),
    (
        {'uri': 'https://twin-shop.myshopify.com/hook'},
        [(ADDRESS, 'Address cannot be a Shopify or an internal domain')],
    ),
    (
        {'uri': 'https://example.com/' + 'a' * 65536},
        [(ADDRESS, 'Address is too big (maximum is 64 KB)')],
    ),
    (
        {'uri': 'https://example.com/a', 'name': ''},
        [
            (NAME, 'Name is too short (minimum is 1 character)'),
            (NAME, f'Name name field can only contain {ALLOWED}'),
        ],
    ),
    (
        {'uri': 'https://example.com/a', 'filter': 'customer_id:1 bareword'},
        [
            (
                ['webhookSubscription'],
                INVALID_FILTER,
            )
        ],
    ),
    (
        {'uri': 'https://example.com/a', 'filter': 'id:1 ' * 13108},
        [(['webhookSubscription'], 'The specified filter exceeds the maximum allowed size.')],
    ),
]


@pytest.mark.parametrize(('given', 'errors'), REFUSED)
def test_refusals(client, given, errors):
    """A9: field and message of each refusal; nothing is made."""
    payload = subscribe(client, **given)
    assert payload['webhookSubscription'] is None
    assert [(e['field'], e['message']) for e in payload['userErrors']] == errors
    assert client.twin.store.collections['webhook_subscriptions']() == []


def test_duplicates_are_refused(client):
    """A9: same topic, address and filter; a name in another case."""
    uri = '  https://example.com/hook  '
    made = subscribe(client, uri, name='OrderHook')['webhookSubscription']
    assert made['uri'] == 'https://example.com/hook'
    again = subscribe(client, uri)
    assert again['userErrors'] == [
        {'field': ADDRESS, 'message': 'Address for this topic has already been taken'}
    ]
    assert subscribe(client, uri, filter='id:1')['userErrors'] == []
    named = subscribe(client, 'https://example.com/other', name='orderhook')
    assert named['userErrors'] == [
        {'field': NAME, 'message': 'Name already exists, no duplicate allowed'}
    ]


def test_deleting(client):
    """A9: once, then it does not exist."""
    gid = subscribe(client, 'https://example.com/a')['webhookSubscription']['id']
    deleted = client.ask(DELETE, {'id': gid})['data']['webhookSubscriptionDelete']
    assert deleted == {'deletedWebhookSubscriptionId': gid, 'userErrors': []}
    again = client.ask(DELETE, {'id': gid})['data']['webhookSubscriptionDelete']
    assert again == {
        'deletedWebhookSubscriptionId': None,
        'userErrors': [{'field': ['id'], 'message': 'Webhook subscription does not exist'}],
    }


def test_listing_by_topic_and_address(client):
    """A3: the arguments that a connector checks its subscriptions with."""
    subscribe(client, 'https://example.com/a')
    subscribe(client, 'https://example.com/b', topic='ORDERS_PAID')
    document = """query ($topics: [WebhookSubscriptionTopic!], $uri: String) {
        webhookSubscriptions(first: 10, topics: $topics, uri: $uri) { nodes { topic uri } } }"""
    body = client.ask(document, {'topics': ['ORDERS_PAID']})
    assert body['data']['webhookSubscriptions']['nodes'] == [
        {'topic': 'ORDERS_PAID', 'uri': 'https://example.com/b'}
    ]
    body = client.ask(document, {'uri': 'https://example.com/nope'})
    assert body['data']['webhookSubscriptions']['nodes'] == []


def test_delivery_is_signed_and_names_its_event(shop, client, receiver):
    """R-88: headers, signature over the raw body, the record's id in the payload."""
    assert subscribe(client, receiver.uri, name='mine')['userErrors'] == []
    order = change(shop)
    (headers, body), *rest = receiver.got
    assert not rest
    digest = hmac.new(shop.client_secret.encode(), body, hashlib.sha256).digest()
    assert headers['X-Shopify-Hmac-Sha256'] == base64.b64encode(digest).decode()
    assert headers['X-Shopify-Topic'] == 'orders/updated'
    assert headers['X-Shopify-Shop-Domain'] == shop.domain
    assert headers['X-Shopify-Name'] == 'mine'
    assert len(headers['X-Shopify-Webhook-Id']) == 36
    payload = json.loads(body)
    assert payload['admin_graphql_api_id'] == order.id
    assert payload['id'] == order.legacy_resource_id


def test_include_fields_and_filter(shop, client, receiver):
    """M-13: only what was asked for leaves the shop; a filter keeps others out."""
    order = shop.store.collections['orders']()[0]
    fields = ['id', 'updated_at']
    subscribe(client, receiver.uri, includeFields=fields, filter=f'id:{order.legacy_resource_id}')
    subscribe(client, receiver.uri, filter='id:1')
    change(shop)
    assert [set(json.loads(body)) for _headers, body in receiver.got] == [set(fields)]


def test_retries_keep_the_webhook_id(shop, client, receiver):
    """M-02: a failed delivery comes again, recognisable by its id."""
    subscribe(client, receiver.uri)
    receiver.statuses = [500, 503]
    change(shop)
    ids = [headers['X-Shopify-Webhook-Id'] for headers, _body in receiver.got]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert shop.webhooks.log[0].done


def test_eight_failures_delete_the_subscription(shop, client, receiver):
    """M-02: a dead receiver loses its subscription, so polling must remain the truth."""
    shop.webhooks.retry_base = 0.001
    subscribe(client, receiver.uri)
    receiver.statuses = [500] * 20
    change(shop)
    assert len(receiver.got) == 8
    assert shop.store.collections['webhook_subscriptions']() == []


@pytest.mark.parametrize(
    ('kind', 'signed'),
    [
        ('webhook_duplicate', [True, True]),
        ('webhook_bad_signature', [False]),
        ('webhook_lost', []),
        ('webhook_late', [True]),
    ],
)
def test_faults_of_delivery(shop, client, receiver, kind, signed):
    """M-02: twice, wrongly signed, never, late; each as often and as well signed as expected."""
    subscribe(client, receiver.uri)
    shop.faults.add(kind, 'ORDERS_UPDATED', times=1, seconds=0.2)
    change(shop)
    found = []
    for headers, body in receiver.got:
        digest = hmac.new(shop.client_secret.encode(), body, hashlib.sha256).digest()
        found.append(headers['X-Shopify-Hmac-Sha256'] == base64.b64encode(digest).decode())
    assert found == signed
