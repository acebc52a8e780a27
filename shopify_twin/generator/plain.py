"""Kinds an importer of products, taxes, discounts and shipping handles."""

from datetime import timedelta

from ..engine import verbs
from ..engine.building import DiscountSpec, ShippingSpec, Tax
from ..engine.money import Rates
from ..engine.order import OrderRiskAssessment, RiskFact
from ..engine.people import MailingAddress
from ..engine.shop import App
from .happenings import (
    DAYS,
    archive,
    authorize,
    pay_locally,
    pay_manually,
    ship,
)
from .kinds import kind
from .sketch import FX


@kind(14, plain=True)
def b2c_tax_included(sketch):
    """EU VAT inside the prices."""


@kind(8, plain=True)
def b2c_tax_excluded(sketch):
    """EU VAT on top."""
    sketch.taxes_included = False


@kind(6, plain=True)
def us_state_county(sketch):
    """Several US taxes on each line, on top; shipping untaxed in some states."""
    sketch.taxes_included = False
    sketch.travel('US')
    if sketch.address.province_code == 'CA':
        sketch.shipping[0].taxes = []


@kind(4, plain=True)
def tax_free(sketch):
    """Export: no tax line at all."""
    sketch.untaxed = True
    sketch.travel('CH')
    sketch.facts['tax_exempt'] = sketch.random.random() < 0.3


@kind(2, plain=True)
def zero_rated(sketch):
    """A tax line with rate 0."""
    sketch.taxes_included = False
    sketch.travel('GB')
    for each in (*sketch.lines, *sketch.shipping):
        each.taxes = [Tax("GB VAT zero rated", 0.0)]


@kind(4, plain=True)
def mixed_rates(sketch):
    """Two VAT rates in one order."""
    sketch.sell(sketch.random.choice(sketch.world.variants), 2)
    sketch.lines[-1].taxes = sketch.taxes(reduced=True)


@kind(2, plain=True)
def japan_two_rates(sketch):
    """Consumption tax at 10 % and 8 %."""
    sketch.travel('JP')
    sketch.sell(sketch.random.choice(sketch.world.variants), 1, taxes=sketch.taxes(reduced=True))


@kind(3, plain=True)
def line_discount_automatic(sketch):
    """An automatic discount of 15 % on one line."""
    sketch.discounts = [
        DiscountSpec(
            'automatic', "Autumn 15%", 15, allocation='EACH', selection='ENTITLED', lines=[0]
        )
    ]


@kind(4, plain=True)
def order_discount_code(sketch):
    """A code for a tenth of the whole order."""
    sketch.discounts = [DiscountSpec('code', 'SAVE10', 10)]


@kind(3, plain=True)
def order_discount_amount(sketch):
    """A fixed amount off, split over the lines, which seldom comes out even."""
    sketch.discounts = [DiscountSpec('code', 'MINUS5', amount=sketch.price('5.00'))]


@kind(2, plain=True)
def manual_discount(sketch):
    """An order typed in by staff with a discount of a fixed sum each line."""
    sketch.come_from('draft-orders', 'shopify_draft_order')
    sketch.discounts = [
        DiscountSpec(
            'manual',
            "Friend of the house",
            amount=sketch.price('1.00'),
            allocation='EACH',
            selection='EXPLICIT',
            lines=list(range(len(sketch.lines))),
            description="Friend of the house",
        )
    ]


@kind(2, plain=True)
def two_discounts(sketch):
    """An automatic line discount and a code on what is left."""
    line_discount_automatic(sketch)
    sketch.discounts.append(DiscountSpec('code', 'WELCOME7', 7.5))


@kind(3, plain=True)
def free_shipping(sketch):
    """A discount that takes all of the shipping."""
    sketch.discounts = [
        DiscountSpec('code', 'FREESHIP', 100, allocation='EACH', selection='ALL', shipping=True)
    ]


