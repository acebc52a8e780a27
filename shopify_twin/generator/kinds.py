"""The table of kinds; the modules of kinds fill it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of order.

    :param weight: how often, relative to the others.
    :param plain: whether profile 'plain' has it: products, taxes, discounts, shipping, nothing
        else.
    """

    name: str
    weight: int
    plain: bool
    bend: Callable


KINDS: dict[str, Kind] = {}


def kind(weight, plain=False):
    """Register a function as a kind of its name."""

    def register(function):
        KINDS[function.__name__] = Kind(function.__name__, weight, plain, function)
        return function

    return register
