"""Draft orders: create, update, calculate, complete, delete."""

from dataclasses import dataclass

from ..engine import drafts
from ..engine.building import DiscountSpec, LineSpec, OrderSpec, ShippingSpec
from ..engine.drafts import DraftOrder, DraftOrderAppliedDiscount, DraftOrderLineItem
from ..engine.errors import NotModelled, UserError
from ..engine.geography import taxes_of
from ..engine.money import Rates
from ..engine.people import PurchasingCompany
from ..engine.records import Record, attributes
from ..engine.store import Scratch
from .common import (
    address_of,
    customer_of_email,
    decimal,
    done,
    email_error,
    failed,
    money_bag,
    must_find,
    tags_of,
)
from .registry import mutation
from .terms import add_terms

#: Inputs the engine does not know; given, they are refused rather than ignored.
UNMODELLED = ('deposit', 'localizedFields', 'discountCodes', 'metafields')
MOST_LINES = 499


@mutation('draftOrderCreate')
def draft_order_create(store, input):  # noqa: A002 (Shopify's name)
    """Make a draft."""
    errors = draft_errors(store, input)
    if errors:
        return failed(*errors, draft_order=None)
    now = store.clock.now()
    draft = DraftOrder(store=store, created_at=now, updated_at=now)
    # [R] draft-order-complete-parity.json: "#D310".
    draft.name = f'#D{store.sequence("draft order")}'
    store.add(draft)
    fill(store, draft, input)
    terms = input.get('paymentTerms')
    if terms:
        add_terms(store, draft, terms)
    list_at_branch(draft)
    store.emit('DRAFT_ORDERS_CREATE', draft)
    return done(draft_order=draft)


def list_at_branch(draft):
    """Tell the company branch about its draft."""
    if (
        draft.purchasing_entity is not None
        and draft.purchasing_entity.typename == 'PurchasingCompany'
    ):
        draft.purchasing_entity.location.draft_orders.append(draft)


@mutation('draftOrderCreateFromOrder')
def draft_order_create_from_order(store, orderId):  # noqa: N803
    """Make a draft that would sell an order's lines again.

    [R] draft-order-create-from-order-parity.json: lines and tags, but neither discounts nor
    shipping.
    """
    order = store.find('Order', orderId)
    if order is None:
        return failed(UserError(['orderId'], "Order does not exist"), draft_order=None)
    return draft_order_create(store, input_of(order))


def input_of(order):
    """Return the ``DraftOrderInput`` that describes an order."""
    given = {
        'lineItems': [line_input(line) for line in order.line_items if not line.is_tip],
        'tags': order.tags,
        'email': order.email,
        'taxExempt': order.tax_exempt,
    }
    if order.customer:
        given['purchasingEntity'] = {'customerId': order.customer.id}
    return given


def line_input(line):
    """Return the ``DraftOrderLineItemInput`` that describes an order line."""
    if line.variant:
        return {'variantId': line.variant.id, 'quantity': line.quantity}
    return {
        'title': line.title,
        'sku': line.sku,
        'quantity': line.quantity,
        'taxable': line.taxable,
        'requiresShipping': line.requires_shipping,
        'originalUnitPrice': line.original_unit_price_set.shop.amount,
    }


@mutation('draftOrderUpdate')
def draft_order_update(store, id, input):  # noqa: A002
    """Change a draft; what is not given stays."""
    draft = store.find('DraftOrder', id)
    if draft is None:
        return failed(UserError(['id'], "Draft order does not exist"), draft_order=None)
    merged = {**draft.given, **input}
    errors = draft_errors(store, merged)
    if errors:
        return failed(*errors, draft_order=None)
    fill(store, draft, merged)
    store.emit('DRAFT_ORDERS_UPDATE', store.touch(draft))
    return done(draft_order=draft)


