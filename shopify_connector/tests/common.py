"""A real Odoo against the twin over real HTTP: what all tests of the addon share."""

import functools
from datetime import timedelta
from decimal import Decimal

from odoo.tests import TransactionCase

from shopify_twin import Twin

ORDER_CREATE = """
mutation ($order: OrderCreateOrderInput!) {
  orderCreate(order: $order) { order { id name } userErrors { field message } }
}
"""


@functools.cache
def shared_twin():
    """Return the one twin of the test process; each test class resets it."""
    twin = Twin(seed=1)
    twin.start()
    return twin


GATHER_STATISTICS = (
    'ANALYZE stock_move, stock_move_line, stock_picking, stock_reference, stock_reference_move_rel,'
    ' stock_reference_sale_rel, stock_quant, sale_order, sale_order_line, account_move,'
    ' account_move_line, res_partner, shopify_order, shopify_order_line, shopify_order_tax_line'
)


def money(amount, currency='USD'):
    """Return the input of a money bag in one currency."""
    side = {'amount': str(amount), 'currencyCode': currency}
    return {'shopMoney': side, 'presentmentMoney': side}


def tax(title, rate, amount, currency='USD'):
    """Return the input of a tax line."""
    return {'title': title, 'rate': float(rate), 'priceSet': money(amount, currency)}


def line(title, price, quantity=1, currency='USD', **values):
    """Return the input of an order line without a product in Shopify."""
    return {'title': title, 'quantity': quantity, 'priceSet': money(price, currency), **values}


ADDRESS = {
    'firstName': "Ada",
    'lastName': "Lovelace",
    'address1': "12 St James's Square",
    'city': "Springfield",
    'zip': "62701",
    'countryCode': 'US',
    'provinceCode': 'IL',
    'phone': '+12175550123',
}


class ShopifyCase(TransactionCase):
    """A connected shop on an empty twin, and verbs to fill the twin and to import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = shared_twin()
        cls.empty_twin()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True})
        cls.store = cls.env['shopify.store'].create(
            {
                'name': "Twin",
                'domain': cls.twin.url.removeprefix('http://'),
                'auth_method': 'token',
                'access_token': cls.twin.token,
            }
        )
        cls.store._test_connection()
        cls.shop = cls.env['shopify.shop'].create(
            {
                'name': "Web",
                'store_id': cls.store.id,
                'default_partner_id': cls.env.ref('shopify_connector.partner_walk_in').id,
            }
        )
        cls.mug = cls.env['product.product'].create(
            {'name': "Mug", 'default_code': 'MUG', 'is_storable': True, 'list_price': 99.0}
        )

    @classmethod
    def empty_twin(cls):
        """Start the twin over: an empty store in the company's currency, no faults."""
        cls.twin.reset()
        cls.twin.store.shop.currency_code = 'USD'

    def setUp(self):
        super().setUp()
        self.empty_twin()

    def put_order(self, **values):
        """Create an order in the twin as any Shopify client would; return its gid.

        A plain order unless told otherwise: one mug of 10.00 for a buyer with an address.
        """
        order = {
            'email': 'ada@example.com',
            'currency': 'USD',
            'lineItems': [line("Mug", '10.00', sku='MUG', requiresShipping=True)],
            'shippingAddress': ADDRESS,
            'billingAddress': ADDRESS,
            **values,
        }
        answer = self.twin.execute(ORDER_CREATE, {'order': order})
        payload = answer['data']['orderCreate']
        self.assertFalse(payload['userErrors'])
        return payload['order']['id']

    def a_minute_ago(self):
        """Return a context in which the twin lives a minute ago.

        An order that is imported in the second of its last change is read once more.
        """
        clock = self.twin.store.clock
        return clock.at(clock.now() - timedelta(minutes=1))

    def run_import(self):
        """Run the scheduled import as the scheduler does, commits and all."""
        cron = self.env.ref('shopify_connector.cron_import_orders')
        for _slice in range(20):  # the scheduler comes back until nothing is due
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            if not self.env['shopify.order.import']._count_due():
                break
            # A server gathers statistics between transactions; a test is a single one, and without
            # them PostgreSQL reads hundreds of new rows as if there were none.
            self.env.cr.execute(GATHER_STATISTICS)

    def get_order(self, gid):
        """Return the staged order of a gid."""
        return self.env['shopify.order'].search(
            [('store_id', '=', self.store.id), ('shopify_id', '=', gid)]
        )

    def import_order(self, **values):
        """Create an order in the twin, import it, and return it as staged."""
        gid = self.put_order(**values)
        self.run_import()
        order = self.get_order(gid)
        self.assertTrue(order, "the order did not arrive")
        return order

    def get_row(self, gid):
        """Return the row of *Orders to Import* of a gid."""
        return self.env['shopify.order.import'].search([('shopify_id', '=', gid)])

    def assert_equal_to_shopify(self, order):
        """Assert that the sales order of a staged order equals Shopify to the cent."""
        self.assertEqual(order.document_state, 'done', order.error_message)
        sale = order.sale_order_ids
        self.assertEqual(len(sale), 1)
        data = self.twin.execute(
            """query ($id: ID!) { order(id: $id) {
                 totalPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } } }""",
            {'id': order.shopify_id},
        )['data']['order']
        digits = Decimal(1).scaleb(-sale.currency_id.decimal_places)
        self.assertEqual(
            Decimal(str(sale.amount_total)).quantize(digits),
            Decimal(data['totalPriceSet']['shopMoney']['amount']).quantize(digits),
        )
        self.assertEqual(
            Decimal(str(sale.amount_tax)).quantize(digits),
            Decimal(data['totalTaxSet']['shopMoney']['amount']).quantize(digits),
        )
