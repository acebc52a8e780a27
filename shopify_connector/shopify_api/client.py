"""The only door to the network: runs one named document, returns its data or raises one error."""

import logging
import random
import threading
import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from . import documents
from .errors import (
    ShopifyAccessError,
    ShopifyCostError,
    ShopifyRequestError,
    ShopifyRetryableError,
    ShopifyUserError,
)

_logger = logging.getLogger(__name__)

API_VERSION = '2026-10'
# Versions that the documents are validated against, newest first.
SUPPORTED_VERSIONS = ('2026-10', '2026-07')

# https://shopify.dev/docs/api/usage/response-codes
_RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 540})
_ACCESS_STATUSES = {
    401: ('bad_token', "Shopify does not accept the access token. Reconnect the store."),
    402: ('store_frozen', "The Shopify store is frozen until its bill is paid."),
    403: ('forbidden', "Shopify forbids this request. Check the access scopes of the app."),
    404: ('no_store', "Shopify knows no store at this address."),
    423: ('store_locked', "Shopify has locked the store."),
    430: ('blocked', "Shopify's security has blocked the request."),
}
_RETRYABLE_CODES = frozenset({'THROTTLED', 'INTERNAL_SERVER_ERROR', 'TIMEOUT'})
_ACCESS_CODES = frozenset({'ACCESS_DENIED', 'SHOP_INACTIVE', 'UNAUTHORIZED'})

TIMEOUT = 60  # seconds to connect, and between two bytes of an answer
MAX_TRIES = 6
MAX_WAIT = 30.0  # seconds that one call may spend waiting in all; longer waits are the caller's


class Bucket:
    """What we know of the store's cost bucket, shared by all clients of one process.

    Shopify refuses a query when the bucket holds less than its *requested* cost, and fills it with
    ``restore`` points a second (https://shopify.dev/docs/api/usage/limits).
    """

    def __init__(self):
        self._lock = threading.Lock()
        self.maximum = self.restore = None
        self._available = 0.0
        self._seen_at = 0.0

    def update(self, status):
        """Remember the ``throttleStatus`` of an answer."""
        with self._lock:
            self.maximum = float(status['maximumAvailable'])
            self.restore = float(status['restoreRate'])
            self._available = float(status['currentlyAvailable'])
            self._seen_at = time.monotonic()

    def wait_for(self, cost):
        """Return the seconds until the bucket holds ``cost`` points, 0.0 when it does."""
        with self._lock:
            if not self.restore:
                return 0.0
            refilled = (time.monotonic() - self._seen_at) * self.restore
            available = min(self.maximum, self._available + refilled)
            return max(0.0, (min(cost, self.maximum) - available) / self.restore)


_buckets = {}
_requested_costs = {}


