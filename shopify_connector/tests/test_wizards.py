"""The import that a user starts, with filters."""

from datetime import UTC, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ShopifyCase, money

PAID = [{'kind': 'SALE', 'status': 'SUCCESS', 'gateway': 'manual', 'amountSet': money('10.00')}]


@tagged('post_install', '-at_install')
class TestImportWizard(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.shop.auto_import = False

    def import_with(self, **values):
        """Run the wizard and then the scheduled action that it wakes."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            wizard = self.env(cr=cr)['shopify.import.orders'].create(
                {'shop_id': self.shop.id, **values}
            )
            wizard.action_import()
        self.run_import()

    def imported(self, gids):
        return [bool(self.get_order(gid)) for gid in gids]

    def test_only_paid_orders(self):
        """R-43: a filter on the payment works."""
        gids = [self.put_order(transactions=PAID), self.put_order()]
        self.import_with(import_domain="[('fully_paid', '=', True)]")
        self.assertEqual(self.imported(gids), [True, False])

    def test_one_tag_among_several_whatever_its_case(self):
        """R-44: a tag filter matches one of several tags, case-insensitively on demand."""
        gids = [self.put_order(tags=['a', 'Wholesale']), self.put_order(tags=['retail'])]
        self.import_with(import_domain="[('tag_ids.name', '=ilike', 'wholesale')]")
        self.assertEqual(self.imported(gids), [True, False])

    def test_without_a_filter_everything_comes(self):
        """R-49: no filter means all rows."""
        gids = [self.put_order(), self.put_order()]
        self.import_with()
        self.assertEqual(self.imported(gids), [True, True])

    def test_a_period(self):
        """R-42: orders of a period, read from Shopify whatever the cursor says."""
        clock = self.twin.store.clock
        gids = []
        for day in (1, 2, 3):
            with clock.at(datetime(2026, 10, day, 12, 0, tzinfo=UTC)):
                gids.append(self.put_order())
        self.import_with(
            mode='period', date_from='2026-10-02 00:00:00', date_to='2026-10-02 23:59:59'
        )
        self.assertEqual(self.imported(gids), [False, True, False])

    def test_certain_orders_by_number_and_by_address(self):
        """R-42: one order by the number people know, one by its page in the admin."""
        gids = [self.put_order() for _ in range(3)]
        name = self.twin.store.get(gids[0]).name
        url = 'https://admin.shopify.com/store/x/orders/' + gids[1].split('/')[-1]
        self.import_with(mode='single', order_names=f'{name}, {url}')
        self.assertEqual(self.imported(gids), [True, True, False])

    def test_nothing_found_is_said(self):
        """Bad input: a number nobody has, and nothing at all."""
        with self.assertRaisesRegex(UserError, "Nothing to import"):
            self.import_with(mode='single', order_names="#99999")
        with self.assertRaisesRegex(UserError, "at least one order number"):
            self.import_with(mode='single', order_names=" , ")

    def test_a_filter_is_saved_per_shop_for_the_schedule(self):
        """R-45: the scheduled action follows the filter of the shop."""
        self.shop.write({'auto_import': True, 'import_domain': "[('fully_paid', '=', True)]"})
        gids = [self.put_order(transactions=PAID), self.put_order()]
        self.run_import()
        self.assertEqual(self.imported(gids), [True, False])
        self.assertFalse(self.get_row(gids[1]).shop_id, "it waits for a shop that wants it")

    def test_a_filter_that_cannot_be_read_is_refused(self):
        """Bad input: the shop says so when it is saved."""
        for text in ("[('nope', '=', 1)]", "[(", "import os"):
            with self.assertRaises(UserError):
                self.shop.import_domain = text
