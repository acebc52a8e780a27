"""The connection: credentials, settings, scopes, locations, and what happens when it breaks."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import new_test_user, tagged

from .common import ShopifyCase


@tagged('post_install', '-at_install')
class TestStore(ShopifyCase):
    def connect(self, **values):
        """Fill in and run the wizard as a manager does."""
        manager = new_test_user(
            self.env, f'm{len(self.env["res.users"].search([]))}', 'shopify_connector.group_manager'
        )
        wizard = (
            self.env['shopify.connect']
            .with_user(manager)
            .create({'domain': self.twin.url, 'store_id': self.store.id, **values})
        )
        wizard.action_connect()
        return wizard

    def test_the_wizard_connects_with_a_token(self):
        """R-36: address and token are enough; settings, scopes, locations and a shop follow."""
        self.shop.unlink()
        wizard = self.connect(auth_method='token', access_token=self.twin.token)
        self.assertEqual(wizard.state, 'done')
        self.assertEqual(self.store.state, 'connected')
        self.assertEqual(self.store.currency_id.name, 'USD')
        self.assertEqual(self.store.timezone, 'Europe/Berlin')
        self.assertFalse(self.store.missing_scopes)
        self.assertEqual(wizard.shop_id.store_id, self.store)
        self.assertEqual(
            set(wizard.location_ids.mapped('name')),
            {"Berlin Warehouse", "Hamburg Store", "New York Warehouse"},
        )
        self.assertFalse(wizard.access_token, "the secret stays on the store only")

    def test_the_wizard_connects_with_client_credentials(self):
        """The usual case since 2026: id and secret of an app; the token is fetched and kept."""
        self.connect(
            auth_method='client',
            client_id=self.twin.client_id,
            client_secret=self.twin.client_secret,
        )
        self.assertEqual(self.store.state, 'connected')
        self.assertGreater(self.store.token_expires_at, fields.Datetime.now() + timedelta(hours=23))

    def test_a_wrong_secret_is_refused_in_words(self):
        """Bad input: nothing is half-connected."""
        with self.assertRaisesRegex(UserError, "no access token"):
            self.connect(auth_method='client', client_id=self.twin.client_id, client_secret='x')

    def test_a_wrong_token_is_refused_in_words(self):
        """Bad input: the message says what to do."""
        with self.assertRaisesRegex(UserError, "Reconnect"):
            self.connect(auth_method='token', access_token='shpat_wrong')

    def test_a_token_near_its_end_is_renewed_before_use(self):
        """The token of an app ends after a day."""
        self.store.write(
            {
                'auth_method': 'client',
                'client_id': self.twin.client_id,
                'client_secret': self.twin.client_secret,
                'access_token': 'stale',
                'token_expires_at': fields.Datetime.now() + timedelta(minutes=1),
            }
        )
        self.store._test_connection()
        self.assertNotEqual(self.store.access_token, 'stale')

    def test_a_token_that_was_revoked_is_renewed_once(self):
        """401 in the middle: a new token is fetched, the request repeated."""
        self.store.write(
            {
                'auth_method': 'client',
                'client_id': self.twin.client_id,
                'client_secret': self.twin.client_secret,
                'access_token': 'revoked',
                'token_expires_at': fields.Datetime.now() + timedelta(hours=5),
            }
        )
        with self.enter_registry_test_mode():
            self.store._test_connection()
        self.env.invalidate_all()
        self.assertNotEqual(self.store.access_token, 'revoked')

    def test_missing_scopes_are_named(self):
        """The store says which scopes the app lacks."""
        self.twin.access.set_scopes(['read_orders', 'write_products'])
        self.addCleanup(self.twin.reset)
        self.store._test_connection()
        missing = self.store.missing_scopes.split()
        self.assertIn('read_customers', missing)
        self.assertNotIn('read_products', missing, "write_products includes it")

    def test_addresses_are_understood_however_they_are_pasted(self):
        """The address of the admin page is what people have at hand."""
        normalize = self.env['shopify.store']._normalize_domain
        for text in (
            'https://my-shop.myshopify.com/admin',
            'my-shop.myshopify.com',
            ' HTTPS://My-Shop.myshopify.com/ ',
            'https://admin.shopify.com/store/my-shop/orders?x=1',
        ):
            self.assertEqual(normalize(text), 'my-shop.myshopify.com')

    def test_only_shopify_is_talked_to(self):
        """Nobody can point the token at another host."""
        for domain in ('evil.com', 'my.myshopify.com.evil.com', '10.0.0.1:80', 'x@evil.com'):
            with self.assertRaises(ValidationError, msg=domain):
                self.store.domain = domain

    def test_secrets_cannot_be_read(self):
        """Secrets never reach a user: not by reading, not by searching, not by copying."""
        manager = new_test_user(self.env, 'manager', 'shopify_connector.group_manager')
        store = self.store.with_user(manager)
        for name in ('access_token', 'client_secret'):
            self.assertNotIn(name, store.read()[0])
            with self.assertRaises(AccessError):
                store.read([name])
            with self.assertRaises(AccessError):
                store.search([(name, '=like', 'a%')])
        self.assertFalse(self.store.copy_data()[0].get('access_token'))

    def test_locations_are_fetched_renewed_and_archived(self):
        """R-36: vanished locations are archived, the user's warehouse stays."""
        self.store.action_fetch_locations()
        berlin = self.store.location_ids.filtered(lambda loc: loc.name == "Berlin Warehouse")
        berlin.warehouse_id = self.env['stock.warehouse'].search([], limit=1)
        record = self.twin.store.get(berlin.shopify_id)
        record.name = "Berlin East"
        gone = self.twin.store.all('Location')[-1]
        gone.is_active = False
        self.store.action_fetch_locations()
        self.assertEqual(berlin.name, "Berlin East")
        self.assertTrue(berlin.warehouse_id)
        archived = self.store.location_ids.with_context(active_test=False).search(
            [('shopify_id', '=', gone.id), ('active', '=', False)]
        )
        self.assertEqual(len(archived), 1)

    def test_a_locked_store_says_so_and_heals_by_itself(self):
        """A locked store is shown on the store, not on each order; a good answer ends it."""
        gid = self.put_order()
        fault = self.twin.faults.add('http', status=423)
        self.run_import()
        self.assertEqual(self.store.state, 'error')
        self.assertIn("locked", self.store.error_message)
        self.twin.faults.remove(fault)
        self.run_import()
        self.assertEqual(self.store.state, 'connected')
        self.assertTrue(self.get_order(gid))

    def test_a_copied_database_talks_to_nobody(self):
        """Neutralized copies keep no secret and no connection."""

        self.env.flush_all()
        for query in get_neutralization_queries(['shopify_connector']):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.store.access_token or self.store.client_secret)
        self.assertEqual(self.store.state, 'draft')
        self.assertFalse(self.shop.auto_import)
