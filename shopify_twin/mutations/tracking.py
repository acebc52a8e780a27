"""Where a parcel is: fulfillmentEventCreate ([R] fulfillment-detail-events-lifecycle.json)."""

from dataclasses import dataclass
from datetime import datetime

from ..engine.errors import UserError
from ..engine.records import Record
from .common import done, failed
from .registry import mutation

#: FulfillmentEventInput field → attribute.
FIELDS = {
    'status': 'status',
    'message': 'message',
    'city': 'city',
    'province': 'province',
    'country': 'country',
    'zip': 'zip',
    'address1': 'address1',
    'latitude': 'latitude',
    'longitude': 'longitude',
    'estimatedDeliveryAt': 'estimated_delivery_at',
    'happenedAt': 'happened_at',
}


@dataclass(eq=False, repr=False)
class FulfillmentEvent(Record):
    """One scan of a parcel."""

    typename = 'FulfillmentEvent'
    id: str | None = None
    status: str = 'IN_TRANSIT'
    message: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None
    zip: str | None = None
    address1: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    estimated_delivery_at: datetime | None = None
    happened_at: datetime | None = None
    created_at: datetime | None = None


@mutation('fulfillmentEventCreate')
def fulfillment_event_create(store, fulfillmentEvent):  # noqa: N803 (Shopify's name)
    """Add an event; what it says of the parcel shows on the fulfilment [R]."""
    found = store.find('Fulfillment', fulfillmentEvent['fulfillmentId'])
    if found is None:
        # [I] wording.
        return failed(
            UserError(['fulfillmentEvent', 'fulfillmentId'], "Fulfillment does not exist."),
            fulfillment_event=None,
        )
    now = store.clock.now()
    facts = {FIELDS[name]: value for name, value in fulfillmentEvent.items() if name in FIELDS}
    event = FulfillmentEvent(**{'happened_at': now, **facts}, created_at=now)
    found.events.append(store.add(event))
    found.estimated_delivery_at = event.estimated_delivery_at or found.estimated_delivery_at
    if event.status == 'IN_TRANSIT':
        found.in_transit_at = event.happened_at
    if event.status == 'DELIVERED':
        found.delivered_at = event.happened_at
    store.touch(found)
    store.emit('FULFILLMENT_EVENTS_CREATE', event)
    return done(fulfillment_event=event)
