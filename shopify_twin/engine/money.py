"""Money in two currencies: what the shop books and what the buyer saw.

Both sides of a bag are kept and rounded on their own, each to its currency's decimals: Shopify
answers
sums per side rather than converting the total ([R] order-create-math-matrix.json, case
presentmentMoney).
Rounding is half up [I].
"""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache

ZERO = Decimal(0)
ONE = Decimal(1)

#: Decimals of ISO 4217 that are not 2.
DECIMALS = {
    'BIF': 0,
    'CLP': 0,
    'DJF': 0,
    'GNF': 0,
    'ISK': 0,
    'JPY': 0,
    'KMF': 0,
    'KRW': 0,
    'PYG': 0,
    'RWF': 0,
    'UGX': 0,
    'VND': 0,
    'VUV': 0,
    'XAF': 0,
    'XOF': 0,
    'XPF': 0,
    'BHD': 3,
    'IQD': 3,
    'JOD': 3,
    'KWD': 3,
    'LYD': 3,
    'OMR': 3,
    'TND': 3,
}


@cache
def smallest_unit(currency):
    """Return the smallest amount of `currency`, e.g. Decimal('0.01')."""
    return ONE.scaleb(-DECIMALS.get(currency, 2))


def quantize(amount, currency):
    """Round `amount` half up to the decimals of `currency`."""
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP)


class MoneyV2:
    """An amount in one currency."""

    typename = 'MoneyV2'
    __slots__ = ('amount', 'currency_code')

    def __init__(self, amount, currency_code):
        self.amount = amount
        self.currency_code = currency_code

    def __eq__(self, other):
        return (self.amount, self.currency_code) == (other.amount, other.currency_code)

    def __hash__(self):
        return hash((self.amount, self.currency_code))

    def __repr__(self):
        return f"{self.amount} {self.currency_code}"


class MoneyBag:
    """One value in shop and presentment currency; supports +, -, and scaling by a number."""

    typename = 'MoneyBag'
    __slots__ = ('presentment', 'shop')

    def __init__(self, shop, presentment=None):
        self.shop = shop
        # One object for both sides is the mark of "one currency": arithmetic is then done once.
        self.presentment = shop if presentment is None or presentment == shop else presentment

    @property
    def shop_money(self):
        """The shop's side, under its GraphQL name."""
        return self.shop

    @property
    def presentment_money(self):
        """The buyer's side, under its GraphQL name."""
        return self.presentment

    def map(self, function):
        """Return a bag with `function(amount, currency)` applied to each side."""
        shop = MoneyV2(function(self.shop.amount, self.shop.currency_code), self.shop.currency_code)
        if self.presentment is self.shop:
            return MoneyBag(shop)
        side = self.presentment
        return MoneyBag(
            shop, MoneyV2(function(side.amount, side.currency_code), side.currency_code)
        )

    def combine(self, other, function):
        """Return a bag with `function(mine, theirs, currency)` applied to each side."""
        code = self.shop.currency_code
        shop = MoneyV2(function(self.shop.amount, other.shop.amount, code), code)
        if self.presentment is self.shop and other.presentment is other.shop:
            return MoneyBag(shop)
        code = self.presentment.currency_code
        amount = function(self.presentment.amount, other.presentment.amount, code)
        return MoneyBag(shop, MoneyV2(amount, code))

    def __add__(self, other):
        return self.combine(other, lambda mine, theirs, _currency: mine + theirs)

    def __sub__(self, other):
        return self.combine(other, lambda mine, theirs, _currency: mine - theirs)

    def __neg__(self):
        return self.map(lambda amount, _currency: -amount)

    def __mul__(self, factor):
        return self.map(lambda amount, currency: quantize(amount * factor, currency))

    def __truediv__(self, divisor):
        return self.map(lambda amount, currency: quantize(amount / divisor, currency))

    def __eq__(self, other):
        return self.shop == other.shop and self.presentment == other.presentment

    def __hash__(self):
        return hash((self.shop, self.presentment))

    def __bool__(self):
        return bool(self.shop.amount) or bool(self.presentment.amount)

    def __repr__(self):
        return (
            f"{self.shop}" if self.presentment is self.shop else f"{self.shop}|{self.presentment}"
        )

    @property
    def zero(self):
        """A bag of nothing in the same two currencies."""
        return self.map(lambda _amount, _currency: ZERO)

    def floor_zero(self):
        """Return this bag with negative sides replaced by zero."""
        return self.map(lambda amount, _currency: max(amount, ZERO))


