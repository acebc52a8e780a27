"""Shopify's search syntax: parsing, the warnings about wrong fields, and matching records. [D][R]

An unknown field is dropped and the rest applies; only `extensions.search` tells. [R]
draft-orders-search-sort-staged.json, gift-card-lifecycle.json
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

Predicate = Callable[[Any], bool]
_TOKEN = re.compile(r'[^\W_]+')
_BARE_END = frozenset(' \t\n\r()')
INVALID_FIELD = {'message': 'Invalid search field for this query.', 'code': 'invalid_field'}
MISSING_FIELD = {
    'message': 'Input must use named search fields in this query.',
    'code': 'missing_named_field',
}


@dataclass(frozen=True)
class Term:
    """`field:value` with its comparator ('', '<', '<=', '>', '>=') and kind of value."""

    field: str
    value: str
    comparator: str = ''
    quoted: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class Group:
    """Several conditions joined by 'and' or 'or', or one under 'not'."""

    kind: str
    items: tuple[Any, ...]


class _Parser:
    def __init__(self, text: str):
        self.text = text
        self.at = 0

    def parse(self) -> Any:
        """The condition of the whole text, None for an empty one."""
        found = self._either()
        while self.at < len(self.text):  # A stray closing parenthesis is skipped. [I]
            self.at += 1
            found = _join('and', found, self._either())
        return found

    def _either(self) -> Any:
        left = self._all()
        while self._keyword('OR'):
            left = _join('or', left, self._all())
        return left

    def _all(self) -> Any:
        left = self._one()
        while True:
            if self._keyword('AND'):
                # [R] an explicit AND shows its right side first in `parsed`.
                left = _join('and', self._one(), left)
            elif self._at_end() or self.text[self.at] == ')' or self._keyword('OR', peek=True):
                return left
            else:
                left = _join('and', left, self._one())

    def _one(self) -> Any:
        if self._at_end() or self.text[self.at] == ')':
            return None
        if self._keyword('NOT') or self._take('-'):
            inner = self._one()
            return Group('not', (inner,)) if inner else None
        if self._take('('):
            inner = self._either()
            self._skip()
            self._take(')')
            return inner
        return self._term()

    def _term(self) -> Term | None:
        field = self._field()
        if field is None:
            word, quoted = self._value()
            return self._finished('default', '', word, quoted) if word or quoted else None
        comparator = ''
        for candidate in ('<=', '>=', '<', '>'):
            if self.text.startswith(candidate, self.at):
                comparator, self.at = candidate, self.at + len(candidate)
                break
        word, quoted = self._value()
        return self._finished(field, comparator, word, quoted)

    def _finished(self, field: str, comparator: str, word: str, quoted: bool) -> Term:
        # [R] an unquoted value ends at a colon; what follows is read as a term of its own.
        self._take(':')
        prefix = not quoted and len(word) > 1 and word.endswith('*')
        return Term(field, word[:-1] if prefix else word, comparator, quoted, prefix)

    def _field(self) -> str | None:
        match = re.compile(r'[\w.\-]+(?=:)').match(self.text, self.at)
        if not match:
            return None
        self.at = match.end() + 1
        return match.group()

    def _value(self) -> tuple[str, bool]:
        if self.at < len(self.text) and self.text[self.at] in '\'"':
            return self._quoted(self.text[self.at]), True
        out = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == '\\' and self.at + 1 < len(self.text):
                self.at += 1
                char = self.text[self.at]
            elif char in _BARE_END or char == ':':
                break
            out.append(char)
            self.at += 1
        return ''.join(out), False

    def _quoted(self, quote: str) -> str:
        out = []
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != quote:
            if self.text[self.at] == '\\' and self.at + 1 < len(self.text):
                self.at += 1
            out.append(self.text[self.at])
            self.at += 1
        self.at += 1
        return ''.join(out)

    def _keyword(self, word: str, *, peek: bool = False) -> bool:
        self._skip()
        end = self.at + len(word)
        if self.text[self.at : end] != word or self.text[end : end + 1] not in (' ', '(', '\n'):
            return False
        if not peek:
            self.at = end
        return True

    def _take(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _at_end(self) -> bool:
        self._skip()
        return self.at >= len(self.text)


def _join(kind: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return left if right is None else right
    items: list[Any] = []
    for part in (left, right):
        items.extend(part.items if isinstance(part, Group) and part.kind == kind else [part])
    return Group(kind, tuple(items))


def parse(text: str) -> Any:
    """The condition a search text states: Term, Group or None."""
    return _Parser(text).parse()


def terms(condition: Any) -> list[Term]:
    """All terms of a condition, in order."""
    if condition is None:
        return []
    if isinstance(condition, Term):
        return [condition]
    return [term for item in condition.items for term in terms(item)]


def legal(field: str, table: dict[str, str]) -> bool:
    """Whether the schema's table allows a field; `metafields.…` stands for a family."""
    return field in table or (
        field.startswith('metafields.') and 'metafields.{namespace}.{key}' in table
    )


def warnings(condition: Any, table: dict[str, str]) -> list[dict[str, str]]:
    """What `extensions.search` complains about. [R]"""
    out = []
    for term in terms(condition):
        if not legal(term.field, table):
            text = MISSING_FIELD if term.field == 'default' else INVALID_FIELD
            out.append({'field': term.field, **text})
    return out


def described(condition: Any, table: dict[str, str], zone: tzinfo) -> dict[str, Any]:
    """The condition as `extensions.search[].parsed` shows it. [R]"""
    if isinstance(condition, Term):
        return _described_term(condition, table.get(condition.field), zone)
    items = [described(item, table, zone) for item in condition.items]
    return {condition.kind: items[0] if condition.kind == 'not' else items}


