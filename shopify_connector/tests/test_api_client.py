"""The client: what it repeats, what it waits for, and which error it raises."""

import unittest

from ..shopify_api import client as api
from ..shopify_api import errors
from .common import shared_twin


class TestClient(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.twin = shared_twin()
        self.twin.reset()
        self.client = api.ShopifyClient(self.twin.url, self.twin.token)

    def fault(self, kind, **values):
        return self.twin.faults.add(kind, **values)

    def test_it_waits_as_long_as_shopify_asks(self):
        """A6: HTTP 429 with Retry-After is repeated after that time, and once is enough."""
        self.fault('http', status=429, retry_after=0.5, times=1)
        self.assertIn('shop', self.client.execute('shop_info'))
        self.assertEqual(len(self.twin.requests), 2)

    def test_faults_that_pass_are_repeated(self):
        """A6: a 5xx, a dropped connection and a broken answer, each once."""
        for kind, values in (
            ('http', {'status': 502}),
            ('drop_before', {}),
            ('drop_after', {}),
            ('broken_json', {}),
            ('internal_error', {}),
        ):
            self.fault(kind, times=1, **values)
            self.assertIn('shop', self.client.execute('shop_info'), kind)

    def test_each_refusal_has_its_error(self):
        """DESIGN 5: one class per decision of the caller."""
        for status, error, code in (
            (402, errors.ShopifyAccessError, 'store_frozen'),
            (403, errors.ShopifyAccessError, 'forbidden'),
            (423, errors.ShopifyAccessError, 'store_locked'),
            (430, errors.ShopifyAccessError, 'blocked'),
            (400, errors.ShopifyRequestError, 'http'),
        ):
            rule = self.fault('http', status=status)
            with self.assertRaises(error) as caught:
                self.client.execute('shop_info')
            self.assertEqual(caught.exception.code, code)
            self.assertEqual(caught.exception.status, status)
            self.twin.faults.remove(rule)

    def test_the_error_names_operation_and_request(self):
        """Shopify's support asks for the request id; the token is in no message."""
        self.fault('http', status=403, times=1)
        with self.assertRaises(errors.ShopifyAccessError) as caught:
            self.client.execute('shop_info')
        self.assertIn('ShopInfo', str(caught.exception))
        self.assertNotIn(self.twin.token, str(caught.exception))

    def test_a_missing_scope_is_an_access_error(self):
        """A field that the app may not read comes as HTTP 200 with data in part."""
        self.twin.access.set_scopes(['read_products'])
        with self.assertRaises(errors.ShopifyAccessError) as caught:
            self.client.execute('locations', after=None)
        self.assertEqual(caught.exception.code, 'access_denied')

    def test_a_throttled_query_waits_for_the_bucket(self):
        """A6, M-03: THROTTLED comes as HTTP 200; the wait is computed from the bucket."""
        self.client.execute('shop_info')
        self.fault('throttled', times=1)
        self.assertIn('shop', self.client.execute('shop_info'))
        self.assertEqual(self.twin.requests[-2].errors, ['THROTTLED'])

    def test_nobody_waits_for_ever(self):
        """A run that would have to wait too long goes on with something else."""
        self.fault('http', status=429, retry_after=500)
        with self.assertRaises(errors.ShopifyRetryableError) as caught:
            self.client.execute('shop_info')
        self.assertGreaterEqual(caught.exception.retry_after, 500)
        self.assertEqual(len(self.twin.requests), 1)

    def test_an_expired_version_is_noticed(self):
        """Shopify answers an expired version with the oldest one it still serves."""
        old = api.ShopifyClient(self.twin.url, self.twin.token, '2023-01')
        with self.assertLogs('odoo.addons.shopify_connector.shopify_api.client', 'WARNING') as log:
            old.execute('shop_info')
        self.assertIn('2023-01', log.output[0])
        self.assertEqual(old.answered_version, '2026-07')

    def test_a_store_that_is_not_there(self):
        """A store that is down costs seconds, and is no error of the data."""
        nobody = api.ShopifyClient('http://127.0.0.1:9', 'x')
        with self.assertRaises(errors.ShopifyRetryableError) as caught:
            nobody.execute('shop_info')
        self.assertEqual(caught.exception.code, 'no_answer')
