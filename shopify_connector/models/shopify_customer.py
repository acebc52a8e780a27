import dataclasses

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize


class ShopifyCustomer(models.Model):
    """The link between a customer of one store and a contact."""

    _name = 'shopify.customer'
    _description = "Shopify Customer"
    _order = 'id desc'

    name = fields.Char(readonly=True)
    store_id = fields.Many2one(
        'shopify.store', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='store_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    address = fields.Json(readonly=True)
    partner_id = fields.Many2one(
        'res.partner',
        string="Contact",
        index='btree_not_null',
        ondelete='set null',
        help="Contact that stands for this customer in Odoo. Orders follow it.",
    )
    decision = fields.Char(string="Found By", readonly=True)
    order_ids = fields.One2many('shopify.order', 'customer_id', string="Orders")

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This customer of the store is known already."
    )

    def write(self, vals):
        """Remember that a user chose the contact."""
        if 'partner_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {**vals, 'decision': self.env._("chosen by hand") if vals['partner_id'] else ''}
            self.env['shopify.order']._try_again_where(
                Domain('customer_id', 'in', self.ids) & Domain('error_code', '=', 'no_customer')
            )
        return super().write(vals)

    @api.model
    def _find_or_create(self, store, customers):
        """Return gid → link for customers of a store, in one search and one create.

        :param list customers: :class:`~odoo.addons.shopify_connector.shopify_api.order.Customer`
        """
        by_gid = {customer.gid: customer for customer in customers}
        known = {
            link.shopify_id: link
            for link in self.search(
                [('store_id', '=', store.id), ('shopify_id', 'in', list(by_gid))]
            )
        }
        for gid, link in known.items():
            values = self._prepare_values(by_gid[gid])
            changed = {name: value for name, value in values.items() if link[name] != value}
            if changed:
                link.write(changed)
        created = self.create(
            [
                {**self._prepare_values(customer), 'store_id': store.id, 'shopify_id': gid}
                for gid, customer in by_gid.items()
                if gid not in known
            ]
        )
        return known | {link.shopify_id: link for link in created}

    @api.model
    def _prepare_values(self, customer):
        return {
            'name': customer.name or customer.email or customer.phone or False,
            'email': email_normalize(customer.email) or False,
            'phone': customer.phone or False,
            'address': dataclasses.asdict(customer.address) if customer.address else False,
        }
