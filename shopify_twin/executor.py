"""One GraphQL request: parse, validate, read variables, price, throttle, execute, answer."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    execute,
    visit,
)

from . import variables as reading
from .cost import CostModel
from .engine.errors import NotModelled
from .failures import FieldFailure, RequestFailure, internal_error
from .resolvers import Context, Plan, Policy, arguments
from .roots import Roots
from .throttle import MAX_QUERY_COST, Bucket
from .validation import check_document, parse_document

if TYPE_CHECKING:
    from .schema import ShopifySchema

_logger = logging.getLogger(__name__)
RATE_LIMITS = 'https://shopify.dev/api/usage/rate-limits'
KEPT_DOCUMENTS = 512


@dataclass
class GraphRequest:
    """What a client sent, and under which conditions it runs."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    policy: Policy = field(default_factory=Policy)
    bucket: Bucket | None = None
    debug: bool = False
    lag: float = 0
    overrides: dict[str, Any] = field(default_factory=dict)
    throttled: bool = False
    internal: str | None = None  # None, 'full' or 'partial': answer with INTERNAL_SERVER_ERROR.
    request_id: str = ''


@dataclass
class Answer:
    """The body of an answer and what its headers and the log say."""

    body: dict[str, Any]
    requested: int | None = None
    actual: int | None = None
    deprecated: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str | None]:
        """The codes of the top-level errors."""
        errors = self.body.get('errors') or ()
        return [error.get('extensions', {}).get('code') for error in errors]


