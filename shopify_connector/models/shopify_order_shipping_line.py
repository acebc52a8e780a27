from odoo import api, fields, models


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
    method_id = fields.Many2one(
        'shopify.shipping.method',
        string="Mapping",
        index='btree_not_null',
        readonly=True,
        ondelete='set null',
    )
    code = fields.Char(readonly=True)
    source = fields.Char(readonly=True)
    is_removed = fields.Boolean(
        string="Removed", readonly=True, help="Taken off the order by an edit in Shopify."
    )
    price = fields.Monetary(readonly=True)
    discount = fields.Monetary(readonly=True)
    tax_line_ids = fields.One2many('shopify.order.tax.line', 'shipping_line_id', string="Taxes")

    # === BUSINESS METHODS === #

    @api.model
    def _stage(self, pairs):
        """Write the shipping charges of many orders.

        :return: ``(staged order, charge, values that name the row)``, for the taxes.
        """
        items = [(record, item) for record, order in pairs for item in order.shipping_lines]
        created = self.create(
            [
                {
                    'order_id': record.id,
                    'shopify_id': item.gid,
                    'title': item.title,
                    'code': item.code,
                    'source': item.source,
                    'is_removed': item.is_removed,
                    'price': float(item.price.amount),
                    'discount': float(item.discount.amount),
                }
                for record, item in items
            ]
        )
        created._learn_methods()
        return [
            (record, item, {'shipping_line_id': row.id})
            for row, (record, item) in zip(created, items, strict=True)
        ]

    def _learn_methods(self):
        """Give each charge the row of its shipping method; unknown ones get one (R-35)."""
        methods = self.env['shopify.shipping.method']
        found = methods._find_or_create([(line.order_id.shop_id, line.title) for line in self])
        for line in self:
            line.method_id = methods._pick(found, line.order_id.shop_id, line.title)

    def _map_methods(self):
        """Check that each charge has a mapped method, where the shop insists on it.

        :return: order → problem for the orders with one that is not.
        """
        problems = {}
        strict = self.filtered(lambda line: line.order_id.shop_id.shipping_policy == 'required')
        for line in strict:
            if not line.is_removed and not line.method_id._is_mapped():
                problems.setdefault(line.order_id, line.method_id._get_problem())
        return problems

    def _get_product(self):
        """Return the product that stands for the charge."""
        self.ensure_one()
        if self.method_id.charge_kind == 'product':
            return self.method_id.product_id
        return self.order_id.shop_id.shipping_product_id

    def _prepare_header_values(self):
        """Return what the first charge of an order decides for the whole order (R-29, R-33)."""
        first = self.filtered(lambda line: not line.is_removed)[:1].method_id
        values = {}
        if first.carrier_id:
            values['carrier_id'] = first.carrier_id.id
        if first.incoterm_id:
            values['incoterm'] = first.incoterm_id.id
        return values
