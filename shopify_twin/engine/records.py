"""What all records share: a GraphQL type name, a gid, and the number in it."""

from copy import deepcopy
from dataclasses import fields

#: Types that a copy of an order copies too.
PARTS_OF_AN_ORDER = frozenset(
    {
        'Order',
        'LineItem',
        'ShippingLine',
        'TaxLine',
        'Duty',
        'AdditionalFee',
        'DiscountAllocation',
        'OrderTransaction',
        'PaymentTerms',
        'PaymentSchedule',
        'FulfillmentOrder',
        'FulfillmentOrderLineItem',
        'Fulfillment',
        'FulfillmentLineItem',
        'Refund',
        'RefundLineItem',
        'RefundShippingLine',
        'RefundDuty',
        'OrderAdjustment',
        'Return',
        'ReturnLineItem',
        'ReverseFulfillmentOrder',
        'ReverseFulfillmentOrderLineItem',
    }
)


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

    def __deepcopy__(self, memo):
        """Copy what belongs to one order; share customers, variants, locations and the like."""
        if self.typename not in PARTS_OF_AN_ORDER:
            return self
        made = memo[id(self)] = object.__new__(type(self))
        for each in fields(self):
            setattr(made, each.name, deepcopy(getattr(self, each.name), memo))
        return made


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
    return [
        Attribute(item.get('key') or item.get('name'), item.get('value')) for item in values or ()
    ]
