"""Kinds beyond plain sales: companies, gift cards, tips, refunds, returns, edits, holds and the
like.
"""

from datetime import timedelta
from decimal import Decimal

from ..engine import fulfillment, refunds, returns, verbs
from ..engine.building import DiscountSpec, DutySpec, FeeSpec, LineSpec, ShippingSpec
from ..engine.lines import LineItemGroup
from ..engine.money import quantize, smallest_unit
from ..engine.order import OrderDisputeSummary
from ..engine.payments import make_payment_terms
from ..engine.people import PurchasingCompany
from ..engine.refunds import RefundPlan
from .happenings import (
    DAYS,
    HOURS,
    authorize,
    give_back,
    pay_by_card,
    pay_on_terms,
    ship,
    taken_back,
)
from .kinds import kind
from .plain import pos, us_state_county


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

    def to_five(amount, currency):
        step = smallest_unit(currency) * 5
        return (amount / step).quantize(Decimal(1)) * step

    rounded = asked.map(to_five)
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
        lambda each, order: verbs.cancel(each.store, order, reason, restock, pay_back=True),
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
    sketch.come_from('tiktok', 'tiktok')
    sketch.facts['source_identifier'] = f'TT-{sketch.random.randrange(10**9)}'


@kind(1)
def disputed(sketch):
    """The buyer's bank wants the money back."""

    def dispute(each, order):
        order.disputes.append(OrderDisputeSummary(each.store.next_gid('ShopifyPaymentsDispute')))
        each.store.touch(order)

    sketch.then(7 * DAYS, dispute)
