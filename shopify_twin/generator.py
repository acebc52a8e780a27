"""Makes thousands of varied, consistent orders from a seed.

Each order is of one *kind*; a kind is a small function that bends an ordinary `Sketch` and may add
things that happen later (payment, shipping, refunds). Equal seed, count and profile give equal
orders, gids and times included.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from .engine import fulfillment, refunds, returns, verbs
from .engine.building import (
    DiscountSpec,
    DutySpec,
    FeeSpec,
    LineSpec,
    OrderSpec,
    ShippingSpec,
    Tax,
    create_order,
)
from .engine.fulfillment import FulfillmentTrackingInfo
from .engine.geography import taxes_of
from .engine.lines import LineItemGroup
from .engine.money import MoneyV2, Rates, quantize, smallest_unit
from .engine.order import OrderDisputeSummary, OrderRiskAssessment, RiskFact
from .engine.payments import (
    CardPaymentDetails,
    LocalPaymentMethodsPaymentDetails,
    TransactionFee,
    make_payment_terms,
)
from .engine.people import MailingAddress, PurchasingCompany
from .engine.refunds import RefundPlan
from .engine.shop import App, OrderAttribution
from .engine.world import furnish_world, scaled

#: Generated orders end here, unless told otherwise, so that times do not depend on the day of the
#: run.
UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
#: Days the orders are spread over: inside the 60 days an app without `read_all_orders` sees.
SPAN = timedelta(days=50)

#: Presentment currencies and what one euro buys.
FX = {
    'USD': '1.0837',
    'GBP': '0.8461',
    'DKK': '7.4605',
    'CHF': '0.9387',
    'JPY': '162.35',
    'KWD': '0.33317',
    'BHD': '0.40861',
}


@dataclass(frozen=True)
class Kind:
    """A kind of order.

    :param weight: how often, relative to the others.
    :param plain: whether profile 'plain' has it: products, taxes, discounts, shipping, nothing
        else.
    """

    name: str
    weight: int
    plain: bool
    bend: Callable


KINDS: dict[str, Kind] = {}


def kind(weight, plain=False):
    """Register a function as a kind of its name."""

    def register(function):
        KINDS[function.__name__] = Kind(function.__name__, weight, plain, function)
        return function

    return register


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


def ordinary(sketch):
    """Fill a sketch with an everyday order: a customer, one to five lines, shipping, paid by card.
    """
    random = sketch.random
    sketch.travel(random.choice(('DE', 'DE', 'DE', 'FR', 'NL', 'DK')))
    for variant in random.sample(sketch.world.variants, random.choice((1, 1, 2, 2, 3, 4, 5))):
        sketch.sell(variant, random.choice((1, 1, 1, 2, 3)))
    title, price = random.choice((("Standard", '4.90'), ("Standard", '4.90'), ("Express", '12.90')))
    sketch.shipping = [
        ShippingSpec(title, sketch.price(price), title.lower(), taxes=sketch.taxes())
    ]
    sketch.payment = pay_by_card
    sketch.facts['source_name'] = 'web'
    sketch.facts['attribution'] = OrderAttribution('online-store', "Online Store")


def draw(sketch):
    """Make the order of a sketch, then let what happens later happen."""
    with sketch.store.clock.at(sketch.placed_at):
        order = create_order(sketch.store, spec_of(sketch))
        assess_risk(sketch, order)
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


def assess_risk(sketch, order):
    """Have Shopify's fraud protection look at the order; most are fine."""
    if not order.risk.assessments:
        fact = RiskFact("Billing address matches the card's", 'POSITIVE')
        order.risk.assessments.append(OrderRiskAssessment('LOW', None, [fact]))


# -- payment


