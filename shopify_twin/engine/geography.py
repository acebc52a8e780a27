"""Names of countries and provinces, and the taxes drafts are charged with."""

from .building import Tax

COUNTRIES = {
    'AT': "Austria",
    'AU': "Australia",
    'BE': "Belgium",
    'BH': "Bahrain",
    'CA': "Canada",
    'CH': "Switzerland",
    'CZ': "Czechia",
    'DE': "Germany",
    'DK': "Denmark",
    'ES': "Spain",
    'FI': "Finland",
    'FR': "France",
    'GB': "United Kingdom",
    'IE': "Ireland",
    'IT': "Italy",
    'JP': "Japan",
    'KW': "Kuwait",
    'LU': "Luxembourg",
    'NL': "Netherlands",
    'NO': "Norway",
    'PL': "Poland",
    'PT': "Portugal",
    'SE': "Sweden",
    'US': "United States",
}

PROVINCES = {
    ('CA', 'AB'): "Alberta",
    ('CA', 'BC'): "British Columbia",
    ('CA', 'ON'): "Ontario",
    ('CA', 'QC'): "Quebec",
    ('GB', 'ENG'): "England",
    ('US', 'CA'): "California",
    ('US', 'CO'): "Colorado",
    ('US', 'DC'): "District of Columbia",
    ('US', 'FL'): "Florida",
    ('US', 'IL'): "Illinois",
    ('US', 'MA'): "Massachusetts",
    ('US', 'NJ'): "New Jersey",
    ('US', 'NY'): "New York",
    ('US', 'TX'): "Texas",
    ('US', 'WA'): "Washington",
}

#: Countries whose addresses have provinces we know by code.
WITH_PROVINCES = ('CA', 'US')

EU_VAT = {
    'DE': ("DE VAT", 0.19),
    'FR': ("FR TVA", 0.20),
    'NL': ("NL BTW", 0.21),
    'DK': ("DK Moms", 0.25),
}
REDUCED = {'DE': 0.07, 'FR': 0.055, 'NL': 0.09, 'DK': 0.25}
US_TAXES = {
    'CA': (
        ("California State Tax", 0.06),
        ("Los Angeles County Tax", 0.0025),
        ("Los Angeles City Tax", 0.0325),
    ),
    'NY': (("New York State Tax", 0.04), ("New York City Tax", 0.04875)),
    'CO': (("Colorado State Tax", 0.029), ("Denver County Tax", 0.0515)),
}


def taxes_of(country, province=None, reduced=False):
    """Return fresh taxes of a destination; none where the twin knows no tax."""
    if country == 'US':
        return [Tax(title, rate) for title, rate in US_TAXES.get(province, ())]
    if country == 'GB':
        return [Tax("GB VAT", 0.2)]
    if country == 'JP':
        return [Tax("CT", 0.08 if reduced else 0.1)]
    if country in EU_VAT:
        title, rate = EU_VAT[country]
        return [Tax(title, REDUCED[country] if reduced else rate)]
    return []
