"""The two currencies of an order: rates that must exist, and documents as the buyer saw them."""

from datetime import UTC, date, datetime

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..shopify_api.money import MoneyBag
from .common import ShopifyCase
from .test_api_totals import Books
from .test_kinds import Comparison

FULFILL = """
mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id } userErrors { field message } } }
"""
FULFILLMENT_ORDERS = """
query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 9) { nodes { id } } } }
"""
# What one US dollar, the currency of the company, buys.
RATES = {'EUR': 0.9, 'JPY': 150.0, 'KWD': 0.307, 'GBP': 0.8, 'DKK': 6.9, 'CHF': 0.85, 'BHD': 0.376}


class CurrencyCase(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.env['res.currency.rate'].search([]).unlink()

    def get_currency(self, code):
        currencies = self.env['res.currency'].with_context(active_test=False)
        return currencies.search([('name', '=', code)])

    def set_rates(self, *codes):
        """Give currencies an exchange rate for all companies."""
        for code in codes or RATES:
            self.get_currency(code).rate_ids = [
                Command.create({'name': '2020-01-01', 'rate': RATES[code], 'company_id': False})
            ]

    def set_store_currency(self, code):
        """Have the store sell in another currency, as the next test of the connection finds."""
        self.twin.store.shop.currency_code = code
        self.store._test_connection()


@tagged('post_install', '-at_install')
class TestRates(CurrencyCase):
    """R-01: a currency other than the company's needs an exchange rate."""

    def make_store(self, code, **values):
        return self.env['shopify.store'].create(
            {
                'name': f"Store in {code}",
                'domain': f'{code.lower()}.myshopify.com',
                'currency_id': self.get_currency(code).id,
                **values,
            }
        )

    def test_a_shop_without_a_rate_is_refused(self):
        """R-01: the words name company, currency and the place to enter a rate; then it is fine."""
        values = {'name': "Euros", 'store_id': self.make_store('EUR').id}
        with self.assertRaises(ValidationError) as caught:
            self.env['shopify.shop'].create(values)
        for word in (self.env.company.name, 'EUR', 'USD', "Currencies"):
            self.assertIn(word, str(caught.exception))
        self.set_rates('EUR')
        shop = self.env['shopify.shop'].create(values)
        self.assertFalse(shop.rate_warning)

    def test_what_would_leave_a_shop_without_a_rate_is_refused(self):
        """R-01: another store, company or policy is checked; what has nothing to do with it not."""
        other_store = self.make_store('EUR')
        other_company = self.env['res.company'].create(
            {'name': "Books in Yen", 'currency_id': self.get_currency('JPY').id}
        )
        own = {'warehouse_id': False, 'team_id': False}
        for values in ({'store_id': other_store.id}, {'company_id': other_company.id, **own}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.shop.write(values)
        self.set_store_currency('EUR')
        with self.assertRaises(ValidationError):
            self.shop.currency_policy = 'buyer'
        self.shop.write({'name': "Renamed", 'auto_import': False})
        self.set_rates('EUR')
        self.shop.currency_policy = 'buyer'

    def test_the_same_currency_asks_for_nothing(self):
        """R-01: no rate, no price list, no warning."""
        before = self.env['product.pricelist'].search([])
        shop = self.env['shopify.shop'].create(
            {'name': "Dollars", 'store_id': self.make_store('USD').id}
        )
        self.assertFalse(shop.rate_warning)
        order = self.import_order()
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertFalse(order.sale_order_ids.pricelist_id)
        self.assertEqual(self.env['product.pricelist'].search([]), before)

    def test_a_rate_counts_for_its_company_and_its_branches(self):
        """R-01: the rate of another company does not help; that of the parent does."""
        companies = self.env['res.company']
        other = companies.create({'name': "Other", 'currency_id': self.get_currency('USD').id})
        branch = companies.create({'name': "Branch", 'parent_id': self.env.company.id})
        euro = self.get_currency('EUR')
        self.env['res.currency.rate'].create(
            {'name': '2020-01-01', 'currency_id': euro.id, 'rate': 0.9}
        ).company_id = self.env.company
        usable = euro._shopify_get_usable(self.env.company + other + branch)
        self.assertEqual(usable, {(euro, self.env.company), (euro, branch)})

    def test_connecting_says_that_a_rate_is_missing(self):
        """R-01: the wizard connects the store and shows the words, with the way to the currency."""
        self.shop.unlink()
        self.store.unlink()
        self.twin.store.shop.currency_code = 'EUR'
        wizard = self.env['shopify.connect'].create(
            {
                'domain': self.twin.url,
                'auth_method': 'token',
                'access_token': self.twin.token,
            }
        )
        wizard.action_connect()
        self.assertEqual(wizard.store_id.state, 'connected')
        self.assertIn('EUR', wizard.rate_warning)
        action = wizard.action_view_currency()
        self.assertEqual(
            self.env[action['res_model']].browse(action['res_id']), self.get_currency('EUR')
        )
        self.assertIn('EUR', wizard.shop_id.rate_warning)
        self.set_rates('EUR')
        wizard.shop_id.invalidate_recordset()
        self.assertFalse(wizard.shop_id.rate_warning)

    def test_a_store_that_changes_its_currency_says_so(self):
        """R-01: the connection stays, the test of it warns."""
        self.twin.store.shop.currency_code = 'EUR'
        answer = self.store.action_test_connection()
        self.assertEqual(self.store.state, 'connected')
        self.assertEqual(answer['params']['type'], 'warning')
        self.assertIn("no exchange rate for EUR", answer['params']['message'])
        self.set_rates('EUR')
        self.assertEqual(self.store.action_test_connection()['params']['type'], 'success')

    def test_orders_wait_for_a_rate_and_go_on_with_it(self):
        """R-01, M-08: rates that are deleted later stop orders; a new one lets them go on."""
        self.set_rates('EUR')
        self.set_store_currency('EUR')
        self.env['res.currency.rate'].search([]).unlink()
        order = self.import_order(currency='EUR', lineItems=[bag_line('EUR', '10.00')])
        self.assertEqual((order.error_code, order.error_subject), ('no_rate', 'EUR'))
        self.assertFalse(order.sale_order_ids)
        self.set_rates('EUR')
        self.run_import()
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual(order.sale_order_ids.currency_id.name, 'EUR')


def bag(currency, amount, buyers=None, theirs=None):
    """Return the input of a money bag with two sides."""
    shop = {'amount': str(amount), 'currencyCode': currency}
    if buyers is None:
        return {'shopMoney': shop, 'presentmentMoney': shop}
    return {
        'shopMoney': shop,
        'presentmentMoney': {'amount': str(theirs), 'currencyCode': buyers},
    }


def bag_line(*sides, quantity=1, **values):
    """Return the input of an order line of mugs, :func:`bag` its price."""
    return {
        'title': "Mug",
        'sku': 'MUG',
        'quantity': quantity,
        'priceSet': bag(*sides),
        'requiresShipping': True,
        **values,
    }


@tagged('post_install', '-at_install')
class TestBuyersCurrency(Comparison, CurrencyCase):
    """R-02: documents in the currency of the store, or of the buyer where the shop says so."""

    def setUp(self):
        super().setUp()
        self.set_rates()
        self.shop.currency_policy = 'buyer'

    def put_yen_order(self, **values):
        """Create an order of 2 mugs at 10.00 USD = 1,503 JPY, with tax and shipping."""
        taxes = [{'title': "Tax", 'rate': 0.1, 'priceSet': bag('USD', '2.00', 'JPY', '301')}]
        return self.put_order(
            **{
                'currency': 'USD',
                'presentmentCurrency': 'JPY',
                'lineItems': [bag_line('USD', '10.00', 'JPY', '1503', quantity=2, taxLines=taxes)],
                'shippingLines': [
                    {'title': "Standard", 'priceSet': bag('USD', '4.90', 'JPY', '737')}
                ],
                **values,
            }
        )

    def import_yen_order(self, **values):
        gid = self.put_yen_order(**values)
        self.run_import()
        return self.get_order(gid)

    def pay(self, **values):
        """Return the input of a payment of all of the order of yen."""
        return {
            'kind': 'SALE',
            'status': 'SUCCESS',
            'gateway': 'manual',
            'amountSet': bag('USD', '26.90', 'JPY', '4044'),
            **values,
        }

    def ship(self, gid):
        """Ship all of an order in Shopify."""
        data = self.twin.execute(FULFILLMENT_ORDERS, {'id': gid})['data']
        parts = [
            {'fulfillmentOrderId': node['id']}
            for node in data['order']['fulfillmentOrders']['nodes']
        ]
        given = {'lineItemsByFulfillmentOrder': parts}
        answer = self.twin.execute(FULFILL, {'fulfillment': given})
        self.assertFalse(answer['data']['fulfillmentCreate']['userErrors'])

    # === WHICH SIDE === #

    def test_the_store_s_currency_is_the_default(self):
        """R-02: whatever the buyer paid in; the buyer's total is kept beside."""
        shop = self.env['shopify.shop'].create({'name': "New", 'store_id': self.store.id})
        self.assertEqual(shop.currency_policy, 'store')
        self.shop.currency_policy = 'store'
        order = self.import_yen_order()
        self.assertEqual(order.sale_order_ids.currency_id.name, 'USD')
        self.assertEqual((order.total, order.sale_order_ids.amount_total), (26.9, 26.9))
        self.assertEqual(order.presentment_currency_id.name, 'JPY')
        self.assertEqual(order.presentment_total, 4044)
        self.assertEqual((order.store_currency_id.name, order.store_total), ('USD', 26.9))

    def test_documents_in_the_buyer_s_currency(self):
        """R-02, M-01: every amount of order and document is the buyer's; the store's is beside."""
        order = self.import_yen_order(transactions=[self.pay()])
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual(order.currency_id.name, 'JPY')
        self.assertEqual((order.subtotal, order.total_shipping), (3006, 737))
        self.assertEqual((order.total_tax, order.total, order.expected_total), (301, 4044, 4044))
        self.assertEqual((order.total_received, order.total_outstanding), (4044, 0))
        self.assertEqual(order.line_ids.price_unit, 1503)
        self.assertEqual(order.tax_line_ids.amount, 301)
        self.assertEqual(order.shipping_line_ids.price, 737)
        payment = order.transaction_ids
        self.assertEqual((payment.amount, payment.currency_id.name), (4044, 'JPY'))
        self.assertEqual((payment.store_amount, payment.store_currency_id.name), (26.9, 'USD'))
        self.assertEqual((order.store_currency_id.name, order.store_total), ('USD', 26.9))
        sale = order.sale_order_ids
        self.assertEqual((sale.currency_id.name, sale.amount_total), ('JPY', 4044))
        self.assertEqual(sale.amount_tax, 301)
        self.assertEqual((order.document_total, order.difference), (4044, 0))
        self.assertEqual(sale.pricelist_id.currency_id.name, 'JPY')

    def test_a_buyer_in_the_store_s_currency(self):
        """R-02: both sides are the same; company currency needs no price list."""
        order = self.import_order()
        self.assertEqual(order.currency_policy, 'buyer')
        self.assertEqual(order.sale_order_ids.currency_id.name, 'USD')
        self.assertFalse(order.sale_order_ids.pricelist_id)

    def test_the_choice_of_an_order_is_kept(self):
        """R-02: a change of the rule is for orders to come, also when documents are made anew."""
        self.shop.auto_create_orders = False
        order = self.import_yen_order()
        self.shop.currency_policy = 'store'
        order._read_again()
        self.assertEqual((order.currency_id.name, order.total), ('JPY', 4044))
        self.assertEqual(order.line_ids.price_unit, 1503)
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.amount_total, 4044)
        sale = order.sale_order_ids
        order.action_unlink_documents()
        order.action_sync()
        order.action_create_documents()
        self.assertNotEqual(order.sale_order_ids, sale)
        self.assertEqual(order.sale_order_ids.currency_id.name, 'JPY')
        later = self.import_yen_order()
        self.assertEqual((later.currency_id.name, later.total), ('USD', 26.9))

    def test_an_order_of_the_store_s_currency_keeps_it_too(self):
        """R-02: the other way round: orders that exist stay in the currency of the store."""
        self.shop.write({'currency_policy': 'store', 'auto_create_orders': False})
        order = self.import_yen_order()
        self.shop.currency_policy = 'buyer'
        order._read_again()
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.currency_id.name, 'USD')
        self.assertEqual(order.sale_order_ids.amount_total, 26.9)

    def test_all_bags_of_an_order_are_read_from_one_side(self):
        """R-02, M-01: whatever has two amounts, however deep, says the buyer's."""
        self.put_yen_order(transactions=[self.pay()])
        self.twin.generate(70, seed=3)
        for order in self.read_shopify().values():
            self.assertFalse(any(found.is_presented for found in bags_of(order)), order.name)
            seen = order.in_buyer_currency()
            self.assertTrue(all(found.is_presented for found in bags_of(seen)), order.name)

    # === WHAT FOLLOWS === #

    def test_the_invoice_of_a_shipped_order(self):
        """R-02, R-69: delivered and invoiced in the buyer's currency, net and taxes alike."""
        gid = self.put_yen_order()
        self.ship(gid)
        self.run_import()
        order = self.get_order(gid)
        self.assertFalse(order.follow_error)
        invoice = order.invoice_ids
        self.assertEqual((invoice.state, invoice.currency_id.name), ('posted', 'JPY'))
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (4044, 301))

    def test_gift_cards_only(self):
        """R-02, R-70: an order of nothing but gift cards is invoiced in the buyer's currency."""
        self.twin.store.buyers_currency = 'JPY'
        self.twin.generate(3, seed=2, profile=['gift_card_sold'])
        self.twin.generate(3, seed=2, profile=['gift_card_used'])
        self.shop.create_products = True
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        shopify = self.read_shopify()
        for order in orders:
            self.check_equal(order, Books(shopify[order.shopify_id].in_buyer_currency()))
        cards = orders.filtered(lambda order: order._is_gift_cards_only())
        for order in cards:
            self.assertEqual(order.invoice_ids.currency_id.name, 'JPY')
            self.assertEqual(order.invoice_ids.amount_total, order.expected_total)

    def test_mark_as_paid(self):
        """R-02, R-62: what is outstanding is the buyer's, before and after."""
        order = self.import_yen_order()
        self.assertEqual((order.total_outstanding, order.total_received), (4044, 0))
        order.action_mark_as_paid()
        self.assertEqual((order.total_outstanding, order.total_received), (0, 4044))
        self.assertEqual(order.transaction_ids.amount, 4044)
        self.assertEqual(order.transaction_ids.store_amount, 26.9)

    # === SEVERAL CURRENCIES === #

    def test_buyers_of_several_currencies_in_one_batch(self):
        """R-02: each order on the price list of its currency; one list each, made once."""
        self.shop.auto_confirm_orders = False
        sides = (('JPY', '1503'), ('KWD', '3.073'), ('EUR', '9.01'), ('JPY', '2000'))
        gids = [
            self.put_order(
                presentmentCurrency=code, lineItems=[bag_line('USD', '10.00', code, theirs)]
            )
            for code, theirs in sides
        ]
        self.run_import()
        for gid, (code, theirs) in zip(gids, sides, strict=True):
            order = self.get_order(gid)
            self.assertEqual(order.document_state, 'done', order.error_message)
            sale = order.sale_order_ids
            self.assertEqual((sale.currency_id.name, sale.amount_total), (code, float(theirs)))
        lists = self.env['product.pricelist'].search(
            [('name', '=like', 'Shopify %'), ('company_id', '=', self.env.company.id)]
        )
        self.assertEqual(sorted(lists.mapped('currency_id.name')), ['EUR', 'JPY', 'KWD'])
        self.assertTrue(all(lists.currency_id.mapped('active')))

    def test_a_currency_costs_a_query_and_an_order_none(self):
        """R-02, batches: price lists are found once for a batch, whatever its size."""
        self.shop.write({'auto_create_orders': False, 'auto_confirm_orders': False})
        gids = [self.put_yen_order() for _ in range(24)]
        self.run_import()
        orders = self.env['shopify.order'].search([('shopify_id', 'in', gids)])
        orders[0]._create_documents()  # the first one makes mappings and the price list
        few, many = orders[1:4], orders[4:]
        counts = []
        for part in (few, many):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            part._map_documents()
            part.shop_id._get_document_defaults(part.currency_id)
            part._set_currency_rates()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 2 * (len(many) - len(few)))

    def test_the_shop_tells_which_currencies_of_buyers_lack_a_rate(self):
        """R-01, R-02: a hint and no refusal: those that Shopify lets buyers pay in."""
        self.twin.store.shop.enabled_presentment_currencies = ['USD', 'JPY', 'KWD', 'EUR']
        self.get_currency('KWD').rate_ids.unlink()
        self.get_currency('EUR').rate_ids.unlink()
        self.store._test_connection()
        self.assertFalse(self.shop.rate_warning)
        self.assertIn("EUR, KWD", self.shop.buyer_rate_hint)
        self.assertNotIn('JPY', self.shop.buyer_rate_hint)
        self.shop.currency_policy = 'store'
        self.assertFalse(self.shop.buyer_rate_hint)
        self.set_rates('EUR', 'KWD')
        self.shop.currency_policy = 'buyer'
        self.assertFalse(self.shop.buyer_rate_hint)

    def test_a_buyer_s_currency_without_a_rate(self):
        """R-01, R-02: the shop is fine without rates of all currencies; the order waits for its."""
        self.get_currency('JPY').rate_ids.unlink()
        self.get_currency('JPY').active = False
        order = self.import_yen_order()
        other = self.import_order()
        self.assertEqual((order.error_code, order.error_subject), ('no_rate', 'JPY'))
        self.assertIn("Currencies", order.error_message)
        self.assertTrue(order.currency_id.active)
        self.assertEqual(other.document_state, 'done')
        self.set_rates('JPY')
        self.run_import()
        self.assertEqual(order.sale_order_ids.currency_id.name, 'JPY')

    def test_a_buyer_s_currency_that_odoo_does_not_know(self):
        """R-02: it matters only where documents are in it."""
        sides = {'presentmentCurrency': 'JEP', 'lineItems': [bag_line('USD', '10', 'JEP', '8')]}
        gid = self.put_order(**sides)
        self.run_import()
        self.assertEqual(self.get_row(gid).error_code, 'no_currency')
        self.assertEqual(self.get_row(gid).error_subject, 'JEP')
        self.shop.currency_policy = 'store'
        order = self.import_order(**sides)
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertFalse(order.presentment_currency_id)

    def test_a_currency_that_odoo_rounds_more_than_shopify(self):
        """M-01: amounts that Odoo cannot hold stop the order instead of being rounded away."""
        self.get_currency('JPY').rounding = 10
        gid = self.put_yen_order()
        self.run_import()
        row = self.get_row(gid)
        self.assertEqual((row.error_code, row.error_subject), ('currency_decimals', 'JPY'))
        self.assertIn('4044', row.error_message)

    # === ALL KINDS === #

    def check_all_kinds(self, currency, buyers):
        """Import an order of each kind, paid in another currency, and compare every part."""
        self.set_store_currency(currency)
        self.shop.write({'create_products': True, 'import_test_orders': True})
        self.twin.store.buyers_currency = buyers
        self.twin.generate(80, seed=8)
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        failed = orders.filtered(lambda order: order.document_state == 'failed')
        self.assertFalse(failed, failed.mapped('error_message'))
        self.assertFalse(orders.filtered('follow_error').mapped('follow_error'))
        foreign = orders.filtered(lambda order: order.currency_id.name == buyers)
        self.assertGreater(len(foreign), 60)
        shopify = self.read_shopify()
        for order in orders.filtered(lambda order: order.document_state == 'done'):
            with self.subTest(order=order.name, kind=self.twin.store.kinds[order.shopify_id]):
                seen = shopify[order.shopify_id].in_buyer_currency()
                self.check_equal(order, Books(seen))
                self.assertEqual(order.store_total, float(seen.total.shop))
                for invoice in order.invoice_ids:
                    self.assertEqual(invoice.currency_id, order.currency_id)
                    self.assertEqual(invoice.amount_total, order.sale_order_ids.amount_total)

    def test_all_kinds_in_yen(self):
        """R-02, M-01: a store in euros, buyers in a currency without decimals."""
        self.check_all_kinds('EUR', 'JPY')

    def test_all_kinds_in_dinars(self):
        """R-02, M-01: a store without decimals, buyers with three."""
        self.check_all_kinds('JPY', 'KWD')

    def test_all_kinds_in_euros(self):
        """R-02, M-01: a store with three decimals, buyers with two."""
        self.check_all_kinds('KWD', 'EUR')


