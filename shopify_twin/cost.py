"""What a request costs in points.

The formula is the one found by fitting recorded requests [R]: object 1, leaf 0, money and addresses
0, connection 2 + n × child with n = floor(2·ln(first)) but at least 1, count field 10, mutation 10,
a plain list like one object, an interface as its dearest member. The actual cost has the same shape
with the nodes really returned; what is null keeps its own price, an empty connection the price of
the nodes it might have had, both without what is below ([R] order-return-status-lifecycle.json).
Against 2,940 recorded requests of all areas this gives the requested cost of 91 % and of those the
actual cost of 79 % exactly; `python -m shopify_twin.tests.replay` measures it on what is at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from .schema import ShopifySchema, node_type

if TYPE_CHECKING:
    from collections.abc import Callable

FREE_TYPES = frozenset({'MoneyBag', 'MoneyV2', 'MailingAddress', 'LocationAddress', 'PageInfo'})
COUNT = 10
MUTATION = 10
CONNECTION = 2
TRANSPARENT = frozenset({'nodes', 'edges', 'node'})
# [R] measured exceptions.
FIXED = {('Mutation', 'deliveryProfileUpdate'): 100, ('Mutation', 'flowTriggerReceive'): 1}


@dataclass(slots=True)
class Priced:
    """One field that costs something, with the priced fields below it by concrete type."""

    key: str
    base: float
    node_cost: int  # 1 for a connection of priced nodes, 0 otherwise.
    connection: bool
    size: Callable[[dict[str, Any]], int | None]
    below: dict[str | None, list[Priced]] = field(default_factory=dict)


def sized(count: int | None) -> int:
    """By how much a connection of `count` nodes multiplies what one node costs."""
    return max(1, math.floor(2 * math.log(count))) if count else 0


class CostModel:
    """The prices of one operation of one document."""

    def __init__(self, schema: ShopifySchema, operation: Any, fragments: dict[str, Any], plan: Any):
        self.schema = schema.graphql
        self.fragments = fragments
        self.plan = plan
        self.mutation = operation.operation.value == 'mutation'
        root = self.schema.get_root_type(operation.operation)
        self.fields = self._fields(root, [operation.selection_set])

    def requested(self, variables: dict[str, Any]) -> int:
        """The cost before execution."""
        return int(sum(_requested(entry, variables) for entry in self.fields)) or 1

    def actual(self, data: dict[str, Any] | None, variables: dict[str, Any]) -> int:
        """The cost of what was really returned."""
        if data is None:
            return 1
        costs = (_actual(entry, data.get(entry.key), variables) for entry in self.fields)
        return int(sum(costs)) or 1

    def breakdown(self, variables: dict[str, Any]) -> list[dict[str, Any]]:
        """Per field: path, own and total requested cost (header Shopify-GraphQL-Cost-Debug)."""
        rows: list[dict[str, Any]] = []
        for entry in self.fields:
            _rows(entry, variables, [], rows)
        return rows

    def _fields(self, type_: Any, sets: list[Any]) -> list[Priced]:
        out: list[Priced] = []
        for key, nodes in self.plan.collect(type_, sets).items():
            name = nodes[0].name.value
            if not name.startswith('__'):
                out.extend(self._field(type_, key, nodes))
        return out

    def _field(self, parent: Any, key: str, nodes: list[FieldNode]) -> list[Priced]:
        node = nodes[0]
        definition = parent.fields[node.name.value]
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return []
        sets = [n.selection_set for n in nodes]
        connection = node_type(definition.type) is not named
        free_nodes = node_type(definition.type).name in FREE_TYPES
        entry = Priced(
            key=key,
            base=self._base(parent, node, named, connection),
            node_cost=int(connection and not free_nodes),
            connection=connection,
            size=_size(node),
        )
        entry.below = self._below(named, sets)
        return [entry]

    def _base(self, parent: Any, node: FieldNode, named: Any, connection: bool) -> float:
        name = node.name.value
        if self.mutation and parent.name == 'Mutation':
            return FIXED.get((parent.name, name), MUTATION)
        if connection:
            return CONNECTION
        if named.name == 'Count':
            return COUNT
        if named.name in FREE_TYPES or (name in TRANSPARENT and _is_connection_part(parent)):
            return 0
        # [R] the direct objects of a mutation's payload and its userErrors are free.
        return 0 if self.mutation and parent.name.endswith('Payload') else 1

    def _below(self, named: Any, sets: list[Any]) -> dict[str | None, list[Priced]]:
        if is_object_type(named):
            return {None: self._fields(named, sets)}
        if is_abstract_type(named):
            return {
                n: self._fields(self.schema.type_map[n], sets) for n in self._members(named, sets)
            }
        return {None: []}

    def _members(self, abstract: Any, sets: list[Any]) -> list[str]:
        """The concrete types that a selection names; one other stands for all the rest."""
        possible = {t.name for t in self.schema.get_possible_types(abstract)}
        named: set[str] = set()
        for selection_set in sets:
            self._conditions(selection_set, named)
        members = {name for name in named if name in possible}
        for name in named - members:
            condition = self.schema.type_map[name]
            if condition is not abstract and is_abstract_type(condition):
                both = possible & {t.name for t in self.schema.get_possible_types(condition)}
                members.update(sorted(both)[:1])
        rest = sorted(possible - members)
        return [*sorted(members), *rest[:1]]

    def _conditions(self, selection_set: Any, out: set[str]) -> None:
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                continue
            if isinstance(selection, FragmentSpreadNode):
                selection = self.fragments[selection.name.value]
            if selection.type_condition is not None:
                out.add(selection.type_condition.name.value)
            self._conditions(selection.selection_set, out)


def _is_connection_part(parent: Any) -> bool:
    return parent.name.endswith(('Connection', 'Edge'))


def _size(node: FieldNode) -> Callable[[dict[str, Any]], int | None]:
    given = {a.name.value: a.value for a in node.arguments or ()}
    value = given.get('first') or given.get('last')
    if value is None:
        return lambda _variables: None
    if hasattr(value, 'name'):
        name = value.name.value
        return lambda variables: variables.get(name)
    literal = int(value.value) if value.kind == 'int_value' else None
    return lambda _variables: literal


def _requested(entry: Priced, variables: dict[str, Any]) -> float:
    below = max(
        (sum(_requested(child, variables) for child in fields) for fields in entry.below.values()),
        default=0,
    )
    if not entry.connection:
        return entry.base + below
    return entry.base + sized(entry.size(variables)) * (below + entry.node_cost)


def _actual(entry: Priced, value: Any, variables: dict[str, Any]) -> float:
    if value is None:
        return entry.base
    if isinstance(value, list):
        return entry.base + max((_below(entry, item, variables) for item in value), default=0)
    if not entry.connection:
        return entry.base + _below(entry, value, variables)
    count = _count(value)
    if not count:
        return entry.base + sized(entry.size(variables)) * entry.node_cost
    return entry.base + sized(count) * (_below(entry, value, variables) + entry.node_cost)


def _below(entry: Priced, value: Any, variables: dict[str, Any]) -> float:
    if value is None:
        return 0
    return max(
        sum(_actual(child, value.get(child.key), variables) for child in fields)
        for fields in entry.below.values()
    )


def _count(value: dict[str, Any]) -> int:
    return max((len(part) for part in value.values() if isinstance(part, list)), default=0)


def _rows(entry: Priced, variables: dict[str, Any], path: list[str], rows: list) -> None:
    here = [*path, entry.key]
    total = _requested(entry, variables)
    rows.append(
        {
            'path': here,
            'definedCost': entry.base,
            'requestedTotalCost': total,
            'requestedChildrenCost': total - entry.base,
        }
    )
    for fields in entry.below.values():
        for child in fields:
            _rows(child, variables, here, rows)
