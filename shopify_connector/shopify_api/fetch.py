"""Reads: many orders a request, every connection to its end."""

from dataclasses import replace
from datetime import datetime, timezone

from .company import CompanyLocation
from .errors import ShopifyCostError, ShopifyRetryableError
from .order import Fulfillment, Head, Order, Refund
from .shipping import Shipping

HEADS_PER_PAGE = 250
HEADS_BY_ID = 100
ORDERS_PER_REQUEST = 50


def order_heads(client, query):
    """Yield the heads that match a search, a page (list of :class:`Head`) at a time.

    :param str query: Shopify's search syntax; timestamps quoted and with ``Z``.
    """
    after = None
    while True:
        data = client.execute('orders_to_import', first=HEADS_PER_PAGE, after=after, query=query)
        page = data['orders']
        yield [Head.from_json(node) for node in page['nodes']]
        if not page['pageInfo']['hasNextPage']:
            return
        after = page['pageInfo']['endCursor']


def order_heads_by_ids(client, gids):
    """Return the heads (list of :class:`Head`) of the orders that exist, as they are this moment.

    A search may not know yet what has just changed; an id is always answered.

    :param list gids: at most :data:`HEADS_BY_ID`.
    """
    nodes = client.execute('heads_by_ids', ids=list(gids))['nodes']
    return [Head.from_json(node) for node in nodes if node and 'id' in node]


def newest_order_heads(client, count):
    """Return the heads (list of :class:`Head`) of the newest orders of a store, newest first.

    :param int count: at most :data:`HEADS_PER_PAGE`.
    """
    data = client.execute(
        'orders_to_import', first=count, after=None, sortKey='CREATED_AT', reverse=True
    )
    return [Head.from_json(node) for node in data['orders']['nodes']]


def orders(client, gids, with_payment_terms=True, with_refunds=True, known_company_locations=()):
    """Return gid → :class:`Order` for the orders that exist, complete with all their lists.

    :param list gids: at most :data:`ORDERS_PER_REQUEST`; deleted orders are left out of the answer.
    :param bool with_payment_terms: needs the scope ``read_payment_terms``.
    :param bool with_refunds: read the refunds of the orders that have any.
    :param known_company_locations: gids of branches of companies that need not be read.
    """
    read_at = datetime.now(timezone.utc)
    nodes = _nodes(client, 'orders_by_ids', list(gids), withPaymentTerms=with_payment_terms)
    for node in nodes:
        _complete(client, node)
    found = {node['id']: replace(Order.from_json(node), read_at=read_at) for node in nodes}
    if with_refunds:
        _add_refunds(client, found)
    _add_company_locations(client, found, set(known_company_locations))
    return found


def _nodes(client, document, gids, **variables):
    """Ask for orders by id at once; when that is too much for Shopify, in halves."""
    if not gids:
        return []
    try:
        data = client.execute(document, ids=gids, **variables)
    except (ShopifyCostError, ShopifyRetryableError) as error:
        too_big = isinstance(error, ShopifyCostError) or error.code == 'bad_json'
        if len(gids) == 1 or not too_big:
            raise
        middle = len(gids) // 2
        halves = (gids[:middle], gids[middle:])
        return [node for half in halves for node in _nodes(client, document, half, **variables)]
    return _existing(data)


def _complete(client, node):
    """Read the further pages of an order, in place."""
    _read_on(client, node, 'order_lines', ('order', 'lineItems'))
    _read_on(client, node, 'order_shipping_lines', ('order', 'shippingLines'))
    _read_on(client, node, 'order_fulfillment_orders', ('order', 'fulfillmentOrders'))
    for item in node['fulfillmentOrders']['nodes']:
        _read_on(client, item, 'fulfillment_order_lines', ('fulfillmentOrder', 'lineItems'))
    for item in node['fulfillments']:
        _read_fulfillment_on(client, item)


def _read_on(client, node, document, path):
    """Append all further pages of a connection to its first page, in place.

    :param tuple path: root field of the document, and the connection in it and in ``node``.
    """
    root, name = path
    connection = node[name]
    while connection['pageInfo']['hasNextPage']:
        after = connection['pageInfo']['endCursor']
        page = client.execute(document, id=node['id'], after=after)[root][name]
        connection['nodes'] += page['nodes']
        connection['pageInfo'] = page['pageInfo']


