"""Money is ``Decimal`` from Shopify to the last step; a bag holds both currencies of an order."""

from dataclasses import dataclass
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
    """The same amount twice: in the currency of the store and in the one the buyer saw."""

    shop: Decimal
    presentment: Decimal
    shop_currency: str = ''
    presentment_currency: str = ''

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
        )


NO_MONEY = MoneyBag(ZERO, ZERO)


def total(bags):
    """Return the sum of money bags."""
    return sum(bags, start=NO_MONEY)
