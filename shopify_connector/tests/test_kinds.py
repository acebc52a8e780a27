"""Hundreds of orders of all kinds through the whole addon, with some that fail among them."""

from collections import defaultdict
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..shopify_api import fetch
from ..shopify_api.money import to_decimal
from .common import ShopifyCase
from .test_api_totals import Books, Local

ORDERS = 500


class Comparison:
    """Sales orders against Shopify's own figures; for cases of :class:`ShopifyCase`."""

    def read_shopify(self):
        """Return gid → order, read directly from the twin."""
        gids = [order.id for order in self.twin.store.all('Order')]
        found = {}
        for start in range(0, len(gids), fetch.ORDERS_PER_REQUEST):
            part = gids[start : start + fetch.ORDERS_PER_REQUEST]
            found.update(fetch.orders(Local(self.twin), part))
        return found

    def check_equal(self, order, books):
        """Compare the sales order with Shopify's own figures, part by part."""
        sale = order.sale_order_ids
        cents = rounder(sale)
        self.assertEqual(sale.currency_id.name, books.order.total.currency)
        expected = books.order.expected_document_total().amount
        self.assertEqual(cents(sale.amount_total), cents(expected))
        self.assertEqual(order.difference, 0)
        self.assertFalse(
            sale.order_line.filtered(lambda line: line.product_id == self.shop.rounding_product_id),
            "rounding settled what should have been exact",
        )
        nets, shipping = {}, Decimal(0)
        for what, amounts, _taxes in books.lines:
            if what == 'shipping':
                shipping += amounts.net
            elif hasattr(what, 'gid'):
                nets[what.gid] = cents(amounts.net)
        items = sale.order_line.filtered('shopify_line_id')
        self.assertEqual(
            {line.shopify_line_id.shopify_id: cents(line.price_subtotal) for line in items}, nets
        )
        charges = sale.order_line.filtered('is_delivery')
        self.assertEqual(cents(sum(charges.mapped('price_subtotal'))), cents(shipping))
        self.check_taxes(order, books)

    def check_taxes(self, order, books):
        """Compare each tax of the sales order with the sum of Shopify's tax lines of it."""
        cents = rounder(order.sale_order_ids)
        expected = defaultdict(lambda: Decimal(0))
        for (title, rate), amount in books.taxes().items():
            mapping = order.tax_line_ids.tax_id.filtered(
                lambda tax, title=title, rate=rate: (
                    tax.title == title and abs(tax.rate - float(rate) * 100) < 1e-6
                )
            )
            expected[mapping.tax_id] += amount
        found = defaultdict(lambda: Decimal(0))
        for line in order.sale_order_ids.order_line.filtered('tax_ids'):
            base = line._prepare_base_line_for_taxes_computation()
            self.env['account.tax']._add_tax_details_in_base_line(base, line.company_id)
            self.env['account.tax']._round_base_lines_tax_details([base], line.company_id)
            for data in base['tax_details']['taxes_data']:
                found[data['tax']] += cents(data['tax_amount_currency'])
        self.assertEqual(
            {tax: amount for tax, amount in found.items() if amount},
            {tax: cents(amount) for tax, amount in expected.items() if amount},
        )


@tagged('post_install', '-at_install')
class TestKinds(Comparison, ShopifyCase):
    def setUp(self):
        super().setUp()
        self.env['res.currency.rate'].create(
            {'name': '2020-01-01', 'currency_id': self.env.ref('base.EUR').id, 'rate': 0.9}
        )
        self.twin.store.shop.currency_code = 'EUR'
        self.store._test_connection()
        self.shop.write({'create_products': True, 'import_test_orders': True})

    def plant_failures(self):
        """Make some orders fail in three ways; return the names of the orders."""
        names = sorted(order.name for order in self.twin.store.all('Order'))
        ways = {name: index % 3 for index, name in enumerate(names[10::41])}
        sale_class = self.env.registry['sale.order']
        prepare = sale_class._shopify_prepare_values

        def fail(model, order, defaults):
            values = prepare(model, order, defaults)
            way = ways.get(order.name)
            if way == 0:
                raise UserError(self.env._("planted"))
            if way == 1:
                return {**values, 'nonsense': 1}
            if way == 2:  # refused by PostgreSQL, in the middle of the batch
                return {**values, 'name': None, 'partner_id': False}
            return values

        self.patch(sale_class, '_shopify_prepare_values', fail)
        return set(ways)

    def test_five_hundred_orders_of_all_kinds(self):
        """B7, B2, M-01, peers.md 2.7 items 1, 3, 5, 10, 22: equal to the cent, each by itself.

        Orders that fail keep nothing and stop nobody; all others equal Shopify in grand total,
        each tax, shipping and net of each line.
        """
        self.twin.generate(ORDERS, seed=7)
        self.assertGreaterEqual(len(set(self.twin.store.kinds.values())), 40)
        planted = self.plant_failures()
        self.run_import()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        rows = self.env['shopify.order.import'].search([('store_id', '=', self.store.id)])
        self.assertFalse(rows.filtered(lambda row: row.state in ('failed', 'running')))
        self.check_outcome(orders, planted)
        shopify = self.read_shopify()
        for order in orders.filtered(lambda order: order.document_state == 'done'):
            with self.subTest(order=order.name, kind=self.twin.store.kinds[order.shopify_id]):
                self.check_equal(order, Books(shopify[order.shopify_id]))

    def check_outcome(self, orders, planted):
        """Exactly the planted orders failed, and nothing of them is left."""
        failed = orders.filtered(lambda order: order.document_state == 'failed')
        skipped = orders.filtered(lambda order: order.document_state == 'skipped')
        expected = planted & set((orders - skipped).mapped('name'))
        self.assertGreater(len(expected), 5)
        self.assertEqual(set(failed.mapped('name')), expected, set(failed.mapped('error_message')))
        self.assertTrue(all(failed.mapped('error_message')))
        self.assertFalse(failed.sale_order_ids)
        self.assertFalse(
            self.env['sale.order'].search(
                [
                    ('origin', 'in', failed.mapped('name')),
                    ('create_date', '>=', self.shop.create_date),
                ]
            )
        )
        done = orders.filtered(lambda order: order.document_state == 'done')
        self.assertEqual(set(done.sale_order_ids.mapped('state')), {'sale'})
        self.assertEqual(len(done.sale_order_ids), len(done))
        self.assertFalse([order.follow_error for order in done if order.follow_error])
        for order in done.filtered(lambda order: order.fulfillment_status == 'FULFILLED'):
            self.assertLessEqual(set(order.picking_ids.mapped('state')), {'done'}, order.name)
            self.assertEqual(order.invoice_ids.state, 'posted', order.name)
            self.assertEqual(order.invoice_ids.amount_total, order.sale_order_ids.amount_total)
            self.assertEqual(order.invoice_ids.invoice_date, order.document_date)


def rounder(sale):
    """Return what rounds amounts to the decimals of the currency of a sales order."""
    digits = sale.currency_id.decimal_places
    return lambda amount: to_decimal(amount, digits)
