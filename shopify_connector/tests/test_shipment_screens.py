"""Who may send shipments, and what the screens count (R-117)."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .shipping_case import CLERK, ShippingCase
from .test_shipments import HOLD


@tagged('post_install', '-at_install')
class TestShipmentScreens(ShippingCase):
    def fail(self):
        """Return an order and its delivery, which Shopify holds back."""
        order = self.import_goods(mug=1)
        self.ask(HOLD, id=self.fulfillment_orders(order)[0]['id'], hold={'reason': 'OTHER'})
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        return order, picking

    def sync_wizard(self, **values):
        return self.env['shopify.sync.shipments'].create(values)

    def test_the_wizard_filters(self):
        """R-117: by shop, order, customer, day, and what was left out."""
        order, failed = self.fail()
        left_out = self.deliver(self.import_goods(cup=1))
        left_out.action_shopify_skip()
        sent = self.deliver(self.import_goods(cup=1))
        self.sync()
        self.assertEqual(sent.shopify_state, 'done')
        self.assertEqual(self.sync_wizard().delivery_count, 1)
        self.assertEqual(self.sync_wizard(which='unsent').delivery_count, 2)
        only = self.sync_wizard(which='unsent', order_ids=order.ids)
        self.assertEqual(only.delivery_count, 1)
        day = timedelta(days=1)
        self.assertFalse(self.sync_wizard(date_from=failed.date_done + day).delivery_count)
        self.assertEqual(self.sync_wizard(date_to=failed.date_done + day).delivery_count, 1)
        stranger = self.env['res.partner'].create({'name': "Stranger"})
        self.assertFalse(self.sync_wizard(partner_id=stranger.id).delivery_count)
        only.action_sync()
        self.assertEqual((failed.shopify_state, left_out.shopify_state), ('pending', 'skipped'))
        with self.assertRaises(UserError):
            self.sync_wizard(partner_id=stranger.id).action_sync()

    def test_from_the_list_of_orders(self):
        """R-117: the wizard takes the orders that were chosen, and what was left out of them."""
        order, picking = self.fail()
        self.fail()
        context = {'active_model': 'shopify.order', 'active_ids': order.ids}
        wizard = self.env['shopify.sync.shipments'].with_context(**context).create({})
        self.assertEqual((wizard.which, wizard.delivery_count), ('unsent', 1))
        wizard.action_sync()
        self.assertEqual(picking.shopify_state, 'pending')

    def test_what_failed_is_counted_and_named(self):
        """M-08: the shop counts, the order says why, To Fix has one cause and one click."""
        order, picking = self.fail()
        _other, second = self.fail()
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.delivery_error_count, 2)
        self.assertIn("on hold in Shopify", order.delivery_message)
        cause = self.env['shopify.problem'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual((cause.code, cause.delivery_count, cause.order_count), ('on_hold', 2, 0))
        cause.action_try_again()
        self.assertEqual((picking + second).mapped('shopify_state'), ['pending', 'pending'])

    def test_a_clerk_without_shopify(self):
        """R-117: the form opens for who ships and has no right to Shopify, and may send again."""
        _order, picking = self.fail()
        clerk = new_test_user(self.env, 'clerk2', groups=CLERK)
        with Form(picking.with_user(clerk)) as form:
            self.assertEqual(form.shopify_state, 'failed')
            self.assertIn("on hold", form.shopify_message)
        picking.with_user(clerk).action_shopify_send()
        self.assertEqual(picking.shopify_state, 'pending')

    def test_nobody_of_another_company(self):
        """R-117: deliveries of a company are sent by its own people."""
        order, picking = self.fail()
        company = self.env['res.company'].create({'name': "Elsewhere"})
        stranger = new_test_user(
            self.env,
            'stranger',
            groups='stock.group_stock_user,shopify_connector.group_user',
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        found = self.env['stock.picking'].with_user(stranger).search([('id', '=', picking.id)])
        self.assertFalse(found)
        wizard = self.env['shopify.sync.shipments'].with_user(stranger).create({})
        self.assertFalse(wizard.delivery_count)
        self.assertEqual(order.delivery_message.count('\n'), 0)

    def test_only_done_deliveries_of_shopify(self):
        """R-117: the button refuses what it cannot send."""
        order = self.import_goods(mug=1)
        with self.assertRaises(UserError):
            order.sale_order_ids.picking_ids.action_shopify_send()
