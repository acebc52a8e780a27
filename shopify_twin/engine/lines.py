"""What an order is made of: lines, shipping lines, taxes, discounts, duties, fees.

Everything that can be computed from quantities and refunds is a property; nothing derived is
stored.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from .money import MoneyBag, MoneyV2, quantize, share, total
from .records import Record


@lru_cache(maxsize=4096)
def exact(rate):
    """Return the Decimal a float rate stands for (0.19, not 0.19000000000000000222)."""
    return Decimal(str(rate))


@dataclass(eq=False, repr=False, slots=True)
class TaxLine(Record):
    """One tax on a line; `rate` is a fraction. The amount is for the quantity as sold, after
    discounts.
    """

    typename = 'TaxLine'
    title: str
    rate: float
    price_set: MoneyBag
    channel_liable: bool = False
    source: str | None = None

    @property
    def rate_percentage(self):
        """The rate in percent."""
        return float(exact(self.rate) * 100)

    @property
    def price(self):
        """Shop-currency amount, for the deprecated field."""
        return self.price_set.shop.amount


def tax_amounts(base, rates, included):
    """Return one bag per rate for a taxed `base`, each rounded on its own [I].

    :param MoneyBag base: line total after all discounts.
    :param rates: fractions, as floats.
    :param bool included: whether `base` contains the taxes; they are then taken out of it together,
        so
        that 119.00 at 19 % holds 19.00 (`base * rate / (1 + all rates)`) [D].
    """
    divisor = 1 + sum(exact(rate) for rate in rates) if included else Decimal(1)
    return [
        base.map(
            lambda amount, currency, rate=rate: quantize(amount * exact(rate) / divisor, currency)
        )
        for rate in rates
    ]


@dataclass(eq=False, repr=False, slots=True)
class PricingPercentageValue(Record):
    """A discount value in percent."""

    typename = 'PricingPercentageValue'
    percentage: float


@dataclass(eq=False, repr=False, slots=True)
class DiscountApplication(Record):
    """The intention of a discount; what it came to on each line are its allocations.

    :param allocation_method: ACROSS (one amount split over lines), EACH (per line), ONE.
    :param target_selection: ALL lines, ENTITLED ones, or one EXPLICIT line.
    """

    index: int
    allocation_method: str
    target_selection: str
    target_type: str
    value: object
    title: str | None = None
    description: str | None = None
    code: str | None = None

    @property
    def is_order_level(self):
        """Whether line fields "without order-level discounts" leave it out: split over all lines
        [I].
        """
        return self.allocation_method == 'ACROSS' and self.target_selection == 'ALL'

    @property
    def is_code(self):
        """Whether the customer typed a code."""
        return self.typename == 'DiscountCodeApplication'

    @property
    def is_manual(self):
        """Whether staff gave it."""
        return self.typename == 'ManualDiscountApplication'


class DiscountCodeApplication(DiscountApplication):
    """A discount code."""

    typename = 'DiscountCodeApplication'
    __slots__ = ()


class ManualDiscountApplication(DiscountApplication):
    """A discount typed in by staff."""

    typename = 'ManualDiscountApplication'
    __slots__ = ()


class AutomaticDiscountApplication(DiscountApplication):
    """A discount the shop gives by itself."""

    typename = 'AutomaticDiscountApplication'
    __slots__ = ()


class ScriptDiscountApplication(DiscountApplication):
    """A discount given by a Shopify Script."""

    typename = 'ScriptDiscountApplication'
    __slots__ = ()


@dataclass(eq=False, repr=False, slots=True)
class DiscountAllocation(Record):
    """What a discount application came to on one line, for the quantity as sold."""

    typename = 'DiscountAllocation'
    allocated_amount_set: MoneyBag
    discount_application: DiscountApplication


@dataclass(eq=False, repr=False, slots=True)
class Duty(Record):
    """Import duty of a line."""

    typename = 'Duty'
    id: str | None = None
    price: MoneyBag | None = None
    harmonized_system_code: str | None = None
    country_code_of_origin: str | None = None
    tax_lines: list = field(default_factory=list)
    refunds: list = field(default_factory=list)

    @property
    def tax(self):
        """Taxes on the duty as sold."""
        return total((tax.price_set for tax in self.tax_lines), self.price.zero)

    @property
    def current_price(self):
        """What is left of the duty after refunds."""
        return self.price - total((refund.amount_set for refund in self.refunds), self.price.zero)

    @property
    def current_tax(self):
        """Taxes left after refunds."""
        refunded = (refund.tax_amount_set for refund in self.refunds)
        return self.tax - total(refunded, self.price.zero)


@dataclass(eq=False, repr=False, slots=True)
class AdditionalFee(Record):
    """A fee on top of the order, e.g. a bottle deposit."""

    typename = 'AdditionalFee'
    id: str | None = None
    name: str = ''
    price: MoneyBag | None = None
    tax_lines: list = field(default_factory=list)


@dataclass(eq=False, repr=False, slots=True)
class LineItemGroup(Record):
    """The bundle several lines belong to."""

    typename = 'LineItemGroup'
    id: str | None = None
    title: str = ''
    quantity: int = 1
    variant_id: str | None = None
    variant_sku: str | None = None
    product_id: str | None = None
    custom_attributes: list = field(default_factory=list)


@dataclass(eq=False, repr=False, slots=True)
class LineItem(Record):
    """A line as sold; what became of it is in `refund_line_items` and `fulfillment_line_items`."""

    typename = 'LineItem'
    id: str | None = None
    order: object = None
    title: str = ''
    variant_title: str | None = None
    quantity: int = 1
    original_unit_price_set: MoneyBag | None = None
    sku: str | None = None
    vendor: str | None = None
    variant: object = None
    product: object = None
    line_item_group: LineItemGroup | None = None
    is_gift_card: bool = False
    is_tip: bool = False
    requires_shipping: bool = True
    taxable: bool = True
    custom_attributes: list = field(default_factory=list)
    discount_allocations: list = field(default_factory=list)
    tax_lines: list = field(default_factory=list)
    duties: list = field(default_factory=list)
    refund_line_items: list = field(default_factory=list)
    fulfillment_line_items: list = field(default_factory=list)
    added_by_edit: int = 0
    location: object = None
    staff_member: object = None
    selling_plan: object = None

    @property
    def name(self):
        """Product title with the variant's, if it has one."""
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title

    @property
    def zero(self):
        """A bag of nothing in the order's currencies."""
        return self.order.zero

    # -- quantities

    @property
    def refunded_quantity(self):
        """Units taken back or removed; an edit that removes units leaves a refund line too [R]."""
        return sum(line.quantity for line in self.refund_line_items)

    @property
    def fulfilled_quantity(self):
        """Units shipped and not cancelled."""
        return sum(line.quantity for line in self.fulfillment_line_items if line.counts)

    @property
    def current_quantity(self):
        """Units that still stand."""
        return self.quantity - self.refunded_quantity

    @property
    def refundable_quantity(self):
        """Units that may still be refunded."""
        return self.current_quantity

    @property
    def unfulfilled_quantity(self):
        """Units still to ship: ordered, not shipped, not dropped by a refund or an edit."""
        if self.is_tip:
            return 0
        dropped = sum(line.dropped_quantity for line in self.refund_line_items)
        return max(self.quantity - self.fulfilled_quantity - dropped, 0)

    @property
    def fulfillable_quantity(self):
        """Units that may be shipped now: not those on hold ([R]
        fulfillment-order-lifecycle.json).
        """
        return sum(
            item.remaining_quantity
            for each in self.order.all_fulfillment_orders
            if each.status in ('OPEN', 'IN_PROGRESS')
            for item in each.line_items
            if item.line_item is self
        )

    @property
    def non_fulfillable_quantity(self):
        """Units that are neither shipped nor to ship."""
        return self.quantity - self.unfulfilled_quantity - self.fulfilled_quantity

    @property
    def restockable(self):
        """Whether units may go back to stock: only variants have stock."""
        return self.variant is not None and not self.is_gift_card and self.current_quantity > 0

    @property
    def merchant_editable(self):
        """Whether an order edit may touch the line."""
        return not self.is_tip and not self.is_gift_card

    # -- money, for the quantity as sold

    @property
    def original_total_set(self):
        """Unit price times quantity as sold."""
        return self.original_unit_price_set.map(lambda amount, _currency: amount * self.quantity)

    def discounts(self, order_level=True, codes=True):
        """Sum the allocations, optionally without order-level or code-based ones."""
        return total(
            (
                allocation.allocated_amount_set
                for allocation in self.discount_allocations
                if (order_level or not allocation.discount_application.is_order_level)
                and (codes or not allocation.discount_application.is_code)
            ),
            self.zero,
        )

    @property
    def total_discount_set(self):
        """Line-level discounts, without order-level ones [S]."""
        return self.discounts(order_level=False)

    def resolve_discounted_total_set(self, with_code_discounts=False):
        """Total after line-level discounts, code-based ones only on request [S]."""
        return self.original_total_set - self.discounts(
            order_level=False, codes=with_code_discounts
        )

    @property
    def discounted_total_set(self):
        """Total after line-level discounts other than codes."""
        return self.resolve_discounted_total_set()

    @property
    def total_after_all_discounts(self):
        """What the quantity as sold costs in the end; contains tax when the order's prices do."""
        return self.original_total_set - self.discounts()

    @property
    def discounted_unit_price_set(self):
        """Approximate unit price after line-level discounts other than codes."""
        return self.discounted_total_set / self.quantity

    @property
    def discounted_unit_price_after_all_discounts_set(self):
        """Approximate unit price after every discount."""
        return self.total_after_all_discounts / self.quantity

    @property
    def total_tax(self):
        """All taxes of the quantity as sold."""
        return total((tax.price_set for tax in self.tax_lines), self.zero)

    @property
    def unfulfilled_original_total_set(self):
        """Undiscounted price of what is still to ship."""
        return self.original_unit_price_set.map(
            lambda amount, _currency: amount * self.unfulfilled_quantity
        )

    @property
    def unfulfilled_discounted_total_set(self):
        """Discounted price of what is still to ship."""
        return share(self.discounted_total_set, 0, self.unfulfilled_quantity, self.quantity)

    # -- money, as it stands

    @property
    def current_total(self):
        """What the units that still stand cost, after all discounts."""
        return self.total_after_all_discounts - total(
            (line.subtotal_set for line in self.refund_line_items), self.zero
        )

    @property
    def current_tax(self):
        """Taxes of the units that still stand."""
        return self.total_tax - total(
            (line.total_tax_set for line in self.refund_line_items), self.zero
        )

    @property
    def current_discounts(self):
        """Discounts of the units that still stand."""
        return self.current_part(self.discounts())

    @property
    def price_after_all_discounts_before_taxes_set(self):
        """Current total without tax [S]."""
        return (
            self.current_total - self.current_tax
            if self.order.taxes_included
            else self.current_total
        )

    def current_part(self, bag):
        """Return the part of an as-sold `bag` that the current quantity carries."""
        return share(bag, 0, self.current_quantity, self.quantity)

    def refund_part(self, bag, quantity):
        """Return the part of an as-sold `bag` that the next `quantity` refunded units carry."""
        done = self.refunded_quantity
        return share(bag, done, done + quantity, self.quantity)


