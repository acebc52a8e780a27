"""Shopify's global ids, kept as text exactly as given: ``gid://shopify/Order/123``."""

import re

_GID = re.compile(r'^gid://shopify/(?P<type>[A-Za-z]+)/(?P<id>[^/?]+)(?:\?.*)?$')


def build(typename, number):
    """Return the gid of a Shopify object from its type and its number."""
    return f'gid://shopify/{typename}/{number}'


def number(gid):
    """Return the part of a gid that Shopify's admin pages and webhooks use.

    :raise ValueError: when the text is not a gid.
    """
    match = _GID.match(gid or '')
    if not match:
        msg = f"{gid!r} is not a Shopify id"
        raise ValueError(msg)
    return match['id']


def from_text(typename, text):
    """Return a gid from what a person may paste: a gid, a number, or an address of the admin."""
    last = (text or '').strip().rstrip('/').split('/')[-1].split('?')[0]
    return build(typename, last) if last.isdigit() else None
