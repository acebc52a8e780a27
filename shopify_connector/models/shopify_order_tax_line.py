from odoo import api, fields, models

from ..shopify_api.money import to_decimal


class ShopifyOrderTaxLine(models.Model):
    _name = 'shopify.order.tax.line'
    _description = "Shopify Order Tax Line"
    _order = 'id'
    _rec_name = 'title'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    line_id = fields.Many2one(
        'shopify.order.line', index='btree_not_null', ondelete='cascade', string="Order Line"
    )
    shipping_line_id = fields.Many2one(
        'shopify.order.shipping.line', index='btree_not_null', ondelete='cascade'
    )
    fee_id = fields.Many2one('shopify.order.fee', index='btree_not_null', ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related='order_id.currency_id')
    title = fields.Char(string="Tax", readonly=True)
    rate = fields.Float(digits=(16, 8), readonly=True, help="As a fraction: 0.0825 is 8.25 %.")
    amount = fields.Monetary(readonly=True)
    channel_liable = fields.Boolean(
        string="Collected by Channel",
        readonly=True,
        help="The sales channel collects this tax and pays it to the authorities.",
    )
    tax_id = fields.Many2one('shopify.tax', string="Mapping", index='btree_not_null')

    # === BUSINESS METHODS === #

    @api.model
    def _stage(self, charged):
        """Write the taxes of whatever is charged.

        :param list charged: ``(staged order, thing with taxes, values that name its row)``
        """
        return self.create(
            [
                {
                    'order_id': record.id,
                    'title': tax.title,
                    'rate': float(tax.rate),
                    'amount': float(tax.amount.amount),
                    'channel_liable': tax.channel_liable,
                    **parent,
                }
                for record, item, parent in charged
                for tax in item.taxes
            ]
        )

    def _is_charged(self):
        """Return whether the tax applied: an exempt line names the rate and an amount of zero."""
        self.ensure_one()
        return bool(self.amount) or not self.rate

    def _get_amounts(self, digits):
        """Return the amounts of the tax lines that were charged, in their order."""
        return tuple(to_decimal(tax.amount, digits) for tax in self if tax._is_charged())

    def _get_account_taxes(self):
        """Return the ``account.tax`` of each tax line that was charged, in their order."""
        return [tax.tax_id.tax_id for tax in self if tax._is_charged()]

    # === BUSINESS METHODS: MAP === #

    def _map_taxes(self):
        """Give each charged tax line its mapping.

        :return: order → problem for the orders with a tax that is not mapped.
        """
        problems = {}
        charged = self.filtered(lambda line: line._is_charged())
        mappings = self.env['shopify.tax']._resolve(charged)
        for line in charged:
            mapping = mappings[line._get_mapping_key()]
            if line.tax_id != mapping:
                line.tax_id = mapping
            if not mapping.tax_id:
                problems.setdefault(line.order_id, mapping._get_problem())
        return problems

    def _list_tax_problems(self):
        """Return ``(order, problem)`` for each charged tax whose mapping lacks a tax."""
        return [
            (line.order_id, line.tax_id._get_problem())
            for line in self
            if line._is_charged() and line.tax_id and not line.tax_id.tax_id
        ]

    def _get_mapping_key(self):
        """Return what tells taxes apart: title, rate, country, included, who collects."""
        self.ensure_one()
        order = self.order_id
        country = order.ship_country_id or order.company_id.country_id
        return (
            order.shop_id.id,
            self.title or '',
            round(self.rate * 100, 6),
            country.id,
            order.taxes_included,
            self.channel_liable,
        )
