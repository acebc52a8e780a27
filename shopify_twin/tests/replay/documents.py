"""Makes documents for the twin's schema: rebuilt from an answer's shape, or an old one without what was removed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_input_object_type,
    is_list_type,
    is_required_argument,
    parse,
    print_ast,
    type_from_ast,
    visit,
)
from graphql.language import REMOVE, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = 50


class CannotRebuild(Exception):  # noqa: N818
    """An answer's shape does not tell what was asked."""


# --- rebuilt ------------------------------------------------------------------------------------


def rebuilt(schema: GraphQLSchema, data: dict[str, Any], variables: dict[str, Any]) -> str:
    """Return a document for one root field, with the shape of its answer and variables named as its arguments."""
    if len(data) != 1:
        raise CannotRebuild("More than one root field.")
    [(name, value)] = data.items()
    is_mutation = name in schema.mutation_type.fields
    root = schema.mutation_type if is_mutation else schema.query_type
    if name not in root.fields:
        raise CannotRebuild(f"{name} is no root field.")
    known = root.fields[name].args
    used = {key: known[key] for key in variables if key in known}
    missing = [key for key, arg in known.items() if is_required_argument(arg) and key not in used]
    if missing:
        raise CannotRebuild(f"{name} needs {', '.join(missing)}.")
    declared = ', '.join(f'${key}: {arg.type}' for key, arg in used.items())
    given = [f'{key}: ${key}' for key in used]
    if 'first' in known and not used.keys() & {'first', 'last'}:
        given.append(f'first: {PAGE}')
    passed = ', '.join(given)
    head = f"{'mutation' if is_mutation else 'query'} Rebuilt{f'({declared})' if declared else ''}"
    body = selection(schema, get_named_type(root.fields[name].type), [value])
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {body} }}"


def selection(schema: GraphQLSchema, kind: Any, values: list[Any]) -> str:
    """Return the selection set that answers with the shape of `values`; '' for a leaf."""
    if not is_composite_type(kind):
        return ''
    objects = list(flattened(values))
    keys = list(dict.fromkeys(key for each in objects for key in each))
    if not keys:
        return '{ __typename }'
    return '{ ' + ' '.join(_asked(schema, kind, key, objects) for key in keys) + ' }'


