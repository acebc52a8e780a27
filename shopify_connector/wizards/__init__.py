from . import shopify_connect, shopify_fix, shopify_import_orders, shopify_preflight
