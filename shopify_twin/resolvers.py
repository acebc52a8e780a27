"""Compiles a document into functions that read records.

Every field of a selection becomes one small function, made once per document (and per set of scopes
and directive values), so that answering is a chain of attribute reads. A field the engine does not
model raises NotModelled, which fails the whole request by name: the twin invents nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    value_from_ast,
    value_from_ast_untyped,
)

from . import connections, scalars
from .engine.errors import NotModelled, TwinError
from .failures import FieldFailure, access_denied, node_location
from .schema import ShopifySchema, node_type

Run = Callable[[Any, 'Context'], Any]
_CAMEL = re.compile(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])')
PAGING = frozenset({'first', 'last', 'after', 'before', 'reverse', 'sortKey', 'query'})


@cache
def snake(name: str) -> str:
    """`displayFinancialStatus` becomes `display_financial_status`."""
    return _CAMEL.sub('_', name).lower()


@dataclass(slots=True)
class Context:
    """One request under execution.

    `path` is the place being read. A list under construction stands in it as itself; its length is
    the index, so that walking a list costs nothing.
    """

    variables: dict[str, Any]
    roots: Any
    arguments: list[Any] = field(default_factory=list)
    path: list[Any] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    search: list[dict[str, Any]] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    defects: list[BaseException] = field(default_factory=list)

    def place(self) -> list[str | int]:
        """The path as an error shows it."""
        return [len(step) if type(step) is list else step for step in self.path]


@dataclass(frozen=True)
class Policy:
    """What a token may see. `protected` is None, 'null' or 'denied' (protected customer data)."""

    scopes: frozenset[str] | None = None  # None: everything, as the twin's own administrator.
    protected: str | None = None

    def allows(self, rule: Any) -> bool:
        """Whether any of the rule's scopes is granted."""
        return self.scopes is None or rule is None or not self.scopes.isdisjoint(rule.scopes)


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of QueryRoot or Mutation as the document asks for it."""

    parent: str
    name: str
    key: str
    node: FieldNode

    def idempotency_key(self, variables: dict[str, Any]) -> str | None:
        """The key of the directive @idempotent, None without one."""
        for directive in self.node.directives or ():
            if directive.name.value == 'idempotent':
                return value_from_ast_untyped(directive.arguments[0].value, variables)
        return None


@dataclass(frozen=True, slots=True)
class _Field:
    """One response field of one parent type."""

    key: str
    run: Run
    required: bool
    coordinate: str
    node: FieldNode


class Plan:
    """A compiled operation; `run(root, context)` gives its data."""

    def __init__(
        self,
        schema: ShopifySchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        policy: Policy,
        switches: dict[str, Any],
    ):
        self.schema = schema
        self.fragments = fragments
        self.policy = policy
        self.switches = switches
        self.deprecated: list[str] = []
        self.slots = 0
        self.root = schema.graphql.get_root_type(operation.operation)
        self.run = self._object(self.root, [operation.selection_set])

    def context(self, variables: dict[str, Any], roots: Any) -> Context:
        """A fresh context; compiling on demand may still add argument slots."""
        return Context(variables, roots, arguments=[None] * self.slots)

    # --- selections -----------------------------------------------------------------------

    def collect(self, type_: GraphQLObjectType, sets: Iterable[Any]) -> dict[str, list[FieldNode]]:
        """The fields asked of an object type, by response key, in order of appearance."""
        out: dict[str, list[FieldNode]] = {}
        for selection_set in sets:
            self._collect(type_, selection_set, out)
        return out

    def _collect(self, type_: GraphQLObjectType, selection_set: Any, out: dict) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                out.setdefault(key, []).append(selection)
                continue
            if isinstance(selection, FragmentSpreadNode):
                selection = self.fragments[selection.name.value]
            if self._applies(selection, type_):
                self._collect(type_, selection.selection_set, out)

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self.schema.graphql.type_map[fragment.type_condition.name.value]
        return condition is type_ or (
            not is_object_type(condition) and self.schema.graphql.is_sub_type(condition, type_)
        )

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ('include', 'skip'):
                value = self._switch(directive.arguments[0].value)
                if value is (directive.name.value == 'skip'):
                    return False
        return True

    def _switch(self, node: Any) -> bool:
        return self.switches.get(node.name.value) if isinstance(node, VariableNode) else node.value

    # --- objects --------------------------------------------------------------------------

    def _object(self, type_: GraphQLObjectType, sets: list[Any]) -> Run:
        fields = [
            self._field(type_, key, nodes) for key, nodes in self.collect(type_, sets).items()
        ]
        steps = tuple((entry.key, entry.run, entry) for entry in fields)

        def run(source: Any, context: Context) -> dict[str, Any]:
            out: dict[str, Any] = {}
            depth = len(context.path)
            for key, read, entry in steps:
                try:
                    out[key] = read(source, context)
                except NotModelled:
                    raise
                # A defect of the engine is an answer too.
                except Exception as error:  # noqa: BLE001
                    out[key] = absorb(error, entry, depth, context)
            return out

        return run

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> _Field:
        node = nodes[0]
        name = node.name.value
        coordinate = f'{parent.name}.{name}'
        if name == '__typename':
            return _Field(key, _constant(parent.name), True, coordinate, node)
        definition = parent.fields[name]
        if definition.deprecation_reason and coordinate not in self.deprecated:
            self.deprecated.append(coordinate)
        required = is_non_null_type(definition.type)
        run = self._refused(parent, name, definition) or self._reading(parent, key, nodes)
        return _Field(key, run, required, coordinate, node)

    def _refused(self, parent: GraphQLObjectType, name: str, definition: Any) -> Run | None:
        rule = self.schema.access_rule(parent.name, name)
        if not self.policy.allows(rule):
            return _raising(lambda: access_denied(name, rule.text))
        if self.policy.protected and (parent.name, name) in self.schema.protected:
            if self.policy.protected == 'null' and not is_non_null_type(definition.type):
                return _constant(None)
            return _raising(lambda: _protected(name))
        return None

    # --- fields ---------------------------------------------------------------------------

    def _reading(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Run:
        definition = parent.fields[nodes[0].name.value]
        name = nodes[0].name.value
        type_ = definition.type
        bare = type_.of_type if is_non_null_type(type_) else type_
        attribute = snake(name)
        coordinate = f'{parent.name}.{name}'
        if parent is self.root or definition.args:
            read = self._reader(parent, nodes[0])
            return self._completed(read, type_, key, nodes, coordinate)
        if is_leaf_type(bare):
            return _leaf(attribute, coordinate, self._converter(bare, coordinate), type_)
        read = _attribute_reader(attribute, coordinate)
        return self._completed(read, type_, key, nodes, coordinate)

    def _completed(
        self, read: Run, type_: Any, key: str, nodes: list[FieldNode], coordinate: str
    ) -> Run:
        bare = type_.of_type if is_non_null_type(type_) else type_
        complete = self._completer(bare, nodes, coordinate)
        required = is_non_null_type(type_)
        leaf = is_leaf_type(bare)

        def run(source: Any, context: Context) -> Any:
            value = read(source, context)
            if value is None:
                if required:
                    raise _null(coordinate)
                return None
            if leaf:
                return complete(value, context)
            path = context.path
            path.append(key)
            out = complete(value, context)
            path.pop()
            return out

        return run

    def _completer(self, type_: Any, nodes: list[FieldNode], coordinate: str) -> Run:
        if is_list_type(type_):
            return self._list(type_.of_type, nodes, coordinate)
        if is_leaf_type(type_):
            return self._converter(type_, coordinate)
        sets = [node.selection_set for node in nodes]
        if is_object_type(type_):
            return self._object(type_, sets)
        return self._abstract(sets, nodes[0].name.value)

    def _list(self, item_type: Any, nodes: list[FieldNode], coordinate: str) -> Run:
        required = is_non_null_type(item_type)
        bare = item_type.of_type if required else item_type
        complete = self._completer(bare, nodes, coordinate)
        node = nodes[0]

        def run(values: Any, context: Context) -> list[Any]:
            out: list[Any] = []
            path = context.path
            path.append(out)
            for value in values:
                if value is None:
                    if required:
                        raise _null(coordinate)
                    out.append(None)
                elif required:
                    out.append(complete(value, context))
                else:
                    out.append(_guarded(complete, value, context, node))
            path.pop()
            return out

        return run

    def _abstract(self, sets: list[Any], field_name: str) -> Run:
        runners: dict[str, Run] = {}

        def run(value: Any, context: Context) -> Any:
            runner = runners.get(value.typename)
            if runner is None:
                runner = runners[value.typename] = self._member(value.typename, sets, field_name)
                context.arguments.extend([None] * (self.slots - len(context.arguments)))
            return runner(value, context)

        return run

    def _member(self, typename: str, sets: list[Any], field_name: str) -> Run:
        type_ = self.schema.graphql.type_map.get(typename)
        if type_ is None:
            raise NotModelled(f'type {typename} is not part of version {self.schema.version}')
        rule = self.schema.access.get((typename, None))
        if not self.policy.allows(rule):
            return _raising(lambda: access_denied(field_name, rule.text))
        return self._object(type_, sets)

    def _converter(self, type_: Any, coordinate: str) -> Run:
        if not is_enum_type(type_):
            return scalars.serializer(type_.name)
        names = frozenset(type_.values)

        def run(value: Any, context: Context) -> Any:
            if context.overrides and coordinate in context.overrides:
                return context.overrides[coordinate]
            if value not in names:
                raise scalars.ScalarError(f'{value!r} is no value of enum {type_.name}.')
            return value

        return run

    # --- fields with arguments --------------------------------------------------------------

    def _reader(self, parent: GraphQLObjectType, node: FieldNode) -> Run:
        name = node.name.value
        definition = parent.fields[name]
        arguments = self._arguments(definition, node)
        if parent is self.root:
            return _root_reader(parent.name, name, arguments, node)
        if _is_connection(definition.type):
            table = self.schema.search_fields(parent.name, name)
            return _connection_reader(parent.name, name, arguments, definition.args, table)
        return _argument_reader(parent.name, name, arguments, definition)

    def _arguments(self, definition: Any, node: FieldNode) -> Callable[[Context], dict[str, Any]]:
        slot = self.slots
        self.slots += 1

        def evaluate(context: Context) -> dict[str, Any]:
            found = context.arguments[slot]
            if found is None:
                found = context.arguments[slot] = arguments(definition, node, context.variables)
            return found

        return evaluate


def arguments(definition: Any, node: FieldNode, variables: dict[str, Any]) -> dict[str, Any]:
    """The coerced arguments of a field, defaults included, under their GraphQL names."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    out = {}
    for name, argument in definition.args.items():
        value = Undefined
        if name in given:
            value = value_from_ast(given[name], argument.type, variables)
        if value is Undefined:
            value = argument_default(argument)
        if value is not Undefined:
            out[name] = value
    return out


