"""The generator's orders add up, by arithmetic done here and not by the engine."""

from collections import Counter
from decimal import Decimal

import pytest

from shopify_twin.engine import new_store
from shopify_twin.engine.fulfillment import LIVE
from shopify_twin.engine.money import DECIMALS
from shopify_twin.generator import (
    KINDS,
    PROFILES,
    UNTIL,
    big_order,
    catalog,
    generate,
    many_shipping,
    many_transactions,
)

from .engine_arithmetic import allocated, given_back, moved, side, sold

COUNT = 700
SIDES = ('shop', 'presentment')


@pytest.fixture(scope='module')
def store():
    """A store with orders of every kind."""
    store = new_store(seed=3)
    generate(store, COUNT, seed=11)
    return store


@pytest.fixture(scope='module')
def orders(store):
    """All orders of the store."""
    return store.all('Order')


def of_kind(store, name):
    """The orders of one kind."""
    found = [order for order in store.all('Order') if store.kinds.get(order.id) == name]
    assert found, f"no order of kind {name}"
    return found


@pytest.mark.parametrize('name', SIDES)
def test_total_is_the_sum_of_its_parts(orders, name):
    """Issue 2, section 2: derived totals."""
    wrong = [o.name for o in orders if side(o.total_price_set, name) != sold(o, name)]
    assert not wrong


@pytest.mark.parametrize('name', SIDES)
def test_current_total_is_what_refunds_left(orders, name):
    """R-53: `current…` follows edits, removals and refunds."""
    wrong = [
        (o.name, o.store.kinds[o.id])
        for o in orders
        if not o.cancelled_at
        and side(o.current_total_price_set, name) != sold(o, name) - given_back(o, name)
    ]
    assert not wrong


def test_nothing_is_left_of_a_cancelled_order(store):
    """M-10: a cancelled order is worth nothing and is closed."""
    for order in of_kind(store, 'cancelled'):
        assert side(order.current_total_price_set, 'shop') == 0
        assert order.closed_at == order.cancelled_at
        assert order.current_subtotal_line_items_quantity == 0


@pytest.mark.parametrize('name', SIDES)
def test_payments_settle_the_order(orders, name):
    """M-10: outstanding is what is neither paid nor authorized, and refund differences are
    explained.
    """
    for order in orders:
        if order.cancelled_at:
            continue
        net = moved(order, 'SALE', 'CAPTURE', name=name) - moved(order, 'REFUND', name=name)
        held = side(order.total_capturable_set, name)
        differences = sum(
            side(part.amount_set, name)
            for refund in order.refunds
            for part in refund.order_adjustments
        )
        rounding = sum(side(move.amount_rounding_set, name) for move in order.transactions)
        expected = side(order.current_total_price_set, name) + differences - net - held + rounding
        assert side(order.total_outstanding_set, name) == expected, order.name


def test_each_side_keeps_its_currencys_decimals(orders):
    """R-41: 0, 2 and 3 decimals."""
    seen = set()
    for order in orders:
        for name in SIDES:
            money = getattr(order.total_price_set, name)
            seen.add(money.currency_code)
            places = -money.amount.as_tuple().exponent
            assert places <= DECIMALS.get(money.currency_code, 2), (order.name, money)
            for line in order.line_items:
                for tax in line.tax_lines:
                    exponent = getattr(tax.price_set, name).amount.as_tuple().exponent
                    assert -exponent <= DECIMALS.get(money.currency_code, 2)
    assert {'EUR', 'JPY', 'USD'} <= seen
    assert seen & {'KWD', 'BHD'}


def test_included_tax_is_taken_out_of_the_price(store):
    """M-10: 119.00 at 19 % contains 19.00; checked line by line to half a cent."""
    for order in of_kind(store, 'b2c_tax_included'):
        for line in order.line_items:
            (tax,) = line.tax_lines
            gross = side(line.original_total_set, 'shop')
            exact = gross * Decimal(str(tax.rate)) / (1 + Decimal(str(tax.rate)))
            assert abs(side(tax.price_set, 'shop') - exact) <= Decimal('0.005')


def test_added_tax_is_reckoned_after_discounts(store):
    """M-10: several US taxes, each rounded on its own."""
    several = 0
    for order in of_kind(store, 'us_state_county'):
        for line in order.line_items:
            base = side(line.original_total_set, 'shop') - allocated(line, 'shop')
            several += len(line.tax_lines) > 1
            for tax in line.tax_lines:
                exact = base * Decimal(str(tax.rate))
                assert abs(side(tax.price_set, 'shop') - exact) <= Decimal('0.005')
    assert several


def test_a_fixed_discount_is_split_to_the_cent(store):
    """M-10: the allocations of MINUS5 add up to what the order can bear of 5.00."""
    uneven = False
    for order in of_kind(store, 'order_discount_amount'):
        before = sum(side(line.original_total_set, 'shop') for line in order.line_items)
        parts = [allocated(line, 'shop') for line in order.line_items]
        assert sum(parts) == min(Decimal('5.00'), before)
        assert side(order.total_discounts_set, 'shop') == sum(parts)
        uneven = uneven or len(set(parts)) > 1
    assert uneven


