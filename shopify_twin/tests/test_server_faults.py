"""Faults on request: what a client must survive (A5, A6, M-02)."""

import time

import pytest
import requests

SUBSCRIBE = """mutation Subscribe($uri: String!) { webhookSubscriptionCreate(
    topic: ORDERS_CREATE, webhookSubscription: {uri: $uri}) {
    webhookSubscription { id } userErrors { message } } }"""
READ = 'query Read { shop { id } }'


def subscriptions(twin):
    """How many subscriptions the shop has."""
    return len(twin.store.collections['webhook_subscriptions']())


@pytest.mark.parametrize(('kind', 'effects'), [('drop_before', 0), ('drop_after', 1)])
def test_a_lost_answer(client, kind, effects):
    """M-02: the connection ends before or after the effect, once, for one operation."""
    client.twin.faults.add(kind, 'Subscribe', times=1)
    with pytest.raises(requests.ConnectionError):
        client.post(SUBSCRIBE, {'uri': 'https://example.com/a'})
    assert subscriptions(client.twin) == effects
    assert client.post(READ).status_code == 200
    again = client.ask(SUBSCRIBE, {'uri': 'https://example.com/a'})['data']
    errors = again['webhookSubscriptionCreate']['userErrors']
    assert bool(errors) is bool(effects)
    assert subscriptions(client.twin) == 1


@pytest.mark.parametrize('status', [401, 402, 403, 404, 423, 430, 500, 502, 503, 504])
def test_statuses(client, status):
    """A6: a status instead of an answer, nothing ran, then all is well again."""
    client.twin.faults.add('http', status=status, times=1)
    answer = client.post(SUBSCRIBE, {'uri': 'https://example.com/a'})
    assert answer.status_code == status
    assert isinstance(answer.json()['errors'], str)
    assert subscriptions(client.twin) == 0
    assert client.post(READ).status_code == 200


def test_too_many_requests_say_when_to_return(client):
    """A6: 429 carries Retry-After."""
    client.twin.faults.add('http', status=429, retry_after=3, times=1)
    assert client.post(READ).headers['Retry-After'] == '3.0'


def test_a_burst_of_throttling(client):
    """A6: THROTTLED three times, then the answer."""
    client.twin.faults.add('throttled', times=3)
    bodies = [client.ask(READ) for _turn in range(3)]
    codes = [body['errors'][0]['extensions']['code'] for body in bodies]
    assert codes == ['THROTTLED'] * 3
    cost = bodies[0]['extensions']['cost']
    assert cost['throttleStatus']['currentlyAvailable'] < cost['requestedQueryCost']
    time.sleep(0.05)  # The bucket is empty, as the answers said.
    assert client.ask(READ)['data']


def test_delay(client):
    """A6: the answer is late."""
    client.twin.faults.add('delay', seconds=0.3, times=1)
    started = time.monotonic()
    client.ask(READ)
    assert time.monotonic() - started >= 0.3


def test_internal_error_with_and_without_data(shop, client):
    """A6: Shopify's own failure names the request; partial data may stand beside it."""
    document = 'query Two { shop { id } orders(first: 1) { nodes { id } } }'
    client.twin.faults.add('internal_error', 'Two', nth=1)
    client.twin.faults.add('internal_error', 'Two', nth=2, partial=True)
    answer = client.post(document)
    error = answer.json()['errors'][0]
    assert error['extensions']['code'] == 'INTERNAL_SERVER_ERROR'
    assert error['extensions']['requestId'] == answer.headers['X-Request-Id']
    assert answer.headers['X-Request-Id'] in error['message']
    assert answer.json()['data'] is None
    partial = client.ask(document)
    assert partial['data']['shop']['id']
    assert partial['data']['orders'] is None
    assert partial['errors'][0]['path'] == ['orders']


def test_an_enum_value_of_tomorrow(shop, client):
    """A6: a status that the schema does not know reaches the client."""
    client.twin.faults.add(
        'enum', field='Order.displayFulfillmentStatus', value='SOMETHING_NEW', times=1
    )
    document = '{ orders(first: 2) { nodes { displayFulfillmentStatus } } }'
    rows = client.ask(document)['data']['orders']['nodes']
    assert {row['displayFulfillmentStatus'] for row in rows} == {'SOMETHING_NEW'}
    rows = client.ask(document)['data']['orders']['nodes']
    assert 'SOMETHING_NEW' not in {row['displayFulfillmentStatus'] for row in rows}


def test_broken_json(client):
    """A6: an answer cut in the middle."""
    client.twin.faults.add('broken_json', times=1)
    answer = client.post(READ)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_search_lag_for_one_request(shop, client):
    """A6: one search is answered from an old index."""
    order = shop.store.collections['orders']()[0]
    shop.store.touch(order)
    moment = order.updated_at.strftime('%Y-%m-%dT%H:%M:%SZ')
    document = 'query Q($q: String) { orders(first: 5, query: $q) { nodes { id } } }'
    variables = {'q': f"updated_at:>='{moment}'"}
    shop.faults.add('search_lag', 'orders', seconds=60, times=1)
    assert client.ask(document, variables)['data']['orders']['nodes'] == []
    assert client.ask(document, variables)['data']['orders']['nodes'] == [{'id': order.id}]


def test_the_nth_call_and_the_root_field(client):
    """A5: rules know the nth call and the name of the root field."""
    client.twin.faults.add('http', 'shop', nth=3, status=500)
    statuses = [client.post(READ).status_code for _turn in range(5)]
    assert statuses == [200, 200, 500, 200, 200]


def test_chance_repeats_with_the_seed(client):
    """A5: the same seed gives the same faults."""
    runs = []
    for _run in range(2):
        client.twin.faults.clear()
        client.twin.faults.add('http', status=503, probability=0.5)
        runs.append([client.post(READ).status_code for _turn in range(20)])
    assert runs[0] == runs[1]
    assert {200, 503} == set(runs[0])


def test_an_unknown_fault_is_no_fault(client):
    """M-10: a misspelt rule must not pass for a test that survived."""
    with pytest.raises(ValueError, match='Unknown fault'):
        client.twin.faults.add('drop_afterwards')
    url = f'{client.twin.url}/twin/faults'
    assert requests.post(url, json={'kind': 'nope'}, timeout=5).status_code == 400
    made = requests.post(url, json={'kind': 'http', 'status': 500, 'times': 1}, timeout=5)
    assert made.json()['rules'][0]['params'] == {'status': 500}
    assert client.post(READ).status_code == 500
    assert client.twin.requests[-1].faults == ['http']


def test_faults_of_the_token_endpoint(client):
    """A6: only a rule that names it; GraphQL goes on."""
    twin = client.twin
    form = {
        'grant_type': 'client_credentials',
        'client_id': twin.client_id,
        'client_secret': twin.client_secret,
    }
    twin.faults.add('http', status=500, times=1)
    assert client.grant(**form).status_code == 200
    assert client.post(READ).status_code == 500
    twin.faults.add('http', 'access_token', status=503, times=1)
    assert client.post(READ).status_code == 200
    assert client.grant(**form).status_code == 503
    assert client.grant(**form).status_code == 200