def pay_by_card(sketch, order, amount=None):
    """Pay all of it with Shopify Payments, with the fee it takes."""
    amount = amount or order.total_outstanding_set
    if not amount:
        return None
    card = CardPaymentDetails(sketch.random.choice(("Visa", "Mastercard", "American Express")))
    token = f'p{sketch.random.getrandbits(48):012x}'
    move = verbs.pay(
        sketch.store,
        order,
        amount,
        'shopify_payments',
        payment_details=card,
        payment_id=token,
        account_number=card.number,
        settlement_currency=order.currency_code,
        settlement_currency_rate=Decimal(1),
    )
    move.fees.append(card_fee(sketch, amount))
    return move


def card_fee(sketch, amount):
    """Return a processing fee of 1.5 % and 0.25."""
    currency = amount.shop.currency_code
    flat = MoneyV2(quantize(Decimal('0.25'), currency), currency)
    cost = MoneyV2(
        quantize(amount.shop.amount * Decimal('0.015') + flat.amount, currency), currency
    )
    return TransactionFee(
        sketch.store.next_gid('TransactionFee'),
        cost,
        flat,
        None,
        Decimal('0.015'),
        "1.5%",
        MoneyV2(Decimal(0), currency),
    )


def pay_manually(sketch, order):
    """Leave a pending bank deposit."""
    verbs.pay(sketch.store, order, order.total_outstanding_set, "Bank Deposit", status='PENDING')


def pay_on_terms(sketch, order):
    """Leave the pending manual sale of an order with payment terms."""
    verbs.pay(sketch.store, order, order.total_outstanding_set, 'manual', status='PENDING')


def pay_locally(sketch, order):
    """Pay with iDEAL."""
    details = LocalPaymentMethodsPaymentDetails('ideal', "NL91ABNA0417164300")
    verbs.pay(sketch.store, order, order.total_outstanding_set, 'ideal', payment_details=details)


def authorize(sketch, order):
    """Reserve the amount on the card without taking it."""
    card = CardPaymentDetails("Visa")
    expires = sketch.placed_at + timedelta(days=7)
    return verbs.pay(
        sketch.store,
        order,
        order.total_outstanding_set,
        'shopify_payments',
        'AUTHORIZATION',
        payment_details=card,
        payment_id='auth',
        authorization_expires_at=expires,
    )


# -- shipping


def ship(sketch, order, share=None):
    """Ship every open fulfilment order, or about `share` of its units."""
    for fulfillment_order in list(order.all_fulfillment_orders):
        if fulfillment_order.status not in fulfillment.FULFILLABLE:
            continue
        chosen = None
        if share is not None:
            chosen = part_of(fulfillment_order, share)
        number = f'JJD{sketch.random.randrange(10**9, 10**10)}'
        parcel = FulfillmentTrackingInfo("DHL", number, f'https://example.com/track/{number}')
        fulfillment.fulfil(sketch.store, order, [(fulfillment_order, chosen)], [parcel])


def part_of(fulfillment_order, share):
    """Return {line: quantity} of about `share` of the units, at least one and not all."""
    wanted = max(1, int(fulfillment_order.remaining * share))
    chosen = {}
    for item in fulfillment_order.line_items:
        taken = min(item.remaining_quantity, wanted - sum(chosen.values()))
        if taken:
            chosen[item] = taken
    return chosen


def archive(sketch, order):
    """Close the order."""
    verbs.close(sketch.store, order)


def taken_back(order, count=None, kind_of_restock='RETURN'):
    """Return refund lines of the first `count` units of the first product line, or of everything.
    """
    lines = [line for line in order.product_lines if line.current_quantity]
    if count is None:
        return [
            (line, line.current_quantity, kind_of_restock, line.location, None) for line in lines
        ]
    return [
        (lines[0], min(count, lines[0].current_quantity), kind_of_restock, lines[0].location, None)
    ]


