"""What we read of an order: frozen dataclasses made from the answers of our documents.

The keys of the wire appear here and nowhere else. What the schema marks as required is read by
index, so that an answer that lost a field fails here and not as a wrong amount later.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from dateutil import parser

from .errors import ShopifyRequestError
from .money import NO_MONEY, MoneyBag, decimal, presented, total


def moment(text):
    """Return an aware UTC ``datetime`` of Shopify's ISO 8601 text, ``None`` for nothing."""
    if not text:
        return None
    try:
        value = parser.isoparse(text)
    except ValueError as error:
        msg = f"Shopify sent {text!r} where a time was expected."
        raise ShopifyRequestError(msg, code='bad_time') from error
    return value.astimezone(timezone.utc) if value.tzinfo else value.replace(tzinfo=timezone.utc)


def naive(value):
    """Return a moment in UTC without its zone, as databases keep it; ``None`` for nothing."""
    return value.replace(tzinfo=None) if value else None


def _get(node, *path):
    """Return a value some objects down, ``None`` as soon as one of them is ``null``."""
    for key in path:
        if node is None:
            return None
        node = node[key]
    return node


@dataclass(frozen=True, slots=True)
class Head:
    """An order as the list of orders shows it: enough to decide whether and how to import it."""

    gid: str
    name: str
    created_at: object
    updated_at: object
    closed: bool
    cancelled_at: object
    confirmed: bool
    test: bool
    source_name: str
    channel: str
    app_name: str
    financial_status: str
    fulfillment_status: str
    return_status: str
    fully_paid: bool
    unpaid: bool
    tags: tuple
    attribute_keys: tuple
    quantity: int
    total: MoneyBag
    risk_level: str
    is_company: bool
    ship_country: str

    @classmethod
    def from_json(cls, node):
        """Read one node of ``orders_to_import``."""
        assessments = (node['risk'] or {}).get('assessments') or ()
        return cls(
            gid=node['id'],
            name=node['name'],
            created_at=moment(node['createdAt']),
            updated_at=moment(node['updatedAt']),
            closed=node['closed'],
            cancelled_at=moment(node['cancelledAt']),
            confirmed=node['confirmed'],
            test=node['test'],
            source_name=node['sourceName'] or '',
            channel=_channel(node),
            app_name=_get(node, 'app', 'name') or '',
            financial_status=node['displayFinancialStatus'] or '',
            fulfillment_status=node['displayFulfillmentStatus'] or '',
            return_status=node['returnStatus'] or '',
            fully_paid=node['fullyPaid'],
            unpaid=node['unpaid'],
            tags=tuple(node['tags']),
            attribute_keys=tuple(item['key'] for item in node['customAttributes']),
            quantity=node['subtotalLineItemsQuantity'],
            total=MoneyBag.from_json(node['totalPriceSet']),
            risk_level=highest_risk(item['riskLevel'] for item in assessments),
            is_company=_get(node, 'purchasingEntity', '__typename') == 'PurchasingCompany',
            ship_country=_get(node, 'shippingAddress', 'countryCodeV2') or '',
        )


def _channel(node):
    """Return the name of the sales channel: its attribution, else the app that took it."""
    return _get(node, 'attribution', 'displayName') or _get(node, 'app', 'name') or ''


# Fulfilments that shipped nothing, and fulfilment orders that nobody will ship from any more.
FAILED_FULFILLMENTS = ('CANCELLED', 'ERROR', 'FAILURE')
ENDED_FULFILLMENT_ORDERS = ('CANCELLED', 'CLOSED')

RISK_LEVELS = ('NONE', 'PENDING', 'LOW', 'MEDIUM', 'HIGH')


