"""Amounts of a document line, decided from Shopify's own figures; pure and exact."""

from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, quantize, share

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What a line of a document must say so that it equals Shopify to the cent.

    ``unit_price`` may have more decimals than the currency; ``net`` and ``taxes`` (one per tax line
    of Shopify, same order) have the currency's.
    """

    quantity: int
    unit_price: Decimal
    discount: Decimal  # percent with two decimals, exact; 0 when folded into the unit price
    folded_discount: Decimal  # amount that is hidden in the unit price
    net: Decimal
    taxes: tuple

    @property
    def total(self):
        """Net and taxes together."""
        return self.net + sum(self.taxes, start=ZERO)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line as Shopify sold it: amounts for ``quantity`` units, all in one currency."""

    quantity: int
    unit_price: Decimal
    discount: Decimal = ZERO
    taxes: tuple = ()


def line_amounts(sold, quantity, taxes_included, digits):
    """Return the :class:`LineAmounts` for ``quantity`` of the units that were sold.

    Fewer than all units (an order edit took some off) get their part of discount and tax, rounded
    cumulatively, so that parts always add up.

    :param Sold sold: the line as sold.
    :param int quantity: units to bill, 0 … ``sold.quantity``.
    :param bool taxes_included: whether Shopify's prices contain the taxes.
    :param int digits: decimals of the currency.
    """
    discount = share(sold.discount, quantity, sold.quantity, digits)
    taxes = tuple(share(tax, quantity, sold.quantity, digits) for tax in sold.taxes)
    gross = sold.unit_price * quantity
    total = quantize(gross - discount, digits)
    net = total - sum(taxes, start=ZERO) if taxes_included else total
    percent = visible_percent(gross, total, digits)
    if percent is not None:
        return LineAmounts(quantity, sold.unit_price, percent, ZERO, net, taxes)
    return LineAmounts(quantity, total / quantity, ZERO, discount, net, taxes)


def visible_percent(gross, total, digits):
    """Return the discount in percent with the two decimals Odoo keeps, ``None`` when none is exact.

    3 × 10.00 less 10.00 is 20.00, but less 33.33 % is 20.001: shown as a percentage, a later
    invoice of one unit would be a cent off.
    """
    if not gross:
        return ZERO if not total else None
    percent = quantize(_HUNDRED * (gross - total) / gross, 2)
    exact = gross * (_HUNDRED - percent) / _HUNDRED
    return percent if exact == total or (not percent and quantize(exact, digits) == total) else None
