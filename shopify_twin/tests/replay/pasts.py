"""What had happened in a recorded shop before the first recorded request.

Done with the twin's own mutations.
A set-up takes what the merchant had typed in (titles, quantities,
prices, payments) from the recorded read of the state before; all that Shopify derives from it the
twin derives itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .comparing import GID, Comparison

if TYPE_CHECKING:
    from .recordings import Step
    from .worlds import World

ORDER_CREATE = """mutation ($order: OrderCreateOrderInput!) {
  orderCreate(order: $order) { order { id } userErrors { message } } }"""
ORDER_CLOSE = """mutation ($input: OrderCloseInput!) {
  orderClose(input: $input) { order { id } userErrors { message } } }"""
DRAFT_CREATE = """mutation ($input: DraftOrderInput!) {
  draftOrderCreate(input: $input) { draftOrder { id } userErrors { message } } }"""
REFUND_CREATE = """mutation ($input: RefundInput!) {
  refundCreate(input: $input) @idempotent(key: "past") { refund { id } userErrors { message } } }"""


COMPANY_CREATE = """mutation ($input: CompanyCreateInput!) { companyCreate(input: $input) {
  company { id defaultRole { id name } contactRoles(first: 5) { nodes { id name } }
    locations(first: 5) { nodes { id } } contacts(first: 5) { nodes { id } } }
  userErrors { message } } }"""
EMAIL = 'buyer@example.com'
ORDER_OF = 'query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { id } } } }'
MOVE = """mutation ($id: ID!, $to: ID!) {
  fulfillmentOrderMove(id: $id, newLocationId: $to) { userErrors { message } } }"""
SUBMIT = """mutation ($id: ID!, $message: String) {
  fulfillmentOrderSubmitFulfillmentRequest(id: $id, message: $message) {
    userErrors { message } } }"""
ACCEPT = """mutation ($id: ID!) {
  fulfillmentOrderAcceptFulfillmentRequest(id: $id) { userErrors { message } } }"""
ASK_TO_CANCEL = """mutation ($id: ID!, $message: String) {
  fulfillmentOrderSubmitCancellationRequest(id: $id, message: $message) {
    userErrors { message } } }"""


def between(world: World, step: Step) -> None:
    """Do what the recording did between two requests without keeping it."""
    if not world.recording.name.endswith('/fulfillment-order-request-lifecycle.json'):
        return
    if step.name == 'partialSubmit.response':
        for read in world.recording.upstream:
            order_at_service(world, read, read.answer['data']['fulfillmentOrder'])
    if step.name == 'rejectFulfillmentRequest.response':
        world.execute(SUBMIT, {'id': step.variables['id']})
    if step.name == 'rejectCancellationRequest.response':
        [payload] = step.answer['data'].values()
        asked, cancelled = payload['fulfillmentOrder']['merchantRequests']['nodes']
        world.execute(SUBMIT, {'id': step.variables['id'], 'message': asked['message']})
        world.execute(ACCEPT, {'id': step.variables['id']})
        world.execute(ASK_TO_CANCEL, {'id': step.variables['id'], 'message': cancelled['message']})


def order_at_service(world: World, read: Step, node: dict[str, Any]) -> None:
    """Place an order and move it to the fulfilment service, as the file's notes tell."""
    lines = [item['lineItem'] for item in node['lineItems']['nodes']]
    free = {'shopMoney': {'amount': '0', 'currencyCode': 'CAD'}}
    given = [line_input({**line, 'originalUnitPriceSet': free}) for line in lines]
    order = world.execute(ORDER_CREATE, {'order': {'lineItems': given}})['order']
    world.names.bind(node['order']['id'], order['id'])
    [made] = world.execute(ORDER_OF, {'id': order['id']})['fulfillmentOrders']['nodes']
    world.names.bind(node['id'], made['id'])
    world.execute(MOVE, {'id': node['id'], 'to': node['assignedLocation']['location']['id']})
    world.learn(read)