def flattened(values: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """Yield the objects in nested lists."""
    for value in values:
        if isinstance(value, list):
            yield from flattened(value)
        elif isinstance(value, dict):
            yield value


def _asked(schema: GraphQLSchema, kind: Any, key: str, objects: list[dict[str, Any]]) -> str:
    if key == '__typename':
        return key
    inner = [each[key] for each in objects if key in each]
    if key in getattr(kind, 'fields', ()):
        return _field(schema, kind.fields[key], key, inner)
    owners = [each for each in _possible(schema, kind) if key in each.fields]
    if not owners:
        raise CannotRebuild(f"{kind}.{key} does not exist.")
    parts = (_field(schema, owner.fields[key], key, inner) for owner in owners)
    return ' '.join(f'... on {owner} {{ {part} }}' for owner, part in zip(owners, parts, strict=True))


def _possible(schema: GraphQLSchema, kind: Any) -> Any:
    return () if hasattr(kind, 'interfaces') and not hasattr(kind, 'resolve_type') else schema.get_possible_types(kind)


def _field(schema: GraphQLSchema, found: Any, key: str, inner: list[Any]) -> str:
    kind = get_named_type(found.type)
    page = f'(first: {PAGE})' if 'first' in found.args and is_composite_type(kind) else ''
    return f'{key}{page} {selection(schema, kind, inner)}'.strip()


# --- adapted ------------------------------------------------------------------------------------


@dataclass
class Adapted:
    """A document the schema accepts, and what had to go."""

    text: str
    variables: dict[str, Any]
    removed: list[str] = field(default_factory=list)
    lost_roots: list[str] = field(default_factory=list)


class _Remover(Visitor):
    """Removes fields and arguments the schema lacks; an emptied parent goes too."""

    def __init__(self, info: TypeInfo):
        super().__init__()
        self.info = info
        self.removed: list[str] = []
        self.lost_roots: list[str] = []

    def leave_field(self, node: FieldNode, _key: Any, _parent: Any, path: Any, _ancestors: Any) -> Any:
        """Drop a field that does not exist, or whose whole selection was dropped."""
        parent = self.info.get_parent_type()
        if self.info.get_field_def() is None and parent is not None:
            if parent.name in ('QueryRoot', 'Mutation'):
                self.lost_roots.append(node.name.value)
            self.removed.append(f'{parent.name}.{node.name.value}')
            return REMOVE
        if node.selection_set is not None and not node.selection_set.selections:
            return REMOVE
        return None

    def leave_argument(self, node: Any, *_args: Any) -> Any:
        """Drop an argument that does not exist."""
        found = self.info.get_field_def()
        if self.info.get_directive() is None and found and node.name.value not in found.args:
            self.removed.append(f'{self.info.get_parent_type()}.(argument {node.name.value})')
            return REMOVE
        return None


def adapted(schema: GraphQLSchema, text: str, variables: dict[str, Any]) -> Adapted:
    """Return a document of an older version without what the schema no longer has."""
    document = parse(text)
    info = TypeInfo(schema)
    remover = _Remover(info)
    document = visit(document, TypeInfoVisitor(info, remover))
    kept = dict(variables)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            for declared in definition.variable_definitions or ():
                name, kind = declared.variable.name.value, type_from_ast(schema, declared.type)
                if name in kept and kind is not None:
                    kept[name] = known_input(kind, kept[name], remover.removed)
    printed = print_ast(document) if remover.removed else text
    return Adapted(printed, kept, sorted(set(remover.removed)), remover.lost_roots)


def known_input(kind: Any, value: Any, removed: list[str]) -> Any:
    """Return an input value without the fields its type no longer has."""
    kind = get_nullable_type(kind)
    if is_list_type(kind) and isinstance(value, list):
        return [known_input(kind.of_type, each, removed) for each in value]
    named = get_named_type(kind)
    if not is_input_object_type(named) or not isinstance(value, dict):
        return value
    return _known_fields(named, value, removed)


def _known_fields(kind: GraphQLInputObjectType, value: dict[str, Any], removed: list[str]) -> dict[str, Any]:
    removed += [f'{kind.name}.{key}' for key in value if key not in kind.fields]
    return {
        key: known_input(kind.fields[key].type, inner, removed)
        for key, inner in value.items()
        if key in kind.fields
    }


IDEMPOTENT = re.compile(r'@idempotent\b')


def with_key(text: str, roots: Iterable[str], needing: frozenset[str], key: str) -> str:
    """Give the mutations that need one since 2026-04 an idempotency key, if the document has none."""
    if IDEMPOTENT.search(text) or not needing & set(roots):
        return text

    class _Adder(Visitor):
        def leave_field(self, node: FieldNode, *_args: Any) -> Any:
            if node.name.value in needing:
                made = parse(f'{{ a @idempotent(key: "{key}") }}')
                return replace(node, directives=made.definitions[0].selection_set.selections[0].directives)
            return node

    return print_ast(visit(parse(text), _Adder()))


# --- the shape a document asks for ----------------------------------------------------------------


def asked_keys(text: str) -> dict[str, Any]:
    """Return the response keys of a document as a tree."""
    document = parse(text)
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    tree: dict[str, Any] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _collect(definition.selection_set, fragments, tree)
    return tree


def _collect(chosen: Any, fragments: dict[str, FragmentDefinitionNode], tree: dict[str, Any]) -> None:
    for node in chosen.selections if chosen else ():
        if isinstance(node, FieldNode):
            _collect(node.selection_set, fragments, tree.setdefault((node.alias or node.name).value, {}))
        elif isinstance(node, InlineFragmentNode):
            _collect(node.selection_set, fragments, tree)
        elif isinstance(node, FragmentSpreadNode):
            _collect(fragments[node.name.value].selection_set, fragments, tree)


def pruned(value: Any, tree: dict[str, Any]) -> Any:
    """Return an answer without the keys that are not asked for any more."""
    if isinstance(value, list):
        return [pruned(each, tree) for each in value]
    if isinstance(value, dict) and tree:
        return {key: pruned(inner, tree[key]) for key, inner in value.items() if key in tree}
    return value
