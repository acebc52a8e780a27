"""Money is ``Decimal`` from Shopify to the last step; a bag holds both currencies of an order."""

from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from .errors import ShopifyRequestError

ZERO = Decimal(0)


def decimal(text):
    """Return the ``Decimal`` of an amount as Shopify sends it ("12.5", without fixed places).

    :raise ShopifyRequestError: when the text is not a finite number.
    """
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        msg = f"Shopify sent {text!r} where an amount was expected."
        raise ShopifyRequestError(msg, code='bad_amount')
    return value


def quantize(amount, digits):
    """Return the amount rounded half up to ``digits`` decimals, as Shopify rounds money."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def to_decimal(amount, digits=None):
    """Return the exact ``Decimal`` of an amount that a database or Odoo keeps as a float.

    :param int digits: decimals to round to; ``None`` takes the shortest decimal of the float.
    """
    value = Decimal(repr(float(amount)))
    return value if digits is None else quantize(value, digits)


def share(amount, part, whole, digits):
    """Return what falls on the first ``part`` of ``whole`` units, rounded to ``digits``.

    Cumulative by design: the share of units 2..3 is ``share(3) - share(1)``, so that all shares of
    an amount always add up to it.
    """
    if not whole:
        return ZERO
    return amount if part == whole else quantize(amount * part / whole, digits)


@dataclass(frozen=True, slots=True)
class MoneyBag:
    """The same amount twice: in the currency of the store and in the one the buyer saw.

    Documents are made of ``amount``, which is one of the two: the store's, unless the order was
    read in the currency of the buyer (``Order.in_buyer_currency``), all of it at once.
    """

    shop: Decimal
    presentment: Decimal
    shop_currency: str = ''
    presentment_currency: str = ''
    is_presented: bool = False

    @property
    def amount(self):
        """The amount that documents are made of."""
        return self.presentment if self.is_presented else self.shop

    @property
    def currency(self):
        """The code of the currency of :attr:`amount`."""
        return self.presentment_currency if self.is_presented else self.shop_currency

    @classmethod
    def from_json(cls, bag):
        """Read a ``MoneyBag``; one that was not sent (``null``) is no money at all."""
        if bag is None:
            return NO_MONEY
        shop = bag['shopMoney']
        presentment = bag.get('presentmentMoney') or shop
        return cls(
            decimal(shop['amount']),
            decimal(presentment['amount']),
            shop['currencyCode'],
            presentment['currencyCode'],
        )

    def __add__(self, other):
        return MoneyBag(
            self.shop + other.shop,
            self.presentment + other.presentment,
            self.shop_currency or other.shop_currency,
            self.presentment_currency or other.presentment_currency,
            # What a sum starts from, NO_MONEY, was read in no currency.
            self.is_presented or other.is_presented,
        )

    def __sub__(self, other):
        return self + replace(other, shop=-other.shop, presentment=-other.presentment)

    def __bool__(self):
        return bool(self.shop or self.presentment)


NO_MONEY = MoneyBag(ZERO, ZERO)


def total(bags):
    """Return the sum of money bags."""
    return sum(bags, start=NO_MONEY)


def presented(value):
    """Return a frozen dataclass whose money bags, however deep, say the amount of the buyer.

    All of them by construction: a field that is added later cannot be forgotten.
    """
    if isinstance(value, MoneyBag):
        return replace(value, is_presented=True)
    if isinstance(value, tuple):
        return tuple(presented(item) for item in value)
    if is_dataclass(value):
        return replace(value, **{f.name: presented(getattr(value, f.name)) for f in fields(value)})
    return value
