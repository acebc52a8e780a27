from odoo import api, models


class ResCountry(models.Model):
    _inherit = 'res.country'

    @api.model
    def _shopify_by_code(self, codes):
        """Return ISO code → country; ``None`` stands for no country."""
        found = self.search([('code', 'in', sorted({code for code in codes if code}))])
        return {None: self.browse(), **{country.code: country for country in found}}
