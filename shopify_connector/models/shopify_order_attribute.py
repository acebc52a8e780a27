from odoo import api, fields, models


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

    @api.model
    def _stage(self, pairs, lines):
        """Write the attributes of many orders and of their lines.

        :param dict lines: (order id, line gid) → line
        """
        owners = [
            owner
            for record, order in pairs
            for owner in (
                (record, False, order.attributes),
                *((record, lines[record.id, item.gid].id, item.attributes) for item in order.lines),
            )
        ]
        return self.create(
            [
                {'order_id': record.id, 'line_id': line_id, 'key': key, 'value': value}
                for record, line_id, attributes in owners
                for key, value in attributes
            ]
        )
