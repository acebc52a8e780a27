from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize


class ShopifyCompany(models.Model):
    """The link between a company that buys in one store and a contact."""

    _name = 'shopify.company'
    _description = "Shopify Company"
    _order = 'id desc'

    name = fields.Char(required=True, readonly=True)
    store_id = fields.Many2one(
        'shopify.store', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='store_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    external_id = fields.Char(string="External ID", readonly=True)
    contact_name = fields.Char(string="Main Contact", readonly=True)
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    partner_id = fields.Many2one(
        'res.partner',
        string="Contact",
        index='btree_not_null',
        ondelete='set null',
        help="Company in Odoo that stands for this company. Orders follow it, unless the location"
        " that ordered has a contact of its own.",
    )
    decision = fields.Char(string="Found By", readonly=True)
    location_ids = fields.One2many(
        'shopify.company.location', 'shopify_company_id', string="Locations"
    )
    order_ids = fields.One2many('shopify.order', 'shopify_company_id', string="Orders")

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This company of the store is known already."
    )

    def write(self, vals):
        """Remember that a user chose the contact."""
        if 'partner_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {**vals, 'decision': self.env._("chosen by hand") if vals['partner_id'] else ''}
            self.env['shopify.order']._try_again_where(
                Domain('shopify_company_id', 'in', self.ids)
                & Domain('error_code', '=', 'no_customer')
            )
        return super().write(vals)

    @api.model
    def _find_or_create(self, store, orders):
        """Return gid → company for the companies that order, in one search and one create.

        :param list orders: :class:`~odoo.addons.shopify_connector.shopify_api.order.Order` of
            companies; one whose branch was not read only knows gid and name.
        """
        values = {}
        for order in orders:
            details = order.company_location
            values[order.company_gid] = {
                'name': order.company_name or order.company_gid,
                **values.get(order.company_gid, {}),
                **(self._prepare_values(details.company) if details else {}),
            }
        return find_or_create_links(self, store, values)

    @api.model
    def _prepare_values(self, company):
        return {
            'name': company.name or company.gid,
            'external_id': company.external_id or False,
            'contact_name': company.contact_name or False,
            'email': email_normalize(company.email) or False,
            'phone': company.phone or False,
        }


def find_or_create_links(model, store, values):
    """Return gid → link of a store, in one search and one create; changed values are written.

    :param dict values: gid → values of the link, many2one as ids.
    """
    known = {
        link.shopify_id: link
        for link in model.search([('store_id', '=', store.id), ('shopify_id', 'in', list(values))])
    }
    for gid, link in known.items():
        changed = {
            name: value
            for name, value in values[gid].items()
            if link._fields[name].convert_to_write(link[name], link) != value
        }
        if changed:
            link.write(changed)
    created = model.create(
        [
            {**item, 'store_id': store.id, 'shopify_id': gid}
            for gid, item in values.items()
            if gid not in known
        ]
    )
    return known | {link.shopify_id: link for link in created}