def test_no_line_is_discounted_below_nothing(orders):
    """M-10: allocations never exceed the line."""
    for order in orders:
        for line in order.line_items:
            for name in SIDES:
                assert allocated(line, name) <= side(line.original_total_set, name)


def test_units_are_shipped_to_ship_or_taken_back(orders):
    """R-36: every unit of a line is shipped, in a live fulfilment order, or refunded."""
    for order in orders:
        waiting = Counter()
        for fulfillment_order in order.all_fulfillment_orders:
            if fulfillment_order.status in LIVE:
                for item in fulfillment_order.line_items:
                    waiting[item.line_item.id] += item.remaining_quantity
        for line in order.line_items:
            if line.is_tip:
                continue
            dropped = sum(part.dropped_quantity for part in line.refund_line_items)
            assert waiting[line.id] == line.unfulfilled_quantity, (order.name, line)
            assert line.quantity == line.fulfilled_quantity + dropped + waiting[line.id]


def test_statuses_follow_from_what_happened(store):
    """M-10: the status words of the kinds that are about them."""
    expected = {
        'unpaid': (None, 'UNFULFILLED'),
        'fulfilled': ('PAID', 'FULFILLED'),
        'partially_fulfilled': ('PAID', 'PARTIALLY_FULFILLED'),
        'refunded': ('REFUNDED', 'UNFULFILLED'),
        'goodwill_refund': ('PARTIALLY_REFUNDED', 'UNFULFILLED'),
        'partially_paid': ('PARTIALLY_PAID', 'UNFULFILLED'),
        'voided': ('VOIDED', 'UNFULFILLED'),
        'on_hold': ('PAID', 'ON_HOLD'),
        'scheduled': ('PAID', 'SCHEDULED'),
        'free_order': ('PAID', 'UNFULFILLED'),
        'several_captures': ('PAID', 'UNFULFILLED'),
    }
    for name, (paid, shipped) in expected.items():
        for order in of_kind(store, name):
            found = (order.display_financial_status, order.display_fulfillment_status)
            assert found == (paid, shipped), (name, order.name)


def test_a_goodwill_refund_leaves_the_goods(store):
    """M-10: money without goods is an adjustment in the buyer's favour, nothing else changes."""
    for order in of_kind(store, 'goodwill_refund'):
        assert order.current_total_price_set == order.total_price_set
        (adjustment,) = order.refunds[0].order_adjustments
        assert side(adjustment.amount_set, 'shop') == -moved(order, 'REFUND')
        assert adjustment.reason == 'CUSTOMER'
        assert not order.total_outstanding_set


def test_a_restocking_fee_stays_with_the_merchant(store):
    """M-10: paying back nine tenths is an adjustment in the merchant's favour."""
    for order in of_kind(store, 'restocking_fee'):
        assert side(order.refund_discrepancy_set, 'shop') > 0
        assert not order.total_outstanding_set


def test_gift_cards_are_issued_and_spent(store):
    """M-10: a sold card exists with its value; a used one lost what it paid and is named in the
    receipt.
    """
    for order in of_kind(store, 'gift_card_sold'):
        line = next(line for line in order.line_items if line.is_gift_card)
        cards = [card for card in store.all('GiftCard') if card.line_item is line]
        assert len(cards) == line.quantity
        assert all(card.balance == line.original_unit_price_set.shop for card in cards)
    for order in of_kind(store, 'gift_card_used'):
        move = next(move for move in order.transactions if move.gateway == 'gift_card')
        card = store.get(f"gid://shopify/GiftCard/{move.receipt_json['gift_card_id']}")
        assert card.initial_value.amount - card.balance.amount == side(move.amount_set, 'shop')


def test_cash_rounding_is_explained(store):
    """M-10: paid to five cents; the difference stands on the transaction and nothing is
    outstanding.
    """
    rounded = 0
    for order in of_kind(store, 'cash_rounding'):
        (move,) = order.transactions
        assert side(move.amount_set, 'shop') % Decimal('0.05') == 0
        assert not order.total_outstanding_set
        rounded += bool(move.amount_rounding_set)
    assert rounded


def test_ids_are_unique(store):
    """M-10: no two records share a gid, and each is found by it."""
    everything = [record for records in store.records.values() for record in records]
    gids = [record.id for record in everything]
    assert len(set(gids)) == len(gids)
    assert all(store.get(record.id) is record for record in everything)


def fingerprint(store, count, seed, profile=None):
    """What of generated orders must be reproducible."""
    return [
        (
            o.id,
            o.name,
            o.updated_at,
            o.total_price_set,
            [line.id for line in o.line_items],
            o.confirmation_number,
        )
        for o in generate(store, count, seed, profile)
    ]


def test_equal_seeds_give_equal_orders():
    """M-10: deterministic, gids and times included; another seed gives others."""
    first = fingerprint(new_store(seed=5), 60, 9)
    assert first == fingerprint(new_store(seed=5), 60, 9)
    assert first != fingerprint(new_store(seed=5), 60, 10)


