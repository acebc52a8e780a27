"""What Shopify says and accepts: pure Python, no Odoo, no database.

Only :mod:`client` talks to the network. Everything else turns answers into frozen dataclasses
(money as ``Decimal``, times as aware UTC ``datetime``, ids as Shopify's gids) or decides.
"""
