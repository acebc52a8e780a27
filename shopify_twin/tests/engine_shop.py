"""A shop to run documents against, and the documents the engine's tests share."""

from decimal import Decimal

from shopify_twin import Twin

MONEY = '{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }'


HEAD = f'''
  id name closed closedAt cancelledAt cancelReason edited displayFinancialStatus
    displayFulfillmentStatus
  returnStatus capturable fullyPaid unpaid canMarkAsPaid paymentGatewayNames tags note discountCodes
  currentSubtotalLineItemsQuantity
  subtotalPriceSet {MONEY} totalPriceSet {MONEY} currentTotalPriceSet {MONEY} totalTaxSet {MONEY}
  totalDiscountsSet {MONEY} totalShippingPriceSet {MONEY} totalOutstandingSet {MONEY}
    totalReceivedSet {MONEY}
  totalRefundedSet {MONEY} totalCapturableSet {MONEY} netPaymentSet {MONEY}
  customer {{ id displayName }}
  lineItems(first: 10) {{ nodes {{ id title sku quantity currentQuantity unfulfilledQuantity
    fulfillableQuantity }} }}
  transactions {{ id kind status gateway amountSet {MONEY} parentTransaction {{ id }} }}
  fulfillmentOrders(first: 10) {{ nodes {{ id status supportedActions {{ action }}
    assignedLocation {{ location {{ id }} }}
    lineItems(first: 10) {{ nodes {{ id totalQuantity remainingQuantity lineItem {{ id }} }} }} }}
      }}
  fulfillments {{ id name status displayStatus fulfillmentLineItems(first: 10) {{ nodes {{ id
    quantity }} }} }}
  refunds {{ id totalRefundedSet {MONEY} }}
'''


CREATE = f'''mutation Create($order: OrderCreateOrderInput!) {{
  orderCreate(order: $order) {{ order {{ {HEAD} }} userErrors {{ code field message }} }} }}'''


READ = f'query Read($id: ID!) {{ order(id: $id) {{ {HEAD} }} }}'


class Shop:
    """A twin with shortcuts for what these tests do again and again."""

    def __init__(self):
        self.twin = Twin(seed=1)
        self.store = self.twin.store
        self.told = []
        self.store.listeners.append(lambda topic, record: self.told.append((topic, record.id)))

    def run(self, query, **variables):
        """Run a document and return its data; the test fails on a top-level error."""
        body = self.twin.execute(query, variables)
        assert 'errors' not in body, body['errors']
        return body['data']

    def mutate(self, query, **variables):
        """Run a mutation of one field and return its payload."""
        (payload,) = self.run(query, **variables).values()
        return payload

    def create(self, *lines, **given):
        """Place an order; lines are (price, quantity) or inputs. Return it as answered."""
        items = [line if isinstance(line, dict) else item(*line) for line in lines]
        payload = self.mutate(CREATE, order={'currency': 'CAD', 'lineItems': items, **given})
        assert payload['userErrors'] == []
        return payload['order']

    def paid(self, *lines, **given):
        """Place a paid order."""
        whole = sum(Decimal(price) * quantity for price, quantity in lines)
        return self.create(*lines, transactions=[payment(whole)], **given)

    def read(self, order):
        """Read an order again."""
        return self.run(READ, id=order['id'])['order']

    def ship(self, order, **wanted):
        """Ship all, or {line id: quantity}, of the first fulfilment order."""
        first = order['fulfillmentOrders']['nodes'][0]
        part = {'fulfillmentOrderId': first['id']}
        if wanted:
            part['fulfillmentOrderLineItems'] = [
                {'id': wanted['line'], 'quantity': wanted['quantity']}
            ]
        return self.mutate(SHIP, fulfillment={'lineItemsByFulfillmentOrder': [part]})


SHIP = '''mutation Ship($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment:
    $fulfillment) {
  fulfillment { id name status displayStatus trackingInfo { company number url }
    fulfillmentLineItems(first: 9) { nodes { id quantity lineItem { id } } } }
  userErrors { field message } } }'''


