"""How to read the recordings that do not simply list request after request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Given:
    """What a file does not say in the usual place about one of its answers.

    :param document: the document, or
    :param document_at: where in the file it stands.
    :param variables_at: where in the file the variables stand.
    :param renamed: names of variables in the file → names of the root field's arguments.
    :param from_file: variables whose value stands somewhere in the file.
    :param more: further variables; ``answer:<step>:<dotted path>`` is what the twin answered there.
    """

    document: str | None = None
    document_at: str | None = None
    variables_at: str | None = None
    renamed: dict[str, str] = field(default_factory=dict)
    from_file: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def variables(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return the variables of the request from those found in the file."""
        return {self.renamed.get(key, key): value for key, value in found.items()} | self.more


@dataclass
class Plan:
    """How to read one file.

    :param only: take answers whose path starts so.
    :param moved: answers whose place in the file is not when they were recorded: that was just
    :param before: before the answer whose path starts so.
    :param without: leave out answers whose path starts so (copies of others in the file).
    """

    only: tuple[str, ...] = ('',)
    without: tuple[str, ...] = ()
    moved: str = '\0'
    before: str = '\0'
    steps: dict[str, Given] = field(default_factory=dict)

    def ordered(self, names: list[str]) -> list[str]:
        """Return the answers in the order they were recorded in."""
        moved = [name for name in names if name.startswith(self.moved)]
        rest = [name for name in names if name not in moved]
        place = next((i for i, name in enumerate(rest) if name.startswith(self.before)), 0)
        return [*rest[:place], *moved, *rest[place:]]

    def wants(self, name: str) -> bool:
        """Tell whether an answer is to be replayed."""
        return name.startswith(self.only) and not name.startswith(self.without or ('\0',))


TEMPLATE = 'id name description dueInDays paymentTermsType translatedName'
EDITED = 'answer:mutation.response:data.orderEditBegin.calculatedOrder'
ON_ORDER = 'paymentTermsCreateOnOrder'
SERVICE = 'setup.fulfillmentServiceCreate'
ORDER_WITH_TERMS = f'answer:{ON_ORDER}.expected.orderCreate:data.orderCreate.order.id'

PLANS: dict[str, Plan] = {
    '2025-01/b2b/b2b-company-roots-read.json': Plan(
        steps={'answer': Given(document_at='upstreamCalls.0.query')}
    ),
    '2025-01/customers/customer-by-identifier.json': Plan(
        steps={
            'positiveAndMissing': Given(
                document_at='upstreamCalls.0.query', variables_at='upstreamCalls.0.variables'
            ),
            'customIdMissing.payload': Given(
                document="""query { customId: customerByIdentifier(
                  identifier: {customId: {namespace: "custom", key: "id", value: "1"}}) { id } }"""
            ),
            'emptyIdentifier.payload': Given(
                document="""query ($idIdentifier: CustomerIdentifierInput!) {
                  byId: customerByIdentifier(identifier: $idIdentifier) { id } }""",
                more={'idIdentifier': {}},
            ),
        }
    ),
    # The file has every operation twice.
    '2025-01/gift-cards/gift-card-lifecycle.json': Plan(only=('operations.',)),
    '2025-01/payments/payment-terms-templates-read.json': Plan(
        steps={
            'response': Given(
                document=f"""query ($type: PaymentTermsType) {{
                  all: paymentTermsTemplates {{ {TEMPLATE} }}
                  filtered: paymentTermsTemplates(paymentTermsType: $type) {{ {TEMPLATE} }} }}"""
            )
        }
    ),
    '2026-04/orders/orderUpdate-input-validation.json': Plan(
        steps={'downstreamRead.response': Given(document_at='setup.beforeRead.document')}
    ),
    '2026-04/orders/order-edit-existing-order-happy-path.json': Plan(
        steps={
            'addVariant.response': Given(more={'id': f'{EDITED}.id'}),
            'commitAdd.response': Given(more={'id': f'{EDITED}.id'}),
        }
    ),
    '2026-04/orders/order-edit-existing-order-zero-removal.json': Plan(
        steps={
            'setZero.response': Given(
                more={'id': f'{EDITED}.id', 'lineItemId': f'{EDITED}.lineItems.nodes.2.id'}
            ),
            'commitRemove.response': Given(more={'id': f'{EDITED}.id'}),
        }
    ),
    # One of the validations names what the second return, shown later, had made.
    '2026-04/orders/return-reverse-logistics-recorded.json': Plan(
        moved='reverseDeliveryCreateValidation.unrelated', before='reverseDeliveryExplicitCreate'
    ),
    # Copies of answers that stand elsewhere in the file.
    '2026-04/orders/return-quantity-validation.json': Plan(without=('expected.',)),
    '2026-04/shipping-fulfillments/fulfillment-detail-events-lifecycle.json': Plan(
        without=('response',)
    ),
    '2026-04/shipping-fulfillments/fulfillment-order-request-lifecycle.json': Plan(
        steps={
            f'{SERVICE}.response': Given(
                from_file={
                    'name': f'{SERVICE}.response.data.fulfillmentServiceCreate'
                    '.fulfillmentService.serviceName'
                }
            )
        }
    ),
    '2026-04/payments/payment-terms-create-on-order.json': Plan(
        steps={
            f'{ON_ORDER}.expected.orderCreate': Given(
                variables_at=f'{ON_ORDER}.orderCreate.variables'
            ),
            f'{ON_ORDER}.expected.create': Given(
                variables_at=f'{ON_ORDER}.paymentTermsCreate.variables',
                renamed={'attrs': 'paymentTermsAttributes'},
                more={'referenceId': ORDER_WITH_TERMS},
            ),
            f'{ON_ORDER}.expected.multiple': Given(
                variables_at=f'{ON_ORDER}.multipleSchedules.variables',
                renamed={'attrs': 'paymentTermsAttributes'},
                more={'referenceId': ORDER_WITH_TERMS},
            ),
            f'{ON_ORDER}.expected.update': Given(
                variables_at=f'{ON_ORDER}.missingUpdate.variables'
            ),
            f'{ON_ORDER}.expected.delete': Given(
                variables_at=f'{ON_ORDER}.missingDelete.variables'
            ),
        }
    ),
}
