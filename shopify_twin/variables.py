"""Reading a request's variables, with the refusals Shopify words for them. [R]"""

from __future__ import annotations

import json
from typing import Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    print_ast,
    type_from_ast,
    value_from_ast,
)

from . import scalars
from .failures import RequestFailure, node_location

MAX_ITEMS = 250
# [R] draftOrderCreate refuses the 500th line, productSet the 2,049th variant.
MAX_ITEMS_BY_PATH = {
    ('draftOrderCreate', 'input', 'lineItems'): 499,
    ('draftOrderCalculate', 'input', 'lineItems'): 499,
    ('draftOrderUpdate', 'input', 'lineItems'): 499,
    ('productSet', 'input', 'variants'): 2048,
}
NOT_NULL = 'Expected value to not be null'
_MISSING = object()


def coerce(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]
) -> dict[str, Any]:
    """The values of an operation's variables; raises RequestFailure with INVALID_VARIABLE."""
    values: dict[str, Any] = {}
    errors = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        type_ = type_from_ast(schema, definition.type)
        if name not in given and definition.default_value is not None:
            values[name] = value_from_ast(definition.default_value, type_)
            continue
        if name not in given and not is_non_null_type(type_):
            continue
        problems: list[dict[str, Any]] = []
        values[name] = _value(type_, given.get(name), [], problems)
        if problems:
            errors.append(_refusal(definition, given.get(name), problems))
    if errors:
        raise RequestFailure(*errors)
    return values


def _refusal(definition: Any, value: Any, problems: list[dict[str, Any]]) -> dict[str, Any]:
    detail = ', '.join(
        f"{'.'.join(map(str, p['path']))} ({p['explanation']})" for p in problems if p['path']
    )
    message = (
        f'Variable ${definition.variable.name.value} of type {print_ast(definition.type)} '
        f'was provided invalid value{" for " + detail if detail else ""}'
    )
    return {
        'message': message,
        'locations': node_location(definition),
        'extensions': {'code': 'INVALID_VARIABLE', 'value': value, 'problems': problems},
    }


def _problem(problems: list, path: list, explanation: str) -> None:
    problems.append({'path': path, 'explanation': explanation})


def _value(type_: Any, value: Any, path: list, problems: list) -> Any:
    if is_non_null_type(type_):
        if value is None:
            return _problem(problems, path, NOT_NULL)
        type_ = type_.of_type
    return None if value is None else _present(type_, value, path, problems)


def _present(type_: Any, value: Any, path: list, problems: list) -> Any:
    if is_list_type(type_):
        items = value if isinstance(value, list) else [value]
        return [_value(type_.of_type, v, [*path, i], problems) for i, v in enumerate(items)]
    if is_input_object_type(type_):
        return _input_object(type_, value, path, problems)
    if is_enum_type(type_):
        return _enum(type_, value, path, problems)
    return _scalar(type_, value, path, problems)


def _scalar(type_: Any, value: Any, path: list, problems: list) -> Any:
    try:
        parsed = scalars.parse(type_.name, value)
    except scalars.ScalarError as error:
        return _problem(problems, path, str(error))
    if type_.name == 'ID' and not scalars.is_gid(parsed):
        return _problem(problems, path, f"Invalid global id '{parsed}'")
    return parsed


def _enum(type_: Any, value: Any, path: list, problems: list) -> Any:
    if isinstance(value, str) and value in type_.values:
        return value
    names = ', '.join(type_.values)
    return _problem(problems, path, f'Expected {json.dumps(value)} to be one of: {names}')


def _input_object(type_: Any, value: Any, path: list, problems: list) -> Any:
    if not isinstance(value, dict):
        text = f'Could not coerce value {json.dumps(value)} to {type_.name}'
        return _problem(problems, path, text)
    for key in value:
        if key not in type_.fields:
            _problem(problems, [*path, key], f'Field is not defined on {type_.name}')
    _check_one_of(type_, value, path, problems)
    return _input_fields(type_, value, path, problems)


def _check_one_of(type_: Any, value: dict, path: list, problems: list) -> None:
    if getattr(type_, 'is_one_of', False) and len(value) != 1:
        _problem(
            problems,
            path,
            f"'{type_.name}' requires exactly one argument, but {len(value)} were provided.",
        )


def _input_fields(type_: Any, value: dict, path: list, problems: list) -> dict[str, Any]:
    out = {}
    for name, definition in type_.fields.items():
        item = value.get(name, _MISSING)
        if item is not _MISSING:
            out[name] = _value(definition.type, item, [*path, name], problems)
        elif _default(definition) is not Undefined:
            out[name] = _default(definition)
        elif is_non_null_type(definition.type):
            _problem(problems, [*path, name], NOT_NULL)
    return out


def _default(definition: Any) -> Any:
    # graphql-core 3.3 keeps an introspected default as a literal, 3.2 as a value.
    default = getattr(definition, 'default', None)
    literal = getattr(default, 'literal', None)
    if literal is not None:
        return value_from_ast(literal, definition.type)
    value = getattr(default, 'value', Undefined)
    return definition.default_value if value is Undefined else value


def check_sizes(field: str, args: dict[str, Any], node: Any) -> None:
    """Refuse input arrays that are too long. Raises RequestFailure. [R]"""
    for name, value in args.items():
        _check_size((field, name), value, node)


def _check_size(path: tuple[str, ...], value: Any, node: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_size((*path, key), item, node)
    elif isinstance(value, list):
        limit = MAX_ITEMS_BY_PATH.get(path, MAX_ITEMS)
        if len(value) > limit:
            raise RequestFailure(_too_long(path, len(value), limit, node))
        for item in value:
            _check_size(path, item, node)


def _too_long(path: tuple[str, ...], size: int, limit: int, node: Any) -> dict[str, Any]:
    message = f'The input array size of {size} is greater than the maximum allowed of {limit}.'
    return {
        'message': message,
        'locations': node_location(node),
        'path': list(path),
        'extensions': {'code': 'MAX_INPUT_SIZE_EXCEEDED'},
    }
