"""Errors an engine verb or a mutation may answer with."""


class TwinError(Exception):
    """A top-level GraphQL error.

    :param str message: the text Shopify would answer with.
    :param str code: value of ``extensions.code``, e.g. ``RESOURCE_NOT_FOUND``.
    """

    def __init__(self, message, code='BAD_REQUEST'):
        super().__init__(message)
        self.message = message
        self.code = code


class NotModelled(Exception):  # noqa: N818 (the name says what it is: a refusal, not a defect)
    """Asked for something the twin does not emulate; never answered with invented data."""


class UserError:
    """One entry of a payload's ``userErrors``.

    :param field: path into the input as a list of text, or None.
    :param message: text as recorded from Shopify.
    :param code: enum value, where the payload's error type has one.
    :param typename: GraphQL type, for payloads whose error type is not ``UserError``.
    """

    __slots__ = ('code', 'element_index', 'field', 'message', 'typename')

    def __init__(self, field=None, message='', code=None, typename='UserError'):
        self.field = [str(part) for part in field] if field is not None else None
        self.message = message
        self.code = code
        self.typename = typename
        self.element_index = None

    def __repr__(self):
        return f"UserError({self.field}, {self.message!r}, {self.code})"