def argument_default(argument: Any) -> Any:
    """The default value of an argument, Undefined without one."""
    # graphql-core 3.3 keeps the literal, 3.2 the value.
    literal = getattr(getattr(argument, 'default', None), 'literal', None)
    return value_from_ast(literal, argument.type) if literal else argument.default_value


def _is_connection(type_: Any) -> bool:
    return get_named_type(type_) is not node_type(type_)


# --- reading --------------------------------------------------------------------------------


def missing(source: Any, attribute: str, coordinate: str) -> Any:
    """The value of an attribute that a plain read did not find: a dict's, or a loud refusal."""
    if isinstance(source, dict):
        if attribute in source:
            return source[attribute]
        raise NotModelled(f'not emulated: {coordinate}')
    if hasattr(type(source), attribute) and attribute not in getattr(source, '__slots__', ()):
        raise RuntimeError(f'AttributeError inside {type(source).__name__}.{attribute}')
    raise NotModelled(f'not emulated: {coordinate}')


def _leaf(attribute: str, coordinate: str, convert: Run, type_: Any) -> Run:
    required = is_non_null_type(type_)

    def run(source: Any, context: Context) -> Any:
        try:
            value = getattr(source, attribute)
        except AttributeError:
            value = missing(source, attribute, coordinate)
        if value is None:
            if required:
                raise _null(coordinate)
            return None
        return convert(value, context)

    return run