def give_back(sketch, order, plan):
    """Refund what the plan's lines and shipping are worth to the first payment."""
    worth = order.zero
    for line, quantity, *_rest in plan.lines:
        worth += refunds.line_worth(line, quantity)
    for line, amount in plan.shipping:
        worth += amount or line.current_discounted_price_set
        if not order.taxes_included and amount is None:
            worth += line.current_tax
    moves = [move for move in order.transactions if move.refundable_amount]
    plan.payments = spread(moves, worth)
    return refunds.refund(sketch.store, order, plan)


def spread(moves, amount):
    """Return (payment, part) pairs: each payment gives back what it can, the first one first."""
    found = []
    for move in moves:
        part = amount.combine(move.refundable_amount, lambda mine, most, _currency: min(mine, most))
        if part:
            found.append((move, part))
            amount -= part
    return found


HOURS, DAYS = timedelta(hours=1), timedelta(days=1)

# -- kinds: products, taxes, discounts, shipping


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
    sketch.facts['source_name'] = 'shopify_draft_order'
    sketch.facts['attribution'] = OrderAttribution('draft-orders', "Draft Orders")
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
    sketch.facts.update(
        source_name='pos', retail_location=shop, shipping_address=None, billing_address=None
    )
    sketch.facts['attribution'] = OrderAttribution('pos', "Point of Sale")
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


# -- kinds: the rest


@kind(5)
def b2b(sketch):
    """A company buys on terms."""
    company = sketch.random.choice(sketch.world.companies)
    branch = sketch.random.choice(company.locations)
    contact = company.main_contact
    sketch.taxes_included = False
    sketch.untaxed = branch.tax_settings.tax_exempt
    sketch.travel(branch.billing_address.country_code, contact.customer)
    sketch.facts.update(
        purchasing_entity=PurchasingCompany(company, branch, contact),
        po_number=f'PO-{sketch.random.randrange(10**5)}',
        tax_exempt=sketch.untaxed,
    )
    template = branch.buyer_experience_configuration.payment_terms_template
    # [R] draft-order-complete-payment-terms-pending.json: terms leave one manual, pending sale.
    sketch.payment = pay_on_terms if template else pay_by_card
    if template:
        sketch.then(
            timedelta(0), lambda each, order: make_payment_terms(each.store, order, template)
        )
        sketch.then(2 * DAYS, ship)


@kind(2)
def gift_card_sold(sketch):
    """A gift card next to goods, or alone."""
    if sketch.random.random() < 0.5:
        sketch.lines, sketch.shipping = [], []
    card = sketch.random.choice(sketch.world.gift_cards)
    sketch.sell(
        card,
        sketch.random.choice((1, 1, 2)),
        taxes=[],
        requires_shipping=False,
        taxable=False,
        is_gift_card=True,
    )


@kind(2)
def gift_card_used(sketch):
    """Partly paid with a gift card, the rest by card."""
    sketch.payment = pay_with_card_and_gift_card


def pay_with_card_and_gift_card(sketch, order):
    """Take up to 25 from a new gift card, the rest from the card."""
    value = sketch.price('25.00')
    card = verbs.make_gift_card(sketch.store, value.shop, customer=order.customer)
    part = order.total_outstanding_set.combine(value, lambda mine, most, _currency: min(mine, most))
    verbs.pay_with_gift_card(sketch.store, order, card, part)
    pay_by_card(sketch, order)


@kind(2)
def tip(sketch):
    """A tip: a line without product, variant or tax."""
    amount = sketch.price('3.00')
    sketch.lines.append(
        LineSpec(amount, title="Tip", requires_shipping=False, taxable=False, is_tip=True)
    )


@kind(1)
def duties(sketch):
    """Import duties, charged with the order."""
    sketch.taxes_included = False
    sketch.travel('GB')
    sketch.facts['duties_included'] = False
    for line in sketch.lines:
        amount = quantize(
            line.price.shop.amount * line.quantity * Decimal('0.08'), sketch.rates.currency
        )
        line.duties = [DutySpec(sketch.money(amount), '6109.10', 'DE')]


