from odoo import fields, models


class ShopifyOrderExclusion(models.Model):
    """What a user took out of *Orders to Import*, so that it stays out until it changes (R-53)."""

    _name = 'shopify.order.exclusion'
    _description = "Shopify Order Left Out"
    _order = 'id desc'

    store_id = fields.Many2one('shopify.store', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='store_id.company_id', store=True, index=True)
    shopify_id = fields.Char(string="Shopify ID", required=True)
    name = fields.Char(required=True)
    updated_at = fields.Datetime(
        required=True, help="The order stays out as long as Shopify has it unchanged since."
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This order is left out already."
    )

    def _get_known_until(self):
        """Return the change up to which the order stays out."""
        return self.updated_at
