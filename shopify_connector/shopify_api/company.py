"""The business behind a company order: frozen dataclasses made from Shopify's answers."""

from dataclasses import dataclass

from .order import Address


@dataclass(frozen=True, slots=True)
class Company:
    """A business; e-mail, phone and contact name are those of its main contact, ``''`` if none."""

    gid: str
    name: str
    external_id: str
    contact_name: str
    email: str
    phone: str

    @classmethod
    def from_json(cls, node):
        """Read a ``Company``."""
        person = (node['mainContact'] or {}).get('customer') or {}
        names = (person.get('firstName'), person.get('lastName'))
        own_name = ' '.join(part for part in names if part)
        return cls(
            gid=node['id'],
            name=(node['name'] or '').strip(),
            external_id=node['externalId'] or '',
            contact_name=(own_name or person.get('displayName') or '').strip(),
            email=(person.get('defaultEmailAddress') or {}).get('emailAddress') or '',
            phone=(person.get('defaultPhoneNumber') or {}).get('phoneNumber') or '',
        )


@dataclass(frozen=True, slots=True)
class CompanyLocation:
    """A branch of a business, with the tax number that Shopify keeps on branches."""

    gid: str
    name: str
    external_id: str
    phone: str
    vat: str
    billing_address: Address | None
    shipping_address: Address | None
    company: Company

    @classmethod
    def from_json(cls, node):
        """Read one node of ``company_locations``."""
        return cls(
            gid=node['id'],
            name=(node['name'] or '').strip(),
            external_id=node['externalId'] or '',
            phone=node['phone'] or '',
            vat=(node['taxSettings']['taxRegistrationId'] or '').strip(),
            billing_address=_address(node['billingAddress']),
            shipping_address=_address(node['shippingAddress']),
            company=Company.from_json(node['company']),
        )


def _address(node):
    """Read a ``CompanyAddress``; ``None`` for none."""
    if node is None:
        return None
    person = ' '.join(part for part in (node['firstName'], node['lastName']) if part)
    return Address(
        first_name=node['firstName'] or '',
        last_name=node['lastName'] or '',
        name=(node['recipient'] or person).strip(),
        company=(node['companyName'] or '').strip(),
        address1=(node['address1'] or '').strip(),
        address2=(node['address2'] or '').strip(),
        zip=(node['zip'] or '').strip(),
        city=(node['city'] or '').strip(),
        province=node['province'] or '',
        province_code=node['zoneCode'] or '',
        country=node['country'] or '',
        country_code=node['countryCode'] or '',
        phone=node['phone'] or '',
    )
