"""Two numbers about the connector's code: how long its functions are and how much they branch."""

import ast
import json
import re
import subprocess
from pathlib import Path
from statistics import mean, quantiles

from dev.common import REPO

ADDON = REPO / 'shopify_connector'
_COMPLEXITY = re.compile(r'\((\d+) > 0\)')


def function_lengths():
    """Return the lines of each function of the addon, its tests left out."""
    lengths = []
    for path in sorted(ADDON.rglob('*.py')):
        if 'tests' not in path.relative_to(ADDON).parts:
            lengths += _lengths(path)
    return lengths


def _lengths(path):
    tree = ast.parse(Path(path).read_text())
    return [
        node.end_lineno - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def complexities():
    """Return the cyclomatic complexity of each function, as ruff counts it."""
    command = ['ruff', 'check', '--isolated', '--exit-zero', '--select=C901', '--exclude=tests']
    command += ['--config=lint.mccabe.max-complexity=0', '--output-format=json', str(ADDON)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [int(_COMPLEXITY.search(item['message'])[1]) for item in json.loads(done.stdout)]


def longest_tenth():
    """Return the lines that nine of ten functions do not exceed."""
    return quantiles(function_lengths(), n=10)[-1]


def mean_complexity():
    """Return the mean over all functions."""
    return mean(complexities())
