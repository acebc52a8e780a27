"""R-11: the number of Odoo's document on the order in Shopify; its echo; what may go wrong."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import new_test_user, tagged

from ..models.shopify_order_writeback import ATTRIBUTE
from ..shopify_api import attributes, send
from .common import ShopifyCase, line

UPDATE = "mutation ($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"
SETTLE_SECONDS = attributes.SETTLE_SECONDS
OTHERS = [{'key': 'Gift wrap', 'value': "blue"}, {'key': 'Door', 'value': "back"}]


class WritebackCase(ShopifyCase):
    def setUp(self):
        super().setUp()
        self.shop.write_order_number = True
        self.patch(attributes, 'SETTLE_SECONDS', 0.0)
        # The twin lives a minute ago, so that each second is over when it is looked at.
        self.clock = self.twin.store.clock
        self.clock.set(self.clock.now() - timedelta(minutes=1))
        self.addCleanup(self.clock.set, None)

    def write_back(self):
        """Run the scheduled write-back as the scheduler does, commits and all."""
        with self.enter_registry_test_mode():
            self.env.ref('shopify_connector.cron_write_numbers').method_direct_trigger()
        self.env.invalidate_all()

    def touch(self, gid, **values):
        """Change an order in Shopify as a merchant does, a second after what was before."""
        self.clock.advance(timedelta(seconds=1))
        answer = self.twin.execute(UPDATE, {'input': {'id': gid, **values}})
        self.assertFalse(answer['data']['orderUpdate']['userErrors'])

    def in_shopify(self, order):
        """Return the attributes that Shopify has, as pairs."""
        return [
            (item.key, item.value)
            for item in self.twin.store.get(order.shopify_id).custom_attributes
        ]

    def sent(self, operation='OrderUpdate'):
        """Return the requests of one operation that our client sent."""
        return [r for r in self.twin.requests if r.operation == operation]

    def count_events(self, order):
        return order.event_ids.mapped('kind').count('sent')


@tagged('post_install', '-at_install')
class TestWriteback(WritebackCase):
    def test_the_number_is_written_and_other_attributes_stay(self):
        """R-11: the number of the sales order becomes an attribute; the others keep their place."""
        order = self.import_order(customAttributes=OTHERS)
        self.assertEqual(order.writeback_state, 'pending')
        self.assertFalse(self.sent(), "nothing is sent before the documents are committed")
        self.write_back()
        number = order.sale_order_ids.name
        expected = [('Gift wrap', "blue"), ('Door', "back"), (ATTRIBUTE, number)]
        self.assertEqual(self.in_shopify(order), expected)
        self.assertEqual((order.writeback_state, order.writeback_number), ('done', number))
        self.assertEqual(
            [(item.key, item.value) for item in order.attribute_ids], expected, "staged as well"
        )
        self.assertIn(number, order.event_ids[-1].description)

    def test_off_by_default_and_off_at_once(self):
        """R-11: a toggle; switched off, nothing that waits is sent, switched on, it goes on."""
        self.assertFalse(self.env['shopify.shop'].new({}).write_order_number)
        self.shop.write_order_number = False
        plain = self.import_order()
        self.assertFalse(plain.writeback_state)
        self.shop.write_order_number = True
        order = self.import_order()
        self.shop.write_order_number = False
        self.write_back()
        self.assertFalse(self.sent())
        self.shop.write_order_number = True
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.assertFalse(plain.writeback_state, "what was made before is not touched")

    def test_what_is_there_is_not_sent_again(self):
        """R-11: the right value is there, by an earlier run that was killed: nothing is sent."""
        order = self.import_order()
        wanted = [*OTHERS, {'key': ATTRIBUTE, 'value': order.sale_order_ids.name}]
        self.touch(order.shopify_id, customAttributes=wanted)
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.assertFalse(self.sent())

    def test_a_wrong_value_is_replaced_in_its_place(self):
        """R-11: an attribute of the name that says something else, even twice, is put right."""
        order = self.import_order(
            customAttributes=[
                {'key': ATTRIBUTE, 'value': "S99999"},
                *OTHERS,
            ]
        )
        self.write_back()
        self.assertEqual(
            self.in_shopify(order),
            [(ATTRIBUTE, order.sale_order_ids.name), ('Gift wrap', "blue"), ('Door', "back")],
        )
        self.assertEqual(
            attributes.merged((('n', '1'), ('a', ''), ('n', '2')), 'n', '3'),
            (('n', '3'), ('a', '')),
        )

    def test_an_order_of_gift_cards_has_the_number_of_its_invoice(self):
        """R-11, R-70: the invoice is what a clerk looks for when only gift cards were sold."""
        self.shop.create_products = True
        self.twin.generate(12, seed=3, profile=['gift_card_sold'])
        self.run_import()
        self.write_back()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        cards = orders.filtered(lambda order: order._is_gift_cards_only())
        self.assertTrue(cards)
        self.assertTrue(orders - cards)
        for order in orders:
            document = order.invoice_ids if order in cards else order.sale_order_ids
            self.assertIn((ATTRIBUTE, document.name), self.in_shopify(order))

    def test_a_late_invoice_replaces_the_number_of_the_sales_order(self):
        """R-11, R-70: gift cards whose sales order is confirmed by hand, later."""
        self.shop.create_products = True
        self.shop.auto_confirm_orders = False
        self.twin.generate(12, seed=3, profile=['gift_card_sold'])
        self.run_import()
        self.write_back()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        order = orders.filtered(lambda order: order._is_gift_cards_only())[0]
        self.assertIn((ATTRIBUTE, order.sale_order_ids.name), self.in_shopify(order))
        order.sale_order_ids.action_confirm()
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.write_back()
        self.assertIn((ATTRIBUTE, order.invoice_ids.name), self.in_shopify(order))

    def test_new_documents_have_their_new_number_written(self):
        """R-11, R-71: unlinked and created again, the order has the number of the new one."""
        order = self.import_order()
        self.write_back()
        old = order.sale_order_ids
        order.action_unlink_documents()
        self.write_back()
        self.assertEqual(len(self.sent()), 1)
        order.action_create_documents()
        self.assertNotEqual(order.sale_order_ids, old)
        self.write_back()
        self.assertEqual(self.in_shopify(order), [(ATTRIBUTE, order.sale_order_ids.name)])

    def test_two_reads_for_many_orders_and_one_write_for_each(self):
        """R-11, M-03: 12 orders cost 14 requests."""
        gids = [self.put_order() for _ in range(12)]
        self.run_import()
        before = len(self.twin.requests)
        reads = len(self.sent('OrdersByIds'))
        self.write_back()
        self.assertEqual({self.get_order(gid).writeback_state for gid in gids}, {'done'})
        self.assertEqual((len(self.sent('OrdersByIds')) - reads, len(self.sent())), (2, 12))
        self.assertEqual(len(self.twin.requests) - before, 14)

    def test_a_user_may_have_it_written_a_stranger_may_not(self):
        """R-11: by hand for chosen orders, for example after the attribute was removed there."""
        order = self.import_order()
        self.write_back()
        self.touch(order.shopify_id, customAttributes=[])
        stranger = new_test_user(self.env, 'stranger', 'base.group_user')
        with self.assertRaises(AccessError):
            order.with_user(stranger).action_write_number()
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        order.with_user(clerk).action_write_number()
        self.write_back()
        self.assertEqual(self.in_shopify(order), [(ATTRIBUTE, order.sale_order_ids.name)])
        self.shop.write_order_number = False
        with self.assertRaisesRegex(UserError, "Switch on"):
            order.action_write_number()


@tagged('post_install', '-at_install')
class TestEcho(WritebackCase):
    """Our change moves ``updatedAt``: the order comes back, and nothing of it is new."""

    def assert_left_alone(self, order):
        """Assert that the next import does not stage the order again."""
        reads = len(self.sent('OrdersByIds'))
        self.run_import()
        self.assertFalse(self.get_row(order.shopify_id))
        self.assertEqual(len(self.sent('OrdersByIds')), reads, "read again")

    def test_the_echo_is_not_imported(self):
        """R-11: write-back, then discovery: Shopify says changed, no row, nothing staged again."""
        order = self.import_order(customAttributes=OTHERS)
        self.clock.advance(timedelta(seconds=5))
        self.write_back()
        self.assertEqual(
            order.updated_at,
            self.twin.store.get(order.shopify_id).updated_at.replace(tzinfo=None, microsecond=0),
        )
        self.assert_left_alone(order)

    def test_the_next_change_by_somebody_else_is_imported(self):
        """R-11, R-48: knowing the echo does not make us deaf."""
        order = self.import_order()
        self.write_back()
        self.touch(order.shopify_id, note="ring twice")
        self.run_import()
        self.assertEqual(order.note, "ring twice")

    def test_a_change_before_the_write_back_is_imported(self):
        """R-11: a merchant changed the order after it was staged, before the number came."""
        order = self.import_order()
        self.touch(order.shopify_id, note="ring twice")
        self.clock.advance(timedelta(seconds=5))
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.run_import()
        self.assertEqual(order.note, "ring twice")

    def test_a_change_between_read_and_write_is_imported(self):
        """R-11: our write hides the time of the merchant's change; the order itself shows it."""
        order = self.import_order()
        original = send.set_attributes

        def meddle(client, gid, pairs):
            self.touch(gid, note="ring twice")
            original(client, gid, pairs)

        self.patch(send, 'set_attributes', meddle)
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.run_import()
        self.assertEqual(order.note, "ring twice")

    def test_a_change_right_after_the_write_is_imported(self):
        """R-11: between our write and our look, even within the same second."""
        order = self.import_order()
        self.clock.advance(timedelta(seconds=5))
        original = send.set_attributes

        def meddle(client, gid, pairs):
            original(client, gid, pairs)
            self.twin.execute(UPDATE, {'input': {'id': gid, 'note': "ring twice"}})

        self.patch(send, 'set_attributes', meddle)
        self.write_back()
        self.run_import()
        self.assertEqual(order.note, "ring twice")

    def test_an_order_that_was_read_in_its_last_second_is_read_again(self):
        """R-11, R-48: what was not surely known before is not known by our own change."""
        self.patch(attributes, 'SETTLE_SECONDS', SETTLE_SECONDS)
        self.clock.set(self.twin_now())
        order = self.import_order()
        self.twin.execute(UPDATE, {'input': {'id': order.shopify_id, 'note': "in the same second"}})
        self.clock.set(None)
        self.write_back()
        self.run_import()
        self.assertEqual(order.note, "in the same second")

    def test_we_look_again_when_the_second_of_our_write_is_over(self):
        """R-11: with clocks that go as they do, the pause is long enough to know our echo."""
        self.patch(attributes, 'SETTLE_SECONDS', SETTLE_SECONDS)
        order = self.import_order()
        self.clock.set(None)
        self.write_back()
        self.assert_left_alone(order)

    def twin_now(self):
        return datetime.now(UTC).replace(microsecond=0)

    def test_an_echo_that_was_discovered_before_we_knew_is_taken_back(self):
        """R-11: the list of changes was read between our write and our look at it."""
        order = self.import_order()
        original = send.set_attributes
        case = self

        def discover(client, gid, pairs):
            case.clock.advance(timedelta(seconds=1))
            original(client, gid, pairs)
            with case.registry.cursor() as cr:
                store = case.env(cr=cr)['shopify.store'].browse(case.store.id)
                store._discover_orders()
                case.assertTrue(
                    store.env['shopify.order.import'].search([('shopify_id', '=', gid)])
                )

        self.patch(send, 'set_attributes', discover)
        self.write_back()
        self.assert_left_alone(order)


