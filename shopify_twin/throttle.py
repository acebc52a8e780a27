"""The bucket of points: filled at a steady rate, emptied by requests. [D][R]"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAXIMUM = 2000
RESTORE_RATE = 100
MAX_QUERY_COST = 1000


class Bucket:
    """One app's points on one shop; `clock` gives seconds and may be a test's."""

    def __init__(
        self,
        maximum: float = MAXIMUM,
        restore_rate: float = RESTORE_RATE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.maximum = maximum
        self.restore_rate = restore_rate
        self.clock = clock
        self._available = float(maximum)
        self._at = clock()
        self._lock = threading.Lock()

    @property
    def available(self) -> float:
        """Points in the bucket now."""
        with self._lock:
            return self._refill()

    def take(self, points: float) -> bool:
        """Take points for a request; False, and nothing taken, when there are too few."""
        with self._lock:
            if self._refill() < points:
                return False
            self._available -= points
            return True

    def give_back(self, points: float) -> None:
        """Return what a request did not use (a negative number takes more)."""
        with self._lock:
            self._available = min(self.maximum, self._refill() + points)

    def drain(self, left: float = 0) -> None:
        """Leave only `left` points, as another client of the same app would."""
        with self._lock:
            self._refill()
            self._available = float(left)

    def status(self) -> dict[str, Any]:
        """`throttleStatus` of an answer."""
        return {
            'maximumAvailable': self.maximum,
            'currentlyAvailable': int(self.available),
            'restoreRate': self.restore_rate,
        }

    def _refill(self) -> float:
        now = self.clock()
        grown = self._available + (now - self._at) * self.restore_rate
        self._available, self._at = min(self.maximum, grown), now
        return self._available
