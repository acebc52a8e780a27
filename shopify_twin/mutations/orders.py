"""orderCreate, orderUpdate, orderClose, orderOpen, orderCancel, orderMarkAsPaid, and payments on
orders.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ..engine import fulfillment, verbs
from ..engine.building import DiscountSpec, LineSpec, OrderSpec, ShippingSpec, Tax, create_order
from ..engine.errors import NotModelled, UserError
from ..engine.fulfillment import FulfillmentTrackingInfo
from ..engine.metafields import Metafield
from ..engine.money import Rates
from ..engine.people import PurchasingCompany
from ..engine.records import Record, attributes
from .common import (
    address_errors,
    address_of,
    customer_of_email,
    decimal,
    done,
    email_error,
    failed,
    money_bag,
    must_find,
    new_customer,
    phone_error,
    tags_of,
)
from .registry import mutation

#: Inputs of orderCreate the engine does not know; given, they are refused rather than ignored.
UNMODELLED = ('taxLines',)


@mutation('orderCreate')
def order_create(store, order, options=None):
    """Place an order as given. The twin keeps no stock, so every `inventoryBehaviour` is alike."""
    del options
    for name in UNMODELLED:
        if order.get(name):
            raise NotModelled(f'not emulated: OrderCreateOrderInput.{name}')
    errors = create_errors(store, order)
    if errors:
        return failed(*errors, order=None)
    made = create_order(store, spec_of(store, order))
    made.stated_financial_status = order.get('financialStatus')
    for given in order.get('metafields') or ():
        set_metafield(store, made, given)
    for given in order.get('transactions') or ():
        add_transaction(store, made, given)
    ship_at_once(store, made, order)
    made.closed_at = order.get('closedAt') or made.closed_at
    store.emit('ORDERS_CREATE', made)
    tell_if_paid(store, made)
    return done(order=made)


def create_errors(store, order):
    """Return what is wrong with an ``OrderCreateOrderInput``; the wordings are [I]."""

    def wrong(field, message, code='INVALID'):
        return UserError(['order', *field], message, code, 'OrderCreateUserError')

    errors = []
    if not order.get('lineItems'):
        errors.append(wrong(['lineItems'], "Line items must have at least one line item"))
    for index, line in enumerate(order.get('lineItems') or ()):
        if line['quantity'] < 1:
            errors.append(
                wrong(['lineItems', index, 'quantity'], "Quantity must be greater than 0")
            )
        # [R] return-query-roots-recorded.json: an unknown variant with a title makes a custom line.
        unknown = line.get('variantId') and not store.find('ProductVariant', line['variantId'])
        if unknown and not line.get('title'):
            errors.append(wrong(['lineItems', index, 'variantId'], "Variant does not exist"))
    if order.get('customerId') and order.get('customer'):
        message = "Cannot specify both customer and customerId"
        errors.append(wrong(['customer'], message, 'REDUNDANT_CUSTOMER_FIELDS'))
    processed = order.get('processedAt')
    if processed and processed > store.clock.now() + timedelta(minutes=5):
        message = "Processed at must not be in the future"
        errors.append(wrong(['processedAt'], message, 'PROCESSED_AT_INVALID'))
    return errors


def spec_of(store, order):
    """Return the specification of an ``OrderCreateOrderInput``."""
    rates = rates_of(store, order)
    customer = buyer_of(store, order)
    entity = company_of(store, order, customer) or customer
    facts = {
        'customer': customer,
        'purchasing_entity': entity,
        'email': order.get('email') or (customer.email if customer else None),
        'phone': order.get('phone'),
        'note': order.get('note'),
        'po_number': order.get('poNumber'),
        'tags': tags_of(order.get('tags') or ()),
        'test': bool(order.get('test')),
        'source_identifier': order.get('sourceIdentifier'),
        # [R] draft-order-complete-parity.json: without a name of its own an order has the app's
        # number.
        'source_name': order.get('sourceName') or str(store.app.legacy_resource_id),
        'registered_source_url': order.get('sourceUrl'),
        'customer_accepts_marketing': bool(order.get('buyerAcceptsMarketing')),
        'shipping_address': address_of(store, order.get('shippingAddress')),
        'billing_address': address_of(store, order.get('billingAddress')),
    }
    return OrderSpec(
        rates,
        [line_spec(store, line, rates) for line in order['lineItems']],
        [shipping_spec(line, rates) for line in order.get('shippingLines') or ()],
        discount_specs(order.get('discountCode'), rates),
        taxes_included=bool(order.get('taxesIncluded')),
        name=order.get('name'),
        custom_attributes={
            each['key']: each['value'] for each in order.get('customAttributes') or ()
        },
        processed_at=order.get('processedAt'),
        facts=facts,
    )


def rates_of(store, order):
    """Return the currencies of an order; the rate is that of the first line with both sides."""
    currency = order.get('currency') or currency_of_lines(order) or store.shop.currency_code
    presentment = order.get('presentmentCurrency') or currency
    rate = decimal(1)
    for line in (*order['lineItems'], *(order.get('shippingLines') or ())):
        prices = line.get('priceSet') or {}
        if prices.get('presentmentMoney') and decimal(prices['shopMoney']['amount']):
            rate = decimal(prices['presentmentMoney']['amount']) / decimal(
                prices['shopMoney']['amount']
            )
            break
    return Rates(currency, presentment, rate)


def currency_of_lines(order):
    """Return the currency of the first price, or None."""
    prices = (line.get('priceSet') for line in order['lineItems'])
    return next((price['shopMoney']['currencyCode'] for price in prices if price), None)


def buyer_of(store, order):
    """Return the customer: associated, made as described, or found by the order's e-mail."""
    given = order.get('customer') or {}
    associate, describe = given.get('toAssociate'), given.get('toUpsert')
    gid = order.get('customerId') or (associate or {}).get('id') or (describe or {}).get('id')
    if gid:
        return must_find(store, 'Customer', gid)
    if describe:
        return upserted(store, describe)
    return customer_of_email(store, (associate or {}).get('email') or order.get('email'))


