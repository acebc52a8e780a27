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
from shopify_twin.mutations import registry
from shopify_twin.resolvers import Policy

from .comparing import Comparison, Difference, Names
from .documents import CannotRebuild, adapted, asked_keys, pruned, rebuilt, with_key
from .recordings import Recording, Step, at, load
from .scope import older_records, out_of_scope
from .worlds import World

#: The newest first; an older one serves documents that ask for what the newest removed.
VERSIONS = ('2026-10', '2026-07')
#: Scopes the recording app did not hold: its answers say so.
LACKING = {'read_apps', 'read_shopify_payments', 'read_shopify_payments_accounts'}
NEEDS_KEY = frozenset(getattr(registry, 'NEEDS_KEY', ()))


@dataclass
class Result:
    """How one answer compared."""

    recording: str
    step: str
    roots: list[str]
    out_of_scope: str | None = None
    differences: list[Difference] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
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
            version, text, variables = self._request(step, result)
        except CannotRebuild as reason:
            result.differences = [Difference('', "an answer", f"no document: {reason}")]
            return result
        try:
            executor = self.twin.executor(version)
            body = executor.run(GraphRequest(text, variables, policy=recorded_policy(version))).body
        except Exception as defect:  # noqa: BLE001 (a crash of the twin is a finding, and the rest goes on)
            result.differences = [Difference('', "an answer", f"the twin crashed: {defect!r}")]
            return result
        self.given[step.name] = body
        self._compare(step, body, text, variables, result)
        return result

    def _request(self, step: Step, result: Result) -> tuple[str, str, dict[str, Any]]:
        text, variables = step.document, self._filled(step.variables)
        refused = not step.answer.get('data')
        version = VERSIONS[0]
        if text is None:
            text = rebuilt(schemas.load(version).graphql, step.answer.get('data') or {}, variables)
        elif not refused:
            version, text, variables = self._adapted(text, variables, result)
        if not refused:
            text = with_key(text, result.roots, NEEDS_KEY, f'{self.recording.name} {step.name}')
        return version, self.names.translated(text), self.names.translated(variables)

    def _adapted(
        self, text: str, variables: dict[str, Any], result: Result
    ) -> tuple[str, str, dict[str, Any]]:
        """Return the first version that takes the document as it is, else the newest without what it lacks."""
        tries = [(v, adapted(schemas.load(v).graphql, text, variables)) for v in VERSIONS]
        version, best = next(((v, a) for v, a in tries if not a.removed), tries[0])
        result.removed = best.removed
        return version, best.text, best.variables

    def _filled(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return variables with those that name an earlier answer filled in."""
        filled = dict(variables)
        for key, value in variables.items():
            if isinstance(value, str) and value.startswith('answer:'):
                _, step, path = value.split(':', 2)
                filled[key] = at(self.given[step], path)
        return filled

    def _compare(
        self, step: Step, body: dict[str, Any], text: str, variables: dict[str, Any], result: Result
    ) -> None:
        recorded = {key: value for key, value in step.answer.items() if key in ('data', 'errors')}
        ours = {key: value for key, value in body.items() if key in ('data', 'errors')}
        if recorded.get('data') and result.removed:
            recorded['data'] = pruned(recorded['data'], asked_keys(text))
        for side in (recorded, ours):
            side['errors'] = [without_places(error) for error in side.get('errors') or ()]
            for key in older_records(self.recording, step):
                leave_out(side, key)
        comparison = Comparison(self.names, json.dumps([self.names.theirs, text, variables]))
        comparison.compare(recorded, ours)
        result.differences = comparison.differences
        if step.document and not result.removed:
            result.costs = costs(step.answer), costs(body)


@cache
def recorded_policy(version: str) -> Policy:
    """Return what the app that recorded was allowed to see."""
    rules = schemas.load(version).access.values()
    known = {scope for rule in rules for scope in rule.scopes}
    return Policy(frozenset(known | {'read_all_orders'}) - LACKING)


def leave_out(body: dict[str, Any], key: str) -> None:
    """Take a root field out of an answer, with the errors in it."""
    body['data'] = {k: v for k, v in body['data'].items() if k != key} if body.get('data') else None
    body['errors'] = [error for error in body['errors'] if error.get('path', [None])[0] != key]


def without_places(error: dict[str, Any]) -> dict[str, Any]:
    """Return a top-level error without its place in the document's text, which a rebuilt one does not share."""
    return {key: value for key, value in error.items() if key != 'locations'}


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

    def cost_lines(self) -> tuple[int, int]:
        """Return how many costs are equal, of how many that could be compared."""
        pairs = [each.costs for each in self.equal if each.costs and None not in each.costs[0]]
        return sum(left == right for left, right in pairs), len(pairs)

    def summary(self) -> str:
        """The score in a few lines."""
        equal, costs_compared = self.cost_lines()
        reasons = Counter(each.out_of_scope for each in self.results if each.out_of_scope)
        lines = [
            f"{len(self.equal)} of {len(self.in_scope)} answers equal ({self.share:.1%})",
            f"{equal} of {costs_compared} costs equal",
            *(f"out of scope: {count} x {reason}" for reason, count in reasons.most_common()),
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
