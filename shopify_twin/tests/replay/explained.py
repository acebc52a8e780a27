"""Every difference between the twin's answers and the recorded ones, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

RULE = "twin rule missing"
SHOP = "shop set-up differs"
LATER = "Shopify works on after it answered"


@dataclass(frozen=True)
class Explanation:
    """Why some values differ: patterns of the file, the answer and the path in it."""

    recording: str
    step: str
    path: str
    kind: str
    reason: str

    def covers(self, recording: str, step: str, path: str) -> bool:
        """Tell whether it explains a difference."""
        return (
            fnmatchcase(recording, self.recording)
            and fnmatchcase(step, self.step)
            and fnmatchcase(path, self.path)
        )


EXPLANATIONS = (
    Explanation(
        '*/b2b-company-location-order-aggregates.json',
        'operations.aggregateRead.*',
        'data',
        RULE,
        "Company.lifetimeDuration and catalogs are refused by name, and so the whole answer.",
    ),
    Explanation(
        '*/b2b-company-location-order-aggregates.json',
        'operations.aggregateRead.*',
        'errors',
        RULE,
        "The refusal.",
    ),
    Explanation(
        '*/customer-by-identifier.json',
        'positiveAndMissing',
        'data.byId.canDelete',
        SHOP,
        "The recorded customer had orders before; they are not in the recording.",
    ),
    Explanation(
        '*/customer-by-identifier.json',
        'positiveAndMissing',
        'data.byId.numberOfOrders',
        SHOP,
        "The recorded customer had 13 orders before; they are not in the recording.",
    ),
    Explanation(
        '*/customer-by-identifier.json',
        'positiveAndMissing',
        'data.byId.amountSpent.amount',
        SHOP,
        "The recorded customer had paid 13 orders before; they are not in the recording.",
    ),
    Explanation(
        '*/refund-create-full-parity.json',
        'mutation.response',
        'data.refundCreate.refund.refundLineItems.nodes.0.subtotalSet.shopMoney.amount',
        RULE,
        "Shopify shows a subtotal of 0 for a line of 10 that is refunded without restock together "
        "with all of its order. Refunds with restock show 10; one recording makes no rule.",
    ),
    Explanation(
        '*/fulfillment-create-preconditions.json',
        'cases.closed.setup.hydrate.response',
        'data.fulfillmentOrder.order.closed*',
        LATER,
        "A paid and shipped order is archived some seconds later (fulfillment-cancel-parity.json "
        "shows it archived); the twin archives at once.",
    ),
    Explanation(
        '*/fulfillment-create-preconditions.json',
        'cases.cancelled.setup.hydrate.response',
        'data.fulfillmentOrder.order.closed*',
        LATER,
        "Cancelling is a job: read at once, the order is cancelled but not yet closed "
        "(orderCancel-parity.json shows it closed); the twin's job is done when it answers.",
    ),
    Explanation(
        '*/fulfillment-create-preconditions.json',
        'cases.cancelled.setup.hydrate.response',
        'data.fulfillmentOrder.order.fulfillmentOrders.nodes.0.lineItems.nodes',
        LATER,
        "Cancelling is a job: read at once, the fulfilment order is closed but still holds its "
        "units; the twin's job is done when it answers.",
    ),
    Explanation(
        '*/orderUpdate-localization-and-staff.json',
        '*utation.response',
        'data',
        RULE,
        "Localized fields (tax numbers of Brazil and the like) are refused by name.",
    ),
    Explanation(
        '*/orderUpdate-localization-and-staff.json',
        '*utation.response',
        'errors',
        RULE,
        "The refusal.",
    ),
    Explanation(
        '*/orderUpdate-localization-and-staff.json',
        'downstreamRead.response',
        'data.order.locali*.nodes',
        RULE,
        "Localized fields (tax numbers of Brazil and the like) are refused by name.",
    ),
    Explanation(
        '*/fulfillment-order-lifecycle.json',
        'workflows.residualSplitDeadlineMerge.*.topLevelRead.*',
        'data.fulfillmentOrder.supportedActions',
        RULE,
        "Read through the root field a fulfilment order does not offer MERGE, read through its "
        "order it does; the twin offers it both times.",
    ),
    Explanation(
        '*/fulfillment-order-split-multi.json',
        '*',
        '*.assignedLocation.*',
        SHOP,
        "Shopify routes by stock: one of two orders went to another location. The twin has no "
        "stock and sends both to the first location.",
    ),
)


def explanation_of(recording: str, step: str, path: str) -> Explanation | None:
    """Return what explains a difference, or None."""
    return next((each for each in EXPLANATIONS if each.covers(recording, step, path)), None)