def _attribute_reader(attribute: str, coordinate: str) -> Run:
    def read(source: Any, _context: Context) -> Any:
        try:
            return getattr(source, attribute)
        except AttributeError:
            return missing(source, attribute, coordinate)

    return read


def _argument_reader(parent: str, name: str, evaluate: Any, definition: Any) -> Run:
    attribute, coordinate = snake(name), f'{parent}.{name}'
    method_name = f'resolve_{attribute}'

    def read(source: Any, context: Context) -> Any:
        method = getattr(type(source), method_name, None)
        args = evaluate(context)
        if method is not None:
            return method(source, **_accepted(method, args))
        _refuse_unheard(coordinate, args, definition.args, {'first'})
        try:
            value = getattr(source, attribute)
        except AttributeError:
            value = missing(source, attribute, coordinate)
        if args.get('first') is not None and value is not None:
            return value[: args['first']]  # On a plain list `first` only truncates. [S]
        return value

    return read


def _connection_reader(
    parent: str, name: str, evaluate: Any, definitions: dict[str, Any], table: Any
) -> Run:
    attribute, coordinate = snake(name), f'{parent}.{name}'
    method_name = f'resolve_{attribute}'

    def read(source: Any, context: Context) -> Any:
        method = getattr(type(source), method_name, None)
        args = evaluate(context)
        if method is not None:
            values = method(source, **_accepted(method, args))
        else:
            _refuse_unheard(coordinate, args, definitions, PAGING)
            values = _attribute_reader(attribute, coordinate)(source, context)
        if values is None:
            return None
        if args.get('query'):
            path = [*context.place(), name]
            values = context.roots.filter(values, args['query'], (coordinate, table), path, context)
        return connections.slice_list(values, args)

    return read


