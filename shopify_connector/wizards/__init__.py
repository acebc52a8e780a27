from . import (
    shopify_cancel_order,
    shopify_connect,
    shopify_fix,
    shopify_import_orders,
    shopify_preflight,
    shopify_sync_shipments,
)
