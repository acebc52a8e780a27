"""Companies, their branches, contacts and addresses."""

from ..engine.errors import UserError
from ..engine.geography import COUNTRIES, PROVINCES
from ..engine.people import (
    BuyerExperienceConfiguration,
    Company,
    CompanyAddress,
    CompanyContact,
    CompanyContactRole,
    CompanyContactRoleAssignment,
    CompanyLocation,
)
from .common import customer_of_email, done, failed, new_customer
from .registry import mutation

#: [R] b2b-company-roots-read.json: the roles every company has.
ROLES = ("Location admin", "Ordering only")


def complaint(field, message, code):
    """Return a ``BusinessCustomerUserError``."""
    return UserError(field, message, code, 'BusinessCustomerUserError')


@mutation('companyCreate')
def company_create(store, input):  # noqa: A002 (Shopify's name)
    """Make a company with a branch and, if named, its main contact ([R] b2b-*.json)."""
    given = input['company']
    if not (given.get('name') or '').strip():
        error = complaint(['input', 'company', 'name'], "Name can't be blank", 'BLANK')
        return failed(error, company=None)
    now = store.clock.now()
    company = Company(
        name=given['name'], external_id=given.get('externalId'), note=given.get('note')
    )
    company.created_at = company.updated_at = now
    company.customer_since = given.get('customerSince') or now
    company.contact_roles = [store.add(CompanyContactRole(name=name)) for name in ROLES]
    store.add(company)
    location = add_location(store, company, input.get('companyLocation') or {'name': company.name})
    if input.get('companyContact'):
        contact = add_contact(store, company, input['companyContact'])
        assign(store, contact, location, company.contact_roles[0])
    store.emit('COMPANIES_CREATE', company)
    return done(company=company)


def add_contact(store, company, given):
    """Make a contact and its customer."""
    customer = customer_of_email(store, given.get('email')) or new_customer(store)
    customer.first_name = given.get('firstName') or customer.first_name
    customer.last_name = given.get('lastName') or customer.last_name
    customer.phone = given.get('phone') or customer.phone
    now = store.clock.now()
    contact = CompanyContact(company=company, customer=customer, title=given.get('title'))
    contact.locale = given.get('locale') or 'en'
    contact.created_at = contact.updated_at = now
    store.add(contact)
    company.contacts.append(contact)
    company.main_contact = company.main_contact or contact
    customer.company_contact_profiles.append(contact)
    return contact


def assign(store, contact, location, role):
    """Give a contact a role at a branch."""
    now = store.clock.now()
    made = CompanyContactRoleAssignment(
        company=contact.company,
        company_contact=contact,
        company_location=location,
        role=role,
        created_at=now,
        updated_at=now,
    )
    store.add(made)
    contact.role_assignments.append(made)
    location.role_assignments.append(made)


def add_location(store, company, given):
    """Make a branch; without a name it is called by its street [R]."""
    shipping = given.get('shippingAddress')
    street = (shipping or {}).get('address1')
    now = store.clock.now()
    location = CompanyLocation(
        company=company,
        name=given.get('name') or street or company.name,
        external_id=given.get('externalId'),
        phone=given.get('phone'),
        locale=given.get('locale') or 'en',
        note=given.get('note'),
        currency=store.shop.currency_code,
        buyer_experience_configuration=BuyerExperienceConfiguration(),
        created_at=now,
        updated_at=now,
    )
    location.tax_settings.tax_registration_id = given.get('taxRegistrationId')
    location.tax_settings.tax_exempt = bool(given.get('taxExempt'))
    location.shipping_address = make_address(store, company, shipping)
    # [R] b2b-location-address-management.json: the shared address is two records.
    billing = shipping if given.get('billingSameAsShipping') else given.get('billingAddress')
    location.billing_address = make_address(store, company, billing)
    company.locations.append(store.add(location))
    return location


