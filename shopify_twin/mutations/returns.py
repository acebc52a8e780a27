"""Returns: request, approve, decline, create, process, close, reopen, cancel, and where goods
went.
"""

from ..engine import returns
from ..engine.errors import NotModelled, TwinError, UserError
from ..engine.returns import RestockingFee, ReturnShippingFee
from .common import done, failed, money_bag, must_find
from .registry import mutation


def complaint(field, message, code):
    """Return a ``ReturnUserError``."""
    return UserError(field, message, code, 'ReturnUserError')


@mutation('returnCreate')
def return_create(store, returnInput):  # noqa: N803 (Shopify's name)
    """Open a return ([R] return-quantity-validation.json)."""
    return _open(store, returnInput, 'returnInput', requested=False)


@mutation('returnRequest')
def return_request(store, input):  # noqa: A002
    """Ask for a return; it waits for approval."""
    return _open(store, input, 'input', requested=True)


def _open(store, given, root, requested):
    if given.get('exchangeLineItems'):
        raise NotModelled('not emulated: ReturnInput.exchangeLineItems')
    order = store.find('Order', given['orderId'])
    if order is None:
        error = complaint([root, 'orderId'], "Order not found.", 'NOT_FOUND')
        return {'return': None, 'user_errors': [error]}
    error = line_error(store, given['returnLineItems'], root)
    if error:
        return {'return': None, 'user_errors': [error]}
    parts = [part_of(store, part) for part in given['returnLineItems']]
    made = returns.open_return(store, order, parts, requested)
    fee = given.get('returnShippingFee')
    if fee:
        amount = money_bag(fee['amount'], order.rates)
        made.return_shipping_fees.append(
            ReturnShippingFee(store.next_gid('ReturnShippingFee'), amount)
        )
    store.emit('RETURNS_REQUEST' if requested else 'RETURNS_APPROVE', made)
    return {'return': made, 'user_errors': []}


def line_error(store, parts, root):
    """Return the complaint about a line that cannot come back, or None."""
    asked = {}
    for index, part in enumerate(parts):
        line = store.find('FulfillmentLineItem', part['fulfillmentLineItemId'])
        if line is None:
            field = [root, 'returnLineItems', index, 'fulfillmentLineItemId']
            return complaint(field, "Fulfillment Line Item was not found.", 'NOT_FOUND')
        asked[line] = asked.get(line, 0) + part['quantity']
        if part['quantity'] < 1 or asked[line] > returns.returnable_quantity(line):
            field = [root, 'returnLineItems', index, 'quantity']
            return complaint(field, "Return line item has an invalid quantity.", 'INVALID')
    return None


def part_of(store, given):
    """Return the facts of one return line."""
    line = store.get(given['fulfillmentLineItemId'])
    part = {
        'fulfillment_line_item': line,
        'quantity': given['quantity'],
        'return_reason': given.get('returnReason') or 'UNKNOWN',
        'return_reason_note': given.get('returnReasonNote') or '',
        'customer_note': given.get('customerNote'),
    }
    fee = given.get('restockingFee')
    if fee:
        value = line.discounted_total_set * given['quantity'] / line.quantity
        percentage = float(fee['percentage'])
        amount = value.map(lambda amount, _currency: amount * int(percentage * 100) / 10_000) * 1
        part['restocking_fee'] = RestockingFee(store.next_gid('RestockingFee'), percentage, amount)
    return part


def step(store, gid, wanted, verb, topic, **rest):
    """Let a return in one of the `wanted` states take a step."""
    made = must_find(store, 'Return', gid)
    if made.status not in wanted:
        # [I] wording.
        error = complaint(['id'], "Return status is invalid for this action.", 'INVALID_STATE')
        return {'return': made, 'user_errors': [error]}
    verb(store, made, **rest)
    store.emit(topic, made)
    return {'return': made, 'user_errors': []}


@mutation('returnApproveRequest')
def return_approve_request(store, input):  # noqa: A002
    """Approve a requested return."""
    return step(store, input['id'], ('REQUESTED',), returns.approve, 'RETURNS_APPROVE')


@mutation('returnDeclineRequest')
def return_decline_request(store, input):  # noqa: A002
    """Refuse a requested return."""
    facts = {'reason': input['declineReason'], 'note': input.get('declineNote')}
    return step(store, input['id'], ('REQUESTED',), returns.decline, 'RETURNS_DECLINE', **facts)


@mutation('returnClose')
def return_close(store, id):  # noqa: A002
    """Finish a return."""
    return step(store, id, ('OPEN',), returns.close, 'RETURNS_CLOSE')


@mutation('returnReopen')
def return_reopen(store, id):  # noqa: A002
    """Take a finished return up again."""
    return step(store, id, ('CLOSED',), returns.reopen, 'RETURNS_REOPEN')


