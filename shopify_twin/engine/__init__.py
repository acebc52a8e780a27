"""The order engine: typed records, derived totals, and the verbs that change them.

Each rule names its source: [R] a recording of the real API, [S] the schema's own descriptions, [D]
the vendor's
documentation, [C] code of others, [I] inference, to be checked on a real store.
"""

from .errors import NotModelled, TwinError, UserError
from .furnish import new_store
from .money import MoneyBag, MoneyV2
from .store import Store

__all__ = ['MoneyBag', 'MoneyV2', 'NotModelled', 'Store', 'TwinError', 'UserError', 'new_store']
