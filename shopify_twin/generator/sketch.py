"""An order in the making: an ordinary one, which a kind then bends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random

from ..engine.building import LineSpec, OrderSpec, ShippingSpec, create_order
from ..engine.geography import taxes_of
from ..engine.money import Rates
from ..engine.order import OrderRiskAssessment, RiskFact
from ..engine.shop import OrderAttribution
from ..engine.world import scaled
from .happenings import pay_by_card

#: Presentment currencies and what one euro buys.
FX = {
    'EUR': '1',
    'USD': '1.0837',
    'GBP': '0.8461',
    'DKK': '7.4605',
    'CHF': '0.9387',
    'JPY': '162.35',
    'KWD': '0.33317',
    'BHD': '0.40861',
}


@dataclass
class Sketch:
    """An order in the making. A kind changes it; `draw` then makes the order and lets time pass."""

    store: object
    world: object
    random: Random
    placed_at: datetime
    until: datetime
    country: str = 'DE'
    customer: object = None
    rates: Rates | None = None
    lines: list = field(default_factory=list)
    shipping: list = field(default_factory=list)
    discounts: list = field(default_factory=list)
    fees: list = field(default_factory=list)
    taxes_included: bool = True
    untaxed: bool = False
    address: object = None
    facts: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)
    payment: Callable | None = None
    later: list = field(default_factory=list)
    fulfillment_order_status: str = 'OPEN'

    def money(self, amount):
        """Return a bag of a shop-currency amount."""
        return self.rates.bag(amount)

    def price(self, amount):
        """Return a bag of a price of the catalogue, scaled to currencies without cents."""
        return self.rates.bag(scaled(amount, self.rates.currency))

    def taxes(self, reduced=False):
        """Return fresh taxes of the destination."""
        if self.untaxed:
            return []
        province = self.address.province_code if self.address else None
        return taxes_of(self.country, province, reduced)

    def sell(self, variant, quantity=1, **facts):
        """Add a line of a variant at its price, taxed for the destination."""
        facts.setdefault('taxes', self.taxes())
        line = LineSpec(self.money(variant.price), quantity, variant=variant, **facts)
        self.lines.append(line)
        return line

    def travel(self, country, customer=None):
        """Send the order to another country; lines and shipping are taxed anew."""
        self.country = country
        self.customer = customer or self.random.choice(self.world.customers[country])
        self.address = self.customer.default_address
        self.retax()

    def retax(self):
        """Compute the taxes of lines and shipping again."""
        for each in (*self.lines, *self.shipping):
            each.taxes = self.taxes()

    def come_from(self, handle, source_name):
        """Let the order come through a channel."""
        app = self.store.channels[handle]
        attribution = OrderAttribution(handle, app.title)
        self.facts.update(app=app, attribution=attribution, source_name=source_name)

    def restock_prices(self):
        """Price the lines and shipping again, after a change of currency."""
        for line in self.lines:
            line.price = self.money(line.price.shop.amount)
        for line in self.shipping:
            line.price = self.money(line.price.shop.amount)

    def then(self, after, happening):
        """Let `happening(sketch, order)` happen `after` a timedelta."""
        self.later.append((after, happening))


# -- ordinary orders


def rates_of(currency, buyers):
    """Return the rates of a shop in `currency` whose buyer pays in `buyers`; `None`: the same."""
    if buyers in (None, currency):
        return Rates(currency)
    return Rates(currency, buyers, Decimal(FX[buyers]) / Decimal(FX[currency]))


def ordinary(sketch):
    """Fill a sketch with an everyday order: a customer, one to five lines, shipping, a card."""
    random = sketch.random
    sketch.rates = rates_of(sketch.store.shop.currency_code, sketch.store.buyers_currency)
    sketch.travel(random.choice(('DE', 'DE', 'DE', 'FR', 'NL', 'DK')))
    for variant in random.sample(sketch.world.variants, random.choice((1, 1, 2, 2, 3, 4, 5))):
        sketch.sell(variant, random.choice((1, 1, 1, 2, 3)))
    title, price = random.choice((("Standard", '4.90'), ("Standard", '4.90'), ("Express", '12.90')))
    sketch.shipping = [
        ShippingSpec(title, sketch.price(price), title.lower(), taxes=sketch.taxes())
    ]
    sketch.payment = pay_by_card
    sketch.come_from('online-store', 'web')


def draw(sketch):
    """Make the order of a sketch, then let what happens later happen."""
    with sketch.store.clock.at(sketch.placed_at):
        order = create_order(sketch.store, spec_of(sketch))
        assess_risk(order)
        if sketch.payment:
            sketch.payment(sketch, order)
    for after, happening in sketch.later:
        with sketch.store.clock.at(min(sketch.placed_at + after, sketch.until)):
            happening(sketch, order)
    return order


def spec_of(sketch):
    """Return the specification of a sketch."""
    facts = dict(sketch.facts)
    customer = sketch.customer
    if customer:
        facts.setdefault('customer', customer)
        facts.setdefault('email', customer.email)
        facts.setdefault('phone', customer.phone if not customer.email else None)
        facts.setdefault('purchasing_entity', customer)
        facts.setdefault('customer_locale', customer.locale)
    facts.setdefault('shipping_address', sketch.address)
    facts.setdefault('billing_address', sketch.address)
    return OrderSpec(
        sketch.rates,
        sketch.lines,
        sketch.shipping,
        sketch.discounts,
        sketch.fees,
        sketch.taxes_included,
        custom_attributes=sketch.attributes,
        facts=facts,
        status_of_fulfillment_orders=sketch.fulfillment_order_status,
    )


def assess_risk(order):
    """Have Shopify's fraud protection look at the order; most are fine."""
    if not order.risk.assessments:
        fact = RiskFact("Billing address matches the card's", 'POSITIVE')
        order.risk.assessments.append(OrderRiskAssessment('LOW', None, [fact]))
