"""The signature of a call and what it says, without Odoo."""

import unittest

from ..shopify_api import webhook

BODY = b'{"id":1}'
# printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64
SIGNATURE = 'VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY='


class TestSignature(unittest.TestCase):
    def call(self, signature):
        return webhook.Call.from_headers({'x-shopify-HMAC-sha256': signature})

    def test_a_signature_made_by_another_program(self):
        """R-03: base64 of the HMAC-SHA256 of the body, under the client secret."""
        self.assertTrue(self.call(SIGNATURE).is_signed_by(BODY, ['hush']))
        self.assertTrue(self.call(SIGNATURE).is_signed_by(BODY, ['new', 'hush']))

    def test_what_signs_nothing(self):
        """R-03: another secret, body or signature; no secret at all."""
        signed = self.call(SIGNATURE)
        self.assertFalse(signed.is_signed_by(BODY + b' ', ['hush']))
        self.assertFalse(signed.is_signed_by(BODY, ['husk']))
        self.assertFalse(signed.is_signed_by(BODY, [False, '', None]))
        for given in ('', 'x', 'é', SIGNATURE[:-1], SIGNATURE.lower()):
            self.assertFalse(self.call(given).is_signed_by(BODY, ['hush']), given)

    def test_headers_in_any_case(self):
        """Shopify writes them as it likes; what is missing is empty."""
        call = webhook.Call.from_headers(
            {'X-SHOPIFY-TOPIC': 'orders/create', 'x-shopify-shop-domain': 'A.myshopify.com'}
        )
        self.assertEqual((call.topic, call.store_domain), ('ORDERS_CREATE', 'a.myshopify.com'))
        self.assertEqual((call.signature, call.webhook_id), ('', ''))

    def test_which_order(self):
        """R-03: by gid, else by number; never anything that is not the id of an order."""
        for body, gid in (
            (b'{"admin_graphql_api_id": "gid://shopify/Order/5"}', 'gid://shopify/Order/5'),
            (b'{"id": 6}', 'gid://shopify/Order/6'),
            (b'{"admin_graphql_api_id": "gid://shopify/Customer/5"}', None),
            (b'{"admin_graphql_api_id": "gid://shopify/Order/5\'"}', None),
            (b'{"id": "6 OR 1"}', None),
            (b'{}', None),
            (b'7', None),
        ):
            self.assertEqual(webhook.read_order_gid(body), gid, body)
        for body in (b'', b'{', b'\xff'):
            with self.assertRaises(ValueError):
                webhook.read_order_gid(body)