def test_generating_twice_goes_on():
    """M-10: a second run adds new orders and keeps the world."""
    store = new_store(seed=5)
    generate(store, 5, 1)
    customers = len(store.all('Customer'))
    generate(store, 5, 1)
    names = [order.name for order in store.all('Order')]
    assert len(set(names)) == 10
    assert len(store.all('Customer')) == customers


def test_profiles():
    """M-10: 'plain' has only plain kinds; both have their kinds once before chance decides."""
    for profile in ('plain', 'all'):
        store = new_store()
        generate(store, len(PROFILES[profile]), profile=profile)
        assert Counter(store.kinds.values()) == Counter(kind.name for kind in PROFILES[profile])
    assert len(KINDS) >= 40
    with pytest.raises(KeyError):
        generate(new_store(), 1, profile=['no such kind'])


def test_times_lie_in_the_window(orders):
    """M-10: no order is newer than asked for, nor changed later; all are visible without
    `read_all_orders`.
    """
    assert max(order.updated_at for order in orders) <= UNTIL
    assert all(order.updated_at >= order.created_at for order in orders)
    assert min((UNTIL - order.created_at).days for order in orders) >= 0
    assert max((UNTIL - order.created_at).days for order in orders) <= 59


def test_builders_of_unusual_orders():
    """A4: 300 lines, 12 shipping lines, 60 transactions."""
    store = new_store(seed=1)
    big = big_order(store, lines=300)
    assert len(big.line_items) == 300
    assert len(many_shipping(store, 12).shipping_lines) == 12
    paid = many_transactions(store, 60)
    assert len(paid.transactions) == 60
    assert paid.display_financial_status == 'PAID'
    assert moved(paid, 'SALE') == side(paid.total_price_set, 'shop')


def test_catalog_lists_what_orders_sell(store):
    """M-10: the demo can make matching products: with SKU, with barcode only, with neither."""
    listed = {row['gid']: row for row in catalog(store)}
    sold_variants = {
        line.variant.id for order in store.all('Order') for line in order.line_items if line.variant
    }
    assert sold_variants <= set(listed)
    assert any(row['sku'] for row in listed.values())
    assert any(row['barcode'] and not row['sku'] for row in listed.values())
    assert any(not row['barcode'] and not row['sku'] for row in listed.values())
    assert sum(row['is_gift_card'] for row in listed.values()) == 3


@pytest.mark.parametrize(('currency', 'places'), [('JPY', 0), ('KWD', 3), ('USD', 2)])
def test_a_shop_of_another_currency(currency, places):
    """M-10: the shop's own currency may have no cents, or three decimals."""
    store = new_store(seed=2, currency=currency)
    for order in generate(store, 80, 4):
        for money in (
            order.total_price_set,
            order.current_total_price_set,
            order.total_outstanding_set,
        ):
            assert -money.shop.amount.as_tuple().exponent <= places
        assert side(order.total_price_set, 'shop') == sold(order, 'shop')


def test_the_ledger_adds_up_to_the_order(orders):
    """M-10: sales without adjustments come to what the order is worth now, edits and refunds
    included.
    """
    for order in orders:
        sales = [sale for agreement in order.agreements for sale in agreement.sales]
        kept = [sale.total_amount for sale in sales if sale.line_type != 'ADJUSTMENT']
        if order.cancelled_at and order.additional_fees:
            continue
        assert sum(side(bag, 'shop') for bag in kept) == side(
            order.current_total_price_set, 'shop'
        ), order.name
        assert len({sale.id for sale in sales}) == len(sales)


def test_orders_come_through_channels(store):
    """R-14: app, source and attribution agree."""
    expected = {
        'b2c_tax_included': ("Online Store", 'web', 'online-store'),
        'pos': ("Point of Sale", 'pos', 'pos'),
        'manual_discount': ("Draft Orders", 'shopify_draft_order', 'draft-orders'),
        'marketplace': ("TikTok Shop", 'tiktok', 'tiktok'),
    }
    for name, facts in expected.items():
        for order in of_kind(store, name):
            assert (order.app.name, order.source_name, order.attribution.handle) == facts


@pytest.mark.parametrize(('currency', 'buyers'), [('EUR', 'JPY'), ('JPY', 'KWD'), ('KWD', 'EUR')])
def test_buyers_of_another_currency(currency, buyers):
    """M-10: every kind of order may be paid in another currency; each side adds up by itself."""
    store = new_store(seed=2, currency=currency)
    store.buyers_currency = buyers
    made = generate(store, 2 * len(KINDS), 4)
    foreign = [order for order in made if order.presentment_currency_code == buyers]
    assert len(foreign) > len(made) * 0.8
    for order in made:
        for name in SIDES:
            money = getattr(order.total_price_set, name)
            assert money.amount == sold(order, name), (order.name, store.kinds[order.id])
            assert -money.amount.as_tuple().exponent <= DECIMALS.get(money.currency_code, 2)
