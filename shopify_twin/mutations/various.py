"""Tags, metafields, customers, products."""

from ..engine import world
from ..engine.errors import NotModelled, UserError
from .common import (
    decimal,
    done,
    email_error,
    failed,
    must_find,
    new_customer,
    phone_error,
    tags_of,
)
from .orders import set_metafield
from .registry import mutation

TOPICS = {
    'Order': 'ORDERS_UPDATED',
    'DraftOrder': 'DRAFT_ORDERS_UPDATE',
    'Customer': 'CUSTOMERS_UPDATE',
    'Product': 'PRODUCTS_UPDATE',
}


def tagged(store, gid):
    """Return a record that has tags."""
    record = store.get(gid)
    return record if record is not None and record.typename in TOPICS else None


def retag(store, record, tags):
    """Give a record its tags, and tell if that changed anything."""
    tags = tags_of(tags)
    if tags != record.tags:
        record.tags = tags
        store.emit(TOPICS[record.typename], store.touch(record))
    return done(node=record)


@mutation('tagsAdd')
def tags_add(store, id, tags):  # noqa: A002 (Shopify's name)
    """Add tags."""
    record = tagged(store, id)
    if record is None:
        return failed(UserError(['id'], "Resource does not exist"), node=None)
    return retag(store, record, [*record.tags, *tags])


@mutation('tagsRemove')
def tags_remove(store, id, tags):  # noqa: A002
    """Take tags away."""
    record = tagged(store, id)
    if record is None:
        return failed(UserError(['id'], "Resource does not exist"), node=None)
    gone = {tag.casefold() for tag in tags}
    return retag(store, record, [tag for tag in record.tags if tag.casefold() not in gone])


@mutation('metafieldsSet')
def metafields_set(store, metafields):
    """Set metafields of orders: at most 25, all or nothing, with compare-and-set [S]."""
    if len(metafields) > 25:
        message = "Exceeded the maximum metafields input limit of 25."
        return failed(
            UserError(['metafields'], message, 'LESS_THAN_OR_EQUAL_TO', 'MetafieldsSetUserError'),
            metafields=[],
        )
    owners = []
    for index, given in enumerate(metafields):
        owner = store.get(given['ownerId'])
        if owner is not None and not hasattr(owner, 'resolve_metafield'):
            raise NotModelled(f'not emulated: metafields of {owner.typename}')
        error = metafield_error(owner, index, given)
        if error:
            return failed(error, metafields=[])
        owners.append(owner)
    made = [
        set_metafield(store, owner, given) for owner, given in zip(owners, metafields, strict=True)
    ]
    for owner in dict.fromkeys(owners):
        store.emit(TOPICS[owner.typename], store.touch(owner))
    return done(metafields=made)


def metafield_error(owner, index, given):
    """Return why a metafield cannot be set, or None."""

    def wrong(field, message, code):
        error = UserError(['metafields', index, field], message, code, 'MetafieldsSetUserError')
        error.element_index = index
        return error

    if owner is None:
        return wrong('ownerId', "Owner does not exist.", 'INVALID')
    found = owner.resolve_metafield(given['key'], given.get('namespace') or 'custom')
    if found is None and not given.get('type'):
        return wrong('type', "can't be blank", 'BLANK')
    if 'compareDigest' in given:
        there = found.compare_digest if found else None
        if given['compareDigest'] != there:
            message = (
                "The resource has been updated since it was loaded. "
                "Try again with an updated `compareDigest` value."
            )
            return wrong('compareDigest', message, 'STALE_OBJECT')
    return None


@mutation('customerCreate')
def customer_create(store, input):  # noqa: A002
    """Make a customer."""
    errors = [
        error
        for error in (email_error(input.get('email')), phone_error(input.get('phone')))
        if error
    ]
    if not any(input.get(name) for name in ('email', 'phone', 'firstName', 'lastName')):
        errors.append(UserError(None, "A name, phone number, or email address must be present"))
    lowered = (input.get('email') or '').lower()
    if lowered and any((each.email or '').lower() == lowered for each in store.all('Customer')):
        errors.append(UserError(['email'], "Email has already been taken"))
    if errors:
        return failed(*errors, customer=None)
    customer = new_customer(
        store,
        email=input.get('email'),
        phone=input.get('phone'),
        first_name=input.get('firstName'),
        last_name=input.get('lastName'),
        note=input.get('note'),
        locale=input.get('locale') or 'en',
        tags=tags_of(input.get('tags') or ()),
        tax_exempt=bool(input.get('taxExempt')),
    )
    return done(customer=customer)


@mutation('productCreate')
def product_create(store, product=None, input=None, media=None):  # noqa: A002
    """Make a product with its default variant, as Shopify does ([R]
    draft-order-variant-custom-only-fields.json).
    """
    del media
    given = product or input or {}
    if given.get('productOptions'):
        raise NotModelled('not emulated: ProductCreateInput.productOptions')
    if not (given.get('title') or '').strip():
        return failed(UserError(['title'], "Title can't be blank"), product=None, shop=store.shop)
    made = world.new_product(
        store,
        given['title'],
        status=given.get('status') or 'ACTIVE',
        vendor=given.get('vendor') or store.shop.name,
        product_type=given.get('productType') or '',
        tags=tags_of(given.get('tags') or ()),
        is_gift_card=bool(given.get('giftCard')),
    )
    world.new_variant(store, made, decimal(0))
    store.emit('PRODUCTS_CREATE', made)
    return done(product=made, shop=store.shop)


@mutation('productVariantsBulkUpdate')
def product_variants_bulk_update(store, productId, variants, allowPartialUpdates=False, media=None):  # noqa: N803
    """Change price, barcode, SKU and flags of variants."""
    del allowPartialUpdates, media
    product = must_find(store, 'Product', productId)
    found = []
    for given in variants:
        variant = must_find(store, 'ProductVariant', given['id'])
        update_variant(variant, given)
        found.append(store.touch(variant))
    store.emit('PRODUCTS_UPDATE', store.touch(product))
    return done(product=product, product_variants=found)


def update_variant(variant, given):
    """Carry out one ``ProductVariantsBulkInput``."""
    item = given.get('inventoryItem') or {}
    if given.get('price') is not None:
        variant.price = decimal(given['price'])
    variant.barcode = given.get('barcode', variant.barcode)
    variant.taxable = given.get('taxable', variant.taxable)
    variant.sku = item.get('sku', variant.sku)
    variant.inventory_item.requires_shipping = item.get(
        'requiresShipping', variant.inventory_item.requires_shipping
    )
    variant.inventory_item.tracked = item.get('tracked', variant.inventory_item.tracked)
