from odoo import api, models
from odoo.fields import Domain


class ResCurrencyRate(models.Model):
    _inherit = 'res.currency.rate'

    @api.model_create_multi
    def create(self, vals_list):
        """Have orders tried again that wait for an exchange rate (M-08)."""
        rates = super().create(vals_list)
        self.env['shopify.order']._try_again_where(
            Domain('error_code', '=', 'no_rate')
            & Domain('error_subject', 'in', rates.currency_id.mapped('name'))
        )
        return rates
