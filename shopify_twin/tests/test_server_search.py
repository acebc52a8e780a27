"""Search: grammar, warnings, matching, lag (R-49 to R-53 lean on it; issue 2 section 2)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shopify_twin import search

ZONE = ZoneInfo('America/New_York')
TABLE = {'updated_at': 'time', 'id': 'id', 'sku': 'string', 'tag': 'string'}

# Query, what `parsed` shows, fields that draw a warning: all as recorded.
RECORDED = [
    (
        "tracked:false sku:'INV-1'",
        {
            'and': [
                {'field': 'tracked', 'match_all': 'false'},
                {'field': 'sku', 'match_phrase': 'INV-1'},
            ]
        },
        ['tracked'],
    ),
    (
        "updated_at:<2000-01-01T00:00:00Z sku:'A'",
        {
            'and': [
                {'field': 'updated_at', 'range_lte': '2000-01-01T00:00:00-05:00'},
                {'field': '00', 'match_all': '00Z'},
                {'field': 'sku', 'match_phrase': 'A'},
            ]
        },
        ['00'],
    ),
    (
        '(id:98 OR id:99) AND updated_at:>=2026-01-01T00:00:00Z',
        {
            'and': [
                {'field': 'updated_at', 'range_gte': '2026-01-01T00:00:00-05:00'},
                {
                    'or': [
                        {'field': 'id', 'match_all': '98'},
                        {'field': 'id', 'match_all': '99'},
                    ]
                },
                {'field': '00', 'match_all': '00Z'},
            ]
        },
        ['00'],
    ),
    ('someone@example.com', {'field': 'default', 'match_all': 'someone@example.com'}, ['default']),
]


@pytest.mark.parametrize(('text', 'parsed', 'warned'), RECORDED)
def test_grammar_as_recorded(text, parsed, warned):
    """A9: the parsed form and the warnings of recorded searches, oddities included."""
    condition = search.parse(text)
    assert search.described(condition, TABLE, ZONE) == parsed
    assert [w['field'] for w in search.warnings(condition, TABLE)] == warned


def found(client, query):
    """Names of the orders a query finds."""
    body = client.ask(
        'query ($q: String) { orders(first: 250, query: $q) { nodes { name } } }', {'q': query}
    )
    assert 'errors' not in body, body['errors']
    return {row['name'] for row in body['data']['orders']['nodes']}


def matching(twin, test):
    """Names of the orders a test picks."""
    return {order.name for order in twin.store.collections['orders']() if test(order)}


def test_an_unknown_field_is_dropped_with_a_warning_only(shop, client):
    """A3: HTTP 200, the rest of the filter applies, extensions.search tells."""
    body = client.ask('{ orders(first: 250, query: "nope:1 status:cancelled") { nodes { name } } }')
    names = {row['name'] for row in body['data']['orders']['nodes']}
    assert names == matching(shop, lambda o: o.cancelled_at)
    assert body['extensions']['search'] == [
        {
            'path': ['orders'],
            'query': 'nope:1 status:cancelled',
            'parsed': {
                'and': [
                    {'field': 'nope', 'match_all': '1'},
                    {'field': 'status', 'match_all': 'cancelled'},
                ]
            },
            'warnings': [
                {
                    'field': 'nope',
                    'message': 'Invalid search field for this query.',
                    'code': 'invalid_field',
                }
            ],
        }
    ]
    clean = client.ask('{ orders(first: 1, query: "status:open") { nodes { id } } }')
    assert 'search' not in clean['extensions']


def test_order_filters(shop, client):
    """R-40 ff.: the filters a connector uses find exactly what they name."""
    orders = shop.store.collections['orders']()
    one = orders[5]
    moment = sorted(order.updated_at for order in orders)[30]
    cases = {
        'status:open': lambda o: not o.closed and not o.cancelled_at,
        'status:closed': lambda o: o.closed,
        'NOT status:open': lambda o: o.closed or o.cancelled_at,
        'financial_status:paid': lambda o: o.display_financial_status == 'PAID',
        'financial_status:paid OR financial_status:pending': lambda o: (
            o.display_financial_status in ('PAID', 'PENDING')
        ),
        'fulfillment_status:shipped': lambda o: o.display_fulfillment_status == 'FULFILLED',
        f"updated_at:>='{moment:%Y-%m-%dT%H:%M:%SZ}'": lambda o: o.updated_at >= moment,
        f"updated_at:>'{moment:%Y-%m-%dT%H:%M:%SZ}' status:open": lambda o: (
            o.updated_at > moment and not o.closed and not o.cancelled_at
        ),
        f'id:{one.legacy_resource_id}': lambda o: o is one,
        f'id:>={one.legacy_resource_id}': lambda o: o.legacy_resource_id >= one.legacy_resource_id,
        f"name:'{one.name}'": lambda o: o.name == one.name,
    }
    for query, test in cases.items():
        expected = matching(shop, test)
        assert expected, query
        assert found(client, query) == expected, query


def test_tags_are_whole_and_without_case(shop, client):
    """R-40: `tag` compares the whole tag, `tag_not` is its contrary."""
    first, second, *_ = shop.store.collections['orders']()
    first.tags, second.tags = ['Twin Tag'], ['Twin']
    assert found(client, "tag:'twin tag'") == {first.name}
    assert found(client, 'tag:TWIN') == {second.name}
    assert len(found(client, 'tag_not:twin')) == 59


def test_variants_by_sku_and_barcode(shop, client):
    """R-27: several quoted values in one request."""
    one, two = shop.store.collections['product_variants']()[:2]
    query = f"sku:'{one.sku}' OR sku:'{two.sku}'"
    body = client.ask(
        'query ($q: String) { productVariants(first: 50, query: $q) { nodes { id sku } } }',
        {'q': query},
    )
    assert {one.id, two.id} <= {row['id'] for row in body['data']['productVariants']['nodes']}


def test_customer_by_identifier(shop, client):
    """R-40: the exact look-up needs no index."""
    customer = next(c for c in shop.store.collections['customers']() if c.email)
    document = """query ($i: CustomerIdentifierInput!) { customerByIdentifier(identifier: $i)
        { id } }"""
    email = {'i': {'emailAddress': customer.email.upper()}}
    assert client.ask(document, email)['data']['customerByIdentifier'] == {'id': customer.id}
    unknown = {'i': {'emailAddress': 'nobody@example.com'}}
    assert client.ask(document, unknown)['data'] == {'customerByIdentifier': None}


def test_a_count_has_fewer_fields(shop, client):
    """A9: customersCount refuses fields and bare words that `customers` knows."""
    body = client.ask('{ customersCount(query: "tag:x") { count } }')
    assert body['data']['customersCount']['count'] == len(shop.store.collections['customers']())
    assert body['extensions']['search'][0]['warnings'][0]['code'] == 'invalid_field'
    body = client.ask('{ customersCount(query: "word") { count } }')
    assert body['extensions']['search'][0]['warnings'][0]['code'] == 'missing_named_field'


def test_the_index_lags(shop, client):
    """A6: with a lag a fresh change is not found yet, reading by id shows it."""
    order = shop.store.collections['orders']()[0]
    now = datetime.now(UTC).replace(microsecond=0)
    shop.store.clock.set(now)
    shop.store.touch(order)
    query = f"updated_at:>='{now:%Y-%m-%dT%H:%M:%SZ}'"
    assert found(client, query) == {order.name}
    shop.search_lag = 30
    assert found(client, query) == set()
    document = 'query ($id: ID!) { order(id: $id) { updatedAt } }'
    read = client.ask(document, {'id': order.id})['data']['order']['updatedAt']
    assert read == f'{now:%Y-%m-%dT%H:%M:%SZ}'
    shop.store.clock.set(now + timedelta(seconds=31))
    assert found(client, query) == {order.name}


def test_a_search_field_without_a_model_is_refused(shop, client):
    """M-10: legal at Shopify, unknown to the twin: no guess."""
    body = client.ask('{ orders(first: 1, query: "chargeback_status:won") { nodes { id } } }')
    assert body['errors'][0]['message'] == 'not emulated: search field chargeback_status of Order'
