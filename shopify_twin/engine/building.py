"""Makes orders from a specification: prices lines, spreads discounts, computes taxes, routes
fulfilment.
"""

from dataclasses import dataclass, field
from datetime import datetime

from . import fulfillment
from .lines import (
    AdditionalFee,
    AutomaticDiscountApplication,
    DiscountAllocation,
    DiscountCodeApplication,
    Duty,
    LineItem,
    ManualDiscountApplication,
    PricingPercentageValue,
    ScriptDiscountApplication,
    ShippingLine,
    TaxLine,
    exact,
    tax_amounts,
)
from .money import MoneyBag, Rates, allocate_bag, quantize
from .order import Order
from .records import attributes

APPLICATIONS = {
    'code': DiscountCodeApplication,
    'manual': ManualDiscountApplication,
    'automatic': AutomaticDiscountApplication,
    'script': ScriptDiscountApplication,
}


@dataclass(slots=True)
class Tax:
    """A tax to charge: the amount is computed from the rate, unless `amount` (as sold) is given."""

    title: str
    rate: float
    channel_liable: bool = False
    source: str | None = None
    amount: MoneyBag | None = None


@dataclass(slots=True)
class LineSpec:
    """A line to sell. With a variant, what is None is taken from it."""

    price: MoneyBag
    quantity: int = 1
    title: str | None = None
    variant: object = None
    product: object = None
    variant_title: str | None = None
    sku: str | None = None
    vendor: str | None = None
    requires_shipping: bool = True
    taxable: bool = True
    is_gift_card: bool = False
    is_tip: bool = False
    taxes: list = field(default_factory=list)
    custom_attributes: dict = field(default_factory=dict)
    duties: list = field(default_factory=list)
    group: object = None
    location: object = None


@dataclass(slots=True)
class DutySpec:
    """An import duty of a line."""

    price: MoneyBag
    harmonized_system_code: str | None = None
    country_code_of_origin: str | None = None
    taxes: list = field(default_factory=list)


@dataclass(slots=True)
class ShippingSpec:
    """A shipping line to charge."""

    title: str
    price: MoneyBag
    code: str | None = None
    source: str | None = 'shopify'
    custom: bool = False
    carrier_identifier: str | None = None
    delivery_category: str | None = None
    taxes: list = field(default_factory=list)


@dataclass(slots=True)
class DiscountSpec:
    """A discount to give.

    :param kind: key of `APPLICATIONS`.
    :param name: code or title.
    :param percentage: percent of each target; or
    :param amount: bag, split over the targets (ACROSS) or given to each (EACH: per line, ONE: to
        one line).
    :param lines: indices of target lines (None: all product lines, gift cards and tips left out).
    :param shipping: the targets are shipping lines instead.
    """

    kind: str
    name: str
    percentage: float | None = None
    amount: MoneyBag | None = None
    allocation: str = 'ACROSS'
    selection: str = 'ALL'
    lines: list | None = None
    shipping: bool = False
    description: str | None = None


@dataclass(slots=True)
class FeeSpec:
    """A fee on the order."""

    name: str
    price: MoneyBag
    taxes: list = field(default_factory=list)


@dataclass(slots=True)
class OrderSpec:
    """An order to make; `facts` are further attributes of `Order`, set as they are."""

    rates: Rates
    lines: list
    shipping: list = field(default_factory=list)
    discounts: list = field(default_factory=list)
    fees: list = field(default_factory=list)
    taxes_included: bool = False
    name: str | None = None
    custom_attributes: dict = field(default_factory=dict)
    route: bool = True
    status_of_fulfillment_orders: str = 'OPEN'
    processed_at: datetime | None = None
    facts: dict = field(default_factory=dict)


def create_order(store, spec):
    """Make the order of `spec` and return it, without payment; emits nothing."""
    now = store.clock.now()
    number = 1000 + store.sequence('order number')
    shop = store.shop
    name = (
        spec.name or f'{shop.order_number_format_prefix}{number}{shop.order_number_format_suffix}'
    )
    facts = {'app': store.app, **spec.facts}
    order = Order(
        store=store,
        rates=spec.rates,
        name=name,
        number=number,
        taxes_included=spec.taxes_included,
        confirmation_number=confirmation_number(store),
        created_at=now,
        updated_at=now,
        processed_at=spec.processed_at or now,
        **facts,
    )
    order.custom_attributes = attributes(spec.custom_attributes)
    store.add(order)
    for line in spec.lines:
        add_line(store, order, line)
    for line in spec.shipping:
        add_shipping_line(store, order, line)
    for discount in spec.discounts:
        apply_discount(order, discount)
    charge_taxes(store, order, spec)
    if not store.is_scratch:
        # [R] draft-orders-search-sort-staged.json, cleanup: a price only quoted makes no buyer.
        remember_buyer(order)
    if spec.route:
        fulfillment.route(store, order, status=spec.status_of_fulfillment_orders)
    order.original_total_price_set = order.total_price_set
    return order


def confirmation_number(store):
    """Return nine letters and digits, as shown to the buyer."""
    alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
    return ''.join(store.random.choices(alphabet, k=9))


def remember_buyer(order):
    """Tell customer and company branch about their order."""
    if order.customer:
        order.customer.orders.append(order)
    if order.purchasing_entity and order.purchasing_entity.typename == 'PurchasingCompany':
        order.purchasing_entity.location.orders.append(order)