def live_through(world: World) -> None:
    """Make the orders and drafts of the recorded reads of the state before, and learn their ids."""
    if world.recording.name.endswith('/b2b-company-roots-read.json'):
        make_company(world, world.recording.data['data']['companies']['nodes'][0])
    if world.recording.name.endswith('/delivery-profiles-read.json'):
        empty_profile(world)
    for step in world.recording.upstream:
        data = step.answer.get('data') or {}
        if data.get('order') and wanted(world, data['order']):
            make_order(world, step, data['order'])
        if data.get('draftOrder') and wanted(world, data['draftOrder']):
            make_draft(world, step, data['draftOrder'])


def make_company(world: World, node: dict[str, Any]) -> None:
    """Make a company with its branch and contact, and learn the ids."""
    [contact], [place] = node['contacts']['nodes'], node['locations']['nodes']
    given = {
        'company': {key: node[key] for key in ('name', 'note', 'externalId')},
        'companyContact': {'title': contact['title'], 'locale': contact['locale'], 'email': EMAIL},
        'companyLocation': {key: place[key] for key in ('name', 'phone', 'locale')},
    }
    made = world.execute(COMPANY_CREATE, {'input': given})['company']
    Comparison(world.names).compare(node, made)


def empty_profile(world: World) -> None:
    """Take the rates out of the general profile; fill the catalogue beyond 500 variants."""
    [profile] = world.store.all('DeliveryProfile')
    profile.groups, profile.version = [], 13
    detail = world.recording.data['queries']['detail']['result']['payload']['data'][
        'deliveryProfile'
    ]
    for item in detail['profileItems']['nodes']:
        product = world.store.get(world.names.ours[item['product']['id']])
        for node in item['variants']['nodes']:
            world.add_variant(product, node['title'], node['id'])
        if item['variants']['pageInfo']['hasNextPage']:
            world.add_variant(product, "One more")
    for number in range(500):
        world.add_variant(world.add_product({'title': f"Filler {number}"}), "Default Title")


def wanted(world: World, node: dict[str, Any]) -> bool:
    """Tell whether the scenario starts with this record: it is asked for untold."""
    if node['id'] not in world.recording.named_first or node['id'] in world.names.ours:
        return False
    for found in GID.finditer(json.dumps(node)):
        world.make(found[0])
    return True


def make_order(world: World, step: Step, node: dict[str, Any]) -> None:
    """Place the order as it must have been placed, then refund and archive as the read tells."""
    made = world.execute(ORDER_CREATE, {'order': order_input(world, node)})['order']
    world.names.bind(node['id'], made['id'])
    world.learn(step)
    refund = refund_input(node)
    if refund:
        world.execute(REFUND_CREATE, {'input': refund})
        world.learn(step)
    if node.get('closed'):
        world.execute(ORDER_CLOSE, {'input': {'id': node['id']}})


def order_input(world: World, node: dict[str, Any]) -> dict[str, Any]:
    """Return the input of orderCreate for an order that was read."""
    total = node.get('totalPriceSet') or node.get('currentTotalPriceSet')
    lines = (node.get('lineItems') or {}).get('nodes')
    if not lines:
        lines = [{'title': "Item", 'quantity': 1, 'originalUnitPriceSet': total}]
    money = lines[0]['originalUnitPriceSet']
    given = {
        'currency': money['shopMoney']['currencyCode'],
        'lineItems': [line_input(line) for line in lines],
        'shippingLines': [
            {'title': "Shipping", 'priceSet': line['originalPriceSet']}
            for line in (node.get('shippingLines') or {}).get('nodes') or ()
        ],
        'transactions': [
            {key: payment[key] for key in ('kind', 'status', 'gateway', 'amountSet')}
            for payment in node.get('transactions') or ()
            if payment['kind'] in ('SALE', 'AUTHORIZATION')
        ],
        'note': note_of(world, node['id']),
        'email': (node.get('customer') or {}).get('email'),
    }
    return {key: value for key, value in given.items() if value not in (None, [])}


