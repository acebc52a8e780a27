"""Documents: validation in Shopify's words, variables, resolving, paging (issue 2, M-10)."""

import base64
import json

import pytest

ORDER_IDS = '{ orders(first: 50) { nodes { id } } }'


def ids_of(twin):
    """Gids of all orders."""
    return [order.id for order in twin.store.collections['orders']()]


# What Shopify answers to wrong documents, in words and paths as recorded.
WRONG_DOCUMENTS = [
    (
        'query Q { orders(first: 1) { nodes { nope } } }',
        'undefinedField',
        "Field 'nope' doesn't exist on type 'Order'",
        ['query Q', 'orders', 'nodes', 'nope'],
    ),
    (
        'query Q { orders(first: 1, nope: 2) { nodes { id } } }',
        'argumentNotAccepted',
        "Field 'orders' doesn't accept argument 'nope'",
        ['query Q', 'orders', 'nope'],
    ),
    (
        'query Q { order { id } }',
        'missingRequiredArguments',
        "Field 'order' is missing required arguments: id",
        ['query Q', 'order'],
    ),
    (
        'query Q { shop }',
        'selectionMismatch',
        (
            "Field must have selections (field 'shop' returns Shop but has no selections. "
            "Did you mean 'shop { ... }'?)"
        ),
        ['query Q', 'shop'],
    ),
    (
        'query Q($x: Int) { shop { id } }',
        'variableNotUsed',
        'Variable $x is declared by Q but not used',
        ['query Q'],
    ),
    (
        'query Q { node(id: "gid://shopify/Order/1") { ... on Nope { id } } }',
        'undefinedType',
        "No such type Nope, so it can't be a fragment condition",
        ['query Q', 'node', '... on Nope'],
    ),
    (
        'query Q { shop @nope { id } }',
        'undefinedDirective',
        'Directive @nope is not defined',
        ['query Q', 'shop'],
    ),
    (
        'query Q { orders(first: 1, sortKey: NOPE) { nodes { id } } }',
        'argumentLiteralsIncompatible',
        (
            "Argument 'sortKey' on Field 'orders' has an invalid value (NOPE). "
            "Expected type 'OrderSortKeys'."
        ),
        ['query Q', 'orders', 'sortKey'],
    ),
    (
        'mutation M { orderUpdate(input: {note: "x"}) { order { id } } }',
        'missingRequiredInputObjectAttribute',
        "Argument 'id' on InputObject 'OrderInput' is required. Expected type ID!",
        ['mutation M', 'orderUpdate', 'input', 'id'],
    ),
    (
        'mutation M { orderUpdate(input: {id: "gid://shopify/Order/1", nope: 1}) { __typename } }',
        'argumentNotAccepted',
        "InputObject 'OrderInput' doesn't accept argument 'nope'",
        ['mutation M', 'orderUpdate', 'input', 'nope'],
    ),
]


@pytest.mark.parametrize(('document', 'code', 'message', 'path'), WRONG_DOCUMENTS)
def test_wrong_documents_fail_as_at_shopify(client, document, code, message, path):
    """A3: code, message and path of validation errors; no data key, HTTP 200."""
    answer = client.post(document)
    assert answer.status_code == 200
    body = answer.json()
    assert 'data' not in body
    error = next(e for e in body['errors'] if e['extensions']['code'] == code)
    assert (error['message'], error['path']) == (message, path)
    assert error['locations'][0]['line'] == 1


def test_syntax_error(client):
    """A3: PARSE_ERROR as recorded."""
    error = client.ask('query Q { shop { id }')['errors'][0]
    assert error['message'] == 'syntax error, unexpected end of file at [1, 22]'
    assert error['extensions']['code'] == 'PARSE_ERROR'


