"""One error class per decision of the caller."""


class ShopifyError(Exception):
    """Something went wrong between us and Shopify.

    :param str message: what happened, in words a user can act on.
    :param str code: stable code, so that equal causes group.
    :param str operation: name of the GraphQL operation, for example ``OrdersByIds``.
    :param int status: HTTP status, ``None`` when there was no answer.
    :param str request_id: Shopify's ``X-Request-Id``, for their support.
    """

    code = 'shopify'

    def __init__(self, message, *, code=None, operation=None, status=None, request_id=None):
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.operation = operation
        self.status = status
        self.request_id = request_id

    def __str__(self):
        facts = (
            ("operation", self.operation),
            ("HTTP status", self.status),
            ("request id", self.request_id),
        )
        details = ", ".join(f"{name} {value}" for name, value in facts if value)
        return f"{self.message} ({details})" if details else self.message


class ShopifyRetryableError(ShopifyError):
    """Try the same thing later; nothing is wrong with data or set-up.

    :param float retry_after: seconds after which trying again makes sense.
    """

    code = 'shopify_later'

    def __init__(self, message, *, retry_after=30.0, **facts):
        super().__init__(message, **facts)
        self.retry_after = retry_after


class ShopifyAccessError(ShopifyError):
    """The connection has to be mended: token, scope, plan or a locked store."""

    code = 'shopify_access'


class ShopifyUserError(ShopifyError):
    """Shopify understood the request and refused the data.

    :param list errors: dicts with ``field``, ``message`` and perhaps ``code``, as Shopify gave.
    """

    code = 'shopify_refused'

    def __init__(self, message, *, errors=(), **facts):
        super().__init__(message, **facts)
        self.errors = list(errors)


class ShopifyRequestError(ShopifyError):
    """Our own mistake: a bad document, bad variables, or an answer we cannot read."""

    code = 'shopify_request'


class ShopifyCostError(ShopifyRequestError):
    """One request asked for more points than a single query may cost; ask for less at once."""

    code = 'shopify_cost'
