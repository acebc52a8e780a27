"""Deliveries that are done in Odoo become fulfilments in Shopify (issue 4)."""

from odoo.tests import tagged

from .common import line
from .shipping_case import ShippingCase


@tagged('post_install', '-at_install')
class TestShipments(ShippingCase):
    def assert_sent(self, picking):
        self.assertEqual(picking.shopify_state, 'done', picking.shopify_message)

    # === THE PLAIN WAY === #

    def test_a_done_delivery_is_sent_once(self):
        """R-117, M-02: all units, fulfilled in Shopify; a second run sends nothing."""
        order = self.import_goods(mug=2, cup=1)
        picking = self.deliver(order)
        self.assertEqual(picking.shopify_state, 'pending')
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.status(order), 'FULFILLED')
        self.assertEqual(self.shipped(order), {'Mug': 2, 'Cup': 1})
        self.assertEqual(picking.shopify_fulfillment_ids.quantity, 3)
        self.assertFalse(picking.shopify_message)
        self.twin.requests.clear()
        self.sync()
        picking.action_shopify_send()
        self.sync()
        self.assertEqual(len(self.sent()), 0)
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_tracking_goes_with_it(self):
        """R-118: company by its Shopify name, all numbers, an address for each."""
        order = self.import_goods(mug=1)
        carrier = self.env['delivery.carrier'].create(
            {
                'name': "Parcels of ours",
                'product_id': self.env.ref('shopify_connector.product_shipping').id,
                'tracking_url': 'https://track.example.com/<shipmenttrackingnumber>',
                'shopify_tracking_company': 'DHL Express',
            }
        )
        picking = self.deliver(order, carrier_id=carrier.id, carrier_tracking_ref='A1, B2')
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(
            self.fulfillments(order)[0]['trackingInfo'],
            [
                {
                    'company': 'DHL Express',
                    'number': number,
                    'url': f'https://track.example.com/{number}',
                }
                for number in ('A1', 'B2')
            ],
        )
