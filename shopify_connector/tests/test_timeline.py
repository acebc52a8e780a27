"""The timeline of an order (M-09) and its page for review (R-54 to R-60)."""

import ast

from lxml import etree

from odoo.tests import tagged

from shopify_twin.engine.order import OrderRiskAssessment, RiskFact
from shopify_twin.engine.shop import App

from .common import ShopifyCase, line, money, tax

UPDATE = "mutation ($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"


@tagged('post_install', '-at_install')
class TestTimeline(ShopifyCase):
    def kinds(self, order):
        return order.event_ids.mapped('kind')

    def test_what_came_was_decided_and_made(self):
        """M-09: import, decisions with their reasons, document with its proof, newest last."""
        order = self.import_order(
            lineItems=[line("Mug", '10.00', sku='MUG', taxLines=[tax("Moon VAT", 0.1, '1.00')])]
        )
        self.assertEqual(self.kinds(order), ['imported', 'decided', 'document'])
        imported, decided, document = order.event_ids.mapped('description')
        self.assertIn("1 lines, 11.00 USD", imported)
        self.assertIn("Customer: Ada Lovelace (new contact)", decided)
        self.assertIn("Product: Mug is MUG (SKU)", decided)
        self.assertIn("Tax: Moon VAT 10 %", decided)
        self.assertIn(order.sale_order_ids.warehouse_id.name, decided)
        self.assertIn(order.sale_order_ids.name, document)
        self.assertIn("differs from Shopify by 0.00", document)

    def test_a_change_says_what_has_changed(self):
        """M-09: old and new value of each thing that changed in Shopify; no change, no row."""
        order = self.import_order()
        answer = self.twin.execute(
            UPDATE, {'input': {'id': order.shopify_id, 'note': "ring twice", 'tags': ['VIP']}}
        )
        self.assertFalse(answer['data']['orderUpdate']['userErrors'])
        order.action_unlink_documents()
        order.action_sync()
        changed = order.event_ids[-1]
        self.assertEqual(changed.kind, 'changed')
        self.assertIn("Note of the Buyer: nothing → ring twice", changed.description)
        self.assertIn("Tags: nothing → VIP", changed.description)
        self.assertEqual(len(changed.description.splitlines()), 2)
        count = len(order.event_ids)
        order.action_sync()
        self.assertEqual(len(order.event_ids), count)

    def test_a_failure_is_told_once_and_the_repair_after_it(self):
        """M-09: the reason; trying again in vain adds nothing."""
        order = self.import_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.assertEqual(self.kinds(order), ['imported', 'failed'])
        self.assertEqual(order.event_ids[-1].description, order.error_message)
        order.action_create_documents()
        self.assertEqual(self.kinds(order), ['imported', 'failed'])
        order.line_ids.product_id = self.mug
        order.action_create_documents()
        self.assertEqual(self.kinds(order), ['imported', 'failed', 'decided', 'document'])
        self.assertIn("(chosen by hand)", order.event_ids[2].description)

    def test_unlinking_is_told(self):
        """M-09: what a user did is there, with who did it."""
        order = self.import_order()
        name = order.sale_order_ids.name
        order.action_unlink_documents()
        event = order.event_ids[-1]
        self.assertIn(name, event.description)
        self.assertEqual(event.create_uid, self.env.user)

    def test_a_batch_writes_its_events_at_once(self):
        """M-09: one INSERT for what came and one for what was made, however many orders."""
        for _ in range(20):
            self.put_order()
        inserts = []
        cursor = type(self.env.cr)
        execute = cursor.execute

        def watch(cr, query, *args, **kwargs):
            code = getattr(query, 'code', query)
            if 'INSERT INTO "shopify_order_event"' in str(code):
                inserts.append(code)
            return execute(cr, query, *args, **kwargs)

        self.patch(cursor, 'execute', watch)
        self.run_import()
        events = self.env['shopify.order.event'].search_count(
            [('order_id.shop_id', '=', self.shop.id)]
        )
        self.assertEqual(events, 60)
        self.assertEqual(len(inserts), 2)


