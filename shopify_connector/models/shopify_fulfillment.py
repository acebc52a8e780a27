from odoo import api, fields, models

from ..shopify_api.order import FAILED_FULFILLMENTS, naive


class ShopifyFulfillment(models.Model):
    _name = 'shopify.fulfillment'
    _description = "Shopify Fulfillment"
    _order = 'created_at, id'

    name = fields.Char(readonly=True)
    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    status = fields.Char(readonly=True)
    display_status = fields.Char(string="Delivery Status", readonly=True)
    created_at = fields.Datetime(string="Shipped", readonly=True)
    location_id = fields.Many2one('shopify.location', readonly=True)
    tracking_company = fields.Char(readonly=True)
    tracking_number = fields.Char(readonly=True)
    tracking_url = fields.Char(string="Tracking Address", readonly=True)
    quantity = fields.Integer(string="Items", readonly=True)

    _shopify_id_uniq = models.UniqueIndex(
        "(order_id, shopify_id)", "This fulfillment of the order is known already."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _stage(self, pairs, locations):
        """Write the fulfilments of many orders.

        :param dict locations: gid → id of the locations of the store.
        """
        return self.create(
            [
                {
                    'order_id': record.id,
                    'shopify_id': item.gid,
                    'name': item.name,
                    'status': item.status,
                    'display_status': item.display_status,
                    'created_at': naive(item.created_at),
                    'location_id': locations.get(item.location_gid, False),
                    'tracking_company': item.tracking[0][0] if item.tracking else False,
                    'tracking_number': ', '.join(
                        number for _company, number, _url in item.tracking if number
                    ),
                    'tracking_url': item.tracking[0][2] if item.tracking else False,
                    'quantity': sum(quantity for _line, quantity in item.lines),
                }
                for record, order in pairs
                for item in order.fulfillments
            ]
        )

    def _has_shipped(self):
        """Return whether anything left the place: a cancelled or failed one shipped nothing."""
        self.ensure_one()
        return self.status not in FAILED_FULFILLMENTS
