from odoo import api, models


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    @api.model
    def _shopify_by_code(self, codes):
        """Return ISO code → currency, active or not; ``None`` stands for no currency."""
        found = self.with_context(active_test=False).search([('name', 'in', sorted(set(codes)))])
        return {None: self.browse(), **{currency.name: currency for currency in found}}

    def _shopify_get_usable(self, companies):
        """Return the pairs (currency, company) that amounts can be converted for (R-01).

        Odoo converts a currency without any exchange rate one to one.
        """
        groups = [('currency_id', 'in', self.ids)], ['currency_id', 'company_id']
        rated = set(self.env['res.currency.rate'].sudo()._read_group(*groups)) if self else set()
        anybody = self.env['res.company']
        return {
            (currency, company)
            for currency in self
            for company in companies
            if currency == company.currency_id
            or not rated.isdisjoint({(currency, company.root_id), (currency, anybody)})
        }
