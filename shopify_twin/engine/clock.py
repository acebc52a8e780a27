"""The twin's notion of now: real by default, fixed when a test or the generator needs it."""

from contextlib import contextmanager
from datetime import UTC, datetime


class Clock:
    """UTC clock with the one-second resolution of Shopify's DateTime [R]."""

    def __init__(self):
        self._fixed = None

    def now(self):
        """Return the current moment, timezone-aware, without fractions."""
        return self._fixed or datetime.now(UTC).replace(microsecond=0)

    def set(self, moment):
        """Stop the clock at `moment` (aware); None lets it run again."""
        self._fixed = moment

    def advance(self, delta):
        """Move a stopped clock on by `delta`; a running clock is stopped first."""
        self._fixed = self.now() + delta

    @contextmanager
    def at(self, moment):
        """Have everything inside the block happen at `moment`."""
        before, self._fixed = self._fixed, moment
        try:
            yield
        finally:
            self._fixed = before
