"""The shop itself and what a merchant configures: locations, apps, delivery profiles, payment
terms.
"""

from dataclasses import dataclass, field
from datetime import datetime

from .errors import NotModelled
from .money import MoneyV2
from .records import Count, Record


@dataclass(eq=False, repr=False)
class ShopPlan(Record):
    """The plan decides the rate limit; the twin's default is a Standard development store [R]."""

    typename = 'ShopPlan'
    public_display_name: str = 'Basic'
    partner_development: bool = False
    shopify_plus: bool = False


@dataclass(eq=False, repr=False)
class Shop(Record):
    """Settings of the shop."""

    typename = 'Shop'
    id: str | None = None
    name: str = "Twin Shop"
    email: str = 'owner@example.com'
    contact_email: str = 'owner@example.com'
    myshopify_domain: str = 'twin-shop.myshopify.com'
    url: str = 'https://twin-shop.myshopify.com'
    currency_code: str = 'EUR'
    enabled_presentment_currencies: list = field(
        default_factory=lambda: ['EUR', 'USD', 'GBP', 'JPY', 'KWD', 'BHD', 'DKK', 'CHF']
    )
    taxes_included: bool = False
    tax_shipping: bool = False
    iana_timezone: str = 'Europe/Berlin'
    timezone_abbreviation: str = 'CET'
    timezone_offset: str = '+0100'
    timezone_offset_minutes: int = 60
    weight_unit: str = 'KILOGRAMS'
    unit_system: str = 'METRIC_SYSTEM'
    order_number_format_prefix: str = '#'
    order_number_format_suffix: str = ''
    plan: ShopPlan = field(default_factory=ShopPlan)
    shop_owner_name: str = "Twin Owner"
    setup_required: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(eq=False, repr=False)
class App(Record):
    """An app, as seen from transactions, risk assessments and orders (type ``OrderApp`` there)."""

    typename = 'App'
    id: str | None = None
    title: str = "Online Store"
    handle: str = 'online_store'

    @property
    def name(self):
        """The app's name as type ``OrderApp`` calls it."""
        return self.title


@dataclass(eq=False, repr=False)
class OrderAttributionDefinition(Record):
    """A place orders come from (2026-07)."""

    typename = 'OrderAttributionDefinition'
    id: str | None = None
    handle: str = 'online-store'
    display_name: str = "Online Store"


@dataclass(eq=False, repr=False)
class OrderAttribution(Record):
    """Where one order came from."""

    typename = 'OrderAttribution'
    handle: str
    display_name: str
    icon: str | None = None


@dataclass(eq=False, repr=False)
class LocationAddress(Record):
    """Address of a location."""

    typename = 'LocationAddress'
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    phone: str | None = None


@dataclass(eq=False, repr=False)
class FulfillmentService(Record):
    """Who ships: the merchant ('manual') or a third party."""

    typename = 'FulfillmentService'
    id: str | None = None
    handle: str = 'manual'
    service_name: str = "Manual"
    type: str = 'MANUAL'
    inventory_management: bool = False
    tracking_support: bool = False
    requires_shipping_method: bool = True
    location: object = None


@dataclass(eq=False, repr=False)
class Location(Record):
    """A place with stock."""

    typename = 'Location'
    id: str | None = None
    name: str = "Main warehouse"
    address: LocationAddress = field(default_factory=LocationAddress)
    is_active: bool = True
    is_primary: bool = False
    is_fulfillment_service: bool = False
    fulfills_online_orders: bool = True
    ships_inventory: bool = True
    has_active_inventory: bool = True
    activatable: bool = True
    deactivatable: bool = True
    deletable: bool = False
    address_verified: bool = False
    fulfillment_service: FulfillmentService | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(eq=False, repr=False)
class PaymentTermsTemplate(Record):
    """A payment term offered by Shopify; the nine of them are the same in every shop [R]."""

    typename = 'PaymentTermsTemplate'
    id: str
    name: str
    description: str
    due_in_days: int | None
    payment_terms_type: str

    @property
    def translated_name(self):
        """The name in the shop's language, which is English."""
        return self.name


#: [R] payment-terms-templates-read.json, in its order.
PAYMENT_TERMS_TEMPLATES = (
    (1, "Due on receipt", "Due on receipt", None, 'RECEIPT'),
    (9, "Due on fulfillment", "Due on fulfillment", None, 'FULFILLMENT'),
    (2, "Net 7", "Within 7 days", 7, 'NET'),
    (3, "Net 15", "Within 15 days", 15, 'NET'),
    (4, "Net 30", "Within 30 days", 30, 'NET'),
    (8, "Net 45", "Within 45 days", 45, 'NET'),
    (5, "Net 60", "Within 60 days", 60, 'NET'),
    (6, "Net 90", "Within 90 days", 90, 'NET'),
    (7, "Fixed", "Fixed date", None, 'FIXED'),
)


@dataclass(eq=False, repr=False)
class DeliveryLocationGroup(Record):
    """The locations a set of rates is for."""

    typename = 'DeliveryLocationGroup'
    id: str | None = None
    locations: list = field(default_factory=list)

    @property
    def locations_count(self):
        """How many locations."""
        return Count(len(self.locations))


