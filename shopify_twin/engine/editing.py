"""Order edits in the making: staged changes and what the order would look like."""

from copy import deepcopy
from dataclasses import dataclass, field

from . import verbs
from .building import DiscountSpec, LineSpec, ShippingSpec
from .records import Record
from .store import Scratch


def calculated_gid(line):
    """Return the gid of a line while edited: the same number ([R]
    order-edit-existing-order-happy-path.json).
    """
    return f'gid://shopify/CalculatedLineItem/{line.legacy_resource_id}'


@dataclass(eq=False, repr=False)
class OrderEditSession(Record):
    """The session behind a calculated order."""

    typename = 'OrderEditSession'
    id: str


@dataclass(eq=False, repr=False)
class Staged(Record):
    """One staged change; the type says what kind."""

    id: str
    kind: str
    facts: dict = field(default_factory=dict)

    @property
    def typename(self):
        """The GraphQL type of the change."""
        return self.kind

    def __getattr__(self, name):
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(eq=False, repr=False)
class CalculatedDiscountApplication(Record):
    """A discount staged on a line."""

    typename = 'CalculatedManualDiscountApplication'
    id: str
    description: str | None
    value: object
    allocation_method: str = 'EACH'
    target_selection: str = 'EXPLICIT'
    target_type: str = 'LINE_ITEM'


@dataclass(eq=False, repr=False)
class CalculatedDiscountAllocation(Record):
    """What a staged discount comes to."""

    typename = 'CalculatedDiscountAllocation'
    allocated_amount_set: object
    discount_application: object


@dataclass(eq=False, repr=False)
class CalculatedLineItem(Record):
    """A line as it would be; `line` is the previewed order line."""

    typename = 'CalculatedLineItem'
    id: str
    line: object
    session: object
    editable_quantity_before_changes: int
    restocking: bool = False

    def __getattr__(self, name):
        if name in (
            'title',
            'sku',
            'variant',
            'variant_title',
            'original_unit_price_set',
            'custom_attributes',
            'restockable',
        ):
            return getattr(self.line, name)
        raise AttributeError(name)

    @property
    def quantity(self):
        """Units that would stand."""
        return self.line.current_quantity

    @property
    def editable_quantity(self):
        """Units that may still be changed: not the shipped ones [I]."""
        return self.line.unfulfilled_quantity

    @property
    def discounted_unit_price_set(self):
        """Unit price after line discounts."""
        return self.line.discounted_unit_price_set

    @property
    def editable_subtotal_set(self):
        """Price of the editable units."""
        return self.line.discounted_unit_price_set.map(
            lambda amount, _currency: amount * self.editable_quantity
        )

    @property
    def uneditable_subtotal_set(self):
        """Price of the shipped units."""
        shipped = self.quantity - self.editable_quantity
        return self.line.discounted_unit_price_set.map(lambda amount, _currency: amount * shipped)

    @property
    def has_staged_line_item_discount(self):
        """Whether this edit discounts the line."""
        return bool(self.session.applications.get(self.id))

    @property
    def calculated_discount_allocations(self):
        """The line's discounts, those of this edit under their staged ids."""
        staged = self.session.applications.get(self.id, [])
        known = len(self.line.discount_allocations) - len(staged)
        found = []
        for index, part in enumerate(self.line.discount_allocations):
            application = part.discount_application
            if index >= known:
                application = staged[index - known]
            found.append(CalculatedDiscountAllocation(part.allocated_amount_set, application))
        return found

    @property
    def staged_changes(self):
        """Changes that name this line."""
        return [each for each in self.session.staged if each.facts.get('line_id') == self.id]


@dataclass(eq=False, repr=False)
class CalculatedShippingLine(Record):
    """A shipping line as it would be."""

    typename = 'CalculatedShippingLine'
    id: str
    title: str
    price: object
    staged_status: str = 'NONE'