def _root_reader(parent: str, name: str, evaluate: Any, node: FieldNode) -> Run:
    root = RootField(parent, name, node.alias.value if node.alias else name, node)

    def read(_source: Any, context: Context) -> Any:
        return context.roots.resolve(root, evaluate(context), context)

    return read


@cache
def _parameters(method: Any) -> frozenset[str] | None:
    parameters = inspect.signature(method).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters)


def _accepted(method: Any, args: dict[str, Any]) -> dict[str, Any]:
    wanted = _parameters(method)
    named = {snake(name): value for name, value in args.items()}
    if wanted is None:
        return named
    return {name: value for name, value in named.items() if name in wanted}


def _refuse_unheard(
    coordinate: str, args: dict[str, Any], definitions: dict[str, Any], heard: Iterable[str]
) -> None:
    for name, value in args.items():
        if name not in heard and value not in (None, argument_default(definitions[name])):
            raise NotModelled(f'not emulated: {coordinate}({name}: {value!r})')


# --- failing --------------------------------------------------------------------------------


def _constant(value: Any) -> Run:
    return lambda _source, _context: value


def _raising(make: Callable[[], FieldFailure]) -> Run:
    def run(_source: Any, _context: Context) -> Any:
        raise make()

    return run


def _null(coordinate: str) -> FieldFailure:
    return FieldFailure(
        f'Cannot return null for non-nullable field {coordinate}', 'INTERNAL_SERVER_ERROR'
    )


def _protected(name: str) -> FieldFailure:
    # [D] wording of the protected-customer-data page; the exact sentence is [I].
    return FieldFailure(
        f'This app is not approved to use the {name} field. See '
        'https://shopify.dev/docs/apps/launch/protected-customer-data for more details.',
        'ACCESS_DENIED',
    )


def absorb(error: Exception, entry: _Field, depth: int, context: Context) -> None:
    """Record a field's failure and give null, or pass it up when the field may not be null.

    `depth` is the length of the path to the object that holds the field.
    """
    failure = _failure(error, context)
    if failure.path is None:
        here = len(context.path) == depth
        failure.path = [*context.place(), entry.key] if here else context.place()
        failure.locations = node_location(entry.node)
        context.errors.append(failure.as_json())
    del context.path[depth:]
    if entry.required:
        raise failure


def _failure(error: Exception, context: Context) -> FieldFailure:
    if isinstance(error, FieldFailure):
        return error
    if isinstance(error, TwinError):
        return FieldFailure(error.message, error.code)
    context.defects.append(error)
    return FieldFailure(f'Twin defect: {type(error).__name__}: {error}', 'INTERNAL_SERVER_ERROR')


def _guarded(complete: Run, value: Any, context: Context, node: FieldNode) -> Any:
    depth = len(context.path)
    try:
        return complete(value, context)
    except NotModelled:
        raise
    except Exception as error:  # noqa: BLE001 (as in Plan._object)
        failure = _failure(error, context)
        if failure.path is None:
            failure.path, failure.locations = context.place(), node_location(node)
            context.errors.append(failure.as_json())
        del context.path[depth:]
        return None