class ShopifyClient:
    """Runs the documents of :mod:`documents` against one store.

    :param str base_url: ``https://<store>.myshopify.com``
    :param str token: access token; never logged.
    :param str version: version of the API, for example ``2026-10``.
    :param renew_token: callable without arguments that returns a fresh token, or ``None``.
    """

    def __init__(self, base_url, token, version=API_VERSION, renew_token=None):
        self.base_url = base_url
        self.version = version
        self.answered_version = None
        self.requests_sent = 0
        self.points_spent = 0.0
        self._token = token
        self._renew_token = renew_token
        self._bucket = _buckets.setdefault(base_url, Bucket())
        # A query may be sent twice; a mutation only when it surely did not arrive.
        self._session = {
            'query': _session(read=3, allowed_methods=None),
            'mutation': _session(read=0),
        }

    def execute(self, name, **variables):
        """Run a document and return its ``data``.

        Waits, within bounds, for the cost bucket and for passing faults of Shopify.

        :param str name: document, for example ``orders_by_ids``; variables by keyword.
        :raise ShopifyRetryableError: throttled, down or unreachable for longer than we wait here.
        :raise ShopifyAccessError: the connection has to be mended.
        :raise ShopifyUserError: a mutation answered with ``userErrors``.
        :raise ShopifyCostError: the query is too dear; ask for less at once.
        :raise ShopifyRequestError: our mistake or an answer we cannot read.
        """
        deadline = time.monotonic() + MAX_WAIT
        self._wait(self._bucket.wait_for(_requested_costs.get(name, 0.0)), deadline, name)
        for attempt in range(1, MAX_TRIES + 1):
            try:
                return self._execute_once(name, variables)
            except ShopifyRetryableError as error:
                if attempt == MAX_TRIES or not self._may_repeat(name, error):
                    raise
                self._wait(_backoff(attempt, error), deadline, name, error)
            except ShopifyAccessError as error:
                if error.code != 'bad_token' or not self._renew():
                    raise
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _execute_once(self, name, variables):
        kind, operation = documents.operation(name)
        payload = {'query': documents.load(name), 'variables': variables}
        response = self._post(kind, operation, payload)
        body = self._read(response, operation)
        return self._data(name, body, response)

    def _post(self, kind, operation, payload):
        url = f'{self.base_url}/admin/api/{self.version}/graphql.json'
        headers = {'X-Shopify-Access-Token': self._token, 'Accept': 'application/json'}
        self.requests_sent += 1
        try:
            response = self._session[kind].post(
                url, json=payload, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            # The text of a requests error can name the address, never the headers.
            _logger.info("Shopify %s: no answer (%s)", operation, type(error).__name__)
            msg = "Shopify could not be reached."
            raise ShopifyRetryableError(msg, code='no_answer', operation=operation) from error
        self._check_version(response)
        return response

    def _check_version(self, response):
        answered = response.headers.get('X-Shopify-API-Version')
        if answered and answered not in {self.version, self.answered_version}:
            _logger.warning(
                "Shopify answered with API version %s instead of %s: the asked one has expired.",
                answered,
                self.version,
            )
        self.answered_version = answered or self.answered_version

    def _read(self, response, operation):
        """Return the JSON body of a good answer, or raise what its HTTP status means."""
        facts = {
            'operation': operation,
            'status': response.status_code,
            'request_id': response.headers.get('X-Request-Id'),
        }
        if response.status_code in _RETRYABLE_STATUSES:
            msg = "Shopify is busy or has a passing fault."
            raise ShopifyRetryableError(
                msg, code='busy', retry_after=_retry_after(response), **facts
            )
        if response.status_code in _ACCESS_STATUSES:
            code, msg = _ACCESS_STATUSES[response.status_code]
            raise ShopifyAccessError(msg, code=code, **facts)
        if response.status_code != 200:
            msg = "Shopify refused the request."
            raise ShopifyRequestError(msg, code='http', **facts)
        try:
            body = response.json()
        except requests.JSONDecodeError as error:
            msg = "Shopify's answer was cut off or is not JSON."
            raise ShopifyRetryableError(msg, code='bad_json', **facts) from error
        if not isinstance(body, dict):
            msg = "Shopify's answer has an unknown form."
            raise ShopifyRequestError(msg, code='bad_json', **facts)
        return body

    def _data(self, name, body, response):
        self._note_cost(name, body)
        facts = {
            'operation': documents.operation(name)[1],
            'request_id': response.headers.get('X-Request-Id'),
        }
        _raise_top_level_errors(body, self._bucket, facts)
        _raise_search_warnings(body, facts)
        data = body.get('data')
        if data is None:
            msg = "Shopify's answer holds no data."
            raise ShopifyRequestError(msg, code='no_data', **facts)
        _raise_user_errors(data, facts)
        return data

    def _note_cost(self, name, body):
        cost = (body.get('extensions') or {}).get('cost') or {}
        if cost.get('throttleStatus'):
            self._bucket.update(cost['throttleStatus'])
        if cost.get('requestedQueryCost') is not None:
            _requested_costs[name] = float(cost['requestedQueryCost'])
        self.points_spent += float(cost.get('actualQueryCost') or 0.0)

    def _may_repeat(self, name, error):
        """Return whether sending again now is harmless and may help.

        A query is harmless, a throttled mutation did not run. What got no answer was repeated by
        the session already: a store that is down must not keep the others waiting.
        """
        if error.code == 'no_answer':
            return False
        return documents.operation(name)[0] == 'query' or error.code == 'throttled'

    def _renew(self):
        """Fetch a new token once; return whether there is one."""
        renew, self._renew_token = self._renew_token, None
        if renew is None:
            return False
        self._token = renew()
        return True

    def _wait(self, seconds, deadline, name, error=None):
        """Sleep, or give the task back to the caller when it would take too long."""
        if seconds <= 0:
            return
        if time.monotonic() + seconds > deadline:
            if error is not None:
                error.retry_after = max(error.retry_after, seconds)
                raise error
            msg = "The store's API budget is used up for the moment."
            raise ShopifyRetryableError(msg, code='throttled', operation=name, retry_after=seconds)
        time.sleep(seconds)


def request_token(base_url, client_id, client_secret):
    """Ask for an access token with the client credentials grant.

    :return: ``(token, seconds it is valid, granted scopes as a list)``
    :raise ShopifyAccessError: when Shopify refuses id, secret or installation.
    :raise ShopifyRetryableError: when there is no answer.
    """
    form = {
        'grant_type': 'client_credentials',
        'client_id': client_id,
        'client_secret': client_secret,
    }
    try:
        response = requests.post(
            f'{base_url}/admin/oauth/access_token',
            data=form,
            headers={'Accept': 'application/json'},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        msg = "Shopify could not be reached."
        raise ShopifyRetryableError(msg, code='no_answer', operation='token') from error
    if response.status_code in _RETRYABLE_STATUSES:
        msg = "Shopify is busy or has a passing fault."
        raise ShopifyRetryableError(msg, code='busy', operation='token')
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = {}
    if response.status_code != 200 or 'access_token' not in body:
        reason = body.get('error_description') or body.get('error') or "no reason given"
        msg = f"Shopify gave no access token: {reason}"
        raise ShopifyAccessError(
            msg, code='no_token', operation='token', status=response.status_code
        )
    scopes = [scope for scope in (body.get('scope') or '').split(',') if scope]
    return body['access_token'], int(body.get('expires_in') or 0), scopes


def _session(**rules):
    """Return a session that repeats what fails below HTTP; statuses are ours to judge."""
    retry = Retry(3, status=0, backoff_factor=0.5, respect_retry_after_header=False, **rules)
    session = requests.Session()
    session.trust_env = False  # no .netrc: it would replace our own header
    adapter = HTTPAdapter(max_retries=retry, pool_maxsize=4)
    session.mount('https://', adapter)
    session.mount('http://', adapter)
    return session


def _retry_after(response):
    try:
        return max(0.1, float(response.headers.get('Retry-After', '')))
    except ValueError:
        return 1.0


def _backoff(attempt, error):
    """Return the seconds before the next attempt: what Shopify wants, or doubling, with jitter."""
    seconds = error.retry_after if error.code in {'throttled', 'busy'} else 0.5
    return max(seconds, 0.25 * 2**attempt) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter


def _raise_top_level_errors(body, bucket, facts):
    """Raise what the ``errors`` of an answer mean; Shopify sends them with HTTP 200."""
    errors = body.get('errors')
    if not errors:
        return
    if isinstance(errors, str):
        raise ShopifyAccessError(errors, code='refused', **facts)
    codes = {(error.get('extensions') or {}).get('code') for error in errors}
    text = "; ".join(str(error.get('message')) for error in errors)
    if 'THROTTLED' in codes:
        requested = (body.get('extensions') or {}).get('cost', {}).get('requestedQueryCost') or 0
        wait = bucket.wait_for(float(requested)) or 1.0
        msg = "The store's API budget is used up for the moment."
        raise ShopifyRetryableError(msg, code='throttled', retry_after=wait, **facts)
    if 'MAX_COST_EXCEEDED' in codes:
        raise ShopifyCostError(text, **facts)
    if codes & _RETRYABLE_CODES:
        raise ShopifyRetryableError(text, code='busy', retry_after=1.0, **facts)
    if codes & _ACCESS_CODES:
        raise ShopifyAccessError(text, code='access_denied', **facts)
    raise ShopifyRequestError(text, code='graphql', **facts)


def _raise_search_warnings(body, facts):
    """Raise when Shopify ignored a part of a search: it would return far too much."""
    searches = (body.get('extensions') or {}).get('search') or ()
    warnings = [warning for search in searches for warning in search.get('warnings') or ()]
    if warnings:
        text = "; ".join(f"{w.get('field')}: {w.get('message')}" for w in warnings)
        msg = f"Shopify ignored a part of the search: {text}"
        raise ShopifyRequestError(msg, code='search_ignored', **facts)


def _raise_user_errors(data, facts):
    for payload in data.values():
        if not isinstance(payload, dict):
            continue
        # Some mutations have a list of their own, for example orderCancelUserErrors.
        lists = [errors for key, errors in payload.items() if key.lower().endswith('usererrors')]
        errors = [error for found in lists for error in found or ()]
        if errors:
            text = "; ".join(error['message'] for error in errors)
            raise ShopifyUserError(text, errors=errors, **facts)
