"""orderEditBegin … orderEditCommit."""

from ..engine import editing
from ..engine.building import DiscountSpec, LineSpec, ShippingSpec
from ..engine.errors import UserError
from ..engine.lines import PricingPercentageValue
from .common import done, failed, money_bag, must_find
from .registry import mutation


@mutation('orderEditBegin')
def order_edit_begin(store, id):  # noqa: A002 (Shopify's name)
    """Open an edit session."""
    order = store.find('Order', id)
    if order is None:
        # [I] wording.
        error = UserError(['id'], "The order does not exist.")
        return failed(error, calculated_order=None, order_edit_session=None)
    if not order.merchant_editable:
        error = UserError(['id'], "The order cannot be edited.")
        return failed(error, calculated_order=None, order_edit_session=None)
    return answer(editing.begin(store, order))


def answer(calculated, **payload):
    """Return the payload every step shares."""
    return done(calculated_order=calculated, order_edit_session=calculated.session, **payload)


def session_of(store, gid):
    """Return the open session of a calculated order or of its edit session."""
    gid = gid.replace('/OrderEditSession/', '/CalculatedOrder/')
    return must_find(store, 'CalculatedOrder', gid)


def refused(calculated, field, message, **payload):
    """Return the payload of a refused step; the wordings are [I]."""
    error = UserError(field, message)
    return failed(
        error, calculated_order=calculated, order_edit_session=calculated.session, **payload
    )


@mutation('orderEditAddVariant')
def order_edit_add_variant(store, id, variantId, quantity, **rest):  # noqa: A002, N803
    """Stage a line of a variant at its present price, untaxed [I]."""
    calculated = session_of(store, id)
    variant = must_find(store, 'ProductVariant', variantId)
    if quantity < 1:
        return refused(
            calculated, ['quantity'], "Quantity must be greater than 0", calculated_line_item=None
        )
    taken = any(
        line.variant is variant and line.current_quantity for line in calculated.preview.line_items
    )
    if taken and not rest.get('allowDuplicates'):
        message = "The variant is already on the order."
        return refused(calculated, ['variantId'], message, calculated_line_item=None)
    place = rest.get('locationId')
    location = must_find(store, 'Location', place) if place else None
    spec = LineSpec(
        calculated.original_order.rates.bag(variant.price),
        quantity,
        variant=variant,
        requires_shipping=variant.inventory_item.requires_shipping,
        taxable=variant.taxable,
        location=location,
    )
    gid = calculated.add(spec, 'OrderStagedChangeAddVariant')
    return answer(calculated, calculated_line_item=calculated.calculated(gid))


@mutation('orderEditAddCustomItem')
def order_edit_add_custom_item(store, id, title, quantity, price, **rest):  # noqa: A002
    """Stage a custom line ([R] order-edit-commit-derived-statuses.json)."""
    calculated = session_of(store, id)
    if not title.strip():
        return refused(calculated, ['title'], "Title can't be blank", calculated_line_item=None)
    if quantity < 1:
        return refused(
            calculated, ['quantity'], "Quantity must be greater than 0", calculated_line_item=None
        )
    location = rest.get('locationId')
    spec = LineSpec(
        money_bag(price, calculated.original_order.rates),
        quantity,
        title,
        requires_shipping=bool(rest.get('requiresShipping')),
        taxable=bool(rest.get('taxable')),
        location=must_find(store, 'Location', location) if location else None,
    )
    gid = calculated.add(spec, 'OrderStagedChangeAddCustomItem')
    return answer(calculated, calculated_line_item=calculated.calculated(gid))


@mutation('orderEditSetQuantity')
def order_edit_set_quantity(store, id, lineItemId, quantity, **rest):  # noqa: A002, N803
    """Stage a line's quantity; 0 takes it away ([R]
    order-edit-existing-order-zero-removal.json).
    """
    calculated = session_of(store, id)
    gid = line_gid(lineItemId)
    line = calculated.calculated(gid)
    if line is None:
        return refused(
            calculated, ['lineItemId'], "Line item does not exist", calculated_line_item=None
        )
    if quantity < 0:
        message = "Quantity must be greater than or equal to 0"
        return refused(calculated, ['quantity'], message, calculated_line_item=None)
    if quantity < line.quantity - line.editable_quantity:
        message = "Quantity can't be less than the number of fulfilled items"
        return refused(calculated, ['quantity'], message, calculated_line_item=None)
    calculated.set_quantity(gid, quantity, bool(rest.get('restock')))
    return answer(calculated, calculated_line_item=calculated.calculated(gid))


