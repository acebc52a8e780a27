"""Every GraphQL document against Shopify's real schema: valid, not deprecated, allowed, cheap."""

import unittest

from graphql import TypeInfo, TypeInfoVisitor, Visitor, parse, validate, visit

from shopify_twin import schema as twin_schema

from ..shopify_api import client, documents, scopes


class FieldCollector(Visitor):
    """Collect the fields that a document selects, with what the schema says of them."""

    def __init__(self, info, schema):
        super().__init__()
        self.info = info
        self.schema = schema
        self.deprecated = set()
        self.rules = {}

    def enter_field(self, node, *_args):
        parent = self.info.get_parent_type()
        name = f'{parent.name}.{node.name.value}'
        if self.info.get_field_def().deprecation_reason:
            self.deprecated.add(name)
        if node.name.value == '__typename':
            return
        rule = self.schema.access_rule(parent.name, node.name.value)
        if rule and rule.scopes:
            self.rules[name] = frozenset(rule.scopes)


def collect(name, version):
    """Return what the fields of one document are like in one version of the schema."""
    schema = twin_schema.load(version)
    info = TypeInfo(schema.graphql)
    collector = FieldCollector(info, schema)
    visit(parse(documents.load(name)), TypeInfoVisitor(info, collector))
    return collector


class TestDocuments(unittest.TestCase):
    def each(self):
        """Return all documents with all supported versions."""
        return [(n, version) for version in client.SUPPORTED_VERSIONS for n in documents.names()]

    def test_each_document_is_valid_on_each_supported_version(self):
        """A3: every GraphQL document is valid on both schema versions."""
        for name, version in self.each():
            schema = twin_schema.load(version).graphql
            self.assertEqual(validate(schema, parse(documents.load(name))), [], name)

    def test_no_document_uses_a_deprecated_field(self):
        """A3: nothing that Shopify has announced to remove."""
        for name, version in self.each():
            self.assertEqual(collect(name, version).deprecated, set(), name)

    def test_the_required_scopes_are_those_the_documents_need(self):
        """R-50: with the scopes the wizard asks for, every field of every document is granted."""
        granted = set(scopes.REQUIRED_SCOPES).union(*scopes.FEATURE_SCOPES.values())
        needed = set()
        for name, version in self.each():
            for field, any_of in collect(name, version).rules.items():
                enough = any_of & granted
                self.assertTrue(enough, f"{field} needs one of {sorted(any_of)}")
                if len(enough) == 1:
                    needed |= enough
        for scope in scopes.REQUIRED_SCOPES:
            self.assertIn(scope, needed, "asked for, but no document needs it")

    def test_no_document_truncates_a_plain_list(self):
        """A4: `first` on a plain list only cuts it off, so none may be given one."""
        for name in documents.names():
            text = documents.load(name)
            for plain in ('transactions', 'refunds', 'fulfillments', 'taxLines', 'trackingInfo'):
                self.assertNotIn(f'{plain}(', text, name)

    def test_every_connection_can_be_read_to_its_end(self):
        """A4: each connection tells whether it goes on."""
        for name in documents.names():
            text = documents.load(name)
            self.assertEqual(text.count('(first:'), text.count('pageInfo'), name)