def upserted(store, values):
    """Return the described customer, found by e-mail or new."""
    email = values.get('email')
    lowered = (email or '').lower()
    known = (
        each for each in store.all('Customer') if email and (each.email or '').lower() == lowered
    )
    customer = next(known, None) or new_customer(store, email=email)
    customer.first_name = values.get('firstName') or customer.first_name
    customer.last_name = values.get('lastName') or customer.last_name
    customer.phone = values.get('phone') or customer.phone
    customer.note = values.get('note') or customer.note
    customer.tax_exempt = bool(values.get('taxExempt', customer.tax_exempt))
    for given in values.get('addresses') or ():
        customer.addresses_v2.append(address_of(store, given))
    return customer


def company_of(store, order, customer):
    """Return the company side of a B2B order, or None."""
    gid = order.get('companyLocationId')
    if not gid:
        return None
    location = must_find(store, 'CompanyLocation', gid)
    contacts = [each for each in location.company.contacts if each.customer is customer]
    return PurchasingCompany(location.company, location, next(iter(contacts), None))


def taxes(given, rates):
    """Return taxes of ``OrderCreateTaxLineInput``: the given amounts stand as they are."""
    return [
        Tax(
            tax['title'],
            float(tax['rate']),
            bool(tax.get('channelLiable')),
            amount=rates.of_input(tax['priceSet']) if tax.get('priceSet') else None,
        )
        for tax in given or ()
    ]


def line_spec(store, line, rates):
    """Return the specification of an ``OrderCreateLineItemInput``."""
    variant = store.find('ProductVariant', line['variantId']) if line.get('variantId') else None
    price = line.get('priceSet')
    shippable = variant.inventory_item.requires_shipping if variant else False
    return LineSpec(
        rates.of_input(price) if price else rates.bag(variant.price if variant else 0),
        line['quantity'],
        line.get('title') or (None if variant else ''),
        variant,
        store.find('Product', line.get('productId')),
        line.get('variantTitle'),
        line.get('sku'),
        line.get('vendor'),
        bool(line.get('requiresShipping', shippable)),
        bool(line.get('taxable', variant.taxable if variant else True)),
        bool(line.get('giftCard')),
        taxes=taxes(line.get('taxLines'), rates),
        custom_attributes={each['name']: each['value'] for each in line.get('properties') or ()},
    )


