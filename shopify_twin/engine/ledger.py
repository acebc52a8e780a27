"""The ledger of an order: agreements and their sales, derived from what happened.

One agreement for the order as placed, one per edit, refund and return; lines of the others carry
negative sales.
Shape from [S]; which happening makes which sale is [I].
"""

from dataclasses import dataclass, field
from datetime import datetime

from .money import MoneyBag, total
from .records import Record

#: GraphQL type of a sale per line type.
SALE_TYPES = {
    'PRODUCT': 'ProductSale',
    'GIFT_CARD': 'GiftCardSale',
    'TIP': 'TipSale',
    'SHIPPING': 'ShippingLineSale',
    'DUTY': 'DutySale',
    'FEE': 'FeeSale',
    'ADDITIONAL_FEE': 'AdditionalFeeSale',
    'ADJUSTMENT': 'AdjustmentSale',
}


@dataclass(eq=False, repr=False, slots=True)
class Sale(Record):
    """One entry: what was sold, changed or taken back."""

    id: str
    line_type: str
    action_type: str
    quantity: int | None
    total_amount: MoneyBag
    total_tax_amount: MoneyBag
    total_discount_amount_before_taxes: MoneyBag
    total_discount_amount_after_taxes: MoneyBag
    line_item: object = None
    shipping_line: object = None
    duty: object = None
    additional_fee: object = None
    taxes: list = field(default_factory=list)

    @property
    def typename(self):
        """The type that carries the line type's own field."""
        return SALE_TYPES[self.line_type]


@dataclass(eq=False, repr=False, slots=True)
class Agreement(Record):
    """A happening that changed what the buyer owes."""

    id: str
    kind: str
    reason: str
    happened_at: datetime
    app: object = None
    user: object = None
    order: object = None
    refund: object = None
    sales: list = field(default_factory=list)

    @property
    def typename(self):
        """OrderAgreement, OrderEditAgreement, RefundAgreement or ReturnAgreement."""
        return self.kind


class _Book:
    """Collects the sales of one agreement and numbers them."""

    def __init__(self, order, agreement, number):
        self.order = order
        self.agreement = agreement
        self.base = order.legacy_resource_id * 10_000 + number * 1_000

    def enter(self, kind, quantity, amounts, **parts):
        """Add one sale.

        :param kind: (line type, action type).
        :param amounts: (net, tax, discount); the net contains tax when the order's prices do.
        """
        net, tax, discount = amounts
        sale = Sale(
            f'gid://shopify/Sale/{self.base + len(self.agreement.sales) + 1}',
            *kind,
            quantity,
            net if self.order.taxes_included else net + tax,
            tax,
            discount,
            discount,
            **parts,
        )
        self.agreement.sales.append(sale)


def line_type_of(line):
    """Return PRODUCT, GIFT_CARD or TIP."""
    if line.is_tip:
        return 'TIP'
    return 'GIFT_CARD' if line.is_gift_card else 'PRODUCT'


def agreements_of(order):
    """Return all agreements of an order, oldest first."""
    found = [_order_agreement(order)]
    found += [_edit_agreement(order, number) for number in range(1, len(order.edits) + 1)]
    edits = {edit.refund for edit in order.edits if edit.refund}
    refunds = [refund for refund in order.refunds if refund not in edits]
    found += [_refund_agreement(order, refund, 100 + index) for index, refund in enumerate(refunds)]
    return sorted(found, key=lambda agreement: agreement.happened_at)


def _new(order, typename, reason, happened_at, number, **parts):
    gid = f'gid://shopify/SalesAgreement/{order.legacy_resource_id * 1_000 + number}'
    agreement = Agreement(gid, typename, reason, happened_at, app=order.app, order=order, **parts)
    return agreement, _Book(order, agreement, number)


def _sell(book, line):
    amounts = (line.total_after_all_discounts, line.total_tax, line.discounts())
    book.enter((line_type_of(line), 'ORDER'), line.quantity, amounts, line_item=line)
    for duty in line.duties:
        amounts = (duty.price, duty.tax, line.zero)
        book.enter(('DUTY', 'ORDER'), None, amounts, duty=duty)


def _sell_shipping(book, line):
    amounts = (line.discounted_price_set, line.total_tax, line.total_discount)
    book.enter(('SHIPPING', 'ORDER'), None, amounts, shipping_line=line)


def _order_agreement(order):
    agreement, book = _new(order, 'OrderAgreement', 'ORDER', order.created_at, 0)
    added_later = {line.id for edit in order.edits for line in edit.added_shipping}
    for line in order.line_items:
        if not line.added_by_edit:
            _sell(book, line)
    for line in order.all_shipping_lines:
        if line.id not in added_later:
            _sell_shipping(book, line)
    for fee in order.additional_fees:
        tax = total((part.price_set for part in fee.tax_lines), order.zero)
        amounts = (fee.price, tax, order.zero)
        book.enter(('ADDITIONAL_FEE', 'ORDER'), None, amounts, additional_fee=fee)
    return agreement


def _edit_agreement(order, number):
    edit = order.edits[number - 1]
    agreement, book = _new(order, 'OrderEditAgreement', 'ORDER_EDIT', edit.happened_at, number)
    for line in order.line_items:
        if line.added_by_edit == number:
            _sell(book, line)
    for line in edit.added_shipping:
        _sell_shipping(book, line)
    for line in edit.removed_shipping:
        amounts = (-line.discounted_price_set, -line.total_tax, -line.total_discount)
        book.enter(('SHIPPING', 'UPDATE'), None, amounts, shipping_line=line)
    if edit.refund:
        _take_back(book, edit.refund, 'UPDATE')
    return agreement


def _refund_agreement(order, refund, number):
    agreement, book = _new(
        order, 'RefundAgreement', 'REFUND', refund.created_at, number, refund=refund
    )
    _take_back(book, refund, 'RETURN')
    return agreement


def _take_back(book, refund, action):
    zero = book.order.zero
    for part in refund.refund_line_items:
        kind = (line_type_of(part.line_item), action)
        amounts = (-part.subtotal_set, -part.total_tax_set, zero)
        book.enter(kind, -part.quantity, amounts, line_item=part.line_item)
    for part in refund.refund_shipping_lines:
        amounts = (-part.subtotal_amount_set, -part.tax_amount_set, zero)
        book.enter(('SHIPPING', action), None, amounts, shipping_line=part.shipping_line)
    for part in refund.duties:
        duty = part.original_duty
        amounts = (-part.amount_set, -part.tax_amount_set, zero)
        book.enter(('DUTY', action), None, amounts, duty=duty)
    for part in refund.order_adjustments:
        amounts = (part.amount_set, part.tax_amount_set, zero)
        book.enter(('ADJUSTMENT', action), None, amounts)
