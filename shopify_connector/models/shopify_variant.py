from odoo import api, fields, models
from odoo.fields import Domain


class ShopifyVariant(models.Model):
    """The link between a product variant of one store and a product."""

    _name = 'shopify.variant'
    _description = "Shopify Variant"
    _order = 'name, id'

    name = fields.Char(required=True, readonly=True)
    store_id = fields.Many2one(
        'shopify.store', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='store_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    product_gid = fields.Char(string="Shopify Product ID", readonly=True)
    sku = fields.Char(string="SKU", readonly=True)
    barcode = fields.Char(readonly=True)
    product_id = fields.Many2one(
        'product.product',
        index='btree_not_null',
        ondelete='set null',
        help="Product that is sold and shipped for this variant.",
    )
    decision = fields.Char(string="Found By", readonly=True)

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This variant of the store is known already."
    )

    def write(self, vals):
        """Remember that a user chose the product."""
        if 'product_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {**vals, 'decision': self.env._("chosen by hand") if vals['product_id'] else ''}
            self._try_orders_again()
        return super().write(vals)

    def _try_orders_again(self):
        """Have the orders tried again that wait for these variants (M-08)."""
        self.env['shopify.order']._try_again_where(
            Domain('store_id', 'in', self.store_id.ids)
            & Domain('error_code', '=', 'no_product')
            & Domain('line_ids.variant_gid', 'in', self.mapped('shopify_id'))
        )

    @api.model
    def _link(self, store, lines):
        """Keep which product stands for the variants of freshly mapped lines."""
        by_gid = {line.variant_gid: line for line in lines if line.variant_gid and line.product_id}
        known = self.search([('store_id', '=', store.id), ('shopify_id', 'in', list(by_gid))])
        for variant in known.filtered(lambda variant: not variant.product_id):
            line = by_gid[variant.shopify_id]
            variant.with_context(shopify_mapping=True).write(
                {'product_id': line.product_id.id, 'decision': line.product_decision}
            )
        new = [line for gid, line in by_gid.items() if gid not in known.mapped('shopify_id')]
        return known + self.create(
            [
                {
                    'store_id': store.id,
                    'shopify_id': line.variant_gid,
                    'product_gid': line.product_gid,
                    'name': line._get_full_title(),
                    'sku': line.sku,
                    'barcode': line.barcode,
                    'product_id': line.product_id.id,
                    'decision': line.product_decision,
                }
                for line in new
            ]
        )
