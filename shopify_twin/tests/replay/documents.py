"""Makes the documents that a recording does not hold from the shape of its answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    Visitor,
    get_named_type,
    is_composite_type,
    is_object_type,
    is_required_argument,
    parse,
    print_ast,
    visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = 50


class CannotRebuild(Exception):  # noqa: N818
    """An answer's shape does not tell what was asked."""


def rebuilt(schema: GraphQLSchema, data: dict[str, Any], variables: dict[str, Any]) -> str:
    """Return a document for one root field with the shape of its answer.

    Variables are passed to the arguments of the same name.
    """
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
    return ' '.join(
        f'... on {owner} {{ {part} }}' for owner, part in zip(owners, parts, strict=True)
    )


def _possible(schema: GraphQLSchema, kind: Any) -> Any:
    return () if is_object_type(kind) else schema.get_possible_types(kind)


def _field(schema: GraphQLSchema, found: Any, key: str, inner: list[Any]) -> str:
    kind = get_named_type(found.type)
    page = f'(first: {PAGE})' if 'first' in found.args and is_composite_type(kind) else ''
    return f'{key}{page} {selection(schema, kind, inner)}'.strip()


IDEMPOTENT = re.compile(r'@idempotent\b')


def with_key(text: str, roots: Iterable[str], needing: frozenset[str], key: str) -> str:
    """Give mutations that need one since 2026-04 an idempotency key, if there is none."""
    if IDEMPOTENT.search(text) or not needing & set(roots):
        return text

    class _Adder(Visitor):
        def leave_field(self, node: FieldNode, *_args: Any) -> Any:
            if node.name.value in needing:
                made = parse(f'{{ a @idempotent(key: "{key}") }}')
                return replace(
                    node, directives=made.definitions[0].selection_set.selections[0].directives
                )
            return node

    return print_ast(visit(parse(text), _Adder()))
