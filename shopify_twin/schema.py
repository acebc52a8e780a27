"""Shopify's published schema files, with the access and search facts that stand in them.

The files come from the npm package named in the developer set-up (`admin_<version>.json.gz`); they
are introspection results with extra keys: `offline_scopes`, `isProtected`, `gidTypes`, and the
table of legal search fields inside the description of each `query` argument. [S]
"""

from __future__ import annotations

import gzip
import json
import os
import re
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLScalarType,
    GraphQLSchema,
    build_client_schema,
    get_named_type,
    is_object_type,
)

from .scalars import install_parsers

SUPPORTED_VERSIONS = ('2026-07', '2026-10')
DEFAULT_VERSION = '2026-10'
_VERSION_PATTERN = re.compile(r'^\d{4}-(01|04|07|10)$')
_SEARCH_ROW = re.compile(r'^\|\s*([a-z][\w.{}]*)\s*\|\s*([a-z_]+)', re.MULTILINE)
_lock = threading.Lock()


@dataclass(frozen=True)
class AccessRule:
    """What a token must hold: any one of `scopes`; `text` is Shopify's own wording."""

    scopes: frozenset[str]
    text: str


@dataclass
class ShopifySchema:
    """One version of the Admin schema and what the twin needs to know about it."""

    version: str
    graphql: GraphQLSchema
    access: dict[tuple[str, str | None], AccessRule] = field(default_factory=dict)
    protected: dict[tuple[str, str], str] = field(default_factory=dict)
    gid_types: dict[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    search_tables: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def access_rule(self, parent: str, field_name: str) -> AccessRule | None:
        """The rule for reading `parent.field_name`: its own, else that of the type it returns."""
        own = self.access.get((parent, field_name))
        if own:
            return own
        target = self.node_type_name(parent, field_name)
        return self.access.get((target, None)) if target else None

    def node_type_name(self, parent: str, field_name: str) -> str | None:
        """Name of the type a field returns; for a connection the type of its nodes."""
        definition = self.graphql.type_map[parent].fields.get(field_name)
        if definition is None:
            return None
        return node_type(definition.type).name

    def search_fields(self, parent: str, field_name: str) -> dict[str, str] | None:
        """Legal search fields of a `query` argument with their types, None when undocumented."""
        return self.search_tables.get((parent, field_name))


def node_type(type_: Any) -> Any:
    """The named type behind lists and non-null; the node type behind a connection."""
    named = get_named_type(type_)
    if is_object_type(named) and named.name.endswith('Connection') and 'nodes' in named.fields:
        return get_named_type(named.fields['nodes'].type)
    return named


def schema_dir() -> Path:
    """Folder with the schema files: SHOPIFY_SCHEMA_DIR, else `schema` in the project's cache."""
    if os.environ.get('SHOPIFY_SCHEMA_DIR'):
        return Path(os.environ['SHOPIFY_SCHEMA_DIR'])
    cache = os.environ.get('SHOPIFY_CONNECTOR_CACHE')
    if cache:
        return Path(cache) / 'schema'
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'shopify-connector' / 'schema'


def answered_version(asked: str) -> str | None:
    """The version that answers a URL naming `asked`; None when the name is no version at all.

    A version that is not served falls forward to the oldest one that is. [D]
    """
    if asked in SUPPORTED_VERSIONS:
        return asked
    return min(SUPPORTED_VERSIONS) if _VERSION_PATTERN.match(asked) else None


def load(version: str = DEFAULT_VERSION, folder: Path | str | None = None) -> ShopifySchema:
    """Load one version (0.5 s, 90 MB); loaded versions are shared by the whole process.

    Raises FileNotFoundError with the remedy when the schema file is not there.
    """
    with _lock:
        return _load(version, str(folder or schema_dir()))


@lru_cache(maxsize=8)
def _load(version: str, folder: str) -> ShopifySchema:
    path = Path(folder) / f'admin_{version}.json.gz'
    if not path.exists():
        raise FileNotFoundError(
            f"Shopify's schema {path} is missing. Run the set-up, or let SHOPIFY_SCHEMA_DIR "
            "name the folder that holds it."
        )
    with gzip.open(path) as stream:
        document = json.load(stream)
    return _build(version, document)


def _build(version: str, document: dict[str, Any]) -> ShopifySchema:
    # graphql-core 3.3 rejects six deprecation mismatches in Shopify's own schema.
    graphql = build_client_schema(document['data'], assume_valid=True)
    install_parsers(t for t in graphql.type_map.values() if isinstance(t, GraphQLScalarType))
    schema = ShopifySchema(version, graphql)
    _read_access(schema, document['offline_scopes']['items'])
    for type_ in document['data']['__schema']['types']:
        for row in type_.get('fields') or ():
            _read_field(schema, type_['name'], row)
    return schema


def _read_access(schema: ShopifySchema, items: list[dict[str, Any]]) -> None:
    for item in items:
        if item['offlineScopes']:
            rule = AccessRule(frozenset(item['offlineScopes']), item['requiredAccess'].strip())
            schema.access[item['typeName'], item.get('fieldName')] = rule


def _read_field(schema: ShopifySchema, type_name: str, row: dict[str, Any]) -> None:
    name = row['name']
    if row.get('isProtected'):
        schema.protected[type_name, name] = row.get('protectedContent') or ''
    for arg in row['args']:
        if arg.get('gidTypes'):
            schema.gid_types[type_name, name, arg['name']] = frozenset(arg['gidTypes'])
        if arg['name'] == 'query' and '| name | type |' in (arg['description'] or ''):
            rows = _SEARCH_ROW.findall(arg['description'])
            schema.search_tables[type_name, name] = dict(rows[1:])  # The first row is the heading.
