"""Defects of other connectors (peers.md 2.7) that no other test names."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from odoo.tests import tagged

from ..shopify_api import fetch
from ..shopify_api.money import MoneyBag
from .common import ADDRESS, ShopifyCase, line, money


@tagged('post_install', '-at_install')
class TestPeers(ShopifyCase):
    def test_each_guest_is_a_contact_with_the_addresses_of_the_order(self):
        """peers.md 2.7 item 6: ship-to and bill-to are read; guests do not share a contact."""
        office = {
            **ADDRESS,
            'phone': '+13125550188',
            'firstName': "Grace",
            'lastName': "Hopper",
            'address1': "1 Navy Yard",
        }
        home = {
            **ADDRESS,
            'firstName': "Mary",
            'phone': '+12175550199',
            'address1': "7 Hill Road",
            'zip': "62702",
        }
        plans = (('ada@example.com', ADDRESS, home), ('grace@example.com', office, office))
        orders = [
            self.import_order(email=email, billingAddress=bill, shippingAddress=ship)
            for email, bill, ship in plans
        ]
        for order, (email, bill, ship) in zip(orders, plans, strict=True):
            sale = order.sale_order_ids
            self.assertEqual(
                (sale.partner_id.email, order.customer_decision), (email, "new contact")
            )
            for partner, address in (
                (sale.partner_invoice_id, bill),
                (sale.partner_shipping_id, ship),
                (order.picking_ids.partner_id, ship),
            ):
                self.assertEqual(
                    (partner.name, partner.street, partner.zip, partner.city),
                    (
                        f"{address['firstName']} {address['lastName']}",
                        address['address1'],
                        address['zip'],
                        address['city'],
                    ),
                )
        self.assertEqual(len({order.partner_id for order in orders}), 2)
        self.assertNotIn(self.shop.default_partner_id, [order.partner_id for order in orders])

    def test_a_back_fill_keeps_the_days_of_the_past(self):
        """peers.md 2.7 item 12: invoice, delivery and payment of months ago are not of today."""
        ordered = datetime(2026, 5, 30, 12, 0, tzinfo=UTC)
        shipped = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
        with self.twin.store.clock.at(ordered):
            gid = self.put_order(
                transactions=[
                    {
                        'kind': 'SALE',
                        'status': 'SUCCESS',
                        'gateway': 'manual',
                        'amountSet': money('10.00'),
                        'processedAt': '2026-06-01T12:00:00Z',
                    }
                ],
                lineItems=[line("Mug", '10.00', sku='MUG', requiresShipping=True)],
            )
        with self.twin.store.clock.at(shipped):
            entry = self.twin.store.get(gid).fulfillment_orders[0].id
            answer = self.twin.execute(
                """mutation ($fulfillment: FulfillmentInput!) {
                     fulfillmentCreate(fulfillment: $fulfillment) { userErrors { message } } }""",
                {'fulfillment': {'lineItemsByFulfillmentOrder': [{'fulfillmentOrderId': entry}]}},
            )
        self.assertFalse(answer['data']['fulfillmentCreate']['userErrors'])
        self.unarchive(gid)
        self.run_import()
        order = self.get_order(gid)
        self.assertEqual(order.invoice_ids.state, 'posted', order.follow_error)
        self.assertEqual(order.invoice_ids.invoice_date, date(2026, 5, 30))
        self.assertEqual(order.invoice_ids.date, date(2026, 5, 30))
        self.assertEqual(order.sale_order_ids.date_order.date(), date(2026, 5, 30))
        self.assertEqual(order.picking_ids.date_done.date(), date(2026, 6, 2))
        self.assertEqual(order.transaction_ids.processed_at.date(), date(2026, 6, 1))

    def test_an_amount_only_refund_does_not_stop_an_order(self):
        """peers.md 2.7 item 3: 5.00 went back before we saw the order; it was sold for 30.00.

        Whether such a refund lowers the current total, Shopify does not say; here it does.
        """
        gid = self.put_order(
            lineItems=[line("Mug", '10.00', 3, sku='MUG', requiresShipping=True)],
            transactions=[{'kind': 'SALE', 'status': 'SUCCESS', 'amountSet': money('30.00')}],
        )
        refund = {
            'orderId': gid,
            'transactions': [
                {
                    'orderId': gid,
                    'kind': 'REFUND',
                    'gateway': 'manual',
                    'amount': '5.00',
                    'parentId': self.twin.store.get(gid).transactions[0].id,
                }
            ],
        }
        answer = self.twin.execute(
            """mutation ($input: RefundInput!) {
                 refundCreate(input: $input) @idempotent(key: "amount") {
                   userErrors { message } } }""",
            {'input': refund},
        )
        self.assertFalse(answer['data']['refundCreate']['userErrors'])
        original = fetch.orders
        lowered = MoneyBag(Decimal(25), Decimal(25), 'USD', 'USD')
        self.patch(
            fetch,
            'orders',
            lambda *arguments, **options: {
                gid: replace(order, current_total=lowered)
                for gid, order in original(*arguments, **options).items()
            },
        )
        self.run_import()
        order = self.get_order(gid)
        self.assertEqual((order.current_total, order.total_refunded), (25.0, 5.0))
        self.assertEqual(order.document_state, 'done', order.error_message)
        self.assertEqual((order.sale_order_ids.amount_total, order.difference), (30.0, 0.0))

    def unarchive(self, gid):
        """Open an order that Shopify archived because it is paid and fulfilled."""
        self.twin.execute(
            "mutation ($id: ID!) { orderOpen(input: {id: $id}) { userErrors { message } } }",
            {'id': gid},
        )