@kind(1)
def additional_fee(sketch):
    """A deposit on bottles, taxed."""
    sketch.fees = [FeeSpec("Bottle deposit", sketch.price('0.75'), sketch.taxes())]


@kind(1)
def cash_rounding(sketch):
    """Paid in cash, rounded to five cents."""
    pos(sketch)
    sketch.payment = pay_cash


def pay_cash(sketch, order):
    """Pay in cash, to the next five smallest units; the transaction carries the difference."""
    asked = order.total_outstanding_set
    step = smallest_unit(order.currency_code) * 5
    rounded = asked.map(lambda amount, _currency: (amount / step).quantize(Decimal(1)) * step)
    verbs.pay(
        sketch.store,
        order,
        rounded,
        'cash',
        amount_rounding_set=rounded - asked,
        location=order.retail_location,
    )


@kind(2)
def partially_refunded(sketch):
    """One unit came back."""
    sketch.then(DAYS, ship)
    sketch.then(
        4 * DAYS,
        lambda each, order: give_back(
            each, order, RefundPlan(taken_back(order, 1), note="One back")
        ),
    )


@kind(2)
def refunded(sketch):
    """Everything was refunded, shipping too."""

    def all_of_it(each, order):
        plan = RefundPlan(taken_back(order, kind_of_restock='CANCEL'), note="All back")
        plan.shipping = [(line, None) for line in order.shipping_lines]
        give_back(each, order, plan)

    sketch.then(2 * DAYS, all_of_it)


@kind(1)
def goodwill_refund(sketch):
    """Money back without goods."""

    def goodwill(each, order):
        move = order.transactions[0]
        amount = move.refundable_amount.combine(
            each.price('0.50'), lambda mine, other, _currency: min(mine, other)
        )
        refunds.refund(
            each.store,
            order,
            RefundPlan(payments=[(move, amount)], note="Sorry", reason='CUSTOMER'),
        )

    sketch.then(3 * DAYS, goodwill)


@kind(1)
def shipping_refund(sketch):
    """The shipping was given back."""

    def back(each, order):
        give_back(each, order, RefundPlan(shipping=[(line, None) for line in order.shipping_lines]))

    sketch.then(3 * DAYS, back)


@kind(1)
def restocking_fee(sketch):
    """A return for which less than its worth was paid back."""

    def less(each, order):
        plan = RefundPlan(taken_back(order, 1), note="Minus fee")
        worth = refunds.line_worth(plan.lines[0][0], plan.lines[0][1])
        plan.payments = [(order.transactions[0], worth * Decimal('0.9'))]
        refunds.refund(each.store, order, plan)

    sketch.then(DAYS, ship)
    sketch.then(6 * DAYS, less)


@kind(3)
def cancelled(sketch):
    """Cancelled, paid or not, with or without restock."""
    if sketch.random.random() < 0.4:
        sketch.payment = None
    restock = sketch.random.random() < 0.5
    reason = sketch.random.choice(('CUSTOMER', 'FRAUD', 'INVENTORY', 'DECLINED', 'OTHER'))
    sketch.then(
        8 * HOURS,
        lambda each, order: verbs.cancel(
            each.store, order, reason, restock, pay_back=True, staff_note="Cancelled"
        ),
    )


@kind(3)
def edited(sketch):
    """A line was added, another one taken away, after the order was placed."""
    spare = sketch.random.choice(sketch.world.variants)

    def change(each, order):
        extra = LineSpec(each.money(spare.price), variant=spare, taxes=each.taxes())
        first = order.line_items[0]
        verbs.edit(
            each.store, order, verbs.EditPlan({first: first.current_quantity - 1}, added=[extra])
        )
        if order.total_outstanding_set.presentment.amount > 0 and each.random.random() < 0.5:
            pay_by_card(each, order)

    sketch.then(5 * HOURS, change)


