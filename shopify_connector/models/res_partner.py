from odoo import api, fields, models

from ..exceptions import Problem
from .res_partner_choice import email_of, keys_of, person_of


class ResPartner(models.Model):
    _inherit = 'res.partner'

    shopify_customer_ids = fields.One2many(
        'shopify.customer', 'partner_id', string="Shopify Customers"
    )
    shopify_company_ids = fields.One2many(
        'shopify.company', 'partner_id', string="Shopify Companies"
    )
    shopify_order_count = fields.Integer(
        string="Shopify Orders",
        compute='_compute_shopify_order_count',
        groups='shopify_connector.group_user',
    )

    # Orders are matched by e-mail and phone, a batch at a time.
    _shopify_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _shopify_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")

    def _compute_shopify_order_count(self):
        counts = dict(
            self.env['shopify.order']._read_group(
                [('partner_id', 'in', self.ids)], ['partner_id'], ['__count']
            )
        )
        for partner in self:
            partner.shopify_order_count = counts.get(partner, 0)

    def action_view_shopify_orders(self):
        """Open the Shopify orders of the contact."""
        action = self.env['ir.actions.act_window']._for_xml_id('shopify_connector.action_order')
        return {**action, 'domain': [('partner_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS: CHOOSE === #

    @api.model
    def _shopify_choose(self, orders):
        """Choose customer and addresses for a batch of Shopify orders of one shop.

        The order of choice is that of the steps in ``res_partner_choice.py``.

        :return: order → values for it, or the :class:`Problem` that keeps it without a customer.
        """
        partners, decisions = self._shopify_choose_partners(orders)
        chosen = orders.filtered(lambda order: partners.get(order))
        invoice, delivery = self._shopify_choose_addresses(chosen, partners)
        choices = {}
        for order in orders:
            if order not in partners:
                choices[order] = self._shopify_no_customer(order)
                continue
            choices[order] = {
                'partner_id': partners[order].id,
                'customer_decision': decisions[order],
                'partner_invoice_id': invoice[order].id,
                'partner_shipping_id': delivery[order].id,
            }
            order._link_buyer(partners[order], decisions[order])
        return choices

    # === BUSINESS METHODS: CREATE === #

    @api.model
    def _shopify_create_contacts(self, orders):
        """Create a contact for each buyer among orders whose buyer is nowhere in Odoo.

        Orders of one buyer share one contact, as if they had come one after the other. An order
        without an address names nobody (R-74).

        :return: order → partner
        """
        groups = self._shopify_group_buyers(orders.filtered(lambda o: o._get_creation_address()))
        refs = self._shopify_address_references(orders)
        return self._shopify_create_for(
            groups, [self._shopify_prepare_contact(group[0], refs) for group in groups]
        )

    @api.model
    def _shopify_create_companies(self, orders):
        """Create a company for each company among orders that is nowhere in Odoo.

        :return: order → partner
        """
        known = orders.filtered(lambda order: order._get_creation_address())
        groups = list(known.grouped('shopify_company_id').values())
        refs = self._shopify_address_references(orders)
        return self._shopify_create_for(
            groups, [self._shopify_prepare_company(group[0], refs) for group in groups]
        )

    @api.model
    def _shopify_create_for(self, groups, values):
        # A tax number that Shopify took is kept as it is; base_vat may not stop the order for it.
        quiet = self.with_context(tracking_disable=True, no_vat_validation=True)
        return {
            order: partner
            for partner, group in zip(quiet.create(values), groups, strict=True)
            for order in group
        }

    @api.model
    def _shopify_group_buyers(self, orders):
        """Return lists of orders of the same buyer, by what the mapping of the shop compares."""
        groups, known = [], {}
        for order in orders:
            keys = order._get_buyer_keys()
            group = next((known[key] for key in keys if key in known), None)
            if group is None:
                group = []
                groups.append(group)
            group.append(order)
            for key in keys:
                known.setdefault(key, group)
        return groups

    @api.model
    def _shopify_prepare_contact(self, order, refs):
        """Return the values of a new contact, with the address of the invoice (R-81)."""
        address = order._get_creation_address()
        customer = order.customer_id
        values = self._shopify_prepare_address(address, refs)
        return {
            **values,
            'name': values['name'] or customer.name or email_of(order) or order.phone or order.name,
            'email': email_of(order) or False,
            'phone': order.phone or customer.phone or values['phone'],
            'lang': _lang(order.locale, refs['langs']),
            'company_id': False,
            'customer_rank': 1,
            **self._shopify_prepare_template(order, values, is_company=False),
        }

    @api.model
    def _shopify_prepare_company(self, order, refs):
        """Return the values of a new company, with its main contact as its member."""
        company, location = order.shopify_company_id, order.company_location_id
        values = self._shopify_prepare_address(order._get_creation_address(), refs)
        person = {
            'name': company.contact_name,
            'email': company.email,
            'phone': company.phone,
            'type': 'contact',
        }
        return {
            **values,
            'name': company.name,
            'is_company': True,
            'email': company.email or email_of(order) or False,
            'phone': location.phone or company.phone or values['phone'],
            'vat': location.vat,
            'lang': _lang(order.locale, refs['langs']),
            'company_id': False,
            'customer_rank': 1,
            'child_ids': [fields.Command.create(person)] if company.contact_name else [],
            **self._shopify_prepare_template(order, values, is_company=True),
        }

    @api.model
    def _shopify_prepare_template(self, order, values, is_company):
        """Return the values of the chosen template, else of that of the country (R-73, R-84).

        What a country leaves open is as for all other countries: its row may still be empty.
        """
        chosen = order.customer_template_id
        country = (
            chosen.country_id if chosen else self.env['res.country'].browse(values['country_id'])
        )
        result = {}
        for template in order.shop_id._get_country_templates(country):
            result.update(template._prepare_partner_values(is_company))
        return result

    @api.model
    def _shopify_no_customer(self, order):
        """Return the problem of an order without a customer, by what keeps it from one."""
        is_company = bool(order.company_gid)
        shop = order.shop_id
        if order._may_create_customer() and not order._get_creation_address():
            message = self._shopify_no_address_message(order)
        elif is_company:
            message = self.env._(
                "No customer for order %(order)s: the company %(company)s was not found, and the"
                " shop %(shop)s does not create companies and has no default company. Choose a"
                " customer on the order, or a contact for the company.",
                order=order.name,
                company=order.company_name,
                shop=shop.name,
            )
        else:
            message = self.env._(
                "No customer for order %(order)s: no contact was found, and the shop %(shop)s does"
                " not create contacts and has no default customer. Choose a customer on the order,"
                " or a contact for the Shopify customer.",
                order=order.name,
                shop=shop.name,
            )
        return Problem('no_customer', message, subject=shop.name)

    @api.model
    def _shopify_no_address_message(self, order):
        return self.env._(
            "No customer for order %(order)s: a customer is created from an address, and the order"
            " has none, as is often so at a point of sale; the shop %(shop)s has no default"
            " customer. Choose a customer on the order, or a default customer on the shop.",
            order=order.name,
            shop=order.shop_id.name,
        )

    # === BUSINESS METHODS: ADDRESSES === #

    @api.model
    def _shopify_choose_addresses(self, orders, partners):
        """Return ``(order → invoice address, order → delivery address)``.

        The addresses are those of the order. One that the contact has already is used again,
        another one becomes an address of the contact.
        """
        known = self._shopify_known_addresses(self.union(*(partners[order] for order in orders)))
        refs = self._shopify_address_references(orders)
        missing = {}
        wanted = {}
        for order in orders:
            for kind in ('invoice', 'delivery'):
                address = order._get_address(kind)
                owner = partners[order]
                if not address or order._keeps_address(kind, owner):
                    continue
                keys = self._shopify_get_address_keys(address, kind, owner)
                key = next((key for key in keys if key in known), keys[-1])
                wanted[order, kind] = key
                if key not in known and key not in missing:
                    missing[key] = {
                        **self._shopify_prepare_address(address, refs),
                        'parent_id': owner.id,
                        'type': kind,
                    }
        created = self.with_context(tracking_disable=True).create(list(missing.values()))
        known.update(zip(missing, created, strict=True))
        result = {'invoice': {}, 'delivery': {}}
        for order in orders:
            for kind, chosen in result.items():
                key = wanted.get((order, kind))
                chosen[order] = (
                    known[key] if key else order._get_kept_address(kind, partners[order])
                )
        return result['invoice'], result['delivery']

    @api.model
    def _shopify_get_address_keys(self, address, kind, owner):
        """Return the keys (owner id, kind, key) of an address, last the one it is created under.

        The contact itself comes before its addresses. A company is invoiced as itself, whoever of
        it the order names; a delivery goes to the very person.
        """
        names = [owner.name] if owner.is_company else []
        keys = keys_of(address, *names) if kind == 'invoice' else keys_of(address)[:1]
        return [
            *((owner.id, 'contact', key) for key in keys),
            *((owner.id, kind, key) for key in reversed(keys)),
        ]

    @api.model
    def _shopify_known_addresses(self, owners):
        """Return (owner id, kind, key) → partner for all addresses of contacts."""
        children = self.search(
            [('parent_id', 'in', owners.ids), ('type', 'in', ('invoice', 'delivery', 'contact'))],
            order='id desc',
        )
        known = {}
        # A member of a company receives goods at the company as well as an address of that name.
        for partner in children.sorted(lambda partner: partner.type != 'contact'):
            kind = 'delivery' if partner.type == 'contact' else partner.type
            known[partner.parent_id.id, kind, partner._shopify_get_address_key()] = partner
        for owner in owners:
            known[owner.id, 'contact', owner._shopify_get_address_key()] = owner
        return known

    @api.model
    def _shopify_address_references(self, orders):
        """Find once for a batch the countries, states and languages that its addresses name."""
        addresses = [address for order in orders for address in order._get_addresses()]
        countries = self.env['res.country']._shopify_by_code(
            address['country_code'] for address in addresses
        )
        states = self.env['res.country.state'].search(
            [
                ('code', 'in', sorted({address['province_code'] for address in addresses} - {''})),
                ('country_id', 'in', [country.id for country in countries.values() if country]),
            ]
        )
        installed = self.env['res.lang'].get_installed()
        langs = {code.split('_')[0]: code for code, _name in reversed(installed)}
        langs.update({code.replace('_', '-'): code for code, _name in installed})
        return {
            'countries': countries,
            'states': {(state.country_id.code, state.code): state for state in states},
            'langs': langs,
        }

    @api.model
    def _shopify_prepare_address(self, address, refs):
        """Return partner values of an address as it stands on an order."""
        country = refs['countries'].get(address['country_code'], refs['countries'][None])
        state = refs['states'].get((country.code, address['province_code']))
        return {
            'name': person_of(address) or False,
            'street': address['address1'] or False,
            'street2': address['address2'] or False,
            'zip': address['zip'] or False,
            'city': address['city'] or False,
            'country_id': country.id,
            'state_id': state.id if state else False,
            'phone': address['phone'] or False,
        }


def _lang(locale, langs):
    """Return an installed language for a Shopify locale such as ``de`` or ``pt-BR``."""
    locale = locale or ''
    return langs.get(locale) or langs.get(locale.split('-')[0]) or False
