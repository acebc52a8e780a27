"""Shopify calls a real Odoo server: many at once, beside scheduled actions that really run (R-03).

In Odoo's test mode all requests share one connection; here each has its own, and they meet.
"""

import base64
import contextlib
import hashlib
import hmac
import time
import urllib.request
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg2
import pytest

from dev import testing
from dev.bench import programs
from dev.screenshots import odoo_server
from dev.setup import ensure_all

CALLS = 300
AT_ONCE = 8
ORDERS = 20
ORDER_CREATE = """mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) {
    order { id } userErrors { message } } }"""


class Server:
    """A running Odoo, as its administrator sees it over XML-RPC, and as Shopify calls it."""

    def __init__(self, address, database, twin):
        self.address = address
        self.database = database
        self.twin = twin
        self._objects = xmlrpc.client.ServerProxy(f'{address}/xmlrpc/2/object', allow_none=True)

    def ask(self, model, method, *arguments, **options):
        """Call a public method as the administrator."""
        signed = (self.database, 2, 'admin', model, method, arguments, options)
        return self._objects.execute_kw(*signed)

    def select(self, query):
        """Return the rows of a query, on a connection of its own."""
        with contextlib.closing(psycopg2.connect(dbname=self.database)) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor.fetchall()

    def connect(self):
        """Connect the twin, and let it call; the schedule itself is put off by a day."""
        self.ask('ir.config_parameter', 'set_param', 'web.base.url', self.address)
        values = {
            'domain': urlsplit(self.twin.url).netloc,
            'auth_method': 'client',
            'client_id': self.twin.hello['client_id'],
            'client_secret': self.twin.hello['client_secret'],
        }
        [wizard] = self.ask('shopify.connect', 'create', [values])
        self.ask('shopify.connect', 'action_connect', [wizard])
        [store] = self.ask('shopify.store', 'search', [])
        [shop] = self.ask('shopify.shop', 'search', [])
        self.ask('shopify.shop', 'write', [shop], {'create_products': True})
        self._put_off_schedule()
        self.ask('shopify.store', 'write', [store], {'auto_sync': True})
        fields = ['webhook_address', 'shopify_domain']
        return self.ask('shopify.store', 'read', [store], fields)[0]

    def _put_off_schedule(self):
        crons = self.ask('ir.cron', 'search', [('name', 'like', 'Shopify: import')])
        tomorrow = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(time.time() + 86_400))
        self.ask('ir.cron', 'write', crons, {'nextcall': tomorrow})

    def call(self, store, gid):
        """Call as Shopify does; return the seconds that the answer took."""
        body = b'{"admin_graphql_api_id": "%s"}' % gid.encode()
        secret = self.twin.hello['client_secret'].encode()
        headers = {
            'Content-Type': 'application/json',
            'X-Shopify-Topic': 'orders/updated',
            'X-Shopify-Shop-Domain': store['shopify_domain'],
            'X-Shopify-Hmac-Sha256': base64.b64encode(
                hmac.new(secret, body, hashlib.sha256).digest()
            ).decode(),
        }
        begun = time.monotonic()
        request = urllib.request.Request(store['webhook_address'], body, headers)  # noqa: S310 - own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - own address
            assert answer.status == 200
        return time.monotonic() - begun


@pytest.fixture(scope='module')
def environ():
    """Give the environment for programs."""
    return ensure_all()


@pytest.fixture
def server(environ):
    """Give a connected server whose scheduled actions run when they are woken, and only then."""
    with (
        programs.database_copy(testing.ensure_base(environ), environ) as database,
        programs.twin(0, environ, seed=3, profile='plain') as twin,
        odoo_server(database, cron_threads=2) as address,
    ):
        yield Server(address, database, twin)


def put_order(twin):
    """Create an order in the twin, which then calls."""
    side = {'amount': '10.00', 'currencyCode': 'EUR'}
    price = {'shopMoney': side, 'presentmentMoney': side}
    order = {
        'currency': 'EUR',
        'email': 'ada@example.com',
        'lineItems': [{'title': "Mug", 'sku': 'MUG', 'quantity': 1, 'priceSet': price}],
    }
    payload = twin.execute(ORDER_CREATE, order=order)['orderCreate']
    assert not payload['userErrors']
    return payload['order']['id']


def test_a_burst_beside_a_running_import(server):
    """R-03: answers come in time, orders of the burst arrive without the schedule, each once."""
    store = server.connect()
    server.twin.control('faults', kind='search_lag', seconds=3600)
    gids = [put_order(server.twin) for _ in range(ORDERS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        called = [gids[number % ORDERS] for number in range(CALLS)]
        seconds = sorted(pool.map(lambda gid: server.call(store, gid), called))
    print(f"{CALLS} calls: median {seconds[CALLS // 2]:.3f} s, slowest {seconds[-1]:.3f} s")
    assert seconds[-1] < 5, "Shopify gives up after five seconds"
    programs.wait_until(
        lambda: server.select("SELECT count(*) FROM shopify_order") == [(ORDERS,)],
        120,
        "Orders that Shopify has called about",
    )
    programs.wait_until(
        lambda: server.select("SELECT count(*) FROM shopify_order_call") == [(0,)],
        60,
        "A look at all orders of the burst",
    )
    found = server.select("SELECT shopify_id FROM shopify_order")
    assert sorted(gid for (gid,) in found) == sorted(gids)


def test_an_order_right_after_another(server):
    """R-03: a call that comes while the import runs wakes it once more."""
    server.connect()
    server.twin.control('faults', kind='search_lag', seconds=3600)
    gids = []
    for _ in range(6):
        gids.append(put_order(server.twin))
        time.sleep(0.4)
    programs.wait_until(
        lambda: server.select("SELECT count(*) FROM shopify_order") == [(len(gids),)],
        60,
        "Orders that came one after the other",
    )
