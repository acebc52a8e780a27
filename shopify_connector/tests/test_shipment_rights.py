"""Who sees what of shipments, and that each screen leads to the deliveries that it counts."""

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .shipping_case import CLERK, ShippingCase
from .test_shipments import HOLD, RELEASE


@tagged('post_install', '-at_install')
class TestShipmentRights(ShippingCase):
    def hold(self, order):
        """Put all that is to be shipped of an order on hold in Shopify; return the gids."""
        hold = {'reason': 'INVENTORY_OUT_OF_STOCK', 'reasonNotes': "Wait for the new cups"}
        gids = [node['id'] for node in self.fulfillment_orders(order)]
        for gid in gids:
            answer = self.ask(HOLD, id=gid, hold=hold)
            self.assertFalse(answer['fulfillmentOrderHold']['userErrors'])
        return gids

    def release(self, gids):
        """Take the holds away."""
        for gid in gids:
            answer = self.ask(RELEASE, id=gid)
            self.assertFalse(answer['fulfillmentOrderReleaseHold']['userErrors'])

    def make_failed(self):
        """Return a delivery that Shopify could not be told of, and what holds it back."""
        order = self.import_goods(mug=1)
        gids = self.hold(order)
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        return picking, gids

    def wizard(self, user=None, **values):
        """Return the wizard as a user fills it in."""
        model = self.env['shopify.sync.shipments'].with_user(user or self.env.user)
        return model.create(values)

    # === COUNTS AND CAUSES === #

    def test_the_shop_counts_what_is_not_sent(self):
        """R-117: the number on the shop leads to the deliveries that it counts."""
        self.assertEqual(self.shop.delivery_error_count, 0)
        picking, gids = self.make_failed()
        sent = self.deliver(self.import_goods(cup=1))
        self.sync()
        self.assertEqual(sent.shopify_state, 'done')
        self.assertEqual(self.shop.delivery_error_count, 1)
        action = self.shop.action_view_delivery_errors()
        self.assertEqual(action['context'], {'search_default_failed': 1})
        self.assertEqual(self.env['stock.picking'].search(action['domain']), picking | sent)
        self.release(gids)
        picking.action_shopify_send()
        self.sync()
        self.assertEqual(self.shop.delivery_error_count, 0)

    def test_failed_deliveries_are_causes_to_fix(self):
        """M-08: one entry for all deliveries of a cause; one click sends all of them."""
        first, gids = self.make_failed()
        second, more = self.make_failed()
        problem = self.env['shopify.problem'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual(problem.code, 'on_hold')
        self.assertEqual((problem.delivery_count, problem.order_count), (2, 0))
        self.assertEqual(problem.title, "On hold in Shopify")
        self.assertFalse(problem.can_fix)
        action = problem.action_view_orders()
        self.assertEqual(action['res_model'], 'stock.picking')
        self.assertEqual(self.env['stock.picking'].search(action['domain']), first | second)
        self.release(gids + more)
        problem.action_try_again()
        self.sync()
        self.assertEqual((first | second).mapped('shopify_state'), ['done', 'done'])
        self.env.flush_all()
        self.assertFalse(self.env['shopify.problem'].search([('shop_id', '=', self.shop.id)]))

    def test_the_order_says_which_delivery_is_not_sent(self):
        """R-117: the reason is read on the Shopify order too, and found by its filter."""
        picking, _gids = self.make_failed()
        order = picking.shopify_order_id
        self.assertIn(picking.name, order.delivery_message)
        self.assertIn("on hold", order.delivery_message)
        found = self.env['shopify.order'].search(
            [('sale_order_ids.picking_ids.shopify_state', '=', 'failed')]
        )
        self.assertEqual(found, order)
        picking.action_shopify_skip()
        self.assertFalse(order.delivery_message)

    def test_the_shop_sends_now(self):
        """R-117: the button wakes the scheduled action."""
        cron = self.env.ref('shopify_connector.cron_sync_shipments')
        triggers = self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)])
        self.shop.action_send_shipments()
        self.assertEqual(
            self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), len(triggers) + 1
        )

    # === WIZARD === #

    def test_the_wizard_takes_the_chosen_orders(self):
        """R-117: from the list of orders; a delivery from before the connector is found too."""
        picking, _gids = self.make_failed()
        picking.shopify_state = False
        wizard = Form(
            self.env['shopify.sync.shipments'].with_context(
                active_model='shopify.order', active_ids=picking.shopify_order_id.ids
            )
        )
        self.assertEqual(wizard.order_ids[:], picking.shopify_order_id)
        self.assertEqual(wizard.delivery_count, 1)
        wizard.which = 'failed'
        self.assertEqual(wizard.delivery_count, 0)

    # === WHO MAY === #

    def test_a_stock_user_without_shopify_rights(self):
        """R-117: opens, reads the reason and sends again, and sees no record of Shopify."""
        picking, gids = self.make_failed()
        user = new_test_user(self.env, 'packer', CLERK)
        mine = picking.with_user(user)
        view = self.env.ref('stock.view_picking_form')
        self.assertEqual(Form(mine, view).shopify_order_name, picking.shopify_order_name)
        arch = self.env['stock.picking'].with_user(user).get_view(view.id)['arch']
        self.assertIn('name="shopify_message"', arch)
        self.assertIn('name="action_shopify_send"', arch)
        for name in ('shopify_fulfillment_ids', 'shopify_shop_id', 'action_view_shopify_order'):
            self.assertNotIn(f'name="{name}"', arch)
        for kind in ('list', 'search'):
            arch = self.env['stock.picking'].with_user(user).get_view(view_type=kind)['arch']
            self.assertIn('shopify_state', arch)
            self.assertNotIn('name="shopify_shop_id"', arch)
        self.release(gids)
        mine.action_shopify_send()
        self.sync()
        self.assertEqual(picking.shopify_state, 'done')
        with self.assertRaises(AccessError):
            self.env['shopify.sync.shipments'].with_user(user).create({})

    def test_a_shopify_user_sees_the_fulfilments_on_the_delivery(self):
        """R-117: and opens them from there."""
        picking = self.deliver(self.import_goods(mug=1))
        self.sync()
        user = new_test_user(self.env, 'office', f'{CLERK},shopify_connector.group_user')
        form = Form(picking.with_user(user), self.env.ref('stock.view_picking_form'))
        self.assertEqual(len(form.shopify_fulfillment_ids), 1)
        found = self.env['shopify.fulfillment'].with_user(user).search([])
        self.assertEqual(found.picking_id, picking)

    def test_a_user_of_another_company_neither_counts_nor_sends(self):
        """DESIGN 6: deliveries belong to their company."""
        picking, _gids = self.make_failed()
        other = self.env['res.company'].create({'name': "Other"})
        user = new_test_user(
            self.env,
            'elsewhere',
            'stock.group_stock_user,shopify_connector.group_manager',
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self.wizard(user, which='unsent').delivery_count, 0)
        with self.assertRaises(AccessError):
            picking.with_user(user).action_shopify_send()
        for model in ('shopify.problem', 'shopify.fulfillment'):
            self.assertFalse(self.env[model].with_user(user).search([]), model)
