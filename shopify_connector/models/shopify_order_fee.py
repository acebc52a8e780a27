from odoo import fields, models


class ShopifyOrderFee(models.Model):
    _name = 'shopify.order.fee'
    _description = "Shopify Duty or Additional Fee"
    _order = 'id'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    line_id = fields.Many2one('shopify.order.line', index='btree_not_null', ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related='order_id.currency_id')
    shopify_id = fields.Char(string="Shopify ID", readonly=True)
    name = fields.Char(readonly=True)
    price = fields.Monetary(readonly=True)
    tax_line_ids = fields.One2many('shopify.order.tax.line', 'fee_id', string="Taxes")
