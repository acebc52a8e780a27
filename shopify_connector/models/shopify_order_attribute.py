from odoo import fields, models


class ShopifyOrderAttribute(models.Model):
    _name = 'shopify.order.attribute'
    _description = "Shopify Order Attribute"
    _order = 'id'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    line_id = fields.Many2one(
        'shopify.order.line',
        index='btree_not_null',
        ondelete='cascade',
        help="Empty for attributes of the whole order.",
    )
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    key = fields.Char(required=True)
    value = fields.Char()