@mutation('returnCancel')
def return_cancel(store, id, notifyCustomer=False):  # noqa: A002, N803
    """Drop a return."""
    del notifyCustomer
    return step(store, id, ('OPEN', 'REQUESTED'), returns.cancel, 'RETURNS_CANCEL')


@mutation('returnProcess')
def return_process(store, input):  # noqa: A002
    """Note units as dealt with; no money is moved by it here."""
    if input.get('financialTransfer') or input.get('exchangeLineItems'):
        raise NotModelled('not emulated: ReturnProcessInput.financialTransfer')
    made = must_find(store, 'Return', input['returnId'])
    for index, part in enumerate(input.get('returnLineItems') or ()):
        line = must_find(store, 'ReturnLineItem', part['id'])
        if part['quantity'] > line.processable_quantity:
            field = ['input', 'returnLineItems', index, 'quantity']
            error = complaint(field, "Return line item has an invalid quantity.", 'INVALID')
            return {'return': made, 'user_errors': [error]}
        returns.process(store, line, part['quantity'])
        for given in part.get('dispositions') or ():
            dispose(store, given)
    store.emit('RETURNS_PROCESS', made)
    return {'return': made, 'user_errors': []}


@mutation('reverseFulfillmentOrderDispose')
def reverse_fulfillment_order_dispose(store, dispositionInputs):  # noqa: N803
    """Say what became of returned units ([R] return-reverse-logistics-recorded.json)."""
    for given in dispositionInputs:
        check_type(item_gid(given), 'ReverseFulfillmentOrderLineItem')
        check_type(given.get('locationId'), 'Location')
    found = [
        store.find('ReverseFulfillmentOrderLineItem', item_gid(given))
        for given in dispositionInputs
    ]
    if None in found:
        message = "Cannot dispose items from more than one reverse fulfillment order."
        error = complaint(['dispositionInputs'], message, 'INVALID')
        return failed(error, reverse_fulfillment_order_line_items=None)
    errors = [
        error
        for index, (item, given) in enumerate(zip(found, dispositionInputs, strict=True))
        for error in disposition_errors(store, index, item, given)
    ]
    if errors:
        return failed(*errors, reverse_fulfillment_order_line_items=None)
    for given in dispositionInputs:
        dispose(store, given)
    return done(reverse_fulfillment_order_line_items=list(dict.fromkeys(found)))


def check_type(gid, typename):
    """Raise for an id of another type, as Shopify does before it looks at anything else [R]."""
    if gid and gid.split('/')[3:4] != [typename]:
        raise TwinError(f'Invalid id: {gid}', 'RESOURCE_NOT_FOUND')


def item_gid(given):
    """Return the gid an input names."""
    return given['reverseFulfillmentOrderLineItemId']


def disposition_errors(store, index, item, given):
    """Return what is wrong with one disposition."""
    errors = []
    custom = item.fulfillment_line_item.line_item.variant is None
    if given['dispositionType'] == 'RESTOCKED' and custom:
        message = "RESTOCKED is an invalid disposition type for a custom line item."
        errors.append(
            complaint(['dispositionInputs', index, 'dispositionType'], message, 'INVALID')
        )
    if given.get('locationId') and not store.find('Location', given['locationId']):
        field = ['dispositionInputs', index, 'locationId']
        errors.append(complaint(field, "Location not found.", 'NOT_FOUND'))
    if given['quantity'] > item.remaining_quantity:
        # [I] wording.
        message = "Quantity exceeds the remaining quantity."
        errors.append(complaint(['dispositionInputs', index, 'quantity'], message, 'INVALID'))
    return errors


def dispose(store, given):
    """Carry out one checked disposition."""
    item = must_find(store, 'ReverseFulfillmentOrderLineItem', item_gid(given))
    place = given.get('locationId')
    location = must_find(store, 'Location', place) if place else None
    returns.dispose(store, item, given['quantity'], location, given['dispositionType'])


@mutation('removeFromReturn')
def remove_from_return(store, returnId, returnLineItems=None, exchangeLineItems=None):  # noqa: N803
    """Take units out of a return; without any left it closes ([R]
    order-return-status-lifecycle.json).
    """
    if exchangeLineItems:
        raise NotModelled('not emulated: removeFromReturn(exchangeLineItems:)')
    made = must_find(store, 'Return', returnId)
    for index, part in enumerate(returnLineItems or ()):
        line = must_find(store, 'ReturnLineItem', part['returnLineItemId'])
        if part['quantity'] > line.quantity:
            field = ['returnLineItems', index, 'quantity']
            error = complaint(field, "Return line item has an invalid quantity.", 'INVALID')
            return {'return': made, 'user_errors': [error]}
        returns.remove_units(store, made, line, part['quantity'])
    return {'return': made, 'user_errors': []}