def highest_risk(levels):
    """Return the gravest of several risk levels; a level we do not know counts as grave as HIGH."""
    return max(
        levels,
        key=lambda level: RISK_LEVELS.index(level) if level in RISK_LEVELS else len(RISK_LEVELS),
        default='',
    )


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as it was written on the order."""

    first_name: str = ''
    last_name: str = ''
    name: str = ''
    company: str = ''
    address1: str = ''
    address2: str = ''
    zip: str = ''
    city: str = ''
    province: str = ''
    province_code: str = ''
    country: str = ''
    country_code: str = ''
    phone: str = ''

    @classmethod
    def from_json(cls, node):
        """Read a ``MailingAddress``; ``None`` for none."""
        if node is None:
            return None
        return cls(
            first_name=node['firstName'] or '',
            last_name=node['lastName'] or '',
            name=(node['name'] or '').strip(),
            company=(node['company'] or '').strip(),
            address1=(node['address1'] or '').strip(),
            address2=(node['address2'] or '').strip(),
            zip=(node['zip'] or '').strip(),
            city=(node['city'] or '').strip(),
            province=node['province'] or '',
            province_code=node['provinceCode'] or '',
            country=node['country'] or '',
            country_code=node['countryCodeV2'] or '',
            phone=node['phone'] or '',
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """The person who bought, as known to the store."""

    gid: str
    name: str
    email: str
    phone: str
    address: Address | None

    @classmethod
    def from_json(cls, node):
        """Read a ``Customer``; ``None`` for a guest or an order without one."""
        if node is None:
            return None
        own_name = ' '.join(part for part in (node['firstName'], node['lastName']) if part)
        return cls(
            gid=node['id'],
            name=(own_name or node['displayName'] or '').strip(),
            email=_get(node, 'defaultEmailAddress', 'emailAddress') or '',
            phone=_get(node, 'defaultPhoneNumber', 'phoneNumber') or '',
            address=Address.from_json(node['defaultAddress']),
        )


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax on one line; ``rate`` is a fraction, ``amount`` what Shopify charged."""

    title: str
    rate: object
    channel_liable: bool
    amount: MoneyBag

    @classmethod
    def from_json(cls, node):
        """Read a ``TaxLine``."""
        return cls(
            title=node['title'] or '',
            rate=decimal(node['rate'] or 0),
            channel_liable=bool(node['channelLiable']),
            amount=MoneyBag.from_json(node['priceSet']),
        )


def _taxes(node):
    return tuple(TaxLine.from_json(item) for item in node['taxLines'])


def _discount(node):
    """Return the exact discount on a line, order-wide ones included.

    Never the discounted *unit* price: Shopify documents that one as approximate.
    """
    return total(
        MoneyBag.from_json(item['allocatedAmountSet']) for item in node['discountAllocations']
    )


def _attributes(node):
    return tuple((item['key'], item['value'] or '') for item in node['customAttributes'])


