"""What happens to a shipment afterwards, and what happens when an answer is lost (issue 4)."""

import contextlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..shopify_api import fetch
from .common import line, money
from .shipping_case import ShippingCase
from .test_shipments import EVENT, HOLD, MOVE, RELEASE


@tagged('post_install', '-at_install')
class TestShipmentsLater(ShippingCase):
    def assert_sent(self, picking):
        self.assertEqual(picking.shopify_state, 'done', picking.shopify_message)

    def send(self, tracking='T1', **quantities):
        """Import an order, deliver it and send it; return both."""
        order = self.import_goods(**(quantities or {'mug': 1}))
        picking = self.deliver(order, carrier_tracking_ref=tracking)
        self.sync()
        self.assert_sent(picking)
        return order, picking

    def tracking(self, order):
        """Return the tracking numbers that Shopify shows."""
        return [
            info['number'] for item in self.fulfillments(order) for info in item['trackingInfo']
        ]

    # === TRACKING === #

    def test_tracking_that_is_entered_later(self):
        """M-14, peers.md 2.7 item 25: the number reaches Shopify, the buyer is told as always."""
        order, picking = self.send(tracking=False)
        self.assertEqual(self.tracking(order), [])
        picking.carrier_tracking_ref = 'LATE1'
        self.assertEqual(picking.shopify_state, 'pending')
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.tracking(order), ['LATE1'])
        self.assertEqual(picking.shopify_fulfillment_ids.tracking_number, 'LATE1')
        update = self.sent('FulfillmentTrackingUpdate')
        self.assertEqual([entry.variables['notify'] for entry in update], [True])

    def test_tracking_that_is_corrected(self):
        """M-14, peers.md 2.7 item 25: the new number replaces the old one, sent once."""
        order, picking = self.send()
        picking.carrier_tracking_ref = 'T2,T3'
        self.sync()
        self.sync()
        self.assertEqual(self.tracking(order), ['T2', 'T3'])
        self.assertEqual(len(self.sent('FulfillmentTrackingUpdate')), 1)

    def test_a_correction_in_shopify_is_not_undone(self):
        """M-14: only what was changed in Odoo is sent; a retry changes no tracking."""
        order, picking = self.send()
        self.twin.store.get(self.fulfillments(order)[0]['id']).tracking_info[0].number = 'BY-HAND'
        picking.action_shopify_send()
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.tracking(order), ['BY-HAND'])

    # === COMING BACK === #

    def test_a_return_stays_shipped_by_default(self):
        """M-14: Shopify keeps the shipment, and the delivery says what came back."""
        order, picking = self.send(mug=3)
        self.bring_back(picking, self.mug, 1)
        self.sync()
        self.assert_sent(picking)
        self.assertIn("1 × Mug came back", picking.shopify_message)
        self.assertEqual(self.shipped(order), {'Mug': 3})

    def test_a_returned_delivery_is_cancelled_by_policy(self):
        """M-14: all came back: nothing is shipped; the order can be shipped again, once."""
        self.shop.returned_policy = 'cancel'
        order, picking = self.send(mug=2)
        self.bring_back(picking, self.mug, 2)
        self.sync()
        self.assertEqual(self.shipped(order), {})
        self.assertEqual(self.status(order), 'UNFULFILLED')
        self.assertFalse(picking.shopify_message)
        self.twin.requests.clear()
        self.sync()
        self.assertFalse(self.sent('FulfillmentCancel'))

    def test_a_part_that_came_back_is_taken_off_by_policy(self):
        """M-14: cancelled, and what stayed out is sent anew, without a second mail."""
        self.shop.returned_policy = 'cancel'
        order, picking = self.send(mug=3)
        self.bring_back(picking, self.mug, 1)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        told = [entry.variables['fulfillment']['notifyCustomer'] for entry in self.sent()]
        self.assertEqual(told, [True, False])
        self.assertEqual(self.tracking(order), ['T1'])

    def test_what_the_buyer_has_is_not_cancelled(self):
        """M-14: a return after the arrival belongs into Shopify, also when Odoo did not know."""
        self.shop.returned_policy = 'cancel'
        order, picking = self.send(mug=1)
        self.tell(order, 'DELIVERED')
        self.bring_back(picking, self.mug, 1)
        self.sync()
        self.assertEqual(self.shipped(order), {'Mug': 1})

    # === ON THE WAY === #

    def tell(self, order, status):
        """Have the carrier say where the parcel of an order is."""
        gid = self.fulfillments(order)[0]['id']
        self.ask(EVENT, event={'fulfillmentId': gid, 'status': status})

    def test_the_parcel_is_followed(self):
        """M-14: the carrier's events come back to the delivery, though they change no order."""
        order, picking = self.send()
        self.tell(order, 'IN_TRANSIT')
        parcel = picking.shopify_fulfillment_ids
        parcel.checked_at -= timedelta(hours=2)
        self.sync()
        self.assertEqual(picking.shopify_parcel_status, 'IN_TRANSIT')
        self.assertTrue(parcel.in_transit_at)
        self.tell(order, 'DELIVERED')
        self.sync()
        self.assertEqual(picking.shopify_parcel_status, 'IN_TRANSIT', "asked every two hours")
        parcel.checked_at -= timedelta(hours=2)
        self.sync()
        self.assertEqual(picking.shopify_parcel_status, 'DELIVERED')
        self.assertTrue(parcel.delivered_at)
        self.twin.requests.clear()
        parcel.checked_at -= timedelta(hours=2)
        self.sync()
        self.assertFalse(self.sent('FulfillmentsByIds'), "a parcel that arrived is left alone")

    # === OTHERS SHIP === #

    def test_a_shipment_by_others_is_only_shown(self):
        """R-94, R-58: Odoo's delivery stays open; done later, it is not shipped twice."""
        with self.a_minute_ago():
            order = self.import_goods(mug=2)
        self.ship_in_shopify(order, number='X1')
        self.run_import()
        self.assertEqual(order.fulfillment_ids.tracking_number, 'X1')
        self.assertNotEqual(order.sale_order_ids.picking_ids.state, 'done')
        picking = self.deliver(order)
        self.sync()
        self.assert_sent(picking)
        self.assertIn("2 × Mug: Shopify had it as shipped already", picking.shopify_message)
        self.assertEqual(self.shipped(order), {'Mug': 2})

    def test_a_shipment_by_others_is_done_in_odoo_by_policy(self):
        """R-94: same quantities, same tracking, once; the rest is shipped from here."""
        self.shop.external_policy = 'deliver'
        with self.a_minute_ago():
            order = self.import_goods(mug=3)
        self.ship_in_shopify(order, quantity=2, number='X1')
        self.run_import()
        done = order.sale_order_ids.picking_ids.filtered(lambda item: item.state == 'done')
        self.assertEqual((done.move_ids.quantity, done.carrier_tracking_ref), (2, 'X1'))
        self.assertEqual(done.shopify_state, 'done')
        self.assertEqual(done.shopify_fulfillment_ids, order.fulfillment_ids)
        rest = self.deliver(order, carrier_tracking_ref='OURS')
        self.sync()
        self.assert_sent(rest)
        self.run_import()
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 3)
        self.assertEqual(len(order.sale_order_ids.picking_ids), 2)
        self.assertEqual(self.shipped(order), {'Mug': 3})
        self.assertEqual(rest.shopify_fulfillment_ids.tracking_number, 'OURS')

    def test_our_own_shipment_is_no_news(self):
        """R-94, R-120: what we sent comes back with the order and changes no delivery."""
        self.shop.external_policy = 'deliver'
        order, picking = self.send(mug=2)
        self.run_import()
        self.assertEqual(order.fulfillment_status, 'FULFILLED')
        self.assertEqual(order.sale_order_ids.picking_ids, picking)
        self.assertEqual(order.fulfillment_ids.picking_id, picking)

    # === SHOPIFY SHIPS FROM ELSEWHERE === #

    def move_in_shopify(self, order, to, units):
        node = self.fulfillment_orders(order)[0]
        lines = [{'id': node['lineItems']['nodes'][0]['id'], 'quantity': units}]
        self.ask(MOVE, id=node['id'], to=to, lines=lines)

    def test_the_open_delivery_follows_the_location(self):
        """R-89: moved in Shopify, the item is shipped from the other warehouse, and sent so."""
        place, far = self.second_place()
        with self.a_minute_ago():
            order = self.import_goods(mug=3)
        self.move_in_shopify(order, far, 2)
        self.run_import()
        pickings = order.sale_order_ids.picking_ids.filtered(lambda item: item.state != 'cancel')
        self.assertEqual(
            {item.picking_type_id.warehouse_id: item.move_ids.product_uom_qty for item in pickings},
            {self.warehouse: 1, place: 2},
        )
        for _ in pickings:
            self.deliver(order)
        self.sync()
        self.assertEqual(set(pickings.mapped('shopify_state')), {'done'})
        self.assertEqual(len(self.fulfillments(order)), 2)
        self.run_import()
        self.assertEqual(sum(order.sale_order_ids.order_line.mapped('qty_delivered')), 3)

    def test_a_whole_line_follows_the_location(self):
        """R-89: the delivery of the old place is cancelled, nothing is shipped twice."""
        place, far = self.second_place()
        with self.a_minute_ago():
            order = self.import_goods(mug=2)
        self.move_in_shopify(order, far, 2)
        self.run_import()
        pickings = order.sale_order_ids.picking_ids
        by_state = {item.state: item.picking_type_id.warehouse_id for item in pickings}
        self.assertEqual(by_state, {'cancel': self.warehouse, 'assigned': place})
        self.assertEqual(order.line_ids.location_id.shopify_id, far)

    def test_a_delivery_that_has_begun_stays(self):
        """R-89: what is being shipped is not pulled away; somebody is told."""
        _place, far = self.second_place()
        with self.a_minute_ago():
            order = self.import_goods(mug=2)
        order.sale_order_ids.picking_ids.printed = True
        self.move_in_shopify(order, far, 2)
        self.run_import()
        self.assertEqual(order.sale_order_ids.picking_ids.move_ids.product_uom_qty, 2)
        self.assertIn("has begun", order.sale_order_ids.activity_ids.note)

    # === ARCHIVE === #

    def import_paid(self):
        """Import an order that is paid."""
        return self.import_order(
            lineItems=[line("Mug", '10.00', 1, sku='MUG', requiresShipping=True)],
            transactions=[{'kind': 'SALE', 'status': 'SUCCESS', 'amountSet': money('10.00')}],
        )

    def test_a_completed_order_is_archived_on_both_sides(self):
        """R-120: after the next sync the order is closed here too, as the store archives it."""
        order = self.import_paid()
        cron = self.env.ref('shopify_connector.cron_import_orders')
        triggers = self.env['ir.cron.trigger']
        triggers.search([]).unlink()
        self.deliver(order)
        self.sync()
        woken = triggers.search([('cron_id', '=', cron.id)])
        self.assertTrue(woken, "the import follows by itself")
        self.run_import()
        self.assertEqual((order.fulfillment_status, order.closed), ('FULFILLED', True))

    def test_a_completed_order_is_archived_by_us(self):
        """R-120: by setting, when the store does not do it; once."""
        self.shop.archive_shipped = True
        self.twin.store.auto_archive = False
        self.addCleanup(setattr, self.twin.store, 'auto_archive', True)
        order = self.import_paid()
        self.deliver(order)
        self.sync()
        self.run_import()
        self.assertFalse(order.closed)
        self.sync()
        self.assertTrue(order.closed)
        self.assertTrue(self.twin.store.get(order.shopify_id).closed_at)
        self.sync()
        self.assertEqual(len(self.sent('OrderClose')), 1)

    # === FAULTS === #

    def prepare(self):
        order = self.import_goods(mug=2)
        picking = self.deliver(order, carrier_tracking_ref='T1')
        self.twin.requests.clear()
        return order, picking

    def test_a_lost_answer_after_the_effect(self):
        """C2, M-02, peers.md 2.7 item 24: asked before it is sent again, found, linked."""
        order, picking = self.prepare()
        self.twin.faults.add('drop_after', operation='FulfillmentCreate', times=1)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        self.assertEqual(len(self.fulfillments(order)), 1)
        self.assertEqual(len(self.sent()), 1)
        self.assertEqual(picking.shopify_fulfillment_ids.tracking_number, 'T1')
        self.assertFalse(picking.shopify_attempt)
        self.assertFalse(picking.shopify_message)

    def test_a_lost_answer_before_the_effect(self):
        """C2, M-02, peers.md 2.7 item 9: nothing arrived; it is sent again and not stranded."""
        order, picking = self.prepare()
        self.twin.faults.add('drop_before', operation='FulfillmentCreate', times=3)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_a_server_error_is_no_final_failure(self):
        """C2, peers.md 2.7 items 9 and 24: no user sees what passes; it waits and is sent."""
        self.env['ir.config_parameter'].set_param('shopify_connector.ask_again_seconds', '60')
        order, picking = self.prepare()
        self.twin.faults.add('http', operation='FulfillmentCreate', times=1, status=502)
        self.sync()
        self.assertEqual((picking.shopify_state, picking.shopify_message), ('pending', False))
        self.assertGreater(picking.shopify_retry_at, fields.Datetime.now())
        self.assertEqual(self.status(order), 'UNFULFILLED')
        picking.action_shopify_send()
        self.sync()
        self.assertEqual(picking.shopify_state, 'pending', "Shopify may be at it yet")
        self.sync_later(picking)
        self.assert_sent(picking)
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_a_lost_answer_to_tracking(self):
        """C2: the number is there; it is not sent again."""
        order, picking = self.send()
        picking.carrier_tracking_ref = 'T2'
        self.twin.faults.add('drop_after', operation='FulfillmentTrackingUpdate', times=1)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.tracking(order), ['T2'])
        self.assertEqual(len(self.sent('FulfillmentTrackingUpdate')), 1)

    def test_a_lost_answer_to_a_cancellation(self):
        """C2, M-14: the shipment is cancelled once, what stayed out is sent once."""
        self.shop.returned_policy = 'cancel'
        order, picking = self.send(mug=3)
        self.bring_back(picking, self.mug, 1)
        self.twin.faults.add('drop_after', operation='FulfillmentCancel', times=1)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        self.assertEqual(len(self.sent('FulfillmentCancel')), 1)

    @contextlib.contextmanager
    def meanwhile(self, before, after):
        """Have things happen in Shopify right before and right after each time it is asked."""
        ask = fetch.shipping

        def asked(*args):
            before()
            found = ask(*args)
            after()
            return found

        with patch.object(fetch, 'shipping', asked):
            yield

    def test_a_refusal_says_why_and_can_be_tried_again(self):
        """C5, peers.md 2.7 item 9: Shopify's words, and a button that works."""
        order, picking = self.prepare()
        node = self.fulfillment_orders(order)[0]
        with self.meanwhile(
            before=lambda: self.ask(RELEASE, id=node['id']),
            after=lambda: self.ask(HOLD, id=node['id'], hold={'reason': 'OTHER'}),
        ):
            self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.assertIn("unfulfillable status= on_hold", picking.shopify_message)
        self.ask(RELEASE, id=node['id'])
        picking.action_shopify_send()
        self.sync()
        self.assert_sent(picking)
        self.assertFalse(picking.shopify_message)
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_somebody_ships_between_question_and_shipment(self):
        """C2: Shopify refuses what it has no more; it is asked again, and the rest is sent."""
        order, picking = self.prepare()
        by_others = iter([lambda: self.ship_in_shopify(order, quantity=1, number='X')])
        with self.meanwhile(before=lambda: None, after=lambda: next(by_others, lambda: None)()):
            self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        self.assertEqual(len(self.fulfillments(order)), 2)

    def test_a_worker_that_was_stopped_leaves_its_orders_to_another(self):
        """C2, M-02: another worker took the order when the lease had ended; it is shipped once."""
        order, picking = self.prepare()
        later = fields.Datetime.now() + timedelta(hours=1)

        def take():
            order.shipment_lease_until = later
            order.flush_recordset()

        with self.meanwhile(before=lambda: None, after=take):
            self.sync()
        self.assertEqual((picking.shopify_state, self.sent()), ('pending', []))
        self.assertEqual(order.shipment_lease_until, later)
        order.shipment_lease_until = False
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_tracking_that_is_entered_meanwhile(self):
        """M-14: typed while the shipment is being sent, it is not lost."""
        order, picking = self.prepare()
        numbers = iter(['MEANWHILE'])

        def enter():
            for number in numbers:
                picking.carrier_tracking_ref = number
                picking.flush_recordset()

        with self.meanwhile(before=lambda: None, after=enter):
            self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.tracking(order), ['MEANWHILE'])
        self.assertEqual(len(self.fulfillments(order)), 1)

    def test_a_return_meanwhile(self):
        """M-14: what comes back while the shipment is being sent is told."""
        order, picking = self.prepare()
        back = iter([1])

        def bring_back():
            for units in back:
                self.bring_back(picking, self.mug, units)
                self.env.flush_all()

        with self.meanwhile(before=lambda: None, after=bring_back):
            self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        self.assertIn("1 × Mug came back", picking.shopify_message)

    def test_a_failed_import_keeps_no_shipment_back(self):
        """Peers.md 2.7 item 23: deliveries are sent whatever became of the order's last import."""
        order, picking = self.prepare()
        order.write({'document_state': 'failed', 'error_message': "No tax", 'error_code': 'no_tax'})
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})

    def test_without_the_scope_nothing_else_stops(self):
        """R-117: the reason names the scope; the store stays connected."""
        order, picking = self.prepare()
        self.store.granted_scopes = self.store.granted_scopes.replace(
            'write_merchant_managed_fulfillment_orders',
            'read_merchant_managed_fulfillment_orders',
        )
        self.sync()
        self.assertEqual((picking.shopify_state, self.store.state), ('failed', 'connected'))
        self.assertIn('write_merchant_managed_fulfillment_orders', picking.shopify_message)
        self.assertEqual(self.status(order), 'UNFULFILLED')

    def test_a_fault_of_one_delivery_is_its_own(self):
        """C5: what goes wrong in Odoo with one delivery keeps no other from being sent."""
        orders = [self.import_goods(mug=1) for _ in range(3)]
        pickings = self.env['stock.picking'].union(*map(self.deliver, orders))
        pickings[1].shopify_attempt = {'not': 'readable'}
        self.sync()
        self.assertEqual(pickings.mapped('shopify_state'), ['done', 'failed', 'done'])
        self.assertIn("Unexpected error", pickings[1].shopify_message)

    def test_the_timeline_tells_it(self):
        """M-09: the order's timeline says which shipment was sent for which delivery."""
        order, picking = self.send()
        told = order.event_ids.filtered(lambda event: event.kind == 'sent').description
        self.assertIn(picking.name, told)
        self.assertIn('T1', told)
