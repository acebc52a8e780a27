"""Which test proves which requirement: `python3 -m dev.proof` writes the table, `--check` compares.

A test names the requirements it proves at the start of its docstring: `R-10, R-12: …`, or a range,
`R-54 to R-59: …`. What is named later, or in the docstring of a module, proves nothing.
"""

import ast
import re
from dataclasses import dataclass

from dev.common import REPO, SetupError, main, say, write_text

PAGE = REPO / 'docs' / 'proof.md'
FOLDERS = ('shopify_connector/tests', 'dev/tests')
# Tests of one part by itself say less of a requirement than those of the whole addon.
PARTS = {'test_api_client', 'test_api_costs', 'test_api_documents', 'test_api_matching'}
# The tests of the local Shopify name what they are for, but prove nothing of the connector.
TWIN_FOLDER, TWIN_LINE = 'shopify_twin/tests', 'M-10'

LINES = [f'R-{number:02}' for number in range(1, 126)] + [
    f'M-{number:02}' for number in range(1, 16)
]
_NAMES = re.compile(r'[A-Z]+-?\d+')
_RANGE = re.compile(r'R-(\d+) to R-(\d+)')

HEAD = """# What is proved, and where

One line for each requirement that a test names; `make proof` writes this page from the docstrings
of the tests. The words are those of one of its tests; `grep -rn R-42 shopify_connector/tests dev`
finds all of them.

| line | for example | in |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Test:
    """A test that names requirements, in their order, with what it says of them."""

    file: str
    lines: tuple
    words: str


def read_tests(folder):
    """Return the tests of a folder that name requirements, in the order of the files."""
    return [
        test
        for path in sorted((REPO / folder).glob('test_*.py'))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith('test_')
        if (test := read_docstring(path.stem, ast.get_docstring(node) or ''))
    ]


def read_docstring(file, text):
    """Return the :class:`Test` that a docstring describes, `None` when it names no requirement."""
    head, colon, words = ' '.join(text.split('\n\n')[0].split()).partition(':')
    span = _RANGE.search(head)
    between = range(int(span[1]), int(span[2])) if span else ()
    named = dict.fromkeys([*_NAMES.findall(head), *(f'R-{number:02}' for number in between)])
    lines = tuple(name for name in named if name in LINES)
    return Test(file, lines, words.strip()) if colon and lines else None


def collect():
    """Return line → its tests, those first that go through the whole addon and name it first."""
    tests = [test for folder in FOLDERS for test in read_tests(folder)]
    twin = [test for test in read_tests(TWIN_FOLDER) if TWIN_LINE in test.lines]
    return {
        line: sorted(
            (test for test in (*tests, *(twin if line == TWIN_LINE else ())) if line in test.lines),
            key=lambda test, line=line: (test.file in PARTS, test.lines.index(line)),
        )
        for line in LINES
    }


def page(proofs):
    """Return the text of the page."""
    rows = ''.join(
        f"| {line} | {tests[0].words.replace('|', '/')} | {', '.join(files_of(tests))} |\n"
        for line, tests in proofs.items()
        if tests
    )
    missing = [line for line, tests in proofs.items() if not tests]
    return f"{HEAD}{rows}\nNo test yet: {', '.join(missing)}.\n"


def files_of(tests):
    """Return the names of the files of tests."""
    return sorted({f'`{test.file}`' for test in tests})


def _command(arguments):
    text = page(collect())
    if '--check' not in arguments:
        write_text(PAGE, text)
        say(f"Written: {PAGE.relative_to(REPO)}")
    elif not PAGE.exists() or PAGE.read_text() != text:
        raise SetupError(f"{PAGE.relative_to(REPO)} is not up to date. Run: make proof")
    return 0


if __name__ == '__main__':
    main(_command)
