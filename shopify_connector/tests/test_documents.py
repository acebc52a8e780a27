"""From a staged order to a sales order: amounts, dates, settings, failures, repair."""

from datetime import UTC, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ADDRESS, ShopifyCase, line, money, tax


@tagged('post_install', '-at_install')
class TestDocuments(ShopifyCase):
    # === SETTINGS === #

    def test_an_order_becomes_a_confirmed_sales_order_with_a_delivery(self):
        """R-10, R-12, R-65, R-68: created and confirmed right after the import."""
        order = self.import_order()
        sale = order.sale_order_ids
        self.assertEqual(sale.state, 'sale')
        self.assertEqual(sale.order_line.product_id, self.mug)
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 1)
        self.assert_equal_to_shopify(order)

    def test_orders_are_only_staged_when_the_shop_says_so(self):
        """R-10: without the toggle nothing is created until somebody asks."""
        self.shop.auto_create_orders = False
        order = self.import_order()
        self.assertEqual(order.document_state, 'pending')
        self.assertFalse(order.sale_order_ids)
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.state, 'sale')

    def test_orders_stay_quotations_when_the_shop_says_so(self):
        """R-12: created, not confirmed."""
        self.shop.auto_confirm_orders = False
        self.assertEqual(self.import_order().sale_order_ids.state, 'draft')

    def test_the_first_line_names_the_shopify_order(self):
        """R-14: a note with the order number, only with the toggle."""
        self.assertFalse(self.import_order().sale_order_ids.order_line.filtered('display_type'))
        self.shop.order_number_on_line = True
        order = self.import_order()
        first = order.sale_order_ids.order_line.sorted('sequence')[0]
        self.assertEqual(first.display_type, 'line_note')
        self.assertIn(order.name, first.name)

    def test_the_shopify_number_can_be_the_order_number(self):
        """A shop may name its sales orders like Shopify does."""
        self.shop.write({'use_order_name': True, 'order_name_prefix': 'SH'})
        order = self.import_order()
        self.assertEqual(order.sale_order_ids.name, f'SH{order.name}')

    def test_documents_link_to_the_shopify_order(self):
        """R-15: sales order, delivery and invoice know the order and its number, both ways."""
        order = self.import_order()
        sale = order.sale_order_ids
        self.assertEqual(sale.shopify_order_name, order.name)
        picking = sale.picking_ids
        self.assertEqual(
            (picking.shopify_order_id, picking.shopify_order_name), (order, order.name)
        )
        invoice = sale._create_invoices()
        self.assertEqual(
            (invoice.shopify_order_id, invoice.shopify_order_name), (order, order.name)
        )
        self.assertEqual((order.invoice_ids, order.picking_ids), (invoice, picking))
        self.assertEqual(order.action_view_sale_orders()['res_id'], sale.id)
        self.assertEqual(sale.action_view_shopify_order()['res_id'], order.id)

    def test_the_status_page_can_be_opened(self):
        """R-59: what the buyer sees of the order."""
        order = self.import_order()
        self.assertTrue(order.action_open_status_page()['url'].startswith('https://'))
        order.status_page_url = False
        with self.assertRaises(UserError):
            order.action_open_status_page()

    # === MONEY === #

    def test_shipping_is_booked_on_the_account_of_the_shop(self):
        """R-06: charges go to the configured account by default."""
        account = self.env['account.account'].search(
            [('account_type', '=', 'income_other')], limit=1
        )
        self.shop.shipping_account_id = account
        order = self.import_order(shippingLines=[{'title': "Express", 'priceSet': money('12.90')}])
        charge = order.sale_order_ids.order_line.filtered('is_delivery')
        self.assertEqual((charge.name, charge.price_unit), ("Express", 12.9))
        invoice = order.sale_order_ids._create_invoices(final=True)
        booked = invoice.invoice_line_ids.filtered(lambda item: item.price_unit == 12.9)
        self.assertEqual(booked.account_id, account)

    def test_the_store_currency_counts_whatever_the_buyer_paid_in(self):
        """R-02: the order is in the store's currency, the buyer's amounts are kept beside."""
        euros = {'amount': '9.00', 'currencyCode': 'EUR'}
        bag = {'shopMoney': {'amount': '10.00', 'currencyCode': 'USD'}, 'presentmentMoney': euros}
        order = self.import_order(
            presentmentCurrency='EUR',
            lineItems=[{'title': "Mug", 'sku': 'MUG', 'quantity': 1, 'priceSet': bag}],
        )
        self.assertEqual(order.sale_order_ids.currency_id.name, 'USD')
        self.assertEqual(order.sale_order_ids.amount_total, 10.0)
        self.assertEqual(order.presentment_currency_id.name, 'EUR')
        self.assertEqual(order.presentment_total, 9.0)

    def test_a_store_in_a_foreign_currency(self):
        """R-02: a store in euros in a company of dollars."""
        self.env['res.currency.rate'].create(
            {'name': '2026-01-01', 'currency_id': self.env.ref('base.EUR').id, 'rate': 0.9}
        )
        self.twin.store.shop.currency_code = 'EUR'
        self.store._test_connection()
        order = self.import_order(
            currency='EUR',
            lineItems=[
                line(
                    "Mug", '33.33', 3, 'EUR', sku='MUG', taxLines=[tax("VAT", 0.19, '19.00', 'EUR')]
                )
            ],
        )
        sale = order.sale_order_ids
        self.assertEqual((sale.currency_id.name, sale.amount_total), ('EUR', 118.99))
        invoice = sale._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 118.99)
        self.assertAlmostEqual(sum(invoice.line_ids.mapped('balance')), 0.0, 2)

    def test_taxes_are_those_of_shopify_to_the_cent(self):
        """R-17, M-01: two taxes a line, amounts that no rate gives; invoice and entry follow."""
        order = self.import_order(
            lineItems=[
                line(
                    "Mug",
                    '1.99',
                    5,
                    sku='MUG',
                    taxLines=[tax("IL State", 0.0625, '0.63'), tax("City", 0.0125, '0.11')],
                )
            ],
            shippingLines=[
                {
                    'title': "Std",
                    'priceSet': money('5.00'),
                    'taxLines': [tax("IL State", 0.0625, '0.31')],
                }
            ],
        )
        self.assert_equal_to_shopify(order)
        sale = order.sale_order_ids
        self.assertEqual((sale.amount_tax, sale.amount_total), (1.05, 16.0))
        self.assertEqual(order.difference, 0.0)
        invoice = sale._create_invoices(final=True)
        invoice.action_post()
        self.assertEqual((invoice.amount_tax, invoice.amount_total), (1.05, 16.0))

    def test_taxes_that_prices_contain(self):
        """R-17: the net is Shopify's price less Shopify's tax."""
        order = self.import_order(
            taxesIncluded=True,
            lineItems=[line("Mug", '11.90', 3, sku='MUG', taxLines=[tax("VAT", 0.19, '5.70')])],
        )
        self.assert_equal_to_shopify(order)
        self.assertEqual(order.sale_order_ids.amount_untaxed, 30.0)
        self.assertTrue(order.tax_line_ids.tax_id.tax_id.price_include)

    def test_a_tax_is_made_once_and_used_again(self):
        """R-17: title, rate, country and included or not tell taxes apart."""
        item = line("Mug", '10.00', sku='MUG', taxLines=[tax("IL State", 0.0625, '0.63')])
        first = self.import_order(lineItems=[item])
        again = self.import_order(lineItems=[item])
        canada = self.import_order(
            lineItems=[item],
            shippingAddress={**ADDRESS, 'countryCode': 'CA', 'provinceCode': 'ON'},
        )
        self.assertEqual(first.tax_line_ids.tax_id, again.tax_line_ids.tax_id)
        self.assertNotEqual(first.tax_line_ids.tax_id, canada.tax_line_ids.tax_id)

    def test_an_exempt_line_has_no_tax(self):
        """M-01: Shopify names the rate of an exempt line and charges 0.00."""
        order = self.import_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("IL State", 0.0625, '0.00')])]
        )
        self.assertFalse(order.sale_order_ids.order_line.tax_ids)
        self.assert_equal_to_shopify(order)

    def test_an_unmapped_tax_stops_the_order_until_it_is_mapped(self):
        """R-66: the reason names the tax and where to set it; then the order goes through."""
        self.shop.tax_policy = 'ask'
        order = self.import_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("Moon VAT", 0.77, '7.70')])]
        )
        self.assertEqual((order.document_state, order.error_code), ('failed', 'no_tax'))
        self.assertIn("Moon VAT", order.error_message)
        self.assertFalse(order.sale_order_ids)
        mapping = self.env['shopify.tax'].search([('title', '=', "Moon VAT")])
        mapping.tax_id = self.env.company.account_sale_tax_id
        order.action_create_documents()
        self.assert_equal_to_shopify(order)
        self.assertFalse(order.error_message)

    def test_discounts_of_line_and_order_are_exact(self):
        """M-01, peers.md 2.7 item 5: 3 × 10.00 less 10.00 is 20.00."""
        order = self.import_order(
            lineItems=[line("Mug", '10.00', 3, sku='MUG')],
            discountCode={
                'itemFixedDiscountCode': {'code': 'TEN', 'amountSet': money('10.00')},
            },
        )
        self.assert_equal_to_shopify(order)
        self.assertEqual(order.sale_order_ids.order_line.price_subtotal, 20.0)
        self.assertEqual(order.sale_order_ids.amount_total, 20.0)
        self.assertEqual(order.discount_codes, 'TEN')

    def test_the_price_survives_a_change_of_quantity(self):
        """M-01: Odoo's list price of 99.00 does not come back when a clerk changes the quantity."""
        sale = self.import_order().sale_order_ids
        sale.order_line.product_uom_qty = 3
        self.assertEqual(sale.amount_total, 30.0)

    def test_varied_orders_equal_shopify_to_the_cent(self):
        """M-01, A1: 120 orders of all kinds; at least 95 % confirmed, all of them equal."""
        self.env['res.currency.rate'].create(
            {'name': '2020-01-01', 'currency_id': self.env.ref('base.EUR').id, 'rate': 0.9}
        )
        self.twin.store.shop.currency_code = 'EUR'
        self.store._test_connection()
        self.shop.write({'create_products': True, 'import_test_orders': True})
        self.twin.generate(120, seed=11)
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        self.assertGreater(len(orders), 90)
        done = orders.filtered(lambda order: order.document_state == 'done')
        self.assertGreaterEqual(len(done) / len(orders), 0.95)
        for order in done:
            sale = order.sale_order_ids
            self.assertEqual(sale.state, 'sale', order.name)
            current = self.twin.store.get(order.shopify_id)
            expected = (
                current.total_price_set if order.total_refunded else current.current_total_price_set
            )
            self.assertAlmostEqual(
                sale.amount_total,
                float(expected.shop_money.amount) + order.cash_rounding,
                2,
                order.name,
            )
        for order in orders - done:
            self.assertTrue(order.error_message, order.name)

    # === DATES === #

    def test_the_day_of_an_order_is_the_company_s(self):
        """R-27: days follow the company's time zone; without one, UTC."""
        for zone, day in (
            ('Pacific/Honolulu', '2026-10-31'),
            ('America/New_York', '2026-10-31'),
            (False, '2026-11-01'),
            ('Pacific/Kiritimati', '2026-11-01'),
        ):
            self.env.company.partner_id.tz = zone
            with self.twin.store.clock.at(datetime(2026, 11, 1, 2, 0, tzinfo=UTC)):
                order = self.import_order()
            self.assertEqual(str(order.document_date), day, zone)
            self.assertEqual(str(order.sale_order_ids.date_order), '2026-11-01 02:00:00')

    # === FAILURES AND REPAIR === #

    def test_an_unknown_product_stops_the_order_and_says_which(self):
        """R-66: nothing half-made remains, and the order can be tried again."""
        order = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.assertEqual((order.document_state, order.error_code), ('failed', 'no_product'))
        self.assertIn('LAMP', order.error_message)
        self.assertFalse(order.sale_order_ids)
        self.env['product.product'].create({'name': "Lamp", 'default_code': 'LAMP'})
        order.action_create_documents()
        self.assert_equal_to_shopify(order)

    def test_two_products_with_one_sku_are_not_guessed(self):
        """R-66: the clerk decides; a choice by hand stays through imports."""
        self.env['product.product'].create({'name': "Other mug", 'default_code': 'MUG'})
        order = self.import_order()
        self.assertIn("Several products", order.error_message)
        order.line_ids.product_id = self.mug
        order.action_sync()
        self.assertEqual(order.line_ids.product_id, self.mug)
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.order_line.product_id, self.mug)

    def test_missing_products_are_made_when_the_shop_says_so(self):
        """A product found or created, once for all orders that name it."""
        self.shop.create_products = True
        orders = [self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')]) for _ in range(2)]
        products = orders[0].line_ids.product_id | orders[1].line_ids.product_id
        self.assertEqual(len(products), 1)
        self.assertEqual((products.name, products.default_code), ("Lamp", 'LAMP'))

    def test_one_bad_order_does_not_stop_the_others(self):
        """R-66: 20 orders, one lacks a product, one meets a fault in Odoo itself."""
        gids = [self.put_order() for _ in range(18)]
        lacking = self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        broken = self.put_order(note="break me")
        sale_class = self.env.registry['sale.order']
        create = sale_class._shopify_prepare_values

        def prepare(model, order, defaults):
            values = create(model, order, defaults)
            return {**values, 'nonsense': 1} if order.note == "break me" else values

        self.patch(sale_class, '_shopify_prepare_values', prepare)
        self.run_import()
        for gid in gids:
            self.assert_equal_to_shopify(self.get_order(gid))
        self.assertEqual(self.get_order(lacking).error_code, 'no_product')
        self.assertEqual(self.get_order(broken).error_code, 'unexpected')
        self.assertEqual(
            self.env['sale.order'].search_count([('shopify_order_id', '!=', False)]), 18
        )

    def test_failed_orders_are_tried_again_by_the_schedule(self):
        """R-66: after a rest the scheduled action tries again by itself."""
        with self.a_minute_ago():
            order = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.env['product.product'].create({'name': "Lamp", 'default_code': 'LAMP'})
        self.run_import()
        self.assertEqual(order.document_state, 'failed', "not yet: it rests")
        order.retry_at = '2026-01-01 00:00:00'
        self.run_import()
        self.assertEqual(order.document_state, 'done')

    def test_several_orders_by_hand(self):
        """R-67: documents for the chosen orders; those that have one are refused."""
        self.shop.auto_create_orders = False
        gids = [self.put_order() for _ in range(3)]
        self.run_import()
        orders = self.env['shopify.order'].search([('shopify_id', 'in', gids)])
        orders.action_create_documents()
        self.assertEqual(orders.mapped('document_state'), ['done'] * 3)
        with self.assertRaisesRegex(UserError, "Unlink them first"):
            orders.action_create_documents()

    def test_an_order_is_read_anew_before_documents_exist(self):
        """R-61: re-sync one order; refused once there are documents, until they are unlinked."""
        self.shop.auto_create_orders = False
        order = self.import_order()
        self.twin.store.get(order.shopify_id).note = "new"
        order.action_sync()
        self.assertEqual(order.note, "new")
        order.action_create_documents()
        with self.assertRaisesRegex(UserError, "Unlink them first"):
            order.action_sync()

    def test_documents_can_be_unlinked_and_made_anew(self):
        """R-71: the old sales order stays as it is, the order is open again."""
        order = self.import_order()
        old = order.sale_order_ids
        order.action_unlink_documents()
        self.assertTrue(old.exists())
        self.assertFalse(old.shopify_order_id)
        order.action_create_documents()
        self.assertNotEqual(order.sale_order_ids, old)

    def test_a_cancelled_order_gets_no_document(self):
        """An order that was cancelled before it reached Odoo is shown, not sold."""
        gid = self.put_order()
        self.shop.auto_create_orders = False
        self.run_import()
        self.twin.execute(
            """mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true,
               refundMethod: {originalPaymentMethodsRefund: true}) { job { id } } }""",
            {'id': gid},
        )
        order = self.get_order(gid)
        order.action_sync()
        order.action_create_documents()
        self.assertEqual(order.document_state, 'skipped')
        self.assertIn("cancelled", order.error_message)

    def test_stock_is_reserved_right_after_the_import(self):
        """A7: reserved by one worker at a time, after the orders of a batch are confirmed."""
        warehouse = self.env['stock.warehouse'].search([], limit=1)
        self.env['stock.quant']._update_available_quantity(self.mug, warehouse.lot_stock_id, 3)
        gids = [self.put_order() for _ in range(4)]
        self.run_import()
        orders = self.env['shopify.order'].search([('shopify_id', 'in', gids)], order='id')
        self.assertFalse(any(orders.mapped('to_reserve')))
        states = orders.sale_order_ids.picking_ids.sorted('id').mapped('state')
        self.assertEqual(sorted(states), ['assigned', 'assigned', 'assigned', 'confirmed'])

    def test_what_shopify_shipped_is_not_shipped_again(self):
        """R-69, peers.md 2.7 item 11: a fulfilled order leaves no open delivery to ship again."""
        location = self.twin.store.default_location().id
        order = self.import_order(fulfillment={'locationId': location})
        self.assertEqual(order.fulfillment_status, 'FULFILLED')
        self.assertEqual(order.sale_order_ids.picking_ids.mapped('state'), ['done'])
        self.assertEqual(order.sale_order_ids.order_line.qty_delivered, 1)

    def test_lines_ship_from_the_warehouse_of_their_location(self):
        """R-37: Shopify's location decides the warehouse, one delivery per warehouse."""
        self.store.action_fetch_locations()
        other = self.env['stock.warehouse'].create({'name': "East", 'code': 'EAST'})
        gid = self.put_order()
        assigned = self.twin.store.get(gid).fulfillment_orders[0].assigned_location.location
        self.store.location_ids.filtered(
            lambda location: location.shopify_id == assigned.id
        ).warehouse_id = other
        self.run_import()
        picking = self.get_order(gid).sale_order_ids.picking_ids
        self.assertEqual(picking.picking_type_id.warehouse_id, other)


@tagged('post_install', '-at_install')
class TestCustomers(ShopifyCase):
    def test_a_new_buyer_becomes_a_contact_with_the_order_s_addresses(self):
        """R-79, R-81: bill-to is the contact, another ship-to is an address of it."""
        ship = {**ADDRESS, 'firstName': "Grace", 'lastName': "Hopper", 'address1': "1 Navy Yard"}
        order = self.import_order(shippingAddress=ship)
        self.assertEqual(order.partner_id.name, "Ada Lovelace")
        self.assertEqual(order.partner_id.street, ADDRESS['address1'])
        self.assertEqual(order.partner_id.state_id.code, 'IL')
        sale = order.sale_order_ids
        self.assertEqual(sale.partner_invoice_id, order.partner_id)
        self.assertEqual(sale.partner_shipping_id.name, "Grace Hopper")
        self.assertEqual(sale.partner_shipping_id.parent_id, order.partner_id)
        self.assertEqual(sale.partner_shipping_id.type, 'delivery')

    def test_the_same_buyer_is_the_same_contact(self):
        """R-79: by e-mail, whatever its case; addresses are used again, not repeated."""
        first = self.import_order()
        second = self.import_order(email='ADA@Example.com')
        self.assertEqual(first.partner_id, second.partner_id)
        self.assertFalse(first.partner_id.child_ids)

    def test_by_phone_when_there_is_no_e_mail(self):
        """R-79: phones are compared in E.164, so (217) 555-0123 is +12175550123."""
        partner = self.env['res.partner'].create(
            {
                'name': "Ada",
                'phone': '(217) 555-0123',
                'country_id': self.env.ref('base.us').id,
            }
        )
        order = self.import_order(email=None, phone='+12175550123')
        self.assertEqual(order.partner_id, partner)
        self.assertEqual(order.customer_decision, "phone")

    def test_a_similar_e_mail_is_another_person(self):
        """R-79: no pattern, no prefix: exact after normalising."""
        similar = self.env['res.partner'].create({'name': "A", 'email': 'xada@example.com'})
        self.assertNotEqual(self.import_order().partner_id, similar)

    def test_an_order_without_a_buyer_takes_the_default_customer(self):
        """R-74: a counter sale names nobody; without a default the order says so."""
        values = {'email': None, 'shippingAddress': None, 'billingAddress': None}
        order = self.import_order(**values)
        self.assertEqual(order.partner_id, self.shop.default_partner_id)
        self.shop.default_partner_id = False
        order = self.import_order(**values)
        self.assertEqual(order.error_code, 'no_customer')
        self.assertIn("default customer", order.error_message)

    def test_a_choice_by_hand_is_never_overwritten(self):
        """R-72: the customer that a user chose stays through imports and into the document."""
        self.shop.auto_create_orders = False
        order = self.import_order()
        chosen = self.env['res.partner'].create({'name': "Chosen"})
        order.partner_id = chosen
        order.action_sync()
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.partner_id, chosen)
        self.assertEqual(order.customer_decision, "chosen by hand")

    def test_always_the_default_customer(self):
        """R-78: a shop may sell to one customer only; the goods go where the order says."""
        self.shop.customer_policy = 'default'
        order = self.import_order()
        self.assertEqual(order.partner_id, self.shop.default_partner_id)
        self.assertEqual(order.sale_order_ids.partner_invoice_id, self.shop.default_partner_id)
        self.assertEqual(order.sale_order_ids.partner_shipping_id.street, ADDRESS['address1'])