@tagged('post_install', '-at_install')
class TestTrouble(WritebackCase):
    def test_a_lost_answer_is_not_sent_twice(self):
        """R-11, M-02: Shopify did it, the answer was lost: the order is asked, and it is done."""
        order = self.import_order()
        self.twin.faults.add('drop_after', 'OrderUpdate', times=1)
        self.write_back()
        self.assertEqual(len(self.sent()), 1)
        self.assertEqual(order.writeback_state, 'done')
        self.assertEqual(self.in_shopify(order), [(ATTRIBUTE, order.sale_order_ids.name)])
        reads = len(self.sent('OrdersByIds'))
        self.run_import()
        self.assertEqual(len(self.sent('OrdersByIds')), reads, "the echo is known as well")

    def test_a_write_that_did_not_arrive_is_tried_later(self):
        """R-11: Shopify is down: no user sees an error, and nothing is claimed to be there."""
        order, other = self.import_order(), self.import_order()
        fault = self.twin.faults.add('http', 'OrderUpdate', status=503)
        self.write_back()
        self.assertEqual(len(self.sent()), 1, "the others wait, too")
        self.assertEqual((order.writeback_state, order.writeback_error), ('pending', False))
        self.twin.faults.remove(fault)
        (order + other).writeback_at = False
        self.write_back()
        self.assertEqual((order + other).mapped('writeback_state'), ['done', 'done'])

    def test_no_answer_to_the_first_read_puts_all_back(self):
        """R-11: nothing is sent blindly."""
        order = self.import_order()
        self.twin.faults.add('drop_before', 'OrdersByIds', times=4)
        self.write_back()
        self.assertFalse(self.sent())
        self.assertEqual(order.writeback_state, 'pending')
        self.assertTrue(order.writeback_at)

    def test_no_answer_to_the_second_read_costs_one_more_import(self):
        """R-11: the number is there; what else is there is read by the next import."""
        order = self.import_order()
        self.clock.advance(timedelta(seconds=5))
        fault = self.twin.faults.add('http', 'OrdersByIds', status=403)
        fault.seen = -1  # the first read goes well
        fault.nth = 1
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        imported_at = order.imported_at
        reads = len(self.sent('OrdersByIds'))
        self.run_import()
        self.assertEqual(len(self.sent('OrdersByIds')), reads + 1)
        self.assertGreaterEqual(order.imported_at, imported_at)

    def test_one_failing_order_does_not_stop_the_others(self):
        """R-11: the refused one says why and can be tried again; its neighbours are done."""
        orders = [self.import_order() for _ in range(3)]
        fault = self.twin.faults.add('http', 'OrderUpdate', nth=2, status=400)
        self.write_back()
        self.assertEqual([order.writeback_state for order in orders], ['done', 'failed', 'done'])
        self.assertIn("Shopify refused", orders[1].writeback_error)
        self.assertEqual(orders[1].document_state, 'done', "its documents stay")
        self.write_back()
        self.assertEqual(orders[1].writeback_state, 'failed', "not tried without being asked")
        self.twin.faults.remove(fault)
        orders[1].action_write_number()
        self.write_back()
        self.assertEqual(orders[1].writeback_state, 'done')
        self.assertFalse(orders[1].writeback_error)

    def test_an_order_that_shopify_has_no_more_says_so(self):
        """R-11: deleted in Shopify since; the other order is done."""
        gone, other = self.import_order(), self.import_order()
        gone.shopify_id = 'gid://shopify/Order/404'
        self.write_back()
        self.assertEqual((gone.writeback_state, other.writeback_state), ('failed', 'done'))
        self.assertIn("no such order", gone.writeback_error)

    def test_an_unreadable_order_does_not_stop_the_others(self):
        """R-11: an answer that cannot be read is narrowed down to its order."""
        bad, good = self.import_order(), self.import_order()
        original = attributes.fetch.orders

        def orders(client, gids, **options):
            if bad.shopify_id in gids:
                raise attributes.ShopifyUserError("unreadable")
            return original(client, gids, **options)

        self.patch(attributes.fetch, 'orders', orders)
        self.write_back()
        self.assertEqual((bad.writeback_state, good.writeback_state), ('failed', 'done'))

    def test_without_the_scope_the_toggle_says_which(self):
        """R-11: the app may read only: the shop says so where it is switched on; orders wait."""
        scopes = self.store.granted_scopes
        self.assertFalse(self.shop.write_order_warning)
        self.store.granted_scopes = 'read_orders'
        self.assertIn('write_orders', self.shop.write_order_warning)
        order = self.import_order()
        self.write_back()
        self.assertFalse(self.sent())
        self.assertEqual(order.writeback_state, 'pending')
        with self.assertRaisesRegex(UserError, 'write_orders'):
            order.action_write_number()
        self.store.granted_scopes = scopes
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')

    def test_a_scope_that_was_taken_away_is_noticed(self):
        """R-11: Shopify refuses though we thought we may: the store asks to be reconnected."""
        order = self.import_order()
        self.twin.access.set_scopes(
            [scope for scope in self.store.granted_scopes.split() if scope != 'write_orders']
            + ['read_orders']
        )
        self.addCleanup(self.twin.reset)
        self.write_back()
        self.assertEqual(self.store.state, 'error')
        self.assertEqual((order.writeback_state, order.writeback_error), ('pending', False))
        self.run_import()
        self.assertEqual(self.store.state, 'connected', "reading goes on")
        self.assertIn('write_orders', self.shop.write_order_warning)

    def test_killed_after_the_write_it_is_not_written_twice(self):
        """R-11, M-02: the worker died between Shopify's answer and its own commit."""

        class Killed(BaseException):
            pass

        def die(_self, _results):
            raise Killed

        order = self.import_order()
        model = self.env.registry['shopify.order']
        original = model._record_results
        self.patch(model, '_record_results', die)
        # Not assertRaises: Odoo's would take back what the worker had committed.
        with suppress(Killed), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)['shopify.order']._cron_write_numbers()
        self.env.invalidate_all()
        self.patch(model, '_record_results', original)
        self.assertEqual(len(self.sent()), 1)
        self.write_back()
        self.assertEqual(order.writeback_state, 'pending', "another worker may still have it")
        order.writeback_at = fields.Datetime.now() - timedelta(seconds=1)
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.assertEqual(len(self.sent()), 1)
        self.run_import()
        self.assertEqual(len(order.sale_order_ids), 1)
        self.assertFalse(self.get_row(order.shopify_id))

    def test_an_order_without_a_document_any_more_is_left(self):
        """R-11: unlinked or deleted before its number was written."""
        order, other = self.import_order(), self.import_order()
        order.action_unlink_documents()
        other.sale_order_ids._action_cancel()
        other.sale_order_ids.unlink()
        self.write_back()
        self.assertFalse(self.sent())
        self.assertEqual((order + other).mapped('writeback_state'), [False, False])

    def test_a_copy_of_the_database_writes_nothing(self):
        """R-11: reconnected to the store, a neutralized copy does not write its numbers there."""

        self.env.flush_all()
        for query in get_neutralization_queries(['shopify_connector']):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.shop.write_order_number)

    def test_an_order_of_many_lines_keeps_all_of_them(self):
        """R-11: orders with more than a page of lines are compared whole."""
        order = self.import_order(
            lineItems=[line(f"Item {n}", '1.00', sku='MUG') for n in range(60)]
        )
        self.clock.advance(timedelta(seconds=5))
        self.write_back()
        self.assertEqual(order.writeback_state, 'done')
        self.run_import()
        self.assertEqual(len(order.line_ids), 60)
        self.assertFalse(self.get_row(order.shopify_id))
