"""graphql-core's validation errors, told as Shopify tells them. [R]

The rules are graphql-core's; only message, path and `extensions.code` are Shopify's. A rule without
a recorded wording keeps graphql-core's message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import ArgumentNode, ListValueNode, ObjectFieldNode, ObjectValueNode

from .failures import RequestFailure, node_location

if TYPE_CHECKING:
    from collections.abc import Callable


def parse_document(text: str) -> DocumentNode:
    """Parse a document; raises RequestFailure with PARSE_ERROR."""
    try:
        return parse(text)
    except GraphQLSyntaxError as error:
        raise RequestFailure(_syntax_error(error, text)) from None


def _syntax_error(error: GraphQLSyntaxError, text: str) -> dict[str, Any]:
    at = error.locations[0]
    # [R] words an unexpected end of file; other syntax errors follow its pattern [I].
    if error.positions[0] >= len(text.rstrip()):
        what = 'unexpected end of file'
    else:
        what = error.message.removeprefix('Syntax Error: ').rstrip('.')
    return {
        'message': f'syntax error, {what} at [{at.line}, {at.column}]',
        'locations': [{'line': at.line, 'column': at.column}],
        'extensions': {'code': 'PARSE_ERROR'},
    }


def check_document(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Validate against the schema; raises RequestFailure with every error found."""
    errors = validate(schema, document)
    if errors:
        tree = _Tree(schema, document)
        raise RequestFailure(*(_translate(error, tree) for error in errors))


