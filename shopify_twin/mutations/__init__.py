"""Mutations the twin understands; anything else is refused by name."""

from . import drafts, edits, fulfillments, orders, refunds, returns, scheduling, terms, various
from .registry import MUTATIONS

__all__ = ['MUTATIONS']