@kind(2, plain=True)
def half_price_shipping(sketch):
    """An automatic discount on shipping, plus one on the order."""
    sketch.discounts = [
        DiscountSpec(
            'automatic', "Half shipping", 50, allocation='EACH', selection='ALL', shipping=True
        ),
        DiscountSpec('code', 'SAVE10', 10),
    ]


@kind(1, plain=True)
def many_lines(sketch):
    """Fifteen to forty lines."""
    count = min(sketch.random.randrange(15, 41), len(sketch.world.variants))
    for variant in sketch.random.sample(sketch.world.variants, count):
        sketch.sell(variant, sketch.random.choice((1, 2, 5)))


@kind(2, plain=True)
def same_variant_twice(sketch):
    """Two lines of one variant, told apart by an attribute, one discounted."""
    first = sketch.lines[0]
    again = sketch.sell(first.variant, first.quantity + 1)
    first.custom_attributes = {'Engraving': "Anna"}
    again.custom_attributes = {'Engraving': "Otto"}
    sketch.discounts = [
        DiscountSpec(
            'automatic', "Second for less", 50, allocation='EACH', selection='ENTITLED', lines=[0]
        )
    ]


@kind(3, plain=True)
def guest(sketch):
    """No customer, just an e-mail and addresses."""
    number = sketch.random.randrange(10**6)
    sketch.facts.update(customer=None, purchasing_entity=None, email=f'guest{number}@example.com')


@kind(3, plain=True)
def pos(sketch):
    """Sold in the shop: no shipping, no address, mostly no customer, done at once."""
    shop = next(each for each in sketch.world.locations if "Store" in each.name)
    sketch.shipping = []
    sketch.come_from('pos', 'pos')
    sketch.facts.update(retail_location=shop, shipping_address=None, billing_address=None)
    if sketch.random.random() < 0.7:
        sketch.facts.update(customer=None, purchasing_entity=None, email=None, phone=None)
    sketch.then(timedelta(0), ship)
    sketch.then(timedelta(0), archive)


@kind(1, plain=True)
def local_pickup(sketch):
    """Collected by the buyer: a shipping line of nothing."""
    sketch.shipping = [
        ShippingSpec(
            "Hamburg Store",
            sketch.money(0),
            'pickup',
            delivery_category='local-pickup',
            taxes=sketch.taxes(),
        )
    ]


@kind(2, plain=True)
def two_shipping_lines(sketch):
    """Two ways of shipping in one order."""
    sketch.shipping.append(
        ShippingSpec("Freight", sketch.price('29.00'), 'freight', taxes=sketch.taxes())
    )


@kind(1, plain=True)
def carrier_shipping(sketch):
    """A rate computed by a carrier."""
    sketch.shipping = [
        ShippingSpec(
            "DHL Express Worldwide",
            sketch.price('17.43'),
            'EXPRESS_WORLDWIDE',
            source='dhl_express',
            carrier_identifier='650f1a14fa979ec5c74d063e968411d4',
            taxes=sketch.taxes(),
        )
    ]


@kind(1, plain=True)
def digital(sketch):
    """Nothing to ship."""
    sketch.shipping = []
    for line in sketch.lines:
        line.requires_shipping = False


def foreign(sketch, currency, country):
    """Have the buyer pay in `currency`."""
    if currency != sketch.rates.currency:
        sketch.rates = Rates(sketch.rates.currency, currency, FX[currency])
        sketch.restock_prices()
    sketch.travel(country)


@kind(3, plain=True)
def foreign_currency(sketch):
    """The buyer pays in dollars, pounds, kroner or francs."""
    currency, country = sketch.random.choice(
        (('USD', 'US'), ('GBP', 'GB'), ('DKK', 'DK'), ('CHF', 'CH'))
    )
    foreign(sketch, currency, country)
    sketch.taxes_included = currency != 'USD'


@kind(1, plain=True)
def yen(sketch):
    """The buyer pays in a currency without cents."""
    foreign(sketch, 'JPY', 'JP')


@kind(1, plain=True)
def dinar(sketch):
    """The buyer pays in a currency with three decimals."""
    foreign(sketch, *sketch.random.choice((('KWD', 'KW'), ('BHD', 'BH'))))


