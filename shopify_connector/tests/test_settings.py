"""What a setting of the shop does, where the other tests show only a part of its requirement."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

from lxml import etree

from odoo.tests import tagged

from ..shopify_api import fetch
from ..shopify_api.money import MoneyBag
from .common import ADDRESS, ShopifyCase, line, money, tax

MOVE = """
mutation ($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id } userErrors { field message } } }
"""


@tagged('post_install', '-at_install')
class TestBooks(ShopifyCase):
    def test_a_gift_card_among_goods_is_owed_while_the_goods_are_sold(self):
        """R-08: on the invoice of a mixed order only the card is booked as a liability."""
        liability = self.env['account.account'].search(
            [('account_type', '=', 'liability_current')], limit=1
        )
        self.shop.gift_card_account_id = liability
        self.assertEqual(self.shop.gift_card_product_id.property_account_income_id, liability)
        order = self.import_order(
            lineItems=[
                line("Gift card", '25.00', giftCard=True, requiresShipping=False),
                line("Mug", '10.00', sku='MUG', requiresShipping=True),
            ]
        )
        self.assertEqual(order.line_ids.mapped('kind'), ['gift_card', 'product'])
        invoice = order.sale_order_ids._create_invoices(final=True)
        booked = {item.price_subtotal: item.account_id for item in invoice.invoice_line_ids}
        self.assertEqual(booked[25.0], liability)
        self.assertEqual(booked[10.0].account_type, 'income')

    def test_a_tip_that_is_on_no_line_gets_one(self):
        """R-09: Shopify counts a tip in the total; where it sends no line of it, we make one."""
        account = self.env['account.account'].search(
            [('account_type', '=', 'income_other')], limit=1
        )
        self.shop.tip_account_id = account
        original = fetch.orders

        def with_tip(*arguments, **options):
            tip = MoneyBag(Decimal(2), Decimal(2), 'USD', 'USD')
            return {
                gid: replace(
                    order, total_tip=tip, total=order.total + tip, current_total=order.total + tip
                )
                for gid, order in original(*arguments, **options).items()
            }

        self.patch(fetch, 'orders', with_tip)
        order = self.import_order()
        self.assertEqual((order.document_state, order.difference), ('done', 0.0))
        invoice = order.sale_order_ids._create_invoices(final=True)
        booked = {item.price_subtotal: item.account_id for item in invoice.invoice_line_ids}
        self.assertEqual((set(booked), booked[2.0]), ({10.0, 2.0}, account))

    def test_tax_data_is_kept_and_the_document_has_taxes_of_odoo(self):
        """R-17: title, rate and amount as Shopify sent them, beside the tax that Odoo books."""
        order = self.import_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("IL State", 0.0625, '0.63')])],
            shippingLines=[
                {
                    'title': "Std",
                    'priceSet': money('5.00'),
                    'taxLines': [tax("City", 0.0125, '0.06')],
                }
            ],
        )
        kept = {(item.title, item.rate, item.amount) for item in order.tax_line_ids}
        self.assertEqual(kept, {("IL State", 0.0625, 0.63), ("City", 0.0125, 0.06)})
        mapped = {item.title: item.tax_id.tax_id for item in order.tax_line_ids}
        mug, charge = order.sale_order_ids.order_line
        self.assertEqual((mug.tax_ids, charge.tax_ids), (mapped["IL State"], mapped["City"]))
        self.assertAlmostEqual(mug.price_tax, 0.63, 4)
        self.assertAlmostEqual(charge.price_tax, 0.06, 4)

    def plant(self, amount):
        """Make each sales order cost more than Shopify says."""
        sales = self.env.registry['sale.order']
        prepare = sales._shopify_prepare_lines

        def wrong(model, order):
            values = prepare(model, order)
            for name in ('price_unit', 'technical_price_unit'):
                values[0][name] += amount
            return values

        self.patch(sales, '_shopify_prepare_lines', wrong)

    def test_a_difference_that_rounding_explains_is_settled(self):
        """R-17, M-01: a cent blocks nothing; it is a line of its own, and the total is right."""
        self.plant(0.01)
        order = self.import_order()
        self.assert_equal_to_shopify(order)
        extra = order.sale_order_ids.order_line.filtered(
            lambda item: item.product_id == self.shop.rounding_product_id
        )
        self.assertEqual(extra.mapped('price_total'), [-0.01])
        self.assertEqual(order.difference, 0)

    def test_a_larger_difference_makes_no_document(self):
        """R-17, M-01: what rounding does not explain is an error that names the amount."""
        self.plant(5)
        order = self.import_order()
        self.assertEqual((order.document_state, order.error_code), ('failed', 'total_differs'))
        self.assertIn("5.00 USD off", order.error_message)
        self.assertEqual((order.document_total, order.difference), (15.0, 5.0))
        self.assertFalse(order.sale_order_ids)


@tagged('post_install', '-at_install')
class TestTaxPriority(ShopifyCase):
    STATES = {'ship': 'NY', 'sell': 'IL', 'bill': 'CA'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.env.ref('base.us')
        cls.positions, cls.partners = {}, {}
        for who, code in cls.STATES.items():
            state = cls.env['res.country.state'].search(
                [('code', '=', code), ('country_id', '=', country.id)]
            )
            cls.positions[who] = cls.env['account.fiscal.position'].create(
                {
                    'name': code,
                    'auto_apply': True,
                    'sequence': 0,
                    'country_id': country.id,
                    'state_ids': [(6, 0, state.ids)],
                }
            )
            cls.partners[who] = cls.env['res.partner'].create(
                {'name': who, 'state_id': state.id, 'country_id': country.id}
            )

    def test_every_order_of_three_addresses(self):
        """R-16: six orders, and for each the addresses that name a city: the first of them counts.

        Delivery, customer and invoice are in three states, so that none can stand for another.
        """
        self.shop.auto_create_orders = False
        order = self.import_order()
        order.write(
            {
                'partner_id': self.partners['sell'].id,
                'partner_invoice_id': self.partners['bill'].id,
                'partner_shipping_id': self.partners['ship'].id,
            }
        )
        policies = [key for key, _label in self.shop._fields['tax_priority'].selection]
        self.assertEqual(len(policies), 7)
        for policy, cities in product(policies, product((False, "Town"), repeat=3)):
            known = dict(zip(self.STATES, cities, strict=True))
            for who, city in known.items():
                self.partners[who].city = city
            self.shop.tax_priority = policy
            names = policy.split('_') if policy != 'none' else ()
            first = next((who for who in names if known[who]), None)
            with self.subTest(policy=policy, known=known):
                found = order._get_fiscal_position()
                self.assertEqual(found, self.positions.get(first, found.browse()))

    def test_the_document_has_it_and_shopify_s_amounts(self):
        """R-16, R-17: the position is on the sales order; the taxes stay to the cent."""
        self.shop.tax_priority = 'bill_ship_sell'
        self.partners['bill'].city = "Town"
        self.shop.auto_create_orders = False
        order = self.import_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("IL State", 0.0625, '0.63')])]
        )
        order.partner_invoice_id = self.partners['bill']
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.fiscal_position_id, self.positions['bill'])
        self.assert_equal_to_shopify(order)


@tagged('post_install', '-at_install')
class TestScreens(ShopifyCase):
    def arch(self, model, kind):
        return etree.fromstring(self.env[model].get_view(view_type=kind)['arch'])

    def test_the_number_can_be_shown_on_documents(self):
        """R-15: an optional column in the lists, a button and a search field on each of them."""
        for model in ('sale.order', 'account.move', 'stock.picking'):
            with self.subTest(model=model):
                column = self.arch(model, 'list').xpath("//field[@name='shopify_order_name']")
                self.assertEqual(column[0].get('optional'), 'hide')
                form = self.arch(model, 'form')
                self.assertTrue(form.xpath("//button[@name='action_view_shopify_order']"))
                search = self.arch(model, 'search')
                self.assertTrue(search.xpath("//field[@name='shopify_order_name']"))

    def test_documents_lead_to_the_order_and_back(self):
        """R-15: from delivery and invoice too, and from the order to each of them."""
        order = self.import_order()
        invoice = order.sale_order_ids._create_invoices()
        for document in (order.sale_order_ids, order.picking_ids, invoice):
            action = document.action_view_shopify_order()
            self.assertEqual((action['res_model'], action['res_id']), (order._name, order.id))
        self.assertEqual(order.action_view_invoices()['res_id'], invoice.id)
        self.assertEqual(order.action_view_pickings()['res_id'], order.picking_ids.id)

    def test_documents_for_chosen_orders_are_asked_for_and_reported(self):
        """R-67: from the list with a question before, and the result in words after it."""
        button = self.arch('shopify.order', 'list').xpath(
            "//header/button[@name='action_create_documents']"
        )
        self.assertTrue(button[0].get('confirm'))
        self.shop.auto_create_orders = False
        good = self.import_order()
        bad = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        message = (good + bad).action_create_documents()['params']['message']
        self.assertIn("1 documents created", message)
        self.assertIn("1 could not be created", message)
        self.assertEqual((good + bad).mapped('document_state'), ['done', 'failed'])

    def test_unlinked_orders_are_open_again_and_say_so(self):
        """R-71: the mark "Processed" goes, the chatter says from what, the documents stay."""
        order = self.import_order()
        sale = order.sale_order_ids
        order.action_unlink_documents()
        self.assertEqual(order.document_state, 'pending')
        self.assertIn(sale.name, order.message_ids[0].body)
        self.assertEqual((sale.state, sale.picking_ids.shopify_order_id.ids), ('sale', []))


@tagged('post_install', '-at_install')
class TestPlaces(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.store.action_fetch_locations()
        self.home, self.east = self.store.location_ids[:2]
        self.home.warehouse_id = self.env['stock.warehouse'].search([], limit=1)
        self.east.warehouse_id = self.env['stock.warehouse'].create({'name': "E", 'code': 'EAST'})

    def put_order_from_two_places(self):
        """Create an order of three mugs and a plate; the plate and one mug ship from the east."""
        self.env['product.product'].create(
            {'name': "Plate", 'default_code': 'PLATE', 'is_storable': True}
        )
        gid = self.put_order(
            lineItems=[
                line("Mug", '10.00', 3, sku='MUG', requiresShipping=True),
                line("Plate", '4.00', sku='PLATE', requiresShipping=True),
            ]
        )
        entry = self.twin.store.get(gid).fulfillment_orders[0]
        self.home, self.east = sorted(
            self.home + self.east,
            key=lambda place: place.shopify_id != entry.assigned_location.location.id,
        )
        mug, plate = entry.line_items
        self.move(entry.id, [(mug.id, 1), (plate.id, 1)])
        return gid

    def move(self, gid, items):
        """Let Shopify ship units of a fulfilment order from the east."""
        parts = [{'id': item, 'quantity': quantity} for item, quantity in items]
        answer = self.twin.execute(MOVE, {'id': gid, 'to': self.east.shopify_id, 'lines': parts})
        self.assertFalse(answer['data']['fulfillmentOrderMove']['userErrors'])

    def test_deliveries_are_split_by_location(self):
        """R-37: lines and parts of lines ship from the warehouses of their locations."""
        gid = self.put_order_from_two_places()
        self.run_import()
        order = self.get_order(gid)
        self.assert_equal_to_shopify(order)
        units = {
            (picking.picking_type_id.warehouse_id, move.product_id.default_code): (
                move.product_uom_qty
            )
            for picking in order.picking_ids
            for move in picking.move_ids
        }
        home, east = self.home.warehouse_id, self.east.warehouse_id
        self.assertEqual(units, {(home, 'MUG'): 2, (east, 'MUG'): 1, (east, 'PLATE'): 1})
        self.assertEqual(len(order.picking_ids), 2)

    def test_one_mapping_serves_all_shops_of_a_store(self):
        """R-39: the warehouse is on the store's location, so nothing is mapped twice."""
        self.shop.copy(
            {'name': "POS", 'sequence': 1, 'import_domain': "[('tag_ids.name', '=', 'pos')]"}
        )
        gids = [self.put_order(tags=tags) for tags in ([], ['pos'])]
        place = self.twin.store.get(gids[0]).fulfillment_orders[0].assigned_location.location
        location = self.store.location_ids.filtered(lambda item: item.shopify_id == place.id)
        location.warehouse_id = self.east.warehouse_id
        self.run_import()
        orders = self.get_order(gids[0]) + self.get_order(gids[1])
        self.assertEqual(len(orders.shop_id), 2)
        self.assertEqual(orders.line_ids.location_id, location)
        self.assertEqual(orders.picking_ids.picking_type_id.warehouse_id, self.east.warehouse_id)


