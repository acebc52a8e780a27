"""The table of mutations; each module adds its functions with the decorator."""

MUTATIONS = {}

#: Mutations that must carry ``@idempotent(key:)`` from 2026-04 on [D]; checked by who executes
#: documents.
NEEDS_KEY = frozenset({'refundCreate'})


def mutation(name):
    """Register a function as the mutation `name`.

    It is called with the store and the coerced arguments under their GraphQL names, and returns the
    payload.
    """

    def register(function):
        MUTATIONS[name] = function
        return function

    return register
