from . import shopify_connect, shopify_import_orders
