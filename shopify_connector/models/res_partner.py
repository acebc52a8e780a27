from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..exceptions import Problem
from ..shopify_api.matching import address_key, e164


class ResPartner(models.Model):
    _inherit = 'res.partner'

    shopify_customer_ids = fields.One2many(
        'shopify.customer', 'partner_id', string="Shopify Customers"
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

        The order of choice: by hand, the policy of the shop, the linked Shopify customer, e-mail,
        phone, a new contact, the default customer.

        :return: order → values for it, or the :class:`Problem` that keeps it without a customer.
        """
        partners, decisions = self._shopify_choose_partners(orders)
        chosen = orders.filtered(lambda order: partners.get(order))
        invoice, delivery = self._shopify_choose_addresses(chosen, partners)
        choices = {}
        for order in orders:
            partner = partners.get(order)
            if not partner:
                choices[order] = self._shopify_no_customer(order)
                continue
            choices[order] = {
                'partner_id': partner.id,
                'customer_decision': decisions[order],
                'partner_invoice_id': invoice[order].id,
                'partner_shipping_id': delivery[order].id,
            }
            customer = order.customer_id
            if customer and not customer.partner_id and partner != order.shop_id.default_partner_id:
                customer.with_context(shopify_mapping=True).write(
                    {'partner_id': partner.id, 'decision': decisions[order]}
                )
        return choices

    @api.model
    def _shopify_choose_partners(self, orders):
        """Return ``(order → partner, order → reason in words)``."""
        partners, decisions = {}, {}
        by_email, by_phone = self._shopify_search_contacts(orders)
        rules = (
            (self.env._("chosen by hand"), lambda o: o.manual_partner and o.partner_id),
            (
                self.env._("default customer of the shop"),
                lambda o: o.shop_id.customer_policy == 'default' and o.shop_id.default_partner_id,
            ),
            (self.env._("Shopify customer"), lambda o: o.customer_id.partner_id),
            (self.env._("e-mail"), lambda o: by_email.get(_email(o))),
            (self.env._("phone"), lambda o: by_phone.get(_phone(o))),
        )
        for order in orders:
            for reason, find in rules:
                partner = find(order)
                if partner:
                    partners[order], decisions[order] = partner, reason
                    break
        rest = [order for order in orders if order not in partners]
        created = self._shopify_create_contacts(
            [order for order in rest if order.shop_id.customer_policy == 'create']
        )
        for order in rest:
            if order in created:
                partners[order], decisions[order] = created[order], self.env._("new contact")
            elif order.shop_id.default_partner_id:
                partners[order] = order.shop_id.default_partner_id
                decisions[order] = self.env._("default customer of the shop")
        return partners, decisions

    @api.model
    def _shopify_search_contacts(self, orders):
        """Return ``(e-mail → partner, E.164 phone → partner)`` of a batch, in one search each.

        Both are compared exactly after normalising. Of several contacts the oldest one wins.
        """
        company = orders.company_id
        emails = {_email(order) for order in orders} - {''}
        phones = {_phone(order) for order in orders} - {''}
        base = Domain('company_id', 'in', [False, *company.ids]) & Domain('type', '=', 'contact')
        by_email, by_phone = {}, {}
        if emails:
            for partner in self.search(
                base & Domain('email_normalized', 'in', list(emails)), order='id desc'
            ):
                by_email[partner.email_normalized] = partner
        if phones:
            for partner in self.search(
                base & Domain('phone_sanitized', 'in', list(phones)), order='id desc'
            ):
                by_phone[partner.phone_sanitized] = partner
        return by_email, by_phone

    @api.model
    def _shopify_create_contacts(self, orders):
        """Create a contact for each buyer among orders whose buyer is nowhere in Odoo.

        Orders of one buyer share one contact. An order without a name, an e-mail, a phone and an
        address names nobody.

        :return: order → partner
        """
        groups = defaultdict(list)
        for order in orders:
            key = order._get_buyer_key()
            if key:
                groups[key].append(order)
        refs = self._shopify_address_references(orders)
        created = self.with_context(tracking_disable=True).create(
            [self._shopify_prepare_contact(group[0], refs) for group in groups.values()]
        )
        return {
            order: partner
            for partner, group in zip(created, groups.values(), strict=True)
            for order in group
        }

    @api.model
    def _shopify_prepare_contact(self, order, refs):
        """Return the values of a new contact, with the address of the invoice (R-81)."""
        address = order.billing_address or order.shipping_address
        customer = order.customer_id
        name = (address and _person(address)) or customer.name or _email(order) or order.phone
        values = self._shopify_prepare_address(address, refs) if address else {}
        return {
            **values,
            'name': name,
            'email': _email(order) or False,
            'phone': order.phone or customer.phone or values.get('phone') or False,
            'lang': _lang(order.locale, refs['langs']),
            'company_id': False,
            'customer_rank': 1,
        }

    @api.model
    def _shopify_no_customer(self, order):
        return Problem(
            'no_customer',
            self.env._(
                "No customer for order %(order)s: it names nobody, and the shop %(shop)s has no"
                " default customer. Choose a customer on the order, or a default customer on the"
                " shop.",
                order=order.name,
                shop=order.shop_id.name,
            ),
            subject=order.shop_id.name,
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
                key = (owner.id, kind, _key_of(address))
                wanted[order, kind] = key
                own_key = (owner.id, 'contact', key[2])
                if own_key in known:
                    known[key] = known[own_key]
                elif key not in known and key not in missing:
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
    def _shopify_known_addresses(self, owners):
        """Return (owner id, kind, key) → partner for all addresses of contacts."""
        children = self.search(
            [('parent_id', 'in', owners.ids), ('type', 'in', ('invoice', 'delivery'))],
            order='id desc',
        )
        known = {}
        for partner in (*children, *owners):
            key = address_key(
                partner.name,
                partner.street,
                partner.street2,
                partner.zip,
                partner.city,
                partner.country_id.code,
            )
            kind = 'contact' if partner in owners else partner.type
            known[(partner if kind == 'contact' else partner.parent_id).id, kind, key] = partner
        return known

    @api.model
    def _shopify_address_references(self, orders):
        """Find once for a batch the countries, states and languages that its addresses name."""
        addresses = [
            address
            for order in orders
            for address in (order.billing_address, order.shipping_address)
            if address
        ]
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
            'name': _person(address) or False,
            'street': address['address1'] or False,
            'street2': address['address2'] or False,
            'zip': address['zip'] or False,
            'city': address['city'] or False,
            'country_id': country.id,
            'state_id': state.id if state else False,
            'phone': address['phone'] or False,
        }


def _person(address):
    """Return how an address is headed: the company, the person, or both."""
    person = address['name'] or ' '.join(
        part for part in (address['first_name'], address['last_name']) if part
    )
    # A dict keeps the order and drops the repetition of a person who is the company.
    return ', '.join(dict.fromkeys(part for part in (address['company'], person) if part))


def _lang(locale, langs):
    """Return an installed language for a Shopify locale such as ``de`` or ``pt-BR``."""
    locale = locale or ''
    return langs.get(locale) or langs.get(locale.split('-')[0]) or False


def _key_of(address):
    return address_key(
        _person(address),
        address['address1'],
        address['address2'],
        address['zip'],
        address['city'],
        address['country_code'],
    )


def _email(order):
    return email_normalize(order.email or order.customer_id.email or '') or ''


def _phone(order):
    address = order.billing_address or order.shipping_address or {}
    number = order.phone or order.customer_id.phone or address.get('phone')
    country = address.get('country_code') or order.company_id.country_id.code
    return e164(number, country)