@dataclass(frozen=True, slots=True)
class Fee:
    """A duty of a line or an additional fee of the order."""

    gid: str
    name: str
    price: MoneyBag
    taxes: tuple

    @classmethod
    def from_json(cls, node, name):
        """Read a ``Duty`` or an ``AdditionalFee``."""
        return cls(node['id'], name, MoneyBag.from_json(node['price']), _taxes(node))


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line as sold: ``quantity`` units at ``unit_price``, less ``discount`` in all."""

    gid: str
    title: str
    variant_title: str
    sku: str
    vendor: str
    quantity: int
    current_quantity: int
    is_gift_card: bool
    requires_shipping: bool
    taxable: bool
    product_gid: str
    variant_gid: str
    barcode: str
    unit_price: MoneyBag
    discount: MoneyBag
    taxes: tuple
    attributes: tuple
    duties: tuple

    @classmethod
    def from_json(cls, node):
        """Read a ``LineItem``."""
        return cls(
            gid=node['id'],
            title=node['title'] or '',
            variant_title=node['variantTitle'] or '',
            sku=(node['sku'] or '').strip(),
            vendor=node['vendor'] or '',
            quantity=node['quantity'],
            current_quantity=node['currentQuantity'],
            is_gift_card=node['isGiftCard'],
            requires_shipping=node['requiresShipping'],
            taxable=node['taxable'],
            product_gid=_get(node, 'product', 'id') or '',
            variant_gid=_get(node, 'variant', 'id') or '',
            barcode=(_get(node, 'variant', 'barcode') or '').strip(),
            unit_price=MoneyBag.from_json(node['originalUnitPriceSet']),
            discount=_discount(node),
            taxes=_taxes(node),
            attributes=_attributes(node),
            duties=tuple(Fee.from_json(item, "Duty") for item in node['duties']),
        )

    @property
    def is_tip(self):
        """A tip has neither product nor variant and the title "Tip" (business-central.md 3.5)."""
        return not self.product_gid and not self.sku and self.title == 'Tip'


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """A shipping charge; a removed one was taken off by an order edit."""

    gid: str
    title: str
    code: str
    source: str
    is_removed: bool
    price: MoneyBag
    discount: MoneyBag
    taxes: tuple

    @classmethod
    def from_json(cls, node):
        """Read a ``ShippingLine``."""
        return cls(
            gid=node['id'] or '',
            title=node['title'] or '',
            code=node['code'] or '',
            source=node['source'] or '',
            is_removed=node['isRemoved'],
            price=MoneyBag.from_json(node['originalPriceSet']),
            discount=_discount(node),
            taxes=_taxes(node),
        )


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money that moved, or should have."""

    gid: str
    kind: str
    status: str
    gateway: str
    gateway_name: str
    test: bool
    created_at: object
    processed_at: object
    payment_id: str
    error_code: str
    amount: MoneyBag
    parent_gid: str

    @classmethod
    def from_json(cls, node):
        """Read an ``OrderTransaction``."""
        return cls(
            gid=node['id'],
            kind=node['kind'],
            status=node['status'],
            gateway=node['gateway'] or '',
            gateway_name=node['formattedGateway'] or node['gateway'] or '',
            test=node['test'],
            created_at=moment(node['createdAt']),
            processed_at=moment(node['processedAt']),
            payment_id=node['paymentId'] or '',
            error_code=node['errorCode'] or '',
            amount=MoneyBag.from_json(node['amountSet']),
            parent_gid=_get(node, 'parentTransaction', 'id') or '',
        )


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """A shipment that Shopify knows; ``lines`` are pairs of line gid and quantity.

    ``tracking`` is triples of company, number and address; moments are aware, in UTC.
    """

    gid: str
    name: str
    status: str
    display_status: str
    created_at: object
    location_gid: str
    tracking: tuple
    lines: tuple
    in_transit_at: object = None
    estimated_delivery_at: object = None
    delivered_at: object = None

    @classmethod
    def from_json(cls, node):
        """Read the fragment ``Shipment``."""
        return cls(
            gid=node['id'],
            name=node['name'],
            status=node['status'],
            display_status=node['displayStatus'] or '',
            created_at=moment(node['createdAt']),
            location_gid=_get(node, 'location', 'id') or '',
            tracking=tuple(
                (item['company'] or '', item['number'] or '', item['url'] or '')
                for item in node['trackingInfo']
            ),
            lines=tuple(
                (item['lineItem']['id'], item['quantity'] or 0)
                for item in node['fulfillmentLineItems']['nodes']
            ),
            in_transit_at=moment(node['inTransitAt']),
            estimated_delivery_at=moment(node['estimatedDeliveryAt']),
            delivered_at=moment(node['deliveredAt']),
        )

    @property
    def is_live(self):
        """Whether its units count as shipped: a cancelled or failed one shipped nothing."""
        return self.status not in FAILED_FULFILLMENTS

    def units(self):
        """Return line gid → units; a line may be in it in several parts."""
        units = defaultdict(int)
        for line_gid, quantity in self.lines:
            units[line_gid] += quantity
        return dict(units)


@dataclass(frozen=True, slots=True)
class FulfillmentOrderLine:
    """Units of one order line that are to be shipped from one place."""

    gid: str
    line_gid: str
    total: int
    remaining: int

    @classmethod
    def from_json(cls, node):
        """Read a ``FulfillmentOrderLineItem``."""
        return cls(
            node['id'], node['lineItem']['id'], node['totalQuantity'], node['remainingQuantity']
        )