class Prepared:
    """A parsed and validated document with the plans made of it."""

    def __init__(self, document: DocumentNode):
        self.document = document
        self.operations: dict[str | None, OperationDefinitionNode] = {}
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else None
                self.operations[name] = definition
            elif isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
        self.switches = _switches(document)
        self.plans: dict[Any, tuple[Plan, CostModel]] = {}

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; raises RequestFailure. [R] wordings."""
        if name:
            if name not in self.operations:
                raise RequestFailure({'message': f'No operation named "{name}"'})
            return self.operations[name]
        if len(self.operations) != 1:
            raise RequestFailure({'message': 'An operation name is required'})
        return next(iter(self.operations.values()))


class _Switches(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        """Note the variables that decide which fields are read."""
        if node.name.value in ('include', 'skip'):
            value = node.arguments[0].value
            if isinstance(value, VariableNode):
                self.names.add(value.name.value)


def _switches(document: DocumentNode) -> tuple[str, ...]:
    visitor = _Switches()
    visit(document, visitor)
    return tuple(sorted(visitor.names))


class Executor:
    """Runs requests of one schema version; not thread-safe, the twin holds a lock."""

    def __init__(self, twin: Any, schema: ShopifySchema):
        self.twin = twin
        self.schema = schema
        self._documents: OrderedDict[str, Prepared | RequestFailure] = OrderedDict()

    def names(self, request: GraphRequest) -> tuple[str | None, set[str]]:
        """The operation's name, and all names a fault rule may know it by."""
        try:
            operation = self._prepared(request.query).operation(request.operation_name)
        except RequestFailure:
            return request.operation_name, set()
        roots = {s.name.value for s in operation.selection_set.selections if hasattr(s, 'alias')}
        name = operation.name.value if operation.name else None
        return name, roots | ({name} if name else set())

    def run(self, request: GraphRequest) -> Answer:
        """Answer a request; never raises for what the client or the engine did."""
        try:
            return self._run(request)
        except RequestFailure as failure:
            return Answer({'errors': failure.errors})

    def _run(self, request: GraphRequest) -> Answer:
        prepared = self._prepared(request.query)
        operation = prepared.operation(request.operation_name)
        values = reading.coerce(self.schema.graphql, operation, request.variables or {})
        if _is_introspection(operation):
            return self._introspect(prepared, request)
        plan, model = self._plan(prepared, operation, request.policy, values)
        requested = model.requested(values)
        if requested > MAX_QUERY_COST and request.bucket:
            return Answer({'errors': [_too_dear(requested)]}, requested)
        if request.throttled or (request.bucket and not request.bucket.take(requested)):
            return self._throttled(request, requested)
        try:
            self._check_arguments(plan, operation, values)
        except RequestFailure as failure:
            # [R] the points of an input that is too long are gone.
            extensions = {'cost': self._cost(request.bucket, requested, None)}
            return Answer({'errors': failure.errors, 'extensions': extensions}, requested)
        return self._execute(request, (plan, model), values, requested)

    def _execute(
        self,
        request: GraphRequest,
        compiled: tuple[Plan, CostModel],
        values: dict[str, Any],
        requested: int,
    ) -> Answer:
        plan, model = compiled
        if request.internal == 'full':
            return self._internal(request, requested)
        roots = Roots(self.twin, self.schema, request.policy, request.lag)
        context = plan.context(values, roots)
        context.overrides = request.overrides
        body = self._data(plan, context)
        if request.internal == 'partial':
            body = _spoil(body, request.request_id)
        data = body.get('data')
        actual = model.actual(data, values)
        extensions = self._extensions(request, requested, actual, context)
        if request.debug:
            extensions['cost']['fields'] = model.breakdown(values)
        body['extensions'] = extensions
        return Answer(body, requested, actual, tuple(plan.deprecated))

    def _data(self, plan: Plan, context: Context) -> dict[str, Any]:
        data = None
        try:
            data = plan.run(None, context)
        except FieldFailure:
            pass  # A field that may not be null failed: so does the whole.
        except NotModelled as refusal:
            # The twin says what it lacks, and invents nothing around it.
            context.errors[:] = [{'message': str(refusal), 'extensions': {'code': 'NOT_EMULATED'}}]
        for defect in context.defects:
            _logger.error("Defect of the twin", exc_info=defect)
        return {'errors': context.errors, 'data': data} if context.errors else {'data': data}

    def _plan(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        policy: Policy,
        values: dict[str, Any],
    ) -> tuple[Plan, CostModel]:
        switches = {name: values.get(name) for name in prepared.switches}
        key = (operation.name and operation.name.value, policy, tuple(switches.values()))
        found = prepared.plans.get(key)
        if found is None:
            plan = Plan(self.schema, operation, prepared.fragments, policy, switches)
            model = CostModel(self.schema, operation, prepared.fragments, plan)
            found = prepared.plans[key] = (plan, model)
        return found

    def _prepared(self, text: str) -> Prepared:
        found = self._documents.get(text)
        if found is None:
            found = self._documents[text] = self._prepare(text)
            if len(self._documents) > KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        if isinstance(found, RequestFailure):
            raise RequestFailure(*found.errors)
        return found

    def _prepare(self, text: str) -> Prepared | RequestFailure:
        try:
            document = parse_document(text)
            check_document(self.schema.graphql, document)
        except RequestFailure as failure:
            return failure
        return Prepared(document)

    def _check_arguments(
        self, plan: Plan, operation: OperationDefinitionNode, values: dict[str, Any]
    ) -> None:
        for nodes in plan.collect(plan.root, [operation.selection_set]).values():
            name = nodes[0].name.value
            if name in plan.root.fields:
                args = arguments(plan.root.fields[name], nodes[0], values)
                reading.check_sizes(name, args, nodes[0])

    def _introspect(self, prepared: Prepared, request: GraphRequest) -> Answer:
        result = execute(
            self.schema.graphql,
            prepared.document,
            variable_values=request.variables,
            operation_name=request.operation_name,
        )
        return Answer({'data': result.data, 'extensions': self._extensions(request, 1, 1, None)})

    # --- extensions -------------------------------------------------------------------------

    def _extensions(
        self, request: GraphRequest, requested: int, actual: int, context: Context | None
    ) -> dict[str, Any]:
        if request.bucket:
            request.bucket.give_back(requested - actual)
        extensions: dict[str, Any] = {'cost': self._cost(request.bucket, requested, actual)}
        if context is not None and context.search:
            extensions['search'] = context.search
        return extensions

    @staticmethod
    def _cost(bucket: Bucket | None, requested: int, actual: int | None) -> dict[str, Any]:
        cost: dict[str, Any] = {'requestedQueryCost': requested, 'actualQueryCost': actual}
        if bucket:
            cost['throttleStatus'] = bucket.status()
        return cost

    def _throttled(self, request: GraphRequest, requested: int) -> Answer:
        bucket = request.bucket or self.twin.bucket
        if request.throttled:
            bucket.drain(min(bucket.available, requested - 1))
        cost = self._cost(bucket, requested, None)
        error = {
            'message': 'Throttled',
            'extensions': {'code': 'THROTTLED', 'documentation': RATE_LIMITS},
        }
        return Answer({'errors': [error], 'extensions': {'cost': cost}}, requested)

    def _internal(self, request: GraphRequest, requested: int) -> Answer:
        # [R] fulfillment-order-lifecycle.json: no extensions beside it.
        body = {'errors': [internal_error(request.request_id)], 'data': None}
        return Answer(body, requested, requested)


def _is_introspection(operation: OperationDefinitionNode) -> bool:
    names = [getattr(s, 'name', None) for s in operation.selection_set.selections]
    found = [name is not None and name.value in ('__schema', '__type') for name in names]
    if any(found) and not all(found):
        raise RequestFailure(
            {
                'message': 'not emulated: introspection beside data',
                'extensions': {'code': 'NOT_EMULATED'},
            }
        )
    return all(found)


def _spoil(body: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Lose the last root field of an answer to an internal error, keep the others."""
    data = body['data']
    if not data:
        return body
    key = next(reversed(data))
    data[key] = None
    errors = [*body.get('errors', ()), {**internal_error(request_id), 'path': [key]}]
    return {'errors': errors, 'data': data}


def _too_dear(cost: int) -> dict[str, Any]:
    # [C] wording from public issue threads.
    return {
        'message': (
            f'Query cost is {cost}, which exceeds the single query max cost limit '
            f'({MAX_QUERY_COST}).'
        ),
        'extensions': {
            'code': 'MAX_COST_EXCEEDED',
            'cost': cost,
            'maxCost': MAX_QUERY_COST,
            'documentation': RATE_LIMITS,
        },
    }
