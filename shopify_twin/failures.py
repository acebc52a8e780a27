"""The errors of an answer, in Shopify's words."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = 'https://shopify.dev/api/usage/access-scopes'


class FieldFailure(Exception):  # noqa: N818 (it fails one field, not the request)
    """One entry of an answer's `errors`; nulls the nearest nullable field above it."""

    def __init__(self, message: str, code: str | None = None, **extensions: Any):
        super().__init__(message)
        self.message = message
        self.extensions = {'code': code, **extensions} if code else extensions
        self.path: list[str | int] | None = None
        self.locations: list[dict[str, int]] | None = None

    def as_json(self) -> dict[str, Any]:
        """The error as it stands in the answer."""
        out: dict[str, Any] = {'message': self.message}
        if self.locations:
            out['locations'] = self.locations
        if self.extensions:
            out['extensions'] = self.extensions
        if self.path is not None:
            out['path'] = self.path
        return out


class RequestFailure(Exception):  # noqa: N818
    """The request is refused before anything ran: errors without data."""

    def __init__(self, *errors: dict[str, Any]):
        super().__init__(errors[0]['message'])
        self.errors = list(errors)


def access_denied(field: str, required: str) -> FieldFailure:
    """The refusal of a field whose scope the token lacks. [R]"""
    return FieldFailure(
        f'Access denied for {field} field. Required access: {required}',
        'ACCESS_DENIED',
        documentation=DOCUMENTATION,
        requiredAccess=required,
    )


def internal_error(request_id: str) -> dict[str, Any]:
    """Shopify's answer to its own defects. [R]"""
    return {
        'message': (
            "Internal error. Looks like something went wrong on our end.\n"
            f"Request ID: {request_id} (include this in support requests)."
        ),
        'extensions': {'requestId': request_id, 'code': 'INTERNAL_SERVER_ERROR'},
    }


def node_location(node: Any) -> list[dict[str, int]]:
    """Line and column of an AST node as GraphQL writes them."""
    if node is None or node.loc is None:
        return []
    start = node.loc.start_token
    return [{'line': start.line, 'column': start.column}]
