"""The GraphQL documents, one file per operation, fragments appended by name."""

import functools
import re
from pathlib import Path

FOLDER = Path(__file__).parent / 'graphql'
_SPREAD = re.compile(r'\.\.\.\s*([A-Z]\w*)')
_OPERATION = re.compile(r'^\s*(query|mutation)\s+(\w+)', re.MULTILINE)


def names():
    """Return the names of all operations, sorted; files with a leading underscore are fragments."""
    return sorted(p.stem for p in FOLDER.glob('*.graphql') if not p.stem.startswith('_'))


@functools.cache
def _fragments():
    text = '\n'.join(p.read_text() for p in sorted(FOLDER.glob('_*.graphql')))
    parts = re.split(r'(?m)^(?=fragment )', text)
    return {part.split()[1]: part.strip() for part in parts if part.startswith('fragment ')}


@functools.cache
def load(name):
    """Return the text of one document with the fragments it uses.

    :param str name: file name without ending, for example ``orders_by_ids``.
    """
    text = (FOLDER / f'{name}.graphql').read_text()
    used = {}
    todo = _SPREAD.findall(text)
    while todo:
        fragment = todo.pop()
        if fragment not in used and fragment in _fragments():
            used[fragment] = _fragments()[fragment]
            todo += _SPREAD.findall(used[fragment])
    without_comments = '\n'.join(
        line for line in text.splitlines() if not line.lstrip().startswith('#')
    )
    return '\n\n'.join([without_comments.strip(), *(used[key] for key in sorted(used))])


@functools.cache
def operation(name):
    """Return ``('query' | 'mutation', operation name)`` of a document."""
    return _OPERATION.search(load(name)).groups()
