"""Which recorded answers the twin does not set out to give, and why. The fewer the better."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recordings import Recording, Step

#: Root field → why it is not asked of the twin (the operations of issue 2, section 2, are what is asked).
ROOTS = {
    'bulkOperationRunQuery': "bulk operations: the connector reads by ids, never in bulk",
    'bulkOperationCancel': "bulk operations",
    'bulkOperation': "bulk operations",
    'fulfillmentCreateV2': "removed from the API before 2026-07; fulfillmentCreate took its place",
}
#: Answers (file pattern, step pattern) out of scope for a reason of their own.
ANSWERS: tuple[tuple[str, str, str], ...] = ()

#: Root fields of an answer (file pattern, response key, reason) that list records of the recorded shop which
#: nobody made in the recording: left out of both sides, the rest of the answer is compared.
OLDER_RECORDS: tuple[tuple[str, str, str], ...] = (
    (
        '*/fulfillment-order-lifecycle.json',
        'fulfillmentOrders',
        "the ten oldest fulfilment orders of the recorded shop",
    ),
)


def older_records(recording: Recording) -> list[str]:
    """Return the response keys of root fields that list what was there long before."""
    return [key for name, key, _why in OLDER_RECORDS if fnmatchcase(recording.name, name)]


def out_of_scope(recording: Recording, step: Step, roots: list[str]) -> str | None:
    """Return why an answer is out of scope, or None."""
    for root in roots:
        if root in ROOTS:
            return ROOTS[root]
    for name, pattern, reason in ANSWERS:
        if fnmatchcase(recording.name, name) and fnmatchcase(step.name, pattern):
            return reason
    return None
