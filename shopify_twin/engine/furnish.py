"""Furnishes an empty store: shop, apps, locations, delivery profile, payment terms."""

from datetime import UTC, datetime
from decimal import Decimal

from .money import MoneyV2
from .shop import (
    PAYMENT_TERMS_TEMPLATES,
    App,
    DeliveryCarrierService,
    DeliveryLocationGroup,
    DeliveryLocationGroupZone,
    DeliveryMethodDefinition,
    DeliveryParticipant,
    DeliveryParticipantService,
    DeliveryProfile,
    DeliveryProfileLocationGroup,
    DeliveryRateDefinition,
    DeliveryZone,
    FulfillmentService,
    Location,
    LocationAddress,
    OrderAttributionDefinition,
    PaymentTermsTemplate,
    Shop,
)
from .store import Store

OPENED = datetime(2025, 1, 7, 9, 0, tzinfo=UTC)

#: name, address, ships online orders
LOCATIONS = (
    ("Berlin Warehouse", ("Lagerstr. 1", "10115", "Berlin", None, "Germany", 'DE'), True),
    ("Hamburg Store", ("Mönckebergstr. 7", "20095", "Hamburg", None, "Germany", 'DE'), True),
    (
        "New York Warehouse",
        ("12 W 31st St", "10001", "New York", 'NY', "United States", 'US'),
        True,
    ),
)

#: zone, rates (name, price); the names are what orders show as shipping titles
RATES = (
    ("Domestic", (("Standard", '4.90'), ("Express", '12.90'), ("Free shipping", '0.00'))),
    ("European Union", (("Standard", '9.90'), ("Express EU", '19.90'))),
    ("Rest of world", (("International", '24.90'), ("Freight", '89.00'))),
)

#: handle, name, number of the app; places orders come from. Shopify's own apps have these numbers
#: everywhere [C].
CHANNELS = (
    ('online-store', "Online Store", 580111),
    ('pos', "Point of Sale", 129785),
    ('draft-orders', "Draft Orders", 1354745),
    ('shop', "Shop", 3890849),
    ('tiktok', "TikTok Shop", 4383523),
)
#: The app that talks to the twin: what it creates carries this number.
CLIENT = 347082227713


def new_store(seed=0, clock=None, currency='EUR'):
    """Return a store with everything but products, customers and orders."""
    store = Store(seed, clock)
    store.shop = Shop(id='gid://shopify/Shop/70000000001', currency_code=currency)
    store.shop.created_at = store.shop.updated_at = OPENED
    store.by_gid[store.shop.id] = store.shop
    client = App(title="Odoo Connector", handle='odoo-connector')
    store.app = store.add(client, f'gid://shopify/App/{CLIENT}')
    store.manual_service = FulfillmentService(id='gid://shopify/FulfillmentService/manual')
    for handle, name, number in CHANNELS:
        app = store.add(App(title=name, handle=handle), f'gid://shopify/App/{number}')
        store.channels[handle] = app
        store.add(OrderAttributionDefinition(handle=handle, display_name=name))
    for number, name, description, days, kind in PAYMENT_TERMS_TEMPLATES:
        gid = f'gid://shopify/PaymentTermsTemplate/{number}'
        store.add(PaymentTermsTemplate(gid, name, description, days, kind))
    add_locations(store)
    add_delivery_profile(store)
    return store


def add_locations(store):
    """Add three active locations and an inactive one."""
    for index, (name, address, online) in enumerate(LOCATIONS):
        add_location(store, name, address, is_primary=index == 0, fulfills_online_orders=online)
    closed = add_location(
        store, "Old Warehouse", ("Alte Str. 9", "04109", "Leipzig", None, "Germany", 'DE')
    )
    # [R] fulfillment-detail-events-lifecycle.json: the manual service has the shop's location.
    store.manual_service.location = store.default_location()
    closed.is_active = closed.fulfills_online_orders = closed.ships_inventory = False


def add_location(store, name, address, **facts):
    """Add a location; `address` is street, zip, city, province code, country, country code."""
    street, code, city, province, country, country_code = address
    place = LocationAddress(
        address1=street,
        zip=code,
        city=city,
        province_code=province,
        country=country,
        country_code=country_code,
    )
    made = Location(name=name, address=place, created_at=OPENED, updated_at=OPENED, **facts)
    return store.add(made)


def add_delivery_profile(store):
    """Add the general profile: merchant rates per zone and one carrier."""
    locations = [each for each in store.all('Location') if each.is_active]
    group = store.add(DeliveryLocationGroup(locations=locations))
    zones = [_zone(store, name, rates) for name, rates in RATES]
    zones[-1].method_definitions.append(_carrier_method(store))
    profile = DeliveryProfile(groups=[DeliveryProfileLocationGroup(group, zones)], store=store)
    return store.add(profile)


def _zone(store, name, rates):
    zone = store.add(DeliveryZone(name=name))
    methods = []
    for title, price in rates:
        money = MoneyV2(Decimal(price), store.shop.currency_code)
        provider = store.add(DeliveryRateDefinition(price=money))
        methods.append(store.add(DeliveryMethodDefinition(name=title, rate_provider=provider)))
    return DeliveryLocationGroupZone(zone, methods)


def _carrier_method(store):
    carrier = store.add(DeliveryCarrierService())
    services = [
        DeliveryParticipantService("DHL Express Worldwide"),
        DeliveryParticipantService("DHL Economy", False),
    ]
    provider = store.add(
        DeliveryParticipant(carrier_service=carrier, participant_services=services)
    )
    return store.add(DeliveryMethodDefinition(name="DHL Express", rate_provider=provider))
