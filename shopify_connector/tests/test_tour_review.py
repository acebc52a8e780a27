"""What a user does in the browser: read an order, look ahead, fix what many orders wait for."""

from odoo.tests import HttpCase, tagged

from shopify_twin.engine.order import OrderRiskAssessment, RiskFact
from shopify_twin.engine.shop import App

from .common import line, money, tax
from .shipping_case import ShippingCase
from .test_shipments import MOVE


@tagged('post_install', '-at_install')
class TestTourReview(ShippingCase, HttpCase):
    def test_four_causes_behind_a_hundred_orders(self):
        """B6, M-08, R-38: no tax, product, shipping mapping, location: four fixes, 100 orders."""
        self.shop.write(
            {'tax_policy': 'ask', 'shipping_policy': 'required', 'location_policy': 'required'}
        )
        far = self.second_place()[1]
        self.store.location_ids.filtered(lambda item: item.shopify_id == far).write(
            {'name': "Moon Base", 'warehouse_id': False}
        )
        taxed = line("Mug", '10.00', sku='MUG', taxLines=[tax("Moon VAT", 0.77, '7.70')])
        rocket = {'title': "Rocket", 'code': 'ROCKET', 'priceSet': money('9.00')}
        for _ in range(25):
            self.put_order(lineItems=[taxed])
            self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
            self.put_order(shippingLines=[rocket])
            elsewhere = self.env['shopify.order'].new({'shopify_id': self.put_order()})
            self.ask(MOVE, id=self.fulfillment_orders(elsewhere)[0]['id'], to=far)
        self.run_import()
        self.env.company.account_sale_tax_id.copy({'name': "Tax of the Moon"})
        self.env['product.product'].create(
            [
                {'name': "Lamp", 'default_code': 'LAMP-IN-ODOO'},
            ]
        )
        self.env['delivery.carrier'].create(
            {
                'name': "Rocket Mail",
                'product_id': self.env.ref('shopify_connector.product_shipping').id,
            }
        )
        self.start_tour('/odoo/shopify', 'shopify_fix_causes', login='admin', timeout=180)
        self.env.invalidate_all()
        orders = self.env['shopify.order'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual(orders.mapped('document_state'), ['done'] * 100)
        self.assertEqual(len(orders.sale_order_ids), 100)

    def test_a_look_ahead_at_the_last_orders(self):
        """M-07: from the dashboard; what is missing is named, nothing is imported."""
        self.put_order(lineItems=[line("Lamp", '5.00', sku='LAMP')])
        self.start_tour('/odoo/shopify', 'shopify_look_ahead', login='admin')
        self.assertFalse(self.env['shopify.order'].search([('shop_id', '=', self.shop.id)]))

    def test_an_order_tells_everything(self):
        """R-54 to R-59, M-09: each page of an order, as a user sees it."""
        gid = self.put_order(
            tags=['VIP'],
            customAttributes=[{'key': 'gift', 'value': 'yes'}],
            shippingLines=[{'title': "Express", 'code': 'EXP', 'priceSet': money('4.90')}],
            transactions=[
                {
                    'kind': 'SALE',
                    'status': 'SUCCESS',
                    'gateway': 'manual',
                    'amountSet': money('10.00'),  # paid and shipped would be archived
                }
            ],
            fulfillment={
                'locationId': self.twin.store.default_location().id,
                'trackingNumber': '1Z999',
                'trackingCompany': 'UPS',
            },
        )
        fact = RiskFact("Card was refused three times", 'NEGATIVE')
        provider = App('gid://shopify/App/1', "Fraud Protect")
        self.twin.store.get(gid).risk.assessments[:] = [
            OrderRiskAssessment('HIGH', provider, [fact])
        ]
        self.run_import()
        self.start_tour('/odoo/shopify', 'shopify_review_order', login='admin')