@kind(2, plain=True)
def unpaid(sketch):
    """Nothing was paid yet."""
    sketch.payment = None


@kind(2, plain=True)
def bank_deposit(sketch):
    """To be paid by bank transfer; half of them arrive a few days later."""
    sketch.payment = pay_manually
    if sketch.random.random() < 0.5:
        sketch.then(3 * DAYS, lambda each, order: verbs.mark_as_paid(each.store, order))


@kind(2, plain=True)
def authorized(sketch):
    """Reserved on the card; some are captured on shipping."""
    sketch.payment = authorize
    if sketch.random.random() < 0.5:
        sketch.then(2 * DAYS, ship)
        sketch.then(
            2 * DAYS, lambda each, order: verbs.capture(each.store, order, order.transactions[0])
        )


@kind(1, plain=True)
def local_payment(sketch):
    """Paid with iDEAL."""
    sketch.travel('NL')
    sketch.payment = pay_locally


@kind(4, plain=True)
def fulfilled(sketch):
    """Shipped the next day, still open."""
    sketch.then(DAYS, ship)


@kind(3, plain=True)
def archived(sketch):
    """Shipped and put away."""
    sketch.then(DAYS, ship)
    sketch.then(2 * DAYS, archive)


@kind(2, plain=True)
def partially_fulfilled(sketch):
    """Some units shipped."""
    sketch.lines[0].quantity += 2
    sketch.then(DAYS, lambda each, order: ship(each, order, 0.5))


@kind(2, plain=True)
def attributes(sketch):
    """Tags, a note, a purchase order number and custom attributes."""
    sketch.attributes = {'Gift wrap': "yes", 'Delivery day': "Saturday", 'empty': ""}
    sketch.facts.update(
        tags=["vip", "gift", "Größe-XL"], note="Please ring twice.\nThank you!", po_number="PO-4711"
    )


@kind(1, plain=True)
def hostile_text(sketch):
    """Names, notes and titles as nobody wants them."""
    sketch.travel('DE', sketch.random.choice(sketch.world.hostile))
    sketch.lines[0].custom_attributes = {"<b>key</b>": "' OR 1=1 --", "long": "x" * 900}
    sketch.facts.update(
        note="<img src=x onerror=alert(1)>\x0b ${note} 🧨\u202e", tags=["<i>", "a,b", "ünïcode"]
    )


@kind(1, plain=True)
def free_order(sketch):
    """A hundred percent off and shipping for nothing."""
    sketch.shipping[0].price = sketch.money(0)
    sketch.discounts = [DiscountSpec('code', 'GRATIS', 100)]
    sketch.payment = None


@kind(1, plain=True)
def high_risk(sketch):
    """Fraud protection warns; some are cancelled by the merchant later."""
    provider = App('gid://shopify/App/1830279', "Fraud Protect")
    facts = [
        RiskFact("Card was refused three times", 'NEGATIVE'),
        RiskFact("Proxy in another country", 'NEGATIVE'),
    ]
    level = sketch.random.choice(('HIGH', 'HIGH', 'MEDIUM'))

    def judge(_sketch, order):
        order.risk.assessments[:] = [
            OrderRiskAssessment(level, provider, facts),
            OrderRiskAssessment('LOW'),
        ]

    sketch.then(timedelta(0), judge)


@kind(1, plain=True)
def barcode_only(sketch):
    """A variant without SKU, to be found by its barcode."""
    sketch.sell(sketch.random.choice(sketch.world.barcode_only))


@kind(1, plain=True)
def missing_address(sketch):
    """Addresses with holes, or none at all."""
    if sketch.random.random() < 0.3:
        sketch.facts.update(shipping_address=None, billing_address=None)
        return
    name = sketch.customer.last_name
    address = MailingAddress(
        sketch.store.next_gid('MailingAddress'),
        last_name=name,
        country="Germany",
        country_code_v2='DE',
    )
    sketch.facts.update(shipping_address=address, billing_address=None)
