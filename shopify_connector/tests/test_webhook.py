"""Shopify calls (webhooks): who may, what comes of it, and what Shopify was asked to call about."""

import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import HttpCase, new_test_user, tagged

from ..models.shopify_store_webhook import _is_public
from ..shopify_api import webhook
from .common import ShopifyCase

UPDATE = """mutation ($input: OrderInput!) { orderUpdate(input: $input) {
    order { id } userErrors { field message } } }"""
CALLS = 'odoo.addons.shopify_connector.models.shopify_store_webhook'


class WebhookCase(ShopifyCase, HttpCase):
    """A store that is called: by the twin over HTTP, or by a test that plays Shopify."""

    def setUp(self):
        super().setUp()
        self.env['ir.config_parameter'].set_param('web.base.url', self.base_url())
        self.store.client_secret = self.twin.client_secret
        self.crons = self.shop._get_import_crons()
        self.store.auto_sync = True

    @property
    def subscriptions(self):
        """What the twin was asked to call about."""
        return self.twin.store.collections['webhook_subscriptions']()

    def triggers(self):
        """Return how often the scheduled actions were woken, most often first."""
        domain = [('cron_id', 'in', self.crons.ids)]
        groups = self.env['ir.cron.trigger']._read_group(domain, ['cron_id'], ['__count'])
        return sorted((count for _cron, count in groups), reverse=True)

    def noted(self):
        """Return the gids of the orders that the next run looks at."""
        return self.env['shopify.order.call'].search([]).mapped('shopify_id')

    def call(self, gid='gid://shopify/Order/1', **changes):
        """Call Odoo as Shopify does, except for what is changed; return the answer."""
        body = changes.get('body', b'{"admin_graphql_api_id": "%s"}' % gid.encode())
        secret = changes.get('secret', self.twin.client_secret)
        headers = {
            'Content-Type': 'application/json',
            'X-Shopify-Topic': changes.get('topic', 'orders/updated'),
            'X-Shopify-Shop-Domain': changes.get('domain', self.twin.domain),
            'X-Shopify-Hmac-Sha256': webhook.sign(body, secret).decode(),
            'X-Shopify-Webhook-Id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
        }
        token = changes.get('token', self.store.webhook_token)
        path = f'/shopify/webhook/{token}'
        answer = self.url_open(path, data=body, headers=headers, method='POST')
        self.env.invalidate_all()
        return answer

    def let_twin_call(self, work):
        """Do ``work`` in the twin and let its notifications arrive here; return what it gave."""
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            result = work()
            self.assertTrue(self.twin.webhooks.idle())
        self.env.invalidate_all()
        return result

    def change_order(self, gid):
        """Change an order in the twin as any Shopify client would."""
        answer = self.twin.execute(UPDATE, {'input': {'id': gid, 'note': "Ring twice"}})
        self.assertFalse(answer['data']['orderUpdate']['userErrors'])


