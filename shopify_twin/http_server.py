"""The twin's HTTP side: Shopify's endpoints, and the twin's own under /twin/."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .access import OAuthFailure
from .faults import TOKEN_ENDPOINT
from .schema import answered_version

_logger = logging.getLogger(__name__)
_GRAPHQL = re.compile(r'^/admin/api/([\w-]+)/graphql\.json$')

#: Bodies of refusals below GraphQL. [D] status; [C]/[I] wording.
STATUS_ERRORS = {
    400: 'Bad Request',
    401: '[API] Invalid API key or access token (unrecognized login or wrong password)',
    402: "This shop's plan does not have access to this feature",
    403: '[API] This action requires merchant approval.',
    404: 'Not Found',
    406: 'Not Acceptable',
    423: 'Locked',
    429: (
        'Exceeded 2 calls per second for api client. Reduce request rates to resume '
        'uninterrupted service.'
    ),
    430: 'Request rejected',
    500: 'Internal Server Error',
    501: 'Not Implemented',
    502: 'Bad Gateway',
    503: 'Service Unavailable',
    504: 'Gateway Timeout',
    540: 'Temporarily disabled',
    783: 'unexpected token',
}


class Dropped(Exception):  # noqa: N818
    """The connection ends without an answer."""


class TwinServer(ThreadingHTTPServer):
    """A server of one twin; `handler.twin` reaches it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, twin: Any, host: str, port: int):
        self.twin = twin
        self.open_sockets: set[socket.socket] = set()
        super().__init__((host, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that stopping closes it."""
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the keep-alive connections that clients still hold."""
        for connection in list(self.open_sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, _request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the twin."""
        _logger.debug("Connection of %s ended badly", client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection, request after request."""

    protocol_version = 'HTTP/1.1'
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: TwinServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the console free; the twin has a log of its own."""

    def do_GET(self) -> None:
        """Only the control API answers GET."""
        self._guarded(self._get)

    def do_POST(self) -> None:
        """GraphQL, tokens and the control API."""
        self._guarded(self._post)

    def _guarded(self, answer: Any) -> None:
        try:
            answer()
        except Dropped:
            self._drop()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception as error:
            _logger.exception("Defect of the twin")
            self._json(500, {'errors': f'Twin defect: {type(error).__name__}: {error}'})

    def _drop(self) -> None:
        self.close_connection = True
        # A reset, as a broken connection gives, rather than an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        self.connection.close()

    # --- routes -------------------------------------------------------------------------------

    def _get(self) -> None:
        path = urlsplit(self.path).path
        if path == '/twin/stats':
            return self._json(200, self.server.twin.stats())
        return self._json(404, {'errors': STATUS_ERRORS[404]})

    def _post(self) -> None:
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        path = urlsplit(self.path).path
        match = _GRAPHQL.match(path)
        if match:
            return self._graphql(match.group(1), body)
        if path == '/admin/oauth/access_token':
            return self._token(body)
        if path.startswith('/twin/'):
            return self._control(path.removeprefix('/twin/'), body)
        return self._json(404, {'errors': STATUS_ERRORS[404]})

    def _graphql(self, asked: str, body: bytes) -> None:
        twin = self.server.twin
        version = answered_version(asked)
        if version is None:
            return self._json(404, {'errors': STATUS_ERRORS[404]})
        headers = {'X-Request-Id': request_id(), 'X-Shopify-API-Version': version}
        document = self._document(body)
        if document is None:
            return self._json(400, {'errors': {'query': 'Required parameter missing or invalid'}})
        reply = twin.serve(
            document,
            version=version,
            token=self.headers.get('X-Shopify-Access-Token'),
            debug=self.headers.get('Shopify-GraphQL-Cost-Debug') == '1',
            request_id=headers['X-Request-Id'],
        )
        if reply.delay:
            time.sleep(reply.delay)
        if reply.dropped:
            raise Dropped
        return self._send(reply.status, reply.payload(), {**headers, **reply.headers})

    def _document(self, body: bytes) -> dict[str, Any] | None:
        kind = (self.headers.get('Content-Type') or '').partition(';')[0].strip()
        if kind == 'application/graphql':
            return {'query': body.decode()}
        try:
            document = json.loads(body)
        except ValueError:
            return None
        valid = isinstance(document, dict) and isinstance(document.get('query'), str)
        return document if valid and kind == 'application/json' else None

    def _token(self, body: bytes) -> None:
        twin = self.server.twin
        kind = (self.headers.get('Content-Type') or '').partition(';')[0].strip()
        try:
            form = (
                json.loads(body) if kind == 'application/json' else dict(parse_qsl(body.decode()))
            )
        except ValueError:
            form = {}
        for fault in twin.faults.pick({TOKEN_ENDPOINT}):
            if fault.kind == 'http':
                return self._status(fault.params)
            if fault.kind.startswith('drop'):
                raise Dropped
        try:
            with twin.lock:
                return self._json(200, twin.access.grant(form))
        except OAuthFailure as failure:
            return self._json(
                failure.status, {'error': failure.error, 'error_description': failure.description}
            )

    def _control(self, action: str, body: bytes) -> None:
        try:
            document = json.loads(body or b'{}')
            return self._json(200, self.server.twin.control(action, document))
        except KeyError as error:
            return self._json(404, {'errors': f'Unknown: {error}'})
        except (TypeError, ValueError) as error:
            return self._json(400, {'errors': str(error)})

    # --- answers ------------------------------------------------------------------------------

    def _status(self, params: dict[str, Any]) -> None:
        status, headers, body = status_reply(params)
        self._send(status, body, headers)

    def _json(self, status: int, document: Any) -> None:
        self._send(status, json.dumps(document, default=str).encode(), {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header('Content-Type', 'application/json; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def status_reply(params: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a refusal below GraphQL."""
    status = int(params.get('status', 500))
    headers = {}
    retry_after = params.get('retry_after', 2.0 if status == 429 else None)
    if retry_after is not None:
        headers['Retry-After'] = str(float(retry_after))
    text = params.get('body', STATUS_ERRORS.get(status, f'HTTP {status}'))
    return status, headers, json.dumps({'errors': text}).encode()


def request_id() -> str:
    """A fresh X-Request-Id. [R] a UUID and the second."""
    return f'{uuid.uuid4()}-{int(time.time())}'


def serve(twin: Any, host: str, port: int) -> TwinServer:
    """Start a server in a thread; it listens when this returns."""
    server = TwinServer(twin, host, port)
    threading.Thread(
        target=server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True, name='twin-http'
    ).start()
    return server
