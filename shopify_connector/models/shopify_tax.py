from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..exceptions import Problem


class ShopifyTax(models.Model):
    """Which tax of Odoo stands for a tax of Shopify; one row for each one that was ever seen."""

    _name = 'shopify.tax'
    _description = "Shopify Tax"
    _order = 'shop_id, country_id, title, rate'
    _rec_name = 'title'

    shop_id = fields.Many2one(
        'shopify.shop', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True
    )
    title = fields.Char(string="Tax in Shopify", readonly=True)
    rate = fields.Float(string="Rate (%)", digits=(16, 6), readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    price_include = fields.Boolean(string="Included in Price", readonly=True)
    channel_liable = fields.Boolean(
        string="Collected by Channel",
        readonly=True,
        help="The sales channel collects this tax and pays it to the authorities.",
    )
    tax_id = fields.Many2one(
        'account.tax',
        string="Tax in Odoo",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        help="Gives accounts and tax report; the amount always comes from the Shopify order.",
    )
    decision = fields.Char(string="Found By", readonly=True)

    _key_uniq = models.UniqueIndex(
        "(shop_id, title, rate, COALESCE(country_id, 0), price_include, channel_liable)",
        "This tax is mapped already.",
    )

    @api.depends('title', 'rate', 'country_id')
    def _compute_display_name(self):
        for tax in self:
            tax.display_name = tax._describe()

    def write(self, vals):
        """Remember that a user chose the tax."""
        if 'tax_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {**vals, 'decision': self.env._("chosen by hand") if vals['tax_id'] else ''}
            self._try_orders_again()
        return super().write(vals)

    def _try_orders_again(self):
        """Have the orders tried again that wait for these taxes (M-08)."""
        self.env['shopify.order']._try_again_where(
            Domain('shop_id', 'in', self.shop_id.ids)
            & Domain('error_code', '=', 'no_tax')
            & Domain('error_subject', 'in', [tax._get_subject() for tax in self])
        )

    def _describe(self):
        self.ensure_one()
        rate = f'{self.rate:g}'
        included = self.env._("included") if self.price_include else self.env._("not included")
        country = self.country_id.name or self.env._("no country")
        return f'{self.title} {rate} %, {country}, {included}'

    def _get_subject(self):
        """Return what names the tax in every language, so that equal causes group."""
        return self.with_context(lang='en_US')._describe()

    def _get_problem(self):
        self.ensure_one()
        return Problem(
            'no_tax',
            self.env._(
                "The tax %(tax)s of Shopify is not mapped. Choose the tax of Odoo under"
                " Shopify → Configuration → Mappings → Taxes.",
                tax=self.display_name,
            ),
            subject=self._get_subject(),
        )

    @api.model
    def _resolve(self, tax_lines):
        """Return key → mapping for tax lines of one shop; unknown taxes get a row (R-17).

        What happens to a new row is the tax policy of the shop.
        """
        by_key = {line._get_mapping_key(): line for line in tax_lines}
        shops = tax_lines.order_id.shop_id
        known = {tax._get_key(): tax for tax in self.search([('shop_id', 'in', shops.ids)])}
        names = ('shop_id', 'title', 'rate', 'country_id', 'price_include', 'channel_liable')
        created = self.create(
            [dict(zip(names, key, strict=True)) for key in by_key if key not in known]
        )
        for tax in created:
            known[tax._get_key()] = tax
        open_rows = self.browse(tax.id for key, tax in known.items() if key in by_key)
        open_rows.filtered(lambda tax: not tax.tax_id)._suggest()
        return known

    def _get_key(self):
        self.ensure_one()
        return (
            self.shop_id.id,
            self.title or '',
            round(self.rate, 6),
            self.country_id.id,
            self.price_include,
            self.channel_liable,
        )

    def _suggest(self):
        """Find or create the tax of Odoo, as far as the shop's policy goes."""
        for shop, rows in self.grouped('shop_id').items():
            if shop.tax_policy == 'ask' or not rows:
                continue
            candidates = self.env['account.tax'].search(
                Domain('type_tax_use', '=', 'sale')
                & Domain('amount_type', '=', 'percent')
                & Domain('company_id', 'parent_of', shop.company_id.id)
                & Domain('amount', 'in', list({round(row.rate, 4) for row in rows}))
            )
            for row in rows:
                found = row._pick(candidates)
                if found:
                    row._set_tax(found, self.env._("rate and country"))
                elif shop.tax_policy == 'create':
                    row._set_tax(row._create_tax(), self.env._("new tax"))

    def _pick(self, candidates):
        """Return the one tax that fits, none when none or several do.

        A tax collected by the channel is never guessed: it is not the company's.
        """
        self.ensure_one()
        fitting = candidates.filtered(
            lambda tax: (
                round(tax.amount, 4) == round(self.rate, 4)
                and tax.price_include == self.price_include
                and tax.country_id == self.country_id
                and not self.channel_liable
            )
        )
        named = fitting.filtered(lambda tax: self.title.casefold() in tax.name.casefold())
        if len(named) == 1:
            return named
        return fitting if len(fitting) == 1 else fitting.browse()

    def _set_tax(self, tax, reason):
        self.with_context(shopify_mapping=True).write({'tax_id': tax.id, 'decision': reason})

    def _create_tax(self):
        """Create a sales tax with the accounts of the company's default sales tax."""
        self.ensure_one()
        return self.env['account.tax'].sudo().create(self._prepare_tax_values())

    def _prepare_tax_values(self):
        company = self.company_id
        default = company.account_sale_tax_id
        values = {
            'name': self._get_tax_name(),
            'description': self.title,
            'amount_type': 'percent',
            'amount': round(self.rate, 4),
            'type_tax_use': 'sale',
            'price_include_override': 'tax_included' if self.price_include else 'tax_excluded',
            'company_id': company.id,
        }
        if default:
            values['tax_group_id'] = self._get_tax_group(default.tax_group_id).id
            values['country_id'] = default.country_id.id
            for name in ('invoice_repartition_line_ids', 'refund_repartition_line_ids'):
                values[name] = [Command.clear()] + [
                    Command.create(
                        {
                            'repartition_type': line.repartition_type,
                            'factor_percent': line.factor_percent,
                            'account_id': line.account_id.id,
                            'tag_ids': [Command.set(line.tag_ids.ids)],
                        }
                    )
                    for line in default[name]
                ]
        return values

    def _get_tax_group(self, default_group):
        """Return the group that totals show the tax under: named like it, same accounts."""
        groups = self.env['account.tax.group'].sudo()
        name = f'{self.title} {self.rate:g}%'
        domain = [('name', '=', name), ('company_id', '=', default_group.company_id.id)]
        return groups.search(domain, limit=1) or default_group.sudo().copy({'name': name})

    def _get_tax_name(self):
        """Return a name that no other tax of the company has."""
        self.ensure_one()
        parts = [self.title or 'Shopify', f'{self.rate:g}%']
        parts += [self.country_id.code] if self.country_id else []
        parts += [self.env._("incl.")] if self.price_include else []
        parts += [self.env._("channel")] if self.channel_liable else []
        name = ' '.join(parts)
        taxes = self.env['account.tax'].with_context(active_test=False)
        taken = taxes.search([('name', '=like', f'{name}%'), ('type_tax_use', '=', 'sale')])
        return f'{name} ({self.id})' if name in taken.mapped('name') else name