def draft_errors(store, given):
    """Return what is wrong with a ``DraftOrderInput``.

    [R] draftOrderCalculate-validation-and-shipping-rates.json for lines and e-mail, shopify-api
    notes for the rest.
    """
    for name in UNMODELLED:
        if given.get(name):
            raise NotModelled(f'not emulated: DraftOrderInput.{name}')
    lines = given.get('lineItems') or ()
    if not lines:
        return [UserError(None, "Add at least 1 product")]
    errors = [error for error in (email_error(given.get('email')),) if error]
    if len(lines) > MOST_LINES:
        # [D] the limit, [I] the wording.
        errors.append(UserError(['lineItems'], f"Cannot have more than {MOST_LINES} line items"))
    for index, line in enumerate(lines):
        errors += line_errors(store, index, line)
    return errors + head_errors(given)


def head_errors(given):
    """Return what is wrong with tags and terms."""
    errors = [
        UserError(['tags'], "Title is too long (maximum is 40 characters)")
        for tag in given.get('tags') or ()
        if len(tag) > 40
    ]
    terms = given.get('paymentTerms')
    if terms and not terms.get('paymentTermsTemplateId'):
        errors.append(UserError(None, "Payment terms template id can not be empty."))
    return errors


def line_errors(store, index, line):
    """Return what is wrong with one line."""
    errors = []
    if line['quantity'] < 1:
        field = ['lineItems', index, 'quantity']
        errors.append(UserError(field, "Quantity must be greater than or equal to 1"))
    if line.get('variantId'):
        if not store.find('ProductVariant', line['variantId']):
            message = (
                f"Product with ID {line['variantId'].rpartition('/')[2]} is no longer available."
            )
            errors.append(UserError(None, message))
        return errors
    if not (line.get('title') or '').strip():
        errors.append(UserError(None, "Merchandise title is empty."))
    price = price_of(line)
    if price is not None and price < 0:
        errors.append(UserError(None, "Cannot send negative price for line_item"))
    return errors


def price_of(line):
    """Return the given unit price, or None."""
    with_currency = line.get('originalUnitPriceWithCurrency')
    if with_currency:
        return decimal(with_currency['amount'])
    plain = line.get('originalUnitPrice')
    return None if plain is None else decimal(plain)


def fill(store, draft, given):
    """Give a draft what its input says and price it."""
    draft.given = dict(given)
    draft.email = given.get('email')
    draft.phone = given.get('phone')
    draft.note2 = given.get('note')
    draft.po_number = given.get('poNumber')
    draft.tags = tags_of(given.get('tags') or ())
    draft.custom_attributes = attributes(given.get('customAttributes'))
    draft.tax_exempt = bool(given.get('taxExempt'))
    draft.visible_to_customer = bool(given.get('visibleToCustomer'))
    draft.accept_automatic_discounts = bool(given.get('acceptAutomaticDiscounts'))
    draft.allow_discount_codes_in_checkout = bool(given.get('allowDiscountCodesInCheckout'))
    draft.reserve_inventory_until = given.get('reserveInventoryUntil')
    draft.source_name = given.get('sourceName')
    draft.shipping_address = address_of(store, given.get('shippingAddress'))
    draft.billing_address = address_of(store, given.get('billingAddress'))
    set_buyer(store, draft, given)
    draft.spec = spec_of(store, draft, given)
    drafts.price(store, draft)
    show_lines(store, draft, given)


def set_buyer(store, draft, given):
    """Set customer and purchasing entity."""
    entity = given.get('purchasingEntity') or {}
    company = entity.get('purchasingCompany')
    gid = entity.get('customerId') or given.get('customerId')
    if company:
        contact = must_find(store, 'CompanyContact', company['companyContactId'])
        location = must_find(store, 'CompanyLocation', company['companyLocationId'])
        draft.customer = contact.customer
        draft.purchasing_entity = PurchasingCompany(location.company, location, contact)
    else:
        customer = (
            must_find(store, 'Customer', gid)
            if gid
            else customer_of_email(store, given.get('email'))
        )
        draft.customer = draft.purchasing_entity = customer
    if draft.customer and given.get('useCustomerDefaultAddress') and not draft.shipping_address:
        draft.shipping_address = draft.billing_address = draft.customer.default_address
    draft.email = draft.email or (draft.customer.email if draft.customer else None)


