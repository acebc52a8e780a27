from odoo import fields, models


class ShopifyOrderShippingLine(models.Model):
    _name = 'shopify.order.shipping.line'
    _description = "Shopify Shipping Charge"
    _order = 'id'
    _rec_name = 'title'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related='order_id.currency_id')
    shopify_id = fields.Char(string="Shopify ID", readonly=True)
    title = fields.Char(string="Shipping Method", readonly=True)
    code = fields.Char(readonly=True)
    source = fields.Char(readonly=True)
    is_removed = fields.Boolean(
        string="Removed", readonly=True, help="Taken off the order by an edit in Shopify."
    )
    price = fields.Monetary(readonly=True)
    discount = fields.Monetary(readonly=True)
    tax_line_ids = fields.One2many('shopify.order.tax.line', 'shipping_line_id', string="Taxes")
