"""Transport: addresses, versions, tokens, headers (issue 2 section 2, M-10)."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

SHOP = 'query Shop { shop { id } }'


def test_answers_with_request_id_and_version(client):
    """M-10: a plain request gets data, its cost and the headers worth logging."""
    answer = client.post(SHOP)
    assert answer.status_code == 200
    assert answer.json()['data']['shop']['id'].startswith('gid://shopify/Shop/')
    assert answer.headers['X-Shopify-API-Version'] == '2026-10'
    assert len(answer.headers['X-Request-Id']) > 36


@pytest.mark.parametrize(
    ('asked', 'answered'),
    [
        ('2026-10', '2026-10'),
        ('2026-07', '2026-07'),
        ('2025-01', '2026-07'),
        ('2030-01', '2026-07'),
    ],
)
def test_unserved_version_falls_forward_to_the_oldest(client, asked, answered):
    """M-10: the header tells which version really answered."""
    assert client.post(SHOP, version=asked).headers['X-Shopify-API-Version'] == answered


def test_versions_really_differ(client):
    """M-10: a field of 2026-10 does not exist in 2026-07."""
    document = '{ __type(name: "OrderCancelPayload") { fields { name } } }'
    names = {}
    for version in ('2026-07', '2026-10'):
        fields = client.ask(document, version=version)['data']['__type']['fields']
        names[version] = {field['name'] for field in fields}
    assert 'jobResult' in names['2026-10'] - names['2026-07']


def test_no_version_at_all_is_not_found(client):
    """M-10: neither a version nor a path that exists."""
    assert client.post(SHOP, version='newest').status_code == 404
    assert requests.post(f'{client.twin.url}/nowhere', timeout=5).status_code == 404


@pytest.mark.parametrize('body', [b'{', b'[]', b'{"variables": {}}'])
def test_unreadable_body_is_a_bad_request(client, body):
    """M-10: 400 for broken JSON or a body without a document."""
    answer = client.session.post(
        f'{client.twin.url}/admin/api/2026-10/graphql.json',
        data=body,
        headers={'Content-Type': 'application/json', 'X-Shopify-Access-Token': client.twin.token},
        timeout=5,
    )
    assert answer.status_code == 400


def test_wrong_token_is_unauthorized(client):
    """R-66: a bad token is HTTP 401 with Shopify's sentence."""
    answer = client.post(SHOP, token='shpat_wrong')
    assert answer.status_code == 401
    assert 'Invalid API key or access token' in answer.json()['errors']


def test_client_credentials_give_a_token_that_expires(client):
    """M-10: the token works, then is refused when its day is over."""
    twin = client.twin
    answer = client.grant(
        grant_type='client_credentials',
        client_id=twin.client_id,
        client_secret=twin.client_secret,
    )
    granted = answer.json()
    assert granted['expires_in'] == 86_399
    assert 'read_orders' in granted['scope'].split(',')
    assert client.post(SHOP, token=granted['access_token']).status_code == 200
    twin.store.clock.set(datetime.now(UTC) + timedelta(days=1, seconds=1))
    assert client.post(SHOP, token=granted['access_token']).status_code == 401
    assert client.post(SHOP).status_code == 200


@pytest.mark.parametrize(
    ('change', 'error'),
    [
        ({'client_secret': 'wrong'}, 'invalid_client'),
        ({'client_id': 'wrong'}, 'application_cannot_be_found'),
        ({'grant_type': 'password'}, 'unsupported_grant_type'),
    ],
)
def test_token_endpoint_refuses(client, change, error):
    """M-10: each wrong part of the form has its own error."""
    form = {
        'grant_type': 'client_credentials',
        'client_id': client.twin.client_id,
        'client_secret': client.twin.client_secret,
        **change,
    }
    answer = client.grant(**form)
    assert (answer.status_code, answer.json()['error']) == (400, error)


@pytest.mark.parametrize('state', ['app_not_installed', 'shop_not_permitted'])
def test_token_endpoint_knows_a_missing_installation(client, state):
    """M-10: the two refusals that users meet."""
    client.twin.access.state = state
    answer = client.grant(
        grant_type='client_credentials',
        client_id=client.twin.client_id,
        client_secret=client.twin.client_secret,
    )
    assert answer.json()['error'] == state


def test_deprecated_fields_are_named_in_a_header(shop, client):
    """M-10: the header lists Type.field; a clean document has none."""
    answer = client.post('{ orders(first: 1) { nodes { id riskLevel } } }')
    assert answer.headers['X-Shopify-API-Deprecated-Reason'] == 'Order.riskLevel'
    clean = client.post('{ orders(first: 1) { nodes { id } } }')
    assert 'X-Shopify-API-Deprecated-Reason' not in clean.headers


def test_control_api_and_log(client):
    """M-10: other processes see what was asked, make orders and start over."""
    twin, url = client.twin, client.twin.url
    client.ask(SHOP)
    assert requests.get(f'{url}/twin/stats', timeout=5).json()['by_operation'] == {'Shop': 1}
    made = requests.post(f'{url}/twin/generate', json={'count': 3, 'seed': 1}, timeout=20).json()
    assert made == {'orders': 3}
    body = {
        'query': 'query($n: Int!) { orders(first: $n) { nodes { id } } }',
        'variables': {'n': 2},
    }
    executed = requests.post(f'{url}/twin/execute', json=body, timeout=5).json()
    assert len(executed['data']['orders']['nodes']) == 2
    entry = twin.requests[0]
    assert (entry.operation, entry.status, entry.cost) == ('Shop', 200, 1)
    token = twin.token
    requests.post(f'{url}/twin/reset', timeout=5)
    assert twin.store.collections['orders']() == []
    assert not twin.requests
    assert (twin.token, twin.url) == (token, url)
