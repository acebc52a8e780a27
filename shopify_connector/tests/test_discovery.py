"""Step 1 of the import: which orders become rows of *Orders to Import*, and which do not."""

import time
from datetime import UTC, datetime, timedelta

from odoo.tests import tagged

from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyRequestError
from .common import ShopifyCase

CLOSE = "mutation ($id: ID!) { orderClose(input: {id: $id}) { userErrors { message } } }"
OPEN = "mutation ($id: ID!) { orderOpen(input: {id: $id}) { userErrors { message } } }"
UPDATE = "mutation ($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"


@tagged('post_install', '-at_install')
class TestDiscovery(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.twin.store.clock.set(datetime(2026, 11, 1, 8, 0, tzinfo=UTC))
        self.addCleanup(self.twin.store.clock.set, None)
        # Rows are looked at before their import.
        self.shop.auto_import = False

    def later(self, **delta):
        self.twin.store.clock.advance(timedelta(**delta or {'hours': 1}))

    def touch(self, gid, **values):
        answer = self.twin.execute(UPDATE, {'input': {'id': gid, **values}})
        self.assertFalse(answer['data']['orderUpdate']['userErrors'])

    def discover(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)['shopify.store'].browse(self.store.id)._discover_orders()
        self.env.invalidate_all()

    def searches(self):
        return [
            request.variables['query']
            for request in self.twin.requests
            if request.operation == 'OrdersToImport'
        ]

    def test_heads_become_rows(self):
        """R-46: step 1 collects order heads, with what filters need."""
        gid = self.put_order(tags=['VIP', 'Gift'], test=True)
        self.discover()
        row = self.get_row(gid)
        self.assertEqual(row.state, 'pending')
        self.assertEqual(set(row.tag_ids.mapped('name')), {'VIP', 'Gift'})
        self.assertTrue(row.test)
        self.assertEqual(row.total, 10.0)
        self.assertEqual(str(row.created_at), '2026-11-01 08:00:00')
        self.assertEqual(row.ship_country_id.code, 'US')

    def test_archived_orders_stay_out(self):
        """R-40: an order that is archived before we ever saw it is not imported."""
        gid = self.put_order()
        self.twin.execute(CLOSE, {'id': gid})
        self.discover()
        self.assertFalse(self.get_row(gid))
        # Not at the first run (status:open) and not later, when changes of all orders are read.
        self.put_order()
        self.discover()
        self.later()
        self.touch(gid, note="still archived")
        self.discover()
        self.assertFalse(self.get_row(gid))

    def test_unarchived_orders_come_in(self):
        """R-41: unarchiving is a change, and the order is open."""
        gid = self.put_order()
        self.twin.execute(CLOSE, {'id': gid})
        self.put_order()
        self.discover()
        self.later()
        self.twin.execute(OPEN, {'id': gid})
        self.discover()
        self.assertTrue(self.get_row(gid))

    def test_only_changes_since_the_last_time_are_read(self):
        """R-47: the second run asks from the cursor, less an overlap, in UTC."""
        self.put_order()
        self.discover()
        self.assertEqual(str(self.store.orders_synced_until), '2026-11-01 08:00:00')
        self.discover()
        self.assertEqual(self.searches(), ['status:open', "updated_at:>='2026-11-01T07:50:00Z'"])

    def test_a_touched_order_is_imported_again(self):
        """R-48: a note or a tag in Shopify is enough to bring an order in again."""
        self.shop.auto_import = True
        order = self.import_order()
        self.later()
        self.touch(order.shopify_id, note="please hurry")
        self.run_import()
        self.assertEqual(order.note, "please hurry")
        self.assertEqual(len(order.sale_order_ids), 1)

    def test_an_order_in_the_overlap_is_not_imported_twice(self):
        """R-47: what we know at this state already makes no row."""
        self.shop.auto_import = True
        order = self.import_order()
        imported_at = order.imported_at
        self.run_import()
        self.assertFalse(self.get_row(order.shopify_id))
        self.assertEqual(order.imported_at, imported_at)

    def test_a_change_in_the_second_of_the_import_is_not_missed(self):
        """R-47, R-48: Shopify's times have whole seconds; two changes may carry the same one."""
        self.shop.auto_import = True
        self.twin.store.clock.set(datetime.now(UTC).replace(microsecond=0))
        order = self.import_order()
        self.touch(order.shopify_id, note="in the same second")
        self.run_import()
        self.assertEqual(order.note, "in the same second")

    def test_a_change_in_the_second_of_the_read_is_not_missed_by_a_slow_worker(self):
        """R-47, R-48: the moment of the read counts, not that of staging, which may be later."""
        self.shop.auto_import = True
        self.twin.store.clock.set(datetime.now(UTC).replace(microsecond=0))
        original = fetch.orders

        def slow(*arguments, **options):
            found = original(*arguments, **options)
            for gid in found:
                self.touch(gid, note="after the read")
            time.sleep(2.1)
            return found

        self.patch(fetch, 'orders', slow)
        order = self.import_order()
        self.patch(fetch, 'orders', original)
        self.run_import()
        self.assertEqual(order.note, "after the read")

    def test_a_deleted_row_stays_out_until_the_order_changes(self):
        """R-53: deleting a row excludes the order; a later change brings it back."""
        gid = self.put_order()
        self.discover()
        self.get_row(gid).unlink()
        self.discover()
        self.assertFalse(self.get_row(gid))
        self.later()
        self.touch(gid, tags=['now'])
        self.discover()
        self.assertTrue(self.get_row(gid))

    def test_the_cursor_stays_when_a_page_is_lost(self):
        """A5: a run that did not read all pages is repeated whole."""
        for _ in range(3):
            self.put_order()
        self.patch_pages_of(2)
        self.twin.faults.add('http', 'OrdersToImport', nth=2, status=403)
        self.run_import()
        self.assertFalse(self.store.orders_synced_until)
        self.assertEqual(self.store.state, 'error')
        self.run_import()
        self.assertEqual(self.env['shopify.order.import'].search_count([]), 3)
        self.assertTrue(self.store.orders_synced_until)

    def patch_pages_of(self, size):
        self.patch(fetch, 'HEADS_PER_PAGE', size)

    def test_all_pages_are_read(self):
        """R-46: the list goes on until Shopify says it ends."""
        gids = [self.put_order() for _ in range(5)]
        self.patch_pages_of(2)
        self.discover()
        self.assertEqual(len([gid for gid in gids if self.get_row(gid)]), 5)

    def test_a_search_that_shopify_does_not_understand_is_an_error(self):
        """DESIGN 3: a dropped search field would import the whole shop."""
        self.put_order()
        with self.assertRaisesRegex(ShopifyRequestError, "ignored"):
            self.store._get_client().execute(
                'orders_to_import', first=1, after=None, query="colour:'red'"
            )

    def test_cancellations_are_seen(self):
        """R-47: a cancelled order is closed too; later runs read it all the same."""
        self.shop.auto_import = True
        order = self.import_order()
        self.later()
        self.twin.execute(
            """mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true,
               refundMethod: {originalPaymentMethodsRefund: true}) { job { id } } }""",
            {'id': order.shopify_id},
        )
        self.run_import()
        self.assertTrue(order.cancelled_at)
        self.assertTrue(order.closed)

    def test_orders_before_the_go_live_day_stay_out(self):
        """A merchant who goes live names the first day."""
        old = self.put_order()
        self.later(days=3)
        new = self.put_order()
        self.store.import_from = '2026-11-03'
        self.discover()
        self.assertFalse(self.get_row(old))
        self.assertTrue(self.get_row(new))

    def test_the_list_shows_the_newest_first_and_errors_with_their_reason(self):
        """R-51: newest on top."""
        first = self.put_order()
        self.later()
        second = self.put_order()
        self.discover()
        rows = self.env['shopify.order.import'].search([])
        self.assertEqual(rows.mapped('shopify_id'), [second, first])
