"""The search index over the store: rankings, kept while nothing changes, and the index's lag."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from . import search
from .connections import Ranking
from .search_fields import getter, sort_key

KEPT_RANKINGS = 32
KEPT_CHANGES = 20


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

    def ranking(
        self,
        records: Callable[[], Sequence[Any]],
        condition: Any,
        table: dict[str, str],
        order: tuple[str, bool],
        key: Any,
        later: bool,
        lag: float,
    ) -> Ranking:
        """The matching records in order.

        `key` names the question; a later page of it is answered from the same ranking for as long as
        the store does not change.
        """
        fresh = (self.epoch, key, condition, order)
        found = self._rankings.get(fresh) if later and not lag else None
        if found is None:
            matching = self.matching(records(), condition, table, lag)
            name, reverse = order
            found = Ranking(matching, sort_key(name, self.updated_at(lag)), reverse=reverse)
            self._keep(fresh, found)
        return found

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
        return list(
            filter(search.compile_condition(condition, table, find, self.zone), records)
        )