@kind(1)
def edited_discount_and_shipping(sketch):
    """An edit gave a discount, took the shipping away and added another."""

    def change(each, order):
        spec = DiscountSpec(
            'manual', "Sorry", 10, allocation='EACH', selection='EXPLICIT', description="Sorry"
        )
        plan = verbs.EditPlan(
            discounts=[(order.line_items[0], spec)], removed_shipping=[order.shipping_lines[0]]
        )
        plan.shipping = [
            ShippingSpec("Courier", each.price('7.50'), 'courier', custom=True, taxes=each.taxes())
        ]
        verbs.edit(each.store, order, plan)

    sketch.then(5 * HOURS, change)


@kind(2)
def returned(sketch):
    """Units came back through a return, were put in stock and refunded."""
    sketch.then(DAYS, ship)
    sketch.then(5 * DAYS, begin_return)
    if sketch.random.random() < 0.7:
        sketch.then(9 * DAYS, finish_return)


def begin_return(_sketch, order):
    """Open a return of one unit of the first shipped line."""
    line = order.fulfillments[0].fulfillment_line_items[0]
    returns.open_return(
        _sketch.store,
        order,
        [{'fulfillment_line_item': line, 'quantity': 1, 'return_reason': 'SIZE_TOO_SMALL'}],
    )


def finish_return(sketch, order):
    """Restock the returned unit at a random location, refund it, close the return."""
    made = order.returns[0]
    item = made.reverse_fulfillment_orders[0].line_items[0]
    place = sketch.random.choice(sketch.world.locations)
    returns.dispose(sketch.store, item, 1, place)
    line = made.return_line_items[0]
    returns.process(sketch.store, line, 1)
    plan = RefundPlan(
        [(line.fulfillment_line_item.line_item, 1, 'RETURN', place, line)], return_=made
    )
    give_back(sketch, order, plan)
    returns.close(sketch.store, made)


@kind(1)
def return_requested(sketch):
    """The buyer asked to send something back; a third is refused."""
    refuse = sketch.random.random() < 0.3

    def ask(each, order):
        line = order.fulfillments[0].fulfillment_line_items[0]
        made = returns.open_return(
            each.store, order, [{'fulfillment_line_item': line, 'quantity': 1}], requested=True
        )
        if refuse:
            returns.decline(each.store, made, 'FINAL_SALE', "Final sale")

    sketch.then(DAYS, ship)
    sketch.then(5 * DAYS, ask)


@kind(1)
def on_hold(sketch):
    """Shipping is held."""
    sketch.then(
        HOURS,
        lambda each, order: fulfillment.hold(
            each.store, order.all_fulfillment_orders[0], 'INVENTORY_OUT_OF_STOCK'
        ),
    )


@kind(1)
def scheduled(sketch):
    """A pre-order, to be shipped later."""
    sketch.fulfillment_order_status = 'SCHEDULED'

    def date(_sketch, order):
        for fulfillment_order in order.all_fulfillment_orders:
            fulfillment_order.fulfill_at = order.created_at + 30 * DAYS

    sketch.then(timedelta(0), date)


@kind(2)
def two_locations(sketch):
    """Lines ship from two places; one of them has shipped."""
    sketch.sell(sketch.random.choice(sketch.world.variants), 2, location=sketch.world.locations[1])

    def first(each, order):
        fulfillment.fulfil(each.store, order, [(order.all_fulfillment_orders[0], None)])

    if sketch.random.random() < 0.6:
        sketch.then(DAYS, first)


@kind(1)
def custom_line(sketch):
    """A line of no product."""
    sketch.lines.append(
        LineSpec(sketch.price('33.33'), 2, "Custom engraving", taxes=sketch.taxes(), sku=None)
    )


@kind(1)
def unknown_sku(sketch):
    """A line whose SKU no product has, without variant."""
    sketch.lines.append(
        LineSpec(sketch.price('8.50'), 1, "Discontinued item", sku='GONE-1', taxes=sketch.taxes())
    )


