"""Who buys what: products, customers and companies of a generated shop, all from one seed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from .catalog import InventoryItem, Product, ProductVariant, SelectedOption
from .money import DECIMALS
from .people import (
    BuyerExperienceConfiguration,
    Company,
    CompanyAddress,
    CompanyContact,
    CompanyLocation,
    CompanyLocationTaxSettings,
    Customer,
    MailingAddress,
)

FOUNDED = datetime(2025, 2, 3, 8, 30, tzinfo=UTC)

FIRST_NAMES = (
    "Anna",
    "Ben",
    "Chloé",
    "Dimitri",
    "Elif",
    "Felix",
    "Grace",
    "Håkon",
    "Ines",
    "Jürgen",
    "Kaja",
    "Liam",
    "Mila",
    "Noah",
    "Ødger",
    "Paula",
    "Quentin",
    "Rosa",
    "Søren",
    "Tomáš",
    "Uma",
    "Václav",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoë",
)
LAST_NAMES = (
    "Andersen",
    "Bauer",
    "Carter",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Hoffmann",
    "Ivanova",
    "Jensen",
    "Kovács",
    "Lindqvist",
    "Müller",
    "Nowak",
    "O'Brien",
    "Petit",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ünal",
    "Van den Berg",
    "Weber",
    "Yılmaz",
    "Zimmermann",
)

#: Names as spiteful or unlucky people type them.
HOSTILE_NAMES = (
    ("<script>alert(1)</script>", "<b>Bold</b>"),
    ("Robert'); DROP TABLE orders;--", "Tables"),
    ("😀 Emoji 🛍️", "🧾🇩🇰"),
    ("محمد", "العربي"),
    ("\u202eEvil", "Override"),
    ("A" * 180, "B" * 180),
    ("${7*7}", "{{config}} %s %(x)s"),
    ("  Leading", "trailing  "),
    ("Zero\u200bWidth", "日本 太郎"),
    ("=cmd|' /C calc'!A0", '"quoted"'),
)

#: country code: country, [(street, zip, city, province, province code)], phone prefix, language
COUNTRIES = {
    'DE': (
        "Germany",
        (
            ("Hauptstr. 5", "10115", "Berlin", None, None),
            ("Am Markt 1", "50667", "Köln", None, None),
        ),
        '+4930',
        'de',
    ),
    'FR': (
        "France",
        (
            ("3 rue de Rivoli", "75001", "Paris", None, None),
            ("8 quai Lamartine", "71000", "Mâcon", None, None),
        ),
        '+331',
        'fr',
    ),
    'NL': ("Netherlands", (("Damrak 70", "1012 LM", "Amsterdam", None, None),), '+3120', 'nl'),
    'DK': ("Denmark", (("Strøget 12", "1160", "København K", None, None),), '+4533', 'da'),
    'GB': (
        "United Kingdom",
        (("221B Baker Street", "NW1 6XE", "London", "England", 'ENG'),),
        '+4420',
        'en',
    ),
    'US': (
        "United States",
        (
            ("1 Market St", "90001", "Los Angeles", "California", 'CA'),
            ("5 Broadway", "10004", "New York", "New York", 'NY'),
            ("77 Main St", "80202", "Denver", "Colorado", 'CO'),
        ),
        '+1212',
        'en',
    ),
    'CH': ("Switzerland", (("Bahnhofstr. 3", "8001", "Zürich", "Zürich", 'ZH'),), '+4144', 'de'),
    'JP': ("Japan", (("1-1 Chiyoda", "100-0001", "Tokyo", "Tōkyō", 'JP-13'),), '+813', 'ja'),
    'KW': (
        "Kuwait",
        (("Gulf Road 4", "13001", "Kuwait City", "Al Asimah", 'KW-KU'),),
        '+9652',
        'ar',
    ),
    'BH': ("Bahrain", (("Road 3803", "338", "Manama", None, None),), '+9731', 'ar'),
}

NOUNS = (
    "Mug",
    "T-Shirt",
    "Lamp",
    "Notebook",
    "Backpack",
    "Chair",
    "Teapot",
    "Poster",
    "Scarf",
    "Knife",
    "Bottle",
    "Candle",
)
ADJECTIVES = (
    "Blue",
    "Oak",
    "Linen",
    "Nordic",
    "Classic",
    "Tiny",
    "Recycled",
    "Travel",
    "Deluxe",
    "Plain",
)
SIZES = ('S', 'M', 'L')
#: Prices that make rounding interesting.
PRICES = (
    '19.95',
    '9.99',
    '24.90',
    '7.77',
    '49.00',
    '12.34',
    '3.33',
    '129.00',
    '0.99',
    '15.05',
    '66.67',
    '5.00',
    '999.95',
)

COMPANIES = (
    ("Nordwind GmbH", 'DE', "DE811907980"),
    ("Ateliers Dupont SARL", 'FR', "FR40303265045"),
    ("Tulp BV", 'NL', "NL004495445B01"),
    ("Havn ApS", 'DK', "DK13585628"),
    ("Pacific Supply Inc.", 'US', None),
    ("Thames Trading Ltd", 'GB', "GB365684514"),
    ("Alpen AG & Co. <KG>", 'DE', "DE136695976"),
    ("Zürisee Handel AG", 'CH', "CHE-116.281.710"),
)


@dataclass(slots=True)
class World:
    """What the generator draws from."""

    variants: list = field(default_factory=list)
    barcode_only: list = field(default_factory=list)
    nameless: list = field(default_factory=list)
    gift_cards: list = field(default_factory=list)
    customers: dict = field(default_factory=dict)
    hostile: list = field(default_factory=list)
    companies: list = field(default_factory=list)
    locations: list = field(default_factory=list)


def furnish_world(store, seed, products=60, customers=120):
    """Fill the store with products, customers and companies and return them; once per store."""
    if store.world is None:
        random = Random(seed)  # noqa: S311
        world = store.world = World()
        world.locations = [each for each in store.all('Location') if each.is_active]
        with store.clock.at(FOUNDED):
            make_products(store, world, random, products)
            make_customers(store, world, random, customers)
            make_companies(store, world, random)
    return store.world


def scaled(price, currency):
    """Return a price of PRICES in a currency without cents as a hundredfold."""
    amount = Decimal(price)
    return amount * 100 if DECIMALS.get(currency) == 0 else amount


# -- products


def make_products(store, world, random, count):
    """Make products: most with SKU, every tenth only with a barcode, every twentieth with
    neither.
    """
    for number in range(1, count + 1):
        title = f"{random.choice(ADJECTIVES)} {random.choice(NOUNS)} {number}"
        sizes = SIZES if number % 4 == 0 else (None,)
        product = new_product(store, title)
        for size in sizes:
            variant = new_variant(
                store, product, scaled(random.choice(PRICES), store.shop.currency_code), size
            )
            name_variant(world, variant, number, size)
    make_gift_card_product(store, world)


def name_variant(world, variant, number, size):
    """Give a variant its SKU, barcode, both or neither, and file it."""
    barcode = f'4006381{number:04d}{SIZES.index(size) if size else 9}'
    barcode += check_digit(barcode)
    if number % 20 == 0:
        world.nameless.append(variant)
    elif number % 10 == 0:
        variant.barcode = barcode
        world.barcode_only.append(variant)
    else:
        variant.sku = f'TW-{number:04d}' + (f'-{size}' if size else '')
        variant.barcode = barcode if number % 3 else None
        world.variants.append(variant)


def check_digit(digits):
    """Return the EAN-13 check digit of twelve digits."""
    return str(
        -sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10
    )


def new_product(store, title, **facts):
    """Add a product without variants."""
    now = store.clock.now()
    handle = '-'.join(title.lower().split())
    product = Product(
        title=title, handle=handle, created_at=now, updated_at=now, published_at=now, **facts
    )
    return store.add(product)


def new_variant(store, product, price, size=None, **facts):
    """Add a variant; `size` names it, None makes it the default variant."""
    now = store.clock.now()
    shippable = not product.is_gift_card
    variant = ProductVariant(
        product=product,
        price=price,
        title=size or 'Default Title',
        position=len(product.variants) + 1,
        taxable=shippable,
        created_at=now,
        updated_at=now,
        selected_options=[SelectedOption('Size' if size else 'Title', size or 'Default Title')],
        **facts,
    )
    store.add(variant)
    item = InventoryItem(variant=variant, requires_shipping=shippable, tracked=shippable)
    item.created_at = item.updated_at = now
    variant.inventory_item = store.add(item)
    product.variants.append(variant)
    return variant


def make_gift_card_product(store, world):
    """Make the gift card product with three values."""
    product = new_product(store, "Gift Card", is_gift_card=True, product_type='giftcard')
    for value in ('25', '50', '100'):
        amount = scaled(value, store.shop.currency_code)
        world.gift_cards.append(new_variant(store, product, amount, f'{amount}'))


# -- people


def make_customers(store, world, random, count):
    """Make customers in all countries, most in the first ones; and the hostile ones."""
    codes = list(COUNTRIES)
    for number in range(1, count + 1):
        # Each country has someone; after that Germany, France and the United States dominate.
        code = (
            codes[number - 1]
            if number <= len(codes)
            else random.choice(('DE', 'DE', 'FR', 'US', *codes))
        )
        name = (random.choice(FIRST_NAMES), random.choice(LAST_NAMES))
        email = None if number % 17 == 0 else f'customer{number}@example.com'
        customer = new_customer(store, name, email, code, number)
        world.customers.setdefault(code, []).append(customer)
    for number, name in enumerate(HOSTILE_NAMES, start=1):
        world.hostile.append(
            new_customer(store, name, f'hostile{number}@example.com', 'DE', 900 + number)
        )


def new_customer(store, name, email, country, number):
    """Add a customer with an address; every eleventh has two."""
    now = store.clock.now()
    prefix = COUNTRIES[country][2]
    customer = Customer(
        first_name=name[0],
        last_name=name[1],
        email=email,
        locale=COUNTRIES[country][3],
        created_at=now,
        updated_at=now,
        currency_code=store.shop.currency_code,
        phone=f'{prefix}555{number:04d}' if number % 3 == 0 else None,
    )
    store.add(customer)
    customer.addresses_v2.append(new_address(store, country, name, number))
    if number % 11 == 0:
        office = new_address(store, country, name, number + 1)
        office.company = "c/o Office"
        customer.addresses_v2.append(office)
    return customer


def new_address(store, country, name, number):
    """Return an address in `country`; the number picks the city and the house."""
    land, places, prefix, _locale = COUNTRIES[country]
    street, code, city, province, province_code = places[number % len(places)]
    address = MailingAddress(
        id=store.next_gid('MailingAddress'),
        first_name=name[0],
        last_name=name[1],
        address1=street,
        address2=f"Floor {number % 9}" if number % 5 == 0 else None,
        zip=code,
        city=city,
        province=province,
        province_code=province_code,
        country=land,
        country_code_v2=country,
        phone=f'{prefix}555{number:04d}' if number % 2 else None,
    )
    store.by_gid[address.id] = address
    return address


def make_companies(store, world, random):
    """Make companies with one to three branches, each with a contact and, mostly, payment terms."""
    templates = [
        each
        for each in store.all('PaymentTermsTemplate')
        if each.payment_terms_type in ('NET', 'RECEIPT')
    ]
    for number, (name, country, vat) in enumerate(COMPANIES, start=1):
        now = store.clock.now()
        company = Company(
            name=name,
            external_id=f'C{number:04d}',
            created_at=now,
            updated_at=now,
            customer_since=now,
        )
        store.add(company)
        for branch in range(1 + number % 3):
            location = add_branch(store, company, country, branch)
            location.tax_settings.tax_registration_id = vat
            if number % 4:
                template = templates[(number + branch) % len(templates)]
                location.buyer_experience_configuration.payment_terms_template = template
        add_contact(store, company, random, country, number)
        world.companies.append(company)


def add_branch(store, company, country, branch):
    """Add a company location."""
    now = store.clock.now()
    address = company_address(store, company, country, branch)
    location = CompanyLocation(
        company=company,
        name=f"{company.name} {address.city} {branch + 1}",
        created_at=now,
        updated_at=now,
        external_id=f'{company.external_id}-{branch + 1}',
        currency=store.shop.currency_code,
        phone=address.phone,
        billing_address=address,
        shipping_address=address,
        tax_settings=CompanyLocationTaxSettings(tax_exempt=country not in ('DE', 'US')),
        buyer_experience_configuration=BuyerExperienceConfiguration(),
    )
    company.locations.append(store.add(location))
    return location


def company_address(store, company, country, number):
    """Return the address of a branch."""
    name, places, prefix, _locale = COUNTRIES[country]
    street, code, city, province, province_code = places[number % len(places)]
    now = store.clock.now()
    address = CompanyAddress(
        company_name=company.name,
        recipient="Purchasing",
        address1=street,
        zip=code,
        city=city,
        province=province,
        zone_code=province_code,
        country=name,
        country_code=country,
        phone=f'{prefix}700{number:04d}',
        created_at=now,
        updated_at=now,
    )
    return store.add(address)


def add_contact(store, company, random, country, number):
    """Add the main contact of a company, a customer of its own."""
    name = (random.choice(FIRST_NAMES), random.choice(LAST_NAMES))
    customer = new_customer(store, name, f'buyer{number}@example.com', country, 700 + number)
    now = store.clock.now()
    contact = CompanyContact(
        company=company, customer=customer, title="Buyer", created_at=now, updated_at=now
    )
    store.add(contact)
    company.contacts.append(contact)
    company.main_contact = contact
    customer.company_contact_profiles.append(contact)