def line_gid(gid):
    """Return the calculated gid of a line, which may be named by its order line as well."""
    return gid.replace('/LineItem/', '/CalculatedLineItem/')


@mutation('orderEditAddLineItemDiscount')
def order_edit_add_line_item_discount(store, id, lineItemId, discount):  # noqa: A002, N803
    """Stage a discount on a line ([R] order-edit-line-discount-percent-value.json)."""
    calculated = session_of(store, id)
    gid = line_gid(lineItemId)
    if calculated.calculated(gid) is None:
        return refused(
            calculated, ['lineItemId'], "Line item does not exist", calculated_line_item=None
        )
    note = discount.get('description')
    spec = DiscountSpec(
        'manual', note or '', allocation='EACH', selection='EXPLICIT', description=note
    )
    if discount.get('percentValue') is not None:
        spec.percentage = discount['percentValue']
        value = PricingPercentageValue(float(spec.percentage))
    else:
        spec.amount = money_bag(discount['fixedValue'], calculated.original_order.rates)
        value = spec.amount.presentment
    change = calculated.discount(gid, spec, value)
    return answer(
        calculated,
        calculated_line_item=calculated.calculated(gid),
        added_discount_staged_change=change,
    )


@mutation('orderEditAddShippingLine')
def order_edit_add_shipping_line(store, id, shippingLine):  # noqa: A002, N803
    """Stage a shipping line."""
    calculated = session_of(store, id)
    price = money_bag(shippingLine['price'], calculated.original_order.rates)
    spec = ShippingSpec(shippingLine['title'], price, 'custom', custom=True)
    return answer(calculated, calculated_shipping_line=calculated.add_shipping(spec))


@mutation('orderEditRemoveShippingLine')
def order_edit_remove_shipping_line(store, id, shippingLineId):  # noqa: A002, N803
    """Stage the removal of a shipping line, staged or real."""
    calculated = session_of(store, id)
    staged = [each for each in calculated.shipping if each[0].id == shippingLineId]
    if staged:
        calculated.shipping.remove(staged[0])
    else:
        line = store.get(shippingLineId)
        if (
            line is None
            or line.order is not calculated.original_order
            or line.refund_shipping_lines
        ):
            # [I] one that was refunded stays.
            return refused(calculated, ['shippingLineId'], "The shipping line can't be removed")
        calculated.removed_shipping.append(shippingLineId)
    calculated.stage('OrderStagedChangeRemoveShippingLine', shipping_line_id=shippingLineId)
    return answer(calculated)


@mutation('orderEditUpdateShippingLine')
def order_edit_update_shipping_line(store, id, shippingLineId, shippingLine):  # noqa: A002, N803
    """Change a staged shipping line."""
    calculated = session_of(store, id)
    staged = next((each for each in calculated.shipping if each[0].id == shippingLineId), None)
    if staged is None:
        # [S] only lines added in this session may be changed.
        return refused(calculated, ['shippingLineId'], "The shipping line does not exist")
    line, spec = staged
    if shippingLine.get('title'):
        line.title = spec.title = shippingLine['title']
    if shippingLine.get('price'):
        line.price = spec.price = money_bag(shippingLine['price'], calculated.original_order.rates)
    calculated.stage('OrderStagedChangeAddShippingLine', title=spec.title, price=spec.price)
    return answer(calculated)


@mutation('orderEditCommit')
def order_edit_commit(store, id, notifyCustomer=False, staffNote=None):  # noqa: A002, N803
    """Carry the staged changes out."""
    calculated = session_of(store, id)
    if not calculated.staged or calculated.committed:
        # [I] wording.
        error = UserError(['id'], "No changes have been made.")
        return failed(error, order=calculated.original_order, success_messages=[])
    order = calculated.original_order
    editing.commit(store, calculated, staffNote)
    store.emit('ORDERS_EDITED', order)
    store.emit('ORDERS_UPDATED', order)
    message = "Order updated and customer notified" if notifyCustomer else "Order updated"
    return done(order=order, success_messages=[message])
