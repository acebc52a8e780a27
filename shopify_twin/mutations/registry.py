"""The table of mutations; each module adds its functions with the decorator."""

MUTATIONS = {}


def mutation(name):
    """Register a function as the mutation `name`: called with the store and the coerced arguments."""

    def register(function):
        MUTATIONS[name] = function
        return function

    return register