@kind(1)
def nameless_variant(sketch):
    """A variant with neither SKU nor barcode."""
    sketch.sell(sketch.random.choice(sketch.world.nameless))


@kind(1)
def bundle(sketch):
    """Two lines of one bundle."""
    head = sketch.random.choice(sketch.world.variants)
    group = LineItemGroup(
        sketch.store.next_gid('LineItemGroup'),
        "Starter bundle",
        1,
        head.id,
        head.sku,
        head.product.id,
    )
    for variant in sketch.random.sample(sketch.world.variants, 2):
        sketch.sell(variant, 1, group=group)


@kind(1)
def failed_payment(sketch):
    """Two refused attempts before the card worked."""

    def attempts(each, order):
        for code in ('CARD_DECLINED', 'INSUFFICIENT_FUNDS'):
            verbs.pay(
                each.store,
                order,
                order.total_price_set,
                'shopify_payments',
                status='FAILURE',
                error_code='CARD_DECLINED' if code == 'CARD_DECLINED' else 'PROCESSING_ERROR',
            )
        pay_by_card(each, order)

    sketch.payment = attempts


@kind(1)
def voided(sketch):
    """An authorization that was given up."""
    sketch.payment = authorize
    sketch.then(DAYS, lambda each, order: verbs.void(each.store, order, order.transactions[0]))


@kind(1)
def partially_paid(sketch):
    """A third paid in advance."""

    def part(each, order):
        verbs.pay(each.store, order, order.total_outstanding_set / 3, 'manual')

    sketch.payment = part


@kind(1)
def several_captures(sketch):
    """An authorization taken in two parts."""

    def take(each, order):
        whole = order.transactions[0]
        verbs.capture(each.store, order, whole, whole.capturable_amount / 2)
        verbs.capture(each.store, order, whole)

    sketch.payment = authorize
    sketch.then(DAYS, take)


@kind(1)
def test_order(sketch):
    """A test order."""
    sketch.facts['test'] = True


@kind(1)
def marketplace(sketch):
    """Sold on a marketplace that owes the tax itself."""
    us_state_county(sketch)
    for each in (*sketch.lines, *sketch.shipping):
        for tax in each.taxes:
            tax.channel_liable = True
    sketch.facts.update(
        source_name='tiktok', source_identifier=f'TT-{sketch.random.randrange(10**9)}'
    )
    sketch.facts['attribution'] = OrderAttribution('tiktok', "TikTok Shop")


@kind(1)
def disputed(sketch):
    """The buyer's bank wants the money back."""

    def dispute(each, order):
        order.disputes.append(OrderDisputeSummary(each.store.next_gid('ShopifyPaymentsDispute')))
        each.store.touch(order)

    sketch.then(7 * DAYS, dispute)


#: The kinds of each profile.
PROFILES = {
    'plain': [each for each in KINDS.values() if each.plain],
    'all': list(KINDS.values()),
}


# -- entry points


def generate(store, count, seed=0, profile=None, until=UNTIL):
    """Add `count` orders to the store and return them.

    :param seed: equal seeds on equal stores give equal orders.
    :param profile: 'plain', 'all' (the default), or a list of kind names.
    :param until: no order is newer, and nothing happens later, than this moment.
    :raises KeyError: for an unknown profile or kind.
    """
    kinds = kinds_of(profile)
    world = furnish_world(store, store.seed)
    random = Random(f'{store.seed}/{seed}/{store.sequence("generation")}')  # noqa: S311
    drawn = random.choices(kinds, [each.weight for each in kinds], k=count)
    # Every kind once before chance decides, so that a small sample is varied too.
    drawn[: len(kinds)] = random.sample(kinds, len(kinds))[:count]
    random.shuffle(drawn)
    with store.quiet(), archiving(store, False):
        return [
            make(store, world, random, each, moment_of(index, count, until), until)
            for index, each in enumerate(drawn)
        ]


