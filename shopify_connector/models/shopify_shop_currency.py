"""The currencies of a shop: which one its documents are in, and what that needs (R-01, R-02)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .shopify_order_currency import CURRENCY_POLICIES


# pylint: disable=consider-merging-classes-inherited
# The currencies of a shop are a chapter of their own.
class ShopifyShop(models.Model):
    _inherit = 'shopify.shop'

    currency_policy = fields.Selection(
        CURRENCY_POLICIES,
        string="Documents In",
        required=True,
        default='store',
        tracking=True,
        help="Shopify keeps each amount twice: in the currency of the store, and in the one the"
        " buyer saw and paid in. Chosen for each order when it first arrives; a change is for the"
        " orders to come. Currencies other than the company's need an exchange rate.",
    )
    rate_warning = fields.Text(compute='_compute_rate_warning')
    buyer_rate_hint = fields.Text(compute='_compute_buyer_rate_hint')

    # === COMPUTE METHODS === #

    @api.depends('store_id.currency_id', 'company_id.currency_id')
    def _compute_rate_warning(self):
        usable = self.currency_id._shopify_get_usable(self.company_id)
        for shop in self:
            currency, company = shop.currency_id, shop.company_id
            missing = currency and company and (currency, company) not in usable
            shop.rate_warning = missing and shop._get_rate_warning()

    @api.depends('currency_policy', 'store_id.presentment_currency_ids', 'company_id.currency_id')
    def _compute_buyer_rate_hint(self):
        self.buyer_rate_hint = False
        shops = self.filtered(lambda shop: shop.currency_policy == 'buyer')
        usable = shops.store_id.presentment_currency_ids._shopify_get_usable(shops.company_id)
        for shop in shops:
            missing = shop.store_id.presentment_currency_ids.filtered(
                lambda currency, company=shop.company_id: (currency, company) not in usable
            )
            if missing - shop.currency_id:  # that one has a warning of its own
                shop.buyer_rate_hint = shop._get_buyer_rate_hint(missing - shop.currency_id)

    def _get_buyer_rate_hint(self, currencies):
        return self.env._(
            "Buyers may pay in %(currencies)s, for which %(company)s has no exchange rate. Orders"
            " in such a currency will wait for one.",
            currencies=', '.join(sorted(currencies.mapped('name'))),
            company=self.company_id.name,
        )

    def _get_rate_warning(self):
        return self.env._(
            "%(store)s sells in %(currency)s. %(company)s keeps its books in %(own)s and has no"
            " exchange rate for %(currency)s. Enter one under Accounting → Configuration →"
            " Currencies.",
            store=self.store_id.name,
            currency=self.currency_id.name,
            company=self.company_id.name,
            own=self.company_id.currency_id.name,
        )

    # === CONSTRAINT METHODS === #

    @api.constrains('store_id', 'company_id', 'currency_policy')
    def _check_rates(self):
        """Refuse a currency that could not be converted (R-01).

        A store that is just being connected, or whose currency changes in Shopify, shows the same
        words instead: these are facts, and its orders wait until there is a rate.
        """
        if self.env.context.get('shopify_rates_later'):
            return
        for shop in self.filtered('rate_warning'):
            raise ValidationError(shop.rate_warning)

    # === ACTION METHODS === #

    def action_view_currency(self):
        """Open the currency of the store, where exchange rates are entered."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.currency',
            'res_id': self.currency_id.id,
            'view_mode': 'form',
        }

    # === BUSINESS METHODS === #

    def _get_pricelists(self, currencies):
        """Return currency → the technical pricelist that puts sales orders into it.

        ``sale.order.currency_id`` is computed from the pricelist; none means company currency.
        """
        self.ensure_one()
        pricelists = self.env['product.pricelist'].sudo()  # shop users may not edit pricelists
        own = self.company_id.currency_id
        found = {own: pricelists}
        foreign = currencies - own
        if foreign:
            domain = [
                ('currency_id', 'in', foreign.ids),
                ('company_id', '=', self.company_id.id),
                ('name', 'in', [self._get_pricelist_name(currency) for currency in foreign]),
            ]
            known = pricelists.search(domain, order='id desc')
            found.update({pricelist.currency_id: pricelist for pricelist in known})
            missing = foreign.filtered(lambda currency: currency not in found)
            created = self._create_pricelists(missing)
            found.update({pricelist.currency_id: pricelist for pricelist in created})
        return found

    def _create_pricelists(self, currencies):
        pricelists = self.env['product.pricelist'].sudo()
        return pricelists.create(
            [
                {
                    'name': self._get_pricelist_name(currency),
                    'currency_id': currency.id,
                    'company_id': self.company_id.id,
                }
                for currency in currencies
            ]
        )

    @api.model
    def _get_pricelist_name(self, currency):
        return f'Shopify {currency.name}'