def shipping_spec(line, rates):
    """Return the specification of an ``OrderCreateShippingLineInput``."""
    return ShippingSpec(
        line['title'],
        rates.of_input(line['priceSet']),
        line.get('code'),
        line.get('source'),
        taxes=taxes(line.get('taxLines'), rates),
    )


def discount_specs(given, rates):
    """Return the discount of an ``OrderCreateDiscountCodeInput`` ([R] math matrix,
    fixedDiscount).
    """
    given = given or {}
    fixed, percent = given.get('itemFixedDiscountCode'), given.get('itemPercentageDiscountCode')
    shipping = given.get('freeShippingDiscountCode')
    if fixed:
        return [DiscountSpec('code', fixed['code'], amount=rates.of_input(fixed['amountSet']))]
    if percent:
        return [DiscountSpec('code', percent['code'], percent.get('percentage') or 0)]
    if shipping:
        return [DiscountSpec('code', shipping['code'], 100, allocation='EACH', shipping=True)]
    return []


def add_transaction(store, order, given):
    """Add an ``OrderCreateOrderTransactionInput``; captures and the like belong to the last
    authorization.
    """
    kind = given.get('kind') or 'SALE'
    parent = None
    if kind in ('CAPTURE', 'VOID'):
        parent = next((each for each in order.transactions if each.kind == 'AUTHORIZATION'), None)
    if kind == 'REFUND':
        parent = next((each for each in order.transactions if each.refundable_amount), None)
    location = given.get('locationId')
    verbs.pay(
        store,
        order,
        order.rates.of_input(given['amountSet']),
        given.get('gateway'),
        kind=kind,
        status=given.get('status') or 'SUCCESS',
        parent_transaction=parent,
        processed_at=given.get('processedAt') or store.clock.now(),
        receipt_json=given.get('receiptJson') or receipt_of(store, given),
        authorization_code=given.get('authorizationCode'),
        location=must_find(store, 'Location', location) if location else None,
    )


def receipt_of(store, given):
    """Return the receipt of a gift card payment and take the money off the card; else None."""
    gid = given.get('giftCardId')
    if not gid:
        return None
    card = must_find(store, 'GiftCard', gid)
    if (given.get('status') or 'SUCCESS') == 'SUCCESS':
        store.move_gift_card(card, -decimal(given['amountSet']['shopMoney']['amount']))
    return {
        'gift_card_id': card.legacy_resource_id,
        'gift_card_last_characters': card.last_characters,
    }


def ship_at_once(store, order, given):
    """Ship a new order that is given as fulfilled."""
    shipment = given.get('fulfillment')
    status = given.get('fulfillmentStatus')
    if status in ('PARTIAL', 'RESTOCKED'):
        raise NotModelled(f'not emulated: OrderCreateOrderInput.fulfillmentStatus {status}')
    if not shipment and status != 'FULFILLED':
        return
    shipment = shipment or {}
    place = shipment.get('locationId')
    location = must_find(store, 'Location', place) if place else store.default_location()
    numbers = shipment.get('trackingNumbers') or [shipment.get('trackingNumber')]
    parcels = [
        FulfillmentTrackingInfo(shipment.get('trackingCompany'), number)
        for number in numbers
        if number
    ]
    for fulfillment_order in order.all_fulfillment_orders:
        fulfillment_order.location = location
    parts = [(each, None) for each in order.all_fulfillment_orders]
    if parts:
        fulfillment.fulfil(store, order, parts, parcels, location)


def tell_if_paid(store, order):
    """Emit ORDERS_PAID for an order nothing is left to pay of."""
    if order.transactions and order.fully_paid:
        store.emit('ORDERS_PAID', order)


def set_metafield(store, owner, given):
    """Set one metafield of a record and return it."""
    now = store.clock.now()
    found = owner.resolve_metafield(given['key'], given.get('namespace') or 'custom')
    if found is None:
        found = Metafield(
            owner=owner,
            namespace=given.get('namespace') or 'custom',
            key=given['key'],
            created_at=now,
        )
        owner.metafields.append(store.add(found))
    found.value = given['value']
    found.type = given.get('type') or found.type
    found.updated_at = now
    return found