def make_address(store, company, given):
    """Return the address of a ``CompanyAddressInput``, or None."""
    if not given:
        return None
    country = given.get('countryCode') or 'US'
    now = store.clock.now()
    made = CompanyAddress(
        company_name=company.name,
        recipient=given.get('recipient'),
        first_name=given.get('firstName'),
        last_name=given.get('lastName'),
        address1=given.get('address1') or '',
        address2=given.get('address2'),
        zip=given.get('zip'),
        city=given.get('city'),
        zone_code=given.get('zoneCode'),
        province=PROVINCES.get((country, given.get('zoneCode'))),
        country=COUNTRIES.get(country),
        country_code=country,
        phone=given.get('phone'),
        created_at=now,
        updated_at=now,
    )
    return store.add(made)


@mutation('companyLocationCreate')
def company_location_create(store, companyId, input):  # noqa: A002, N803
    """Add a branch."""
    company = store.find('Company', companyId)
    if company is None:
        error = complaint(['companyId'], "Resource requested does not exist.", 'RESOURCE_NOT_FOUND')
        return failed(error, company_location=None)
    location = add_location(store, company, input)
    store.emit('COMPANY_LOCATIONS_CREATE', location)
    return done(company_location=location)


@mutation('companyLocationAssignAddress')
def company_location_assign_address(store, locationId, address, addressTypes):  # noqa: N803
    """Give a branch an address for billing, shipping or both; naming one twice is refused [R]."""
    location = store.find('CompanyLocation', locationId)
    if location is None:
        error = complaint(
            ['locationId'], "The company location doesn't exist", 'RESOURCE_NOT_FOUND'
        )
        return failed(error, addresses=None)
    if len(set(addressTypes)) < len(addressTypes):
        return failed(complaint(None, "Invalid input.", 'INVALID_INPUT'), addresses=None)
    made = []
    for kind in addressTypes:
        new = make_address(store, location.company, address)
        setattr(location, f'{kind.lower()}_address', new)
        made.append(new)
    store.touch(location)
    return done(addresses=made)


@mutation('companyAddressDelete')
def company_address_delete(store, addressId):  # noqa: N803
    """Take an address away from its branch."""
    found = store.find('CompanyAddress', addressId)
    if found is None:
        error = complaint(['addressId'], "Resource requested does not exist.", 'RESOURCE_NOT_FOUND')
        return failed(error, deleted_address_id=None)
    for location in store.all('CompanyLocation'):
        for name in ('billing_address', 'shipping_address'):
            if getattr(location, name) is found:
                setattr(location, name, None)
    store.remove(found)
    return done(deleted_address_id=addressId)


@mutation('companyLocationDelete')
def company_location_delete(store, companyLocationId):  # noqa: N803
    """Delete a branch and the roles at it [R]; not one with orders."""
    location = store.find('CompanyLocation', companyLocationId)
    if location is None or location.orders:
        message = "Failed to delete the company location."
        error = complaint(['companyLocationId'], message, 'FAILED_TO_DELETE')
        return failed(error, deleted_company_location_id=None)
    drop_location(store, location)
    return done(deleted_company_location_id=companyLocationId)


def drop_location(store, location):
    """Forget a branch."""
    for made in location.role_assignments:
        made.company_contact.role_assignments.remove(made)
        store.remove(made)
    location.company.locations.remove(location)
    store.remove(location)


@mutation('companyDelete')
def company_delete(store, id):  # noqa: A002
    """Delete a company; not one with orders ([R] b2b-company-location-order-aggregates.json)."""
    company = store.find('Company', id)
    if company is None or company.orders or company.draft_orders:
        error = complaint(['id'], "Failed to delete the company.", 'FAILED_TO_DELETE')
        return failed(error, deleted_company_id=None)
    for location in list(company.locations):
        drop_location(store, location)
    for contact in company.contacts:
        contact.customer.company_contact_profiles.remove(contact)
        store.remove(contact)
    store.remove(company)
    store.emit('COMPANIES_DELETE', company)
    return done(deleted_company_id=id)
