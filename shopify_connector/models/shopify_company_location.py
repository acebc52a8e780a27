import dataclasses

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .shopify_company import find_or_create_links


class ShopifyCompanyLocation(models.Model):
    """A branch of a company that buys; it may have customers of its own."""

    _name = 'shopify.company.location'
    _description = "Shopify Company Location"
    _order = 'shopify_company_id, name, id'

    name = fields.Char(required=True, readonly=True)
    shopify_company_id = fields.Many2one(
        'shopify.company',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
    )
    store_id = fields.Many2one(
        'shopify.store', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='store_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    external_id = fields.Char(string="External ID", readonly=True)
    phone = fields.Char(readonly=True)
    vat = fields.Char(string="Tax ID", readonly=True)
    billing_address = fields.Json(readonly=True)
    shipping_address = fields.Json(readonly=True)
    partner_id = fields.Many2one(
        'res.partner',
        string="Customer",
        index='btree_not_null',
        ondelete='set null',
        help="Customer of the orders of this location. Empty: the contact of the company.",
    )
    partner_invoice_id = fields.Many2one(
        'res.partner',
        string="Invoice To",
        ondelete='set null',
        help="Receives the invoices for this location. Empty: the customer, at the address of the"
        " order.",
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This company location of the store is known already."
    )

    @api.constrains('partner_id', 'partner_invoice_id')
    def _check_partner_invoice_id(self):
        for location in self:
            if location.partner_invoice_id and not location.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s needs a customer before its invoices can go to somebody else.",
                        name=location.name,
                    )
                )

    @api.onchange('partner_id')
    def _onchange_partner_id(self):
        if not self.partner_id:
            self.partner_invoice_id = False

    @api.model
    def _find_or_create(self, store, orders):
        """Return gid → branch for the orders of companies among orders.

        :param list orders: :class:`~odoo.addons.shopify_connector.shopify_api.order.Order`
        """
        orders = [order for order in orders if order.company_gid and order.company_location_gid]
        if not orders:
            return {}
        companies = self.env['shopify.company']._find_or_create(store, orders)
        values = {}
        for order in orders:
            details = order.company_location
            values[order.company_location_gid] = {
                'name': order.company_location_name or order.company_location_gid,
                'shopify_company_id': companies[order.company_gid].id,
                **values.get(order.company_location_gid, {}),
                **(self._prepare_values(details) if details else {}),
            }
        return find_or_create_links(self, store, values)

    @api.model
    def _prepare_values(self, location):
        return {
            'name': location.name or location.gid,
            'external_id': location.external_id or False,
            'phone': location.phone or False,
            'vat': location.vat or False,
            'billing_address': _address_json(location.billing_address),
            'shipping_address': _address_json(location.shipping_address),
        }

    @api.model
    def _get_known_gids(self, store):
        """Return the gids of the branches whose customer is known, which need not be read again."""
        found = self.sudo().search_fetch(
            [
                ('store_id', '=', store.id),
                '|',
                ('partner_id', '!=', False),
                ('shopify_company_id.partner_id', '!=', False),
            ],
            ['shopify_id'],
        )
        return found.mapped('shopify_id')

    def _get_customer(self):
        """Return the linked contact of the branch, else that of its company, archived ones not."""
        self.ensure_one()
        return (self.partner_id | self.shopify_company_id.partner_id).filtered('active')[:1]


def _address_json(address):
    return dataclasses.asdict(address) if address else False
