"""Exact comparison of what people type in many ways: phones, addresses; pure."""

import re

import phonenumbers

_SPACE = re.compile(r'\s+')
_NO_SIGN = re.compile(r'[^0-9A-Z]')


def e164(number, country_code=''):
    """Return a phone number in E.164 form, ``''`` when it is not a possible number.

    :param str country_code: ISO code of the country whose way of writing is assumed when the
        number has no international prefix.
    """
    try:
        parsed = phonenumbers.parse(number or '', (country_code or '').upper() or None)
    except phonenumbers.NumberParseException:
        return ''
    if not phonenumbers.is_possible_number(parsed):
        return ''
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def folded(text):
    """Return text without differences of case and white space."""
    return _SPACE.sub(' ', text or '').strip().casefold()


def vat_key(text):
    """Return a tax number without spaces, dots and dashes, in capitals."""
    return _NO_SIGN.sub('', (text or '').upper())


def address_key(*parts):
    """Return what makes two postal addresses the same.

    :param parts: name, street, second street line, zip, city, country code.
    """
    return tuple(folded(part) for part in parts)