@tagged('post_install', '-at_install')
class TestCalls(WebhookCase):
    def test_a_new_order_is_imported_without_the_schedule(self):
        """R-03: the twin calls over HTTP, the import is woken, the order becomes a sales order.

        The search of Shopify does not know the order yet, so only the call can have told.
        """
        self.twin.search_lag = 3600.0
        gid = self.let_twin_call(self.put_order)
        self.assertEqual(self.noted(), [gid])
        self.assertEqual(self.triggers(), [1, 1], "both scheduled actions are woken, once each")
        self.run_import()
        self.assert_equal_to_shopify(self.get_order(gid))
        self.assertFalse(self.noted())
        self.assertTrue(self.store.webhook_called_at)

    def test_a_changed_order_is_read_again(self):
        """R-03: the order is fetched anew; the one sales order stays one."""
        self.shop.auto_create_orders = False
        with self.a_minute_ago():
            gid = self.let_twin_call(self.put_order)
            self.run_import()
        self.twin.search_lag = 3600.0
        self.let_twin_call(lambda: self.change_order(gid))
        self.run_import()
        self.assertEqual(self.get_order(gid).note, "Ring twice")

    def test_what_is_not_signed_by_this_app_for_this_store_is_refused(self):
        """R-03: 401 in each case, always the same words, and nothing happens."""
        other = self.store.copy(
            {'name': "Other", 'domain': 'other.myshopify.com', 'client_secret': 'other-secret'}
        )
        other.write({'webhook_token': 'token-of-the-other', 'state': 'connected'})
        self.env.flush_all()  # it cannot be switched on: there is no such store to ask
        self.env.cr.execute("UPDATE shopify_store SET auto_sync = true WHERE id = %s", [other.id])
        self.env.invalidate_all()
        answers = [
            self.call(secret='guessed'),
            self.call(secret='other-secret'),  # another app's secret
            self.call(token='token-of-the-other'),  # signed by us, sent to another store
            self.call(token='no-such-token'),
            self.call(domain='other.myshopify.com'),
            self.call(domain=''),
        ]
        self.assertEqual({answer.status_code for answer in answers}, {401})
        self.assertEqual(len({answer.content for answer in answers}), 1)
        self.assertFalse(self.noted() or self.triggers())

    def test_a_wrong_signature_of_the_twin_is_refused(self):
        """R-03, M-02: as Shopify would send it if somebody changed the body on its way."""
        self.twin.faults.add('webhook_bad_signature', times=1)
        self.twin.webhooks.retry_base = 0.001
        self.let_twin_call(self.put_order)
        self.assertEqual(self.twin.webhooks.log[0].status, 401)
        self.assertFalse(self.noted() or self.triggers())

    def test_a_call_that_comes_again_changes_nothing(self):
        """R-03, M-02: twice at once, and replayed after the import; one sales order."""
        self.twin.faults.add('webhook_duplicate', times=1)
        with self.a_minute_ago():
            gid = self.let_twin_call(self.put_order)
            self.assertEqual(self.noted(), [gid])
            self.assertEqual(self.triggers(), [1, 1])
            self.run_import()
        for _again in range(3):
            self.assertEqual(self.call(gid).status_code, 200)
        self.run_import()
        self.assertFalse(self.get_row(gid))
        self.assertEqual(len(self.get_order(gid).sale_order_ids), 1)

    def test_a_lost_call_costs_only_time(self):
        """R-03: the schedule finds what no call has told."""
        self.twin.faults.add('webhook_lost', times=1)
        gid = self.let_twin_call(self.put_order)
        self.assertFalse(self.noted())
        self.run_import()
        self.assertTrue(self.get_order(gid))

    def test_three_hundred_calls_wake_the_import_once(self):
        """R-03: a burst leaves one trigger for each scheduled action and one row for each order."""
        slowest = 0.0
        for number in range(300):
            begun = time.monotonic()
            answer = self.call(f'gid://shopify/Order/{number % 30 + 1}')
            slowest = max(slowest, time.monotonic() - begun)
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.triggers(), [1, 1])
        self.assertEqual(len(self.noted()), 30)
        self.assertLess(slowest, 1.0, "Shopify waits for a second")

    def test_a_run_that_has_begun_is_woken_again(self):
        """R-03: orders that have been looked at leave the list before they are read."""
        self.call('gid://shopify/Order/1')
        taken = self.env['shopify.order.call']._take(self.store, 10)
        self.assertEqual(taken, ['gid://shopify/Order/1'])
        self.call('gid://shopify/Order/1')
        self.assertEqual(self.noted(), ['gid://shopify/Order/1'])

    def test_a_body_that_cannot_be_read_still_rings(self):
        """R-03: it is signed, so something has changed; the log says which call it was."""
        for body in (b'{"admin_graphql', b'\xff\xfe', b''):
            with self.assertLogs(CALLS, 'WARNING') as log:
                self.assertEqual(self.call(body=body).status_code, 200)
            self.assertIn('b54557e4', log.output[0])
        for body in (b'[]', b'null', b'{"id": null}', b'{"admin_graphql_api_id": ["x"]}'):
            self.assertEqual(self.call(body=body).status_code, 200)
        self.assertFalse(self.noted())
        self.assertEqual(self.triggers(), [1, 1])

    def test_a_body_of_a_megabyte_is_not_read(self):
        """R-03: nobody can keep a worker busy with a body that no subscription of ours has."""
        self.assertEqual(self.call(body=b'x' * (webhook.MAX_BYTES + 1)).status_code, 413)
        self.assertFalse(self.triggers())

    def test_other_topics_are_left_alone(self):
        """R-03: answered well, or Shopify would call again and again."""
        self.assertEqual(self.call(topic='products/update').status_code, 200)
        self.assertFalse(self.noted() or self.triggers())

    def test_a_secret_that_was_replaced_is_good_for_some_hours(self):
        """R-03: after a new secret was made, Shopify signs with the old one for a while."""
        old = self.twin.client_secret
        self.store.client_secret = 'new-secret'
        self.assertEqual(self.call(secret='new-secret').status_code, 200)
        self.assertEqual(self.call(secret=old).status_code, 200)
        self.store.previous_secret_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self.call(secret=old).status_code, 401)

    def test_an_app_that_was_removed_disconnects_the_store(self):
        """The store says so at once, and connects by itself when the app is back."""
        self.assertEqual(self.call(topic='app/uninstalled', body=b'{"id": 1}').status_code, 200)
        self.assertEqual(self.store.state, 'error')
        self.assertIn("removed", self.store.error_message)
        self.run_import()
        self.assertEqual(self.store.state, 'connected')

    def test_a_run_that_cannot_read_keeps_what_it_was_told(self):
        """R-03: Shopify is down when the run asks; the next one asks again."""
        gid = self.let_twin_call(self.put_order)
        self.twin.search_lag = 3600.0
        fault = self.twin.faults.add('http', 'HeadsByIds', status=503)
        self.run_import()
        self.assertEqual(self.noted(), [gid])
        self.twin.faults.remove(fault)
        self.run_import()
        self.assertTrue(self.get_order(gid))


