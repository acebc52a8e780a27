"""Mutations the twin understands; anything else is refused by name."""

from . import (
    drafts,
    edits,
    fulfillments,
    giftcards,
    orders,
    refunds,
    requests,
    returns,
    scheduling,
    terms,
    various,
)
from .registry import MUTATIONS

__all__ = ['MUTATIONS']