def spec_of(store, draft, given):
    """Return the specification of the order the draft would become."""
    currency = store.shop.currency_code
    rates = Rates(currency, given.get('presentmentCurrencyCode') or currency)
    facts = {
        'customer': draft.customer,
        'purchasing_entity': draft.purchasing_entity,
        'email': draft.email,
        'phone': draft.phone,
        'note': draft.note2,
        'po_number': draft.po_number,
        'tags': list(draft.tags),
        'tax_exempt': draft.tax_exempt,
        'shipping_address': draft.shipping_address,
        'billing_address': draft.billing_address,
        # [R] draft-order-complete-parity.json: whatever name was given, the order has the app's
        # number.
        'source_name': str(store.app.legacy_resource_id),
    }
    return OrderSpec(
        rates,
        [line_spec(store, draft, line, rates) for line in given['lineItems']],
        shipping_specs(store, draft, given, rates),
        discount_specs(given, rates),
        taxes_included=store.shop.taxes_included,
        custom_attributes={each.key: each.value for each in draft.custom_attributes},
        facts=facts,
    )


def destination_taxes(draft):
    """Return the taxes of where the draft goes; none when exempt or unknown [I]."""
    address = draft.shipping_address or draft.billing_address
    if draft.tax_exempt or address is None:
        return []
    return taxes_of(address.country_code_v2, address.province_code)


def line_spec(store, draft, line, rates):
    """Return one line; a variant's own title, price and flags win ([R]
    draft-order-variant-custom-only-fields.json).
    """
    variant = store.find('ProductVariant', line.get('variantId'))
    details = {each['key']: each['value'] for each in line.get('customAttributes') or ()}
    taxable = variant.taxable if variant else bool(line.get('taxable', True))
    charged = destination_taxes(draft) if taxable else []
    if variant:
        override = line.get('priceOverride')
        price = money_bag(override, rates) if override else rates.bag(variant.price)
        shippable = variant.inventory_item.requires_shipping
        return LineSpec(
            price,
            line['quantity'],
            variant=variant,
            requires_shipping=shippable,
            taxable=taxable,
            is_gift_card=variant.product.is_gift_card,
            taxes=charged,
            custom_attributes=details,
        )
    priced = line.get('originalUnitPriceWithCurrency')
    price = money_bag(priced, rates) if priced else rates.bag(price_of(line) or 0)
    return LineSpec(
        price,
        line['quantity'],
        line['title'],
        sku=line.get('sku'),
        taxable=taxable,
        requires_shipping=bool(line.get('requiresShipping', True)),
        taxes=charged,
        custom_attributes=details,
    )


def shipping_specs(store, draft, given, rates):
    """Return the shipping line of a draft; taxed when the shop taxes shipping."""
    line = given.get('shippingLine')
    if not line:
        return []
    if line.get('shippingRateHandle'):
        raise NotModelled('not emulated: ShippingLineInput.shippingRateHandle')
    price = line.get('priceWithCurrency')
    bag = money_bag(price, rates) if price else rates.bag(decimal(line.get('price') or 0))
    charged = destination_taxes(draft) if store.shop.tax_shipping else []
    # [R] draft-order-detail.json: code "custom".
    return [ShippingSpec(line.get('title') or '', bag, 'custom', None, custom=True, taxes=charged)]


def discount_specs(given, rates):
    """Return the discounts of the lines, then that of the draft."""
    found = []
    for index, line in enumerate(given['lineItems']):
        if line.get('appliedDiscount'):
            found.append(discount_spec(line['appliedDiscount'], rates, [index]))
    if given.get('appliedDiscount'):
        found.append(discount_spec(given['appliedDiscount'], rates))
    return found


