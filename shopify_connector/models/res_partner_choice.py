"""How the customer of an order is chosen: steps, one small method each, a batch at a time.

A step takes the orders that are still without a customer and returns order → partner for those it
knows. The steps of a shop are data: ``_shopify_steps_person`` for orders of persons and
``_shopify_steps_company`` for those of companies (B2B), each with the steps of the mapping that the
shop has chosen. An extension adds a mapping by adding a value to the field and a method
``_shopify_steps_person_by_<value>``.
"""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..shopify_api.matching import address_key, e164, vat_key


# pylint: disable=consider-merging-classes-inherited
# The order of choice is a story of its own, longer than the rest of the contact.
class ResPartner(models.Model):
    _inherit = 'res.partner'

    _shopify_zip_idx = models.Index("(zip) WHERE zip IS NOT NULL")
    _shopify_vat_idx = models.Index(
        "(regexp_replace(upper(vat), '[^0-9A-Z]', '', 'g')) WHERE vat IS NOT NULL"
    )

    # === STEPS === #

    @api.model
    def _shopify_choose_partners(self, orders):
        """Return ``(order → partner, order → reason in words)`` for orders of one shop."""
        companies = orders.filtered('company_gid')
        partners, decisions = {}, {}
        for rest, steps in (
            (orders - companies, self._shopify_steps_person),
            (companies, self._shopify_steps_company),
        ):
            for reason, find in steps(rest.shop_id) if rest else ():
                found = find(rest)
                partners.update(found)
                decisions.update(dict.fromkeys(found, reason))
                rest -= rest.browse(order.id for order in found)
                if not rest:
                    break
        return partners, decisions

    @api.model
    def _shopify_steps_person(self, shop):
        """Return ``(reason, step)`` in the order of choice for orders of persons (R-72 to R-80)."""
        policy = getattr(self, f'_shopify_steps_person_by_{shop.customer_policy}')
        return (
            (self.env._("chosen by hand"), self._shopify_find_by_hand),
            (self.env._("default customer of the country"), self._shopify_find_country_default),
            (self.env._("default customer of the shop"), self._shopify_find_not_imported),
            *policy(),
            (self.env._("default customer of the shop"), self._shopify_find_default),
        )

    @api.model
    def _shopify_steps_person_by_default(self):
        """R-78: nobody is looked for."""
        return ()

    @api.model
    def _shopify_steps_person_by_contact(self):
        """R-79: the linked customer, e-mail, phone, a new contact."""
        return (
            (self.env._("Shopify customer"), self._shopify_find_link),
            (self.env._("e-mail"), self._shopify_find_email),
            (self.env._("phone"), self._shopify_find_phone),
            (self.env._("new contact"), self._shopify_find_new),
        )

    @api.model
    def _shopify_steps_person_by_address(self):
        """R-80: the linked customer, the address of the invoice, a new contact.

        An order without an address is looked for by e-mail and phone, as in the seed's product.
        """
        return (
            (self.env._("Shopify customer"), self._shopify_find_link),
            (self.env._("invoice address"), self._shopify_find_address),
            (self.env._("e-mail"), self._shopify_find_email_without_address),
            (self.env._("phone"), self._shopify_find_phone_without_address),
            (self.env._("new contact"), self._shopify_find_new),
        )

    @api.model
    def _shopify_steps_company(self, shop):
        """Return ``(reason, step)`` for orders of companies (R-82); no country default (R-83)."""
        policy = getattr(self, f'_shopify_steps_company_by_{shop.company_policy}')
        return (
            (self.env._("chosen by hand"), self._shopify_find_by_hand),
            (self.env._("default company of the shop"), self._shopify_find_not_imported_company),
            *policy(),
            (self.env._("default company of the shop"), self._shopify_find_default_company),
        )

    @api.model
    def _shopify_steps_company_by_default(self):
        """Nobody is looked for."""
        return ()

    @api.model
    def _shopify_steps_company_by_contact(self):
        """The linked company, e-mail and phone of its main contact, a new company."""
        return (
            (self.env._("Shopify company"), self._shopify_find_company_link),
            (self.env._("e-mail"), self._shopify_find_company_email),
            (self.env._("phone"), self._shopify_find_company_phone),
            (self.env._("new company"), self._shopify_find_new_company),
        )

    @api.model
    def _shopify_steps_company_by_vat(self):
        """The linked company, the tax ID of the location, a new company."""
        return (
            (self.env._("Shopify company"), self._shopify_find_company_link),
            (self.env._("tax ID"), self._shopify_find_vat),
            (self.env._("new company"), self._shopify_find_new_company),
        )

    @api.model
    def _shopify_steps_company_by_vat_contact(self):
        """The linked company, tax ID, e-mail, phone, a new company."""
        return (
            (self.env._("Shopify company"), self._shopify_find_company_link),
            (self.env._("tax ID"), self._shopify_find_vat),
            (self.env._("e-mail"), self._shopify_find_company_email),
            (self.env._("phone"), self._shopify_find_company_phone),
            (self.env._("new company"), self._shopify_find_new_company),
        )

    # === STEPS: WITHOUT A SEARCH === #

    @api.model
    def _shopify_find_by_hand(self, orders):
        """R-72: whoever was only given an invoice address is invoiced and sold to there."""
        return _pick(
            orders.filtered('manual_partner'),
            lambda order: order.partner_id or order.partner_invoice_id,
        )

    @api.model
    def _shopify_find_country_default(self, orders):
        """R-76: the default customer of the country that an order ships to."""
        shop = orders.shop_id
        self.env['shopify.country.template'].sudo()._add_missing(shop, orders.ship_country_id)
        defaults = {
            row.country_id: row.default_partner_id
            for row in shop.country_template_ids
            if row.country_id and row.default_partner_id
        }
        return _pick(orders, lambda order: defaults.get(order.ship_country_id))

    @api.model
    def _shopify_find_not_imported(self, orders):
        """R-77: the shop imports no customers and has a default one."""
        return self._shopify_find_default(
            orders.filtered(lambda order: order.shop_id.customer_import == 'none')
        )

    @api.model
    def _shopify_find_default(self, orders):
        return _pick(orders, lambda order: order.shop_id.default_partner_id)

    @api.model
    def _shopify_find_not_imported_company(self, orders):
        return self._shopify_find_default_company(
            orders.filtered(lambda order: order.shop_id.company_import == 'none')
        )

    @api.model
    def _shopify_find_default_company(self, orders):
        return _pick(orders, lambda order: order.shop_id.default_company_partner_id)

    @api.model
    def _shopify_find_link(self, orders):
        """The contact linked to the Shopify customer; an archived one is out of use."""
        return _pick(orders, lambda order: order.customer_id.partner_id.filtered('active'))

    @api.model
    def _shopify_find_company_link(self, orders):
        """The contact linked to the location, else to the company."""
        return _pick(orders, lambda order: order.company_location_id._get_customer())

    @api.model
    def _shopify_find_new(self, orders):
        return self._shopify_create_contacts(
            orders.filtered(lambda order: order.shop_id.customer_import == 'create')
        )

    @api.model
    def _shopify_find_new_company(self, orders):
        return self._shopify_create_companies(
            orders.filtered(lambda order: order.shop_id.company_import == 'create')
        )

    # === STEPS: WITH ONE SEARCH === #

    @api.model
    def _shopify_find_email(self, orders):
        contacts = self._shopify_search_persons(orders, 'email_normalized', email_of)
        return _pick(orders, lambda order: contacts.get(email_of(order)))

    @api.model
    def _shopify_find_phone(self, orders):
        contacts = self._shopify_search_persons(orders, 'phone_sanitized', phone_of)
        return _pick(orders, lambda order: contacts.get(phone_of(order)))

    @api.model
    def _shopify_find_email_without_address(self, orders):
        return self._shopify_find_email(orders.filtered(lambda order: not order._get_bill_to()))

    @api.model
    def _shopify_find_phone_without_address(self, orders):
        return self._shopify_find_phone(orders.filtered(lambda order: not order._get_bill_to()))

    @api.model
    def _shopify_find_address(self, orders):
        """The contact with the same name, street, zip, city and country as the bill-to address."""
        addresses = [address for order in orders if (address := order._get_bill_to())]
        zips = {text for address in addresses for text in _spellings(address['zip'])}
        cities = {
            text
            for address in addresses
            if not address['zip']
            for text in _spellings(address['city'])
        }
        if not zips | cities:
            return {}
        near = Domain('zip', 'in', list(zips)) | (
            Domain('zip', '=', False) & Domain('city', 'in', list(cities))
        )
        contacts = {}
        for partner in self.search(
            self._shopify_get_person_domain(orders)
            & Domain('type', 'in', ('contact', 'invoice'))
            & near,
            order='id desc',
        ):
            contacts[partner._shopify_get_address_key()] = (
                partner if partner.type == 'contact' else partner.parent_id or partner
            )
        return _pick(orders, lambda order: _first(contacts, keys_of(order._get_bill_to())))

    @api.model
    def _shopify_find_vat(self, orders):
        """The company with the tax ID of the location, however it is written."""
        wanted = {vat_key(order.company_location_id.vat) for order in orders} - {''}
        if not wanted:
            return {}
        self.flush_model(['vat'])
        sql = SQL(
            """SELECT id FROM res_partner WHERE vat IS NOT NULL
                  AND regexp_replace(upper(vat), '[^0-9A-Z]', '', 'g') = ANY(%s)""",
            list(wanted),
        )
        ids = [row_id for (row_id,) in self.env.execute_query(sql)]
        found = self.search(
            self._shopify_get_company_domain(orders) & Domain('id', 'in', ids), order='id desc'
        )
        companies = {vat_key(partner.vat): partner.commercial_partner_id for partner in found}
        return _pick(orders, lambda order: companies.get(vat_key(order.company_location_id.vat)))

    @api.model
    def _shopify_find_company_email(self, orders):
        companies = self._shopify_search_companies(orders, 'email_normalized', company_email_of)
        return _pick(orders, lambda order: companies.get(company_email_of(order)))

    @api.model
    def _shopify_find_company_phone(self, orders):
        companies = self._shopify_search_companies(orders, 'phone_sanitized', company_phone_of)
        return _pick(orders, lambda order: companies.get(company_phone_of(order)))

    # === SEARCHES === #

    @api.model
    def _shopify_search_persons(self, orders, field_name, value_of):
        """Return normalized value → contact, compared exactly.

        Of several contacts a private person comes before a member of a company, and the oldest
        comes first.
        """
        wanted = {value_of(order) for order in orders} - {''}
        if not wanted:
            return {}
        found = self.search(
            self._shopify_get_person_domain(orders)
            & Domain('type', '=', 'contact')
            & Domain(field_name, 'in', list(wanted)),
            order='id desc',
        )
        ranked = found.sorted(lambda partner: not partner.commercial_partner_id.is_company)
        return {partner[field_name]: partner for partner in ranked}

    @api.model
    def _shopify_search_companies(self, orders, field_name, value_of):
        """Return normalized value → company, whose own value it is or that of a member.

        Of several companies one whose own value it is comes first, then the oldest.
        """
        wanted = {value_of(order) for order in orders} - {''}
        if not wanted:
            return {}
        found = self.search(
            self._shopify_get_company_domain(orders) & Domain(field_name, 'in', list(wanted)),
            order='id desc',
        )
        ranked = found.sorted('is_company')
        return {partner[field_name]: partner.commercial_partner_id for partner in ranked}

    @api.model
    def _shopify_get_person_domain(self, orders):
        """Return which contacts may be customers of orders of persons; a hook for extensions.

        Members of a company that buys as such are left out: their private orders are not its.
        """
        return Domain('company_id', 'in', [False, *orders.company_id.ids]) & Domain(
            'commercial_partner_id.shopify_company_ids', '=', False
        )

    @api.model
    def _shopify_get_company_domain(self, orders):
        """Return which contacts may lead to a customer of orders of companies; a hook."""
        return Domain('company_id', 'in', [False, *orders.company_id.ids]) & Domain(
            'commercial_partner_id.is_company', '=', True
        )

    def _shopify_get_address_key(self):
        """Return what makes the address of the contact comparable with that of an order."""
        self.ensure_one()
        return address_key(
            self.name, self.street, self.street2, self.zip, self.city, self.country_id.code
        )


