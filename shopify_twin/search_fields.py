"""What each search field means for a record: the tables behind `query:`.

Which fields are legal stands in the schema [S]; how they are matched is [D] where the description
of the argument says it, else [I].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .connections import record_number
from .engine.errors import NotModelled
from .search import Term, text_test

if TYPE_CHECKING:
    from collections.abc import Callable


class Special:
    """A field whose words have a meaning of their own: `matches(term, record)`."""

    def __init__(self, matches: Callable[[Term, Any], bool]):
        self.matches = matches


def _wanted(term: Term) -> list[str]:
    return [part.strip().lower() for part in term.value.split(',')]


def words(read: Callable[[Any], Any]) -> Special:
    """Whole values compared without case; a comma separates alternatives. [I]"""

    def matches(term: Term, record: Any) -> bool:
        found = read(record)
        values = found if isinstance(found, (list, tuple)) else [found]
        lowered = [str(value).lower() for value in values if value is not None]
        if term.value == '*':
            return bool(lowered)
        if term.prefix:
            return any(value.startswith(term.value.lower()) for value in lowered)
        return any(value in _wanted(term) for value in lowered)

    return Special(matches)


def path(dotted: str) -> Callable[[Any], Any]:
    """Read along attributes; nothing on the way gives None."""
    steps = dotted.split('.')

    def read(record: Any) -> Any:
        for step in steps:
            if record is None:
                return None
            record = getattr(record, step)
        return record

    return read


def each(items: str, attribute: str) -> Callable[[Any], Any]:
    """Read one attribute of every record in a list."""
    return lambda record: [getattr(item, attribute) for item in getattr(record, items)]


def _order_status(term: Term, order: Any) -> bool:
    return {
        'open': not order.closed and order.cancelled_at is None,
        'closed': order.closed,
        'cancelled': order.cancelled_at is not None,
        'not_closed': not order.closed,
        'any': True,
    }.get(term.value.lower(), False)


_FULFILLMENT = {
    'shipped': {'FULFILLED'},
    'fulfilled': {'FULFILLED'},
    'unshipped': {'UNFULFILLED', None},
    'partial': {'PARTIALLY_FULFILLED'},
    'unfulfilled': {'UNFULFILLED', 'PARTIALLY_FULFILLED', None},
    'scheduled': {'SCHEDULED'},
    'on_hold': {'ON_HOLD'},
    'request_declined': {'REQUEST_DECLINED'},
}


def _fulfillment_status(term: Term, order: Any) -> bool:
    allowed = set().union(*(_FULFILLMENT.get(word, set()) for word in _wanted(term)))
    return order.display_fulfillment_status in allowed


def _has_tag(term: Term, record: Any) -> bool:
    return words(lambda r: r.tags).matches(term, record)


def _order_words(order: Any) -> list[str]:
    names = [order.name, order.email, order.po_number]
    if order.customer is not None:
        names.append(order.customer.display_name)
    names.extend(line.sku for line in order.line_items)
    names.extend(line.title for line in order.line_items)
    return [name for name in names if name]


def _balance_status(term: Term, card: Any) -> bool:
    wanted = term.value.lower()
    found = card.balance_status
    return found in ('full', 'partial') if wanted == 'full_or_partial' else found == wanted


def _draft_words(draft: Any) -> list[str]:
    names = [draft.name, draft.email]
    if draft.customer is not None:
        names.append(draft.customer.display_name)
    names.extend(line.title for line in draft.line_items)
    return [name for name in names if name]


def _default(read: Callable[[Any], list[str]]) -> Special:
    def matches(term: Term, record: Any) -> bool:
        text = ' '.join(read(record))
        return text_test(term)(text)

    return Special(matches)


def _risk_levels(order: Any) -> list[str]:
    return [assessment.risk_level for assessment in order.risk.assessments]


_TAGS = {
    'tag': Special(_has_tag),
    'tag_not': Special(lambda term, record: not _has_tag(term, record)),
}

FIELDS: dict[str, dict[str, Any]] = {
    'Order': {
        **_TAGS,
        'default': _default(_order_words),
        'status': Special(_order_status),
        'financial_status': words(path('display_financial_status')),
        'fulfillment_status': Special(_fulfillment_status),
        'return_status': words(path('return_status')),
        'risk_level': words(_risk_levels),
        'channel': words(path('attribution.handle')),
        'customer_id': path('customer.id'),
        'current_total_price': path('current_total_price_set.shop.amount'),
        'discount_code': words(path('discount_codes')),
        'fulfillment_location_id': lambda order: [
            f.location.id for f in order.fulfillments if f.location
        ],
        'gateway': words(path('payment_gateway_names')),
        'location_id': path('retail_location.id'),
        'payment_id': each('transactions', 'payment_id'),
        'po_number': words(path('po_number')),
        'confirmation_number': words(path('confirmation_number')),
        'sku': each('line_items', 'sku'),
        'source_identifier': words(path('source_identifier')),
        'source_name': words(path('source_name')),
        'subtotal_line_items_quantity': words(path('subtotal_line_items_quantity')),
    },
    'DraftOrder': {
        **_TAGS,
        'default': _default(_draft_words),  # [R] draft-orders-search-sort-staged.json
        'status': words(path('status')),
        'customer_id': path('customer.id'),
    },
    'Customer': {
        **_TAGS,
        'default': _default(
            lambda c: [v for v in (c.display_name, c.email, c.phone) if v],
        ),
        'customer_date': path('created_at'),
        'state': words(path('state')),
        'country': words(
            lambda c: [v for a in c.addresses_v2 for v in (a.country, a.country_code_v2)],
        ),
        'orders_count': path('number_of_orders'),
        'total_spent': path('amount_spent.amount'),
    },
    'Company': {'default': _default(lambda company: [company.name])},
    'CompanyLocation': {
        'default': _default(lambda location: [location.name]),
        'company_id': path('company.id'),
    },
    'Product': {
        **_TAGS,
        'default': _default(lambda product: [product.title, product.vendor or '']),
        'status': words(path('status')),
        'sku': each('variants', 'sku'),
        'barcode': each('variants', 'barcode'),
        'variant_id': each('variants', 'id'),
        'gift_card': path('is_gift_card'),
    },
    'ProductVariant': {
        'default': _default(lambda variant: [variant.title, variant.product.title]),
        'product_id': path('product.id'),
        'product_ids': path('product.id'),
        'product_status': words(path('product.status')),
        'gift_card': path('product.is_gift_card'),
        'vendor': path('product.vendor'),
        'tag': words(path('product.tags')),
    },
    'Location': {
        'default': _default(lambda location: [location.name]),
        'active': path('is_active'),
        'legacy': path('is_fulfillment_service'),
        'location_id': path('id'),
        **{part: path(f'address.{part}') for part in ('address1', 'city', 'country', 'zip')},
    },
    'FulfillmentOrder': {
        'assigned_location_id': path('location.id'),
        'status': words(path('status')),
    },
    'GiftCard': {
        # [R] gift-card-lifecycle.json: "2B5" finds the cards …2b5a, …2b5b and …2b5c.
        'default': Special(lambda term, card: term.value.lower() in card.last_characters),
        'customer_id': path('customer.id'),
        'initial_value': path('initial_value.amount'),
        # [R] gift-card-lifecycle.json
        'balance_status': Special(_balance_status),
        'recipient_id': path('recipient_attributes.recipient.id'),
        'source': words(path('source')),
        'status': words(lambda card: 'enabled' if card.enabled else 'disabled'),
        'expires_on': path('expires_on'),
    },
    'Return': {'status': words(path('status'))},
    'WebhookSubscription': {},
}


def getter(typename: str, updated_at: Callable[[Any], Any]) -> Callable[[str], Any]:
    """The reader of each search field of a type; raises NotModelled for one the twin lacks."""
    table = FIELDS.get(typename, {})

    def find(field: str) -> Any:
        if field == 'updated_at':
            return updated_at
        return table.get(field) or _attribute(typename, field)

    return find


def _attribute(typename: str, field: str) -> Callable[[Any], Any]:
    def read(record: Any) -> Any:
        try:
            return getattr(record, field)
        except AttributeError:
            raise NotModelled(f'not emulated: search field {field} of {typename}') from None

    return read


def _amount(dotted: str) -> Callable[[Any], Any]:
    read = path(dotted)
    return lambda record: float(read(record))


SORT_KEYS: dict[str, Callable[[Any], Any]] = {
    **{
        name.upper(): path(name)
        for name in (
            'created_at',
            'processed_at',
            'name',
            'title',
            'sku',
            'position',
            'status',
            'po_number',
            'vendor',
            'product_type',
            'expires_on',
        )
    },
    'ORDER_NUMBER': path('number'),
    'CURRENT_TOTAL_PRICE': _amount('current_total_price_set.shop.amount'),
    'TOTAL_PRICE': _amount('total_price_set.shop.amount'),
    'CUSTOMER_NAME': path('customer.display_name'),
    'FINANCIAL_STATUS': path('display_financial_status'),
    'FULFILLMENT_STATUS': path('display_fulfillment_status'),
    'BALANCE': _amount('balance.amount'),
    'INITIAL_VALUE': _amount('initial_value.amount'),
    'DISPUTE_INITIATED_AT': path('initiated_at'),
}


def _disabled_at(reverse: bool) -> Callable[[Any], Any]:
    """[R] gift-card-lifecycle.json: milliseconds; cards in use come last either way."""
    in_use = -(2**63) if reverse else 2**63 - 1

    def read(card: Any) -> int:
        moment = card.deactivated_at
        return in_use if moment is None else int(moment.timestamp() * 1000)

    return read


def sort_key(
    name: str, updated_at: Callable[[Any], Any], *, reverse: bool = False
) -> Callable[[Any], Any]:
    """The value a root connection sorts by; raises NotModelled for one the twin lacks."""
    if name == 'UPDATED_AT':
        return updated_at
    if name == 'DISABLED_AT':
        return _disabled_at(reverse)
    if name in ('ID', 'RELEVANCE'):  # Relevance without a scoring search is the id. [I]
        return record_number
    if name not in SORT_KEYS:
        raise NotModelled(f'not emulated: sort key {name}')
    return SORT_KEYS[name]
