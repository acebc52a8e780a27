"""Compares a recorded answer with the twin's, field by field; knows what two shops cannot share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

GID = re.compile(r'gid://shopify/([A-Za-z]+)/([0-9A-Za-z-]+)(\?[^\s"]*)?')
MOMENT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)')
#: Numbers of orders and drafts (#1001, #D12), also as part of a fulfilment's or return's name.
NUMBERED = re.compile(r'#(D?)\d+')
#: The number of an id that stands alone, as in a search or a message.
TAIL = re.compile(r'(?<![/\d])\d{9,}\b')
#: Keys whose values two shops never share: they must be there or not be there alike.
OPAQUE = frozenset(
    {
        'confirmationNumber',
        'cursor',
        'endCursor',
        'giftCardCode',
        'invoiceUrl',
        'lastCharacters',
        'legacyResourceId',
        'maskedCode',
        'number',
        'paymentId',
        'startCursor',
        'statusPageUrl',
    }
)
ABSENT = '(absent)'


@dataclass(frozen=True)
class Difference:
    """One value that differs."""

    path: str
    recorded: Any
    ours: Any


@dataclass
class Names:
    """Which of the twin's ids, cursors and numbers stands for which recorded one."""

    ours: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)

    def bind(self, recorded: str, ours: str) -> bool:
        """Tell whether two values may stand for each other, and remember it when both are new."""
        if recorded not in self.ours and ours not in self.theirs:
            self.ours[recorded], self.theirs[ours] = ours, recorded
        return self.ours.get(recorded) == ours

    def translated(self, value: Any) -> Any:
        """Return a recorded request (document or variables) in the twin's ids and cursors."""
        if isinstance(value, dict):
            return {key: self.translated(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.translated(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text in self.ours:
            return self.ours[text]
        return renamed(text, self.ours)


def renamed(text: str, names: dict[str, str]) -> str:
    """Return a text with ids (whole or only their numbers) and order names replaced."""
    tails = {key.rpartition('/')[2]: value for key, value in names.items() if '://' in key}
    bare = {
        key.partition('?')[0]: value.partition('?')[0] for key, value in names.items() if '?' in key
    }
    text = GID.sub(lambda found: names.get(found[0]) or bare.get(found[0], found[0]), text)
    text = TAIL.sub(lambda found: tails.get(found[0], found[0]).rpartition('/')[2], text)
    return NUMBERED.sub(lambda found: names.get(found[0], found[0]), text)


class Comparison:
    """Compares one answer.

    :param names: bindings of the recording so far; new ones are added.
    :param request: text of the request: moments named in it must come back exactly.
    """

    def __init__(self, names: Names, request: str = ''):
        self.names = names
        self.request = request
        self.differences: list[Difference] = []

    def compare(self, recorded: Any, ours: Any, path: str = '', key: str = '') -> None:
        """Note every difference below `path`."""
        if isinstance(recorded, dict) and isinstance(ours, dict):
            self._objects(recorded, ours, path)
        elif isinstance(recorded, list) and isinstance(ours, list):
            self._lists(recorded, ours, path, key)
        elif not self._equal(recorded, ours, key):
            self.differences.append(Difference(path, recorded, ours))

    def _objects(self, recorded: dict[str, Any], ours: dict[str, Any], path: str) -> None:
        for key in dict.fromkeys([*recorded, *ours]):
            inner = f'{path}.{key}' if path else key
            self.compare(recorded.get(key, ABSENT), ours.get(key, ABSENT), inner, key)

    def _lists(self, recorded: list[Any], ours: list[Any], path: str, key: str) -> None:
        if len(recorded) != len(ours):
            sizes = f'{len(recorded)} entries', f'{len(ours)} entries'
            self.differences.append(Difference(path, *sizes))
        for index, (left, right) in enumerate(zip(recorded, ours, strict=False)):
            self.compare(left, right, f'{path}.{index}', key)

    def _equal(self, recorded: Any, ours: Any, key: str) -> bool:
        if ABSENT in (recorded, ours) or recorded is None or ours is None:
            return recorded is ours
        if key in OPAQUE:
            return (
                type(recorded) is type(ours)
                and bool(recorded) == bool(ours)
                and self._opaque(recorded, ours)
            )
        if isinstance(recorded, str) and isinstance(ours, str):
            return self._texts(recorded, ours)
        return recorded == ours and isinstance(recorded, bool) == isinstance(ours, bool)

    def _opaque(self, recorded: Any, ours: Any) -> bool:
        return self.names.bind(recorded, ours) if isinstance(recorded, str) and recorded else True

    def _texts(self, recorded: str, ours: str) -> bool:
        if MOMENT.fullmatch(recorded) and MOMENT.fullmatch(ours):
            given = recorded in self.request
            return recorded == ours if given else ('.' in recorded) == ('.' in ours)
        left, right = GID.fullmatch(recorded), GID.fullmatch(ours)
        if left and right:
            return left[1] == right[1] and left[3] == right[3] and self.names.bind(recorded, ours)
        if NUMBERED.fullmatch(recorded) and NUMBERED.fullmatch(ours):
            return self.names.bind(recorded, ours)
        return recorded == renamed(ours, self.names.theirs) or (
            NUMBERED.sub(r'#\1N', recorded) == NUMBERED.sub(r'#\1N', ours) != ours
        )
