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
    """A line as Shopify sold it: amounts for ``quantity`` units, all in one currency.

    ``removed_tax`` is what Shopify says that the units taken off by an edit were taxed with.
    """

    quantity: int
    unit_price: Decimal
    discount: Decimal = ZERO
    taxes: tuple = ()
    removed_tax: Decimal | None = None


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
    taxes = _remaining_taxes(sold, quantity, digits)
    gross = sold.unit_price * quantity
    total = quantize(gross - discount, digits)
    net = total - sum(taxes, start=ZERO) if taxes_included else total
    percent = visible_percent(gross, total, digits)
    if percent is not None:
        return LineAmounts(quantity, sold.unit_price, percent, ZERO, net, taxes)
    return LineAmounts(quantity, total / quantity, ZERO, discount, net, taxes)


def _remaining_taxes(sold, quantity, digits):
    """Return the taxes on the units that are left; together what Shopify left of them.

    Shopify rounds the tax of the units it takes off, not of those that stay: the cent between the
    two belongs to the largest tax.
    """
    taxes = [share(tax, quantity, sold.quantity, digits) for tax in sold.taxes]
    if taxes and sold.removed_tax is not None and quantity != sold.quantity:
        left = sum(sold.taxes, start=ZERO) - sold.removed_tax
        largest = max(range(len(taxes)), key=lambda index: taxes[index])
        taxes[largest] += left - sum(taxes, start=ZERO)
    return tuple(taxes)


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