def cash(amount, currency='CAD'):
    """A one-currency MoneyBagInput."""
    return {'shopMoney': {'amount': str(amount), 'currencyCode': currency}}


def item(price, quantity, **facts):
    """A custom line."""
    facts = {'title': "Thing", 'requiresShipping': True, **facts}
    return {'quantity': quantity, 'priceSet': cash(price), **facts}


def payment(amount, kind='SALE', **facts):
    """A transaction input."""
    return {
        'kind': kind,
        'status': 'SUCCESS',
        'gateway': 'manual',
        'amountSet': cash(amount),
        **facts,
    }


def amount(bag, side='shopMoney'):
    """The amount of a bag as text."""
    return bag[side]['amount']


def messages(payload, key='userErrors'):
    """The errors of a payload as (field, message)."""
    return [(error['field'], error['message']) for error in payload[key]]


PAID = f'''mutation P($input: OrderMarkAsPaidInput!) {{ orderMarkAsPaid(input: $input) {{ order {{
    {HEAD} }} userErrors {{ field message }} }} }}'''


REFUND = f'''mutation R($input: RefundInput!, $key: String!) {{ refundCreate(input: $input)
    @idempotent(key: $key) {{
  refund {{ id note totalRefundedSet {MONEY} refundLineItems(first: 5) {{ nodes {{ quantity
    restockType restocked subtotalSet {MONEY} totalTaxSet {MONEY} }} }}
    refundShippingLines(first: 5) {{ nodes {{ subtotalAmountSet {MONEY} }} }}
    orderAdjustments(first: 5) {{ nodes {{ reason amountSet {MONEY} }} }}
    transactions(first: 5) {{ nodes {{ kind status gateway amountSet {MONEY} }} }} }}
  order {{ {HEAD} }} userErrors {{ field message }} }} }}'''


def refunded(shop, order, **given):
    """Refund and return the payload."""
    key = f'key-{len(shop.store.all("Refund"))}-{len(str(given))}'
    return shop.mutate(REFUND, input={'orderId': order['id'], **given}, key=key)


def back(value, order, **facts):
    """A refund of the order's first payment."""
    parent = order['transactions'][0]['id']
    return {
        'orderId': order['id'],
        'kind': 'REFUND',
        'gateway': 'manual',
        'amount': value,
        'parentId': parent,
        **facts,
    }


def shipped_line(shop, units=6):
    """A shipped order and the gid of its shipped line."""
    order = shop.paid(('18.00', units))
    made = shop.ship(order)['fulfillment']
    return order, made['fulfillmentLineItems']['nodes'][0]['id']


DRAFT = f'''{{ id name status ready invoiceUrl completedAt totalPriceSet {MONEY} subtotalPriceSet
    {MONEY} totalDiscountsSet {MONEY}
  totalShippingPriceSet {MONEY} totalQuantityOfLineItems appliedDiscount {{ value valueType
    amountSet {MONEY} }}
  lineItems(first: 5) {{ nodes {{ id title sku custom quantity originalUnitPriceSet {MONEY}
    discountedTotalSet {MONEY} }} }}
  order {{ id name sourceName displayFinancialStatus paymentGatewayNames tags transactions {{ kind
    status gateway }} currentTotalPriceSet {MONEY} }} }}'''


DRAFT_CREATE = f'''mutation D($input: DraftOrderInput!) {{ draftOrderCreate(input: $input) {{
    draftOrder {DRAFT} userErrors {{ field message }} }} }}'''


COMPLETE = f'''mutation C($id: ID!) {{ draftOrderComplete(id: $id) {{ draftOrder {DRAFT}
    userErrors {{ field message }} }} }}'''


def draft_line(price='10.00', quantity=1, **facts):
    """A custom line of a draft, in the shop's currency."""
    money = {'amount': price, 'currencyCode': 'EUR'}
    return {
        'title': "Service",
        'quantity': quantity,
        'originalUnitPriceWithCurrency': money,
        'taxable': False,
        **facts,
    }
