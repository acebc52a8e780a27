"""Deleting orders, customers and products."""

from ..engine.errors import UserError
from .common import done, failed
from .registry import mutation


@mutation('orderDelete')
def order_delete(store, orderId):  # noqa: N803 (Shopify's name)
    """Delete an order and what hangs on it ([R] order-live-hybrid-mixed-catalog.json)."""
    order = store.find('Order', orderId)
    if order is None:
        error = UserError(['orderId'], "Order does not exist", 'NOT_FOUND', 'OrderDeleteUserError')
        return failed(error, deleted_id=None)
    for part in parts_of(order):
        store.remove(part)
    for owner in owners_of(order):
        if order in owner.orders:
            owner.orders.remove(order)
    store.remove(order)
    store.emit('ORDERS_DELETE', order)
    return done(deleted_id=orderId)


def parts_of(order):
    """Return the records that root collections list and that go with an order."""
    return [*order.all_fulfillment_orders, *order.fulfillments, *order.refunds, *order.returns]


def owners_of(order):
    """Return who lists the order: its customer and its company branch."""
    entity = order.purchasing_entity
    found = [order.customer, entity.location if hasattr(entity, 'location') else None]
    return [owner for owner in found if owner is not None]


@mutation('customerDelete')
def customer_delete(store, input):  # noqa: A002
    """Delete a customer; not one with orders [S]."""
    customer = store.find('Customer', input['id'])
    if customer is None:
        return refused(store, ['id'], "Customer can't be found", deleted_customer_id=None)
    if customer.orders:
        message = "Customer can't be deleted because they have associated orders"
        return refused(store, ['id'], message, deleted_customer_id=None)
    store.remove(customer)
    store.emit('CUSTOMERS_DELETE', customer)
    return done(deleted_customer_id=customer.id, shop=store.shop)


@mutation('productDelete')
def product_delete(store, product=None, input=None, synchronous=True):  # noqa: A002
    """Delete a product with its variants; order lines keep their words."""
    del synchronous
    gid = (product or input or {}).get('id')
    found = store.find('Product', gid)
    if found is None:
        return refused(store, ['id'], "Product does not exist", deleted_product_id=None)
    for variant in found.variants:
        store.remove(variant)
    store.remove(found)
    store.emit('PRODUCTS_DELETE', found)
    return done(deleted_product_id=gid, shop=store.shop)


def refused(store, field, message, **payload):
    """Return the payload of a refusal."""
    return failed(UserError(field, message), shop=store.shop, **payload)
