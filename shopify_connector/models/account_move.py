from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    shopify_order_id = fields.Many2one(
        'shopify.order',
        index='btree_not_null',
        copy=False,
        readonly=True,
        ondelete='set null',
    )
    shopify_order_name = fields.Char(
        related='shopify_order_id.name', store=True, string="Shopify Order No."
    )

    def action_view_shopify_order(self):
        """Open the Shopify order behind the invoice."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'shopify.order',
            'res_id': self.shopify_order_id.id,
            'view_mode': 'form',
        }
