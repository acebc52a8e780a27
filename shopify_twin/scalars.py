"""How Shopify writes and reads its scalars."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from graphql.utilities import value_from_ast_untyped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphql import GraphQLScalarType

_GID = re.compile(r'^gid://[\w-]+/\w+/[^\s]+$')


class ScalarError(ValueError):
    """A value that does not fit its scalar; the text is Shopify's explanation."""


def decimal_text(value: Decimal | int | str, _context: Any = None) -> str:
    """Decimal as Shopify prints it: no fixed places, at least one ("12.5", "0.0"). [R]"""
    text = format(value if isinstance(value, Decimal) else Decimal(value), 'f')
    if '.' not in text:
        return text + '.0'
    text = text.rstrip('0')
    return text + '0' if text.endswith('.') else text


def money_text(value: Decimal | int | str, _context: Any = None) -> str:
    """The deprecated Money scalar has two fixed places. [R]"""
    return f'{Decimal(value):.2f}'


def datetime_text(value: datetime | str, _context: Any = None) -> str:
    """UTC to the second with a Z. [R]"""
    if isinstance(value, str):
        return value
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ScalarError("The twin's engine gave a datetime without time zone.")
        value = value.astimezone(UTC)
    return value.isoformat(timespec='seconds')[:19] + 'Z'


def _text(value: Any, _context: Any = None) -> str:
    if type(value) is not str:
        raise ScalarError(f"The twin's engine gave {value!r} where text is expected.")
    return value


def _integer(value: Any, _context: Any = None) -> int:
    if type(value) is not int:
        raise ScalarError(f"The twin's engine gave {value!r} where an integer is expected.")
    return value


def _boolean(value: Any, _context: Any = None) -> bool:
    if type(value) is not bool:
        raise ScalarError(f"The twin's engine gave {value!r} where a boolean is expected.")
    return value


def _date(value: date | str, _context: Any = None) -> str:
    return value if isinstance(value, str) else value.isoformat()[:10]


def _float(value: Any, _context: Any = None) -> float:
    return float(value)


def _number_text(value: Any, _context: Any = None) -> str:
    return str(value)


def _as_is(value: Any, _context: Any = None) -> Any:
    return value


#: All take the request's context as a second argument, which only enums use.
SERIALIZERS: dict[str, Callable[..., Any]] = {
    'Boolean': _boolean,
    'Int': _integer,
    'Float': _float,
    'Decimal': decimal_text,
    'Money': money_text,
    'DateTime': datetime_text,
    'Date': _date,
    'UnsignedInt64': _number_text,  # Numbers of 64 bits travel as text. [R]
    'BigInt': _number_text,
    'JSON': _as_is,
}


def serializer(scalar: str) -> Callable[..., Any]:
    """The function that turns an engine's value into JSON for a scalar type."""
    return SERIALIZERS.get(scalar, _text)


def _parse_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ScalarError(f"invalid decimal '{value}'")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ScalarError(f"invalid decimal '{value}'") from None


def _parse_datetime(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value).replace('Z', '+00:00'))
    except ValueError:
        raise ScalarError(f"invalid DateTime '{value}'") from None
    # Without an offset the moment is taken as UTC. [I]
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ScalarError(f"Invalid global id '{value}'")
    return str(value)


def _parse_json(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _parse_number_text(value: Any) -> int:
    if isinstance(value, bool) or not str(value).lstrip('-').isdigit():
        raise ScalarError(f"invalid integer '{value}'")
    return int(value)


def _parse_string(value: Any) -> str:
    if not isinstance(value, str):
        raise ScalarError(f'Could not coerce value {json.dumps(value)} to String')
    return value


def _parse_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScalarError(f'Could not coerce value {json.dumps(value)} to Int')
    return value


def _parse_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ScalarError(f'Could not coerce value {json.dumps(value)} to Float')
    return float(value)


def _parse_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ScalarError(f'Could not coerce value {json.dumps(value)} to Boolean')
    return value


PARSERS: dict[str, Callable[[Any], Any]] = {
    'Decimal': _parse_decimal,
    'Money': _parse_decimal,
    'DateTime': _parse_datetime,
    'ID': _parse_id,
    'JSON': _parse_json,
    'UnsignedInt64': _parse_number_text,
    'BigInt': _parse_number_text,
    'String': _parse_string,
    'Int': _parse_int,
    'Float': _parse_float,
    'Boolean': _parse_boolean,
}


def parse(scalar: str, value: Any) -> Any:
    """Read a variable's value. Raises ScalarError with Shopify's explanation.

    Decimal gives Decimal, DateTime an aware datetime in UTC.
    """
    return PARSERS.get(scalar, _parse_string)(value)


def is_gid(value: str) -> bool:
    """Whether a text has the form of a global id."""
    return bool(_GID.match(value))


def install_parsers(types: Iterable[GraphQLScalarType]) -> None:
    """Give the custom scalars of a client-built schema their reading of literals."""
    for type_ in types:
        if type_.name in ('String', 'Int', 'Float', 'Boolean', 'ID'):
            continue
        _install(type_, PARSERS.get(type_.name, _parse_string))


def _install(type_: GraphQLScalarType, parser: Callable[[Any], Any]) -> None:
    def parse_literal(node: Any, variables: dict[str, Any] | None = None) -> Any:
        return parser(value_from_ast_untyped(node, variables))

    type_.parse_value = parser
    type_.parse_literal = parse_literal
    # graphql-core 3.3 asks for this newer name first.
    type_.coerce_input_value = parser
    type_.coerce_input_literal = lambda node: parser(value_from_ast_untyped(node))
