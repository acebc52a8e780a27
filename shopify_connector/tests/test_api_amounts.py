"""Amounts of document lines: pure, exact."""

import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ..shopify_api.amounts import Sold, line_amounts
from ..shopify_api.errors import ShopifyRequestError
from ..shopify_api.money import MoneyBag, decimal, share

cents = st.integers(0, 10_000_00).map(lambda n: Decimal(n).scaleb(-2))


class TestLineAmounts(unittest.TestCase):
    def test_a_discount_that_no_percentage_meets_is_folded_into_the_price(self):
        """M-01: 3 × 10.00 less 10.00 is 20.00, not 3 × 6.67."""
        amounts = line_amounts(Sold(3, Decimal('10.00'), Decimal('10.00')), 3, False, 2)
        self.assertEqual(amounts.net, Decimal('20.00'))
        self.assertEqual(amounts.discount, 0)
        self.assertEqual(amounts.folded_discount, Decimal('10.00'))
        self.assertEqual(round(amounts.unit_price * 3, 2), Decimal('20.00'))

    def test_an_exact_percentage_stays_visible(self):
        """M-01: 2 × 50.00 less 10.00 is shown as 10 %."""
        amounts = line_amounts(Sold(2, Decimal('50.00'), Decimal('10.00')), 2, False, 2)
        self.assertEqual(
            (amounts.unit_price, amounts.discount), (Decimal('50.00'), Decimal('10.00'))
        )

    def test_included_taxes_are_taken_out_of_the_net(self):
        """M-01: a price of 119.00 with 19.00 of tax in it is 100.00 net."""
        amounts = line_amounts(Sold(1, Decimal('119.00'), taxes=(Decimal('19.00'),)), 1, True, 2)
        self.assertEqual((amounts.net, amounts.total), (Decimal('100.00'), Decimal('119.00')))

    def test_units_that_an_edit_took_off_take_their_part_along(self):
        """R-91: one of three units is gone, with a third of discount and tax."""
        sold = Sold(3, Decimal('10.00'), Decimal('1.00'), (Decimal('2.61'),))
        amounts = line_amounts(sold, 2, False, 2)
        self.assertEqual((amounts.net, amounts.taxes), (Decimal('19.33'), (Decimal('1.74'),)))

    @given(cents, st.integers(1, 40), st.integers(0, 100), st.lists(cents, max_size=3))
    def test_the_line_always_adds_up(self, price, quantity, percent, taxes):
        """M-01: whatever the discount, price × quantity less discount meets the net to the cent."""
        discount = round(price * quantity * percent / 100, 2)
        sold = Sold(quantity, price, discount, tuple(taxes))
        amounts = line_amounts(sold, quantity, False, 2)
        shown = amounts.unit_price * quantity * (100 - amounts.discount) / 100
        self.assertEqual(round(shown, 2), price * quantity - discount)
        self.assertEqual(amounts.net, price * quantity - discount)
        self.assertEqual(amounts.total, amounts.net + sum(taxes))

    @given(cents, st.integers(1, 30))
    def test_shares_of_an_amount_add_up_to_it(self, amount, units):
        """M-01: parts are rounded cumulatively, so that nothing is lost."""
        parts = [share(amount, n + 1, units, 2) - share(amount, n, units, 2) for n in range(units)]
        self.assertEqual(sum(parts), amount)

    def test_amounts_are_read_whatever_their_number_of_decimals(self):
        """M-01: Shopify sends "12.5", "0.0" and "10.00"."""
        self.assertEqual(decimal('12.5'), Decimal('12.50'))
        side = {'amount': '0.0', 'currencyCode': 'JPY'}
        self.assertEqual(MoneyBag.from_json({'shopMoney': side}).presentment, 0)

    def test_an_amount_that_is_none_is_refused(self):
        """Bad input: never a silent zero."""
        for text in ('', 'NaN', 'twelve', None, 'Infinity'):
            with self.assertRaises(ShopifyRequestError):
                decimal(text)