@pytest.mark.parametrize(
    ('kind', 'value', 'path', 'explanation'),
    [
        ('ID!', None, [], 'Expected value to not be null'),
        ('ID!', 'x', [], "Invalid global id 'x'"),
        ('OrderInput!', {}, ['id'], 'Expected value to not be null'),
        (
            'OrderInput!',
            {'id': 'gid://shopify/Order/1', 'nope': 1},
            ['nope'],
            'Field is not defined on OrderInput',
        ),
        (
            'CustomerIdentifierInput!',
            {},
            [],
            "'CustomerIdentifierInput' requires exactly one argument, but 0 were provided.",
        ),
        ('DateTime!', 'yesterday', [], "invalid DateTime 'yesterday'"),
    ],
)
def test_wrong_variables(client, kind, value, path, explanation):
    """A3: INVALID_VARIABLE with the recorded explanations."""
    roots = {
        'ID!': 'order(id: $x) { id }',
        'OrderInput!': 'orderUpdate(input: $x) { order { id } }',
        'CustomerIdentifierInput!': 'customerByIdentifier(identifier: $x) { id }',
        'DateTime!': 'fulfillmentOrderReschedule(id: "gid://shopify/FulfillmentOrder/1", '
        'fulfillAt: $x) { fulfillmentOrder { id } }',
    }
    verb = 'mutation' if kind in ('OrderInput!', 'DateTime!') else 'query'
    error = client.ask(f'{verb} ($x: {kind}) {{ {roots[kind]} }}', {'x': value})['errors'][0]
    assert error['extensions']['code'] == 'INVALID_VARIABLE'
    assert {'path': path, 'explanation': explanation} in error['extensions']['problems']
    assert error['message'].startswith(f'Variable $x of type {kind} was provided invalid value')


def test_enum_variable_lists_the_values(client):
    """A3: an unknown enum value names the known ones."""
    document = 'query ($k: OrderSortKeys) { orders(first: 1, sortKey: $k) { nodes { id } } }'
    (problem,) = client.ask(document, {'k': 'NOPE'})['errors'][0]['extensions']['problems']
    assert problem['explanation'].startswith('Expected "NOPE" to be one of: ')
    assert 'UPDATED_AT' in problem['explanation']


def test_operation_must_be_named_among_several(client):
    """A3: recorded wordings."""
    two = 'query A { shop { id } } query B { shop { name } }'
    assert client.ask(two)['errors'] == [{'message': 'An operation name is required'}]
    url = f'{client.twin.url}/admin/api/2026-10/graphql.json'
    headers = {'X-Shopify-Access-Token': client.twin.token}
    for name, expected in (('B', None), ('C', [{'message': 'No operation named "C"'}])):
        body = {'query': two, 'operationName': name}
        answer = client.session.post(url, json=body, headers=headers, timeout=5).json()
        assert answer.get('errors') == expected


def test_input_arrays_stop_at_250(client):
    """A3: MAX_INPUT_SIZE_EXCEEDED with path and size."""
    many = [f'gid://shopify/Order/{n}' for n in range(1, 252)]
    document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
    error = client.ask(document, {'ids': many})['errors'][0]
    assert error['message'] == (
        'The input array size of 251 is greater than the maximum allowed of 250.'
    )
    assert error['path'] == ['nodes', 'ids']
    assert error['extensions'] == {'code': 'MAX_INPUT_SIZE_EXCEEDED'}
    assert client.ask(document, {'ids': many[:250]})['data']['nodes'] == [None] * 250


def test_nodes_keep_the_order_and_null_the_unknown(shop, client):
    """A5: fetching by ids tells which orders are gone."""
    first, second, *_ = ids_of(shop)
    wanted = [second, 'gid://shopify/Order/1', first]
    body = client.ask(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Order { id name } } }',
        {'ids': wanted},
    )
    found = body['data']['nodes']
    assert [row and row['id'] for row in found] == [second, None, first]
    assert found[0]['__typename'] == 'Order'


def test_one_record_by_id(shop, client):
    """A3: unknown is null; the gid of another type is refused as recorded."""
    document = 'query ($id: ID!) { order(id: $id) { name } }'
    order = shop.store.collections['orders']()[0]
    assert client.ask(document, {'id': order.id})['data']['order']['name'] == order.name
    assert client.ask(document, {'id': 'gid://shopify/Order/1'})['data'] == {'order': None}
    error = client.ask(document, {'id': 'gid://shopify/Customer/1'})['errors'][0]
    assert error['message'] == 'Invalid id: gid://shopify/Customer/1'
    assert error['extensions']['code'] == 'RESOURCE_NOT_FOUND'
    assert error['path'] == ['order']


