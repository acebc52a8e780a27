"""The direction of imports: `python3 -m dev.lint_imports`.

views → controllers, wizards → models → shopify_api → requests and the standard library; never back.
The twin knows neither the addon nor Odoo: it must not be able to agree with the addon's mistakes.
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from dev.common import REPO

ADDON = 'shopify_connector'


@dataclass(frozen=True)
class Rule:
    """Files below `where` may not import the modules `banned` (nor what is inside them)."""

    where: str
    banned: tuple
    reason: str
    waived: tuple = ()


RULES = (
    Rule(f'{ADDON}/shopify_api', ('odoo',), "shopify_api knows Shopify and not Odoo"),
    Rule(
        f'{ADDON}/shopify_api',
        tuple(
            f'{ADDON}.{part}'
            for part in ('models', 'wizards', 'controllers', 'exceptions', 'isolation')
        ),
        "shopify_api is below everything else",
    ),
    Rule(
        ADDON,
        ('requests', 'urllib.request', 'http.client'),
        "only the client talks to the network",
        waived=(f'{ADDON}/shopify_api/client.py',),
    ),
    Rule(
        f'{ADDON}/models',
        (f'{ADDON}.controllers', f'{ADDON}.wizards'),
        "models are below controllers and wizards",
    ),
    Rule(f'{ADDON}/wizards', (f'{ADDON}.controllers',), "wizards do not know controllers"),
    Rule(f'{ADDON}/controllers', (f'{ADDON}.wizards',), "controllers do not know wizards"),
    Rule('shopify_twin', (ADDON, 'odoo'), "the twin knows neither the addon nor Odoo"),
    Rule(ADDON, ('shopify_twin', 'dev'), "the addon stands alone; only its tests use the twin"),
)


def check(root):
    """Return a sentence for each import below `root` that goes against a rule."""
    found = []
    for path in sorted(root.rglob('*.py')):
        inside = path.relative_to(root)
        if 'tests' in inside.parts:
            continue
        rules = [rule for rule in RULES if _applies(rule, inside)]
        if rules:
            found += _check_file(path, inside, rules)
    return found


def _applies(rule, inside):
    return inside.is_relative_to(rule.where) and inside.as_posix() not in rule.waived


def _check_file(path, inside, rules):
    tree = ast.parse(path.read_text(), filename=str(path))
    package = inside.parent.parts
    return [
        f'{inside}:{line}: imports {module}: {rule.reason}.'
        for line, module in _imports(tree, package)
        for rule in rules
        if _is_banned(module, rule.banned)
    ]


def _imports(tree, package):
    """Yield line and absolute name of each module that the tree imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = '.'.join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f'{module}.{alias.name}'


def _is_banned(module, banned):
    names = {module, module.removeprefix('odoo.addons.')}
    return any(name == ban or name.startswith(f'{ban}.') for name in names for ban in banned)


def main():
    """Print the findings; exit with 1 if there are any."""
    found = check(REPO if len(sys.argv) < 2 else Path(sys.argv[1]))
    print('\n'.join(found) or "Imports point the right way.")
    sys.exit(bool(found))


if __name__ == '__main__':
    main()
