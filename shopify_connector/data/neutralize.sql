-- A copy of a database must not talk to a real store, nor be called by one.
UPDATE shopify_store
   SET state = 'draft', access_token = NULL, token_expires_at = NULL, client_secret = NULL,
       auto_sync = false, webhook_token = NULL, previous_client_secret = NULL,
       previous_secret_until = NULL, webhook_checked_at = NULL, webhook_message = NULL;
UPDATE shopify_shop SET auto_import = false, write_order_number = false;
DELETE FROM shopify_webhook;
DELETE FROM shopify_order_call;
