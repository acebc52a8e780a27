"""Replays all recordings and keeps the score."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, parse

from shopify_twin import Twin
from shopify_twin import schema as schemas
from shopify_twin.executor import GraphRequest
from shopify_twin.mutations.registry import NEEDS_KEY
from shopify_twin.resolvers import Policy

from .comparing import Comparison, Difference, Names
from .documents import CannotRebuild, rebuilt, with_key
from .recordings import Recording, Step, at, load
from .scope import older_records, out_of_scope
from .worlds import World

#: Scopes the recording app did not hold: its answers say so.
LACKING = {'read_apps', 'read_shopify_payments', 'read_shopify_payments_accounts'}


@dataclass
class Result:
    """How one answer compared."""

    recording: str
    step: str
    roots: list[str]
    out_of_scope: str | None = None
    differences: list[Difference] = field(default_factory=list)
    costs: tuple[tuple[int, int], tuple[int, int]] | None = None

    @property
    def equal(self) -> bool:
        """Whether the twin answered as Shopify did."""
        return not self.differences


class Replay:
    """One recording against a shop set up as its own was."""

    def __init__(self, twin: Twin, recording: Recording):
        self.twin = twin
        self.recording = recording
        self.names = Names()
        self.given: dict[str, Any] = {}
        self.world = World(twin, recording, self.names)

    def run(self) -> list[Result]:
        """Replay step by step."""
        self.world.furnish()
        results = []
        for step in self.recording.steps:
            self.world.prepare(step)
            results.append(self._replayed(step))
        return results

    def _replayed(self, step: Step) -> Result:
        result = Result(self.recording.name, step.name, roots_of(step))
        result.out_of_scope = out_of_scope(self.recording, step, result.roots)
        try:
            text, variables = self._request(step, result.roots)
        except CannotRebuild as reason:
            result.differences = [Difference('', "an answer", f"no document: {reason}")]
            return result
        request = GraphRequest(text, variables, policy=recorded_policy())
        try:
            body = self.twin.executor(schemas.DEFAULT_VERSION).run(request).body
        except Exception as defect:  # noqa: BLE001 (a crash is a finding)
            result.differences = [Difference('', "an answer", f"the twin crashed: {defect!r}")]
            return result
        self.given[step.name] = body
        self._compare(step, request, body, result)
        return result

    def _request(self, step: Step, roots: list[str]) -> tuple[str, dict[str, Any]]:
        text, variables = step.document, self._filled(step.variables)
        if text is None:
            schema = schemas.load(schemas.DEFAULT_VERSION).graphql
            text = rebuilt(schema, step.answer.get('data') or {}, variables)
        if step.answer.get('data'):
            key = f'{self.recording.name} {step.name}'
            text = with_key(text, roots, frozenset(NEEDS_KEY), key)
        return self.names.translated(text), self.names.translated(variables)

    def _filled(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return variables with those that name an earlier answer filled in."""
        filled = dict(variables)
        for key, value in variables.items():
            if isinstance(value, str) and value.startswith('answer:'):
                _, step, path = value.split(':', 2)
                filled[key] = at(self.given[step], path)
        return filled

    def _compare(
        self, step: Step, request: GraphRequest, body: dict[str, Any], result: Result
    ) -> None:
        recorded, ours = (
            {
                'data': side.get('data'),
                'errors': [placed(error) for error in side.get('errors') or ()],
            }
            for side in (step.answer, body)
        )
        for key in older_records(self.recording, step):
            leave_out(recorded, key)
            leave_out(ours, key)
        # Recorded moments stay as they are in a request, so one text serves for both.
        comparison = Comparison(self.names, json.dumps([request.query, request.variables]))
        comparison.compare(recorded, ours)
        result.differences = comparison.differences
        if step.document:
            result.costs = costs(step.answer), costs(body)


@cache
def recorded_policy() -> Policy:
    """Return what the app that recorded was allowed to see."""
    rules = schemas.load(schemas.DEFAULT_VERSION).access.values()
    known = {scope for rule in rules for scope in rule.scopes}
    return Policy(frozenset(known | {'read_all_orders'}) - LACKING)


def leave_out(body: dict[str, Any], key: str) -> None:
    """Take a root field out of an answer, with the errors in it."""
    body['data'] = {k: v for k, v in body['data'].items() if k != key} if body.get('data') else None
    body['errors'] = [error for error in body['errors'] if error.get('path', [None])[0] != key]


def placed(error: dict[str, Any]) -> dict[str, Any]:
    """Return a top-level error with the number of its places: recorded texts were trimmed after."""
    return {**error, 'locations': len(error.get('locations') or ())}


def costs(body: dict[str, Any]) -> tuple[int, int]:
    """Return requested and actual cost of an answer."""
    cost = (body.get('extensions') or {}).get('cost') or {}
    return cost.get('requestedQueryCost'), cost.get('actualQueryCost')


def roots_of(step: Step) -> list[str]:
    """Return the names (not the aliases) of a step's root fields."""
    if not step.document:
        return step.roots
    try:
        document = parse(step.document)
    except GraphQLError:
        return step.roots
    return [
        selection.name.value
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
    ]


@dataclass
class Score:
    """All results."""

    results: list[Result]

    @property
    def in_scope(self) -> list[Result]:
        """Results of answers the twin sets out to give."""
        return [each for each in self.results if not each.out_of_scope]

    @property
    def equal(self) -> list[Result]:
        """Those that are equal."""
        return [each for each in self.in_scope if each.equal]

    @property
    def share(self) -> float:
        """Share of the answers in scope that are equal."""
        return len(self.equal) / len(self.in_scope)

    @property
    def costs(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Recorded and own (requested, actual) cost of the equal answers to recorded documents."""
        return [each.costs for each in self.equal if each.costs and None not in each.costs[0]]

    def summary(self) -> str:
        """The score in a few lines."""
        whole = sum(left == right for left, right in self.costs)
        requested = sum(left[0] == right[0] for left, right in self.costs)
        reasons = Counter(each.out_of_scope for each in self.results if each.out_of_scope)
        lines = [
            f"{len(self.equal)} of {len(self.in_scope)} answers equal ({self.share:.1%})",
            f"{whole} of {len(self.costs)} costs equal ({requested} of the requested ones)",
            f"{len(self.results) - len(self.in_scope)} answers out of scope:",
            *(f"  {count} {reason}" for reason, count in reasons.most_common()),
        ]
        return '\n'.join(lines)


def play(only: str = '') -> Score:
    """Replay every recording whose name contains `only`."""
    twin = Twin(seed=1)
    results: list[Result] = []
    for recording in load():
        if only in recording.name:
            twin.reset()
            results += Replay(twin, recording).run()
    return Score(results)
