"""The root fields: what `QueryRoot` and `Mutation` read from the store, seen by one token."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import search
from .access import ORDER_WINDOW
from .engine.errors import NotModelled
from .engine.money import MoneyV2
from .engine.payments import GiftCardConfiguration
from .engine.records import Count
from .failures import FieldFailure, access_denied
from .index import Question
from .mutations.registry import NEEDS_KEY
from .resolvers import Context, Policy, RootField, argument_default, snake
from .schema import SUPPORTED_VERSIONS, ShopifySchema, node_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Arguments of root connections that the generic listing understands.
_HEARD = frozenset(
    {'first', 'last', 'after', 'before', 'reverse', 'sortKey', 'query', 'savedSearchId'}
)


@dataclass
class ApiVersion:
    """One version of the API."""

    handle: str
    supported: bool = True
    typename: str = 'ApiVersion'

    @property
    def display_name(self) -> str:
        """The name shown to people. [R]"""
        year, month = self.handle.split('-')
        return f'{year}-{month}'


@dataclass
class AccessScope:
    """One granted scope."""

    handle: str
    description: str = ''
    typename: str = 'AccessScope'


@dataclass
class AppInstallation:
    """The app as installed on the shop."""

    id: str
    app: Any
    access_scopes: list[AccessScope]
    typename: str = 'AppInstallation'


class Roots:
    """Root fields for one request.

    :param twin: the Twin that holds store, index and app.
    :param schema: version under which the request runs.
    :param policy: what the token may see.
    :param lag: seconds by which searches are behind.
    """

    def __init__(self, twin: Any, schema: ShopifySchema, policy: Policy, lag: float = 0):
        self.twin = twin
        self.store = twin.store
        self.schema = schema
        self.policy = policy
        self.lag = lag

    def resolve(self, field: RootField, args: dict[str, Any], context: Context) -> Any:
        """The value of a root field; raises NotModelled for one the twin lacks."""
        name, key = field.name, field.key
        if field.parent == 'Mutation':
            return self._mutate(name, args, field.idempotency_key(context.variables))
        special = getattr(self, f'_q_{snake(name)}', None)
        if special is not None:
            return special(args)
        definition = self.schema.graphql.type_map['QueryRoot'].fields[name]
        if node_type(definition.type) is not _named(definition.type):
            return self._connection(name, key, args, context)
        if name.endswith('Count') and _named(definition.type).name == 'Count':
            return self._count(name, key, args, context)
        if 'id' in args and set(definition.args) <= {'id'}:
            return self._single(name, args['id'])
        raise NotModelled(f'not emulated: QueryRoot.{name}')

    # --- one record -------------------------------------------------------------------------

    def _single(self, name: str, gid: str) -> Any:
        self._check_gid(name, gid)
        return self.visible(self.store.get(gid))

    def _check_gid(self, name: str, gid: str) -> None:
        allowed = self.schema.gid_types.get(('QueryRoot', name, 'id'))
        # Some types are named otherwise in their gid: both names pass. [S] "Profile", "Dispute".
        own = self.schema.node_type_name('QueryRoot', name)
        if allowed and gid_type(gid) not in allowed | {own}:
            # [R] return-reverse-logistics-recorded.json
            raise FieldFailure(f'Invalid id: {gid}', 'RESOURCE_NOT_FOUND')

    def visible(self, record: Any) -> Any:
        """The record, or None when the token may not know that it exists."""
        return None if record is None or self._too_old(record) else record

    def _too_old(self, record: Any) -> bool:
        # [D] without read_all_orders older orders behave as if they did not exist.
        if record.typename != 'Order' or not self._windowed:
            return False
        return record.created_at < self.store.clock.now() - ORDER_WINDOW

    @property
    def _windowed(self) -> bool:
        scopes = self.policy.scopes
        return scopes is not None and 'read_all_orders' not in scopes

    def _q_node(self, args: dict[str, Any]) -> Any:
        return self.visible(self.store.get(args['id']))

    def _q_nodes(self, args: dict[str, Any]) -> list[Any]:
        return [self.visible(self.store.get(gid)) for gid in args['ids']]

    def _q_shop(self, _args: dict[str, Any]) -> Any:
        return self.store.shop

    def _q_job(self, args: dict[str, Any]) -> Any:
        self._check_gid('job', args['id'])
        return self.store.jobs.get(args['id']) or self.store.get(args['id'])

    def _q_location(self, args: dict[str, Any]) -> Any:
        if args.get('id'):
            return self._single('location', args['id'])
        return next((loc for loc in self._listed('locations') if loc.is_primary), None)

    def _q_customer_by_identifier(self, args: dict[str, Any]) -> Any:
        (kind, wanted), *_rest = args['identifier'].items()
        if kind == 'id':
            return self._single('customer', wanted)
        attribute = {'emailAddress': 'email', 'phoneNumber': 'phone'}.get(kind)
        if attribute is None:
            # [R] customer-by-identifier.json; the twin has no metafield definitions.
            raise FieldFailure(
                "Metafield definition of type 'id' is required when using custom ids.", 'NOT_FOUND'
            )
        lowered = wanted.lower()
        return next(
            (
                customer
                for customer in self._listed('customers')
                if (getattr(customer, attribute) or '').lower() == lowered
            ),
            None,
        )

    def _q_current_app_installation(self, _args: dict[str, Any]) -> AppInstallation:
        scopes = self.twin.access.scopes
        return AppInstallation(
            'gid://shopify/AppInstallation/1',
            self.store.app,
            [AccessScope(scope) for scope in scopes],
        )

    def _q_public_api_versions(self, _args: dict[str, Any]) -> list[ApiVersion]:
        return [ApiVersion(version) for version in SUPPORTED_VERSIONS]

    def _q_gift_card_configuration(self, _args: dict[str, Any]) -> GiftCardConfiguration:
        # [R] gift-card-lifecycle.json: limits of a shop in CAD; the same elsewhere is [I].
        currency = self.store.shop.currency_code
        return GiftCardConfiguration(
            MoneyV2(Decimal(3000), currency), MoneyV2(Decimal(14000), currency)
        )

    def _q_payment_terms_templates(self, args: dict[str, Any]) -> list[Any]:
        wanted = args.get('paymentTermsType')
        templates = self._listed('paymentTermsTemplates')
        return [t for t in templates if wanted in (None, t.payment_terms_type)]

    # --- lists ------------------------------------------------------------------------------

    def _listed(self, name: str) -> Sequence[Any]:
        collection = self.store.collections.get(snake(name))
        if collection is None:
            raise NotModelled(f'not emulated: QueryRoot.{name}')
        return collection()

    def _narrowed(self, name: str, args: dict[str, Any]) -> Callable[[], Sequence[Any]]:
        """The records of a root connection after the arguments that only it has."""
        tests = []
        for argument, value in args.items():
            if argument not in _HEARD and value is not None:
                tests.append(self._narrowing(name, argument, value))
        if self._windowed and name == 'orders':
            tests.append(lambda record: not self._too_old(record))
        if not tests:
            return lambda: self._listed(name)
        return lambda: [r for r in self._listed(name) if all(test(r) for test in tests)]

    def _narrowing(self, name: str, argument: str, value: Any) -> Callable[[Any], bool]:
        make = _NARROWINGS.get((name, argument))
        if make is None:
            raise NotModelled(f'not emulated: QueryRoot.{name}({argument}: {value!r})')
        return make(value)

    def _connection(self, name: str, key: str, args: dict[str, Any], context: Context) -> Any:
        if args.get('savedSearchId'):
            raise NotModelled(f'not emulated: QueryRoot.{name}(savedSearchId:)')
        table = self.schema.search_fields('QueryRoot', name) or {}
        condition = self.searched(args.get('query'), table, [key], context)
        extra = tuple((k, str(v)) for k, v in sorted(args.items()) if k not in _HEARD)
        question = Question(
            key=(name, extra, self._windowed),
            records=self._narrowed(name, args),
            condition=condition,
            table=table,
            order=(args.get('sortKey') or self._default_sort(name), bool(args.get('reverse'))),
            later=args.get('after') is not None,
            lag=self.lag,
        )
        return self.twin.index.ranking(question).page(args)

    def _default_sort(self, name: str) -> str:
        argument = self.schema.graphql.type_map['QueryRoot'].fields[name].args.get('sortKey')
        return argument_default(argument) if argument and argument_default(argument) else 'ID'

    def _count(self, name: str, key: str, args: dict[str, Any], context: Context) -> Count:
        listed = name.removesuffix('Count')
        table = self.schema.search_fields('QueryRoot', name) or {}
        condition = self.searched(args.get('query'), table, [key], context)
        heard = {k: v for k, v in args.items() if k != 'limit'}
        records = self._narrowed(listed, heard)()
        found = len(self.twin.index.matching(records, condition, table, self.lag))
        limit = args.get('limit')
        if limit is not None and found > limit:
            return Count(limit, 'AT_LEAST')  # [S] exact up to the limit.
        return Count(found)

    # --- search -----------------------------------------------------------------------------

    def searched(
        self, text: str | None, table: dict[str, str], path: list[Any], context: Context
    ) -> Any:
        """The parsed condition; what is wrong with it goes to `extensions.search`. [R]"""
        condition = search.parse(text) if text else None
        complaints = search.warnings(condition, table)
        if complaints:
            parsed = search.described(condition, table, self.twin.index.zone)
            context.search.append(
                {'path': path, 'query': text, 'parsed': parsed, 'warnings': complaints}
            )
        return condition

    def filter(
        self,
        values: Sequence[Any],
        text: str,
        where: tuple[str, dict[str, str] | None],
        path: list[Any],
        context: Context,
    ) -> list[Any]:
        """Search a connection that hangs on a record."""
        coordinate, table = where
        if table is None:
            raise NotModelled(f'not emulated: {coordinate}(query:)')
        condition = self.searched(text, table, path, context)
        return self.twin.index.matching(values, condition, table, self.lag)

    # --- mutations --------------------------------------------------------------------------

    def _mutate(self, name: str, args: dict[str, Any], key: str | None) -> Any:
        function = self.twin.mutations.get(name)
        if function is None:
            raise NotModelled(f'not emulated: mutation {name}')
        self._check_plan(name, args)
        if key is None:
            if name in NEEDS_KEY:
                # [C] wording of a public emulator; [D] that it fails at run time.
                raise FieldFailure(
                    'The @idempotent directive is required for this mutation but was not provided.',
                    'BAD_REQUEST',
                )
            return function(self.store, **args)
        return self._once(function, args, (name, key))

    def _once(self, function: Callable[..., Any], args: dict[str, Any], key: Any) -> Any:
        """Run a mutation once for its key; a repetition gets the first answer. [D]"""
        done = self.store.idempotency.get(key)
        if done is None:
            done = self.store.idempotency[key] = (args, function(self.store, **args))
        elif done[0] != args:
            raise FieldFailure(  # [I] wording.
                'The idempotency key was used with other parameters.',
                'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
            )
        return done[1]

    def _check_plan(self, name: str, args: dict[str, Any]) -> None:
        # [R] orderCreateManualPayment-access-denied-parity.json
        plus = self.store.shop.plan.shopify_plus
        if name == 'orderCreateManualPayment' and args.get('amount') and not plus:
            raise access_denied(name, self.schema.access['Mutation', name].text)


def _named(type_: Any) -> Any:
    while hasattr(type_, 'of_type'):
        type_ = type_.of_type
    return type_


def gid_type(gid: str) -> str:
    """The type in a gid: `Order` in gid://shopify/Order/1."""
    parts = gid.split('/')
    return parts[3] if len(parts) > 4 else ''


def _always(_record: Any) -> bool:
    return True


_LIVE_FULFILLMENT_ORDERS = ('OPEN', 'IN_PROGRESS', 'SCHEDULED', 'ON_HOLD')

_NARROWINGS: dict[tuple[str, str], Callable[[Any], Callable[[Any], bool]]] = {
    ('locations', 'includeInactive'): lambda yes: _always if yes else lambda loc: loc.is_active,
    ('locations', 'includeLegacy'): lambda yes: (
        _always if yes else lambda loc: not loc.is_fulfillment_service
    ),
    ('fulfillmentOrders', 'includeClosed'): lambda yes: (
        _always if yes else lambda fo: fo.status in _LIVE_FULFILLMENT_ORDERS
    ),
    ('deliveryProfiles', 'merchantOwnedOnly'): lambda _yes: _always,
    ('webhookSubscriptions', 'topics'): lambda topics: lambda sub: sub.topic in topics,
    ('webhookSubscriptions', 'uri'): lambda uri: lambda sub: sub.uri == uri,
    ('webhookSubscriptions', 'format'): lambda format_: lambda sub: sub.format == format_,
}
