"""Step 2 of the import: claim, fetch, stage; each order on its own, everything complete."""

from odoo.tests import tagged

from shopify_twin import generator

from ..shopify_api import client
from ..shopify_api.errors import ShopifyRequestError
from ..shopify_api.order import Order
from .common import ShopifyCase, line, money


@tagged('post_install', '-at_install')
class TestImport(ShopifyCase):
    def test_an_order_arrives_with_all_its_parts(self):
        """R-50: header, lines, shipping, fulfilment, transactions, risk, attributes."""
        order = self.import_order(
            note="ring twice",
            poNumber='PO-7',
            tags=['a', 'b'],
            customAttributes=[{'key': 'gift', 'value': 'yes'}],
            shippingLines=[{'title': "Standard", 'code': 'STD', 'priceSet': money('4.90')}],
            transactions=[
                {
                    'kind': 'SALE',
                    'status': 'SUCCESS',
                    'gateway': 'manual',
                    'amountSet': money('14.90'),
                }
            ],
        )
        self.assertEqual(order.line_ids.mapped('title'), ["Mug"])
        self.assertEqual(order.shipping_line_ids.mapped('price'), [4.9])
        self.assertEqual(order.transaction_ids.mapped('amount'), [14.9])
        self.assertEqual(order.attribute_ids.mapped('key'), ['gift'])
        self.assertEqual((order.note, order.po_number), ("ring twice", 'PO-7'))
        self.assertEqual(order.financial_status, 'PAID')
        self.assertEqual(order.total, 14.9)

    def test_an_imported_order_leaves_the_list(self):
        """R-49: what was imported waits no longer."""
        order = self.import_order()
        self.assertFalse(self.get_row(order.shopify_id))

    def test_a_long_order_arrives_complete(self):
        """A4: 300 lines."""
        big = generator.big_order(self.twin.store, lines=300)
        self.shop.create_products = True
        self.run_import()
        order = self.get_order(big.id)
        self.assertEqual(len(order.line_ids), 300)
        self.assert_equal_to_shopify(order)

    def test_an_order_with_many_shipping_lines_arrives_complete(self):
        """A4: 12 shipping lines, each a line of its own (R-34)."""
        many = generator.many_shipping(self.twin.store, 12)
        self.shop.create_products = True
        self.run_import()
        order = self.get_order(many.id)
        self.assertEqual(len(order.shipping_line_ids), 12)
        self.assertEqual(len(order.sale_order_ids.order_line.filtered('is_delivery')), 12)
        self.assert_equal_to_shopify(order)

    def test_an_order_with_many_transactions_arrives_complete(self):
        """A4: 60 transactions, which are a plain list and must not be cut off."""
        many = generator.many_transactions(self.twin.store, 60)
        self.shop.create_products = True
        self.run_import()
        order = self.get_order(many.id)
        self.assertEqual(len(order.transaction_ids), 60)
        self.assertAlmostEqual(sum(order.transaction_ids.mapped('amount')), order.total, 2)

    def put_order_in_unknown_currency(self):
        """Create an order in a currency of Shopify that Odoo does not know; return its gid."""
        self.twin.store.shop.currency_code = 'JEP'
        gid = self.put_order(currency='JEP', lineItems=[line("Mug", '10.00', currency='JEP')])
        self.twin.store.shop.currency_code = 'USD'
        return gid

    def test_one_unreadable_order_does_not_stop_the_others(self):
        """R-51: one bad order in the batch; it says why, the others arrive."""
        good = [self.put_order() for _ in range(2)]
        bad = self.put_order_in_unknown_currency()
        good += [self.put_order() for _ in range(2)]
        self.run_import()
        self.assertEqual(len([gid for gid in good if self.get_order(gid)]), 4)
        row = self.get_row(bad)
        self.assertEqual((row.state, row.error_code), ('failed', 'no_currency'))
        self.assertIn('JEP', row.error_message)
        self.assertFalse(self.get_order(bad), "nothing half-made")

    def test_an_answer_that_cannot_be_read_spoils_only_its_order(self):
        """Bad input: found by halves; the others arrive, and it takes few requests."""
        gids = [self.put_order() for _ in range(16)]
        read = Order.from_json

        def from_json(cls, node):
            if node['id'] == gids[5]:
                raise ShopifyRequestError("Shopify sent nonsense.", code='nonsense')
            return read(node)

        self.patch(Order, 'from_json', classmethod(from_json))
        self.twin.requests.clear()
        self.run_import()
        self.assertEqual(len([gid for gid in gids if self.get_order(gid)]), 15)
        row = self.get_row(gids[5])
        self.assertEqual((row.state, row.error_code), ('failed', 'nonsense'))
        asked = [r for r in self.twin.requests if r.operation == 'OrdersByIds']
        self.assertLessEqual(len(asked), 9)

    def test_hostile_text_is_text(self):
        """Bad input: markup, SQL, format codes, NUL and endless names are kept or cut, no more."""
        for text in (
            "<script>alert(1)</script>",
            "Robert'); DROP TABLE sale_order;--",
            "%s %(x)s {0} {{7*7}}",
            "\u202eEvil 😀",
            "x" * 5000,
        ):
            order = self.import_order(
                lineItems=[line(text, '10.00', sku='MUG')], note=text, tags=[text[:40]]
            )
            self.assertEqual(order.document_state, 'done', order.error_message)
            self.assertEqual(order.line_ids.title, text)
            self.assertIn(text, order.sale_order_ids.order_line.name)

    def test_an_unknown_status_is_kept_as_text(self):
        """Bad input: Shopify's enums grow; a value we do not know stops nothing."""
        self.twin.faults.add('enum', field='Order.displayFulfillmentStatus', value='TELEPORTED')
        order = self.import_order()
        self.assertEqual(order.fulfillment_status, 'TELEPORTED')
        self.assertEqual(order.document_state, 'done')

    def test_faults_that_pass_are_not_shown(self):
        """A6: a throttled, a dropped and a broken answer, a 502: the order arrives all the same."""
        self.twin.faults.add('throttled', 'OrdersByIds', times=1)
        self.twin.faults.add('drop_after', 'OrdersByIds', nth=2)
        self.twin.faults.add('http', 'OrdersToImport', times=1, status=502)
        self.twin.faults.add('broken_json', 'OrdersToImport', nth=2)
        order = self.import_order()
        self.assertEqual(order.document_state, 'done')
        self.assertFalse(self.store.error_message)

    def test_a_fault_that_lasts_puts_the_order_back(self):
        """A6: after all attempts the row waits again; no user sees an error."""
        gid = self.put_order()
        fault = self.twin.faults.add('http', 'OrdersByIds', status=503)
        self.patch_client(MAX_TRIES=2)
        self.run_import()
        row = self.get_row(gid)
        self.assertEqual(row.state, 'pending')
        self.assertFalse(row.error_message)
        self.assertTrue(row.retry_at)
        self.twin.faults.remove(fault)
        row.retry_at = False
        self.run_import()
        self.assertTrue(self.get_order(gid))

    def patch_client(self, **values):
        for name, value in values.items():
            self.patch(client, name, value)

    def test_an_order_that_was_deleted_meanwhile_leaves_the_list(self):
        """Bad input: Shopify answers null for an order that is gone."""
        gid = self.put_order()
        self.shop.auto_import = False
        self.run_import()
        self.assertTrue(self.get_row(gid))
        self.twin.store.remove(self.twin.store.get(gid))
        self.shop.auto_import = True
        self.run_import()
        self.assertFalse(self.get_row(gid))

    def test_chosen_rows_are_imported_on_demand(self):
        """R-52: "Import now" on rows, whatever the schedule says; not without a shop."""
        self.shop.auto_import = False
        gids = [self.put_order() for _ in range(2)]
        self.run_import()
        row = self.get_row(gids[0])
        row.shop_id = self.shop
        row.action_import()
        self.run_import()
        self.assertTrue(self.get_order(gids[0]))
        self.assertFalse(self.get_order(gids[1]))

    def test_a_failed_row_can_be_tried_again(self):
        """R-51: the cause is gone, the button brings the order in."""
        gid = self.put_order_in_unknown_currency()
        self.run_import()
        row = self.get_row(gid)
        self.assertEqual(row.state, 'failed')
        self.env['res.currency'].create({'name': 'JEP', 'symbol': '£'})
        row.action_import()
        self.assertFalse(row.error_message)
        self.run_import()
        self.assertTrue(self.get_order(gid))

    def test_a_typical_order_costs_little(self):
        """A3: at most 13 points and 0.06 requests for a typical order in a steady import."""
        self.twin.generate(100, seed=7, profile='plain')
        self.shop.create_products = True
        self.twin.requests.clear()
        self.run_import()
        count = self.env['shopify.order'].search_count([('shop_id', '=', self.shop.id)])
        self.assertGreater(count, 80)
        asked = [r for r in self.twin.requests if r.operation in {'OrdersByIds', 'OrdersToImport'}]
        self.assertLessEqual(sum(r.cost for r in asked) / count, 13)
        self.assertLessEqual(len(asked) / count, 0.06)

    def test_orders_of_two_shops_on_one_store_go_to_their_own(self):
        """R-49: the first shop whose filter matches takes the order; the store is read once."""
        pos = self.shop.copy(
            {'name': "POS", 'sequence': 1, 'import_domain': "[('tag_ids.name', '=', 'pos')]"}
        )
        counter, web = self.put_order(tags=['pos']), self.put_order()
        self.run_import()
        self.assertEqual(self.get_order(counter).shop_id, pos)
        self.assertEqual(self.get_order(web).shop_id, self.shop)

    def test_test_orders_stay_out_unless_wanted(self):
        """A merchant's own trial payments are no revenue."""
        gid = self.put_order(test=True)
        self.run_import()
        self.assertFalse(self.get_order(gid))
        self.shop.import_test_orders = True
        self.run_import()
        self.assertTrue(self.get_order(gid))
