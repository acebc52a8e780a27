from odoo import fields, models


class ShopifyOrderRisk(models.Model):
    _name = 'shopify.order.risk'
    _description = "Shopify Order Risk"
    _order = 'id'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    level = fields.Char()
    provider = fields.Char()
    description = fields.Char(string="Reason")
    sentiment = fields.Char()
