"""Who may do what, and to whom rows belong."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ShopifyCase


@tagged('post_install', '-at_install')
class TestAccess(ShopifyCase):
    def models(self):
        names = self.env['ir.model.data'].search(
            [('module', '=', 'shopify_connector'), ('model', '=', 'ir.model')]
        )
        models = [
            self.env[self.env['ir.model'].browse(res_id).model] for res_id in names.mapped('res_id')
        ]
        return [model for model in models if model._name.startswith('shopify.')]

    def test_every_model_has_rights_and_a_company_rule(self):
        """DESIGN 6: none is forgotten."""
        models = self.models()
        self.assertGreater(len(models), 15)
        for model in models:
            access = self.env['ir.model.access'].search([('model_id.model', '=', model._name)])
            self.assertTrue(access, model._name)
            self.assertTrue(all(access.mapped('group_id')), f"{model._name}: rights for everyone")
            if model._transient or model._name == 'shopify.tag':
                continue
            self.assertIn('company_id', model._fields, model._name)
            rules = self.env['ir.rule'].search([('model_id.model', '=', model._name)])
            self.assertIn('company_ids', ''.join(rules.mapped('domain_force')), model._name)

    def test_a_stranger_sees_nothing(self):
        """R-05: a user without the group reads no model and starts no import."""
        order = self.import_order()
        stranger = new_test_user(
            self.env, 'stranger', 'base.group_user,sales_team.group_sale_salesman'
        )
        for model in self.models():
            with self.assertRaises(AccessError, msg=model._name):
                model.with_user(stranger).search([], limit=1).read(['id'])
        for record, method in (
            (self.shop, 'action_import_orders'),
            (self.shop, 'action_test_connection'),
            (self.store, 'action_fetch_locations'),
            (order, 'action_create_documents'),
            (order, 'action_unlink_documents'),
            (order, 'action_sync'),
        ):
            with self.assertRaises(AccessError, msg=method):
                getattr(record.with_user(stranger), method)()

    def test_a_user_imports_and_repairs_but_does_not_connect(self):
        """Two groups: users see, map and try again; managers connect and set rules."""
        user = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        self.shop.auto_create_orders = False
        order = self.import_order().with_user(user)
        self.shop.with_user(user).action_import_orders()
        order.action_create_documents()
        self.assertEqual(order.document_state, 'done')
        with self.assertRaises(AccessError):
            self.shop.with_user(user).name = "Mine"
        with self.assertRaises(AccessError):
            self.store.with_user(user).action_test_connection()
        with self.assertRaises(AccessError):
            self.env['shopify.connect'].with_user(user).create({'domain': 'x.myshopify.com'})

    def test_a_user_of_another_company_sees_nothing(self):
        """DESIGN 6: orders belong to the company of their shop."""
        self.import_order()
        other = self.env['res.company'].create({'name': "Other"})
        user = new_test_user(
            self.env,
            'elsewhere',
            'shopify_connector.group_manager',
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for name in ('shopify.store', 'shopify.shop', 'shopify.order', 'shopify.order.line'):
            self.assertFalse(self.env[name].with_user(user).search([]), name)

    def test_orders_of_another_company_s_shop_are_booked_there(self):
        """One store, two companies: the shop decides."""
        other = self.env['res.company'].create({'name': "Other"})
        self.env['account.chart.template'].try_loading(
            'generic_coa', company=other, install_demo=False
        )
        self.shop.write({'company_id': other.id})
        order = self.import_order()
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual(order.company_id, other)
        self.assertEqual(order.sale_order_ids.company_id, other)
        self.assertEqual(order.sale_order_ids.warehouse_id.company_id, other)