@dataclass(eq=False, repr=False, slots=True)
class ShippingLine(Record):
    """A way of shipping the buyer paid for."""

    typename = 'ShippingLine'
    id: str | None = None
    order: object = None
    title: str = ''
    code: str | None = None
    source: str | None = 'shopify'
    custom: bool = False
    is_removed: bool = False
    delivery_category: str | None = None
    carrier_identifier: str | None = None
    phone: str | None = None
    shipping_rate_handle: str | None = None
    original_price_set: MoneyBag | None = None
    discount_allocations: list = field(default_factory=list)
    tax_lines: list = field(default_factory=list)
    refund_shipping_lines: list = field(default_factory=list)

    @property
    def total_discount(self):
        """All allocations."""
        return total(
            (part.allocated_amount_set for part in self.discount_allocations), self.order.zero
        )

    @property
    def discounted_price_set(self):
        """Price after discounts; contains tax when the order's prices do."""
        return self.original_price_set - self.total_discount

    @property
    def total_tax(self):
        """All taxes of the line."""
        return total((tax.price_set for tax in self.tax_lines), self.order.zero)

    @property
    def current_discounted_price_set(self):
        """What is left after refunds; nothing when an edit removed the line."""
        if self.is_removed:
            return self.order.zero
        refunded = (line.subtotal_amount_set for line in self.refund_shipping_lines)
        return self.discounted_price_set - total(refunded, self.order.zero)

    @property
    def current_tax(self):
        """Taxes left after refunds."""
        if self.is_removed:
            return self.order.zero
        refunded = (line.tax_amount_set for line in self.refund_shipping_lines)
        return self.total_tax - total(refunded, self.order.zero)

    @property
    def price(self):
        """Deprecated shop-currency price."""
        return self.original_price_set.shop.amount


def percentage_or_money(value, rates):
    """Return a ``PricingValue`` of a percentage (int, float) or of a Decimal amount in shop
    currency.
    """
    if isinstance(value, Decimal):
        return MoneyV2(value, rates.currency)
    return PricingPercentageValue(float(value))