def kinds_of(profile):
    """Return the kinds of a profile name or a list of kind names."""
    if isinstance(profile, list | tuple):
        return [KINDS[name] for name in profile]
    return PROFILES[profile or 'all']


def moment_of(index, count, until):
    """Return when order `index` of `count` is placed: evenly over the span, the last a day before
    its end.
    """
    start = until - SPAN
    return start + timedelta(seconds=int((SPAN - DAYS).total_seconds() * index / max(count, 1)))


class archiving:  # noqa: N801 (reads as a phrase: with archiving(store, False))
    """Set whether paid and shipped orders archive themselves, inside a block."""

    def __init__(self, store, value):
        self.store, self.value = store, value

    def __enter__(self):
        self.before, self.store.auto_archive = self.store.auto_archive, self.value

    def __exit__(self, *_exception):
        self.store.auto_archive = self.before


def make(store, world, random, which, placed_at, until):
    """Make one order of kind `which`; its kind is remembered in `store.kinds`."""
    sketch = Sketch(store, world, random, placed_at, until, rates=Rates(store.shop.currency_code))
    ordinary(sketch)
    which.bend(sketch)
    order = draw(sketch)
    store.kinds[order.id] = which.name
    return order


def catalog(store):
    """Return what is for sale, as plain dicts, so that a demo can make matching products elsewhere.

    Keys: gid, product_gid, title, variant_title, name, sku, barcode, price (Decimal), currency,
    taxable,
    requires_shipping, is_gift_card.
    """
    furnish_world(store, store.seed)
    return [
        {
            'gid': variant.id,
            'product_gid': variant.product.id,
            'title': variant.product.title,
            'variant_title': None if variant.is_default else variant.title,
            'name': variant.product.title if variant.is_default else variant.display_name,
            'sku': variant.sku,
            'barcode': variant.barcode,
            'price': variant.price,
            'currency': store.shop.currency_code,
            'taxable': variant.taxable,
            'requires_shipping': variant.inventory_item.requires_shipping,
            'is_gift_card': variant.product.is_gift_card,
        }
        for variant in store.all('ProductVariant')
    ]


# -- orders of unusual size


def _special(store, seed, bend):
    """Make one order bent by `bend`, at the end of the generated time."""
    world = furnish_world(store, store.seed)
    random = Random(f'{store.seed}/{seed}')  # noqa: S311
    with store.quiet(), archiving(store, False):
        return make(store, world, random, Kind('special', 0, True, bend), UNTIL - DAYS, UNTIL)


def big_order(store, lines=300, seed=0):
    """Make an order of `lines` lines, more than one page of any connection."""

    def bend(sketch):
        sketch.lines = []
        for index in range(lines):
            sketch.sell(sketch.world.variants[index % len(sketch.world.variants)], 1 + index % 3)

    return _special(store, f'big/{seed}', bend)


def many_shipping(store, count=12, seed=0):
    """Make an order with `count` shipping lines."""

    def bend(sketch):
        sketch.shipping = [
            ShippingSpec(
                f"Parcel {index + 1}",
                sketch.price('1.11') * (index + 1),
                f'parcel-{index}',
                taxes=sketch.taxes(),
            )
            for index in range(count)
        ]

    return _special(store, f'shipping/{seed}', bend)


def many_transactions(store, count=60, seed=0):
    """Make an order paid in `count` parts."""

    def pay_in_parts(sketch, order):
        parts = verbs.split_payment(order, order.total_outstanding_set, range(1, count + 1))
        for part in parts:
            verbs.pay(sketch.store, order, part, 'manual')

    def bend(sketch):
        sketch.lines[0].quantity += 50
        sketch.payment = pay_in_parts

    return _special(store, f'transactions/{seed}', bend)


__all__ = [
    'KINDS',
    'PROFILES',
    'Kind',
    'big_order',
    'catalog',
    'generate',
    'many_shipping',
    'many_transactions',
]
