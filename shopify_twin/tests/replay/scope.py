"""Which recorded answers the twin does not set out to give, and why. The fewer the better."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recordings import Recording, Step

#: Root field → why it is not asked of the twin (issue 2, section 2, lists what is asked).
ROOTS = {
    'bulkOperationRunQuery': "bulk operations: the connector reads by ids, never in bulk",
    'bulkOperationCancel': "bulk operations: the connector reads by ids, never in bulk",
    'bulkOperation': "bulk operations: the connector reads by ids, never in bulk",
    'catalogCreate': "catalogs and price lists: not among the operations",
    'catalogDelete': "catalogs and price lists: not among the operations",
    'deliveryProfileCreate': "management of delivery profiles: the twin has them to read",
    'deliveryProfileRemove': "management of delivery profiles: the twin has them to read",
    'returnCalculate': "previews of returns: not among the operations",
    'returnableFulfillments': "previews of returns: not among the operations",
}
#: Answers (file pattern, step pattern, reason) out of scope for a reason of their own.
ANSWERS: tuple[tuple[str, str, str], ...] = (
    (
        '*/bulk-operation-*',
        '*.productCount.*',
        "bulk operations: the connector reads by ids, never in bulk",
    ),
    ('*/gift-card-lifecycle.json', '*.schemaAndAccess.*', "introspection of the schema of 2025-01"),
    (
        '*/fulfillment-order-lifecycle.json',
        'workflows.reroute.reroute.*',
        "Shopify itself answered with an internal error",
    ),
    ('*/order-create-math-matrix.json', 'cleanup.*', "the file holds no request"),
    ('*/order-create-line-item-fields.json', 'cleanup.*', "the file holds no request"),
    ('*/refund-create-transactions-validation.json', 'cleanup.*', "the file holds no request"),
    ('*/draft-order-complete-payment-terms-pending.json', 'cleanup.*', "the file holds no request"),
    (
        '*/draftOrderCalculate-*',
        '*e*WithRate.response',
        "shipping rates offered for drafts: not among the operations",
    ),
    (
        '*/draftOrderCalculate-*',
        'calculate.response',
        "shipping rates offered for drafts: not among the operations",
    ),
    (
        '*/draftOrderCalculate-*',
        'cleanup.draftOrderDelete.*',
        "deletes a draft that shipping rates were offered for",
    ),
)
#: Root fields of an answer (file pattern, step pattern, response key, reason) that list records of
#: the recorded shop which nobody made in the recording: left out of both sides, the rest of the
#: answer is compared.
OLDER_RECORDS: tuple[tuple[str, str, str, str], ...] = (
    (
        '*/fulfillment-order-lifecycle.json',
        '*.topLevelRead.*',
        'fulfillmentOrders',
        "the ten oldest fulfilment orders of the recorded shop",
    ),
    (
        '*/gift-card-lifecycle.json',
        'operations.emptyRead.*',
        'giftCards',
        "the two oldest gift cards of the recorded shop",
    ),
    (
        '*/gift-card-lifecycle.json',
        'operations.emptyRead.*',
        'giftCardsCount',
        "the 198 gift cards of the recorded shop",
    ),
    (
        '*/b2b-company-roots-read.json',
        'answer',
        'companiesCount',
        "the five companies of the recorded shop",
    ),
)


def older_records(recording: Recording, step: Step) -> list[str]:
    """Return the response keys of root fields that list what was there long before."""
    return [
        key
        for name, pattern, key, _why in OLDER_RECORDS
        if fnmatchcase(recording.name, name) and fnmatchcase(step.name, pattern)
    ]


def out_of_scope(recording: Recording, step: Step, roots: list[str]) -> str | None:
    """Return why an answer is out of scope, or None."""
    for root in roots:
        if root in ROOTS:
            return ROOTS[root]
    for name, pattern, reason in ANSWERS:
        if fnmatchcase(recording.name, name) and fnmatchcase(step.name, pattern):
            return reason
    return None