@dataclass(eq=False, repr=False)
class CalculatedOrder(Record):
    """An edit session: staged changes on an order, previewed by carrying them out on a copy."""

    typename = 'CalculatedOrder'
    id: str | None = None
    store: object = None
    original_order: object = None
    quantities: dict = field(default_factory=dict)
    restock: bool = True
    added: list = field(default_factory=list)
    discounts: list = field(default_factory=list)
    shipping: list = field(default_factory=list)
    removed_shipping: list = field(default_factory=list)
    staged: list = field(default_factory=list)
    applications: dict = field(default_factory=dict)
    committed: bool = False
    notification_preview_title: str = "Your order has been updated"
    _preview: object = None

    @property
    def session(self):
        """The session's own record."""
        return OrderEditSession(f'gid://shopify/OrderEditSession/{self.legacy_resource_id}')

    # -- staging

    def stage(self, kind, **facts):
        """Note a change and return it; the preview is made anew."""
        self._preview = None
        change = Staged(self.store.next_gid(kind), kind, facts)
        self.staged.append(change)
        return change

    def set_quantity(self, line_id, quantity, restock):
        """Let a line have `quantity` units."""
        added = self._added_index(line_id)
        if added is not None:
            self.added[added][1].quantity = quantity
        else:
            self.quantities[line_id] = quantity
        self.restock = restock
        self.stage(
            'OrderStagedChangeDecrementItem', line_id=line_id, delta=quantity, restock=restock
        )

    def add(self, spec: LineSpec, kind):
        """Add a line; return its id."""
        line_id = (
            f'gid://shopify/CalculatedLineItem/{self.store.sequence("calculated line") + 10**15}'
        )
        self.added.append((line_id, spec))
        self.stage(kind, line_id=line_id, quantity=spec.quantity)
        return line_id

    def discount(self, line_id, spec: DiscountSpec, value):
        """Discount a line; return the staged change."""
        self.discounts.append((line_id, spec))
        gid = self.store.next_gid('CalculatedManualDiscountApplication')
        application = CalculatedDiscountApplication(gid, spec.description, value)
        self.applications.setdefault(line_id, []).append(application)
        return self.stage(
            'OrderStagedChangeAddLineItemDiscount',
            line_id=line_id,
            description=spec.description,
            value=value,
        )

    def add_shipping(self, spec: ShippingSpec):
        """Add a shipping line; return it as calculated."""
        line = CalculatedShippingLine(
            self.store.next_gid('CalculatedShippingLine'), spec.title, spec.price, 'ADDED'
        )
        self.shipping.append((line, spec))
        self.stage('OrderStagedChangeAddShippingLine', title=spec.title, price=spec.price)
        return line

    def _added_index(self, line_id):
        return next(
            (index for index, (gid, _spec) in enumerate(self.added) if gid == line_id), None
        )

    # -- preview

    def plan_for(self, order):
        """Return the plan of all staged changes in terms of `order`, the original or a copy."""
        lines = {calculated_gid(line): line for line in order.line_items}
        plan = verbs.EditPlan(restock=self.restock)
        plan.quantities = {lines[gid]: quantity for gid, quantity in self.quantities.items()}
        kept = [(gid, spec) for gid, spec in self.added if spec.quantity]
        plan.added = [spec for _gid, spec in kept]
        places = {gid: ('added', index) for index, (gid, _spec) in enumerate(kept)}
        plan.discounts = [(lines.get(gid) or places[gid], spec) for gid, spec in self.discounts]
        plan.shipping = [spec for _line, spec in self.shipping]
        plan.removed_shipping = [
            line for line in order.shipping_lines if line.id in self.removed_shipping
        ]
        return plan

    @property
    def preview(self):
        """A copy of the order with all staged changes carried out."""
        if self._preview is None:
            copy = deepcopy(self.original_order)
            if self.staged:
                verbs.edit(Scratch(self.store), copy, self.plan_for(copy))
            self._preview = copy
        return self._preview

    def calculated(self, line_id):
        """Return one line as calculated, or None."""
        return next((line for line in self.line_items if line.id == line_id), None)

    @property
    def line_items(self):
        """All lines as they would be, those taken away with quantity 0."""
        before = self.original_order.line_items
        after = self.preview.line_items
        found = [
            CalculatedLineItem(
                calculated_gid(line), line, self, original.unfulfilled_quantity, self.restock
            )
            for original, line in zip(before, after[: len(before)], strict=True)
        ]
        return found + self.added_line_items

    @property
    def added_line_items(self):
        """Lines this edit adds."""
        kept = [gid for gid, spec in self.added if spec.quantity]
        start = len(self.original_order.line_items)
        lines = self.preview.line_items[start : start + len(kept)]
        return [
            CalculatedLineItem(gid, line, self, 0) for gid, line in zip(kept, lines, strict=True)
        ]

    @property
    def shipping_lines(self):
        """Shipping lines as they would be."""
        found = [
            CalculatedShippingLine(
                line.id,
                line.title,
                line.original_price_set,
                'REMOVED' if line.id in self.removed_shipping else 'NONE',
            )
            for line in self.original_order.shipping_lines
        ]
        return found + [line for line, _spec in self.shipping]

    @property
    def staged_changes(self):
        """All changes, in order."""
        return self.staged

    @property
    def added_discount_applications(self):
        """Discounts this edit adds."""
        return [each for applications in self.applications.values() for each in applications]

    @property
    def subtotal_line_items_quantity(self):
        """Units that would stand."""
        return self.preview.current_subtotal_line_items_quantity

    @property
    def subtotal_price_set(self):
        """Subtotal of what would stand."""
        return self.preview.current_subtotal_price_set

    @property
    def cart_discount_amount_set(self):
        """Order-level discounts of what would stand."""
        return self.preview.current_cart_discount_amount_set or None

    @property
    def tax_lines(self):
        """Taxes of what would stand."""
        return self.preview.current_tax_lines

    @property
    def total_price_set(self):
        """Total of what would stand ([R] order-edit-line-discount-percent-value.json)."""
        return self.preview.current_total_price_set

    @property
    def total_outstanding_set(self):
        """What would be left to pay."""
        return self.preview.total_outstanding_set


def begin(store, order):
    """Begin an edit of an order."""
    return store.add(CalculatedOrder(store=store, original_order=order))


def commit(store, calculated, staff_note=None):
    """Carry out all staged changes on the real order."""
    plan = calculated.plan_for(calculated.original_order)
    plan.staff_note = staff_note
    calculated.committed = True
    return verbs.edit(store, calculated.original_order, plan)
