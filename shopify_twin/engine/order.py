"""The order: its parts, and every total derived from them.

Vocabulary of Shopify [S]: ``total…`` = as sold (with edits that add, before refunds), ``current…``
= as it stands
(after edits, removals and refunds), ``original…`` = at creation.
"""

from dataclasses import dataclass, field
from datetime import datetime

from .fulfillment import display_fulfillment_status
from .ledger import agreements_of
from .lines import TaxLine
from .money import MoneyBag, Rates, allocate_bag, total
from .payments import RECEIVING
from .records import Count, Record
from .returns import return_status


@dataclass(eq=False, repr=False, slots=True)
class RiskFact(Record):
    """One observation of a risk assessment."""

    typename = 'RiskFact'
    description: str
    sentiment: str = 'NEUTRAL'


@dataclass(eq=False, repr=False, slots=True)
class OrderRiskAssessment(Record):
    """What one provider thinks of an order."""

    typename = 'OrderRiskAssessment'
    risk_level: str = 'LOW'
    provider: object = None
    facts: list = field(default_factory=list)


#: What Shopify recommends for the worst level of all assessments [I].
RECOMMENDATION = {'HIGH': 'CANCEL', 'MEDIUM': 'INVESTIGATE', 'LOW': 'ACCEPT', 'NONE': 'ACCEPT'}


@dataclass(eq=False, repr=False, slots=True)
class OrderRiskSummary(Record):
    """All assessments and the recommendation that follows."""

    typename = 'OrderRiskSummary'
    assessments: list = field(default_factory=list)

    @property
    def recommendation(self):
        """CANCEL, INVESTIGATE, ACCEPT or, without an assessment, NONE."""
        levels = {assessment.risk_level for assessment in self.assessments}
        return next((RECOMMENDATION[level] for level in RECOMMENDATION if level in levels), 'NONE')


@dataclass(eq=False, repr=False, slots=True)
class OrderCancellation(Record):
    """Why an order was cancelled, for staff."""

    typename = 'OrderCancellation'
    staff_note: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class OrderDisputeSummary(Record):
    """A chargeback or inquiry."""

    typename = 'OrderDisputeSummary'
    id: str | None = None
    initiated_as: str = 'CHARGEBACK'
    status: str = 'NEEDS_RESPONSE'


@dataclass(eq=False, repr=False, slots=True)
class CashRoundingAdjustment(Record):
    """Rounding of cash payments and cash refunds."""

    typename = 'CashRoundingAdjustment'
    payment_set: MoneyBag
    refund_set: MoneyBag


def merged_taxes(pairs, zero):
    """Merge (tax line, amount) pairs of equal title, rate and liability, in order of first
    sight.
    """
    merged = {}
    for tax, amount in pairs:
        key = (tax.title, tax.rate, tax.channel_liable, tax.source)
        merged[key] = merged.get(key, zero) + amount
    return [
        TaxLine(title, rate, amount, liable, source)
        for (title, rate, liable, source), amount in merged.items()
    ]


