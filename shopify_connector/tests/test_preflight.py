"""The look ahead at the last orders of a store, which writes nothing (M-07)."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ShopifyCase, line, tax

# All that an import writes to, besides its own tables.
WATCHED = (
    'account.move',
    'account.tax',
    'product.pricelist',
    'product.product',
    'res.partner',
    'sale.order',
    'stock.picking',
)


@tagged('post_install', '-at_install')
class TestPreflight(ShopifyCase):
    def check(self, count=50):
        """Run the check and return the wizard."""
        wizard = self.env['shopify.preflight'].create({'shop_id': self.shop.id, 'count': count})
        wizard.action_check()
        return wizard

    def counts(self):
        """Return how many rows each table has that a check must leave alone."""
        names = [
            *WATCHED,
            *(
                name
                for name, model in self.env.registry.items()
                if name.startswith('shopify.') and not model._transient and not model._abstract
            ),
        ]
        return {
            name: self.env[name].with_context(active_test=False).search_count([]) for name in names
        }

    def next_number(self):
        """Return the last number that the sequence of sales orders gave."""
        sequence = self.env['ir.sequence'].search([('code', '=', 'sale.order')], limit=1)
        table = SQL.identifier(f'ir_sequence_{sequence.id:03d}')
        return self.env.execute_query(SQL("SELECT last_value, is_called FROM %s", table))

    def put_mixed_orders(self):
        """Create five orders: a good one, three that lack something, a cancelled one."""
        self.put_order()
        self.put_order(
            lineItems=[
                line("Lamp", '5.00', sku='LAMP'),
                line("Chair", '7.00', sku='CHAIR', taxLines=[tax("Moon VAT", 0.77, '5.39')]),
            ]
        )
        self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.put_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("Moon VAT", 0.77, '7.70')])]
        )
        cancelled = self.put_order()
        self.twin.execute(
            """mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true,
               refundMethod: {originalPaymentMethodsRefund: true}) { job { id } } }""",
            {'id': cancelled},
        )

    def test_all_that_is_missing_is_listed(self):
        """M-07: every missing mapping of every order, not only the first one of each."""
        self.shop.tax_policy = 'ask'
        self.put_mixed_orders()
        wizard = self.check()
        self.assertEqual((wizard.checked_count, wizard.good_count), (5, 1))
        self.assertEqual((wizard.failed_count, wizard.skipped_count), (3, 1))
        found = {finding.subject.split(' ')[0]: finding for finding in wizard.finding_ids}
        self.assertEqual(
            {name: finding.order_count for name, finding in found.items()},
            {'LAMP': 2, 'CHAIR': 1, 'Moon': 2},
        )
        self.assertIn("LAMP", found['LAMP'].message)
        self.assertEqual(len(found['LAMP'].order_names.split(', ')), 2)

    def test_nothing_is_written(self):
        """M-07: no document, staged order, mapping, contact, product, tax, or number is used."""
        self.shop.create_products = True  # the policies that write most
        self.put_mixed_orders()
        before, number = self.counts(), self.next_number()
        self.assertGreater(len(before), 25)
        wizard = self.check()
        self.assertEqual((wizard.good_count, wizard.failed_count), (4, 0))
        self.assertFalse(wizard.finding_ids)
        self.assertEqual(self.counts(), before)
        self.assertEqual(self.next_number(), number)

    def test_only_reading_reaches_shopify(self):
        """M-07: read only in Shopify too."""
        self.put_order()
        self.twin.requests.clear()
        self.check()
        operations = {request.operation for request in self.twin.requests}
        self.assertEqual(operations, {'OrdersToImport', 'OrdersByIds'})

    def test_only_the_newest_orders_are_read(self):
        """M-07: the last N; archived ones too."""
        self.put_order(lineItems=[line("Old", '5.00', sku='OLD')])
        newest = self.put_order(lineItems=[line("New", '5.00', sku='NEW')])
        self.twin.execute(
            "mutation ($id: ID!) { orderClose(input: {id: $id}) { userErrors { message } } }",
            {'id': newest},
        )
        wizard = self.check(count=1)
        self.assertEqual(wizard.finding_ids.subject, 'NEW')
        with self.assertRaises(ValidationError):
            self.check(count=0)

    def test_an_order_that_cannot_be_read_or_made_says_why(self):
        """M-07: an unknown currency, a fault in Odoo; the others are checked all the same."""
        self.put_order()
        self.put_order(note="break me")
        self.twin.store.shop.currency_code = 'JEP'
        self.put_order(currency='JEP', lineItems=[line("Mug", '10.00', currency='JEP')])
        self.twin.store.shop.currency_code = 'USD'
        sale_class = self.env.registry['sale.order']
        prepare = sale_class._shopify_prepare_values
        self.patch(
            sale_class,
            '_shopify_prepare_values',
            lambda model, order, defaults: {
                **prepare(model, order, defaults),
                **({'nonsense': 1} if order.note == "break me" else {}),
            },
        )
        wizard = self.check()
        self.assertEqual((wizard.good_count, wizard.failed_count), (1, 2))
        self.assertEqual(
            set(wizard.finding_ids.mapped('title')), {"Currency missing", "Unexpected error"}
        )

    def test_orders_of_other_shops_and_done_orders_are_left_out(self):
        """M-07: the filter of the shop counts; what has documents is not tried again."""
        self.import_order()
        self.shop.import_domain = "[('tag_ids.name', '=', 'web')]"
        self.put_order(tags=['web'])
        self.put_order(tags=['pos'])
        wizard = self.check()
        self.assertEqual((wizard.good_count, wizard.done_count, wizard.other_count), (1, 1, 1))