def add_line(store, order, spec, edit=0):
    """Add a line without taxes and discounts and return it."""
    variant = spec.variant
    product = spec.product or (variant.product if variant else None)
    line = LineItem(
        order=order,
        quantity=spec.quantity,
        original_unit_price_set=spec.price,
        variant=variant,
        product=product,
        title=spec.title if spec.title is not None else product.title,
        variant_title=spec.variant_title
        or (None if variant is None or variant.is_default else variant.title),
        sku=spec.sku if spec.sku is not None or variant is None else variant.sku,
        vendor=spec.vendor or (product.vendor if variant else None),
        requires_shipping=spec.requires_shipping,
        taxable=spec.taxable,
        is_gift_card=spec.is_gift_card,
        is_tip=spec.is_tip,
        line_item_group=spec.group,
        added_by_edit=edit,
        location=spec.location,
    )
    if spec.custom_attributes:
        line.custom_attributes = attributes(spec.custom_attributes)
    store.add(line)
    order.line_items.append(line)
    return line


def add_shipping_line(store, order, spec):
    """Add a shipping line without taxes and return it."""
    line = ShippingLine(
        store.next_gid('ShippingLine'),
        order,
        spec.title,
        spec.code or spec.title,
        spec.source,
        spec.custom,
        delivery_category=spec.delivery_category,
        carrier_identifier=spec.carrier_identifier,
        original_price_set=spec.price,
    )
    order.all_shipping_lines.append(line)
    store.by_gid[line.id] = line
    return line


def apply_discount(order, spec):
    """Add a discount application and its allocations; return the application.

    A percentage is taken of what earlier discounts left, each line rounded on its own; an amount is
    split in
    proportion to what is left, see `money.allocate` [I].
    """
    targets = discount_targets(order, spec)
    left = [
        line.discounted_price_set if spec.shipping else line.total_after_all_discounts
        for line in targets
    ]
    if spec.percentage is not None:
        percent = exact(spec.percentage) / 100
        parts = [
            bag.map(lambda amount, currency: quantize(amount * percent, currency)) for bag in left
        ]
        value = PricingPercentageValue(float(spec.percentage))
    else:
        parts = split_amount(spec, left)
        value = spec.amount.presentment
    application = APPLICATIONS[spec.kind](
        index=len(order.discount_applications),
        allocation_method=spec.allocation,
        target_selection=spec.selection,
        target_type='SHIPPING_LINE' if spec.shipping else 'LINE_ITEM',
        value=value,
        description=spec.description,
        **{'code' if spec.kind == 'code' else 'title': spec.name},
    )
    order.discount_applications.append(application)
    for line, part in zip(targets, parts, strict=True):
        if part:
            line.discount_allocations.append(DiscountAllocation(part, application))
    return application


def discount_targets(order, spec):
    """Return the lines a discount is for: gift cards and tips are never discounted [D]."""
    if spec.shipping:
        return order.shipping_lines
    if spec.lines is not None:
        return [order.line_items[index] for index in spec.lines]
    return [line for line in order.line_items if not line.is_gift_card and not line.is_tip]


def split_amount(spec, left):
    """Return each target's part of a fixed amount, never more than the target is worth."""

    def at_most(bag, most):
        return bag.combine(most, lambda mine, theirs, _currency: min(mine, theirs))

    if spec.allocation != 'ACROSS':
        return [at_most(spec.amount, most) for most in left]
    whole = left[0].zero if left else None
    for bag in left:
        whole += bag
    return allocate_bag(at_most(spec.amount, whole), left) if left else []


def tax_lines(base, taxes, included):
    """Return tax lines for a `base` after discounts; given amounts win over computed ones."""
    computed = tax_amounts(base, [tax.rate for tax in taxes], included)
    return [
        TaxLine(
            tax.title,
            tax.rate,
            amount if tax.amount is None else tax.amount,  # an exempt line is charged 0.00
            tax.channel_liable,
            tax.source,
        )
        for tax, amount in zip(taxes, computed, strict=True)
    ]


def charge_taxes(store, order, spec):
    """Compute the taxes of lines, duties, shipping and fees, after all discounts."""
    included = spec.taxes_included
    for line, line_spec in zip(order.line_items, spec.lines, strict=True):
        if line_spec.taxes:
            line.tax_lines = tax_lines(line.total_after_all_discounts, line_spec.taxes, included)
        for duty in line_spec.duties:
            line.duties.append(make_duty(store, duty))
    for line, line_spec in zip(order.all_shipping_lines, spec.shipping, strict=True):
        line.tax_lines = tax_lines(line.discounted_price_set, line_spec.taxes, included)
    for fee in spec.fees:
        made = AdditionalFee(store.next_gid('AdditionalFee'), fee.name, fee.price)
        made.tax_lines = tax_lines(fee.price, fee.taxes, included)
        order.additional_fees.append(made)


def make_duty(store, spec):
    """Return the duty of a `DutySpec`; tax on it is always on top [I]."""
    duty = Duty(
        store.next_gid('Duty'), spec.price, spec.harmonized_system_code, spec.country_code_of_origin
    )
    duty.tax_lines = tax_lines(spec.price, spec.taxes, False)
    store.by_gid[duty.id] = duty
    return duty
