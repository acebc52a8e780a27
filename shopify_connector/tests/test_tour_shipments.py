"""What a clerk does in the browser: deliver, read why Shopify was not told, send again."""

from odoo.tests import HttpCase, new_test_user, tagged

from .shipping_case import CLERK, ShippingCase
from .test_shipments import HOLD, RELEASE


@tagged('post_install', '-at_install')
class TestTourShipments(ShippingCase, HttpCase):
    def put_on_hold(self, order):
        """Put the units of an order on hold; return the gid to release."""
        node = self.fulfillment_orders(order)[0]
        self.ask(HOLD, id=node['id'], hold={'reason': 'OTHER', 'reasonNotes': "Call the buyer"})
        return node['id']

    def test_the_clerk_s_way(self):
        """C5, R-117: deliver, read the reason, send again, see it sent; no right to Shopify."""
        clerk = new_test_user(self.env, 'clerk', groups=CLERK)
        order = self.import_goods(mug=1)
        picking = order.sale_order_ids.picking_ids
        picking.carrier_tracking_ref = 'T1'
        held = self.put_on_hold(order)
        form = f'/odoo/action-stock.action_picking_tree_all/{picking.id}'
        self.start_tour(form, 'shopify_clerk_delivers', login=clerk.login)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.ask(RELEASE, id=held)
        self.start_tour('/odoo/shopify-deliveries', 'shopify_clerk_sends_again', login=clerk.login)
        self.sync()
        self.assertEqual((picking.shopify_state, picking.shopify_message), ('done', False))
        self.assertEqual(self.shipped(order), {'Mug': 1})
        self.start_tour(form, 'shopify_clerk_sees_it_sent', login='admin')

    def test_sync_with_filters(self):
        """R-117: from the menu, with filters; what waits for a hold is sent after it."""
        order = self.import_goods(mug=1)
        held = self.put_on_hold(order)
        picking = self.deliver(order)
        self.sync()
        self.ask(RELEASE, id=held)
        self.start_tour('/odoo/shopify', 'shopify_sync_shipments', login='admin')
        self.sync()
        self.assertEqual(picking.shopify_state, 'done')