def test_scalars_print_as_shopify_does(shop, client):
    """A3: decimals without fixed places, dates in UTC seconds, 64-bit numbers as text."""
    body = client.ask(
        '{ orders(first: 20) { nodes { legacyResourceId createdAt totalPriceSet '
        '{ shopMoney { amount currencyCode } } } } }'
    )
    for row in body['data']['orders']['nodes']:
        assert isinstance(row['legacyResourceId'], str)
        assert row['createdAt'][10] == 'T'
        assert row['createdAt'].endswith('Z')
        amount = row['totalPriceSet']['shopMoney']['amount']
        assert '.' in amount
        assert amount.endswith('.0') or not amount.endswith('0')


def test_aliases_fragments_and_switches(shop, client):
    """A3: response keys, merged selections, @include and @skip by variable."""
    document = """
        query Q($with: Boolean!) {
          a: orders(first: 1) { nodes { ...Part id @skip(if: $with) } }
          b: orders(first: 1) { nodes { ...Part ... @include(if: $with) { name } } }
        }
        fragment Part on Order { totalPriceSet { shopMoney { amount } } totalPriceSet { shopMoney
          { currencyCode } } }
    """
    data = client.ask(document, {'with': True})['data']
    assert set(data['a']['nodes'][0]) == {'totalPriceSet'}
    assert set(data['b']['nodes'][0]) == {'totalPriceSet', 'name'}
    money = data['a']['nodes'][0]['totalPriceSet']['shopMoney']
    assert set(money) == {'amount', 'currencyCode'}
    data = client.ask(document, {'with': False})['data']
    assert set(data['a']['nodes'][0]) == {'totalPriceSet', 'id'}
    assert set(data['b']['nodes'][0]) == {'totalPriceSet'}


def test_what_is_not_modelled_is_refused_by_name(shop, client):
    """M-10: no invented data: the whole request fails and says why."""
    body = client.ask(
        '{ shop { id } orders(first: 1) { nodes { id customerJourneySummary { ready } } } }'
    )
    assert body['data'] is None
    assert body['errors'][0]['message'] == 'not emulated: Order.customerJourneySummary'
    assert body['errors'][0]['extensions']['code'] == 'NOT_EMULATED'
    mutation = (
        'mutation { collectionDelete(input: {id: "gid://shopify/Collection/1"}) { shop { id } } }'
    )
    assert client.ask(mutation)['errors'][0]['message'] == 'not emulated: mutation collectionDelete'


