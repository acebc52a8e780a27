"""Mutations the twin understands; anything else is refused by name."""

from . import (
    b2b,
    deletions,
    drafts,
    edits,
    fulfillments,
    gift_cards,
    orders,
    refunds,
    returns,
    reverse,
    scheduling,
    service_requests,
    terms,
    tracking,
    various,
)
from .registry import MUTATIONS

__all__ = ['MUTATIONS']
