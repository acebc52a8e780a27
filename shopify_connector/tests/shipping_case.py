"""Deliveries of Shopify orders in Odoo, and what the twin heard of them."""

from odoo import fields

from .common import ShopifyCase, line

FULFILLMENT_ORDERS = """
query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 20) { nodes {
  id status assignedLocation { location { id } }
  lineItems(first: 250) { nodes { id remainingQuantity lineItem { id sku title } } } } } } }
"""
FULFILLMENTS = """
query ($id: ID!) { order(id: $id) { displayFulfillmentStatus closed fulfillments {
  id status location { id } trackingInfo { company number url }
  fulfillmentLineItems(first: 250) { nodes { quantity lineItem { id title } } } } } }
"""
FULFILL = """
mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id } userErrors { field message } } }
"""


# Odoo's own form of a delivery needs the second one, to read the zip codes of delivery methods.
CLERK = 'stock.group_stock_user,base.group_partner_manager'


class InShopify:
    """What a merchant does in Shopify; for cases with a twin."""

    def open_fulfillment_orders(self, gid):
        """Return the fulfilment orders of an order that have not ended."""
        data = self.twin.execute(FULFILLMENT_ORDERS, {'id': gid})['data']
        nodes = data['order']['fulfillmentOrders']['nodes']
        return [node for node in nodes if node['status'] not in ('CLOSED', 'CANCELLED')]

    def ship_units(self, gid, quantity=None, number=None, which=0):
        """Ship units of the first line of a fulfilment order; all of it by default."""
        node = self.open_fulfillment_orders(gid)[which]
        part = {'fulfillmentOrderId': node['id']}
        if quantity:
            item = node['lineItems']['nodes'][0]
            part['fulfillmentOrderLineItems'] = [{'id': item['id'], 'quantity': quantity}]
        given = {'lineItemsByFulfillmentOrder': [part]}
        if number:
            given['trackingInfo'] = {'company': "UPS", 'number': number}
        answer = self.twin.execute(FULFILL, {'fulfillment': given})
        self.assertFalse(answer['data']['fulfillmentCreate']['userErrors'])


class ShippingCase(InShopify, ShopifyCase):
    """A warehouse with stock, verbs of its clerk, and questions to the twin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env['stock.warehouse'].search(
            [('company_id', '=', cls.env.company.id)], limit=1
        )
        cls.cup = cls.env['product.product'].create(
            {'name': "Cup", 'default_code': 'CUP', 'is_storable': True}
        )
        for product in (cls.mug, cls.cup):
            cls.env['stock.quant']._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 1000
            )
        parameters = cls.env['ir.config_parameter'].sudo()
        parameters.set_param('shopify_connector.ask_again_seconds', '0')

    # === THE PLACES === #

    def second_place(self):
        """Return another warehouse with stock, and the gid of its location in Shopify."""
        place = self.env['stock.warehouse'].create({'name': "Far", 'code': 'FAR'})
        for product in (self.mug, self.cup):
            self.env['stock.quant']._update_available_quantity(product, place.lot_stock_id, 100)
        self.env['shopify.location'].sudo()._fetch(self.store)
        home = self.twin.store.default_location().id
        locations = self.store.location_ids
        far = locations.filtered(lambda item: item.shopify_id != home and item.active)[0]
        far.warehouse_id = place
        locations.filtered(lambda item: item.shopify_id == home).warehouse_id = self.warehouse
        return place, far.shopify_id

    # === THE CLERK === #

    def import_goods(self, **quantities):
        """Import an order of mugs and cups; return it as staged."""
        items = [
            line(sku.title(), '10.00', quantity, sku=sku.upper(), requiresShipping=True)
            for sku, quantity in quantities.items()
        ]
        return self.import_order(lineItems=items)

    def deliver(self, order, quantities=None, backorder=True, **values):
        """Do the open delivery of an order as a clerk does; return it.

        :param dict quantities: product → units; all that is asked for by default.
        :param values: of the delivery, for example its tracking.
        """
        picking = order.sale_order_ids.picking_ids.filtered(
            lambda item: item.state not in ('done', 'cancel')
        )[:1]
        picking.write(values)
        if quantities is not None:
            for move in picking.move_ids:
                move.quantity = quantities.get(move.product_id, 0)
                move.picked = bool(move.quantity)
        context = {'skip_sms': True, 'skip_backorder': True}
        if not backorder:
            context['picking_ids_not_to_backorder'] = picking.ids
        self.assertTrue(picking.with_context(**context).button_validate())
        self.assertEqual(picking.state, 'done')
        return picking

    def bring_back(self, picking, product, quantity):
        """Have units of a done delivery come back into stock."""
        wizard = (
            self.env['stock.return.picking']
            .with_context(active_id=picking.id, active_model='stock.picking')
            .create({})
        )
        wizard.product_return_moves.filtered(
            lambda item: item.product_id == product
        ).quantity = quantity
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        back.with_context(skip_sms=True).button_validate()
        self.assertEqual(back.state, 'done')
        return back

    def sync(self):
        """Run the scheduled action that sends shipments, as often as the scheduler would."""
        cron = self.env.ref('shopify_connector.cron_sync_shipments')
        for _slice in range(20):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            if not self.env['shopify.order']._count_due_shipments():
                break

    def sync_later(self, picking):
        """Run the action when a delivery that was put off is due again."""
        picking.shopify_retry_at = fields.Datetime.now()
        self.sync()

    # === SHOPIFY === #

    def ask(self, document, **variables):
        """Return the data of a document in the twin, asked with every right."""
        answer = self.twin.execute(document, variables)
        self.assertNotIn('errors', answer)
        return answer['data']

    def fulfillment_orders(self, order):
        """Return the fulfilment orders of an order that still can be shipped."""
        return self.open_fulfillment_orders(order.shopify_id)

    def fulfillments(self, order):
        """Return the fulfilments of an order that count."""
        nodes = self.ask(FULFILLMENTS, id=order.shopify_id)['order']['fulfillments']
        return [node for node in nodes if node['status'] == 'SUCCESS']

    def status(self, order):
        """Return what Shopify says of the shipping of an order."""
        return self.ask(FULFILLMENTS, id=order.shopify_id)['order']['displayFulfillmentStatus']

    def shipped(self, order):
        """Return title → units that Shopify has as shipped."""
        units = {}
        for node in self.fulfillments(order):
            for item in node['fulfillmentLineItems']['nodes']:
                title = item['lineItem']['title']
                units[title] = units.get(title, 0) + item['quantity']
        return units

    def ship_in_shopify(self, order, **choices):
        """Ship units of the first line of a fulfilment order in Shopify; all of it by default."""
        self.ship_units(order.shopify_id, **choices)

    def sent(self, operation='FulfillmentCreate'):
        """Return the requests of one operation that reached the twin."""
        return [entry for entry in self.twin.requests if entry.operation == operation]