@tagged('post_install', '-at_install')
class TestChargesAndWorkers(ShopifyCase):
    def test_all_methods_are_there_under_shopify_s_names(self):
        """R-28: the rows are those of Shopify's settings, none more, none less."""
        self.shop.action_fetch_shipping_methods()
        (profile,) = self.twin.store.all('DeliveryProfile')
        names = set()
        for method in profile.methods():
            services = getattr(method.rate_provider, 'participant_services', None)
            names.update(item.name for item in services or () if item.active)
            names.update(() if services else {method.name})
        self.assertEqual(set(self.shop.shipping_method_ids.mapped('name')), names)

    def test_a_merged_charge_is_imported(self):
        """R-35: Shopify merges several rates into one "Shipping"; it is a row like any other."""
        order = self.import_order(
            shippingLines=[{'title': "Shipping", 'priceSet': money('9.00')}],
            shippingAddress=ADDRESS,
        )
        self.assert_equal_to_shopify(order)
        method = order.shipping_line_ids.method_id
        self.assertEqual((method.name, method.carrier_id.id), ("Shipping", False))
        found = method._find_or_create([(self.shop, '')])
        self.assertEqual(method._pick(found, self.shop, ''), method)

    def test_two_scheduled_actions_and_nothing_else_do_the_work(self):
        """M-15: both run the same method, a button wakes both, and no job server is needed."""
        crons = self.env.ref('shopify_connector.cron_import_orders')
        crons += self.env.ref('shopify_connector.cron_import_orders_2')
        self.assertEqual(set(crons.mapped('code')), {'model._cron_import_orders()'})
        self.assertEqual(crons.mapped('active'), [True, True])
        triggers = self.env['ir.cron.trigger']
        triggers.search([('cron_id', 'in', crons.ids)]).unlink()
        self.shop.action_import_orders()
        self.assertEqual(triggers.search([('cron_id', 'in', crons.ids)]).cron_id, crons)
        module = self.env['ir.module.module'].search([('name', '=', 'shopify_connector')])
        self.assertFalse(
            [name for name in module.dependencies_id.mapped('name') if 'queue' in name]
        )
