"""Draft orders, as recorded."""

from decimal import Decimal

import pytest

from shopify_twin.engine import world

from .engine_shop import (
    COMPLETE,
    DRAFT,
    DRAFT_CREATE,
    MONEY,
    Shop,
    amount,
    cash,
    draft_line,
    item,
    messages,
)


@pytest.fixture
def shop():
    """An empty shop."""
    return Shop()


def test_draft_is_priced_and_completed(shop):
    """A9, [R] draft-order-detail.json in arithmetic, draft-order-complete-parity.json in effect."""
    ten = {'title': "Service discount", 'value': 10, 'valueType': 'PERCENTAGE'}
    five = {
        'title': "Loyalty",
        'description': "order-level",
        'value': 5,
        'valueType': 'FIXED_AMOUNT',
    }
    given = {
        'lineItems': [draft_line('20.00', 2, appliedDiscount=ten), draft_line('949.95')],
        'appliedDiscount': five,
        'shippingLine': {
            'title': "Courier",
            'priceWithCurrency': {'amount': '7.25', 'currencyCode': 'EUR'},
        },
        'tags': ['b', 'a'],
        'taxExempt': True,
    }
    draft = shop.mutate(DRAFT_CREATE, input=given)['draftOrder']
    found = [
        amount(draft[name])
        for name in (
            'subtotalPriceSet',
            'totalPriceSet',
            'totalDiscountsSet',
            'totalShippingPriceSet',
        )
    ]
    assert found == ['980.95', '988.2', '9.0', '7.25']
    assert (draft['status'], draft['ready'], draft['totalQuantityOfLineItems']) == ('OPEN', True, 3)
    assert amount(draft['lineItems']['nodes'][0]['discountedTotalSet']) == '36.0'
    assert shop.store.all('Order') == []
    done = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']
    assert (done['status'], amount(done['order']['currentTotalPriceSet'])) == ('COMPLETED', '988.2')
    assert (done['order']['displayFinancialStatus'], done['order']['paymentGatewayNames']) == (
        'PAID',
        ['manual'],
    )
    assert done['order']['tags'] == ['a', 'b']
    again = shop.mutate(COMPLETE, id=draft['id'])
    assert messages(again) == [(['id'], "This order has been paid")]
    assert again['draftOrder']['order']['id'] == done['order']['id']
    assert len(shop.store.all('Order')) == 1


def test_draft_on_terms_stays_pending(shop):
    """A9, [R] draft-order-complete-payment-terms-pending.json."""
    terms = {
        'paymentTermsTemplateId': 'gid://shopify/PaymentTermsTemplate/4',
        'paymentSchedules': [{'issuedAt': '2026-07-29T12:00:00Z'}],
    }
    draft = shop.mutate(
        DRAFT_CREATE, input={'lineItems': [draft_line('42.00')], 'paymentTerms': terms}
    )['draftOrder']
    order = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']['order']
    assert (order['displayFinancialStatus'], order['paymentGatewayNames']) == (
        'PENDING',
        ['manual'],
    )
    assert order['transactions'] == [{'kind': 'SALE', 'status': 'PENDING', 'gateway': 'manual'}]
    read = '''{ paymentTerms { paymentTermsName dueInDays paymentSchedules(first: 5) { nodes {
        dueAt balanceDue { amount } } } } }'''
    found = shop.run(f'query O($id: ID!) {{ order(id: $id) {read} }}', id=order['id'])['order'][
        'paymentTerms'
    ]
    assert (found['paymentTermsName'], found['dueInDays']) == ("Net 30", 30)
    assert found['paymentSchedules']['nodes'] == [
        {'dueAt': '2026-08-28T12:00:00Z', 'balanceDue': {'amount': '42.0'}}
    ]


