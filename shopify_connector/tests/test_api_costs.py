"""What each GraphQL document costs, by the twin's price list (fitted to recorded requests)."""

import unittest

from graphql import parse

from ..shopify_api import documents, fetch
from .common import shared_twin

# Points that one request asks for. The store's bucket must hold them before it runs; 1,000 is the
# most that Shopify allows for any query.
COSTS = {
    'company_locations': 9,
    'delivery_methods': 100,
    'delivery_profiles': 17,
    'fulfillment_lines': 25,
    'fulfillment_order_lines': 25,
    'fulfillments_by_ids': 17,
    'heads_by_ids': 7,
    'job': 1,
    'locations': 13,
    'order_fulfillment_orders': 93,
    'order_lines': 91,
    'order_refunds': 25,
    'order_shippable': 103,
    'order_shipping_lines': 36,
    'orders_by_ids': 158,
    'orders_to_import': 79,
    'refund_lines': 36,
    'shipping_by_ids': 100,
    'shop_info': 4,
    'webhook_subscriptions': 12,
}

# An object that exists in an empty twin, or at least a gid of the right type.
GIDS = {
    'fulfillment_lines': 'gid://shopify/Fulfillment/1',
    'fulfillment_order_lines': 'gid://shopify/FulfillmentOrder/1',
    'job': 'gid://shopify/Job/1',
    'refund_lines': 'gid://shopify/Refund/1',
}
# How many objects are asked for at once, where it is not as many as whole orders.
IDS = {'heads_by_ids': fetch.HEADS_BY_ID}
VARIABLES = {
    'profileId': 'gid://shopify/DeliveryProfile/1',
    'locationGroupId': 'gid://shopify/DeliveryLocationGroup/1',
    'first': fetch.HEADS_PER_PAGE,
    'after': 'eyJsYXN0X2lkIjoxfQ==',
    'query': 'status:open',
    'ids': [f'gid://shopify/Order/{n}' for n in range(fetch.ORDERS_PER_REQUEST)],
    'withPaymentTerms': True,
}


def requested_cost(name):
    """Return the points that a document asks for with the variables we send."""
    operation = parse(documents.load(name)).definitions[0]
    names = [
        item.variable.name.value
        for item in operation.variable_definitions or ()
        if item.default_value is None
    ]
    values = {'id': GIDS.get(name, 'gid://shopify/Order/1'), **VARIABLES}
    values['ids'] = [f'gid://shopify/Order/{n}' for n in range(IDS.get(name, len(values['ids'])))]
    answer = shared_twin().execute(documents.load(name), {key: values[key] for key in names})
    return answer['extensions']['cost']['requestedQueryCost']


class TestCosts(unittest.TestCase):
    def test_each_document_costs_what_it_is_known_to(self):
        """A3, M-03: a field that makes a request dearer is noticed here."""
        for name in documents.names():
            if documents.operation(name)[0] == 'query':
                self.assertEqual(requested_cost(name), COSTS.get(name), name)

    def test_an_order_may_cost_thirteen_points(self):
        """A3, M-03: heads and whole orders together, full pages."""
        heads = COSTS['orders_to_import'] / fetch.HEADS_PER_PAGE
        orders = COSTS['orders_by_ids'] / fetch.ORDERS_PER_REQUEST
        self.assertLessEqual(heads + orders, 13)
        requests = 1 / fetch.HEADS_PER_PAGE + 1 / fetch.ORDERS_PER_REQUEST
        self.assertLessEqual(requests, 0.06)
