"""The rules about imports fire where they should, and only there."""

import pytest

from dev import lint_imports
from dev.common import REPO

AGAINST = [
    ('shopify_connector/shopify_api/money.py', 'from odoo.exceptions import UserError'),
    ('shopify_connector/shopify_api/money.py', 'import requests'),
    ('shopify_connector/shopify_api/money.py', 'from ..models import shopify_shop'),
    ('shopify_connector/shopify_api/money.py', 'def late():\n    from .. import exceptions'),
    ('shopify_connector/models/sale_order.py', 'import requests'),
    (
        'shopify_connector/models/sale_order.py',
        'from ..wizards.shopify_connect import ShopifyConnect',
    ),
    (
        'shopify_connector/models/sale_order.py',
        'from odoo.addons.shopify_connector import controllers',
    ),
    ('shopify_connector/models/sale_order.py', 'from shopify_twin import Twin'),
    ('shopify_connector/wizards/shopify_connect.py', 'from ..controllers import webhook'),
    ('shopify_connector/controllers/webhook.py', 'from ..wizards import shopify_connect'),
    ('shopify_twin/engine/order.py', 'from shopify_connector.shopify_api import money'),
    ('shopify_twin/engine/order.py', 'import odoo.tools'),
]
ALLOWED = [
    ('shopify_connector/shopify_api/client.py', 'import requests'),
    ('shopify_connector/models/sale_order.py', 'from ..shopify_api import money'),
    ('shopify_connector/models/sale_order.py', 'from odoo import models'),
    ('shopify_connector/wizards/shopify_connect.py', 'from ..models import shopify_shop'),
    ('shopify_connector/tests/test_shop.py', 'from shopify_twin import Twin'),
    ('shopify_twin/engine/order.py', 'from .money import MoneyBag'),
    ('shopify_twin/engine/order.py', 'import odoometer'),
]


def _check(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return lint_imports.check(tmp_path)


@pytest.mark.parametrize(('name', 'text'), AGAINST)
def test_an_import_against_the_arrow_is_named(tmp_path, name, text):
    """Issue 2, section 4: the direction of imports is checked."""
    found = _check(tmp_path, name, text)
    assert len(found) == 1, found
    assert found[0].startswith(f'{name}:')


@pytest.mark.parametrize(('name', 'text'), ALLOWED)
def test_an_import_along_the_arrow_passes(tmp_path, name, text):
    """Issue 2, section 4: the check does not stand in the way."""
    assert _check(tmp_path, name, text) == []


def test_every_rule_names_a_place_that_exists():
    """A rule about a directory that was renamed would pass for ever."""
    for rule in lint_imports.RULES:
        for place in (rule.where, *rule.waived):
            assert (REPO / place).exists(), place
