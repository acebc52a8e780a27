"""Shipping charges and their mapping, locations, payment methods, money on accounts."""

from types import SimpleNamespace

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from shopify_twin.generator.special import pay_cash

from .common import ADDRESS, ShopifyCase, line, money, tax


@tagged('post_install', '-at_install')
class TestShippingMethods(ShopifyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env['delivery.carrier'].create(
            {
                'name': "Parcel Post",
                'product_id': cls.env.ref('shopify_connector.product_shipping').id,
            }
        )
        cls.account = cls.env['account.account'].search(
            [('account_type', '=', 'income_other')], limit=1
        )

    def add_method(self, name, **values):
        return self.env['shopify.shipping.method'].create(
            {'name': name, 'shop_id': self.shop.id, **values}
        )

    def sell(self, *charges, **values):
        """Import an order with shipping charges: title, price, and amount of a tax of 10 %."""
        lines = [
            {
                'title': title,
                'priceSet': money(price),
                'taxLines': [tax("T", 0.1, amount)] if amount else [],
            }
            for title, price, amount in charges
        ]
        order = self.import_order(shippingLines=lines, **values)
        self.assertEqual(order.document_state, 'done', order.error_message)
        return order

    def charges(self, order):
        return order.sale_order_ids.order_line.filtered('is_delivery')

    def test_all_methods_of_shopify_are_fetched(self):
        """R-28: a button gives each shop a row for each method; again changes nothing."""
        action = self.shop.action_fetch_shipping_methods()
        names = self.shop.shipping_method_ids.mapped('name')
        self.assertGreater(len(names), 2, names)
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(action['res_model'], 'shopify.shipping.method')
        self.env['shopify.shipping.method'].action_fetch()
        self.assertEqual(self.shop.shipping_method_ids.mapped('name'), names)

    def test_without_the_scope_the_reason_is_named(self):
        """R-28: read_shipping is an optional scope; orders teach the methods anyway."""
        self.store.granted_scopes = '\n'.join(
            scope
            for scope in self.store.granted_scopes.split()
            if scope not in ('read_shipping', 'write_shipping')
        )
        with self.assertRaisesRegex(UserError, "read_shipping"):
            self.shop.action_fetch_shipping_methods()

    def test_an_unknown_title_gets_a_row_and_never_stops_an_order(self):
        """R-35: also a merged charge without a title; the next order uses the same row."""
        order = self.sell(("Moon Mail", '3.00', None))
        self.sell(("Moon Mail", '4.00', None))
        rows = self.env['shopify.shipping.method'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual(rows.mapped('name'), ["Moon Mail"])
        self.assertFalse(rows.carrier_id)
        self.assertEqual(self.charges(order).product_id, self.shop.shipping_product_id)
        methods = self.env['shopify.shipping.method']
        found = methods._find_or_create([(self.shop, ''), (self.shop, None)])
        self.assertEqual(methods._pick(found, self.shop, '').name, "Shipping")
        self.assertEqual(len(found), 1)

    def test_a_shop_may_insist_on_mapped_methods(self):
        """R-29, M-08: the order waits and names the method; mapped by hand, it goes through."""
        self.shop.shipping_policy = 'required'
        gid = self.put_order(
            shippingLines=[{'title': "Moon Mail", 'code': 'M', 'priceSet': money('3.00')}]
        )
        other = self.sell(("parcel post", '3.00', None))
        self.assert_equal_to_shopify(other)
        order = self.get_order(gid)
        self.assertEqual((order.document_state, order.error_code), ('failed', 'no_shipping'))
        self.assertIn("Moon Mail is not mapped", order.error_message)
        order.shipping_line_ids.method_id.carrier_id = self.carrier
        self.run_import()
        self.assert_equal_to_shopify(order)
        self.assertEqual(order.sale_order_ids.carrier_id, self.carrier)

    def test_a_method_named_like_a_delivery_method_takes_it(self):
        """R-29, R-32: agent and service are the delivery method; a choice by hand stays."""
        order = self.sell(("parcel post", '3.00', None))
        method = order.shipping_line_ids.method_id
        self.assertEqual((method.carrier_id, method.decision), (self.carrier, "same name"))
        self.assertEqual(order.sale_order_ids.carrier_id, self.carrier)
        self.assertEqual(order.picking_ids.carrier_id, self.carrier)
        method.carrier_id = False
        self.assertFalse(self.sell(("parcel post", '3.00', None)).sale_order_ids.carrier_id)

    def test_the_first_charge_fills_the_header_and_each_gets_a_line(self):
        """R-29, R-33, R-34: two charges, the first one's carrier and incoterm, two lines."""
        term = self.env['account.incoterms'].search([], limit=1)
        self.add_method("First", carrier_id=self.carrier.id, incoterm_id=term.id)
        self.add_method("Second", carrier_id=self.carrier.copy({'name': "Other"}).id)
        order = self.sell(("First", '3.00', '0.30'), ("Second", '5.00', '0.50'))
        sale = order.sale_order_ids
        self.assertEqual((sale.carrier_id, sale.incoterm), (self.carrier, term))
        self.assertEqual(self.charges(order).mapped('name'), ["First", "Second"])
        self.assertEqual(self.charges(order).mapped('price_subtotal'), [3.0, 5.0])
        self.assert_equal_to_shopify(order)

    def test_a_free_charge_still_fills_the_header(self):
        """R-33: free shipping has no line, but somebody carries the parcel."""
        self.add_method("Free", carrier_id=self.carrier.id)
        order = self.sell(("Free", '0.00', None))
        self.assertEqual(order.sale_order_ids.carrier_id, self.carrier)
        self.assertFalse(self.charges(order))

    def test_a_charge_as_a_product(self):
        """R-07, R-30: the row overrides the product of the shop."""
        product = self.env['product.product'].create({'name': "Freight", 'type': 'service'})
        self.add_method("Freight", charge_kind='product', product_id=product.id)
        order = self.sell(("Freight", '7.00', '0.70'), ("Else", '1.00', None))
        self.assertEqual(
            self.charges(order).mapped('product_id'), product + self.shop.shipping_product_id
        )
        self.assert_equal_to_shopify(order)

    def test_a_charge_on_an_account(self):
        """R-07, R-30: the invoice line is booked on the account of the row."""
        self.add_method("Express", charge_kind='account', account_id=self.account.id)
        order = self.sell(("Express", '7.00', '0.70'))
        invoice = order.sale_order_ids._create_invoices(final=True)
        booked = invoice.invoice_line_ids.filtered(lambda item: item.price_subtotal == 7.0)
        self.assertEqual(booked.account_id, self.account)

    def test_a_charge_spread_over_the_items(self):
        """R-07, R-31: equal parts, to the cent in net and tax, on the items' own accounts."""
        self.mug.property_account_income_id = self.account
        self.add_method("Freight", charge_kind='spread')
        order = self.sell(
            ("Freight", '10.00', '1.01'),
            lineItems=[line("Mug", '10.00', sku='MUG') for _ in range(3)],
        )
        parts = self.charges(order)
        self.assertEqual(parts.mapped('price_subtotal'), [3.33, 3.34, 3.33])
        self.assertAlmostEqual(sum(parts.mapped('price_tax')), 1.01, 2)
        self.assert_equal_to_shopify(order)
        invoice = order.sale_order_ids._create_invoices(final=True)
        self.assertEqual(invoice.invoice_line_ids.account_id, self.account)
        self.assertEqual(invoice.amount_total, order.sale_order_ids.amount_total)

    def test_a_row_is_complete(self):
        """R-30: a product or an account is named when the charge is one."""
        self.add_method("Other")
        with (
            mute_logger('odoo.sql_db'),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.add_method("Broken", charge_kind='product').flush_recordset()

    def test_methods_belong_to_their_company(self):
        """Users see the mappings of their companies only."""
        other = self.env['res.company'].create({'name': "Other"})
        method = self.add_method("Express")
        payment = self.env['shopify.payment.method'].create(
            {'name': "Cash", 'gateway': 'cash', 'shop_id': self.shop.id}
        )
        user = self.env['res.users'].create(
            {
                'name': "U",
                'login': 'u-methods',
                'company_id': other.id,
                'company_ids': [(6, 0, other.ids)],
                'group_ids': [(6, 0, [self.env.ref('shopify_connector.group_manager').id])],
            }
        )
        for record in (method, payment):
            self.assertFalse(record.with_user(user).search([('id', '=', record.id)]))

    def test_a_batch_learns_in_few_queries(self):
        """Batches: 20 charges of five titles cost no query a charge."""
        methods = self.env['shopify.shipping.method']
        titles = [f"M{index % 5}" for index in range(20)]
        methods._find_or_create([(self.shop, title) for title in titles])
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        methods._find_or_create([(self.shop, title) for title in titles])
        self.assertLessEqual(self.env.cr.sql_log_count - before, 2)


@tagged('post_install', '-at_install')
class TestLocationsAndPayments(ShopifyCase):
    def test_a_mandatory_location_without_warehouse_stops_the_order(self):
        """R-38: the reason names the location and where to set it; then the order goes through."""
        self.store.action_fetch_locations()
        self.shop.location_policy = 'required'
        order = self.import_order()
        location = order.line_ids.location_id
        self.assertEqual((order.document_state, order.error_code), ('failed', 'no_location'))
        self.assertEqual(order.error_subject, location.name)
        self.assertIn(location.name, order.error_message)
        self.assertFalse(order.sale_order_ids)
        location.warehouse_id = self.env['stock.warehouse'].search([], limit=1)
        order.action_create_documents()
        self.assert_equal_to_shopify(order)

    def test_a_location_that_was_never_fetched_counts_as_unmapped(self):
        """R-38: also when Odoo does not know the location at all."""
        self.env['shopify.location'].search([('store_id', '=', self.store.id)]).unlink()
        self.shop.location_policy = 'required'
        order = self.import_order()
        self.assertEqual(order.error_code, 'no_location')

    def test_without_the_policy_the_warehouse_of_the_shop_ships(self):
        """R-37: the default of the shop stands in for locations without a warehouse."""
        other = self.env['stock.warehouse'].create({'name': "West", 'code': 'WEST'})
        self.shop.warehouse_id = other
        order = self.import_order()
        self.assertEqual(order.picking_ids.picking_type_id.warehouse_id, other)

    def test_locations_are_shared_with_what_goes_out(self):
        """R-39: one mapping for documents and stock: the warehouse is on the store's location."""
        self.store.action_fetch_locations()
        location = self.store.location_ids[0]
        location.warehouse_id = self.env['stock.warehouse'].search([], limit=1)
        self.store.action_fetch_locations()
        self.assertTrue(location.warehouse_id, "fetching again keeps the choice")
        self.assertEqual(location._get_warehouse(self.env.company), location.warehouse_id)
        other = self.env['res.company'].create({'name': "Other"})
        self.assertFalse(location._get_warehouse(other))

    def test_payment_methods_are_learned_from_orders(self):
        """Each gateway gets one row; a mapping stays when the order is read again."""
        paid = [
            {'kind': 'SALE', 'status': 'SUCCESS', 'gateway': 'cash', 'amountSet': money('10.00')}
        ]
        order = self.import_order(transactions=paid)
        method = order.transaction_ids.method_id
        self.assertEqual((method.gateway, method.shop_id), ('cash', self.shop))
        journal = self.env['account.journal'].search([('type', '=', 'cash')], limit=1)
        method.journal_id = journal
        again = self.import_order(transactions=paid)
        self.assertEqual(again.transaction_ids.method_id, method)
        self.assertEqual(method.journal_id, journal)


@tagged('post_install', '-at_install')
class TestAccountsAndCurrency(ShopifyCase):
    def test_tips_go_to_the_tip_account(self):
        """R-09, peers.md 2.7 item 10: a tip is a line of the tip product, on the shop's account."""
        account = self.env['account.account'].search(
            [('account_type', '=', 'income_other')], limit=1
        )
        self.shop.tip_account_id = account
        self.twin.generate(4, seed=2, profile=['tip'])
        self.shop.create_products = True
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        self.assertTrue(orders)
        for order in orders:
            sale = order.sale_order_ids
            tips = sale.order_line.filtered(
                lambda item: item.product_id == self.shop.tip_product_id
            )
            self.assertTrue(tips, order.error_message)
            self.assertEqual(sale.amount_total, order.expected_total)
            invoice = sale.invoice_ids or sale._create_invoices(final=True)
            booked = tips.invoice_lines & invoice.invoice_line_ids
            self.assertEqual(booked.account_id, account)

    def check_kind(self, kind, product, count=4):
        """Import generated orders of a kind; return the sale lines of a stand-in product."""
        self.shop.create_products = True
        self.twin.generate(count, seed=5, profile=[kind])
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        done = orders.filtered(lambda order: order.document_state == 'done')
        self.assertEqual(len(done), len(orders), orders.mapped('error_message'))
        for order in done:
            self.assertEqual(order.difference, 0)
            self.assertEqual(order.document_total, order.expected_total)
        found = done.sale_order_ids.order_line.filtered(lambda item: item.product_id == product)
        self.assertTrue(found)
        return found

    def test_duties_have_a_line(self):
        """M-01, peers.md 2.7 item 10: duties are part of the total and have a line of their own."""
        lines = self.check_kind('duties', self.shop.fee_product_id)
        self.assertGreater(sum(lines.mapped('price_subtotal')), 0)

    def test_additional_fees_have_a_line(self):
        """M-01, peers.md 2.7 item 10: an additional fee keeps its name and its tax."""
        lines = self.check_kind('additional_fee', self.shop.fee_product_id)
        self.assertEqual(set(lines.mapped('name')), {"Bottle deposit"})
        for item in lines:
            fee = item.order_id.shopify_order_id.fee_ids
            self.assertEqual(
                item.price_total if fee.order_id.taxes_included else item.price_subtotal, fee.price
            )

    def test_cash_rounding_has_a_line(self):
        """M-01: what was rounded in cash is a line of its own; the total is what was paid."""
        gids = {
            self.put_order(
                lineItems=[line("Mug", price, sku='MUG', taxLines=[tax("T", 0.1, '1.00')])]
            ): paid
            for price, paid in (('9.02', 10.0), ('9.03', 10.05), ('9.00', 10.0))
        }
        for gid in gids:
            pay_cash(SimpleNamespace(store=self.twin.store), self.twin.store.get(gid))
        self.run_import()
        for gid, paid in gids.items():
            order = self.get_order(gid)
            sale = order.sale_order_ids
            lines = sale.order_line.filtered(
                lambda item: item.product_id == self.shop.cash_rounding_product_id
            )
            self.assertEqual((sale.amount_total, order.total_received), (paid, paid))
            self.assertEqual(lines.mapped('price_total'), [order.cash_rounding] * bool(lines))
            self.assertEqual(bool(lines), order.total != paid)
            self.assertFalse(lines.tax_ids)
            self.assertEqual(order.difference, 0)
            self.assertEqual(sale.amount_tax, 1.0)

    def test_taxes_collected_by_a_marketplace_have_their_own_row(self):
        """M-01: the amounts count, the mapping is another than that of the company's own tax."""
        self.shop.create_products = True
        self.twin.generate(4, seed=5, profile=['marketplace', 'us_state_county'])
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        liable = orders.tax_line_ids.filtered('channel_liable')
        self.assertTrue(liable)
        self.assertTrue(all(liable.tax_id.mapped('channel_liable')))
        own = orders.tax_line_ids - liable
        self.assertFalse(liable.tax_id & own.tax_id)
        self.assertEqual(set(orders.mapped('difference')), {0.0})

    def test_a_foreign_currency_without_a_rate_stops_the_order(self):
        """R-01: without an exchange rate the books would take one for one."""
        currency = (
            self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'NOK')])
        )
        currency.active = True
        currency.rate_ids.unlink()
        self.twin.store.shop.currency_code = 'NOK'
        self.store._test_connection()
        values = {'currency': 'NOK', 'lineItems': [line("Mug", '10.00', 1, 'NOK', sku='MUG')]}
        order = self.import_order(**values)
        self.assertEqual((order.error_code, order.error_subject), ('no_rate', 'NOK'))
        self.assertFalse(order.sale_order_ids)
        self.env['res.currency.rate'].create(
            {'name': '2020-01-01', 'currency_id': currency.id, 'rate': 10.0}
        )
        order.action_create_documents()
        self.assert_equal_to_shopify(order)
        self.assertEqual(order.sale_order_ids.currency_id, currency)

    def test_the_address_priority_chooses_the_fiscal_position(self):
        """R-16: six orders of delivery, customer and invoice; the first with a city counts."""
        country = self.env.ref('base.us')
        positions = {}
        for code in ('IL', 'NY'):
            state = self.env['res.country.state'].search(
                [('code', '=', code), ('country_id', '=', country.id)]
            )
            positions[code] = self.env['account.fiscal.position'].create(
                {
                    'name': code,
                    'auto_apply': True,
                    'sequence': 0,
                    'country_id': country.id,
                    'state_ids': [(6, 0, state.ids)],
                }
            )
        ship = {**ADDRESS, 'provinceCode': 'NY', 'city': "Albany", 'address1': "1 State St"}
        nowhere = {key: value for key, value in ship.items() if key != 'city'}
        for priority, address, expected in (
            ('none', ship, None),
            ('ship_sell_bill', ship, 'NY'),
            ('ship_bill_sell', ship, 'NY'),
            ('sell_ship_bill', ship, 'IL'),
            ('sell_bill_ship', ship, 'IL'),
            ('bill_sell_ship', ship, 'IL'),
            ('bill_ship_sell', ship, 'IL'),
            ('ship_sell_bill', nowhere, 'IL'),
        ):
            with self.subTest(priority=priority, city=address.get('city')):
                self.shop.tax_priority = priority
                order = self.import_order(shippingAddress=address)
                wanted = positions.get(expected, self.env['account.fiscal.position'])
                self.assertEqual(order.sale_order_ids.fiscal_position_id, wanted)
