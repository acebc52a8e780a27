"""Reads inputs into the engine's terms; finds records or says in Shopify's words that there are
none.
"""

from decimal import Decimal

from ..engine.errors import TwinError, UserError
from ..engine.geography import COUNTRIES, PROVINCES, WITH_PROVINCES
from ..engine.money import MoneyBag, MoneyV2
from ..engine.people import Customer, MailingAddress

#: MailingAddressInput field → MailingAddress attribute.
ADDRESS_FIELDS = {
    'firstName': 'first_name',
    'lastName': 'last_name',
    'company': 'company',
    'address1': 'address1',
    'address2': 'address2',
    'city': 'city',
    'zip': 'zip',
    'phone': 'phone',
    'provinceCode': 'province_code',
    'province': 'province',
    'country': 'country',
    'countryCode': 'country_code_v2',
}


def failed(*errors, **payload):
    """Return a payload that only says what is wrong."""
    return {**payload, 'user_errors': list(errors)}


def done(**payload):
    """Return a payload without errors."""
    return {**payload, 'user_errors': []}


def must_find(store, typename, gid):
    """Return a record; its absence is a top-level error ([R] fulfillment-order-lifecycle.json)."""
    record = store.find(typename, gid)
    if record is None:
        raise TwinError(f'Invalid id: {gid}', 'RESOURCE_NOT_FOUND')
    return record


def find_typed(store, typename, gid):
    """Return a record or None; a gid of another type is a top-level error.

    [R] return-reverse-logistics-recorded.json, wrongType….
    """
    if f'/{typename}/' not in gid:
        raise TwinError(f'Invalid id: {gid}', 'RESOURCE_NOT_FOUND')
    return store.find(typename, gid)


def decimal(value):
    """Return a Decimal of an input amount (text, int, float or Decimal)."""
    return Decimal(str(value))


def money_bag(money_input, rates):
    """Return the bag of a ``MoneyInput``; an amount in presentment currency is converted back."""
    amount = decimal(money_input['amount'])
    if money_input.get('currencyCode', rates.currency) == rates.currency:
        return rates.bag(amount)
    shop = rates.bag(amount / rates.rate).shop
    return MoneyBag(shop, MoneyV2(amount, rates.presentment_currency))


def tags_of(values):
    """Return tags as Shopify keeps them: each once, sorted ([R] every recording that reads
    tags).
    """
    return sorted({tag.strip() for tag in values if tag.strip()}, key=str.casefold)


def address_of(store, values):
    """Return the address of a ``MailingAddressInput``, or None; codes are given their names."""
    if not values:
        return None
    facts = {
        ADDRESS_FIELDS[name]: value for name, value in values.items() if name in ADDRESS_FIELDS
    }
    address = MailingAddress(**facts)
    if address.country_code_v2:
        address.country = COUNTRIES.get(address.country_code_v2, address.country)
    if address.country_code_v2 in WITH_PROVINCES and address.province_code:
        key = (address.country_code_v2, address.province_code)
        address.province = PROVINCES.get(key, address.province)
    address.id = store.next_gid('MailingAddress')
    store.by_gid[address.id] = address
    return address


def address_errors(values, field):
    """Return what is wrong with a shipping address ([R] orderUpdate-input-validation.json)."""
    errors = []
    if not values.get('lastName'):
        errors.append(UserError([field, 'lastName'], "Enter a last name"))
    if not values.get('zip'):
        errors.append(UserError([field, 'zip'], "Enter a ZIP code"))
    country, province = values.get('countryCode'), values.get('provinceCode')
    if country in WITH_PROVINCES and province and (country, province) not in PROVINCES:
        message = f"State is not a valid state in {COUNTRIES[country]}"
        errors.append(UserError([field, 'province'], message))
    return errors


def email_error(email, field=('email',)):
    """Return the complaint about a bad address, or None ([R] draftOrderCalculate-…: "Email is
    invalid").
    """
    if email and ('@' not in email or ' ' in email):
        return UserError(field, "Email is invalid")
    return None


def phone_error(phone, field=('phone',)):
    """Return the complaint about a bad number, or None ([R] orderUpdate-input-validation.json)."""
    if phone and sum(letter.isdigit() for letter in phone) < 7:
        return UserError(field, "Phone is invalid")
    return None


def customer_of_email(store, email):
    """Return the customer with this e-mail, made if there is none ([R]: an order's e-mail makes a
    customer).
    """
    if not email:
        return None
    lowered = email.lower()
    found = next(
        (each for each in store.all('Customer') if (each.email or '').lower() == lowered), None
    )
    return found or new_customer(store, email=email)


def new_customer(store, **facts):
    """Add a customer and tell the listeners."""
    now = store.clock.now()
    customer = Customer(
        created_at=now, updated_at=now, currency_code=store.shop.currency_code, **facts
    )
    store.add(customer)
    store.emit('CUSTOMERS_CREATE', customer)
    return customer
