from odoo import fields, models


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    shopify_order_id = fields.Many2one(related='sale_id.shopify_order_id', string="Shopify Order")
    shopify_order_name = fields.Char(
        related='sale_id.shopify_order_name', string="Shopify Order No."
    )

    def action_view_shopify_order(self):
        """Open the Shopify order behind the delivery."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'shopify.order',
            'res_id': self.shopify_order_id.id,
            'view_mode': 'form',
        }

    def _send_confirmation_email(self):
        """Override of `stock_delivery` to send no mail and order no label for what has left."""
        if self.env.context.get('shopify_shipped'):
            return None
        return super()._send_confirmation_email()
