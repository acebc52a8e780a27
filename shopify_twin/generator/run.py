"""Entry points: generate orders, list what is for sale, make orders of unusual size."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

from ..engine import verbs
from ..engine.building import ShippingSpec
from ..engine.world import furnish_world
from . import plain, special  # noqa: F401 (they fill the table of kinds)
from .happenings import DAYS
from .kinds import KINDS
from .sketch import Sketch, draw, ordinary

#: Generated orders end here, unless told otherwise, so that times do not depend on the day of the
#: run.
UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
#: Days the orders are spread over: inside the 60 days an app without `read_all_orders` sees.
SPAN = timedelta(days=50)

#: The kinds of each profile.
PROFILES = {
    'plain': [each for each in KINDS.values() if each.plain],
    'all': list(KINDS.values()),
}


def generate(store, count, seed=0, profile=None, until=UNTIL):
    """Add `count` orders to the store and return them.

    :param seed: equal seeds on equal stores give equal orders.
    :param profile: 'plain', 'all' (the default), or a list of kind names.
    :param until: no order is newer, and nothing happens later, than this moment.
    :raises KeyError: for an unknown profile or kind.
    """
    kinds = kinds_of(profile)
    world = furnish_world(store, store.seed)
    random = Random(f'{store.seed}/{seed}/{store.sequence("generation")}')  # noqa: S311
    drawn = random.choices(kinds, [each.weight for each in kinds], k=count)
    # Every kind once before chance decides, so that a small sample is varied too.
    drawn[: len(kinds)] = random.sample(kinds, len(kinds))[:count]
    random.shuffle(drawn)
    with store.quiet(), archiving(store, False):
        return [
            drawn_order(Sketch(store, world, random, moment_of(index, count, until), until), each)
            for index, each in enumerate(drawn)
        ]


def drawn_order(sketch, which):
    """Make one order of kind `which`; `store.kinds` remembers it."""
    order = make(sketch, which.bend)
    sketch.store.kinds[order.id] = which.name
    return order


def kinds_of(profile):
    """Return the kinds of a profile name or a list of kind names."""
    if isinstance(profile, list | tuple):
        return [KINDS[name] for name in profile]
    return PROFILES[profile or 'all']


def moment_of(index, count, until):
    """Return when order `index` of `count` is placed: evenly over the span, the last a day before
    its end.
    """
    start = until - SPAN
    return start + timedelta(seconds=int((SPAN - DAYS).total_seconds() * index / max(count, 1)))


@contextmanager
def archiving(store, value):
    """Set whether paid and shipped orders archive themselves, inside the block."""
    before, store.auto_archive = store.auto_archive, value
    try:
        yield
    finally:
        store.auto_archive = before


def make(sketch, bend):
    """Make one order of an ordinary sketch, bent by `bend`."""
    ordinary(sketch)
    bend(sketch)
    return draw(sketch)


def catalog(store):
    """Return what is for sale, as plain dicts, so that a demo can make matching products elsewhere.

    Keys: gid, product_gid, title, variant_title, name, sku, barcode, price (Decimal), currency,
    taxable,
    requires_shipping, is_gift_card.
    """
    furnish_world(store, store.seed)
    return [
        {
            'gid': variant.id,
            'product_gid': variant.product.id,
            'title': variant.product.title,
            'variant_title': None if variant.is_default else variant.title,
            'name': variant.product.title if variant.is_default else variant.display_name,
            'sku': variant.sku,
            'barcode': variant.barcode,
            'price': variant.price,
            'currency': store.shop.currency_code,
            'taxable': variant.taxable,
            'requires_shipping': variant.inventory_item.requires_shipping,
            'is_gift_card': variant.product.is_gift_card,
        }
        for variant in store.all('ProductVariant')
    ]


# -- orders of unusual size


def _special(store, seed, bend):
    """Make one order bent by `bend`, at the end of the generated time."""
    world = furnish_world(store, store.seed)
    random = Random(f'{store.seed}/{seed}')  # noqa: S311
    with store.quiet(), archiving(store, False):
        return make(Sketch(store, world, random, UNTIL - DAYS, UNTIL), bend)


def big_order(store, lines=300, seed=0):
    """Make an order of `lines` lines, more than one page of any connection."""

    def bend(sketch):
        sketch.lines = []
        for index in range(lines):
            sketch.sell(sketch.world.variants[index % len(sketch.world.variants)], 1 + index % 3)

    return _special(store, f'big/{seed}', bend)


def many_shipping(store, count=12, seed=0):
    """Make an order with `count` shipping lines."""

    def bend(sketch):
        sketch.shipping = [
            ShippingSpec(
                f"Parcel {index + 1}",
                sketch.price('1.11') * (index + 1),
                f'parcel-{index}',
                taxes=sketch.taxes(),
            )
            for index in range(count)
        ]

    return _special(store, f'shipping/{seed}', bend)


def many_transactions(store, count=60, seed=0):
    """Make an order paid in `count` parts."""

    def pay_in_parts(sketch, order):
        parts = verbs.split_payment(order, order.total_outstanding_set, range(1, count + 1))
        for part in parts:
            verbs.pay(sketch.store, order, part, 'manual')

    def bend(sketch):
        sketch.lines[0].quantity += 50
        sketch.payment = pay_in_parts

    return _special(store, f'transactions/{seed}', bend)
