"""Errors by root cause: one entry for each, one fix, all of its orders tried again (M-08)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.shopify_connector.exceptions import Problem

from .common import ShopifyCase, line, tax

# An order that names nobody.
NOBODY = {'email': None, 'shippingAddress': None, 'billingAddress': None}


def taxed(title="Moon VAT"):
    """Return the values of an order with a tax that nobody has mapped."""
    item = line("Mug", '10.00', sku='MUG', taxLines=[tax(title, 0.77, '7.70')])
    return {'lineItems': [item]}


@tagged('post_install', '-at_install')
class TestProblems(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.shop.tax_policy = 'ask'

    def problems(self):
        """Return what is to fix now."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['shopify.problem'].search([('shop_id', '=', self.shop.id)])

    def problem(self, code):
        """Return the one entry of a code."""
        found = self.problems().filtered(lambda problem: problem.code == code)
        self.assertEqual(len(found), 1, code)
        return found

    def fix(self, problem, **values):
        """Answer the wizard of an entry."""
        action = problem.action_fix()
        with Form(self.env[action['res_model']].with_context(**action['context'])) as wizard:
            for name, value in values.items():
                setattr(wizard, name, value)
        return wizard.record.action_fix()

    def orders(self):
        return self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])

    def test_one_missing_tax_is_one_entry_one_click_and_none_left(self):
        """M-08: 100 orders lack one tax: one entry, mapped once, all of them go through."""
        for _ in range(100):
            self.put_order(**taxed())
        self.run_import()
        problem = self.problems()
        self.assertEqual((problem.code, problem.order_count), ('no_tax', 100))
        self.assertIn("Moon VAT", problem.subject)
        self.assertEqual(self.shop.problem_count, 1)
        self.fix(problem, tax_id=self.env.company.account_sale_tax_id)
        self.run_import()
        self.assertEqual(set(self.orders().mapped('document_state')), {'done'})
        self.assertEqual(len(self.orders().sale_order_ids), 100)
        self.assertFalse(self.problems())

    def test_four_causes_four_fixes_all_replayed(self):
        """B6: 100 orders, one missing tax, product, shop product and customer each."""
        self.shop.write({'default_partner_id': False, 'custom_product_id': False})
        for _ in range(25):
            self.put_order(**taxed())
            self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
            self.put_order(lineItems=[line("Engraving", '3.00')])
            self.put_order(**NOBODY)
        self.run_import()
        problems = self.problems()
        self.assertEqual(
            {problem.code: problem.order_count for problem in problems},
            {'no_tax': 25, 'no_product': 25, 'no_shop_product': 25, 'no_customer': 25},
        )
        self.assertTrue(all(problems.mapped('can_fix')))
        self.fix(self.problem('no_tax'), tax_id=self.env.company.account_sale_tax_id)
        self.fix(self.problem('no_product'), product_id=self.mug)
        service = self.env['product.product'].create({'name': "Engraving", 'type': 'service'})
        self.fix(self.problem('no_shop_product'), product_id=service)
        partner = self.env['res.partner'].create({'name': "Counter"})
        self.fix(self.problem('no_customer'), partner_id=partner)
        self.run_import()
        orders = self.orders()
        self.assertEqual(orders.mapped('document_state'), ['done'] * 100)
        self.assertEqual(len(orders.sale_order_ids), 100)
        self.assertFalse(self.problems())
        self.assertEqual(self.shop.custom_product_id, service)

    def test_many_orders_are_tried_again_in_the_background(self):
        """M-08: beyond a few orders nobody waits; the next run does them all."""
        for _ in range(30):
            self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.run_import()
        self.env['product.product'].create({'name': "Lamp", 'default_code': 'LAMP'})
        self.shop.auto_create_orders = False  # asked for by hand: done all the same
        action = self.problems().action_try_again()
        self.assertIn("30", action['params']['message'])
        self.assertEqual(set(self.orders().mapped('document_state')), {'failed'})
        self.run_import()
        self.assertEqual(set(self.orders().mapped('document_state')), {'done'})

    def test_an_order_that_fails_again_rests(self):
        """M-08: trying again without a fix changes nothing and ends."""
        order = self.import_order(**taxed())
        action = self.problems().action_try_again()
        self.assertIn("still fail", action['params']['message'])
        order._request_documents()
        self.run_import()
        self.assertEqual(order.document_state, 'failed')
        self.assertFalse(order.retry_requested)

    def test_a_mapping_set_on_its_own_page_replays_its_orders(self):
        """M-08: mapping the tax, the variant or a rule of the shop is enough."""
        self.shop.custom_product_id = False
        waiting = self.import_order(**taxed())
        other = self.import_order(**taxed("Mars VAT"))
        custom = self.import_order(lineItems=[line("Engraving", '3.00')])
        mapping = self.env['shopify.tax'].search([('title', '=', "Moon VAT")])
        mapping.tax_id = self.env.company.account_sale_tax_id
        self.shop.custom_product_id = self.mug
        self.run_import()
        self.assertEqual((waiting + custom).mapped('document_state'), ['done'] * 2)
        self.assertEqual(other.document_state, 'failed')

    def test_a_linked_customer_replays_its_orders(self):
        """M-08, R-75: the Shopify customer is linked to a contact, its orders go through."""
        self.shop.write({'customer_import': 'find', 'default_partner_id': False})
        with self.a_minute_ago():
            order = self.import_order()
        self.assertEqual(order.error_code, 'no_customer')
        customer = self.env['shopify.customer'].create(
            {'name': "Ada", 'store_id': self.store.id, 'shopify_id': 'gid://shopify/Customer/1'}
        )
        order.customer_id = customer
        partner = self.env['res.partner'].create({'name': "Somebody"})
        customer.partner_id = partner
        self.run_import()
        self.assertEqual(order.sale_order_ids.partner_id, partner)

    def test_a_shop_that_creates_nothing_by_itself_waits_for_a_user(self):
        """M-08, R-10: a mapping alone makes no documents where the shop makes none."""
        order = self.import_order(**taxed())
        self.shop.auto_create_orders = False
        mapping = self.env['shopify.tax'].search([('title', '=', "Moon VAT")])
        mapping.tax_id = self.env.company.account_sale_tax_id
        self.run_import()
        self.assertEqual(order.document_state, 'failed')
        self.problems().action_try_again()
        self.assertEqual(order.document_state, 'done')

    def test_a_location_without_a_warehouse_is_a_cause(self):
        """M-08, R-38: the warehouse is set once, on the location, and its orders are replayed."""
        self.store.action_fetch_locations()
        location = self.store.location_ids[0]
        orders = self.import_order() + self.import_order()
        orders.action_unlink_documents()
        for order in orders:
            order._set_failed(Problem('no_location', "It has no warehouse.", location.name))
        warehouse = self.env['stock.warehouse'].search([], limit=1)
        self.fix(self.problem('no_location'), warehouse_id=warehouse)
        self.assertEqual(location.warehouse_id, warehouse)
        self.assertEqual(orders.mapped('document_state'), ['done'] * 2)

    def test_orders_that_could_not_be_staged_are_causes_too(self):
        """M-08: rows of Orders to Import carry code and subject, and are tried again."""
        self.twin.store.shop.currency_code = 'JEP'
        gid = self.put_order(currency='JEP', lineItems=[line("Mug", '10.00', currency='JEP')])
        self.twin.store.shop.currency_code = 'USD'
        self.run_import()
        problem = self.problem('no_currency')
        self.assertEqual((problem.subject, problem.import_count), ('JEP', 1))
        self.assertEqual(problem.action_view_orders()['res_model'], 'shopify.order.import')
        with self.assertRaises(UserError):
            problem.action_fix()
        currency = self.env['res.currency'].create({'name': 'JEP', 'symbol': '£'})
        currency.rate_ids = [Command.create({'name': '2020-01-01', 'rate': 0.8})]
        problem.action_try_again()
        self.run_import()
        self.assertTrue(self.get_order(gid))
        self.assertFalse(self.problems())

    def test_the_same_cause_in_two_languages_is_one(self):
        """M-08: what a user of another language tries again stays in its group."""
        self.env['res.lang']._activate_lang('fr_FR')
        first, second = self.import_order(**taxed()), self.import_order(**taxed())
        second.with_context(lang='fr_FR').action_create_documents()
        self.assertEqual(first.error_subject, second.error_subject)
        self.assertEqual(self.problems().order_count, 2)

    def test_an_entry_keeps_its_id_while_orders_come_and_go(self):
        """M-08: a button pressed on a list that is a minute old hits the same cause."""
        self.import_order(**taxed())
        before = self.problems()
        self.import_order(**taxed())
        self.assertEqual(self.problems(), before)

    def test_the_fix_links_the_variant_for_good(self):
        """M-08: later orders of the same variant find the product."""
        variant = 'gid://shopify/ProductVariant/77'
        self.patch_variant(variant)
        first = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.fix(self.problem('no_product'), product_id=self.mug)
        self.assertEqual(first.document_state, 'done')
        second = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.assertEqual(second.line_ids.product_id, self.mug)
        self.assertEqual(second.line_ids.product_decision, "linked variant")

    def patch_variant(self, variant):
        """Let every line that arrives name a variant."""
        lines = self.env.registry['shopify.order.line']
        prepare = lines._prepare_item
        self.patch(
            lines,
            '_prepare_item',
            lambda model, item: {**prepare(model, item), 'variant_gid': variant},
        )

    def test_users_fix_orders_and_managers_fix_shops(self):
        """R-05: a user maps; what the shop lacks is a manager's; a stranger does nothing."""
        self.shop.custom_product_id = False
        order = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.import_order(lineItems=[line("Engraving", '3.00')])
        user = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        self.env = self.env(user=user)
        self.fix(self.problem('no_product'), product_id=self.mug)
        self.assertEqual(order.document_state, 'done')
        with self.assertRaises(AccessError):
            self.fix(self.problem('no_shop_product'), product_id=self.mug)
        stranger = new_test_user(
            self.env(su=True), 'stranger', 'base.group_user,sales_team.group_sale_salesman'
        )
        with self.assertRaises(AccessError):
            self.problem('no_shop_product').with_user(stranger).action_try_again()
