"""The store: every record of one Shopify shop, found by gid or through a root collection."""

from contextlib import contextmanager
from dataclasses import replace
from random import Random
from zlib import crc32

from .clock import Clock
from .money import MoneyV2
from .payments import GiftCardTransaction

#: Root connections of the schema and the GraphQL types whose records they list.
COLLECTIONS = {
    'orders': 'Order',
    'draft_orders': 'DraftOrder',
    'customers': 'Customer',
    'companies': 'Company',
    'company_locations': 'CompanyLocation',
    'products': 'Product',
    'product_variants': 'ProductVariant',
    'locations': 'Location',
    'delivery_profiles': 'DeliveryProfile',
    'payment_terms_templates': 'PaymentTermsTemplate',
    'fulfillment_orders': 'FulfillmentOrder',
    'fulfillments': 'Fulfillment',
    'gift_cards': 'GiftCard',
    'returns': 'Return',
    'refunds': 'Refund',
    'order_attribution_definitions': 'OrderAttributionDefinition',
    'webhook_subscriptions': 'WebhookSubscription',
}

#: Distance between two ids of one type; Shopify's grow in such steps ([R] line items of one order).
ID_STEP = 32_768


class Store:
    """All records of one shop.

    :param int seed: makes ids, codes and the generator reproducible.
    :param Clock clock: source of `created_at` and `updated_at`.
    """

    is_scratch = False

    def __init__(self, seed=0, clock=None):
        self.seed = seed
        self.clock = clock or Clock()
        self.random = Random(seed)  # noqa: S311 (reproducible data, no secret)
        self.by_gid = {}
        self.listeners = []
        self.records = {}
        self.jobs = {}
        self.idempotency = {}
        self.shop = None
        self.app = None
        self.auto_archive = True
        # What buyers of generated orders pay in, unless their kind says; None: as the shop.
        self.buyers_currency = None
        self.manual_service = None
        self.world = None
        self.kinds = {}
        self.channels = {}
        self.gift_cards_by_order = {}
        self._quiet = 0
        self._counters = {}
        self.collections = {
            name: (lambda typename=typename: self.all(typename))
            for name, typename in COLLECTIONS.items()
        }
        # [R] draftOrderCalculate-validation-and-shipping-rates.json: all, inactive ones too.
        self.collections['locations_available_for_delivery_profiles_connection'] = lambda: self.all(
            'Location'
        )
        self.collections['manual_holds_fulfillment_orders'] = lambda: [
            each for each in self.all('FulfillmentOrder') if each.fulfillment_holds
        ]

    def all(self, typename):
        """Return the live list of records of one GraphQL type, oldest first."""
        return self.records.setdefault(typename, [])

    def get(self, gid):
        """Return the record of `gid`, or None. A query part (``?id=true``) belongs to the gid."""
        return self.by_gid.get(gid)

    def find(self, typename, gid):
        """Return the record of `gid` if it is a `typename`, else None."""
        record = self.by_gid.get(gid)
        return record if record is not None and record.typename == typename else None

    def sequence(self, name):
        """Return 1, 2, 3, … for each `name`."""
        value = self._counters.get(name, 0) + 1
        self._counters[name] = value
        return value

    def next_gid(self, typename):
        """Return a fresh gid of `typename`: 13 digits, like Shopify's, equal for equal
        histories.
        """
        base = 4_000_000_000_000 + crc32(typename.encode()) % 4_000_000_000_000
        return f'gid://shopify/{typename}/{base + self.sequence(typename) * ID_STEP}'

    def add(self, record, gid=None):
        """Give `record` its gid (a new one unless given), make it findable, and return it."""
        record.id = gid or record.id or self.next_gid(record.typename)
        self.by_gid[record.id] = record
        self.records.setdefault(record.typename, []).append(record)
        return record

    def default_location(self):
        """Return the location orders are shipped from: the primary one, else the first active
        one.
        """
        locations = [each for each in self.all('Location') if each.is_active]
        return next((each for each in locations if each.is_primary), locations[0])

    def service_at(self, location):
        """Return the manual service as it ships from a location ([R] …events-lifecycle.json)."""
        return replace(self.manual_service, location=location)

    def cards_of(self, order):
        """Return the gift cards an order sold."""
        return self.gift_cards_by_order.get(order.id, [])

    def move_gift_card(self, card, amount):
        """Change a gift card's balance by `amount` of its own currency."""
        move = GiftCardTransaction(
            gift_card=card,
            amount=MoneyV2(amount, card.initial_value.currency_code),
            processed_at=self.clock.now(),
        )
        move.id = self.next_gid(move.typename)
        self.by_gid[move.id] = move
        card.transactions.append(move)
        self.touch(card)
        return move

    def remove(self, record):
        """Forget `record`; its gid is not used again."""
        self.by_gid.pop(record.id, None)
        self.records[record.typename].remove(record)

    def touch(self, record):
        """Note a change of `record`: its `updated_at` becomes now (never earlier than it was)."""
        now = self.clock.now()
        record.updated_at = max(now, record.updated_at) if record.updated_at else now
        return record

    def emit(self, topic, record):
        """Tell the listeners (webhooks) that `topic` happened to `record`."""
        if not self._quiet:
            for listener in list(self.listeners):
                listener(topic, record)

    def __deepcopy__(self, _memo):
        """There is one store; a copied order belongs to it still."""
        return self

    @contextmanager
    def quiet(self):
        """Emit nothing inside the block: building a past is not news."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1


class Scratch:
    """A store for trying things out: reads the real one, keeps nothing, tells nobody.

    Used to price drafts and staged edits with the very code that makes real orders.
    """

    is_scratch = True

    def __init__(self, store):
        self._store = store
        self.by_gid = {}
        self.gift_cards_by_order = {}
        self.random = Random(0)  # noqa: S311 (thrown away with the scratch)
        self._count = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def next_gid(self, typename):
        """Return a gid that no real record has."""
        self._count += 1
        return f'gid://shopify/{typename}/{self._count}'

    def sequence(self, _name):
        """Return a number without using one up."""
        return 0

    def add(self, record, gid=None):
        """Give a record a passing gid."""
        record.id = gid or record.id or self.next_gid(record.typename)
        return record

    def touch(self, record):
        """Leave the record's date alone."""
        return record

    def emit(self, topic, record):
        """Tell nobody."""
