from odoo import api, fields, models


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

    # === BUSINESS METHODS === #

    @api.model
    def _stage(self, pairs, lines):
        """Write the duties of the lines and the additional fees of many orders.

        :param dict lines: (order id, line gid) → line
        :return: ``(staged order, fee, values that name the row)``, for the taxes.
        """
        items = [
            (record, duty, lines[record.id, item.gid].id)
            for record, order in pairs
            for item in order.lines
            for duty in item.duties
        ] + [(record, fee, False) for record, order in pairs for fee in order.fees]
        created = self.create(
            [
                {
                    'order_id': record.id,
                    'line_id': line_id,
                    'shopify_id': fee.gid,
                    'name': fee.name,
                    'price': float(fee.price.amount),
                }
                for record, fee, line_id in items
            ]
        )
        return [
            (record, fee, {'fee_id': row.id})
            for row, (record, fee, _line_id) in zip(created, items, strict=True)
        ]
