"""The measure itself: it sees what differs and forgives only what two shops cannot share (A9)."""

import pytest

from shopify_twin import schema as schemas
from shopify_twin.tests.replay.comparing import Comparison, Names
from shopify_twin.tests.replay.documents import CannotRebuild, rebuilt, with_key
from shopify_twin.tests.replay.recordings import Recording

THEIRS, OURS = 'gid://shopify/Order/8735472910642', 'gid://shopify/Order/4000000032768'


def paths(recorded, ours, names=None, request=''):
    """Return the paths at which two answers differ."""
    comparison = Comparison(names or Names(), request)
    comparison.compare(recorded, ours)
    return [each.path for each in comparison.differences]


@pytest.mark.parametrize(
    ('recorded', 'ours'),
    [
        ({'amount': '10.0'}, {'amount': '10.00'}),
        ({'closed': False}, {'closed': True}),
        ({'closed': False}, {'closed': 0}),
        ({'customer': None}, {'customer': {'id': OURS}}),
        ({'name': "x"}, {}),
        ({}, {'name': "x"}),
        ({'id': THEIRS}, {'id': OURS.replace('Order', 'DraftOrder')}),
        ({'createdAt': '2026-01-01T00:00:00Z'}, {'createdAt': '2026-01-01T00:00:00.5Z'}),
        ({'createdAt': '2026-01-01T00:00:00Z'}, {'createdAt': None}),
        ({'cursor': 'abc'}, {'cursor': None}),
        ({'tags': ['a', 'b']}, {'tags': ['a']}),
        ({'tags': ['a', 'b']}, {'tags': ['b', 'a']}),
        ({'message': "Order 1 is paid"}, {'message': "Order 2 is paid"}),
    ],
)
def test_what_differs_is_seen(recorded, ours):
    """A9: amounts, absence, order, types of ids and wordings count."""
    assert paths({'data': recorded}, {'data': ours}) != []


@pytest.mark.parametrize(
    ('recorded', 'ours'),
    [
        ({'id': THEIRS}, {'id': OURS}),
        ({'createdAt': '2026-01-01T00:00:00Z'}, {'createdAt': '2026-05-01T10:00:00Z'}),
        ({'name': '#1796'}, {'name': '#1001'}),
        ({'name': '#1796-F2'}, {'name': '#1001-F2'}),
        ({'cursor': 'abc'}, {'cursor': 'def'}),
    ],
)
def test_what_two_shops_cannot_share_is_forgiven(recorded, ours):
    """A9: ids, moments, numbers and cursors differ by nature."""
    assert paths({'data': recorded}, {'data': ours}) == []


def test_an_id_stands_for_one_id_only():
    """A9: two ids here for one id there would hide a mix-up of records."""
    other = 'gid://shopify/Order/4000000065536'
    assert paths([{'id': THEIRS}, {'id': THEIRS}], [{'id': OURS}, {'id': other}]) == ['.1.id']
    assert paths([{'id': THEIRS}, {'id': other}], [{'id': OURS}, {'id': OURS}]) == ['.1.id']


def test_a_moment_that_was_asked_for_comes_back():
    """A9: a date in the request is no accident of the day of recording."""
    due = '2026-04-27T22:28:38Z'
    assert paths({'dueAt': due}, {'dueAt': '2026-04-28T22:28:38Z'}, request=f'x {due} y') == [
        'dueAt'
    ]


def test_requests_are_told_in_our_ids():
    """A9: ids, their bare numbers and order names in a request are those of the twin."""
    names = Names()
    assert paths({'id': THEIRS, 'name': '#1796'}, {'id': OURS, 'name': '#1001'}, names) == []
    asked = {'id': THEIRS, 'query': "id:8735472910642 OR name:#1796", 'note': "20260708142032"}
    assert names.translated(asked) == {
        'id': OURS,
        'query': "id:4000000032768 OR name:#1001",
        'note': "20260708142032",
    }


def test_a_document_is_rebuilt_from_its_answer():
    """A9: fields, pages and arguments of a request whose document was not kept."""
    schema = schemas.load(schemas.DEFAULT_VERSION).graphql
    answer = {'order': {'id': THEIRS, 'lineItems': {'nodes': [{'id': "x", 'variant': None}]}}}
    text = rebuilt(schema, answer, {'id': THEIRS, 'other': 1})
    assert ' '.join(text.split()) == (
        'query Rebuilt($id: ID!) { order(id: $id) { id '
        'lineItems(first: 50) { nodes { id variant { __typename } } } } }'
    )
    with pytest.raises(CannotRebuild):
        rebuilt(schema, answer, {})
    with pytest.raises(CannotRebuild):
        rebuilt(schema, {'order': {'nonsense': 1}}, {'id': THEIRS})


def test_a_key_is_given_where_it_is_needed():
    """A9: recordings older than the need for idempotency keys have none."""
    text = 'mutation { refundCreate(input: {}) { refund { id } } }'
    keyed = with_key(text, ['refundCreate'], frozenset({'refundCreate'}), 'k')
    assert '@idempotent(key: "k")' in keyed
    assert with_key(keyed, ['refundCreate'], frozenset({'refundCreate'}), 'l') == keyed
    assert with_key(text, ['refundCreate'], frozenset(), 'k') == text


def test_steps_find_their_request():
    """A9: the nearest document with the answer's root fields belongs to it."""
    cost = {'extensions': {'cost': {}}}
    data = {
        'document': 'mutation { orderClose { order { id } } }',
        'first': {'response': {'data': {'orderClose': {'order': None}}, **cost}},
        'then': {
            'query': 'query { shop { id } }',
            'variables': {'a': 1},
            'response': {'payload': {'data': {'shop': {'id': "x"}}, **cost}},
        },
        'cleanup': {'response': {'data': {'orderOpen': None}, **cost}},
        'upstreamCalls': [{'response': {'body': {'data': {'order': None}}}}],
    }
    steps = {each.name: each for each in Recording('x', data).steps}
    assert list(steps) == ['first.response', 'then.response.payload', 'cleanup.response']
    assert steps['first.response'].document == data['document']
    assert steps['then.response.payload'].variables == {'a': 1}
    assert steps['cleanup.response'].document is None