def bags_of(value):
    """Yield the money bags in a dataclass, however deep."""
    if isinstance(value, MoneyBag):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from bags_of(item)
    elif hasattr(value, '__dataclass_fields__'):
        for name in value.__dataclass_fields__:
            yield from bags_of(getattr(value, name))


@tagged('post_install', '-at_install')
class TestStoreWithDecimals(CurrencyCase):
    def test_prices_of_three_decimals(self):
        """R-02, M-01: a price of 0.375 KWD stays what it is, seven times it too."""
        self.set_rates('KWD')
        self.set_store_currency('KWD')
        order = self.import_order(currency='KWD', lineItems=[bag_line('KWD', '0.375', quantity=7)])
        self.assertEqual(order.line_ids.price_unit, 0.375)
        self.assertEqual(order.line_ids.subtotal, 2.625)
        self.assertEqual(order.sale_order_ids.order_line.price_unit, 0.375)
        self.assertEqual(order.sale_order_ids.amount_total, 2.625)
        self.assertEqual(order.difference, 0)


@tagged('post_install', '-at_install')
class TestDayOfTheRate(CurrencyCase):
    """R-01, R-27: the rate of a document is that of the day on which the buyer ordered."""

    def setUp(self):
        super().setUp()
        self.set_rates('EUR')
        self.set_store_currency('EUR')
        euro = self.get_currency('EUR')
        for day in range(1, 5):
            euro.rate_ids = [Command.create({'name': date(2026, 11, day), 'rate': 0.5 + day / 10})]

    def check_rate(self, zone, moment, rate):
        """Import an order that was made at a moment; sales order and invoice have the rate."""
        self.env.company.partner_id.tz = zone
        self.store.orders_synced_until = False
        with self.twin.store.clock.at(moment):
            gid = self.put_order(currency='EUR', lineItems=[bag_line('EUR', '10.00')])
            self.ship(gid)
        self.run_import()
        order = self.get_order(gid)
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertAlmostEqual(order.currency_rate, rate)
        self.assertAlmostEqual(order.sale_order_ids.currency_rate, rate)
        self.assertAlmostEqual(order.invoice_ids.invoice_currency_rate, rate)
        receivable = order.invoice_ids.line_ids.filtered('debit')
        self.assertAlmostEqual(receivable.debit, round(10 / rate, 2))

    ship = TestBuyersCurrency.ship

    def test_the_rate_of_the_day_of_the_order(self):
        """R-01, R-27: the company's day around midnight, UTC-10 … UTC+14, and in UTC."""
        early = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
        late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
        for zone, moment, rate in (
            ('UTC', late, 0.7),
            (False, early, 0.7),
            ('Europe/Berlin', late, 0.8),
            ('Pacific/Kiritimati', late, 0.8),
            ('Pacific/Honolulu', early, 0.6),
            ('America/New_York', early, 0.6),
        ):
            with self.subTest(zone=zone, moment=moment):
                self.check_rate(zone, moment, rate)

    def test_the_rate_follows_the_date_of_the_quotation(self):
        """R-01: who changes the date of a draft gets the rate of that day."""
        self.shop.auto_confirm_orders = False
        with self.twin.store.clock.at(datetime(2026, 11, 1, 12, 0, tzinfo=UTC)):
            gid = self.put_order(currency='EUR', lineItems=[bag_line('EUR', '10.00')])
        self.run_import()
        sale = self.get_order(gid).sale_order_ids
        self.assertAlmostEqual(sale.currency_rate, 0.6)
        sale.date_order = datetime(2026, 11, 3, 12, 0)  # noqa: DTZ001 (Odoo keeps UTC without zone)
        self.assertAlmostEqual(sale.currency_rate, 0.8)