def total(bags, zero):
    """Sum `bags`, starting from `zero` (which fixes the currencies)."""
    shop = zero.shop.amount
    presentment = zero.presentment.amount
    for bag in bags:
        shop += bag.shop.amount
        presentment += bag.presentment.amount
    side = MoneyV2(shop, zero.shop.currency_code)
    if zero.presentment is zero.shop:
        return MoneyBag(side)
    return MoneyBag(side, MoneyV2(presentment, zero.presentment.currency_code))


def allocate(amount, weights, currency):
    """Split `amount` over `weights` so that the parts add up exactly.

    Each part is rounded down; what is left goes, one smallest unit each, to the parts with the
    largest
    remainder, the earlier line first [I] (no recording shows an uneven split).
    """
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO for _weight in weights]
    unit = smallest_unit(currency)
    exact = [amount * weight / whole for weight in weights]
    parts = [value.quantize(unit, ROUND_FLOOR) for value in exact]
    left = int((amount - sum(parts, ZERO)) / unit)
    order = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in order[:left]:
        parts[index] += unit
    return parts


def allocate_bag(bag, weights):
    """Split a bag over bags: see `allocate`; each side on its own."""
    shop = allocate(
        bag.shop.amount, [weight.shop.amount for weight in weights], bag.shop.currency_code
    )
    code = bag.shop.currency_code
    if bag.presentment is bag.shop:
        return [MoneyBag(MoneyV2(amount, code)) for amount in shop]
    side = bag.presentment.currency_code
    other = allocate(
        bag.presentment.amount, [weight.presentment.amount for weight in weights], side
    )
    return [
        MoneyBag(MoneyV2(mine, code), MoneyV2(theirs, side))
        for mine, theirs in zip(shop, other, strict=True)
    ]


def share(bag, before, after, whole):
    """Return the part of `bag` that units `before`..`after` of `whole` carry.

    Cumulative rounding, so that refunding units one by one adds up to the bag to the cent [I].
    """
    if not whole:
        return bag.zero
    return bag.map(
        lambda amount, currency: (
            quantize(amount * after / whole, currency) - quantize(amount * before / whole, currency)
        )
    )


class Rates:
    """Makes bags for one order: shop currency, presentment currency and the rate between them."""

    __slots__ = ('currency', 'presentment_currency', 'rate', 'zero')

    def __init__(self, currency, presentment_currency=None, rate=ONE):
        self.currency = currency
        self.presentment_currency = presentment_currency or currency
        self.rate = Decimal(rate)
        self.zero = self.bag(ZERO)

    def bag(self, amount):
        """Return the bag of a shop-currency `amount`, the buyer's side converted and rounded."""
        shop = MoneyV2(quantize(Decimal(amount), self.currency), self.currency)
        if self.presentment_currency == self.currency:
            return MoneyBag(shop)
        other = quantize(shop.amount * self.rate, self.presentment_currency)
        return MoneyBag(shop, MoneyV2(other, self.presentment_currency))

    def of_input(self, money_bag_input):
        """Return the bag of a ``MoneyBagInput``; a missing presentment side is the converted shop
        side.
        """
        shop = money_bag_input['shopMoney']
        amount = Decimal(str(shop['amount']))
        theirs = money_bag_input.get('presentmentMoney')
        if theirs is None or self.presentment_currency == self.currency:
            return self.bag(amount)
        side = MoneyV2(Decimal(str(theirs['amount'])), self.presentment_currency)
        return MoneyBag(MoneyV2(amount, self.currency), side)