def test_pages_of_a_root_connection(shop, client):
    """A5: forwards and backwards, every order once, cursors opaque."""
    document = """query ($first: Int, $after: String, $last: Int, $before: String) {
        orders(first: $first, after: $after, last: $last, before: $before, sortKey: UPDATED_AT) {
            edges { cursor node { id updatedAt } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen, after = [], None
    while True:
        page = client.ask(document, {'first': 17, 'after': after})['data']['orders']
        seen += [edge['node'] for edge in page['edges']]
        after = page['pageInfo']['endCursor']
        assert after == page['edges'][-1]['cursor']
        if not page['pageInfo']['hasNextPage']:
            break
    assert sorted(row['id'] for row in seen) == sorted(ids_of(shop))
    assert [row['updatedAt'] for row in seen] == sorted(row['updatedAt'] for row in seen)
    back = client.ask(document, {'last': 5, 'before': page['edges'][0]['cursor']})['data']['orders']
    place = seen.index(page['edges'][0]['node'])
    assert [edge['node'] for edge in back['edges']] == seen[place - 5 : place]
    assert back['pageInfo']['hasNextPage'] is True


def test_paging_survives_changes_between_pages(shop, client):
    """A5: an order that moves to the end while paging hides no other order."""
    document = """query ($after: String) { orders(first: 20, after: $after, sortKey: UPDATED_AT) {
        nodes { id } pageInfo { endCursor hasNextPage } } }"""
    first = client.ask(document)['data']['orders']
    for row in first['nodes'][:5]:
        shop.store.touch(shop.store.get(row['id']))
    seen, after = [row['id'] for row in first['nodes']], first['pageInfo']['endCursor']
    while after:
        page = client.ask(document, {'after': after})['data']['orders']
        seen += [row['id'] for row in page['nodes']]
        after = page['pageInfo']['endCursor'] if page['pageInfo']['hasNextPage'] else None
    assert set(seen) == set(ids_of(shop))
    assert len(seen) == 65


def test_reverse_and_default_order(shop, client):
    """A3: `reverse` turns the list and its cursors."""
    document = """query ($after: String) { orders(first: 25, after: $after, sortKey: CREATED_AT,
        reverse: true) { nodes { createdAt } pageInfo { endCursor hasNextPage } } }"""
    times, after, more = [], None, True
    while more:
        page = client.ask(document, {'after': after})['data']['orders']
        times += [row['createdAt'] for row in page['nodes']]
        after, more = page['pageInfo']['endCursor'], page['pageInfo']['hasNextPage']
    assert len(times) == 60
    assert times == sorted(times, reverse=True)


def test_pages_of_a_list_on_a_record(shop, client):
    """A4: the lines of an order are read to their end."""
    order = max(shop.store.collections['orders'](), key=lambda o: len(o.line_items))
    document = """query ($id: ID!, $after: String) { order(id: $id) { lineItems(first: 2,
        after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    seen, after, more = [], None, True
    while more:
        page = client.ask(document, {'id': order.id, 'after': after})['data']['order']['lineItems']
        seen += [row['id'] for row in page['nodes']]
        after, more = page['pageInfo']['endCursor'], page['pageInfo']['hasNextPage']
    assert seen == [line.id for line in order.line_items]
    assert len(seen) > 2


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        ('', 'you must provide one of first or last'),
        ('(first: 251)', 'first cannot exceed 250'),
        ('(first: 2, last: 2)', 'providing both first and last is not supported'),
        ('(first: 2, after: "rubbish")', 'Malformed cursor'),
    ],
)
def test_wrong_paging_arguments(shop, client, args, message):
    """A3: BAD_REQUEST on the connection."""
    error = client.ask(f'{{ orders{args} {{ nodes {{ id }} }} }}')['errors'][0]
    assert (error['message'], error['extensions']['code']) == (message, 'BAD_REQUEST')
    assert error['path'] == ['orders']


def test_counts(shop, client):
    """A3: exact up to the limit, AT_LEAST beyond."""
    data = client.ask('{ a: ordersCount { count precision } b: ordersCount(limit: 7) '
                      '{ count precision } }')['data']  # fmt: skip
    assert data['a'] == {'count': 60, 'precision': 'EXACT'}
    assert data['b'] == {'count': 7, 'precision': 'AT_LEAST'}


def test_a_defect_of_the_engine_is_told_where_it_happened(shop, client):
    """M-10: an error inside a list names the index and spares the siblings."""
    orders = shop.store.collections['orders']()
    orders[3].note = 5
    page = client.ask('{ orders(first: 10, sortKey: ID) { nodes { id note } } }')
    (error,) = page['errors']
    assert error['path'] == ['orders', 'nodes', 3, 'note']
    assert error['extensions']['code'] == 'INTERNAL_SERVER_ERROR'
    rows = page['data']['orders']['nodes']
    assert rows[3] == {'id': orders[3].id, 'note': None}
    assert len(rows) == 10


def test_cursors_carry_id_and_sort_value(shop, client):
    """A9: base64 of the last id and the last sort value, as recorded."""
    document = """query ($key: OrderSortKeys) { orders(first: 1, sortKey: $key) {
        nodes { legacyResourceId processedAt } pageInfo { endCursor } } }"""
    for key, attribute in (('ID', None), (None, 'processedAt')):
        page = client.ask(document, {'key': key})['data']['orders']
        cursor = json.loads(base64.b64decode(page['pageInfo']['endCursor']))
        row = page['nodes'][0]
        number = int(row['legacyResourceId'])
        assert cursor['last_id'] == number
        if attribute:
            assert cursor['last_value'][:10] == row[attribute][:10]
            assert cursor['last_value'].endswith('.000000')
        else:
            assert cursor['last_value'] == number