# -- orderUpdate


@mutation('orderUpdate')
def order_update(store, input):  # noqa: A002 (Shopify's name)
    """Change what may be changed; lists are replaced as a whole ([R]
    orderUpdate-input-validation.json).
    """
    order = store.find('Order', input['id'])
    if order is None:
        return failed(UserError(['id'], "Order does not exist"), order=None)
    if len(input) == 1:
        return failed(UserError(None, "No valid update parameters have been provided"), order=order)
    if input.get('localizedFields') or input.get('localizationExtensions'):
        raise NotModelled('not emulated: OrderInput.localizedFields')
    errors = [
        error
        for error in (email_error(input.get('email')), phone_error(input.get('phone')))
        if error
    ]
    if input.get('shippingAddress'):
        errors += address_errors(input['shippingAddress'], 'shippingAddress')
    if errors:
        return failed(*errors, order=order)
    update(store, order, input)
    store.emit('ORDERS_UPDATED', store.touch(order))
    return done(order=order)


def update(store, order, given):
    """Carry out a checked ``OrderInput``."""
    for name, attribute in (
        ('note', 'note'),
        ('email', 'email'),
        ('phone', 'phone'),
        ('poNumber', 'po_number'),
    ):
        if name in given:
            setattr(order, attribute, given[name])
    if given.get('tags') is not None:
        order.tags = tags_of(given['tags'])
    if given.get('customAttributes') is not None:
        order.custom_attributes = attributes(given['customAttributes'])
    if given.get('shippingAddress'):
        order.shipping_address = address_of(store, given['shippingAddress'])
    for each in given.get('metafields') or ():
        set_metafield(store, order, each)


# -- archive


@mutation('orderClose')
def order_close(store, input):  # noqa: A002
    """Archive; an archived order stays as it is ([R] orderClose-noop-on-already-closed.json)."""
    order = must_find(store, 'Order', input['id'])
    verbs.close(store, order)
    store.emit('ORDERS_UPDATED', order)
    return done(order=order)


@mutation('orderOpen')
def order_open(store, input):  # noqa: A002
    """Take out of the archive."""
    order = must_find(store, 'Order', input['id'])
    verbs.reopen(store, order)
    store.emit('ORDERS_UPDATED', order)
    return done(order=order)


# -- cancel


@dataclass
class Job(Record):
    """Work that goes on after the answer; the twin has done it when it is asked about."""

    typename = 'Job'
    id: str
    done: bool


@dataclass
class OrderCancelJobResult(Record):
    """What came of a cancellation (2026-10)."""

    typename = 'OrderCancelJobResult'
    id: str
    order: object
    done: bool = False
    status: str = 'PROCESSING'
    errors: tuple = ()


def start_job(store):
    """Return a job as the first answer shows it, not done; asked again it is."""
    gid = f'gid://shopify/Job/{UUID(int=store.random.getrandbits(128), version=4)}'
    store.jobs[gid] = store.by_gid[gid] = Job(gid, True)
    return Job(gid, False)


@mutation('orderCancel')
def order_cancel(store, orderId, reason, restock, **rest):  # noqa: N803 (Shopify's names)
    """Cancel; refusals as recorded ([R] orderCancel-error-messages.json)."""
    order = store.find('Order', orderId)
    error = cancel_error(order, rest)
    if error:
        field, message = error
        code = 'NOT_FOUND' if order is None else 'INVALID'
        return {
            'job': None,
            'job_result': None,
            'order_cancel_user_errors': [UserError(field, message, code, 'OrderCancelUserError')],
            'user_errors': [UserError(field, message)],
        }
    method = rest.get('refundMethod') or {}
    pay_back = bool(rest.get('refund') or method.get('originalPaymentMethodsRefund'))
    verbs.cancel(store, order, reason, restock, pay_back)
    order.cancellation.staff_note = rest.get('staffNote')
    store.emit('ORDERS_CANCELLED', order)
    job = start_job(store)
    result = OrderCancelJobResult(f'{job.id}-result', order)
    return {'job': job, 'job_result': result, 'order_cancel_user_errors': [], 'user_errors': []}


