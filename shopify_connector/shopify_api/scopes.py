"""Access scopes: what the documents need, checked against the schema in a test."""

# What the app cannot do without.
REQUIRED_SCOPES = (
    'read_customers',
    'read_locations',
    'read_merchant_managed_fulfillment_orders',
    'read_orders',
    'read_products',
)

# What one feature needs on top; without it the feature is left out, and the store says so.
FEATURE_SCOPES = {
    'payment_terms': ('read_payment_terms',),
    'shipping': ('read_shipping',),
    'all_orders': ('read_all_orders',),
    'change_orders': ('write_orders',),
    'send_shipments': ('write_merchant_managed_fulfillment_orders',),
}


def missing_scopes(granted, needed=REQUIRED_SCOPES):
    """Return the needed scopes that were not granted; ``write_x`` includes ``read_x``."""
    granted = set(granted)
    return [
        scope
        for scope in needed
        if scope not in granted and scope.replace('read_', 'write_', 1) not in granted
    ]