def _add_refunds(client, found):
    """Replace the orders that may have refunds by ones that know them, in place."""
    gids = [gid for gid, order in found.items() if order.may_have_refunds]
    if not gids:
        return
    for node in _existing(client.execute('order_refunds', ids=gids)):
        for refund in node['refunds']:
            _read_on(client, refund, 'refund_lines', ('refund', 'refundLineItems'))
        refunds = [Refund.from_json(item) for item in node['refunds']]
        found[node['id']] = found[node['id']].with_refunds(refunds)


def _add_company_locations(client, found, known):
    """Replace the orders of companies that are not known by ones that know them, in place."""
    gids = {order.company_location_gid for order in found.values()} - known - {''}
    if not gids:
        return
    nodes = client.execute('company_locations', ids=sorted(gids))['nodes']
    branches = {node['id']: CompanyLocation.from_json(node) for node in nodes if node}
    for gid, order in found.items():
        if order.company_location_gid in branches:
            found[gid] = order.with_company_location(branches[order.company_location_gid])


def shipping_methods(client):
    """Yield the names of the active shipping methods of the store, names may repeat.

    They are what a buyer chooses from, and the titles of shipping charges. One request a profile
    and location group: three nested lists in one request would cost more than Shopify allows.
    """
    for profile in _pages(client, 'delivery_profiles', 'deliveryProfiles'):
        for group in profile['profileLocationGroups']:
            yield from _group_methods(client, profile['id'], group['locationGroup']['id'])


def _group_methods(client, profile_gid, group_gid):
    """Yield the names of the methods in all zones of one location group."""
    after = None
    while True:
        data = client.execute(
            'delivery_methods', profileId=profile_gid, locationGroupId=group_gid, after=after
        )
        groups = (data['deliveryProfile'] or {}).get('profileLocationGroups') or ()
        zones = [group['locationGroupZones'] for group in groups]
        for zone in (node for page in zones for node in page['nodes']):
            for method in zone['methodDefinitions']['nodes']:
                yield from _method_names(method)
        if not zones or not zones[0]['pageInfo']['hasNextPage']:
            return
        after = zones[0]['pageInfo']['endCursor']


def _method_names(method):
    """Yield what a method is called on orders: a carrier's services, else its own name."""
    services = [
        service['name']
        for service in (method['rateProvider'] or {}).get('participantServices') or ()
        if service['active']
    ]
    if method['active']:
        yield from services or [method['name']]


def _pages(client, document, root):
    """Yield the nodes of all pages of a connection."""
    after = None
    while True:
        page = client.execute(document, after=after)[root]
        yield from page['nodes']
        if not page['pageInfo']['hasNextPage']:
            return
        after = page['pageInfo']['endCursor']


def locations(client):
    """Yield the nodes of all locations of the store."""
    return _pages(client, 'locations', 'locations')


def shipping(client, gids):
    """Return gid → :class:`~.shipping.Shipping` of the orders that exist.

    :param list gids: of orders, at most :data:`ORDERS_PER_REQUEST`.
    """
    nodes = _nodes(client, 'shipping_by_ids', list(gids))
    for node in nodes:
        _read_on(client, node, 'order_shippable', ('order', 'fulfillmentOrders'))
        for item in node['fulfillmentOrders']['nodes']:
            _read_on(client, item, 'fulfillment_order_lines', ('fulfillmentOrder', 'lineItems'))
        for item in node['fulfillments']:
            _read_fulfillment_on(client, item)
    return {node['id']: Shipping.from_json(node) for node in nodes}


def fulfillments(client, gids):
    """Return gid → :class:`~.order.Fulfillment` of those that exist.

    :param list gids: at most 250.
    """
    nodes = _existing(client.execute('fulfillments_by_ids', ids=list(gids)))
    return {node['id']: read_fulfillment(client, node) for node in nodes}


def read_fulfillment(client, node):
    """Return the :class:`~.order.Fulfillment` of a node with all its lines."""
    _read_fulfillment_on(client, node)
    return Fulfillment.from_json(node)


def _read_fulfillment_on(client, node):
    _read_on(client, node, 'fulfillment_lines', ('fulfillment', 'fulfillmentLineItems'))


def _existing(data):
    """Return the nodes that exist: null was deleted, empty is of another type."""
    return [node for node in data['nodes'] if node and 'id' in node]
