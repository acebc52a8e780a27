"""Apps, tokens and scopes: who asks, and what they may see."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What a connector for all features asks for; `read_users` and the like are left to the test.
DEFAULT_SCOPES = (
    'read_all_orders',
    'read_orders',
    'write_orders',
    'write_order_edits',
    'read_customers',
    'write_customers',
    'read_companies',
    'read_products',
    'write_products',
    'read_locations',
    'read_inventory',
    'read_shipping',
    'read_payment_terms',
    'write_payment_terms',
    'read_merchant_managed_fulfillment_orders',
    'write_merchant_managed_fulfillment_orders',
    'read_third_party_fulfillment_orders',
    'write_third_party_fulfillment_orders',
    'read_assigned_fulfillment_orders',
    'write_assigned_fulfillment_orders',
    'read_returns',
    'write_returns',
    'read_draft_orders',
    'write_draft_orders',
    'read_gift_cards',
    'write_gift_cards',
    'read_gift_card_transactions',
    'read_fulfillments',
    'write_fulfillments',
)
#: Lifetime of a client-credentials token, in seconds. [D]
TOKEN_LIFETIME = 86_399
#: Orders older than this are hidden without read_all_orders. [D]
ORDER_WINDOW = timedelta(days=60)


def expanded(scopes: Iterable[str]) -> frozenset[str]:
    """Scopes with what they imply: `write_x` grants `read_x`. [D]"""
    given = set(scopes)
    return frozenset(
        given | {'read_' + s.removeprefix('write_') for s in given if s.startswith('write_')}
    )


@dataclass
class Token:
    """One access token."""

    value: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None

    @property
    def granted(self) -> frozenset[str]:
        """Scopes with the implied ones."""
        return expanded(self.scopes)


@dataclass
class OAuthFailure(Exception):  # noqa: N818
    """A refusal of the token endpoint."""

    status: int
    error: str
    description: str


@dataclass
class AppAccess:
    """The one app that is installed on the twin's shop.

    `protected` is what the app gets for protected customer data: None (granted), 'null', 'denied'.
    `state` rules the token endpoint: 'installed', 'app_not_installed' or 'shop_not_permitted'.
    """

    clock: Any
    seed: int = 0
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    protected: str | None = None
    state: str = 'installed'
    token_lifetime: int = TOKEN_LIFETIME
    tokens: dict[str, Token] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = Random(f'access {self.seed}')  # noqa: S311 (a reproducible twin has no secrets)
        self.client_id = f'{random.getrandbits(128):032x}'
        self.client_secret = f'shpss_{random.getrandbits(128):032x}'
        self.static = Token(f'shpat_{random.getrandbits(128):032x}', self.scopes)
        self.tokens[self.static.value] = self.static

    def set_scopes(self, scopes: Iterable[str]) -> None:
        """Change what the app is granted, for the tokens that exist too."""
        self.scopes = tuple(scopes)
        for token in self.tokens.values():
            token.scopes = self.scopes

    def find(self, value: str | None) -> Token | None:
        """The living token of a request, None when unknown or expired."""
        token = self.tokens.get(value or '')
        if token and token.expires_at and token.expires_at <= self.clock.now():
            return None
        return token

    def revoke_all(self) -> None:
        """Uninstall: no token lives on."""
        self.tokens.clear()

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer POST /admin/oauth/access_token. Raises OAuthFailure. [D]"""
        if form.get('grant_type') != 'client_credentials':
            raise OAuthFailure(400, 'unsupported_grant_type', 'Unsupported grant type.')
        if form.get('client_id') != self.client_id:
            # [I] wording.
            raise OAuthFailure(
                400, 'application_cannot_be_found', 'Could not find Shopify API application.'
            )
        if form.get('client_secret') != self.client_secret:
            raise OAuthFailure(400, 'invalid_client', 'The client secret is invalid.')
        self._check_state()
        return self._issue()

    def _check_state(self) -> None:
        if self.state == 'app_not_installed':
            raise OAuthFailure(400, self.state, 'The application is not installed on this shop.')
        if self.state == 'shop_not_permitted':
            raise OAuthFailure(
                400, self.state, 'Client credentials cannot be performed on this shop.'
            )

    def _issue(self) -> dict[str, Any]:
        expires = self.clock.now() + timedelta(seconds=self.token_lifetime)
        token = Token(f'shpat_{secrets.token_hex(16)}', self.scopes, expires)
        self.tokens[token.value] = token
        return {
            'access_token': token.value,
            'scope': ','.join(self.scopes),
            'expires_in': self.token_lifetime,
        }
