"""Points: the formula, the bucket, the refusals (A3, A6, M-03)."""

import pytest

MONEY = 'shopMoney { amount currencyCode }'

# Documents with the price that the formula fitted to recorded requests gives them.
PRICED = [
    ('{ shop { id } }', 1),
    ('{ shop { id plan { publicDisplayName } } }', 2),
    ('{ ordersCount { count } }', 10),
    ('{ orders(first: 1) { nodes { id } } }', 3),
    ('{ orders(first: 10) { nodes { id } } }', 6),
    ('{ orders(first: 20) { edges { cursor node { id } } pageInfo { endCursor } } }', 7),
    ('{ orders(first: 250) { nodes { id } } }', 13),
    (f'{{ orders(first: 10) {{ nodes {{ totalPriceSet {{ {MONEY} }} }} }} }}', 6),
    ('{ orders(first: 10) { nodes { customer { id } shippingAddress { zip } } } }', 10),
    ('{ orders(first: 5) { nodes { lineItems(first: 5) { nodes { id } } } } }', 20),
    ('{ nodes(ids: ["gid://shopify/Order/1"]) { id ... on Order { customer { id } } } }', 2),
    ('mutation { orderClose(input: {id: "gid://shopify/Order/1"}) { order { id } } }', 10),
]


@pytest.mark.parametrize(('document', 'cost'), PRICED)
def test_requested_cost(client, document, cost):
    """A3: the price of a document before it runs."""
    extensions = client.ask(document)['extensions']
    assert extensions['cost']['requestedQueryCost'] == cost


def test_actual_cost_counts_what_came_back(shop, slow_twin, client):
    """M-03: one order instead of 250 costs less, and the rest is given back."""
    order = shop.store.collections['orders']()[0]
    document = 'query ($q: String) { orders(first: 250, query: $q) { nodes { id } } }'
    body = client.ask(document, {'q': f'id:{order.legacy_resource_id}'})
    cost = body['extensions']['cost']
    assert (cost['requestedQueryCost'], cost['actualQueryCost']) == (13, 3)


def test_bucket_throttles_and_refills(slow_twin):
    """A6: THROTTLED as documented, nothing runs, time gives points back."""
    from .conftest import Client  # noqa: PLC0415 (only this test talks to the slow twin)

    client = Client(slow_twin)
    slow_twin.bucket.drain(12)
    document = 'query Q { orders(first: 250) { nodes { id } } }'
    answer = client.post(document)
    assert answer.status_code == 200
    assert answer.json() == {
        'errors': [
            {
                'message': 'Throttled',
                'extensions': {
                    'code': 'THROTTLED',
                    'documentation': 'https://shopify.dev/api/usage/rate-limits',
                },
            }
        ],
        'extensions': {
            'cost': {
                'requestedQueryCost': 13,
                'actualQueryCost': None,
                'throttleStatus': {
                    'maximumAvailable': 2000,
                    'currentlyAvailable': 12,
                    'restoreRate': 100,
                },
            }
        },
    }
    slow_twin.time.seconds += 0.01
    assert 'data' in client.ask(document)
    slow_twin.time.seconds += 60
    assert slow_twin.bucket.available == 2000


def test_one_document_may_ask_for_1000_points(client):
    """A3: MAX_COST_EXCEEDED with the numbers, and no points taken."""
    document = (
        '{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { '
        'taxLines { title } product { id variants(first: 250) { nodes { id } } } } } } } }'
    )
    body = client.ask(document)
    error = body['errors'][0]
    assert error['extensions']['code'] == 'MAX_COST_EXCEEDED'
    assert error['extensions']['cost'] > error['extensions']['maxCost'] == 1000
    assert client.twin.bucket.available == 2000


def test_cost_debug_header_names_the_fields(client):
    """M-03: per-field prices on request."""
    document = '{ orders(first: 10) { nodes { customer { id } } } }'
    fields = client.ask(document, **{'Shopify-GraphQL-Cost-Debug': '1'})['extensions']['cost'][
        'fields'
    ]
    assert fields[0]['path'] == ['orders']
    assert fields[0]['requestedTotalCost'] == 10
    assert 'fields' not in client.ask(document)['extensions']['cost']
