"""Payment terms, tags, metafields, products, customers and companies, as recorded."""

import pytest

from .engine_shop import PAID, Shop, messages


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


def test_payment_terms_on_an_order(shop):
    """A9, [R] payment-terms-create-on-order.json: due in presentment currency, one schedule
    only.
    """
    prices = {
        'shopMoney': {'amount': '42.50', 'currencyCode': 'CAD'},
        'presentmentMoney': {'amount': '57.00', 'currencyCode': 'USD'},
    }
    order = shop.create(
        {'title': "T", 'quantity': 1, 'priceSet': prices}, presentmentCurrency='USD'
    )
    query = '''mutation P($id: ID!, $attrs: PaymentTermsCreateInput!) {
        paymentTermsCreate(referenceId: $id, paymentTermsAttributes: $attrs) {
      paymentTerms { due overdue dueInDays paymentTermsName paymentSchedules(first: 2) { nodes {
        dueAt completedAt balanceDue { amount currencyCode } } } }
      userErrors { code field message } } }'''
    attrs = {
        'paymentTermsTemplateId': 'gid://shopify/PaymentTermsTemplate/4',
        'paymentSchedules': [{'issuedAt': '2026-05-05T00:00:00Z'}],
    }
    twice = {**attrs, 'paymentSchedules': attrs['paymentSchedules'] * 2}
    (error,) = shop.mutate(query, id=order['id'], attrs=twice)['userErrors']
    assert error['message'] == "Cannot create payment terms with multiple payment schedules."
    terms = shop.mutate(query, id=order['id'], attrs=attrs)['paymentTerms']
    (schedule,) = terms['paymentSchedules']['nodes']
    assert schedule == {
        'dueAt': '2026-06-04T00:00:00Z',
        'completedAt': None,
        'balanceDue': {'amount': '57.0', 'currencyCode': 'USD'},
    }
    shop.mutate(PAID, input={'id': order['id']})
    assert shop.store.get(order['id']).payment_terms.payment_schedules[0].completed_at


def test_tags_are_added_and_removed(shop):
    """M-10: on top of what is there, without regard to case when removed."""
    order = shop.create(('1', 1), tags=['one'])
    add = '''mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id }
        userErrors { message } } }'''
    remove = add.replace('tagsAdd', 'tagsRemove')
    shop.mutate(add, id=order['id'], tags=['two', 'one'])
    assert shop.read(order)['tags'] == ['one', 'two']
    shop.mutate(remove, id=order['id'], tags=['ONE'])
    assert shop.read(order)['tags'] == ['two']


def test_metafields_are_compared_and_set(shop):
    """M-10: STALE_OBJECT unless the digest is the present one."""
    order = shop.create(('1', 1))
    query = '''mutation M($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
      metafields { key value compareDigest } userErrors { code field elementIndex } } }'''
    given = {
        'ownerId': order['id'],
        'namespace': 'odoo',
        'key': 'name',
        'value': 'S1',
        'type': 'single_line_text_field',
    }
    (made,) = shop.mutate(query, m=[given])['metafields']
    stale = shop.mutate(query, m=[{**given, 'value': 'S2', 'compareDigest': 'x'}])
    assert stale['userErrors'][0]['code'] == 'STALE_OBJECT'
    fresh = shop.mutate(query, m=[{**given, 'value': 'S2', 'compareDigest': made['compareDigest']}])
    assert fresh['metafields'][0]['value'] == 'S2'
    read = '''query R($id: ID!) { order(id: $id) { metafield(namespace: "odoo", key: "name") {
        value } } }'''
    assert shop.run(read, id=order['id'])['order']['metafield'] == {'value': 'S2'}


def test_a_product_is_made_with_its_default_variant(shop):
    """A9, [R] draft-order-variant-custom-only-fields.json, setup."""
    create = '''mutation P($p: ProductCreateInput!) { productCreate(product: $p) { product { id
        variants(first: 1) { nodes { id title } } } userErrors { message } } }'''
    product = shop.mutate(create, p={'title': "Catalog source", 'status': 'DRAFT'})['product']
    (variant,) = product['variants']['nodes']
    assert variant['title'] == 'Default Title'
    update = '''mutation V($id: ID!, $v: [ProductVariantsBulkInput!]!) {
        productVariantsBulkUpdate(productId: $id, variants: $v) {
      productVariants { sku price barcode taxable } userErrors { message } } }'''
    given = {
        'id': variant['id'],
        'price': '19.95',
        'barcode': '4006381333931',
        'inventoryItem': {'sku': 'S'},
    }
    (after,) = shop.mutate(update, id=product['id'], v=[given])['productVariants']
    assert after == {'sku': 'S', 'price': '19.95', 'barcode': '4006381333931', 'taxable': True}