@dataclass(frozen=True, slots=True)
class FulfillmentOrder:
    """What Shopify wants shipped from one place.

    What the import does not ask for, and only who ships wants to know, is empty then: ``actions``
    (values of ``FulfillmentOrderAction``), ``holds`` (reasons for people), ``fulfill_at`` and
    ``is_service`` (another app or company ships from there).
    """

    gid: str
    status: str
    request_status: str
    location_gid: str
    location_name: str
    delivery_method: str
    lines: tuple
    actions: frozenset = frozenset()
    holds: tuple = ()
    fulfill_at: object = None
    is_service: bool = False

    @classmethod
    def from_json(cls, node):
        """Read a node of the fragments ``FulfillmentOrders`` or ``Shippable``."""
        return cls(
            gid=node['id'],
            status=node['status'],
            request_status=node['requestStatus'],
            location_gid=_get(node, 'assignedLocation', 'location', 'id') or '',
            location_name=_get(node, 'assignedLocation', 'name') or '',
            delivery_method=_get(node, 'deliveryMethod', 'methodType') or '',
            lines=tuple(
                FulfillmentOrderLine.from_json(item) for item in node['lineItems']['nodes']
            ),
            actions=frozenset(item['action'] for item in node.get('supportedActions') or ()),
            holds=tuple(
                ': '.join(filter(None, (hold['displayReason'], hold['reasonNotes'])))
                for hold in node.get('fulfillmentHolds') or ()
            ),
            fulfill_at=moment(node.get('fulfillAt')),
            is_service=(_get(node, 'assignedLocation', 'location') or {}).get(
                'isFulfillmentService', False
            ),
        )

    @property
    def is_ended(self):
        """Whether nobody will ship from it any more."""
        return self.status in ENDED_FULFILLMENT_ORDERS


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of one line that were refunded or removed."""

    line_gid: str
    quantity: int
    restock_type: str
    location_gid: str
    subtotal: MoneyBag
    tax: MoneyBag


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund; one that moved no money and no value is the trace of an order edit."""

    gid: str
    created_at: object
    note: str
    amount: MoneyBag
    lines: tuple

    @classmethod
    def from_json(cls, node):
        """Read a ``Refund`` with all its lines."""
        lines = tuple(
            RefundLine(
                line_gid=item['lineItem']['id'],
                quantity=item['quantity'],
                restock_type=item['restockType'],
                location_gid=_get(item, 'location', 'id') or '',
                subtotal=MoneyBag.from_json(item['subtotalSet']),
                tax=MoneyBag.from_json(item['totalTaxSet']),
            )
            for item in node['refundLineItems']['nodes']
        )
        amount = MoneyBag.from_json(node['totalRefundedSet'])
        return cls(node['id'], moment(node['createdAt']), node['note'] or '', amount, lines)

    @property
    def is_removal(self):
        """Whether an order edit made it: it takes units off and pays nothing back."""
        return bool(self.lines) and not self.amount


@dataclass(frozen=True, slots=True)
class RiskFact:
    """One reason of one risk assessment."""

    level: str
    provider: str
    description: str
    sentiment: str


