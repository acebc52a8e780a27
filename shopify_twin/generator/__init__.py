"""Makes thousands of varied, consistent orders from a seed.

Each order is of one *kind*; a kind is a small function that bends an ordinary `Sketch` and may add
things that happen later (payment, shipping, refunds). Equal seed, count and profile give equal
orders, gids and times included.
"""

from .kinds import KINDS, Kind
from .run import PROFILES, UNTIL, big_order, catalog, generate, many_shipping, many_transactions

__all__ = [
    'KINDS',
    'PROFILES',
    'UNTIL',
    'Kind',
    'big_order',
    'catalog',
    'generate',
    'many_shipping',
    'many_transactions',
]