def _described_term(term: Term, type_: str | None, zone: tzinfo) -> dict[str, Any]:
    if term.comparator:
        value = term.value
        if type_ == 'time':
            moment = parse_time(term.value, zone)
            value = moment.isoformat() if moment else value
        # [R] shows `<` as range_lte; `>` likewise by symmetry [I].
        return {'field': term.field, f"range_{'l' if '<' in term.comparator else 'g'}te": value}
    how = 'match_phrase' if term.quoted else 'match_prefix' if term.prefix else 'match_all'
    return {'field': term.field, how: term.value}


# --- matching -------------------------------------------------------------------------------


def compile_condition(
    condition: Any, table: dict[str, str], getter: Callable[[str], Any], zone: tzinfo
) -> Predicate:
    """A function that tells whether a record meets a condition.

    `getter(field)` gives a function record → value or list of values, or an object with
    `matches(term, record)` for fields with meanings of their own. Illegal fields are dropped.
    """
    made = _compile(condition, table, getter, zone)
    return made or (lambda _record: True)


def _compile(condition: Any, table: dict, getter: Callable, zone: tzinfo) -> Predicate | None:
    if condition is None:
        return None
    if isinstance(condition, Term):
        if not legal(condition.field, table):
            return None
        return _term_predicate(condition, table.get(condition.field, 'string'), getter, zone)
    parts = [_compile(item, table, getter, zone) for item in condition.items]
    return _combined(condition.kind, [part for part in parts if part])


def _combined(kind: str, parts: list[Predicate]) -> Predicate | None:
    if not parts:
        return None
    if kind == 'not':
        return lambda record: not parts[0](record)
    if kind == 'or':
        return lambda record: any(part(record) for part in parts)
    return lambda record: all(part(record) for part in parts)


def _term_predicate(term: Term, type_: str, getter: Callable, zone: tzinfo) -> Predicate:
    read = getter(term.field)
    special = getattr(read, 'matches', None)
    if special:
        return lambda record: special(term, record)
    if not term.quoted and term.value == '*':  # [D] `field:*` asks that there be a value.
        return lambda record: bool(_values(read(record)))
    test = _tester(term, type_, zone)

    def matches(record: Any) -> bool:
        value = read(record)
        if isinstance(value, (list, tuple, set)):
            return any(test(item) for item in value if item is not None)
        return value is not None and test(value)

    return matches


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _tester(term: Term, type_: str, zone: tzinfo) -> Predicate:
    if type_ == 'time':
        return _time_test(term, zone)
    if type_ == 'boolean':
        wanted = term.value.lower() == 'true'
        return lambda value: bool(value) is wanted
    if type_ == 'date':
        # [R] gift-card-lifecycle.json; days written alike compare as text.
        return lambda value: compare(term.comparator, str(value)[:10], term.value[:10])
    read = _NUMBERS.get(type_)
    return _number_test(term, read) if read else text_test(term)


def text_test(term: Term) -> Predicate:
    """Case-insensitive matching by words; a quoted text asks for its words side by side. [D]"""
    wanted = _TOKEN.findall(term.value.lower())
    if term.prefix:
        last = wanted[-1] if wanted else ''
        return lambda value: any(
            word.startswith(last) for word in _TOKEN.findall(str(value).lower())
        )
    if term.quoted:
        phrase = ' '.join(wanted)
        return lambda value: f' {phrase} ' in f" {' '.join(_TOKEN.findall(str(value).lower()))} "
    return lambda value: set(wanted) <= set(_TOKEN.findall(str(value).lower()))


def _id_number(value: Any) -> Decimal | None:
    return _decimal(str(value).rpartition('/')[2].partition('?')[0])


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


_NUMBERS: dict[str, Callable[[Any], Decimal | None]] = {
    'id': _id_number,
    'float': _decimal,
    'integer': _decimal,
    'bigdecimal': _decimal,
}


def _number_test(term: Term, read: Callable[[Any], Decimal | None]) -> Predicate:
    wanted = read(term.value)
    if wanted is None:
        return lambda _value: False

    def test(value: Any) -> bool:
        number = read(value)
        return number is not None and compare(term.comparator, number, wanted)

    return test


def compare(comparator: str, left: Any, right: Any) -> bool:
    """`left comparator right`; no comparator means equal."""
    if not comparator:
        return left == right
    if left == right:
        return comparator.endswith('=')
    return (left < right) == comparator.startswith('<')


def _time_test(term: Term, zone: tzinfo) -> Predicate:
    wanted = parse_time(term.value, zone)
    if wanted is None:
        return lambda _value: False
    wanted = wanted.astimezone(UTC)
    if not term.comparator and len(term.value) <= 10:
        end = wanted + timedelta(days=1)  # A bare date names the whole day. [I]
        return lambda value: wanted <= value < end
    comparator = term.comparator
    if comparator == '>=':
        return lambda value: value >= wanted
    return lambda value: compare(comparator, value, wanted)


def parse_time(text: str, zone: tzinfo) -> datetime | None:
    """A point in time; without an offset it is read in the shop's zone. [I]"""
    if text == 'now':
        return datetime.now(UTC)
    padded = f'{text}-01-01'[:10] if re.fullmatch(r'\d{4}', text) else text
    padded = padded + ':00' if re.search(r'T\d\d$', padded) else padded
    try:
        moment = datetime.fromisoformat(padded.replace('Z', '+00:00'))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