@dataclass(frozen=True, slots=True)
class Order:
    """One whole order, every list complete."""

    gid: str
    name: str
    created_at: object
    updated_at: object
    processed_at: object
    closed: bool
    closed_at: object
    cancelled_at: object
    cancel_reason: str
    confirmed: bool
    edited: bool
    test: bool
    email: str
    phone: str
    note: str
    po_number: str
    tags: tuple
    locale: str
    source_name: str
    source_identifier: str
    status_page_url: str
    channel: str
    app_name: str
    retail_location: str
    financial_status: str
    fulfillment_status: str
    return_status: str
    fully_paid: bool
    unpaid: bool
    requires_shipping: bool
    gateways: tuple
    currency: str
    presentment_currency: str
    taxes_included: bool
    tax_exempt: bool
    discount_codes: tuple
    attributes: tuple
    customer: Customer | None
    company_gid: str
    company_name: str
    company_location_gid: str
    company_location_name: str
    billing_address: Address | None
    shipping_address: Address | None
    payment_terms: str
    risk_recommendation: str
    risk_level: str
    risks: tuple
    subtotal: MoneyBag
    total: MoneyBag
    total_discount: MoneyBag
    total_shipping: MoneyBag
    total_tax: MoneyBag
    total_tip: MoneyBag
    current_total: MoneyBag
    total_refunded: MoneyBag
    total_received: MoneyBag
    total_outstanding: MoneyBag
    cash_rounding: MoneyBag
    fees: tuple
    lines: tuple
    shipping_lines: tuple
    transactions: tuple
    fulfillments: tuple
    fulfillment_orders: tuple
    refunds: tuple = field(default=())
    company_location: object = field(default=None)
    # When we began to ask: what changed since is not in it. No part of what the order is.
    read_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def from_json(cls, node):
        """Read one order of ``orders_by_ids`` whose connections were read to their end."""
        purchasing = node['purchasingEntity'] or {}
        risk = node['risk'] or {}
        assessments = risk.get('assessments') or ()
        return cls(
            gid=node['id'],
            name=node['name'],
            created_at=moment(node['createdAt']),
            updated_at=moment(node['updatedAt']),
            processed_at=moment(node['processedAt']),
            closed=node['closed'],
            closed_at=moment(node['closedAt']),
            cancelled_at=moment(node['cancelledAt']),
            cancel_reason=node['cancelReason'] or '',
            confirmed=node['confirmed'],
            edited=node['edited'],
            test=node['test'],
            email=(node['email'] or '').strip(),
            phone=node['phone'] or '',
            note=node['note'] or '',
            po_number=node['poNumber'] or '',
            tags=tuple(node['tags']),
            locale=node['customerLocale'] or '',
            source_name=node['sourceName'] or '',
            source_identifier=node['sourceIdentifier'] or '',
            status_page_url=node['statusPageUrl'] or '',
            channel=_channel(node),
            app_name=_get(node, 'app', 'name') or '',
            retail_location=_get(node, 'retailLocation', 'id') or '',
            financial_status=node['displayFinancialStatus'] or '',
            fulfillment_status=node['displayFulfillmentStatus'] or '',
            return_status=node['returnStatus'] or '',
            fully_paid=node['fullyPaid'],
            unpaid=node['unpaid'],
            requires_shipping=node['requiresShipping'],
            gateways=tuple(node['paymentGatewayNames']),
            currency=node['currencyCode'],
            presentment_currency=node['presentmentCurrencyCode'],
            taxes_included=node['taxesIncluded'],
            tax_exempt=node['taxExempt'],
            discount_codes=tuple(node['discountCodes']),
            attributes=_attributes(node),
            customer=Customer.from_json(node['customer']),
            company_gid=_get(purchasing, 'company', 'id') if 'company' in purchasing else '',
            company_name=_get(purchasing, 'company', 'name') if 'company' in purchasing else '',
            company_location_gid=(
                _get(purchasing, 'location', 'id') if 'location' in purchasing else ''
            ),
            company_location_name=(
                _get(purchasing, 'location', 'name') if 'location' in purchasing else ''
            ),
            billing_address=Address.from_json(node['billingAddress']),
            shipping_address=Address.from_json(node['shippingAddress']),
            payment_terms=_get(node.get('paymentTerms'), 'paymentTermsName') or '',
            risk_recommendation=risk.get('recommendation') or '',
            risk_level=highest_risk(item['riskLevel'] for item in assessments),
            risks=tuple(_risk_facts(assessments)),
            subtotal=MoneyBag.from_json(node['subtotalPriceSet']),
            total=MoneyBag.from_json(node['totalPriceSet']),
            total_discount=MoneyBag.from_json(node['totalDiscountsSet']),
            total_shipping=MoneyBag.from_json(node['totalShippingPriceSet']),
            total_tax=MoneyBag.from_json(node['totalTaxSet']),
            total_tip=MoneyBag.from_json(node['totalTipReceivedSet']),
            current_total=MoneyBag.from_json(node['currentTotalPriceSet']),
            total_refunded=MoneyBag.from_json(node['totalRefundedSet']),
            total_received=MoneyBag.from_json(node['totalReceivedSet']),
            total_outstanding=MoneyBag.from_json(node['totalOutstandingSet']),
            cash_rounding=MoneyBag.from_json(node['totalCashRoundingAdjustment']['paymentSet']),
            fees=tuple(Fee.from_json(item, item['name']) for item in node['additionalFees']),
            lines=tuple(LineItem.from_json(item) for item in node['lineItems']['nodes']),
            shipping_lines=tuple(
                ShippingLine.from_json(item) for item in node['shippingLines']['nodes']
            ),
            transactions=tuple(Transaction.from_json(item) for item in node['transactions']),
            fulfillments=tuple(Fulfillment.from_json(item) for item in node['fulfillments']),
            fulfillment_orders=tuple(
                FulfillmentOrder.from_json(item) for item in node['fulfillmentOrders']['nodes']
            ),
        )

    @property
    def may_have_refunds(self):
        """Whether asking for refunds is worth a request: units or money went back, or were cut."""
        return bool(self.total_refunded) or any(
            line.current_quantity != line.quantity for line in self.lines
        )

    def with_refunds(self, refunds):
        """Return the same order with its refunds."""
        return replace(self, refunds=tuple(refunds))

    def with_company_location(self, location):
        """Return the same order with its branch, a :class:`~.company.CompanyLocation`."""
        return replace(self, company_location=location)

    def in_buyer_currency(self):
        """Return the same order with the amounts the buyer saw; one without a choice has theirs.

        Refunds and all other parts follow, so this comes after everything was read.
        """
        return presented(self)

    def removed_quantities(self):
        """Return line gid → units that an order edit took off, which were never sold.

        They still count in ``LineItem.quantity`` and come as refunds of no money. Units of a
        cancelled order that was never paid look the same, and mean the same.
        """
        removed = defaultdict(int)
        for refund in self.refunds:
            if refund.is_removal:
                for line in refund.lines:
                    removed[line.line_gid] += line.quantity
        return dict(removed)

    def removed_taxes(self):
        """Return line gid → tax (:class:`MoneyBag`) on the units that an order edit took off."""
        removed = defaultdict(lambda: NO_MONEY)
        for refund in self.refunds:
            if refund.is_removal:
                for line in refund.lines:
                    removed[line.line_gid] += line.tax
        return dict(removed)

    def expected_total(self):
        """Return what was sold for: the total as sold, less the units that an edit took off.

        Shopify's ``totalPriceSet`` may still contain removed units, its ``currentTotalPriceSet``
        never does but is lowered by refunds of money as well.
        """
        if not any(not refund.is_removal for refund in self.refunds):
            return self.current_total
        return self.total - self._removed(lambda line: self._gross(line))

    def expected_document_total(self):
        """Return what the document has to add up to, with what was rounded in cash.

        Rounded in cash, the buyer owes what was handed over (business-central.md 5.4).
        """
        return self.expected_total() + self.cash_rounding

    def expected_tax(self):
        """Return the taxes on what was sold."""
        return self.total_tax - self._removed(lambda line: line.tax)

    def _removed(self, value):
        return total(
            value(line) for refund in self.refunds if refund.is_removal for line in refund.lines
        )

    def _gross(self, line):
        return line.subtotal if self.taxes_included else line.subtotal + line.tax

    def line_locations(self):
        """Return line gid → gid of the location that ships it: most units open, else most units."""
        units = defaultdict(lambda: defaultdict(lambda: (0, 0)))
        for entry in self.fulfillment_orders:
            for line in entry.lines:
                open_units, all_units = units[line.line_gid][entry.location_gid]
                units[line.line_gid][entry.location_gid] = (
                    open_units + line.remaining,
                    all_units + line.total,
                )
        return {
            line_gid: max(places, key=lambda gid, places=places: (places[gid], gid))
            for line_gid, places in units.items()
        }

    def line_places(self):
        """Return line gid → location gid → (units shipped, units to ship) as Shopify has them now.

        What was refunded before it was shipped is in neither; nor is what an app without the scope
        of a fulfilment service may not see.
        """
        shipped = defaultdict(lambda: defaultdict(int))
        waiting = defaultdict(lambda: defaultdict(int))
        for parcel in self.fulfillments:
            if parcel.is_live:
                for line_gid, quantity in parcel.lines:
                    shipped[line_gid][parcel.location_gid] += quantity
        for entry in self.fulfillment_orders:
            if not entry.is_ended:
                for line in entry.lines:
                    waiting[line.line_gid][entry.location_gid] += line.remaining
        return {
            line_gid: {
                gid: (shipped[line_gid][gid], waiting[line_gid][gid])
                for gid in sorted({*shipped[line_gid], *waiting[line_gid]})
            }
            for line_gid in sorted({*shipped, *waiting})
        }


def _risk_facts(assessments):
    for assessment in assessments:
        level = assessment['riskLevel']
        provider = _get(assessment, 'provider', 'title') or 'Shopify'
        facts = assessment['facts'] or [{'description': '', 'sentiment': ''}]
        for fact in facts:
            yield RiskFact(level, provider, fact['description'] or '', fact['sentiment'] or '')


__all__ = ['NO_MONEY', 'Address', 'Customer', 'Head', 'LineItem', 'Order', 'Refund', 'TaxLine']
