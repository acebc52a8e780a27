"""Pages of a connection: cursors, `pageInfo`, and the refusals of wrong paging arguments."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from .failures import FieldFailure

MAX_PAGE = 250


class Edge:
    """A node with its cursor."""

    typename = 'Edge'
    __slots__ = ('cursor', 'node')

    def __init__(self, node: Any, cursor: str):
        self.node = node
        self.cursor = cursor


class PageInfo:
    """Where a page stands in its list."""

    typename = 'PageInfo'
    __slots__ = ('end_cursor', 'has_next_page', 'has_previous_page', 'start_cursor')

    def __init__(self, before: bool, after: bool, start: str | None, end: str | None):
        self.has_previous_page = before
        self.has_next_page = after
        self.start_cursor = start
        self.end_cursor = end


class Page:
    """What a connection field gives; `cursor(node, index)` is called only where one is asked."""

    __slots__ = ('_after', '_before', '_cursor', '_start', 'nodes')

    def __init__(
        self,
        nodes: Sequence[Any],
        start: int,
        total: int,
        cursor: Callable[[Any, int], str],
    ):
        self.nodes = nodes
        self._start = start
        self._before = start > 0
        # [R] delivery-profiles-read.json, lastBeforeFirst: an empty page has nothing after it.
        self._after = bool(nodes) and start + len(nodes) < total
        self._cursor = cursor

    @property
    def edges(self) -> list[Edge]:
        """The nodes with their cursors."""
        return [Edge(n, self._cursor(n, self._start + i)) for i, n in enumerate(self.nodes)]

    @property
    def page_info(self) -> PageInfo:
        """The page's place in the whole list."""
        start = end = None
        if self.nodes:
            start = self._cursor(self.nodes[0], self._start)
            end = self._cursor(self.nodes[-1], self._start + len(self.nodes) - 1)
        return PageInfo(self._before, self._after, start, end)


def record_number(record: Any) -> int | None:
    """The number in a record's gid."""
    gid = getattr(record, 'id', None)
    if not isinstance(gid, str):
        return None
    tail = gid.rpartition('/')[2].partition('?')[0]
    return int(tail) if tail.isdigit() else None


def encode_cursor(last_id: Any, last_value: Any) -> str:
    """An opaque cursor: base64 of the last id and the last sort value. [R]"""
    document = {'last_id': last_id, 'last_value': last_value}
    return base64.b64encode(json.dumps(document, separators=(',', ':')).encode()).decode()


def decode_cursor(cursor: str) -> dict[str, Any]:
    """The contents of a cursor; raises FieldFailure "Malformed cursor". [R]"""
    try:
        document = json.loads(base64.b64decode(cursor, validate=True))
        return {'last_id': document['last_id'], 'last_value': document['last_value']}
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise FieldFailure('Malformed cursor', 'BAD_REQUEST') from None


def cursor_value(value: Any) -> Any:
    """A sort value as JSON carries it in a cursor. [R] shows dates with six decimals."""
    if isinstance(value, datetime):
        return value.isoformat(' ', 'microseconds')[:26]
    return float(value) if isinstance(value, Decimal) else value


def page_size(args: dict[str, Any]) -> int:
    """`first` or `last`, checked. Raises FieldFailure."""
    first, last = args.get('first'), args.get('last')
    if first is None and last is None:
        # [C] wording seen in public issue threads.
        raise FieldFailure('you must provide one of first or last', 'BAD_REQUEST')
    if first is not None and last is not None:
        # [I] wording.
        raise FieldFailure('providing both first and last is not supported', 'BAD_REQUEST')
    name, size = ('first', first) if first is not None else ('last', last)
    if size < 0:
        raise FieldFailure(f'{name} must be positive', 'BAD_REQUEST')  # [I] wording.
    if size > MAX_PAGE:
        # [D] at most 250; the wording is [I].
        raise FieldFailure(f'{name} cannot exceed {MAX_PAGE}', 'BAD_REQUEST')
    return size


def bounds(args: dict[str, Any], low: int, high: int) -> tuple[int, int]:
    """The slice a page takes out of the window between its cursors."""
    size = page_size(args)
    if args.get('first') is not None:
        return low, min(high, low + size)
    return max(low, high - size), high


def slice_list(values: Sequence[Any], args: dict[str, Any]) -> Page:
    """One page of a list that hangs on a record, in the list's own order."""
    if args.get('reverse'):
        values = values[::-1]
    low, high = 0, len(values)
    if args.get('after') is not None:
        low = _position(values, args['after']) + 1
    if args.get('before') is not None:
        high = _position(values, args['before'])
    start, end = bounds(args, low, max(low, high))
    return Page(values[start:end], start, len(values), _list_cursor)


def _list_cursor(node: Any, index: int) -> str:
    number = record_number(node)
    return encode_cursor(index if number is None else number, index)


def _position(values: Sequence[Any], cursor: str) -> int:
    wanted = decode_cursor(cursor)
    for index, value in enumerate(values):
        number = record_number(value)
        if (index if number is None else number) == wanted['last_id']:
            return index
    # The node of the cursor is gone: go on from where it stood.
    return int(wanted['last_value'])


class Ranking:
    """A sorted list of records with their sort keys, ready to be paged by value.

    Paging seeks by (sort value, id), not by offset: a record that changes while a client pages
    moves to its new place, and nothing else is skipped or repeated. [R] cursors carry both.
    """

    __slots__ = ('_keys', '_records', '_reverse')

    def __init__(self, records: Sequence[Any], key: Callable[[Any], Any], *, reverse: bool):
        keys = [(_comparable(key(record)), record_number(record) or 0) for record in records]
        order = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
        self._keys = [keys[index] for index in order]
        self._records = [records[index] for index in order]
        self._reverse = reverse

    def __len__(self) -> int:
        return len(self._records)

    def page(self, args: dict[str, Any]) -> Page:
        """The page that the paging arguments name."""
        low, high = 0, len(self._records)
        if args.get('after') is not None:
            low = self._seek(args['after'], after=True)
        if args.get('before') is not None:
            high = self._seek(args['before'], after=False)
        start, end = bounds(args, low, max(low, high))
        return Page(self._records[start:end], start, len(self._records), self._cursor)

    def _cursor(self, _node: Any, index: int) -> str:
        (present, value), number = self._keys[index]
        return encode_cursor(number, value if present else None)

    def _seek(self, cursor: str, *, after: bool) -> int:
        wanted = decode_cursor(cursor)
        key = (_comparable(wanted['last_value']), wanted['last_id'])
        try:
            return self._index(key, after=after)
        except TypeError:
            raise FieldFailure('Malformed cursor', 'BAD_REQUEST') from None

    def _index(self, key: Any, *, after: bool) -> int:
        if not self._reverse:
            return (bisect_right if after else bisect_left)(self._keys, key)
        mirrored = _Mirrored(self._keys)
        place = (bisect_left if after else bisect_right)(mirrored, key)
        return len(self._keys) - place


class _Mirrored(Sequence):
    """A descending list seen in ascending order."""

    def __init__(self, keys: list[Any]):
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, index: int) -> Any:
        return self._keys[len(self._keys) - 1 - index]


def _comparable(value: Any) -> tuple[int, Any]:
    """A sort value as cursors carry it; nothing comes first."""
    return (0, '') if value is None else (1, cursor_value(value))
