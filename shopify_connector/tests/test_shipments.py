"""Deliveries that are done in Odoo become fulfilments in Shopify (issue 4)."""

from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from shopify_twin.engine.errors import UserError
from shopify_twin.mutations import fulfillments

from .common import line
from .shipping_case import ShippingCase

HOLD = """
mutation ($id: ID!, $hold: FulfillmentOrderHoldInput!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) { userErrors { message } } }
"""
RELEASE = """
mutation ($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { userErrors { message } } }
"""
MOVE = """
mutation ($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    userErrors { message } } }
"""
SERVICE = """
mutation { fulfillmentServiceCreate(name: "Distant Hands", trackingSupport: true) {
  fulfillmentService { id location { id } } userErrors { message } } }
"""
REQUEST = """
mutation ($id: ID!) { fulfillmentOrderSubmitFulfillmentRequest(id: $id) {
  userErrors { message } } }
"""
CANCEL = """
mutation ($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,
  refundMethod: {originalPaymentMethodsRefund: false}) { orderCancelUserErrors { message } } }
"""
DELETE = """
mutation ($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }
"""
EVENT = """
mutation ($event: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $event) {
  userErrors { message } } }
"""
SCHEDULE = """
mutation ($id: ID!, $at: DateTime!) { fulfillmentOrderReschedule(id: $id, fulfillAt: $at) {
  userErrors { message } } }
"""


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

    def test_the_company_is_named_somehow(self):
        """R-118: without Shopify's name of the carrier ours is sent, without a carrier none."""
        carrier = self.env['delivery.carrier'].create(
            {
                'name': "Bicycle",
                'product_id': self.env.ref('shopify_connector.product_shipping').id,
            }
        )
        first, second = self.import_goods(mug=1), self.import_goods(mug=1)
        self.deliver(first, carrier_id=carrier.id, carrier_tracking_ref='A1')
        self.deliver(second, carrier_id=False, carrier_tracking_ref='B1')
        self.sync()
        self.assertEqual(self.fulfillments(first)[0]['trackingInfo'][0]['company'], 'Bicycle')
        self.assertFalse(self.fulfillments(second)[0]['trackingInfo'][0]['company'])

    def test_the_buyer_is_told_as_the_shop_and_the_delivery_say(self):
        """R-13: the toggle of the shop, and the word of the delivery over it."""
        told = {}
        for of_shop in (True, False):
            for of_delivery in (False, 'yes', 'no'):
                self.shop.notify_shipments = of_shop
                order = self.import_goods(mug=1)
                self.deliver(order, shopify_notify=of_delivery)
                self.sync()
                sent = self.sent()[-1].variables['fulfillment']['notifyCustomer']
                told[of_shop, of_delivery] = sent
        self.assertEqual(
            told,
            {
                (True, False): True,
                (True, 'yes'): True,
                (True, 'no'): False,
                (False, False): False,
                (False, 'yes'): True,
                (False, 'no'): False,
            },
        )

    def test_a_shop_may_send_nothing(self):
        """R-117: without the toggle nothing leaves; the clerk may send one all the same."""
        self.shop.send_shipments = False
        order = self.import_goods(mug=1)
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'skipped')
        self.assertIn("does not send", picking.shopify_message)
        self.assertEqual(self.status(order), 'UNFULFILLED')
        picking.action_shopify_send()
        self.sync()
        self.assert_sent(picking)

    # === EVERY WAY TO FINISH === #

    def test_a_clerk_without_rights_in_shopify_ships(self):
        """R-117: whoever does the delivery, Shopify is told."""
        order = self.import_goods(mug=1)
        clerk = new_test_user(self.env, 'clerk', groups='stock.group_stock_user')
        picking = order.sale_order_ids.picking_ids.with_user(clerk)
        picking.with_context(skip_sms=True).button_validate()
        self.assertEqual(picking.shopify_state, 'pending')
        self.sync()
        self.assert_sent(picking)
        picking.action_shopify_send()
        self.assertEqual(picking.shopify_state, 'pending')

    def test_moves_that_are_done_without_their_picking(self):
        """R-117: some modules do only the moves; the delivery is noted all the same."""
        order = self.import_goods(mug=1)
        move = order.sale_order_ids.picking_ids.move_ids
        move.picked = True
        move._action_done()
        self.assertEqual(move.picking_id.shopify_state, 'pending')
        self.sync()
        self.assertEqual(self.shipped(order), {'Mug': 1})

    def test_many_at_once(self):
        """C5, R-117: 300 deliveries, 1.3 requests each at most; a bad one among them."""
        orders = self.env['shopify.order']
        gids = [self.put_order() for _ in range(300)]
        self.run_import()
        orders = orders.search([('shopify_id', 'in', gids)])
        held = self.fulfillment_orders(orders[7])[0]
        self.ask(HOLD, id=held['id'], hold={'reason': 'OTHER'})
        pickings = orders.sale_order_ids.picking_ids
        pickings.with_context(skip_sms=True, skip_backorder=True).button_validate()
        self.twin.requests.clear()
        self.sync()
        requests = [entry for entry in self.twin.requests if entry.operation]
        self.assertLessEqual(len(requests) / len(pickings), 1.3)
        failed = pickings.filtered(lambda item: item.shopify_state == 'failed')
        self.assertEqual(failed, orders[7].sale_order_ids.picking_ids)
        self.assertEqual(set((pickings - failed).mapped('shopify_state')), {'done'})
        for order in orders - orders[7]:
            self.assertEqual(self.shipped(order), {'Mug': 1})

    # === WHICH UNITS === #

    def test_buy_one_get_one(self):
        """C3, R-119: two lines of one product are each fulfilled."""
        order = self.import_order(
            lineItems=[
                line("Mug", '10.00', 1, sku='MUG', requiresShipping=True),
                line("Free mug", '0.00', 1, sku='MUG', requiresShipping=True),
            ]
        )
        picking = self.deliver(order)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 1, 'Free mug': 1})
        self.assertEqual(self.status(order), 'FULFILLED')

    def test_two_partial_deliveries_and_the_rest(self):
        """C3, R-100, R-117: each delivery is a fulfilment of its own, with its own tracking."""
        order = self.import_goods(mug=5)
        numbers = ('T1', 'T2', 'T3')
        for units, number in zip((2, 2, 1), numbers, strict=True):
            picking = self.deliver(order, {self.mug: units}, carrier_tracking_ref=number)
            self.sync()
            self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 5})
        told = [item['trackingInfo'][0]['number'] for item in self.fulfillments(order)]
        self.assertEqual(told, list(numbers))

    def test_partial_deliveries_that_are_sent_together(self):
        """C3: two deliveries in one run take their own units, in the order they left."""
        order = self.import_goods(mug=3, cup=2)
        first = self.deliver(order, {self.mug: 2, self.cup: 1}, carrier_tracking_ref='T1')
        second = self.deliver(order, carrier_tracking_ref='T2')
        self.sync()
        self.assertEqual(first.shopify_fulfillment_ids.mapped('quantity'), [3])
        self.assertEqual(second.shopify_fulfillment_ids.tracking_number, 'T2')
        self.assertEqual(self.shipped(order), {'Mug': 3, 'Cup': 2})

    def test_less_is_shipped(self):
        """R-100: the quantity was decreased in Odoo; the order is partially fulfilled."""
        order = self.import_goods(mug=3)
        picking = self.deliver(order, {self.mug: 1}, backorder=False)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.status(order), 'PARTIALLY_FULFILLED')

    def test_more_is_shipped_than_was_ordered(self):
        """C3, R-101: what fits is sent, the rest is said."""
        order = self.import_goods(mug=2)
        picking = self.deliver(order, {self.mug: 3})
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})
        self.assertIn("1 × Mug", picking.shopify_message)
        self.assertIn("more left than was ordered", picking.shopify_message)

    def test_an_item_that_was_added_in_odoo(self):
        """C3, R-102: the order is fulfilled, the added item is named."""
        order = self.import_goods(mug=1)
        order.sale_order_ids.write(
            {'order_line': [(0, 0, {'product_id': self.cup.id, 'product_uom_qty': 2})]}
        )
        picking = self.deliver(order)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.status(order), 'FULFILLED')
        self.assertIn("2 × [CUP] Cup is not on the Shopify order", picking.shopify_message)

    def test_a_delivery_of_nothing_from_shopify(self):
        """R-102: only added items: there is nothing to send, and it says so."""
        order = self.import_goods(mug=1)
        self.deliver(order)
        self.sync()
        order.sale_order_ids.write(
            {'order_line': [(0, 0, {'product_id': self.cup.id, 'product_uom_qty': 1})]}
        )
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'skipped')
        self.assertIn("[CUP] Cup is not on the Shopify order", picking.shopify_message)

    def test_a_line_that_was_split_in_odoo(self):
        """R-101: a line entered anew for the same product takes units of Shopify's line."""
        order = self.import_goods(mug=3)
        sale = order.sale_order_ids
        sale.order_line.product_uom_qty = 2
        sale.write({'order_line': [(0, 0, {'product_id': self.mug.id, 'product_uom_qty': 1})]})
        picking = self.deliver(order)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 3})

    def test_units_that_came_back_before_they_were_sent(self):
        """R-100: cumulative over deliveries and returns: three left, one came back."""
        order = self.import_goods(mug=3)
        picking = self.deliver(order)
        self.bring_back(picking, self.mug, 1)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 2})

    def test_services_go_with_the_last_delivery(self):
        """C3: what is never in a delivery does not keep the order open; gift cards go alone."""
        self.env['product.product'].create(
            {'name': "Engraving", 'default_code': 'ENGRAVE', 'type': 'service'}
        )
        order = self.import_order(
            lineItems=[
                line("Mug", '10.00', 2, sku='MUG', requiresShipping=True),
                line("Engraving", '5.00', 1, sku='ENGRAVE', requiresShipping=False),
            ]
        )
        first = self.deliver(order, {self.mug: 1})
        self.sync()
        self.assertEqual(self.shipped(order), {'Mug': 1})
        second = self.deliver(order)
        self.sync()
        self.assertEqual(self.status(order), 'FULFILLED')
        self.assertEqual(self.shipped(order), {'Mug': 2, 'Engraving': 1})
        self.assert_sent(first)
        self.assert_sent(second)

    def test_units_of_measure_and_lots(self):
        """R-117: a dozen is what Shopify sold one of; a lot makes no difference."""
        dozen = self.env.ref('uom.product_uom_dozen')
        self.env['product.product'].create(
            {'name': "Egg", 'default_code': 'EGG', 'is_storable': True, 'uom_id': dozen.id}
        )
        wine = self.env['product.product'].create(
            {'name': "Wine", 'default_code': 'WINE', 'is_storable': True, 'tracking': 'lot'}
        )
        lots = [
            self.env['stock.lot'].create({'name': name, 'product_id': wine.id})
            for name in ('2019', '2020')
        ]
        for lot in lots:
            self.env['stock.quant']._update_available_quantity(
                wine, self.warehouse.lot_stock_id, 2, lot_id=lot
            )
        order = self.import_goods(egg=2, wine=3)
        egg = order.sale_order_ids.order_line.filtered(lambda item: item.product_id.name == "Egg")
        self.assertEqual((egg.product_uom_id, egg.product_uom_qty), (dozen, 2))
        egg.move_ids.write({'product_uom': self.env.ref('uom.product_uom_unit').id})
        egg.move_ids.write({'product_uom_qty': 24, 'quantity': 24, 'picked': True})
        picking = order.sale_order_ids.picking_ids
        picking.move_ids.picked = True
        picking = self.deliver(order)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Egg': 2, 'Wine': 3})

    # === WHAT KEEPS UNITS BACK === #

    def test_a_hold(self):
        """C3: the reason is readable; after the release it is sent by itself."""
        order = self.import_goods(mug=1)
        held = self.fulfillment_orders(order)[0]
        hold = {'reason': 'HIGH_RISK_OF_FRAUD', 'reasonNotes': "Call the buyer"}
        self.ask(HOLD, id=held['id'], hold=hold)
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.assertIn("1 × Mug: on hold in Shopify", picking.shopify_message)
        self.assertIn("Call the buyer", picking.shopify_message)
        self.ask(RELEASE, id=held['id'])
        self.run_import()
        self.assertEqual(picking.shopify_state, 'pending')
        self.sync()
        self.assert_sent(picking)
        self.assertFalse(picking.shopify_message)

    def test_scheduled_units_wait(self):
        """C3: what Shopify ships later is tried then, and says when."""
        order = self.import_goods(mug=1)
        node = self.fulfillment_orders(order)[0]
        record = self.twin.store.get(node['id'])
        record.status = 'SCHEDULED'
        self.ask(SCHEDULE, id=node['id'], at='2031-05-06T07:08:00Z')
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'pending')
        self.assertIn("2031-05-06 07:08", picking.shopify_message)
        self.assertEqual(str(picking.shopify_retry_at), '2031-05-06 07:08:00')

    def make_service(self):
        """Return the gid of the location of a fulfilment service."""
        service = self.ask(SERVICE)['fulfillmentServiceCreate']['fulfillmentService']
        return service['location']['id']

    def test_a_third_party_ships(self):
        """C3: units that another company ships are not sent, and it is named."""
        order = self.import_goods(mug=1, cup=1)
        node = self.fulfillment_orders(order)[0]
        cup = next(
            item for item in node['lineItems']['nodes'] if item['lineItem']['title'] == "Cup"
        )
        place = self.make_service()
        self.ask(MOVE, id=node['id'], to=place, lines=[{'id': cup['id'], 'quantity': 1}])
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.assertEqual(self.shipped(order), {'Mug': 1})
        self.assertIn("1 × Cup: Shopify has Distant Hands ship it", picking.shopify_message)

    def test_a_third_party_was_asked_to_ship(self):
        """C3: a pending request keeps the units back; without it they are ours again."""
        order = self.import_goods(mug=1)
        home = self.fulfillment_orders(order)[0]['assignedLocation']['location']['id']
        self.ask(MOVE, id=self.fulfillment_orders(order)[0]['id'], to=self.make_service())
        node = self.fulfillment_orders(order)[0]
        self.ask(REQUEST, id=node['id'])
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.assertIn("has asked Distant Hands to ship it", picking.shopify_message)
        self.twin.store.get(node['id']).request_status = 'CANCELLATION_ACCEPTED'
        self.ask(MOVE, id=node['id'], to=home)
        self.run_import()
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.shipped(order), {'Mug': 1})

    def test_a_cancelled_order(self):
        """R-117: Shopify has nothing left to ship: failed, with the reason."""
        order = self.import_goods(mug=1)
        self.ask(CANCEL, id=order.shopify_id)
        picking = self.deliver(order)
        self.sync()
        self.assertEqual(picking.shopify_state, 'failed')
        self.assertIn("cancelled", picking.shopify_message)

    def test_an_order_that_shopify_deleted(self):
        """R-117: the delivery says so; the others are sent."""
        gone, other = self.import_goods(mug=1), self.import_goods(mug=1)
        pickings = self.deliver(gone) + self.deliver(other)
        self.ask(DELETE, id=gone.shopify_id)
        self.sync()
        self.assertEqual(pickings.mapped('shopify_state'), ['failed', 'done'])
        self.assertIn("no such order", pickings[0].shopify_message)

    # === PLACES === #

    def split_order(self, quantity=3, there=1):
        """Put an order of mugs, some of which Shopify wants shipped from the second place."""
        _place, gid = self.second_place()
        items = [line("Mug", '10.00', quantity, sku='MUG', requiresShipping=True)]
        order_gid = self.put_order(lineItems=items)
        order = self.env['shopify.order'].new({'shopify_id': order_gid})
        node = self.fulfillment_orders(order)[0]
        lines = [{'id': node['lineItems']['nodes'][0]['id'], 'quantity': there}]
        self.ask(MOVE, id=node['id'], to=gid, lines=lines)
        self.run_import()
        return self.get_order(order_gid), gid

    def test_one_line_over_two_places(self):
        """C3, R-37: each warehouse ships its part, each part is of its location."""
        order, far = self.split_order()
        pickings = self.deliver(order) + self.deliver(order)
        self.assertEqual(len(pickings.picking_type_id.warehouse_id), 2)
        self.sync()
        self.assertEqual(pickings.mapped('shopify_state'), ['done', 'done'])
        by_place = {
            node['location']['id']: node['fulfillmentLineItems']['nodes'][0]['quantity']
            for node in self.fulfillments(order)
        }
        self.assertEqual(by_place.pop(far), 1)
        self.assertEqual(list(by_place.values()), [2])

    def test_one_delivery_over_two_places(self):
        """C3, R-99: all left from one warehouse; Shopify's two locations are both fulfilled."""
        order, far = self.split_order()
        sale = order.sale_order_ids
        sale.picking_ids.action_cancel()
        sale.order_line.shopify_warehouse_id = self.warehouse
        sale.order_line.shopify_line_id.places = False
        sale.order_line._action_launch_stock_rule()
        picking = self.deliver(order)
        self.assertEqual(picking.move_ids.quantity, 3)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.status(order), 'FULFILLED')
        places = {node['location']['id'] for node in self.fulfillments(order)}
        self.assertEqual(len(places), 2)
        self.assertIn(far, places)

    def test_another_warehouse_ships(self):
        """R-99: by default the order is fulfilled from Shopify's location."""
        far = self.ship_from_elsewhere('shopify')
        self.assertNotIn(far, self.places)

    def test_another_warehouse_ships_and_the_order_is_moved(self):
        """R-99, M-14: by policy Shopify shows where it really left from."""
        far = self.ship_from_elsewhere('move')
        self.assertEqual(self.places, {far})

    def test_a_lost_answer_to_a_move(self):
        """C2, M-14: the units are there already; they are shipped from there, once."""
        self.twin.faults.add('drop_after', operation='FulfillmentOrderMove', times=1)
        far = self.ship_from_elsewhere('move')
        self.assertEqual(self.places, {far})
        self.assertEqual(len(self.sent('FulfillmentOrderMove')), 1)

    def test_a_move_that_is_refused(self):
        """R-99: shipped from Shopify's location then, and Shopify's words are kept."""
        refused = "Cannot move a fulfillment order that has had progress reported."
        with patch.object(fulfillments, 'move_error', lambda *_: UserError(['id'], refused)):
            far = self.ship_from_elsewhere('move')
        self.assertNotIn(far, self.places)
        picking = self.env['stock.picking'].search([('shopify_message', 'ilike', refused)])
        self.assertEqual(picking.shopify_state, 'done')

    def ship_from_elsewhere(self, policy):
        self.shop.moved_policy = policy
        place, far = self.second_place()
        order = self.import_goods(mug=2)
        sale = order.sale_order_ids
        sale.picking_ids.action_cancel()
        sale.order_line.shopify_warehouse_id = place
        sale.order_line._action_launch_stock_rule()
        picking = self.deliver(order)
        self.assertEqual(picking.picking_type_id.warehouse_id, place)
        self.sync()
        self.assert_sent(picking)
        self.assertEqual(self.status(order), 'FULFILLED')
        self.places = {node['location']['id'] for node in self.fulfillments(order)}
        return far
