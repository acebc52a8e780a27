"""Sets a twin up as the shop of a recording was.

Only what requests refer to, never what answers derive.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shopify_twin.engine.catalog import InventoryItem, Product, ProductVariant
from shopify_twin.engine.people import Customer, MailingAddress
from shopify_twin.engine.shop import Location

from . import pasts
from .comparing import GID, Comparison, Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shopify_twin import Twin

    from .recordings import Recording, Step

SECOND = timedelta(seconds=1)
#: The recorded shop: its currency is that of its balances and prices, whatever an order is in.
CURRENCY = 'CAD'
APP = 'gid://shopify/App/347082227713'


class World:
    """The state around one recording."""

    def __init__(self, twin: Twin, recording: Recording, names: Names):
        self.twin = twin
        self.store = twin.store
        self.recording = recording
        self.names = names
        self.nodes = gathered(recording.data)

    def furnish(self) -> None:
        """Make shop, locations, products, customers, then what happened before."""
        self._shop()
        self._locations()
        for gid in self.recording.preexisting:
            self.make(gid)
        pasts.live_through(self)
        self.store.clock.set(moment_of(self.recording))

    def prepare(self, step: Step) -> None:
        """Let a second pass before each request, and what the recording did unseen happen."""
        self.store.clock.advance(SECOND)
        pasts.between(self, step)
        for found in GID.finditer(json.dumps(step.variables)):
            self._recognise(found[0])

    def _recognise(self, gid: str) -> None:
        """Bind a customer whom no answer showed yet, by the e-mail of an order or draft."""
        email = self.nodes.get(gid, {}).get('email')
        if '/Customer/' in gid and email and gid not in self.names.ours:
            known = [each for each in self.store.all('Customer') if each.email == email]
            if known:
                self.names.bind(gid, known[0].id)

    def execute(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Run one of the twin's mutations for a set-up; raises AssertionError if refused."""
        body = self.twin.execute(document, self.names.translated(variables))
        assert not body.get('errors'), f'{self.recording.name}: set-up refused: {body["errors"]}'
        [payload] = body['data'].values()
        complaints = [payload.get(key) for key in payload or {} if key.endswith('serErrors')]
        assert not any(complaints), f'{self.recording.name}: set-up refused: {complaints}'
        return payload

    def learn(self, step: Step) -> None:
        """Bind the ids in a recorded read of the state before to the twin's."""
        body = self.twin.execute(
            self.names.translated(step.document), self.names.translated(step.variables)
        )
        Comparison(self.names).compare(step.answer.get('data'), body.get('data'))

    # --- what exists before -----------------------------------------------------------------

    def _shop(self) -> None:
        self.store.clock.set(moment_of(self.recording) - timedelta(minutes=5))
        domain = self.recording.data.get('storeDomain', 'harry-test-heelo.myshopify.com')
        shop = self.store.shop
        shop.name, shop.myshopify_domain, shop.url = (
            domain.partition('.')[0],
            domain,
            f'https://{domain}',
        )
        shop.currency_code = CURRENCY
        shop.iana_timezone = 'America/Toronto'
        self.store.app.id = APP

    def _locations(self) -> None:
        """Replace the twin's locations by those the recording names."""
        found = {gid: facts for gid, facts in self.nodes.items() if '/Location/' in gid}
        found |= {
            gid: {} for gid in self.recording.accepted if '/Location/' in gid and gid not in found
        }
        # A location that a mutation made is not there before.
        found = {
            gid: facts for gid, facts in found.items() if gid not in made_later(self.recording)
        }
        routed_to = first_assigned(self.recording.data)
        for location in list(self.store.all('Location')):
            self.store.remove(location)
        for gid, facts in found.items() or [('gid://shopify/Location/1', {})]:
            location = Location(
                name=facts.get('name') or "Shop location", created_at=self.store.clock.now()
            )
            location.is_active = facts.get('isActive', True)
            first = not self.store.all('Location')
            location.is_primary = routed_to in (gid, location.name) if routed_to else first
            location.is_fulfillment_service = facts.get('isFulfillmentService', False)
            location.fulfills_online_orders = facts.get('fulfillsOnlineOrders', True)
            self.names.bind(gid, self.store.add(location).id)
        self.store.manual_service.location = self.store.default_location()

    def make(self, gid: str) -> None:
        """Make the product, variant or customer a recorded id stands for, unless it is there."""
        maker = MAKERS.get(gid.split('/')[3])
        # What no answer tells of did not exist: unknown variants became custom lines.
        told = self.nodes.get(gid)
        if told is not None and '/ProductVariant/' in gid:
            # A variant of which no product is told is made with its product, if at all.
            told = told if told.keys() & {'product', 'productTitle'} else None
        if maker and told is not None and gid not in self.names.ours:
            record = maker(self, self.nodes[gid])
            self.names.bind(gid, record.id)

    def add_product(self, facts: dict[str, Any]) -> Product:
        """Add a product without variants."""
        now = self.store.clock.now()
        product = Product(title=facts.get('title') or "Product", created_at=now, updated_at=now)
        product.vendor = facts.get('vendor') or product.vendor
        return self.store.add(product)

    def add_variant(self, product: Product, title: str, gid: str | None = None) -> ProductVariant:
        """Add a variant to a product; `gid` is the recorded id it stands for."""
        now = self.store.clock.now()
        variant = ProductVariant(product=product, title=title, created_at=now, updated_at=now)
        variant.inventory_item = self.store.add(InventoryItem(variant=variant))
        product.variants.append(variant)
        self.store.add(variant)
        if gid:
            self.names.bind(gid, variant.id)
        return variant

    def _variant(self, facts: dict[str, Any]) -> ProductVariant:
        product = self.add_product(facts.get('product') or {'title': facts.get('productTitle')})
        variant = self.add_variant(product, facts.get('title') or 'Default Title')
        variant.sku = facts.get('sku')
        variant.price = Decimal(facts.get('price') or 0)
        variant.taxable = facts.get('taxable', True)
        return variant

    def _customer(self, facts: dict[str, Any]) -> Customer:
        now = self.store.clock.now()
        first, _, last = (facts.get('displayName') or '').partition(' ')
        customer = Customer(
            first_name=facts.get('firstName') or first or None,
            last_name=facts.get('lastName') or last or None,
            email=facts.get('email'),
            phone=(facts.get('defaultPhoneNumber') or {}).get('phoneNumber'),
            currency_code=CURRENCY,
            created_at=now,
            updated_at=now,
        )
        address = facts.get('defaultAddress')
        if address:
            known = {'address1', 'address2', 'city', 'province', 'country', 'zip'}
            lines = {key: value for key, value in address.items() if key in known}
            place = MailingAddress(id=self.store.next_gid('MailingAddress'), **lines)
            customer.addresses_v2.append(place)
        return self.store.add(customer)