def test_a_variants_own_facts_win_in_a_draft(shop):
    """A9, [R] draft-order-variant-custom-only-fields.json."""
    product = world.new_product(shop.store, "Source")
    variant = world.new_variant(shop.store, product, Decimal('19.95'), sku='REAL')
    line = draft_line('0.01', 2, title="Bogus", sku='BOGUS', variantId=variant.id)
    draft = shop.mutate(DRAFT_CREATE, input={'lineItems': [line]})['draftOrder']
    (made,) = draft['lineItems']['nodes']
    assert (made['title'], made['sku'], made['custom'], amount(made['originalUnitPriceSet'])) == (
        "Source",
        'REAL',
        False,
        '19.95',
    )


def test_draft_refusals(shop):
    """A9, [R] draftOrderCalculate-validation-and-shipping-rates.json: no lines, bad e-mail; nothing
    is
    made.
    """
    empty = shop.mutate(DRAFT_CREATE, input={'lineItems': []})
    assert messages(empty) == [(None, "Add at least 1 product")]
    bad = shop.mutate(DRAFT_CREATE, input={'email': 'bad email', 'lineItems': [draft_line()]})
    assert messages(bad) == [(['email'], "Email is invalid")]
    assert shop.store.all('DraftOrder') == []


def test_calculating_keeps_nothing(shop):
    """M-10: `draftOrderCalculate` prices and forgets."""
    query = f'''mutation C($input: DraftOrderInput!) {{ draftOrderCalculate(input: $input) {{
      calculatedDraftOrder {{ currencyCode totalPriceSet {MONEY} availableShippingRates {{ handle
        }} }} userErrors {{ message }} }} }}'''
    before = len(shop.store.by_gid)
    payload = shop.mutate(query, input={'lineItems': [draft_line('42.00', 2)]})
    assert amount(payload['calculatedDraftOrder']['totalPriceSet']) == '84.0'
    assert len(shop.store.by_gid) == before


def test_deleting_a_draft(shop):
    """M-10: it is gone, and said so."""
    draft = shop.mutate(DRAFT_CREATE, input={'lineItems': [draft_line()]})['draftOrder']
    query = '''mutation D($input: DraftOrderDeleteInput!) { draftOrderDelete(input: $input) {
        deletedId userErrors { message } } }'''
    assert shop.mutate(query, input={'id': draft['id']})['deletedId'] == draft['id']
    assert shop.store.get(draft['id']) is None


def test_a_draft_of_an_order(shop):
    """A9, [R] draft-order-create-from-order-parity.json: its lines and tags, not its discounts and
    shipping.
    """
    product = world.new_product(shop.store, "Board")
    variant = world.new_variant(shop.store, product, Decimal('949.95'))
    code = {'itemFixedDiscountCode': {'code': 'X', 'amountSet': cash('5.00', 'EUR')}}
    lines = [
        item('20.00', 2, priceSet=cash('20.00', 'EUR')),
        {'variantId': variant.id, 'quantity': 1},
    ]
    order = shop.create(*lines, currency='EUR', tags=['t'], discountCode=code)
    query = f'''mutation D($id: ID!) {{ draftOrderCreateFromOrder(orderId: $id) {{ draftOrder
        {DRAFT} userErrors {{ message }} }} }}'''
    draft = shop.mutate(query, id=order['id'])['draftOrder']
    assert amount(draft['totalPriceSet']) == amount(draft['subtotalPriceSet']) == '989.95'
    assert [line['custom'] for line in draft['lineItems']['nodes']] == [True, False]


def test_a_drafts_own_discount_counts_as_a_code(shop):
    """A9, [R] draft-order-create-from-order-parity.json: discountCodes ["Loyalty credit"]."""
    five = {'title': "Loyalty credit", 'value': 5, 'valueType': 'FIXED_AMOUNT'}
    given = {'lineItems': [draft_line('20.00')], 'appliedDiscount': five}
    draft = shop.mutate(DRAFT_CREATE, input=given)['draftOrder']
    order = shop.mutate(COMPLETE, id=draft['id'])['draftOrder']['order']
    assert shop.read(order)['discountCodes'] == ["Loyalty credit"]