def _pick(orders, find):
    """Return order → partner for the orders for which ``find`` returns one."""
    return {order: partner for order in orders if (partner := find(order))}


def _first(found, keys):
    return next((found[key] for key in keys if key in found), None)


def _spellings(text):
    """Return how a zip or city may be written in Odoo: what is searched before exact comparison."""
    return {text, text.upper(), text.title(), text.replace(' ', '')} - {''}


def person_of(address):
    """Return how an address is headed: the company, the person, or both."""
    person = address['name'] or ' '.join(
        part for part in (address['first_name'], address['last_name']) if part
    )
    # A dict keeps the order and drops the repetition of a person who is the company.
    return ', '.join(dict.fromkeys(part for part in (address['company'], person) if part))


def keys_of(address, *more_names):
    """Return the keys under which an address may be known: its whole heading, the company, more."""
    if not address:
        return ()
    place = [address[name] for name in ('address1', 'address2', 'zip', 'city', 'country_code')]
    headings = [person_of(address), *filter(None, (address['company'], *more_names))]
    return tuple(address_key(heading, *place) for heading in dict.fromkeys(headings))


def email_of(order):
    """Return the normalized e-mail of the buyer, ``''`` for none."""
    return email_normalize(order.email or order.customer_id.email or '') or ''


def phone_of(order):
    """Return the buyer's phone in E.164 form, ``''`` for none."""
    address = order.billing_address or order.shipping_address or {}
    number = order.phone or order.customer_id.phone or address.get('phone')
    return e164(number, address.get('country_code') or order.company_id.country_id.code)


def company_email_of(order):
    """Return the normalized e-mail of the company's main contact, else that of the order."""
    return order.shopify_company_id.email or email_of(order)


def company_phone_of(order):
    """Return a phone of the company in E.164 form: of its main contact or its location."""
    location = order.company_location_id
    address = location.billing_address or order.billing_address or {}
    number = order.shopify_company_id.phone or location.phone
    return e164(number, address.get('country_code') or order.company_id.country_id.code)