class _Tree:
    """Where each node stands: its parent, and for input fields the type they belong to."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode):
        self.schema = schema
        self.parents = _parents(document)
        self.input_types: dict[int, GraphQLInputObjectType] = {}
        info = TypeInfo(schema)
        visit(document, TypeInfoVisitor(info, _InputTypes(info, self.input_types)))

    def path(self, node: Node) -> list[str | int]:
        """Operation, fields and arguments that lead to a node."""
        steps: list[str | int] = []
        current: Node | None = node
        while current is not None:
            parent = self.parents.get(id(current))
            steps.extend(_step(current, parent))
            current = parent
        return steps[::-1]


class _InputTypes(Visitor):
    def __init__(self, info: TypeInfo, found: dict[int, GraphQLInputObjectType]):
        super().__init__()
        self.info = info
        self.found = found

    def enter_object_value(self, node: ObjectValueNode, *_args: Any) -> None:
        """Note the type of an input object literal for its fields."""
        type_ = get_named_type(self.info.get_input_type())
        for field in node.fields:
            self.found[id(field)] = type_


def _parents(document: DocumentNode) -> dict[int, Node]:
    parents: dict[int, Node] = {}
    stack: list[Node] = [document]
    while stack:
        node = stack.pop()
        for child in _children(node):
            parents[id(child)] = node
            stack.append(child)
    return parents


def _children(node: Node) -> list[Node]:
    out: list[Node] = []
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            out.append(value)
        elif isinstance(value, (list, tuple)):
            out.extend(v for v in value if isinstance(v, Node))
    return out


def _step(node: Node, parent: Node | None) -> list[str | int]:
    word = _STEPS.get(type(node))
    if word is not None:
        return [word(node)]
    return [list(parent.values).index(node)] if isinstance(parent, ListValueNode) else []


def _operation_step(node: OperationDefinitionNode) -> str:
    return node.operation.value + (f' {node.name.value}' if node.name else '')


def _fragment_step(node: InlineFragmentNode) -> str:
    return f'... on {node.type_condition.name.value}' if node.type_condition else '...'


_STEPS: dict[type, Callable[[Any], str]] = {
    OperationDefinitionNode: _operation_step,
    FragmentDefinitionNode: lambda node: f'fragment {node.name.value}',
    InlineFragmentNode: _fragment_step,
    FieldNode: lambda node: (node.alias or node.name).value,
    ArgumentNode: lambda node: node.name.value,
    ObjectFieldNode: lambda node: node.name.value,
}


def _translate(error: GraphQLError, tree: _Tree) -> dict[str, Any]:
    for pattern, translator in _TRANSLATIONS:
        match = pattern.search(error.message)
        if match:
            return translator(match, error.nodes or [], tree)
    node = (error.nodes or [None])[0]
    return _error(error.message, node, tree, 'invalid')


def _error(
    message: str, node: Node | None, tree: _Tree, code: str, **extensions: Any
) -> dict[str, Any]:
    out: dict[str, Any] = {'message': message, 'locations': node_location(node)}
    if node is not None:
        out['path'] = tree.path(node)
    out['extensions'] = {'code': code, **extensions}
    return out


def _undefined_field(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    field, type_ = match.group(1), match.group(2)
    message = f"Field '{field}' doesn't exist on type '{type_}'"
    return _error(message, nodes[0], tree, 'undefinedField', typeName=type_, fieldName=field)


def _undefined_input_field(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    field, type_ = match.group('field'), match.group('type')
    return _error(
        f"InputObject '{type_}' doesn't accept argument '{field}'",
        nodes[0],
        tree,
        'argumentNotAccepted',
        name=type_,
        typeName='InputObject',
        argumentName=field,
    )


def _unknown_argument(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    arg, field = match.group(1), match.group(2).rpartition('.')[2]
    return _error(
        f"Field '{field}' doesn't accept argument '{arg}'",
        nodes[0],
        tree,
        'argumentNotAccepted',
        name=field,
        typeName='Field',
        argumentName=arg,
    )


def _missing_argument(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    field, arg = match.group(1).rpartition('.')[2], match.group(2)
    return _error(
        f"Field '{field}' is missing required arguments: {arg}",
        nodes[0],
        tree,
        'missingRequiredArguments',
        className='Field',
        name=field,
        arguments=arg,
    )


def _missing_input_field(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    type_, field = match.group(1), match.group(2)
    wanted = str(tree.schema.type_map[type_].fields[field].type)
    out = _error(
        f"Argument '{field}' on InputObject '{type_}' is required. Expected type {wanted}",
        nodes[0],
        tree,
        'missingRequiredInputObjectAttribute',
        argumentName=field,
        argumentType=wanted,
        inputObjectType=type_,
    )
    out['path'].append(field)
    return out


def _missing_selection(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    field, type_ = match.group(1), match.group(2).strip('[]!')
    message = (
        f"Field must have selections (field '{field}' returns {type_} but has no selections. "
        f"Did you mean '{field} {{ ... }}'?)"
    )
    return _error(
        message,
        nodes[0],
        tree,
        'selectionMismatch',
        nodeName=f"field '{field}'",
        typeName=type_,
    )


def _unused_variable(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    name = match.group(1)
    operation = tree.parents[id(nodes[0])]
    label = operation.name.value if operation.name else 'anonymous query'
    return _error(
        f'Variable ${name} is declared by {label} but not used',
        operation,
        tree,
        'variableNotUsed',
        variableName=name,
    )


def _undefined_variable(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    name = match.group(1)
    operation = nodes[-1]
    named = isinstance(operation, OperationDefinitionNode) and operation.name
    label = operation.name.value if named else 'anonymous query'
    return _error(
        f'Variable ${name} is used by {label} but not declared',
        nodes[0],
        tree,
        'variableNotDefined',
        variableName=name,
    )


def _unknown_type(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    type_ = match.group(1)
    return _error(
        f"No such type {type_}, so it can't be a fragment condition",
        nodes[0],
        tree,
        'undefinedType',
        typeName=type_,
    )


def _unknown_directive(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    name = match.group(1)
    return _error(
        f'Directive @{name} is not defined',
        nodes[0],
        tree,
        'undefinedDirective',
        directiveName=name,
    )


def _bad_literal(match: re.Match, nodes: list[Node], tree: _Tree) -> dict[str, Any]:
    holder = nodes[0]
    while not isinstance(holder, (ArgumentNode, ObjectFieldNode)):
        holder = tree.parents[id(holder)]
    owner, wanted = _owner(holder, tree), match.group('type')
    kind = owner.split()[0]
    message = (
        f"Argument '{holder.name.value}' on {owner} has an invalid value "
        f"({print_ast(holder.value)}). Expected type '{wanted}'."
    )
    place = tree.parents[id(holder)]
    out = _error(
        message,
        place,
        tree,
        'argumentLiteralsIncompatible',
        typeName=kind,
        argumentName=holder.name.value,
    )
    out['path'] = tree.path(holder)
    return out


def _owner(holder: Node, tree: _Tree) -> str:
    place = tree.parents[id(holder)]
    if isinstance(place, FieldNode):
        return f"Field '{place.name.value}'"
    return f"InputObject '{tree.input_types[id(holder)].name}'"


# graphql-core 3.2 and 3.3 word some errors differently; both are read here.
_TRANSLATIONS = [
    (re.compile(r"^Cannot query field '(\w+)' on type '(\w+)'"), _undefined_field),
    (
        re.compile(r"^Field '(?P<field>\w+)' is not defined by type '(?P<type>\w+)'"),
        _undefined_input_field,
    ),
    (re.compile(r"^Unknown argument '(\w+)' on field '([\w.]+)'"), _unknown_argument),
    (re.compile(r"^Argument '([\w.]+)\((\w+):\)' of type"), _missing_argument),
    (re.compile(r"^Field '([\w.]+)' argument '(\w+)' of type"), _missing_argument),
    (
        re.compile(r"^Field '(\w+)\.(\w+)' of required type '([^']+)' was not provided"),
        _missing_input_field,
    ),
    (
        re.compile(r"^Expected value of type '(\w+)' to include required field '(\w+)'"),
        _missing_input_field,
    ),
    (
        re.compile(
            r"^Expected value of type '(?P<type>\w+)' not to include unknown field '(?P<field>\w+)'"
        ),
        _undefined_input_field,
    ),
    (re.compile(r"^Field '(\w+)' of type '([^']+)' must have a s"), _missing_selection),
    (re.compile(r"^Variable '\$(\w+)' is never used"), _unused_variable),
    (re.compile(r"^Variable '\$(\w+)' is not defined"), _undefined_variable),
    (re.compile(r"^Unknown type '(\w+)'"), _unknown_type),
    (re.compile(r"^Unknown directive '@(\w+)'"), _unknown_directive),
    (re.compile(r"^Value .* does not exist in '(?P<type>[^']+)' enum"), _bad_literal),
    (re.compile(r"^Expected value of (?:non-null )?type '(?P<type>[^']+)'"), _bad_literal),
    (re.compile(r"^Enum '(?P<type>[^']+)' cannot represent"), _bad_literal),
    (re.compile(r'^(?P<type>String|Int|Float|Boolean|ID) cannot represent'), _bad_literal),
]