@tagged('post_install', '-at_install')
class TestReview(ShopifyCase):
    def page(self):
        """Return the form of an order as the client gets it."""
        view = self.env.ref('shopify_connector.shopify_order_view_form')
        return etree.fromstring(self.env['shopify.order'].get_view(view.id, 'form')['arch'])

    def columns(self, field_name):
        """Return the visible columns of a list on the order page, ``None`` without one."""
        nodes = self.page().xpath(f"//page//field[@name='{field_name}']/list")
        return nodes and [
            node.get('name')
            for node in nodes[0].iter('field')
            if node.get('column_invisible') not in ('True', '1')
        ]

    def test_payments_are_on_the_page(self):
        """R-54: each transaction with date, kind, method, amount and status."""
        order = self.import_order(
            transactions=[
                {
                    'kind': 'SALE',
                    'status': 'SUCCESS',
                    'gateway': 'manual',
                    'amountSet': money('10.00'),
                }
            ]
        )
        payment = order.transaction_ids
        self.assertEqual((payment.kind, payment.status, payment.amount), ('SALE', 'SUCCESS', 10.0))
        columns = self.columns('transaction_ids')
        for name in ('processed_at', 'kind', 'gateway_name', 'amount', 'status'):
            self.assertIn(name, columns)

    def test_shipping_is_on_the_page(self):
        """R-55: each shipping charge with price and discount."""
        order = self.import_order(
            shippingLines=[{'title': "Express", 'code': 'EXP', 'priceSet': money('4.90')}]
        )
        self.assertEqual(
            (order.shipping_line_ids.title, order.shipping_line_ids.price), ("Express", 4.9)
        )
        self.assertLessEqual({'title', 'price', 'discount'}, set(self.columns('shipping_line_ids')))
        self.assertTrue(self.page().xpath("//group[@name='totals']/field[@name='total_shipping']"))

    def test_risk_is_on_the_page(self):
        """R-56: level and reasons; a high risk heads the page."""
        gid = self.put_order()
        self.judge(gid)
        self.run_import()
        order = self.get_order(gid)
        self.assertEqual((order.risk_level, order.high_risk), ('HIGH', True))
        self.assertEqual(order.risk_ids.mapped('description'), ["Card was refused three times"])
        self.assertIn('description', self.columns('risk_ids'))
        self.assertTrue(self.page().xpath("//div[contains(@invisible, 'not high_risk')]"))

    def judge(self, gid):
        """Let Shopify find an order risky, with a reason."""
        provider = App('gid://shopify/App/1', "Fraud Protect")
        fact = RiskFact("Card was refused three times", 'NEGATIVE')
        assessment = OrderRiskAssessment('HIGH', provider, [fact])
        self.twin.store.get(gid).risk.assessments[:] = [assessment]

    def test_attributes_and_tags_are_on_the_page(self):
        """R-57: keys and values, and tags."""
        order = self.import_order(tags=['VIP'], customAttributes=[{'key': 'gift', 'value': 'yes'}])
        self.assertEqual((order.attribute_ids.key, order.attribute_ids.value), ('gift', 'yes'))
        self.assertEqual(order.tag_ids.name, 'VIP')
        self.assertEqual(self.columns('attribute_ids'), ['key', 'value'])
        self.assertTrue(self.page().xpath("//field[@name='tag_ids']"))

    def test_fulfillments_are_on_the_page(self):
        """R-58: what was shipped in Shopify, with its tracking number."""
        location = self.twin.store.default_location().id
        order = self.import_order(
            fulfillment={
                'locationId': location,
                'trackingNumber': '1Z999',
                'trackingCompany': 'UPS',
            }
        )
        shipped = order.fulfillment_ids
        self.assertEqual(
            (shipped.tracking_number, shipped.tracking_company, shipped.status),
            ('1Z999', 'UPS', 'SUCCESS'),
        )
        for name in ('tracking_number', 'tracking_company', 'status'):
            self.assertIn(name, self.columns('fulfillment_ids'))

    def test_the_status_page_is_one_click_away(self):
        """R-59: the page the buyer sees opens in a new tab."""
        order = self.import_order()
        action = order.action_open_status_page()
        self.assertEqual((action['url'], action['target']), (order.status_page_url, 'new'))
        self.assertTrue(self.page().xpath("//button[@name='action_open_status_page']"))

    def test_open_orders_of_all_shops_and_completed_ones_per_shop(self):
        """R-60: the menu shows open orders of every shop; a shop's own list shows all of them."""
        second = self.shop.copy({'name': "Second"})
        open_order, closed_order, other = (self.import_order() for _ in range(3))
        other.shop_id = second
        closed_order.closed = True
        ids = (open_order + closed_order + other).ids
        mine = self.env['shopify.order'].search([('id', 'in', ids)])
        self.assertEqual(mine.filtered_domain(self.default_domain()), open_order + other)
        action = self.shop.action_view_orders()
        self.assertFalse(action['context'])
        self.assertEqual(mine.filtered_domain(action['domain']), open_order + closed_order)

    def default_domain(self):
        """Return the domain of the filter that the menu's list starts with."""
        action = self.env.ref('shopify_connector.action_order')
        self.assertIn('search_default_open', action.context)
        self.assertFalse(action.domain)
        view = self.env.ref('shopify_connector.shopify_order_view_search')
        arch = etree.fromstring(view.arch)
        return ast.literal_eval(arch.xpath("//filter[@name='open']")[0].get('domain'))