@dataclass(eq=False, repr=False, slots=True)
class Order(Record):
    """An order. Stored: who, what, how much a unit; all sums are properties."""

    typename = 'Order'
    id: str | None = None
    store: object = None
    rates: Rates | None = None
    name: str = ''
    number: int = 0
    confirmation_number: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    processed_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    cancellation: OrderCancellation | None = None
    test: bool = False
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    po_number: str | None = None
    tags: list = field(default_factory=list)
    custom_attributes: list = field(default_factory=list)
    customer: object = None
    purchasing_entity: object = None
    billing_address: object = None
    shipping_address: object = None
    customer_locale: str | None = 'en'
    customer_accepts_marketing: bool = False
    source_name: str | None = 'web'
    source_identifier: str | None = None
    registered_source_url: str | None = None
    attribution: object = None
    app: object = None
    retail_location: object = None
    staff_member: object = None
    publication: object = None
    taxes_included: bool = False
    tax_exempt: bool = False
    estimated_taxes: bool = False
    duties_included: bool = False
    discount_applications: list = field(default_factory=list)
    line_items: list = field(default_factory=list)
    all_shipping_lines: list = field(default_factory=list)
    additional_fees: list = field(default_factory=list)
    transactions: list = field(default_factory=list)
    payment_terms: object = None
    all_fulfillment_orders: list = field(default_factory=list)
    fulfillments: list = field(default_factory=list)
    refunds: list = field(default_factory=list)
    returns: list = field(default_factory=list)
    disputes: list = field(default_factory=list)
    edits: list = field(default_factory=list)
    risk: OrderRiskSummary = field(default_factory=OrderRiskSummary)
    merchant_of_record_app: object = None
    cart_token: str | None = None
    checkout_token: str | None = None
    client_ip: str | None = None
    shopify_protect: object = None
    product_network: bool = False
    original_total_price_set: MoneyBag | None = None
    stated_financial_status: str | None = None
    metafields: list = field(default_factory=list)

    # -- identity and simple facts

    @property
    def zero(self):
        """A bag of nothing in the order's currencies."""
        return self.rates.zero

    def sum(self, bags):
        """Sum bags in the order's currencies."""
        return total(bags, self.rates.zero)

    @property
    def currency_code(self):
        """The shop's currency."""
        return self.rates.currency

    @property
    def presentment_currency_code(self):
        """The buyer's currency."""
        return self.rates.presentment_currency

    @property
    def closed(self):
        """Whether the order is archived."""
        return self.closed_at is not None

    @property
    def confirmed(self):
        """Whether stock is reserved: not once cancelled [I]."""
        return self.cancelled_at is None

    @property
    def edited(self):
        """Whether an order edit was committed."""
        return bool(self.edits)

    @property
    def merchant_editable(self):
        """Whether an edit may begin."""
        return not self.merchant_editable_errors

    @property
    def merchant_editable_errors(self):
        """Why an edit may not begin."""
        return ["The order is canceled."] if self.cancelled_at else []

    @property
    def status_page_url(self):
        """The buyer's status page; the token in it is made up from the id."""
        token = f'{self.legacy_resource_id:x}'.rjust(32, '0')
        return f'https://{self.store.shop.myshopify_domain}/orders/{token}/authenticate?key={token[::-1]}'

    @property
    def billing_address_matches_shipping_address(self):
        """Whether both addresses say the same."""
        if not self.billing_address or not self.shipping_address:
            return self.billing_address is self.shipping_address
        return self.billing_address.parts() == self.shipping_address.parts()

    @property
    def display_address(self):
        """The shipping address, else the billing address."""
        return self.shipping_address or self.billing_address

    @property
    def can_notify_customer(self):
        """Whether there is an address to write to."""
        return bool(self.email or self.phone)

    @property
    def discount_codes(self):
        """All codes, in order of use; a draft's own discount counts as one, by its title.

        [R] draft-order-create-from-order-parity.json.
        """
        return [
            application.code or application.title
            for application in self.discount_applications
            if application.is_code or (application.is_manual and application.is_order_level)
        ]

    @property
    def discount_code(self):
        """The first code."""
        return next(iter(self.discount_codes), None)

    @property
    def localized_fields(self):
        """None: the twin refuses to set them."""
        return []

    localization_extensions = localized_fields

    def resolve_metafields(self, namespace=None, keys=None, **_paging):
        """Metafields, optionally of one namespace or of `namespace.key` names."""
        return [
            each
            for each in self.metafields
            if (namespace is None or each.namespace == namespace)
            and (keys is None or f'{each.namespace}.{each.key}' in keys)
        ]

    def resolve_metafield(self, key, namespace=None):
        """One metafield, or None."""
        found = self.resolve_metafields(namespace=namespace)
        return next((each for each in found if each.key == key), None)

    @property
    def agreements(self):
        """The ledger of sales, see `ledger`."""
        return agreements_of(self)

    # -- lines

    @property
    def product_lines(self):
        """Lines that count for the subtotal: all but tips [D]."""
        return [line for line in self.line_items if not line.is_tip]

    @property
    def shipping_lines(self):
        """Shipping lines that were not removed."""
        return [line for line in self.all_shipping_lines if not line.is_removed]

    def resolve_shipping_lines(self, include_removals=False, **_paging):
        """Shipping lines, on request with those an edit removed."""
        return self.all_shipping_lines if include_removals else self.shipping_lines

    @property
    def shipping_line(self):
        """The first shipping line."""
        return next(iter(self.shipping_lines), None)

    @property
    def non_fulfillable_line_items(self):
        """Lines nothing is left to ship of."""
        return [
            line
            for line in self.line_items
            if not line.unfulfilled_quantity and not line.fulfilled_quantity
        ]

    @property
    def requires_shipping(self):
        """Whether any line is physical."""
        return any(line.requires_shipping for line in self.line_items)

    @property
    def restockable(self):
        """Whether anything may go back to stock."""
        return any(line.restockable for line in self.line_items)

    @property
    def subtotal_line_items_quantity(self):
        """Units as sold, without tips."""
        return sum(line.quantity for line in self.product_lines)

    @property
    def current_subtotal_line_items_quantity(self):
        """Units that still stand, without tips."""
        return sum(line.current_quantity for line in self.product_lines)

    # -- as sold

    @property
    def subtotal_price_set(self):
        """Lines after all discounts."""
        return self.sum(line.total_after_all_discounts for line in self.product_lines)

    @property
    def total_discounts_set(self):
        """All discounts, of lines and of shipping."""
        lines = self.sum(line.discounts() for line in self.line_items)
        return lines + self.sum(line.total_discount for line in self.shipping_lines)

    def order_level_discounts(self, current):
        """Sum the allocations of discounts over the whole order."""
        found = self.zero
        for line in self.line_items:
            part = line.discounts() - line.discounts(order_level=False)
            found += line.current_part(part) if current else part
        return found

    @property
    def cart_discount_amount_set(self):
        """Discounts on the order as a whole; null without any."""
        return self.order_level_discounts(current=False) or None

    @property
    def current_cart_discount_amount_set(self):
        """The same for the units that still stand."""
        return self.order_level_discounts(current=True)

    @property
    def total_shipping_price_set(self):
        """Shipping before discounts and refunds [D], with tax when prices contain tax."""
        return self.sum(line.original_price_set for line in self.shipping_lines)

    @property
    def total_tip_received_set(self):
        """All tips."""
        return self.sum(line.original_total_set for line in self.line_items if line.is_tip)

    def _duty_lines(self):
        return [duty for line in self.line_items for duty in line.duties]

    def _taxed_parts(self):
        """Yield (tax line, amount as sold) of lines, shipping, duties and fees."""
        holders = [
            *self.line_items,
            *self.shipping_lines,
            *self._duty_lines(),
            *self.additional_fees,
        ]
        for holder in holders:
            for tax in holder.tax_lines:
                yield tax, tax.price_set

    @property
    def tax_lines(self):
        """Taxes as sold, merged by title and rate."""
        return merged_taxes(self._taxed_parts(), self.zero)

    @property
    def total_tax_set(self):
        """All taxes as sold."""
        return self.sum(amount for _tax, amount in self._taxed_parts())

    @property
    def original_total_duties_set(self):
        """Duties as sold; null without any."""
        duties = self._duty_lines()
        return self.sum(duty.price for duty in duties) if duties else None

    @property
    def original_total_additional_fees_set(self):
        """Fees as sold; null without any."""
        return self.sum(fee.price for fee in self.additional_fees) if self.additional_fees else None

    @property
    def total_price_set(self):
        """What the buyer owed before refunds; an edit that adds raises it [R]."""
        shipping = self.sum(line.discounted_price_set for line in self.shipping_lines)
        extra = self.sum(duty.price for duty in self._duty_lines()) + self.sum(
            fee.price for fee in self.additional_fees
        )
        net = self.subtotal_price_set + shipping + self.total_tip_received_set + extra
        return net if self.taxes_included else net + self.total_tax_set

    # -- as it stands

    @property
    def current_subtotal_price_set(self):
        """Units that still stand, after all discounts."""
        return self.sum(line.current_total for line in self.product_lines)

    @property
    def current_total_discounts_set(self):
        """Discounts of what still stands."""
        lines = self.sum(line.current_discounts for line in self.line_items)
        if self.cancelled_at:
            return lines
        return lines + self.sum(line.total_discount for line in self.shipping_lines)

    @property
    def current_shipping_price_set(self):
        """Shipping after discounts and refunds."""
        return self.sum(line.current_discounted_price_set for line in self.all_shipping_lines)

    @property
    def current_total_duties_set(self):
        """Duties left; null without any."""
        duties = self._duty_lines()
        return self.sum(duty.current_price for duty in duties) if duties else None

    @property
    def current_total_additional_fees_set(self):
        """Fees left; null without any. They go with the cancellation [I]."""
        if not self.additional_fees:
            return None
        return self.zero if self.cancelled_at else self.original_total_additional_fees_set

    def _current_taxed_parts(self):
        """Yield (tax line, amount still due) of lines, shipping, duties and fees."""
        for line in self.line_items:
            refunded = line.refunded_quantity
            for index, tax in enumerate(line.tax_lines):
                taken = (
                    self.sum(part.tax_parts[index] for part in line.refund_line_items)
                    if refunded
                    else self.zero
                )
                yield tax, tax.price_set - taken
        for shipping in self.shipping_lines:
            whole, left = shipping.total_tax, shipping.current_tax
            yield from _scaled(shipping.tax_lines, whole, left)
        for duty in self._duty_lines():
            yield from _scaled(duty.tax_lines, duty.tax, duty.current_tax)
        if not self.cancelled_at:
            for fee in self.additional_fees:
                for tax in fee.tax_lines:
                    yield tax, tax.price_set

    @property
    def current_tax_lines(self):
        """Taxes of what still stands, merged by title and rate; what came to nothing is left out
        [I].
        """
        merged = merged_taxes(self._current_taxed_parts(), self.zero)
        kept = {(tax.title, tax.rate) for tax, _amount in self._taxed_parts() if not tax.rate}
        return [tax for tax in merged if tax.price_set or (tax.title, tax.rate) in kept]

    @property
    def current_total_tax_set(self):
        """All taxes of what still stands."""
        return self.sum(amount for _tax, amount in self._current_taxed_parts())

    @property
    def current_total_price_set(self):
        """What the order is worth now."""
        net = self.current_subtotal_price_set + self.current_shipping_price_set
        net += self.sum(line.current_total for line in self.line_items if line.is_tip)
        net += self.current_total_duties_set or self.zero
        net += self.current_total_additional_fees_set or self.zero
        return net if self.taxes_included else net + self.current_total_tax_set

    # -- money moved

    def moved(self, *kinds):
        """Sum successful transactions of `kinds`."""
        return self.sum(
            move.amount_set for move in self.transactions if move.kind in kinds and move.succeeded
        )

    def rounding(self, *kinds):
        """Sum the cash rounding of successful transactions of `kinds`."""
        return self.sum(
            move.amount_rounding_set
            for move in self.transactions
            if move.kind in kinds and move.succeeded and move.amount_rounding_set
        )

    @property
    def total_received_set(self):
        """All successful sales and captures."""
        return self.moved(*RECEIVING)

    @property
    def total_refunded_set(self):
        """All successful refunds."""
        return self.moved('REFUND')

    @property
    def net_payment_set(self):
        """Received less refunded."""
        return self.total_received_set - self.total_refunded_set

    @property
    def total_capturable_set(self):
        """Authorized and not captured."""
        return self.sum(move.capturable_amount for move in self.transactions)

    @property
    def capturable(self):
        """Whether anything may be captured."""
        return bool(self.total_capturable_set)

    @property
    def total_cash_rounding_adjustment(self):
        """What cash rounding added to payments and refunds."""
        return CashRoundingAdjustment(self.rounding(*RECEIVING), self.rounding('REFUND'))

    @property
    def refund_discrepancy_set(self):
        """Suggested less actual refunds: positive is in the merchant's favour [S]."""
        return self.sum(
            adjustment.amount_set
            for refund in self.refunds
            for adjustment in refund.order_adjustments
        )

    @property
    def total_outstanding_set(self):
        """What is neither paid nor authorized ([R] order-create-math-matrix.json, case
        authorization).

        Negative when the buyer is owed. A refund that paid more or less than its lines are worth
        settles the
        difference by its adjustment; cash rounding settles its own.
        """
        asked = self.current_total_price_set + self.refund_discrepancy_set
        rounding = self.rounding(*RECEIVING) - self.rounding('REFUND')
        if self.cancelled_at and not self.total_received_set:
            return self.zero
        return asked - self.total_capturable_set - self.net_payment_set + rounding

    @property
    def total_refunded_shipping_set(self):
        """Shipping given back, without its tax."""
        return self.sum(
            line.subtotal_amount_set
            for refund in self.refunds
            for line in refund.refund_shipping_lines
        )

    @property
    def payable_total(self):
        """What payment terms ask for."""
        return self.current_total_price_set

    @property
    def payable_balance(self):
        """What payment terms still wait for."""
        return self.total_outstanding_set.floor_zero()

    # -- statuses

    @property
    def payment_gateway_names(self):
        """Gateways in order of use, each once."""
        return list(dict.fromkeys(move.gateway for move in self.transactions if move.gateway))

    @property
    def transactions_count(self):
        """How many transactions."""
        return Count(len(self.transactions))

    def resolve_transactions(self, first=None, capturable=None, manually_resolvable=None):
        """Transactions, optionally only capturable ones, cut at `first`."""
        found = self.transactions
        if capturable is not None:
            found = [move for move in found if bool(move.capturable_amount) is capturable]
        if manually_resolvable is not None:
            found = [move for move in found if move.is_pending is manually_resolvable]
        return found if first is None else found[:first]

    @property
    def fully_paid(self):
        """Whether nothing is left to pay; an order worth nothing is paid [R]."""
        outstanding = self.total_outstanding_set
        return (
            not self.capturable
            and outstanding.presentment.amount <= 0
            and outstanding.shop.amount <= 0
        )

    @property
    def unpaid(self):
        """Whether no payment was made."""
        return not self.total_received_set

    @property
    def refundable(self):
        """Whether a payment may go back."""
        return any(move.refundable_amount for move in self.transactions)

    @property
    def has_pending_payment(self):
        """Whether a payment is under way."""
        return any(move.is_pending for move in self.transactions)

    @property
    def can_mark_as_paid(self):
        """Whether `orderMarkAsPaid` would do something."""
        outstanding = self.total_outstanding_set.presentment.amount
        owed = outstanding > 0 or self.capturable
        return self.cancelled_at is None and owed

    @property
    def display_financial_status(self):
        """The state of payment.

        Null without any transaction, AUTHORIZED, PAID and PARTIALLY_PAID as recorded
        ([R] order-create-math-matrix.json, order-edit-commit-derived-statuses.json); an order worth
        nothing from the start is PAID [I].
        """
        received, refunded = self.total_received_set, self.total_refunded_set
        if received:
            return self._status_of_received(received, refunded)
        free = not self.total_price_set and not self.edited
        voided = any(move.kind == 'VOID' and move.succeeded for move in self.transactions)
        rank = (
            (self.capturable, 'AUTHORIZED'),
            (voided, 'VOIDED'),
            (self.has_pending_payment, 'PENDING'),
            (free, 'PAID'),
            (self.stated_financial_status, self.stated_financial_status),
            (self.transactions, 'PENDING'),
        )
        return next((status for holds, status in rank if holds), None)

    def _status_of_received(self, received, refunded):
        """Return the status of an order money came in for."""
        if refunded:
            back = refunded.presentment.amount >= received.presentment.amount
            return 'REFUNDED' if back else 'PARTIALLY_REFUNDED'
        open_amount = self.total_outstanding_set.presentment.amount
        return 'PARTIALLY_PAID' if open_amount > 0 or self.capturable else 'PAID'

    @property
    def display_fulfillment_status(self):
        """The state of shipping, see `fulfillment.display_fulfillment_status`."""
        return display_fulfillment_status(self)

    @property
    def return_status(self):
        """The state of returns, see `returns.return_status`."""
        return return_status(self)

    @property
    def fulfillment_orders(self):
        """Fulfilment orders that are not hidden; see `resolve_fulfillment_orders`."""
        return self.all_fulfillment_orders

    def resolve_fulfillment_orders(self, displayable=False, query=None, **_paging):
        """Fulfilment orders; `displayable` leaves out those without any unit left that were not
        shipped [I].
        """
        found = self.all_fulfillment_orders
        if displayable:
            found = [each for each in found if each.displayable]
        if query:
            wanted = {
                part.partition(':')[2].strip('"\'').upper()
                for part in query.split()
                if part.startswith('status:')
            }
            found = [each for each in found if not wanted or each.status in wanted]
        return found

    @property
    def fulfillments_count(self):
        """How many fulfilments."""
        return Count(len(self.fulfillments))

    @property
    def fulfillable(self):
        """Whether anything is left to ship."""
        return any(line.unfulfilled_quantity for line in self.line_items)

    # -- deprecated plain amounts in shop currency, still asked for by older clients

    @property
    def total_capturable(self):
        """Shop-currency twin of `total_capturable_set`."""
        return self.total_capturable_set.shop.amount

    @property
    def total_price(self):
        """Shop-currency twin of `total_price_set`."""
        return self.total_price_set.shop.amount

    @property
    def subtotal_price(self):
        """Shop-currency twin of `subtotal_price_set`."""
        return self.subtotal_price_set.shop.amount

    @property
    def total_tax(self):
        """Shop-currency twin of `total_tax_set`."""
        return self.total_tax_set.shop.amount


def _scaled(taxes, whole, left):
    """Yield (tax, part) so that the parts add up to `left` in the proportion of `taxes`."""
    if whole == left or not taxes:
        for tax in taxes:
            yield tax, tax.price_set
        return
    weights = [tax.price_set for tax in taxes]
    yield from zip(taxes, allocate_bag(left, weights), strict=True)
