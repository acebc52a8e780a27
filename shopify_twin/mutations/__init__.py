"""Mutations the twin understands; anything else is refused by name."""

from . import drafts, edits, fulfillments, orders, refunds, returns, terms, various
from .registry import MUTATIONS

__all__ = ['MUTATIONS']