MAKERS = {
    'ProductVariant': World._variant,
    'Product': World.add_product,
    'Customer': World._customer,
}


def moment_of(recording: Recording) -> datetime:
    """Return when a recording was made."""
    data = recording.data
    text = (
        data.get('capturedAt')
        or data.get('recordedAt')
        or (data.get('metadata') or {}).get('capturedAt')
    )
    if not text:
        text = max(
            re.findall(r'(?:created|updated|closed)At": "([^"]+)"', json.dumps(data)),
            default='2026-06-01T12:00:00Z',
        )
    return (
        datetime.fromisoformat(text.replace('Z', '+00:00')).astimezone(UTC).replace(microsecond=0)
    )


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object below a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def gathered(data: Any) -> dict[str, dict[str, Any]]:
    """Return what a file tells of each id; a line item tells of its variant too."""
    nodes: dict[str, dict[str, Any]] = {}
    for each in objects(data):
        gid = each.get('id')
        if isinstance(gid, str) and gid.startswith('gid://'):
            known = nodes.setdefault(gid, {})
            known.update({key: value for key, value in each.items() if known.get(key) is None})
        place = each.get('location')
        if (
            isinstance(place, dict)
            and isinstance(place.get('id'), str)
            and isinstance(each.get('name'), str)
        ):
            # An assigned location shows the name beside the location.
            known = nodes.setdefault(place['id'], {})
            known['name'] = known.get('name') or each['name']
        variant = each.get('variant')
        if isinstance(variant, dict) and isinstance(variant.get('id'), str) and 'title' in each:
            price = ((each.get('originalUnitPriceSet') or {}).get('shopMoney') or {}).get('amount')
            told = {'productTitle': each['title'], 'sku': each.get('sku'), 'price': price}
            known = nodes.setdefault(variant['id'], {})
            known.update({key: value for key, value in told.items() if known.get(key) is None})
    return nodes


def first_assigned(data: Any) -> str | None:
    """Return the location the shop sent its orders to: that of the first fulfilment order."""
    for each in objects(data):
        place = each.get('assignedLocation')
        if isinstance(place, dict):
            return (place.get('location') or {}).get('id') or place.get('name')
    return None


def made_later(recording: Recording) -> set[str]:
    """Return the ids of locations that came with a fulfilment service made in the recording."""
    return {
        each['location']['id']
        for each in objects([step.answer for step in recording.steps if step.changes])
        if each.get('type') == 'THIRD_PARTY' and isinstance(each.get('location'), dict)
    }
