"""A local Shopify: real documents on the real schema over a small order engine."""

from .twin import Twin

__all__ = ['Twin']
