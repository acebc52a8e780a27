from odoo import api, fields, models


class ShopifyCountryTemplate(models.Model):
    """What is special about the customers of one country in one shop.

    A row is made when orders of a country first come, so that users see what there is to set; it
    changes nothing until it is filled in.
    """

    _name = 'shopify.country.template'
    _description = "Shopify Customer Template"
    _order = 'shop_id, country_id, id'
    _rec_name = 'country_id'
    _check_company_auto = True

    shop_id = fields.Many2one('shopify.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True
    )
    country_id = fields.Many2one(
        'res.country',
        ondelete='restrict',
        help="Country that orders ship to, or where a new customer is. Empty: what the"
        " rows of the countries leave open; a default customer does not apply then.",
    )
    default_partner_id = fields.Many2one(
        'res.partner',
        string="Default Customer",
        check_company=True,
        help="Takes all orders that ship to this country, whatever the shop says about customers."
        " Only a choice by hand comes before it. Orders of companies never take it.",
    )
    fiscal_position_id = fields.Many2one(
        'account.fiscal.position',
        check_company=True,
        help="Fiscal position of new customers that are persons. Empty: Odoo detects it.",
    )
    company_fiscal_position_id = fields.Many2one(
        'account.fiscal.position',
        string="Fiscal Position of Companies",
        check_company=True,
        help="Fiscal position of new customers that are companies. Empty: Odoo detects it.",
    )
    payment_term_id = fields.Many2one(
        'account.payment.term',
        string="Payment Terms",
        check_company=True,
        help="Payment terms of new customers.",
    )
    user_id = fields.Many2one(
        'res.users', string="Salesperson", help="Salesperson of new customers."
    )
    category_id = fields.Many2many(
        'res.partner.category', string="Tags", help="Tags of new customers."
    )
    lang = fields.Selection(
        '_get_languages',
        string="Language",
        help="Language of new customers. Empty: the language in which they ordered.",
    )

    _country_uniq = models.UniqueIndex(
        "(shop_id, COALESCE(country_id, 0))", "The shop has a template for this country already."
    )

    @api.model
    def _get_languages(self):
        return self.env['res.lang'].get_installed()

    @api.depends('country_id')
    def _compute_display_name(self):
        for template in self:
            country = template.country_id
            template.display_name = country.name or self.env._("All other countries")

    @api.model
    def _add_missing(self, shop, countries):
        """Make a row for each country that a shop sells to for the first time."""
        missing = countries - shop.country_template_ids.country_id
        self.create([{'shop_id': shop.id, 'country_id': country.id} for country in missing])

    def _prepare_partner_values(self, is_company):
        """Return what a new contact takes from the template, only what is set."""
        self.ensure_one()
        position = self.company_fiscal_position_id if is_company else self.fiscal_position_id
        values = {
            'property_account_position_id': position.id,
            'property_payment_term_id': self.payment_term_id.id,
            'user_id': self.user_id.id,
            'category_id': [fields.Command.link(tag.id) for tag in self.category_id],
            'lang': self.lang,
        }
        return {name: value for name, value in values.items() if value}
