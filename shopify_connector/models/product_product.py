from odoo import api, fields, models
from odoo.fields import Domain


class ProductProduct(models.Model):
    _inherit = 'product.product'

    shopify_variant_ids = fields.One2many(
        'shopify.variant', 'product_id', string="Shopify Variants"
    )

    @api.model
    def _shopify_search(self, company, field_name, values):
        """Return value → products that carry it, archived ones left out, in one search.

        :param str field_name: ``default_code`` or ``barcode``.
        """
        found = {}
        domain = Domain(field_name, 'in', list(values)) & Domain(
            'company_id', 'in', [False, company.id]
        )
        for product in self.search(domain) if values else self:
            value = product[field_name]
            found[value] = found.get(value, self.browse()) + product
        return found

    @api.model
    def _shopify_create_missing(self, lines):
        """Create one product for each variant or SKU of lines that no product matches.

        :return: line → product
        """
        groups = {}
        for line in lines:
            groups.setdefault(line._get_product_key(), []).append(line)
        barcodes = {group[0].barcode for group in groups.values() if group[0].barcode}
        taken = set(self._shopify_search(lines.company_id, 'barcode', barcodes))
        created = self.with_context(tracking_disable=True).create(
            [self._shopify_prepare_values(group[0], taken) for group in groups.values()]
        )
        return {
            line: product
            for product, group in zip(created, groups.values(), strict=True)
            for line in group
        }

    @api.model
    def _shopify_prepare_values(self, line, taken_barcodes):
        """Return the values of a product made from an order line."""
        goods = line.requires_shipping
        barcode = line.barcode if line.barcode not in taken_barcodes else False
        taken_barcodes.add(barcode)
        return {
            'name': line._get_full_title(),
            'default_code': line.sku or False,
            'barcode': barcode or False,
            'list_price': line.price_unit,
            'type': 'consu' if goods else 'service',
            'is_storable': goods,
            'invoice_policy': 'order',
            'taxes_id': False,
        }
