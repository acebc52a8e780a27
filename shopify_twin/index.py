"""The search index over the store: rankings, kept while nothing changes, and the index's lag."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from . import search
from .connections import Ranking
from .search_fields import getter, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEPT_RANKINGS = 32
KEPT_CHANGES = 20


@dataclass(frozen=True)
class Question:
    """What a root connection asks.

    :param key: names the connection and the arguments that only it has.
    :param records: gives the records before the search.
    :param condition: the parsed search, see `search.parse`.
    :param table: legal search fields with their types.
    :param order: sort key and whether it is reversed.
    :param later: whether this is not the first page.
    :param lag: seconds by which the index is behind.
    """

    key: Any
    records: Callable[[], Sequence[Any]]
    condition: Any
    table: dict[str, str]
    order: tuple[str, bool]
    later: bool = False
    lag: float = 0


class SearchIndex:
    """Answers root connections; watches the store to know when an answer has aged."""

    def __init__(self, store: Any):
        self.store = store
        self.epoch = 0
        self._rankings: OrderedDict[Any, Ranking] = OrderedDict()
        self._changes: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        self._watch(store)

    def _watch(self, store: Any) -> None:
        for name in ('add', 'remove', 'touch'):
            setattr(store, name, self._counted(getattr(store, name), name == 'touch'))

    def _counted(self, method: Callable, touches: bool) -> Callable:
        def watched(record: Any, *args: Any, **kwargs: Any) -> Any:
            self.epoch += 1
            before = getattr(record, 'updated_at', None)
            result = method(record, *args, **kwargs)
            if touches:
                self._remember(record, before)
            return result

        return watched

    def _remember(self, record: Any, before: datetime | None) -> None:
        changes = self._changes[record.id]
        changes.append((self.store.clock.now(), before))
        del changes[:-KEPT_CHANGES]

    @property
    def zone(self) -> ZoneInfo:
        """The shop's zone, in which dates without an offset are read. [I]"""
        return ZoneInfo(self.store.shop.iana_timezone)

    def updated_at(self, lag: float) -> Callable[[Any], Any]:
        """Reads `updated_at` as the index knew it `lag` seconds ago."""
        if not lag:
            return lambda record: record.updated_at
        known = self.store.clock.now() - timedelta(seconds=lag)

        def read(record: Any) -> Any:
            for moment, before in self._changes.get(record.id, ()):
                if moment > known:
                    return before
            return record.updated_at

        return read

    def ranking(self, question: Question) -> Ranking:
        """The matching records in order.

        A later page is answered from the ranking of the first for as long as the store does not
        change.
        """
        key = (self.epoch, question.key, question.condition, question.order)
        reusable = question.later and not question.lag
        found = self._rankings.get(key) if reusable else None
        if found is None:
            found = self._ranked(question)
            self._keep(key, found)
        return found

    def _ranked(self, question: Question) -> Ranking:
        records = question.records()
        matching = self.matching(records, question.condition, question.table, question.lag)
        name, reverse = question.order
        key = sort_key(name, self.updated_at(question.lag), reverse=reverse)
        return Ranking(matching, key, reverse=reverse)

    def _keep(self, key: Any, ranking: Ranking) -> None:
        self._rankings[key] = ranking
        while len(self._rankings) > KEPT_RANKINGS:
            self._rankings.popitem(last=False)

    def matching(
        self, records: Sequence[Any], condition: Any, table: dict[str, str], lag: float = 0
    ) -> list[Any]:
        """The records that meet a condition, as the index knows them."""
        if lag:
            known = self.store.clock.now() - timedelta(seconds=lag)
            records = [r for r in records if getattr(r, 'created_at', known) <= known]
        if condition is None or not records:
            return list(records)
        find = getter(records[0].typename, self.updated_at(lag))
        return list(filter(search.compile_condition(condition, table, find, self.zone), records))