def cancel_error(order, rest):
    """Return (field, message) of what forbids a cancellation, or None."""
    if len(rest.get('staffNote') or '') > 255:
        return ['staffNote'], "Staff note is too long. Maximum length is 255 characters."
    if rest.get('refund') is not None and rest.get('refundMethod') is not None:
        return ['refund'], "Only one of the arguments `refund` or `refund_method` is allowed."
    message = "Order does not exist" if order is None else uncancellable(order)
    return (['orderId'], message) if message else None


def uncancellable(order):
    """Return why an order cannot be cancelled any more, or None."""
    # [R] Only where money was taken (fulfillment-create-name.json): orders that were never paid are
    # cancelled
    # though shipped and with open returns (order-return-status-lifecycle.json).
    paid = bool(order.total_received_set)
    shipped = paid and any(each.status == 'SUCCESS' for each in order.fulfillments)
    returning = paid and any(each.status in ('OPEN', 'REQUESTED') for each in order.returns)
    reasons = (
        (order.cancelled_at, "Cannot cancel an order that has already been canceled"),
        (shipped, "Cannot cancel an order that has outstanding fulfillments"),
        # [I] wording; that returns forbid it is recorded.
        (returning, "Cannot cancel an order that has returns"),
    )
    return next((message for holds, message in reasons if holds), None)


# -- payments


@mutation('orderMarkAsPaid')
def order_mark_as_paid(store, input):  # noqa: A002
    """Book what is outstanding ([R] orderMarkAsPaid-state-and-money.json)."""
    order = store.find('Order', input['id'])
    if order is None:
        return failed(UserError(['id'], "Order does not exist"), order=None)
    if not order.can_mark_as_paid:
        return failed(UserError(['id'], "Order cannot be marked as paid."), order=order)
    verbs.mark_as_paid(store, order)
    store.emit('ORDERS_PAID', order)
    return done(order=order)


@mutation('orderCreateManualPayment')
def order_create_manual_payment(store, id, amount=None, paymentMethodName=None, processedAt=None):  # noqa: A002, N803
    """Book a payment by hand; an amount of one's own needs Shopify Plus [S]."""
    order = must_find(store, 'Order', id)
    if amount and not store.shop.plan.shopify_plus:
        message = (
            "The API client must be installed on a Shopify Plus store to use the amount field."
        )
        return failed(UserError(['amount'], message), order=order)
    if not order.can_mark_as_paid:
        return failed(UserError(['id'], "Order cannot be marked as paid."), order=order)
    value = money_bag(amount, order.rates) if amount else order.total_outstanding_set
    moment = processedAt or store.clock.now()
    verbs.pay(store, order, value, paymentMethodName or 'manual', processed_at=moment)
    tell_if_paid(store, order)
    return done(order=order)


@mutation('orderCapture')
def order_capture(store, input):  # noqa: A002
    """Capture an authorization."""
    order = must_find(store, 'Order', input['id'])
    parent = must_find(store, 'OrderTransaction', input['parentTransactionId'])
    amount = money_bag(
        {'amount': input['amount'], 'currencyCode': order.presentment_currency_code}, order.rates
    )
    if amount.presentment.amount > parent.capturable_amount.presentment.amount:
        # [I] wording.
        message = "Amount exceeds the amount available to capture"
        return failed(UserError(['input', 'amount'], message), transaction=None)
    move = verbs.capture(store, order, parent, amount)
    tell_if_paid(store, order)
    return done(transaction=move)


@mutation('transactionVoid')
def transaction_void(store, parentTransactionId):  # noqa: N803
    """Give up an authorization ([R] order-payment-transaction-void-live.json)."""
    parent = must_find(store, 'OrderTransaction', parentTransactionId)
    if not parent.capturable_amount:
        error = UserError(
            ['parentTransactionId'],
            "Parent transaction must be a successful authorization",
            'AUTH_NOT_VOIDABLE',
            'TransactionVoidUserError',
        )
        return failed(error, transaction=None)
    return done(transaction=verbs.void(store, parent.order, parent))
