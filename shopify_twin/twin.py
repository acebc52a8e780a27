"""The twin: a local Shopify shop with its app, its clock and its faults."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import schema as schemas
from .access import DEFAULT_SCOPES, AppAccess
from .engine import new_store
from .executor import Answer, Executor, GraphRequest
from .faults import Fault, Faults
from .http_server import request_id as new_request_id
from .http_server import serve, status_reply
from .index import SearchIndex
from .mutations import MUTATIONS
from .resolvers import Policy
from .throttle import Bucket
from .webhooks import SubscriptionMutations, WebhookDelivery

if TYPE_CHECKING:
    from pathlib import Path

KEPT_REQUESTS = 20_000
UNAUTHORIZED = {'status': 401}


@dataclass
class LoggedRequest:
    """One request of a client: what it asked, what it got and cost."""

    operation: str | None
    query: str
    variables: dict[str, Any]
    version: str
    status: int = 200
    requested: int | None = None
    actual: int | None = None
    errors: list[str | None] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    roots: tuple[str, ...] = ()
    at: datetime | None = None
    seconds: float = 0.0

    @property
    def cost(self) -> int | None:
        """What the request took out of the bucket in the end."""
        return self.actual if self.actual is not None else self.requested


@dataclass
class Reply:
    """What goes back over HTTP."""

    status: int = 200
    body: dict[str, Any] | None = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    dropped: bool = False
    broken: bool = False

    def payload(self) -> bytes:
        """The bytes of the answer."""
        if self.raw is not None:
            return self.raw
        text = json.dumps(self.body, separators=(',', ':')).encode()
        return text[: len(text) * 2 // 3] if self.broken else text


class Twin:
    """One shop. Start it to talk HTTP, or execute documents in-process.

    :param seed: makes ids, generated data and random faults reproducible.
    :param clock: the engine's clock (engine.clock.Clock), real by default.
    :param scopes: what the app is granted.
    :param schema_dir: folder of the schema files, else see `schema.schema_dir`.
    :param bucket: rate limit; a `throttle.Bucket`, a Standard plan's by default.
    :param allow_local_webhooks: accept http:// addresses of this machine.
    """

    def __init__(  # noqa: PLR0913 (the settings of a program)
        self,
        seed: int = 0,
        *,
        clock: Any = None,
        scopes: tuple[str, ...] = DEFAULT_SCOPES,
        schema_dir: str | Path | None = None,
        bucket: Bucket | None = None,
        allow_local_webhooks: bool = True,
    ):
        self.seed = seed
        self._clock = clock
        self._scopes = scopes
        self._schema_dir = schema_dir
        self._allow_local = allow_local_webhooks
        self._executors: dict[str, Executor] = {}
        self._server: Any = None
        self.lock = threading.RLock()
        self.bucket = bucket or Bucket()
        self.webhooks: WebhookDelivery | None = None
        self._set_up()

    def _set_up(self) -> None:
        self.store = new_store(seed=self.seed, clock=self._clock)
        self.index = SearchIndex(self.store)
        self.access = AppAccess(self.store.clock, self.seed, tuple(self._scopes))
        self.faults = Faults(self.seed)
        self.requests: deque[LoggedRequest] = deque(maxlen=KEPT_REQUESTS)
        self.search_lag = 0.0
        subscriptions = SubscriptionMutations(allow_local=self._allow_local)
        self.mutations = {
            **MUTATIONS,
            'webhookSubscriptionCreate': subscriptions.create,
            'webhookSubscriptionDelete': subscriptions.delete,
        }
        self.webhooks = WebhookDelivery(self)
        self.store.listeners.append(self.webhooks.notify)

    # --- life -------------------------------------------------------------------------------

    def start(self, host: str = '127.0.0.1', port: int = 0) -> Twin:
        """Listen; `url` is known when this returns."""
        if self._server is None:
            self.executor(schemas.DEFAULT_VERSION)
            self._server = serve(self, host, port)
        return self

    def stop(self) -> None:
        """Stop listening and delivering."""
        if self.webhooks is not None:
            self.webhooks.stop()
        if self._server is not None:
            self._server.shutdown()
            self._server.close_connections()
            self._server.server_close()
            self._server = None

    def reset(self) -> None:
        """An empty shop again: no orders, no faults, no log; address and credentials stay."""
        with self.lock:
            if self.webhooks is not None:
                self.webhooks.stop()
            self._set_up()
            self.bucket.give_back(self.bucket.maximum)

    def __enter__(self) -> Twin:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the twin listens, e.g. http://127.0.0.1:4711."""
        if self._server is None:
            raise RuntimeError("The twin is not started.")
        host, port = self._server.server_address[:2]
        return f'http://{host}:{port}'

    @property
    def domain(self) -> str:
        """The shop's myshopify.com domain."""
        return self.store.shop.myshopify_domain

    @property
    def token(self) -> str:
        """A static access token that never expires."""
        return self.access.static.value

    @property
    def client_id(self) -> str:
        """The app's client id, for client credentials."""
        return self.access.client_id

    @property
    def client_secret(self) -> str:
        """The app's client secret: for client credentials, and the key of webhook signatures."""
        return self.access.client_secret

    def executor(self, version: str) -> Executor:
        """The executor of a schema version; loads the schema when first asked."""
        with self.lock:
            found = self._executors.get(version)
            if found is None:
                schema = schemas.load(version, self._schema_dir)
                found = self._executors[version] = Executor(self, schema)
            return found

    # --- in-process -------------------------------------------------------------------------

    def execute(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        version: str = schemas.DEFAULT_VERSION,
    ) -> dict[str, Any]:
        """Run a document with every right, no throttle and no log; gives the answer's body."""
        executor = self.executor(version)
        with self.lock:
            return executor.run(GraphRequest(query, variables or {})).body

    graphql = execute

    def generate(self, count: int, seed: int | None = None, profile: Any = None) -> Any:
        """Add generated orders with their products and customers."""
        from .generator import generate  # noqa: PLC0415 (the engine's half may be absent)

        with self.lock:
            result = generate(self.store, count, self.seed if seed is None else seed, profile)
            self.index.epoch += 1
            return result

    # --- requests over HTTP -------------------------------------------------------------------

    def serve(
        self,
        document: dict[str, Any],
        *,
        version: str,
        token: str | None,
        debug: bool = False,
        request_id: str = '',
    ) -> Reply:
        """Answer one request of a client, with the faults that are due."""
        started = time.perf_counter()
        executor = self.executor(version)
        request = GraphRequest(
            query=document['query'],
            variables=document.get('variables') or {},
            operation_name=document.get('operationName'),
            bucket=self.bucket,
            debug=debug,
            lag=self.search_lag,
            request_id=request_id or new_request_id(),
        )
        with self.lock:
            entry, names = self._entry(executor, request, version)
            due = self.faults.pick(names)
            entry.faults = [fault.kind for fault in due]
            reply = self._reply(executor, request, token, due, entry)
            self.requests.append(entry)
        entry.status = reply.status
        entry.seconds = time.perf_counter() - started
        return reply

    def _entry(
        self, executor: Executor, request: GraphRequest, version: str
    ) -> tuple[LoggedRequest, set[str]]:
        operation, names = executor.names(request)
        entry = LoggedRequest(operation, request.query, request.variables, version)
        entry.roots = tuple(sorted(names - {operation}))
        entry.at = datetime.now(UTC)
        return entry, names

    def _reply(
        self,
        executor: Executor,
        request: GraphRequest,
        token: str | None,
        due: list[Fault],
        entry: LoggedRequest,
    ) -> Reply:
        reply = Reply(delay=sum(f.params.get('seconds', 1) for f in due if f.kind == 'delay'))
        refusal = self._refusal(token, due)
        if refusal is not None:
            reply.status, reply.headers, reply.raw = status_reply(refusal)
            return reply
        kinds = {fault.kind for fault in due}
        if 'drop_before' in kinds:
            reply.dropped = True
            return reply
        granted = self.access.find(token)
        request.policy = Policy(granted.granted, self.access.protected)
        _apply(request, due)
        answer = executor.run(request)
        self._note(entry, answer)
        reply.body = answer.body
        reply.dropped = 'drop_after' in kinds
        reply.broken = 'broken_json' in kinds
        if answer.deprecated:
            reply.headers['X-Shopify-API-Deprecated-Reason'] = ', '.join(answer.deprecated)
        return reply

    def _refusal(self, token: str | None, due: list[Fault]) -> dict[str, Any] | None:
        for fault in due:
            if fault.kind == 'http':
                return fault.params
            if fault.kind == 'expired_token':
                return UNAUTHORIZED
        return UNAUTHORIZED if self.access.find(token) is None else None

    def _note(self, entry: LoggedRequest, answer: Answer) -> None:
        entry.requested, entry.actual = answer.requested, answer.actual
        entry.errors = answer.codes

    # --- control ------------------------------------------------------------------------------

    def stats(self) -> dict[str, Any]:
        """Figures for other processes: requests by operation, points, records by type."""
        with self.lock:
            requests = list(self.requests)
            records = {name: len(rows) for name, rows in self.store.records.items()}
        return {
            'domain': self.domain,
            'requests': len(requests),
            'by_operation': dict(Counter(str(r.operation) for r in requests)),
            'by_status': dict(Counter(str(r.status) for r in requests)),
            'errors': dict(Counter(str(code) for r in requests for code in r.errors)),
            'points': sum(r.cost or 0 for r in requests),
            'seconds': sum(r.seconds for r in requests),
            'bucket': self.bucket.status(),
            'records': records,
            'deliveries': len(self.webhooks.log),
        }

    def control(self, action: str, document: dict[str, Any]) -> dict[str, Any]:
        """Do what POST /twin/<action> asks. Raises KeyError for an unknown action."""
        return _CONTROLS[action](self, **document)

    def _control_faults(self, clear: bool = False, **rule: Any) -> dict[str, Any]:
        with self.lock:
            if clear:
                self.faults.clear()
            if rule:
                self.faults.add(**rule)
            return {'rules': [vars(r) for r in self.faults.rules]}

    def _control_reset(self) -> dict[str, Any]:
        self.reset()
        return {'ok': True}

    def _control_generate(
        self, count: int = 100, seed: int | None = None, profile: Any = None
    ) -> dict[str, Any]:
        self.generate(count, seed, profile)
        return {'orders': len(self.store.collections['orders']())}

    def _control_execute(
        self, query: str, variables: dict[str, Any] | None = None, version: str | None = None
    ) -> dict[str, Any]:
        return self.execute(query, variables, version=version or schemas.DEFAULT_VERSION)

    def _control_requests(self, clear: bool = False) -> dict[str, Any]:
        with self.lock:
            rows = [vars(entry) for entry in self.requests]
            if clear:
                self.requests.clear()
        return {'requests': rows}


_CONTROLS = {
    'faults': Twin._control_faults,
    'reset': Twin._control_reset,
    'generate': Twin._control_generate,
    'execute': Twin._control_execute,
    'requests': Twin._control_requests,
}


def _apply(request: GraphRequest, due: list[Fault]) -> None:
    """Let the faults that change an execution change it."""
    for fault in due:
        if fault.kind == 'throttled':
            request.throttled = True
        elif fault.kind == 'internal_error':
            request.internal = 'partial' if fault.params.get('partial') else 'full'
        elif fault.kind == 'search_lag':
            request.lag = max(request.lag, fault.params.get('seconds', 5))
        elif fault.kind == 'enum':
            request.overrides[fault.params['field']] = fault.params['value']
