"""Exact comparison of phones, addresses, gids and search terms: pure."""

import unittest

from ..shopify_api import gid
from ..shopify_api.matching import address_key, e164
from ..shopify_api.order import highest_risk, moment
from ..shopify_api.scopes import missing_scopes


class TestMatching(unittest.TestCase):
    def test_one_phone_written_in_five_ways(self):
        """R-79: phones are compared in E.164 form."""
        for text in (
            '+1 217-555-0123',
            '(217) 555-0123',
            '217.555.0123',
            '12175550123',
            '+12175550123',
        ):
            self.assertEqual(e164(text, 'US'), '+12175550123', text)

    def test_what_is_no_phone_matches_nobody(self):
        """R-79: two customers whose "phone" is n/a are not the same."""
        for text in ('n/a', '', None, '0', '12'):
            self.assertEqual(e164(text, 'US'), '')

    def test_addresses_differ_by_content_not_by_typing(self):
        """R-79: case and white space are no difference, a number is."""
        same = address_key("Ada ", "12  High St", None, '1', "Bonn", 'DE')
        self.assertEqual(same, address_key("ada", "12 high st", '', '1', "BONN", 'de'))
        self.assertNotEqual(same, address_key("ada", "13 high st", '', '1', "Bonn", 'DE'))

    def test_gids_are_read_and_built(self):
        """Ids are text exactly as given; a user may paste a number or an address."""
        self.assertEqual(gid.number('gid://shopify/Order/12?x=1'), '12')
        url = 'https://admin.shopify.com/store/x/orders/12?a=b'
        self.assertEqual(gid.from_text('Order', url), 'gid://shopify/Order/12')
        with self.assertRaises(ValueError):
            gid.number('12')

    def test_an_unknown_risk_level_is_as_grave_as_high(self):
        """R-43: Shopify's enums grow; what we do not know is not harmless."""
        self.assertEqual(highest_risk(['LOW', 'HIGH', 'MEDIUM']), 'HIGH')
        self.assertEqual(highest_risk(['HIGH', 'EXTREME']), 'EXTREME')
        self.assertEqual(highest_risk([]), '')

    def test_times_are_aware_and_utc(self):
        """R-27: an offset is converted, nothing is guessed."""
        self.assertEqual(
            moment('2026-11-01T02:00:00+02:00').isoformat(), '2026-11-01T00:00:00+00:00'
        )
        self.assertIsNone(moment(None))

    def test_write_scopes_include_read_scopes(self):
        """R-36: `write_orders` grants `read_orders`."""
        self.assertEqual(
            missing_scopes(['write_orders'], ['read_orders', 'read_products']), ['read_products']
        )
