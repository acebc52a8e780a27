"""Who buys: customers and their addresses, companies with locations and contacts."""

from dataclasses import dataclass, field
from datetime import datetime

from .money import ZERO, MoneyV2
from .records import Count, Record


def joined(*parts):
    """Join the non-empty parts with a blank, or return None."""
    return ' '.join(part for part in parts if part) or None


@dataclass(eq=False, repr=False, slots=True)
class MailingAddress(Record):
    """An address of a customer or an order; all parts may be missing."""

    typename = 'MailingAddress'
    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    country: str | None = None
    country_code_v2: str | None = None
    phone: str | None = None
    coordinates_validated: bool = False

    @property
    def country_code(self):
        """The deprecated name of `country_code_v2`."""
        return self.country_code_v2

    @property
    def name(self):
        """First and last name, as Shopify joins them."""
        return joined(self.first_name, self.last_name)

    @property
    def formatted_area(self):
        """City, province code and country ([R] customer-by-identifier.json: "Ottawa, Canada")."""
        area = ' '.join(part for part in (self.city, self.province_code) if part)
        return ', '.join(part for part in (area, self.country) if part) or None

    def parts(self):
        """What makes two addresses the same."""
        return (
            self.first_name,
            self.last_name,
            self.company,
            self.address1,
            self.address2,
            self.zip,
            self.city,
            self.province_code,
            self.country_code_v2,
            self.phone,
        )


@dataclass(eq=False, repr=False, slots=True)
class CustomerEmailAddress(Record):
    """A customer's e-mail address."""

    typename = 'CustomerEmailAddress'
    email_address: str
    marketing_state: str = 'NOT_SUBSCRIBED'
    valid_format: bool = True


@dataclass(eq=False, repr=False, slots=True)
class CustomerPhoneNumber(Record):
    """A customer's phone number."""

    typename = 'CustomerPhoneNumber'
    phone_number: str


@dataclass(eq=False, repr=False)
class Customer(Record):
    """A person who buys."""

    typename = 'Customer'
    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str = 'en'
    state: str = 'DISABLED'
    note: str | None = None
    tags: list = field(default_factory=list)
    tax_exempt: bool = False
    tax_exemptions: list = field(default_factory=list)
    verified_email: bool = True
    data_sale_opt_out: bool = False
    multipass_identifier: str | None = None
    addresses_v2: list = field(default_factory=list)
    company_contact_profiles: list = field(default_factory=list)
    orders: list = field(default_factory=list)
    currency_code: str = 'EUR'
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def addresses(self):
        """The deprecated plain list of addresses."""
        return self.addresses_v2

    @property
    def display_name(self):
        """Name, else e-mail, else phone ([R] orderUpdate-input-validation.json: e-mail when
        nameless).
        """
        return joined(self.first_name, self.last_name) or self.email or self.phone or "Customer"

    @property
    def can_delete(self):
        """Whether nothing hangs on the customer ([R] customer-by-identifier.json: not with
        orders).
        """
        return not self.orders

    @property
    def default_address(self):
        """The first address."""
        return self.addresses_v2[0] if self.addresses_v2 else None

    @property
    def default_email_address(self):
        """The e-mail as an object."""
        return CustomerEmailAddress(self.email) if self.email else None

    @property
    def default_phone_number(self):
        """The phone as an object."""
        return CustomerPhoneNumber(self.phone) if self.phone else None

    @property
    def last_order(self):
        """The newest order."""
        return self.orders[-1] if self.orders else None

    @property
    def number_of_orders(self):
        """How many orders were placed."""
        return len(self.orders)

    @property
    def amount_spent(self):
        """Net payments of all orders, in shop currency."""
        return spent(self.orders, self.currency_code)


def spent(orders, currency):
    """Return the net payments of orders in shop currency."""
    return MoneyV2(sum((order.net_payment_set.shop.amount for order in orders), ZERO), currency)


@dataclass(eq=False, repr=False)
class CompanyContactRole(Record):
    """What a contact may do at a branch."""

    typename = 'CompanyContactRole'
    id: str | None = None
    name: str = "Ordering only"

    @property
    def note(self):
        """[R] b2b-company-roots-read.json."""
        return f"System-defined {self.name} role"


