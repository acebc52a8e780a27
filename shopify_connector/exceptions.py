"""What keeps one order from becoming a document: a stable code and words a user can act on."""

from dataclasses import dataclass

from odoo.exceptions import UserError

from .shopify_api.errors import ShopifyError


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason; problems of the same code and subject have the same cause and the same cure."""

    code: str
    message: str
    subject: str = ''


class ShopifyProblemError(UserError):
    """Raised where one order has to stop; carries the :class:`Problem`."""

    def __init__(self, problem):
        super().__init__(problem.message)
        self.problem = problem


def describe_error(env, error):
    """Return the :class:`Problem` of any error: a user's words, and a code that groups causes."""
    if isinstance(error, ShopifyProblemError):
        return error.problem
    if isinstance(error, ShopifyError):
        return Problem(error.code, str(error))
    if isinstance(error, UserError):
        return Problem('odoo', str(error), str(error)[:200])
    message = env._(
        "Unexpected error, the log of the server has the details: %(error)s",
        error=f'{type(error).__name__}: {error}'[:500],
    )
    return Problem('unexpected', message, type(error).__name__)