def line_input(line: dict[str, Any]) -> dict[str, Any]:
    """Return the input of one line."""
    return {
        'title': line['title'],
        'quantity': line['quantity'],
        'priceSet': line['originalUnitPriceSet'],
        'sku': line.get('sku'),
        'taxable': False,
        'requiresShipping': True,
    }


def note_of(world: World, gid: str) -> str | None:
    """Return an order's note, which only the answers of the scenario tell."""
    return world.nodes.get(gid, {}).get('note')


def refund_input(node: dict[str, Any]) -> dict[str, Any] | None:
    """Return the input of the refund that had been made, or None."""
    refunds = node.get('refunds') or ()
    if not refunds:
        return None
    sale = next(each for each in node['transactions'] if each['kind'] == 'SALE')
    back = next(each for each in node['transactions'] if each['kind'] == 'REFUND')
    return {
        'orderId': node['id'],
        'note': refunds[0]['note'],
        'refundLineItems': [
            {'lineItemId': line['id'], 'quantity': gone, 'restockType': 'NO_RESTOCK'}
            for line in node['lineItems']['nodes']
            if (gone := line['quantity'] - line['currentQuantity'])
        ],
        'transactions': [
            {
                'orderId': node['id'],
                'parentId': sale['id'],
                'kind': 'REFUND',
                'gateway': back['gateway'],
                'amount': back['amountSet']['shopMoney']['amount'],
            }
        ],
    }


def make_draft(world: World, step: Step, node: dict[str, Any]) -> None:
    """Write the draft as it must have been written."""
    made = world.execute(DRAFT_CREATE, {'input': draft_input(node)})['draftOrder']
    world.names.bind(node['id'], made['id'])
    world.learn(step)


def draft_input(node: dict[str, Any]) -> dict[str, Any]:
    """Return the input of draftOrderCreate for a draft that was read."""
    shipping = node.get('shippingLine')
    given = {
        'email': node.get('email'),
        'note': node.get('note'),
        'tags': node.get('tags'),
        'taxExempt': node.get('taxExempt'),
        'reserveInventoryUntil': node.get('reserveInventoryUntil'),
        'customAttributes': node.get('customAttributes'),
        'appliedDiscount': discount_input(node.get('appliedDiscount')),
        'billingAddress': address_input(node.get('billingAddress')),
        'shippingAddress': address_input(node.get('shippingAddress')),
        'purchasingEntity': customer_input(node),
        'shippingLine': shipping
        and {
            'title': shipping['title'],
            'priceWithCurrency': shipping['originalPriceSet']['shopMoney'],
        },
        'lineItems': [draft_line_input(line) for line in node['lineItems']['nodes']],
    }
    return {key: value for key, value in given.items() if value is not None}


def customer_input(node: dict[str, Any]) -> dict[str, Any] | None:
    """Return the buyer; a customer with the draft's own e-mail came with it."""
    customer = node.get('customer')
    if not customer or customer['email'] == node.get('email'):
        return None
    return {'customerId': customer['id']}


def draft_line_input(line: dict[str, Any]) -> dict[str, Any]:
    """Return the input of one line of a draft."""
    given = {
        'quantity': line['quantity'],
        'appliedDiscount': discount_input(line.get('appliedDiscount')),
        'customAttributes': line.get('customAttributes'),
    }
    if line.get('variant'):
        given['variantId'] = line['variant']['id']
    else:
        given |= {key: line[key] for key in ('title', 'sku', 'requiresShipping', 'taxable')}
        given['originalUnitPriceWithCurrency'] = line['originalUnitPriceSet']['shopMoney']
    return {key: value for key, value in given.items() if value is not None}


def discount_input(discount: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a draft's discount as it was typed in."""
    return discount and {
        key: discount[key] for key in ('title', 'description', 'value', 'valueType')
    }


def address_input(address: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an address as it was typed in."""
    return address and {
        key.removesuffix('V2'): value for key, value in address.items() if value is not None
    }