@tagged('post_install', '-at_install')
class TestRunOfCalls(WebhookCase):
    def test_no_filter_of_a_user_applies(self):
        """R-04: what somebody chose in the wizard is for that import only."""
        with self.a_minute_ago():
            wanted = self.put_order(tags=['wanted'])
        self.env.flush_all()
        with self.registry.cursor() as cr:
            wizard = self.env(cr=cr)['shopify.import.orders'].create(
                {'shop_id': self.shop.id, 'import_domain': "[('tag_ids.name', '=', 'wanted')]"}
            )
            wizard.action_import()
        other = self.let_twin_call(lambda: self.put_order(tags=['other']))
        self.run_import()
        states = [self.get_order(gid).document_state for gid in (wanted, other)]
        self.assertEqual(states, ['done', 'done'])

    def test_the_rules_of_the_shops_apply(self):
        """R-88: a called order goes to the shop that takes it, or waits if none imports it."""
        self.shop.import_domain = "[('tag_ids.name', '=', 'web')]"
        pos = self.shop.copy({'name': "POS", 'import_domain': "[('tag_ids.name', '=', 'pos')]"})
        by_hand = self.shop.copy({'name': "B2B", 'import_domain': '[]', 'auto_import': False})
        gids = [
            self.let_twin_call(lambda tag=tag: self.put_order(tags=[tag]))
            for tag in ('web', 'pos', 'b2b')
        ]
        self.run_import()
        self.assertEqual(self.get_order(gids[0]).shop_id, self.shop)
        self.assertEqual(self.get_order(gids[1]).shop_id, pos)
        self.assertFalse(self.get_order(gids[2]), f"{by_hand.name} imports by hand only")
        self.assertEqual(self.get_row(gids[2]).state, 'pending')

    def test_orders_from_before_the_first_day_stay_out(self):
        """R-04: the first day of the store is no filter of a run, it holds for all of them."""
        self.store.import_from = fields.Date.today() + timedelta(days=1)
        gid = self.let_twin_call(self.put_order)
        self.run_import()
        self.assertFalse(self.get_row(gid) or self.get_order(gid))

    def test_documents_are_made_in_the_name_of_the_chosen_user(self):
        """R-05: all that the run creates names its user; nobody follows it for that."""
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        self.shop.write({'sync_user_id': clerk.id, 'create_products': True})
        shipped = {'fulfillmentStatus': 'FULFILLED', 'financialStatus': 'PAID'}
        gid = self.let_twin_call(lambda: self.put_order(**shipped))
        self.run_import()
        order = self.get_order(gid)
        self.assertEqual(order.document_state, 'done', order.error_message)
        sale = order.sale_order_ids
        for records in (order, sale, sale.order_line, order.partner_id):
            self.assertEqual(records.create_uid, clerk, records)
        self.assertEqual(sale.picking_ids.create_uid, clerk)
        self.assertEqual(sale.invoice_ids.create_uid, clerk)
        self.assertNotIn(clerk.partner_id, sale.message_partner_ids)

    def test_orders_that_are_tried_again_name_the_user_as_well(self):
        """R-05: the part of the run that repeats what failed."""
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        self.shop.write({'sync_user_id': clerk.id, 'custom_product_id': False})
        order = self.import_order(lineItems=[{'title': "X", 'quantity': 1, **_price()}])
        self.assertEqual(order.document_state, 'failed')
        self.shop.custom_product_id = self.env.ref('shopify_connector.product_custom')
        self.run_import()
        self.assertEqual(order.sale_order_ids.create_uid, clerk)

    def test_a_user_s_own_import_stays_the_user_s(self):
        """R-05: the chosen user is for what nobody asked for."""
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        other = new_test_user(self.env, 'other', 'shopify_connector.group_user')
        self.shop.write({'sync_user_id': clerk.id, 'auto_create_orders': False})
        order = self.import_order().with_user(other)
        order.action_create_documents()
        self.assertEqual(order.sudo().sale_order_ids.create_uid, other)

    def test_whoever_switches_it_on_is_the_user(self):
        """R-05: as long as nobody else was chosen."""
        manager = new_test_user(self.env, 'boss', 'shopify_connector.group_manager')
        self.store.auto_sync = False
        self.shop.with_user(manager).auto_sync = True
        self.assertTrue(self.store.auto_sync)
        self.assertEqual(self.shop.sync_user_id, manager)
        other = new_test_user(self.env, 'boss2', 'shopify_connector.group_manager')
        self.store.with_user(other).auto_sync = False
        self.store.with_user(other).auto_sync = True
        self.assertEqual(self.shop.sync_user_id, manager)

    def test_a_user_without_the_rights_is_refused_at_the_setting(self):
        """R-05: in words, when the user is chosen and not when orders come."""
        company = self.env['res.company'].create({'name': "Elsewhere"})
        right = 'shopify_connector.group_user'
        stranger = new_test_user(self.env, 'stranger', 'base.group_user')
        away = new_test_user(
            self.env, 'away', right, company_id=company.id, company_ids=[(6, 0, company.ids)]
        )
        gone = new_test_user(self.env, 'gone', right)
        gone.active = False
        for user, words in (
            (stranger, "Shopify: User"),
            (away, "access to"),
            (gone, "archived"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.shop.sync_user_id = user

    def test_a_user_who_lost_the_rights_stops_nothing(self):
        """R-05: OdooBot stands in, and the shop says so."""
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        self.shop.sync_user_id = clerk
        clerk.active = False
        self.env.invalidate_all()
        self.assertIn("archived", self.shop.sync_user_problem)
        order = self.import_order()
        self.assertEqual(order.sale_order_ids.create_uid, self.env.ref('base.user_root'))


@tagged('post_install', '-at_install')
class TestSubscriptions(WebhookCase):
    def count_requests(self, operation):
        """Return how often the twin was asked for an operation."""
        return sum(request.operation == operation for request in self.twin.requests)

    def test_switching_on_subscribes(self):
        """R-03: three topics, one address, no personal data in what Shopify sends."""
        found = {item.topic: item for item in self.subscriptions}
        self.assertEqual(set(found), set(webhook.TOPICS))
        address = f'{self.base_url()}/shopify/webhook/{self.store.webhook_token}'
        self.assertEqual({item.uri for item in found.values()}, {address})
        kept = {name for item in found.values() for name in item.include_fields}
        self.assertEqual(kept, {'id', 'admin_graphql_api_id', 'updated_at'})
        self.assertEqual(self.store.webhook_address, address)
        self.assertEqual(
            {row.topic: row.shopify_id for row in self.store.webhook_ids},
            {topic: item.id for topic, item in found.items()},
        )

    def test_switching_off_unsubscribes(self):
        """R-03: nothing is left in Shopify; a call that comes nevertheless is refused."""
        self.store.auto_sync = False
        self.assertFalse(self.subscriptions)
        self.assertEqual(self.call().status_code, 401)
        self.assertFalse(self.triggers())

    def test_another_app_s_subscriptions_are_left_alone(self):
        """R-03: only what names our own address is deleted."""
        client = self.store._get_client()
        webhook.subscribe(client, 'ORDERS_CREATE', 'https://example.com/other')
        self.store.auto_sync = False
        self.assertEqual([item.uri for item in self.subscriptions], ['https://example.com/other'])

    def test_an_archived_store_is_not_called(self):
        """R-03: neither is one that is deleted."""
        self.store.active = False
        self.assertFalse(self.subscriptions)
        self.store.active = True
        self.assertEqual(len(self.subscriptions), 3)
        self.shop.unlink()
        self.store.unlink()
        self.assertFalse(self.subscriptions)

    def test_switching_off_does_not_need_shopify(self):
        """R-03: a store that cannot be reached is switched off all the same."""
        self.twin.faults.add('http', status=402)
        with self.assertLogs(CALLS, 'WARNING'):
            self.store.auto_sync = False
        self.assertFalse(self.store.auto_sync)
        self.assertEqual(self.call().status_code, 401)

    def test_asking_again_never_doubles(self):
        """R-03: what is there is asked first, also after an answer that was lost."""
        self.store.action_check_webhooks()
        self.assertEqual(len(self.subscriptions), 3)
        self.store.auto_sync = False
        self.twin.faults.add('drop_after', 'WebhookSubscriptionCreate', times=1)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.store.auto_sync = True
        self.assertEqual(len(self.subscriptions), 1, "it was subscribed, only the answer was lost")
        self.store.invalidate_recordset()
        self.store.auto_sync = True
        self.assertEqual(len(self.subscriptions), 3)

    def test_what_shopify_deleted_is_restored_once_a_day(self):
        """R-03: after eight failed calls Shopify gives up; the store says that it was so."""
        gone = self.subscriptions[0]
        self.twin.store.remove(gone)
        asked = self.count_requests('WebhookSubscriptions')
        self.run_import()
        self.assertEqual(self.count_requests('WebhookSubscriptions'), asked, "checked just now")
        self.store.webhook_checked_at -= timedelta(days=1, minutes=1)
        self.run_import()
        self.assertEqual({item.topic for item in self.subscriptions}, set(webhook.TOPICS))
        words = webhook_words(gone.topic)
        self.assertIn(words, self.store.webhook_message)
        self.assertIn(words, ''.join(self.store.message_ids.mapped('body')))
        self.store.action_check_webhooks()
        self.assertFalse(self.store.webhook_message)

    def test_eight_refusals_delete_and_the_check_restores(self):
        """R-03: the whole story with the twin's own deletion."""
        self.twin.webhooks.retry_base = 0.001
        self.store.webhook_token = 'moved'
        self.let_twin_call(self.put_order)
        self.assertNotIn('ORDERS_CREATE', {item.topic for item in self.subscriptions})
        self.store.webhook_checked_at = False
        self.run_import()
        current = [item for item in self.subscriptions if item.uri.endswith('/moved')]
        self.assertEqual({item.topic for item in current}, set(webhook.TOPICS))

    def test_a_check_that_fails_stops_no_import(self):
        """R-03: the store says what is wrong with the calls; orders come by schedule."""
        self.store.webhook_checked_at = False
        self.store.client_secret = False
        gid = self.put_order()
        with self.assertLogs(CALLS, 'WARNING'):
            self.run_import()
        self.assertIn("client secret", self.store.webhook_message)
        self.assertEqual(self.get_order(gid).document_state, 'done')
        self.assertEqual(self.store.state, 'connected')

    def test_new_credentials_are_checked_at_the_next_run(self):
        """R-03: subscriptions belong to the app, and this may be another one."""
        for item in self.subscriptions:
            self.twin.store.remove(item)
        self.store.client_id = 'another-app'
        self.run_import()
        self.assertEqual(len(self.subscriptions), 3)
        self.assertFalse(self.store.webhook_message, "nothing was lost, it is another app")

    def test_shopify_is_not_asked_to_call_a_private_address(self):
        """R-03: a real store needs a public https address; the message says where to set it."""
        self.store.auto_sync = False
        self.store.domain = 'real.myshopify.com'
        with self.assertRaisesRegex(UserError, 'web.base.url'):
            self.store.auto_sync = True
        for address, public in (
            ('https://odoo.example.com', True),
            ('https://odoo.example.com:8443', True),
            ('http://odoo.example.com', False),
            ('https://localhost', False),
            ('https://odoo', False),
            ('https://odoo.local', False),
            ('https://127.0.0.1', False),
            ('https://192.168.1.10', False),
            ('https://[::1]', False),
        ):
            self.assertEqual(_is_public(address), public, address)

    def test_a_secret_is_needed_to_be_called(self):
        """R-03: calls that nobody can check are not asked for; nor by a store that is not there."""
        self.store.auto_sync = False
        self.store.client_secret = False
        with self.assertRaisesRegex(UserError, "client secret"):
            self.store.auto_sync = True
        self.store.write({'auto_sync': False, 'client_secret': 'x', 'state': 'draft'})
        with self.assertRaisesRegex(UserError, "Connect"):
            self.store.auto_sync = True

    def test_a_copied_database_neither_answers_nor_subscribes(self):
        """R-03: the copy has no token and no secret; the original is not touched."""

        token = self.store.webhook_token
        self.env.flush_all()
        for query in get_neutralization_queries(['shopify_connector']):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual(self.call(token=token).status_code, 401)
        before = self.count_requests('WebhookSubscriptions')
        self.run_import()
        self.assertEqual(self.count_requests('WebhookSubscriptions'), before)
        self.assertEqual(len(self.subscriptions), 3)
        self.assertFalse(self.store.auto_sync or self.store.webhook_ids)

    def test_the_wizard_takes_the_secret_of_a_custom_app(self):
        """R-03: an access token signs nothing, so the secret can be given with it."""
        wizard = self.env['shopify.connect'].create(
            {
                'store_id': self.store.id,
                'domain': self.store.domain,
                'auth_method': 'token',
                'access_token': self.twin.token,
            }
        )
        wizard.action_connect()
        self.assertEqual(self.store.client_secret, self.twin.client_secret, "kept")
        wizard.write({'access_token': self.twin.token, 'client_secret': ' new '})
        wizard.action_connect()
        self.assertEqual(self.store.client_secret, 'new')
        self.assertFalse(wizard.client_secret)


def _price():
    side = {'amount': '3.00', 'currencyCode': 'USD'}
    return {'priceSet': {'shopMoney': side, 'presentmentMoney': side}}


def webhook_words(topic):
    """Return a topic as users read it: ORDERS_CREATE is orders/create."""
    return topic.replace('_', '/', 1).lower()