def test_a_customer_is_made_once(shop):
    """M-10: the e-mail is taken then."""
    query = '''mutation C($i: CustomerInput!) { customerCreate(input: $i) { customer { displayName
        } userErrors { field message } } }'''
    given = {'firstName': "Ada", 'lastName': "Lovelace", 'email': 'ada@example.com'}
    assert shop.mutate(query, i=given)['customer'] == {'displayName': "Ada Lovelace"}
    assert messages(shop.mutate(query, i=given)) == [(['email'], "Email has already been taken")]


COMPANY = '''mutation C($input: CompanyCreateInput!) { companyCreate(input: $input) {
  company { id mainContact { id isMainContact customer { id displayName } roleAssignments(first:
    5) { nodes { companyLocation { id } } } }
    locations(first: 5) { nodes { id name billingAddress { address1 } shippingAddress { address1 }
      } }
    contactRoles(first: 5) { nodes { name } } } userErrors { code message } } }'''


def company(shop):
    """A company with a contact and a branch."""
    given = {
        'company': {'name': "Acme", 'externalId': 'C1'},
        'companyContact': {'firstName': "Ada", 'lastName': "B", 'email': 'ada@example.com'},
        'companyLocation': {
            'billingSameAsShipping': True,
            'shippingAddress': {'address1': "123 Main", 'countryCode': 'CA'},
        },
    }
    return shop.mutate(COMPANY, input=given)['company']


def test_a_company_with_contact_and_branch(shop):
    """A9, [R] b2b-location-address-management.json: the branch is called by its street."""
    made = company(shop)
    (branch,) = made['locations']['nodes']
    assert branch['name'] == "123 Main"
    assert branch['billingAddress'] == branch['shippingAddress'] == {'address1': "123 Main"}
    assert made['mainContact']['customer']['displayName'] == "Ada B"
    assert [role['name'] for role in made['contactRoles']['nodes']] == [
        "Location admin",
        "Ordering only",
    ]
    assigned = made['mainContact']['roleAssignments']['nodes']
    assert assigned == [{'companyLocation': {'id': branch['id']}}]


def test_an_order_of_a_company(shop):
    """R-45: purchasing entity with company, contact and branch; a company with orders stays."""
    made = company(shop)
    branch = made['locations']['nodes'][0]['id']
    customer = made['mainContact']['customer']['id']
    order = shop.create(
        ('10', 1), companyLocationId=branch, customer={'toAssociate': {'id': customer}}
    )
    read = '''{ purchasingEntity { __typename ... on PurchasingCompany { company { id } contact {
        id } location { id } } } }'''
    entity = shop.run(f'query O($id: ID!) {{ order(id: $id) {read} }}', id=order['id'])['order'][
        'purchasingEntity'
    ]
    assert entity == {
        '__typename': 'PurchasingCompany',
        'company': {'id': made['id']},
        'contact': {'id': made['mainContact']['id']},
        'location': {'id': branch},
    }
    delete = (
        'mutation D($id: ID!) { companyDelete(id: $id) { deletedCompanyId userErrors { code } } }'
    )
    assert shop.mutate(delete, id=made['id'])['userErrors'] == [{'code': 'FAILED_TO_DELETE'}]


def test_deleting_a_branch_takes_its_roles_away(shop):
    """A9, [R] b2b-location-address-management.json."""
    made = company(shop)
    branch = made['locations']['nodes'][0]['id']
    delete = '''mutation D($id: ID!) { companyLocationDelete(companyLocationId: $id) {
      deletedCompanyLocationId userErrors { code } } }'''
    assert shop.mutate(delete, id=branch)['deletedCompanyLocationId'] == branch
    contact = shop.store.get(made['mainContact']['id'])
    assert contact.role_assignments == []