def discount_spec(given, rates, lines=None):
    """Return one ``DraftOrderAppliedDiscountInput``; a fixed amount is that of the whole line
    [S].
    """
    spec = DiscountSpec(
        'manual',
        given.get('title') or given.get('description') or '',
        description=given.get('description'),
        lines=lines,
    )
    if lines:
        spec.allocation, spec.selection = 'EACH', 'EXPLICIT'
    if given['valueType'] == 'PERCENTAGE':
        spec.percentage = given['value']
    else:
        spec.amount = rates.bag(decimal(given['value']))
    return spec


def shown_discount(given, amount):
    """Return a discount as a draft shows it, or None."""
    if not given:
        return None
    return DraftOrderAppliedDiscount(
        given.get('title'),
        given.get('description') or '',
        float(given['value']),
        given['valueType'],
        amount,
    )


def show_lines(store, draft, given):
    """Make the draft's lines from the priced ones."""
    quote = draft.quote
    draft.line_items = [
        DraftOrderLineItem(
            store.next_gid('DraftOrderLineItem'),
            line,
            line.variant is None,
            shown_discount(source.get('appliedDiscount'), line.discounts(order_level=False)),
        )
        for line, source in zip(quote.line_items, given['lineItems'], strict=True)
    ]
    draft.applied_discount = shown_discount(
        given.get('appliedDiscount'), quote.order_level_discounts(current=False)
    )


@dataclass
class CalculatedDraftOrder(Record):
    """A draft that was only priced."""

    typename = 'CalculatedDraftOrder'
    draft: DraftOrder

    def __getattr__(self, name):
        if name.startswith('_') or name in ('id', 'name', 'status'):
            raise AttributeError(name)
        return getattr(self.draft, name)

    @property
    def available_shipping_rates(self):
        """Rates are not offered without a destination [R]; with one the twin refuses to guess."""
        if self.draft.shipping_address:
            raise NotModelled('not emulated: CalculatedDraftOrder.availableShippingRates')
        return []


@mutation('draftOrderCalculate')
def draft_order_calculate(store, input):  # noqa: A002
    """Price a draft without making it."""
    errors = draft_errors(store, input)
    if errors:
        return failed(*errors, calculated_draft_order=None)
    scratch = Scratch(store)
    draft = DraftOrder(store=store, id='gid://shopify/DraftOrder/0')
    fill(scratch, draft, input)
    return done(calculated_draft_order=CalculatedDraftOrder(draft))


@mutation('draftOrderComplete')
def draft_order_complete(store, id, paymentPending=False, sourceName=None, paymentGatewayId=None):  # noqa: A002, N803
    """Make the order of a draft; twice is refused, with the order that is there [R]."""
    del paymentGatewayId, sourceName
    draft = store.find('DraftOrder', id)
    if draft is None:
        return failed(UserError(['id'], "Draft order does not exist"), draft_order=None)
    if draft.status == 'COMPLETED':
        return failed(UserError(['id'], "This order has been paid"), draft_order=draft)
    order = drafts.complete(store, draft, paid=not paymentPending)
    store.emit('DRAFT_ORDERS_UPDATE', draft)
    store.emit('ORDERS_CREATE', order)
    if order.fully_paid:
        store.emit('ORDERS_PAID', order)
    return done(draft_order=draft)


@mutation('draftOrderDelete')
def draft_order_delete(store, input):  # noqa: A002
    """Delete a draft; its order stays."""
    draft = store.find('DraftOrder', input['id'])
    if draft is None:
        return failed(UserError(['id'], "Draft order does not exist"), deleted_id=None)
    store.remove(draft)
    store.emit('DRAFT_ORDERS_DELETE', draft)
    return done(deleted_id=draft.id)