@dataclass(eq=False, repr=False)
class CompanyContactRoleAssignment(Record):
    """A contact's role at a branch."""

    typename = 'CompanyContactRoleAssignment'
    id: str | None = None
    company: object = None
    company_contact: object = None
    company_location: object = None
    role: CompanyContactRole | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(eq=False, repr=False)
class CompanyAddress(Record):
    """An address of a company location; `recipient` is the person or department."""

    typename = 'CompanyAddress'
    id: str | None = None
    company_name: str = ''
    recipient: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address1: str = ''
    address2: str | None = None
    zip: str | None = None
    city: str | None = None
    province: str | None = None
    zone_code: str | None = None
    country: str | None = None
    country_code: str = 'DE'
    phone: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(eq=False, repr=False)
class CompanyLocationTaxSettings(Record):
    """VAT number and exemptions of a company location."""

    typename = 'CompanyLocationTaxSettings'
    tax_registration_id: str | None = None
    tax_exempt: bool = False
    tax_exemptions: list = field(default_factory=list)


@dataclass(eq=False, repr=False)
class BuyerExperienceConfiguration(Record):
    """How a company location checks out."""

    typename = 'BuyerExperienceConfiguration'
    checkout_to_draft: bool = False
    editable_shipping_address: bool = True
    payment_terms_template: object = None
    deposit: object = None


@dataclass(eq=False, repr=False)
class CompanyLocation(Record):
    """A branch of a company, with its own addresses, terms and tax settings."""

    typename = 'CompanyLocation'
    id: str | None = None
    company: object = None
    name: str = ''
    external_id: str | None = None
    phone: str | None = None
    locale: str | None = 'en'
    currency: str = 'EUR'
    note: str | None = None
    tax_settings: CompanyLocationTaxSettings = field(default_factory=CompanyLocationTaxSettings)
    buyer_experience_configuration: BuyerExperienceConfiguration | None = None
    billing_address: CompanyAddress | None = None
    shipping_address: CompanyAddress | None = None
    orders: list = field(default_factory=list)
    draft_orders: list = field(default_factory=list)
    role_assignments: list = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def orders_count(self):
        """How many orders this branch placed."""
        return Count(len(self.orders))

    @property
    def total_spent(self):
        """Net payments of all its orders."""
        return spent(self.orders, self.currency)


@dataclass(eq=False, repr=False)
class CompanyContact(Record):
    """A customer who buys for a company."""

    typename = 'CompanyContact'
    id: str | None = None
    company: object = None
    customer: Customer | None = None
    title: str | None = None
    locale: str | None = 'en'
    role_assignments: list = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_main_contact(self):
        """Whether the company names this contact first."""
        return self.company.main_contact is self


@dataclass(eq=False, repr=False)
class Company(Record):
    """A business customer."""

    typename = 'Company'
    id: str | None = None
    name: str = ''
    external_id: str | None = None
    note: str | None = None
    main_contact: CompanyContact | None = None
    contacts: list = field(default_factory=list)
    locations: list = field(default_factory=list)
    contact_roles: list = field(default_factory=list)
    customer_since: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def contacts_count(self):
        """How many contacts."""
        return Count(len(self.contacts))

    @property
    def locations_count(self):
        """How many branches."""
        return Count(len(self.locations))

    @property
    def default_role(self):
        """The role a contact gets unless said otherwise: ordering only [R]."""
        return self.contact_roles[-1] if self.contact_roles else None

    @property
    def orders(self):
        """Orders of all branches."""
        return [order for location in self.locations for order in location.orders]

    @property
    def draft_orders(self):
        """Drafts of all branches."""
        return [draft for location in self.locations for draft in location.draft_orders]

    @property
    def total_spent(self):
        """Net payments of all orders."""
        currency = self.locations[0].currency if self.locations else 'EUR'
        return spent(self.orders, currency)

    @property
    def orders_count(self):
        """How many orders all branches placed."""
        return Count(len(self.orders))


@dataclass(eq=False, repr=False, slots=True)
class PurchasingCompany(Record):
    """The company side of an order's ``purchasingEntity``."""

    typename = 'PurchasingCompany'
    company: Company
    location: CompanyLocation
    contact: CompanyContact | None = None
