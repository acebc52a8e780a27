"""Mutations the twin understands; anything else is refused by name."""

from .registry import MUTATIONS

__all__ = ['MUTATIONS']
