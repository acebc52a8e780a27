"""Scopes, the 60-day window, protected customer data (R-66, M-13)."""

from datetime import timedelta

import pytest


def test_a_missing_scope_denies_the_field_and_spares_the_rest(shop, client):
    """M-13: ACCESS_DENIED in Shopify's words, partial data, null."""
    shop.access.set_scopes(['read_orders', 'read_all_orders'])
    body = client.ask('{ shop { id } orders(first: 2, sortKey: ID) { nodes { id customer '
                      '{ id } } } }')  # fmt: skip
    assert body['data']['shop']['id']
    assert [row['customer'] for row in body['data']['orders']['nodes']] == [None, None]
    assert [error['path'] for error in body['errors']] == [
        ['orders', 'nodes', 0, 'customer'],
        ['orders', 'nodes', 1, 'customer'],
    ]
    assert body['errors'][0]['message'] == (
        'Access denied for customer field. Required access: `read_customers` access scope.'
    )
    assert body['errors'][0]['extensions'] == {
        'code': 'ACCESS_DENIED',
        'documentation': 'https://shopify.dev/api/usage/access-scopes',
        'requiredAccess': '`read_customers` access scope.',
    }


def test_a_denied_connection_takes_the_answer_with_it(shop, client):
    """M-13: a field that may not be null passes its null up."""
    shop.access.set_scopes(['read_products'])
    body = client.ask('{ orders(first: 1) { nodes { id } } }')
    assert body['data'] is None
    assert body['errors'][0]['extensions']['code'] == 'ACCESS_DENIED'


def test_write_scopes_imply_reading(shop, client):
    """M-13: `write_orders` reads orders; a mutation needs its own scope."""
    shop.access.set_scopes(['write_orders', 'read_all_orders'])
    assert client.ask('{ orders(first: 1) { nodes { id } } }')['data']['orders']['nodes']
    document = 'mutation { returnClose(id: "gid://shopify/Return/1") { return { id } } }'
    body = client.ask(document)
    assert body['data'] == {'returnClose': None}
    assert '`write_returns` access scope' in body['errors'][0]['message']


def test_nodes_of_a_denied_type_are_null(shop, client):
    """M-13: reading by id is no way around the scopes."""
    customer = shop.store.collections['customers']()[0]
    shop.access.set_scopes(['read_orders'])
    body = client.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {'ids': [customer.id]})
    assert body['data'] == {'nodes': [None]}
    assert body['errors'][0]['path'] == ['nodes', 0]


def test_granted_scopes_can_be_asked(client):
    """M-13: the connection test sees what was really granted."""
    client.twin.access.set_scopes(['read_orders'])
    body = client.ask('{ currentAppInstallation { accessScopes { handle } } }')
    assert body['data']['currentAppInstallation']['accessScopes'] == [{'handle': 'read_orders'}]


def test_old_orders_need_read_all_orders(shop, client):
    """R-66: orders beyond 60 days behave as if they did not exist."""
    orders = shop.store.collections['orders']()
    old = orders[0]
    shop.store.clock.set(max(order.created_at for order in orders) + timedelta(days=1))
    for order in orders:
        order.created_at = shop.store.clock.now() - timedelta(days=59)
    old.created_at = shop.store.clock.now() - timedelta(days=61)
    document = """query ($id: ID!) { orders(first: 250) { nodes { id } } order(id: $id) { id }
        nodes(ids: [$id]) { id } ordersCount { count } }"""
    seen = client.ask(document, {'id': old.id})['data']
    assert len(seen['orders']['nodes']) == 60
    assert seen['order'] == {'id': old.id}
    shop.access.set_scopes(s for s in shop.access.scopes if s != 'read_all_orders')
    hidden = client.ask(document, {'id': old.id})['data']
    assert len(hidden['orders']['nodes']) == 59
    assert hidden['order'] is None
    assert hidden['nodes'] == [None]
    assert hidden['ordersCount'] == {'count': 59}


@pytest.mark.parametrize('way', ['null', 'denied'])
def test_protected_customer_data(shop, client, way):
    """M-13: without approval names and addresses are null or refused; the rest is there."""
    order = next(o for o in shop.store.collections['orders']() if o.email and o.shipping_address)
    document = 'query ($id: ID!) { order(id: $id) { id email shippingAddress { zip city } } }'
    open_ = client.ask(document, {'id': order.id})['data']['order']
    assert open_['email'] == order.email
    shop.access.protected = way
    body = client.ask(document, {'id': order.id})
    closed = body['data']['order']
    assert closed['email'] is None
    assert closed['shippingAddress'] == {'zip': None, 'city': order.shipping_address.city}
    assert bool(body.get('errors')) is (way == 'denied')
