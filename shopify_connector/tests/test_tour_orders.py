"""What a user does in the browser: connect a store, import, look at an order, try one again."""

from odoo.tests import HttpCase, tagged

from .common import ADDRESS, ORDER_CREATE, line, shared_twin


@tagged('post_install', '-at_install')
class TestTourOrders(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = shared_twin()
        cls.twin.reset()
        cls.twin.store.shop.currency_code = 'USD'
        cls.env['product.product'].create(
            [
                {'name': "Mug", 'default_code': 'MUG', 'is_storable': True},
                {'name': "Other Mug", 'default_code': 'MUG-IN-ODOO', 'is_storable': True},
            ]
        )

    def put_order(self, sku):
        """Create an order of one item in the twin."""
        item = line("Mug", '10.00', sku=sku, requiresShipping=True)
        order = {
            'email': 'ada@example.com',
            'currency': 'USD',
            'lineItems': [item],
            'shippingAddress': ADDRESS,
            'billingAddress': ADDRESS,
        }
        answer = self.twin.execute(ORDER_CREATE, {'order': order})
        self.assertFalse(answer['data']['orderCreate']['userErrors'])

    def connect(self):
        """Connect the twin in the browser, through the wizard."""
        self.start_tour(
            '/odoo/shopify',
            'shopify_connect_store',
            login='admin',
            cookies={
                'shopify_domain': self.twin.url.removeprefix('http://'),
                'shopify_client_id': self.twin.client_id,
                'shopify_client_secret': self.twin.client_secret,
            },
        )

    def run_asked_import(self):
        """Run the scheduled action as the scheduler would, if somebody asked for it."""
        cron = self.env.ref('shopify_connector.cron_import_orders')
        self.assertTrue(
            self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]),
            "the wizard asked for no import",
        )
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_connect_import_look_and_try_again(self):
        """R-36, R-41, R-59, R-66, R-67: from a new store to sales orders, all in the browser."""
        self.put_order('MUG')
        self.put_order('NO-SUCH-SKU')
        self.connect()
        store = self.env['shopify.store'].search([('domain', '=', self.twin.url[len('http://') :])])
        self.assertEqual(store.state, 'connected')
        self.assertTrue(store.location_ids.warehouse_id, "the warehouse of a location was lost")
        self.run_asked_import()
        orders = self.env['shopify.order'].search([('store_id', '=', store.id)])
        self.assertEqual(sorted(orders.mapped('document_state')), ['done', 'failed'])
        self.start_tour('/odoo/shopify', 'shopify_look_at_order', login='admin')
        self.start_tour('/odoo/shopify', 'shopify_try_again', login='admin')
        self.env.invalidate_all()
        self.assertEqual(orders.mapped('document_state'), ['done', 'done'])
        mug = self.env['product.product'].search([('default_code', '=', 'MUG-IN-ODOO')])
        self.assertEqual(orders.sale_order_ids.order_line.product_id & mug, mug)