@dataclass(eq=False, repr=False)
class DeliveryZone(Record):
    """Where to."""

    typename = 'DeliveryZone'
    id: str | None = None
    name: str = "Domestic"


@dataclass(eq=False, repr=False)
class DeliveryRateDefinition(Record):
    """A price the merchant typed in."""

    typename = 'DeliveryRateDefinition'
    id: str | None = None
    price: MoneyV2 | None = None


@dataclass(eq=False, repr=False)
class DeliveryParticipantService(Record):
    """A service of a carrier."""

    typename = 'DeliveryParticipantService'
    name: str
    active: bool = True


@dataclass(eq=False, repr=False)
class DeliveryCarrierService(Record):
    """A carrier that computes rates."""

    typename = 'DeliveryCarrierService'
    id: str | None = None
    name: str = "DHL Express"
    active: bool = True
    supports_service_discovery: bool = True

    @property
    def formatted_name(self):
        """Name with the provider's suffix."""
        return f"{self.name} (Discounted rates from Shopify Shipping)"


@dataclass(eq=False, repr=False)
class DeliveryParticipant(Record):
    """Rates computed by a carrier."""

    typename = 'DeliveryParticipant'
    id: str | None = None
    carrier_service: DeliveryCarrierService | None = None
    participant_services: list = field(default_factory=list)
    adapt_to_new_services_flag: bool = True
    fixed_fee: MoneyV2 | None = None
    percentage_of_rate_fee: float = 0.0


@dataclass(eq=False, repr=False)
class DeliveryMethodDefinition(Record):
    """A rate the customer may choose; its name becomes ``ShippingLine.title`` for merchant
    rates.
    """

    typename = 'DeliveryMethodDefinition'
    id: str | None = None
    name: str = "Standard"
    description: str | None = None
    active: bool = True
    rate_provider: object = None
    method_conditions: list = field(default_factory=list)


@dataclass(eq=False, repr=False)
class DeliveryLocationGroupZone(Record):
    """A zone with its rates."""

    typename = 'DeliveryLocationGroupZone'
    zone: DeliveryZone
    method_definitions: list = field(default_factory=list)


@dataclass(eq=False, repr=False)
class DeliveryProfileLocationGroup(Record):
    """A group of locations with its zones."""

    typename = 'DeliveryProfileLocationGroup'
    location_group: DeliveryLocationGroup
    location_group_zones: list = field(default_factory=list)


@dataclass(eq=False, repr=False)
class DeliveryProfileItem(Record):
    """A product with the variants a profile ships."""

    typename = 'DeliveryProfileItem'
    product: object

    @property
    def id(self):
        """The number of the product names its place in the profile [I]."""
        return f'gid://shopify/DeliveryProfileItem/{self.product.legacy_resource_id}'

    @property
    def variants(self):
        """All variants of the product."""
        return self.product.variants


@dataclass(eq=False, repr=False)
class DeliveryProfile(Record):
    """A set of rates for some products."""

    typename = 'DeliveryProfile'
    id: str | None = None
    name: str = "General profile"
    default: bool = True
    groups: list = field(default_factory=list)
    version: int = 1
    store: object = None
    selling_plan_groups: list = field(default_factory=list)

    @property
    def unassigned_locations(self):
        """Locations without rates, inactive ones too ([R] delivery-profiles-read.json)."""
        served = {each.id for group in self.groups for each in group.location_group.locations}
        return [each for each in self.store.all('Location') if each.id not in served]

    unassigned_locations_paginated = unassigned_locations

    @property
    def locations_without_rates_count(self):
        """How many locations have no rates."""
        return len(self.unassigned_locations)

    @property
    def zone_country_count(self):
        """How many countries have rates; the twin's zones do not list theirs."""
        if self.groups:
            raise NotModelled('not emulated: DeliveryProfile.zoneCountryCount')
        return 0

    @property
    def profile_items(self):
        """The products of the profile: the twin has one profile, so all."""
        return [DeliveryProfileItem(each) for each in self.store.all('Product')]

    @property
    def product_variants_count(self):
        """How many variants, exact below 500 ([R] delivery-profiles-read.json)."""
        number = len(self.store.all('ProductVariant'))
        return Count(number) if number < 500 else Count(500, 'AT_LEAST')

    def resolve_profile_location_groups(self, location_group_id=None, **_paging):
        """All groups, or the one asked for."""
        return [
            group
            for group in self.groups
            if location_group_id is None or group.location_group.id == location_group_id
        ]

    @property
    def active_method_definitions_count(self):
        """How many rates are switched on."""
        return sum(method.active for method in self.methods())

    @property
    def origin_location_count(self):
        """How many locations ship with this profile."""
        return sum(len(group.location_group.locations) for group in self.groups)

    def methods(self):
        """Yield every method definition of every zone."""
        for group in self.groups:
            for zone in group.location_group_zones:
                yield from zone.method_definitions
