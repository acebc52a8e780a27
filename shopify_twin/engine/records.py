"""What all records share: a GraphQL type name, a gid, and the number in it."""


class Record:
    """Base of the typed records; attributes are the GraphQL field names in snake case."""

    typename = None
    __slots__ = ()

    @property
    def legacy_resource_id(self):
        """The number in the gid, as REST and webhooks know it."""
        return int(self.id.rpartition('/')[2].partition('?')[0])

    def __repr__(self):
        return f"<{getattr(self, 'id', None) or self.typename}>"


class Count(Record):
    """A ``Count``: exact here, as a local list is never too long to count."""

    typename = 'Count'
    __slots__ = ('count', 'precision')

    def __init__(self, count, precision='EXACT'):
        self.count = count
        self.precision = precision


class Attribute(Record):
    """One custom attribute of an order or a line."""

    typename = 'Attribute'
    __slots__ = ('key', 'value')

    def __init__(self, key, value):
        self.key = key
        self.value = value


def attributes(values):
    """Return attributes from a mapping or from input objects with key/name and value."""
    if isinstance(values, dict):
        return [Attribute(key, value) for key, value in values.items()]
    return [Attribute(item.get('key') or item.get('name'), item.get('value')) for item in values or ()]
