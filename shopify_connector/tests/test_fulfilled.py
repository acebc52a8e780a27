"""Orders that Shopify has shipped, in whole or in part: deliveries, invoices, and their days."""

from datetime import UTC, date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from shopify_twin.generator.run import big_order

from .common import ShopifyCase, line, money, tax
from .shipping_case import InShopify

MOVE = """
mutation ($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id } userErrors { field message } } }
"""


@tagged('post_install', '-at_install')
class TestFulfilled(InShopify, ShopifyCase):
    def import_gid(self, gid):
        """Import and return the staged order."""
        self.run_import()
        return self.get_order(gid)

    def set_go_live(self, day, policy):
        self.shop.write({'go_live_date': day, 'historic_policy': policy})

    # === DELIVERED AND INVOICED === #

    def test_a_fulfilled_order_is_delivered_and_invoiced(self):
        """R-69, peers.md 2.7 items 11 and 12: done delivery with tracking, invoice, own days."""
        with self.twin.store.clock.at(datetime(2026, 11, 2, 12, 0, tzinfo=UTC)):
            gid = self.put_order(
                lineItems=[line("Mug", '10.00', 2, sku='MUG', taxLines=[tax("T", 0.1, '2.00')])]
            )
        with self.twin.store.clock.at(datetime(2026, 11, 4, 12, 0, tzinfo=UTC)):
            self.ship_units(gid, number='1Z999')
        order = self.import_gid(gid)
        self.assert_equal_to_shopify(order)
        self.assertFalse(order.follow_error)
        picking = order.sale_order_ids.picking_ids
        self.assertEqual((picking.state, picking.move_ids.quantity), ('done', 2))
        self.assertEqual(picking.carrier_tracking_ref, '1Z999')
        self.assertEqual(picking.date_done.date(), date(2026, 11, 4))
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)
        invoice = order.invoice_ids
        self.assertEqual((invoice.state, invoice.amount_total), ('posted', 22.0))
        self.assertEqual(invoice.invoice_date, date(2026, 11, 2))
        self.assertEqual(order.sale_order_ids.invoice_status, 'invoiced')

    def test_the_stock_falls_by_what_was_shipped(self):
        """R-69: stock is right although nobody touched the delivery."""
        warehouse = self.env['stock.warehouse'].search([], limit=1)
        self.env['stock.quant']._update_available_quantity(self.mug, warehouse.lot_stock_id, 5)
        gid = self.put_order(lineItems=[line("Mug", '10.00', 2, sku='MUG')])
        self.ship_units(gid)
        self.import_gid(gid)
        self.assertEqual(self.mug.qty_available, 3)

    def test_only_the_delivery_when_the_shop_says_so(self):
        """R-69: the policy of the shop decides about the invoice."""
        self.shop.fulfilled_policy = 'order'
        gid = self.put_order()
        self.ship_units(gid)
        order = self.import_gid(gid)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertFalse(order.invoice_ids)

    def test_an_open_order_is_neither_delivered_nor_invoiced(self):
        """R-68: an order to fulfil waits for the warehouse."""
        order = self.import_order()
        self.assertNotEqual(order.picking_ids.state, 'done')
        self.assertFalse(order.invoice_ids)

    def test_a_partly_fulfilled_order_leaves_the_rest_to_ship(self):
        """R-69: two of five have left; three wait in Odoo; nothing is invoiced yet."""
        gid = self.put_order(lineItems=[line("Mug", '10.00', 5, sku='MUG', requiresShipping=True)])
        self.ship_units(gid, 2, number='A1')
        order = self.import_gid(gid)
        done = order.picking_ids.filtered(lambda picking: picking.state == 'done')
        rest = order.picking_ids - done
        self.assertEqual((done.move_ids.quantity, done.carrier_tracking_ref), (2, 'A1'))
        self.assertEqual(rest.move_ids.product_uom_qty, 3)
        self.assertFalse(rest.carrier_tracking_ref)
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)
        self.assertFalse(order.invoice_ids)

    def test_a_warehouse_that_picks_and_packs_first(self):
        """R-69: all steps of the route are done for what was shipped, none for the rest."""
        warehouse = self.env['stock.warehouse'].search([], limit=1)
        warehouse.delivery_steps = 'pick_pack_ship'
        gid = self.put_order(lineItems=[line("Mug", '10.00', 5, sku='MUG', requiresShipping=True)])
        self.ship_units(gid, 2, number='A1')
        order = self.import_gid(gid)
        self.assertFalse(order.follow_error)
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)
        done = order.picking_ids.filtered(lambda picking: picking.state == 'done')
        self.assertEqual(done.mapped('move_ids.quantity'), [2, 2, 2])
        shipped = done.filtered(lambda picking: picking.picking_type_code == 'outgoing')
        self.assertEqual(shipped.carrier_tracking_ref, 'A1')
        rest = order.picking_ids - done
        self.assertEqual(rest.move_ids.product_uom_qty, 3)

    def test_a_batch_is_delivered_and_invoiced_together(self):
        """R-69, batches: each further shipped order costs a bounded number of queries."""
        self.shop.auto_create_orders = False
        gids = [self.put_order() for _ in range(12)]
        for gid in gids:
            self.ship_units(gid)
        self.run_import()
        orders = self.env['shopify.order'].search([('shopify_id', 'in', gids)])
        orders[:2].action_create_documents()  # what is read once for a shop is read now
        counts = []
        for part in (orders[2:4], orders[4:12]):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            part.action_create_documents()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(set(orders.picking_ids.mapped('state')), {'done'})
        self.assertEqual(set(orders.invoice_ids.mapped('state')), {'posted'})
        self.assertLess((counts[1] - counts[0]) / 6, 130, counts)

    def test_two_parcels_keep_both_numbers(self):
        """R-69: one delivery for a warehouse, all tracking numbers on it."""
        gid = self.put_order(lineItems=[line("Mug", '10.00', 3, sku='MUG', requiresShipping=True)])
        self.ship_units(gid, 1, number='A1')
        self.ship_units(gid, 2, number='A2')
        order = self.import_gid(gid)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.picking_ids.carrier_tracking_ref, 'A1, A2')

    def test_a_line_split_over_two_locations(self):
        """R-37: one line, two locations, one of them shipped: two deliveries, one of them done."""
        self.store.action_fetch_locations()
        east = self.env['stock.warehouse'].create({'name': "East", 'code': 'EAST'})
        gid = self.put_order(lineItems=[line("Mug", '10.00', 5, sku='MUG', requiresShipping=True)])
        first = self.open_fulfillment_orders(gid)[0]
        home = first['assignedLocation']['location']['id']
        other = self.store.location_ids.filtered(
            lambda location: location.shopify_id != home and location.active
        )[0]
        other.warehouse_id = east
        item = first['lineItems']['nodes'][0]
        answer = self.twin.execute(
            MOVE,
            {
                'id': first['id'],
                'to': other.shopify_id,
                'lines': [{'id': item['id'], 'quantity': 2}],
            },
        )
        self.assertFalse(answer['data']['fulfillmentOrderMove']['userErrors'])
        places = [
            node['assignedLocation']['location']['id'] for node in self.open_fulfillment_orders(gid)
        ]
        self.ship_units(gid, which=places.index(other.shopify_id))
        order = self.import_gid(gid)
        units = {
            picking.picking_type_id.warehouse_id: (picking.state, picking.move_ids.product_uom_qty)
            for picking in order.picking_ids
        }
        self.assertEqual(units[east], ('done', 2))
        self.assertEqual({units[place][1] for place in units if place != east}, {3})
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)

    def test_units_refunded_before_they_were_shipped_are_not_shipped(self):
        """R-69, peers.md 2.7 item 3: sold three, one refunded, two to ship; totals as sold."""
        gid = self.put_order(
            lineItems=[line("Mug", '10.00', 3, sku='MUG', requiresShipping=True)],
            transactions=[{'kind': 'SALE', 'status': 'SUCCESS', 'amountSet': money('30.00')}],
        )
        sale_gid = self.twin.store.get(gid).transactions[0].id
        item = self.open_fulfillment_orders(gid)[0]['lineItems']['nodes'][0]['lineItem']['id']
        answer = self.twin.execute(
            """mutation ($input: RefundInput!) {
                 refundCreate(input: $input) @idempotent(key: "unshipped") {
                   userErrors { message } } }""",
            {
                'input': {
                    'orderId': gid,
                    'refundLineItems': [
                        {
                            'lineItemId': item,
                            'quantity': 1,
                            'restockType': 'CANCEL',
                            'locationId': self.twin.store.default_location().id,
                        }
                    ],
                    'transactions': [
                        {
                            'orderId': gid,
                            'kind': 'REFUND',
                            'gateway': 'manual',
                            'amount': '10.00',
                            'parentId': sale_gid,
                        }
                    ],
                }
            },
        )
        self.assertFalse(answer.get('errors'), answer)
        self.assertFalse(answer['data']['refundCreate']['userErrors'])
        order = self.import_gid(gid)
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual(order.sale_order_ids.amount_total, 30.0)
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 2)

    def test_unlinked_documents_are_made_anew_with_their_invoice(self):
        """R-71: sales order, delivery and invoice stay as they are; the new ones are whole."""
        gid = self.put_order()
        self.ship_units(gid)
        order = self.import_gid(gid)
        old = order.invoice_ids
        order.action_unlink_documents()
        self.assertEqual((old.state, order.invoice_ids), ('posted', old.browse()))
        order.action_create_documents()
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertNotEqual(order.invoice_ids, old)

    def test_a_refund_after_the_delivery_is_no_error(self):
        """peers.md 2.7 items 1 and 3: documents stay as sold when goods and money go back."""
        gid = self.put_order(
            lineItems=[line("Mug", '10.00', 3, sku='MUG', requiresShipping=True)],
            transactions=[{'kind': 'SALE', 'status': 'SUCCESS', 'amountSet': money('30.00')}],
        )
        self.ship_units(gid, 2)
        order = self.import_gid(gid)
        sale_gid = self.twin.store.get(gid).transactions[0].id
        item = order.line_ids.shopify_id
        # Shopify's times have seconds: a later one tells the change from what was imported.
        with self.twin.store.clock.at(datetime.now(UTC) + timedelta(minutes=1)):
            answer = self.twin.execute(
                """mutation ($input: RefundInput!) {
                     refundCreate(input: $input) @idempotent(key: "delivered") {
                       userErrors { message } } }""",
                {
                    'input': {
                        'orderId': gid,
                        'refundLineItems': [
                            {'lineItemId': item, 'quantity': 2, 'restockType': 'NO_RESTOCK'}
                        ],
                        'transactions': [
                            {
                                'orderId': gid,
                                'kind': 'REFUND',
                                'gateway': 'manual',
                                'amount': '20.00',
                                'parentId': sale_gid,
                            }
                        ],
                    }
                },
            )
        self.assertFalse(answer.get('errors'), answer)
        self.assertFalse(answer['data']['refundCreate']['userErrors'])
        self.run_import()
        self.assertFalse(self.get_row(gid).error_message)
        self.assertEqual((order.document_state, order.total_refunded), ('done', 20.0))
        self.assertEqual(order.expected_total, order.sale_order_ids.amount_total)
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)

    def test_an_order_of_three_hundred_lines_is_whole(self):
        """peers.md 2.7 item 15: every line of a big order arrives, is sold, and adds up."""
        self.shop.create_products = True
        currency = self.twin.store.shop.currency_code
        self.assertEqual(currency, 'USD')
        big = big_order(self.twin.store, 300)
        self.twin.index.epoch += 1
        order = self.import_gid(big.id)
        self.assertEqual(len(order.line_ids), len(big.line_items))
        self.assertGreaterEqual(len(order.line_ids), 300)
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual(len(order.sale_order_ids.order_line.shopify_line_id), len(order.line_ids))
        self.assertEqual(order.sale_order_ids.amount_total, order.total)

    # === FAILURES === #

    def test_a_failing_invoice_never_undoes_the_sales_order(self):
        """R-69, peers.md 2.7 item 22: sale and delivery stay, the reason is kept, one may retry."""
        moves = self.env.registry['account.move']
        original = moves.action_post

        def refuse(_self):
            raise UserError(self.env._("The period is closed."))

        gids = [self.put_order() for _ in range(3)]
        for gid in gids:
            self.ship_units(gid)
        self.patch(moves, 'action_post', refuse)
        self.run_import()
        for order in map(self.get_order, gids):
            self.assert_equal_to_shopify(order)
            self.assertEqual(order.picking_ids.state, 'done')
            self.assertFalse(order.invoice_ids)
            self.assertIn("The period is closed.", order.follow_error)
        self.patch(moves, 'action_post', original)
        order.action_complete_documents()
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertFalse(order.follow_error)
        self.assertEqual(len(order.picking_ids), 1)

    def test_a_failing_delivery_stops_neither_sale_nor_invoice_nor_other_orders(self):
        """R-69, peers.md 2.7 item 22: a product with lots needs a hand, its neighbour does not."""
        self.env['product.product'].create(
            {'name': "Lot", 'default_code': 'LOT', 'is_storable': True, 'tracking': 'lot'}
        )
        lot = self.put_order(lineItems=[line("Lot", '5.00', sku='LOT', requiresShipping=True)])
        mug = self.put_order()
        for gid in (lot, mug):
            self.ship_units(gid)
        self.run_import()
        order = self.get_order(lot)
        self.assert_equal_to_shopify(order)
        self.assertTrue(order.follow_error)
        self.assertNotEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertEqual(self.get_order(mug).picking_ids.state, 'done')

    def test_confirmed_by_hand_it_is_not_shipped_twice(self):
        """R-69: the shop leaves quotations; whoever confirms one later gets the done delivery."""
        self.shop.auto_confirm_orders = False
        gid = self.put_order()
        self.ship_units(gid)
        order = self.import_gid(gid)
        self.assertEqual(order.sale_order_ids.state, 'draft')
        order.sale_order_ids.action_confirm()
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.invoice_ids.state, 'posted')

    def test_nobody_is_told_of_parcels_that_left_long_ago(self):
        """R-69: no mail to the buyer for a delivery that Odoo only writes down."""
        self.env.company.stock_move_email_validation = True
        gid = self.put_order()
        self.ship_units(gid)
        order = self.import_gid(gid)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertFalse(order.picking_ids.message_ids.filtered('partner_ids'))
        self.assertFalse(
            self.env['mail.mail']
            .sudo()
            .search([('model', '=', 'stock.picking'), ('res_id', 'in', order.picking_ids.ids)])
        )

    # === GIFT CARDS === #

    def test_an_order_of_gift_cards_only_is_invoiced(self):
        """R-70, R-08: an invoice at once, whatever the policy; the card is a liability."""
        self.shop.fulfilled_policy = 'order'
        account = self.env['account.account'].search(
            [('account_type', '=', 'liability_current')], limit=1
        )
        self.shop.gift_card_account_id = account
        self.twin.generate(12, seed=3, profile=['gift_card_sold'])
        self.shop.create_products = True
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        cards = orders.filtered(lambda order: order._is_gift_cards_only())
        self.assertTrue(cards)
        for order in cards:
            self.assertEqual(order.invoice_ids.state, 'posted', order.error_message)
            self.assertEqual(order.invoice_ids.invoice_line_ids.account_id, account)
            self.assertFalse(order.picking_ids)
        mixed = (orders - cards).filtered('sale_order_ids')
        self.assertTrue(mixed)
        self.assertFalse(mixed.invoice_ids)

    # === BEFORE THE GO-LIVE DATE === #

    def test_historic_orders_move_no_stock(self):
        """R-69: before go-live the shipped part counts as delivered, the rest is still to ship."""
        self.set_go_live('2099-01-01', 'no_stock')
        self.assertEqual(self.mug.qty_available, 0)
        gid = self.put_order(lineItems=[line("Mug", '10.00', 5, sku='MUG', requiresShipping=True)])
        self.ship_units(gid, 2)
        order = self.import_gid(gid)
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 2)
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 3)
        self.assertNotEqual(order.picking_ids.state, 'done')
        self.assertEqual(self.mug.qty_available, 0)
        picking = order.picking_ids
        picking.move_ids.write({'quantity': 3, 'picked': True})
        picking.button_validate()
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 5)

    def test_historic_orders_get_no_document(self):
        """R-69: or they are only shown."""
        self.set_go_live('2099-01-01', 'skip')
        order = self.import_order()
        self.assertEqual(order.document_state, 'skipped')
        self.assertIn("go-live", order.error_message)

    def test_orders_since_go_live_are_not_historic(self):
        """R-69: the day itself counts as Odoo's."""
        with self.twin.store.clock.at(datetime(2026, 11, 2, 12, 0, tzinfo=UTC)):
            gid = self.put_order()
            self.ship_units(gid)
        self.set_go_live('2026-11-02', 'skip')
        order = self.import_gid(gid)
        self.assertEqual(order.picking_ids.state, 'done')

    # === DAYS === #

    def test_the_invoice_is_dated_in_the_company_s_zone(self):
        """R-27, B5: UTC-10 … UTC+14 around midnight, order date and invoice date alike."""
        moment = datetime(2026, 11, 1, 10, 30, tzinfo=UTC)
        for zone, day in (
            ('Pacific/Honolulu', 1),
            ('America/New_York', 1),
            ('UTC', 1),
            (False, 1),
            ('Pacific/Kiritimati', 2),
            ('Pacific/Auckland', 1),
        ):
            with self.subTest(zone=zone):
                self.check_day(zone, moment, date(2026, 11, day))
        for zone, at, day in (
            ('Pacific/Honolulu', datetime(2026, 11, 2, 9, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
            ('Pacific/Honolulu', datetime(2026, 11, 2, 10, 0, tzinfo=UTC), date(2026, 11, 2)),
            ('Pacific/Kiritimati', datetime(2026, 11, 1, 9, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
            ('Pacific/Kiritimati', datetime(2026, 11, 1, 10, 0, tzinfo=UTC), date(2026, 11, 2)),
            ('Europe/Berlin', datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
            ('Europe/Berlin', datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), date(2026, 10, 25)),
        ):
            with self.subTest(zone=zone, at=at):
                self.check_day(zone, at, day)

    def check_day(self, zone, moment, day):
        """Import an order that was made and shipped at a moment and compare its days."""
        self.env.company.partner_id.tz = zone
        self.store.orders_synced_until = False  # the moments are in no order
        with self.twin.store.clock.at(moment):
            gid = self.put_order()
            self.ship_units(gid)
        order = self.import_gid(gid)
        self.assertEqual(order.document_date, day)
        self.assertEqual(order.invoice_ids.invoice_date, day, order.follow_error)
        self.assertEqual(order.invoice_ids.date, day)
