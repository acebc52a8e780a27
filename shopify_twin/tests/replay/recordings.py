"""Reads the recordings: finds them, takes each apart into documents, variables, answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationDefinitionNode, parse

from shopify_twin.mutations import MUTATIONS

from .comparing import GID
from .plans import PLANS, Given, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Beside the checkout; the project itself does not contain them.
FOLDER = Path(__file__).resolve().parents[3].parent / 'shared' / 'recordings'
DOCUMENT_KEYS = ('query', 'document', 'mutation')
#: What a deletion's input calls the id.
ID_INPUTS = {'paymentTermsDelete': 'paymentTermsId'}
ANSWER_KEYS = {'data', 'errors', 'extensions'}


@dataclass
class Step:
    """One request and its recorded answer.

    :param name: path of the answer in its file, with dots.
    :param document: the recorded document, or None when the file holds only the answer.
    """

    name: str
    document: str | None
    variables: dict[str, Any]
    answer: dict[str, Any]

    @property
    def roots(self) -> list[str]:
        """Response keys of the root fields; empty when the request was refused as a whole."""
        return list(self.answer.get('data') or ())

    @property
    def changes(self) -> bool:
        """Whether it is a mutation."""
        if self.document:
            return 'mutation' in self.document.partition('{')[0] or '\nmutation' in self.document
        return any(key in MUTATIONS for key in self.roots)


@dataclass
class Recording:
    """One file."""

    name: str
    data: dict[str, Any]
    plan: Plan = field(default_factory=Plan)

    @cached_property
    def steps(self) -> list[Step]:
        """Its steps, in the order of the file unless the plan knows better."""
        found = [self._step(path, answer) for path, answer in answers(self.data)]
        steps = {step.name: step for step in found if self.plan.wants(step.name)}
        return [steps[name] for name in self.plan.ordered(list(steps))]

    @cached_property
    def upstream(self) -> list[Step]:
        """Reads of the state before, kept in the file beside the scenario: a source for set-ups."""
        return [
            Step(f'upstreamCalls.{index}', call.get('query'), call.get('variables') or {}, body)
            for index, call in enumerate(self.data.get('upstreamCalls') or ())
            if isinstance(body := (call.get('response') or {}).get('body'), dict)
        ]

    @cached_property
    def named_first(self) -> list[str]:
        """The ids a request names before an answer told them."""
        return self._untold(queries_tell=False)

    @cached_property
    def preexisting(self) -> list[str]:
        """The ids a request names, or a query tells, before a mutation's answer told them."""
        return self._untold(queries_tell=True)

    def _untold(self, queries_tell: bool) -> list[str]:
        told: set[str] = set()
        found: dict[str, None] = {}
        for step in self.steps:
            request, answer = json.dumps([step.document, step.variables]), json.dumps(step.answer)
            text = request if step.changes or not queries_tell else request + answer
            named = [each[0] for each in GID.finditer(text)]
            found.update(dict.fromkeys(gid for gid in named if gid not in told))
            told.update(each[0] for each in GID.finditer(answer))
        return list(found)

    @cached_property
    def accepted(self) -> set[str]:
        """The ids that requests without complaint named."""
        return {
            each[0]
            for step in self.steps
            if not step.answer.get('errors') and not complaints(step.answer.get('data') or {})
            for each in GID.finditer(json.dumps(step.variables))
        }

    def _step(self, path: tuple[Any, ...], answer: dict[str, Any]) -> Step:
        name = '.'.join(map(str, path)) or 'answer'
        given = self.plan.steps.get(name, Given())
        document = given.document
        if given.document_at:
            document = at(self.data, given.document_at)
        if document is None:
            document = nearest_document(self.data, path, answer)
        if given.variables_at:
            variables = at(self.data, given.variables_at)
        else:
            variables = nearest_variables(self.data, path)
        variables = given.variables(variables) | {
            key: at(self.data, text) for key, text in given.from_file.items()
        }
        variables = variables or told_by_answer(answer)
        return Step(name, document, variables, answer)


def load() -> list[Recording]:
    """Return all recordings, by name."""
    return [
        Recording(name, json.loads(path.read_text()), PLANS.get(name, Plan()))
        for path in sorted(FOLDER.rglob('*.json'))
        for name in [path.relative_to(FOLDER).as_posix()]
    ]


def at(data: Any, path: str) -> Any:
    """Return what stands at a dotted path."""
    for part in path.split('.'):
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def answers(
    value: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Yield path and body of every answer of a scenario."""
    if isinstance(value, dict):
        if is_answer(value):
            # A file may be one answer with further requests (the clean-up) beside it.
            yield path, {key: value[key] for key in ANSWER_KEYS & set(value)}
            value = {} if path else {k: v for k, v in value.items() if k not in ANSWER_KEYS}
        for key, inner in value.items():
            if key != 'upstreamCalls':
                yield from answers(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from answers(inner, (*path, index))


def is_answer(value: dict[str, Any]) -> bool:
    """Tell whether an object is the body of an answer."""
    errors = value.get('errors')
    if isinstance(errors, list) and errors and 'message' in errors[0]:
        return True
    told = 'extensions' in value or 'storeDomain' in value
    return isinstance(value.get('data'), dict) and told


def ancestors(data: Any, path: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Yield the objects around a path, innermost first, each with a ``request`` in it."""
    chain = [data]
    for part in path:
        chain.append(chain[-1][part])
    for value in reversed(chain[:-1] or chain):
        if isinstance(value, dict):
            yield value
            if isinstance(value.get('request'), dict):
                yield value['request']


def nearest_document(data: Any, path: tuple[Any, ...], answer: dict[str, Any]) -> str | None:
    """Return the nearest document whose root fields are those of the answer."""
    for around in ancestors(data, path):
        for key in DOCUMENT_KEYS:
            text = around.get(key)
            if isinstance(text, str) and '{' in text and fits(text, answer):
                return text
    return None


def fits(text: str, answer: dict[str, Any]) -> bool:
    """Tell whether a document may have been answered so."""
    try:
        document = parse(text)
    except GraphQLError:
        return not answer.get('data')
    keys = {
        (selection.alias or selection.name).value
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
    }
    return not answer.get('data') or keys == set(answer['data'])


def nearest_variables(data: Any, path: tuple[Any, ...]) -> dict[str, Any]:
    """Return the variables nearest to an answer."""
    for around in ancestors(data, path):
        if isinstance(around.get('variables'), dict):
            return around['variables']
    return {}


def complaints(data: dict[str, Any]) -> list[Any]:
    """Return the user errors of all payloads in an answer."""
    return [
        error
        for payload in data.values()
        if isinstance(payload, dict)
        for key, errors in payload.items()
        if key.endswith('serErrors')
        for error in errors
    ]


def told_by_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of a deletion without a request: its answer names what was deleted."""
    for root, payload in (answer.get('data') or {}).items():
        for key, gid in (payload or {}).items() if isinstance(payload, dict) else ():
            if key.startswith('deleted') and gid:
                return {'id': gid, 'input': {ID_INPUTS.get(root, 'id'): gid}}
    return {}
