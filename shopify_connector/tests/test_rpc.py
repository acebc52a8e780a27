"""The connector from outside, over XML-RPC, with the script of the documentation."""

import importlib.util
import xmlrpc.client
from pathlib import Path

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import Transport

from .common import ShopifyCase

SCRIPT = Path(__file__).parents[2] / 'docs' / 'rpc' / 'import_orders.py'


@tagged('post_install', '-at_install')
class TestRpc(ShopifyCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.spec_from_file_location('rpc_script', SCRIPT)
        cls.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.script)

    def sign_in(self, login, groups):
        new_test_user(self.env, login, groups, password=f'{login}-password')
        return self.script.Odoo(
            self.base_url(), self.cr.dbname, login, f'{login}-password', Transport(self)
        )

    def test_the_script_lists_imports_and_reads(self):
        """A10: shops are listed, an import is started, orders are read."""
        gid = self.put_order()
        odoo = self.sign_in('robot', 'shopify_connector.group_user')
        shops = [shop for shop in self.script.list_shops(odoo) if shop['id'] == self.shop.id]
        self.assertEqual([shop['name'] for shop in shops], ["Web"])
        self.script.start_import(odoo, [self.shop.id])
        triggers = self.env['ir.cron.trigger'].search(
            [('cron_id', '=', self.env.ref('shopify_connector.cron_import_orders').id)]
        )
        self.assertTrue(triggers, "the scheduled action was not woken")
        self.run_import()
        orders = self.script.read_orders(odoo, [self.shop.id])
        self.assertEqual([(order['total'], order['difference']) for order in orders], [(10.0, 0.0)])
        self.assertEqual(orders[0]['sale_order_ids'], self.get_order(gid).sale_order_ids.ids)

    def test_a_user_without_rights_gets_none_of_it(self):
        """A10: neither the list, nor the import, nor the orders."""
        odoo = self.sign_in('stranger', 'base.group_user')
        for step in (
            lambda: self.script.list_shops(odoo),
            lambda: self.script.start_import(odoo, [self.shop.id]),
            lambda: self.script.read_orders(odoo, [self.shop.id]),
        ):
            with self.assertRaises(xmlrpc.client.Fault):
                step()

    def test_what_rpc_may_not_call(self):
        """Private by default: the pipeline itself is not an API."""
        odoo = self.sign_in('robot', 'shopify_connector.group_manager')
        for model, method in (
            ('shopify.store', '_get_client'),
            ('shopify.store', '_cron_import_orders'),
            ('shopify.order', '_create_documents'),
            ('shopify.order.import', '_claim'),
        ):
            with self.assertRaises(xmlrpc.client.Fault):
                odoo.call(model, method, [self.store.id])
