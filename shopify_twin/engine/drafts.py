"""Draft orders: an order to be, priced by the code that prices orders."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from . import verbs
from .building import OrderSpec, create_order
from .records import Record
from .store import Scratch


@dataclass(eq=False, repr=False)
class DraftOrderAppliedDiscount(Record):
    """A discount of a draft or of one of its lines."""

    typename = 'DraftOrderAppliedDiscount'
    title: str | None
    description: str
    value: float
    value_type: str
    amount_set: object = None

    @property
    def amount_v2(self):
        """Shop side of the amount."""
        return self.amount_set.shop


@dataclass(eq=False, repr=False)
class DraftOrderLineItem(Record):
    """A line of a draft; `line` is the priced line."""

    typename = 'DraftOrderLineItem'
    id: str
    line: object
    custom: bool
    applied_discount: DraftOrderAppliedDiscount | None = None
    price_override: object = None
    components: tuple = ()

    def __getattr__(self, name):
        if name in LINE_FIELDS:
            return getattr(self.line, name)
        raise AttributeError(name)

    @property
    def uuid(self):
        """A stable uuid of the line."""
        return str(uuid5(NAMESPACE_URL, self.id))

    @property
    def discounted_total_set(self):
        """Total after the line's own discount."""
        return self.line.resolve_discounted_total_set()

    @property
    def approximate_discounted_unit_price_set(self):
        """Unit price after the line's own discount."""
        return self.discounted_total_set / self.line.quantity

    @property
    def original_unit_price_with_currency(self):
        """Unit price in presentment currency."""
        return self.line.original_unit_price_set.presentment


#: What a draft line shows of its priced line as it is.
LINE_FIELDS = frozenset(
    {
        'title',
        'name',
        'variant_title',
        'quantity',
        'sku',
        'vendor',
        'variant',
        'product',
        'taxable',
        'requires_shipping',
        'is_gift_card',
        'custom_attributes',
        'tax_lines',
        'original_unit_price_set',
        'original_total_set',
        'total_discount_set',
    }
)


@dataclass(eq=False, repr=False)
class DraftOrder(Record):
    """A draft order. `spec` says what to sell; `quote` is that, priced."""

    typename = 'DraftOrder'
    id: str | None = None
    store: object = None
    name: str = ''
    status: str = 'OPEN'
    ready: bool = True
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    invoice_sent_at: datetime | None = None
    reserve_inventory_until: datetime | None = None
    email: str | None = None
    phone: str | None = None
    note2: str | None = None
    po_number: str | None = None
    tags: list = field(default_factory=list)
    custom_attributes: list = field(default_factory=list)
    customer: object = None
    purchasing_entity: object = None
    billing_address: object = None
    shipping_address: object = None
    tax_exempt: bool = False
    visible_to_customer: bool = False
    accept_automatic_discounts: bool = False
    allow_discount_codes_in_checkout: bool = False
    discount_codes: list = field(default_factory=list)
    source_name: str | None = None
    payment_terms: object = None
    applied_discount: DraftOrderAppliedDiscount | None = None
    line_items: list = field(default_factory=list)
    spec: OrderSpec | None = None
    quote: object = None
    order: object = None
    deposit: object = None
    warnings: list = field(default_factory=list)
    platform_discounts: list = field(default_factory=list)
    given: dict = field(default_factory=dict)

    @property
    def invoice_url(self):
        """Where the buyer pays; the token in it is made up from the id."""
        token = uuid5(NAMESPACE_URL, self.id).hex
        return f'https://{self.store.shop.myshopify_domain}/{self.store.shop.legacy_resource_id}/invoices/{token}'

    @property
    def billing_address_matches_shipping_address(self):
        """Whether both addresses say the same."""
        return self.quote.billing_address_matches_shipping_address

    @property
    def total_quantity_of_line_items(self):
        """Units of all lines."""
        return self.quote.subtotal_line_items_quantity

    @property
    def line_items_subtotal_price(self):
        """Lines after their own discounts [I]."""
        return self.quote.sum(line.discounted_total_set for line in self.quote.line_items)

    @property
    def total_line_items_price_set(self):
        """Lines before any discount."""
        return self.quote.sum(line.original_total_set for line in self.quote.line_items)

    @property
    def amount_due_now_set(self):
        """What completing it would ask for at once: nothing on terms [I]."""
        return self.quote.zero if self.payment_terms else self.quote.total_price_set

    @property
    def amount_due_later_set(self):
        """What the terms ask for later."""
        return self.quote.total_price_set if self.payment_terms else self.quote.zero

    @property
    def payable_total(self):
        """What payment terms ask for."""
        return self.quote.total_price_set

    payable_balance = payable_total


def _from_quote(name):
    return property(lambda self: getattr(self.quote, name), doc=f"`{name}` as the draft is priced.")


for _name in (
    'currency_code',
    'presentment_currency_code',
    'taxes_included',
    'tax_lines',
    'shipping_line',
    'subtotal_price_set',
    'total_price_set',
    'total_discounts_set',
    'total_shipping_price_set',
    'total_tax_set',
    'subtotal_price',
    'total_price',
    'total_tax',
):
    setattr(DraftOrder, _name, _from_quote(_name))


def price(store, draft):
    """Price a draft anew; nothing of it is kept in the store."""
    draft.quote = create_order(Scratch(store), draft.spec)


def complete(store, draft, paid=True):
    """Make the order of a draft: paid by hand, or pending on terms [R]."""
    order = create_order(store, draft.spec)
    terms = draft.payment_terms
    if terms:
        order.payment_terms = terms
        terms.reference = order
    if order.total_price_set:
        status = 'SUCCESS' if paid and not terms else 'PENDING'
        verbs.pay(store, order, order.total_price_set, 'manual', status=status)
    draft.order = order
    draft.status = 'COMPLETED'
    draft.completed_at = store.clock.now()
    store.touch(draft)
    return order
