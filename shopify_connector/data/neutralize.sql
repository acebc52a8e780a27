-- A copy of a database must not talk to a real store.
UPDATE shopify_store
   SET state = 'draft', access_token = NULL, token_expires_at = NULL, client_secret = NULL;
UPDATE shopify_shop SET auto_import = false, write_order_number = false;
