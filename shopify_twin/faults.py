"""Faults on request: what goes wrong between a client and a real Shopify."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Kinds a request can meet; the parameters each one reads.
REQUEST_KINDS = {
    'drop_before': "The connection ends before anything ran.",
    'drop_after': "The request takes effect, its answer is lost.",
    'delay': "The answer is `seconds` late.",
    'http': "HTTP `status` instead of an answer, with `retry_after` seconds where given.",
    'throttled': "THROTTLED although the client kept within its points.",
    'internal_error': "INTERNAL_SERVER_ERROR; with `partial` the data of the other fields stands.",
    'search_lag': "Searches see the shop as it was `seconds` ago.",
    'enum': "The enum field `field` (Type.field) answers with `value`.",
    'broken_json': "The answer ends in the middle.",
    'expired_token': "HTTP 401 although the token is alive.",
}
#: Kinds a webhook delivery can meet.
WEBHOOK_KINDS = {
    'webhook_duplicate': "The delivery arrives twice.",
    'webhook_late': "The delivery arrives `seconds` late.",
    'webhook_bad_signature': "The signature is wrong.",
    'webhook_lost': "The delivery never arrives.",
}
#: The name by which rules know requests for a token.
TOKEN_ENDPOINT = 'access_token'  # noqa: S105 (a name, no secret)
KINDS = REQUEST_KINDS | WEBHOOK_KINDS


@dataclass
class Fault:
    """A rule: which requests meet which fault.

    :param kind: one of KINDS.
    :param operation: operation name or root field; for webhooks the topic; `access_token` for the
        token endpoint. None: every GraphQL request, or every delivery.
    :param nth: only the nth matching request (from 1).
    :param times: at most so often, None without end.
    :param probability: between 0 and 1, drawn from the twin's seed.
    :param params: `seconds`, `status`, `retry_after`, `field`, `value`, `partial`.
    """

    kind: str
    operation: str | None = None
    nth: int | None = None
    times: int | None = None
    probability: float = 1.0
    params: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    def matches(self, names: set[str]) -> bool:
        """Whether the rule is about a request of these names."""
        if self.operation is None:
            return TOKEN_ENDPOINT not in names
        return self.operation in names

    def meets(self, random: Random) -> bool:
        """Count one matching request and tell whether it meets the fault."""
        self.seen += 1
        if self.nth is not None and self.seen != self.nth:
            return False
        if self.times is not None and self.fired >= self.times:
            return False
        if self.probability < 1 and random.random() >= self.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self, seed: int = 0):
        self._seed = seed
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Nothing goes wrong any more; the random sequence starts over."""
        self.rules: list[Fault] = []
        self._random = Random(f'faults {self._seed}')  # noqa: S311 (reproducible, no secret)

    def add(
        self,
        kind: str,
        operation: str | None = None,
        *,
        nth: int | None = None,
        times: int | None = None,
        probability: float = 1.0,
        **params: Any,
    ) -> Fault:
        """Put a rule in force and return it. Raises ValueError for an unknown kind."""
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}. Known: {', '.join(sorted(KINDS))}.")
        rule = Fault(kind, operation, nth, times, probability, params)
        with self._lock:
            self.rules.append(rule)
        return rule

    def remove(self, rule: Fault) -> None:
        """Take a rule out of force."""
        with self._lock:
            self.rules.remove(rule)

    def pick(self, names: set[str], kinds: Iterable[str] = REQUEST_KINDS) -> list[Fault]:
        """The faults of some kinds that this request or delivery meets."""
        with self._lock:
            return [
                rule
                for rule in self.rules
                if rule.kind in kinds and rule.matches(names) and rule.meets(self._random)
            ]
