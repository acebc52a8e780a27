"""What a process with Odoo does for the bench and the tests of several processes: import orders."""

import importlib
import time
from urllib.parse import urlsplit

STOCK = 1_000_000.0
# Imports may have to wait for what a fault put off; a test sets its own limit to that.
IMPORT_WITHIN = 600  # seconds


def connect(env, twin, shop=None, lease_seconds=None):
    """Connect a twin as a user would, by the wizard.

    :param dict twin: `url`, `client_id` and `client_secret`
    :param dict shop: values of the shop
    :param float lease_seconds: how long a worker that was killed keeps its orders
    """
    wizard = env['shopify.connect'].create(
        {
            'domain': urlsplit(twin['url']).netloc,
            'auth_method': 'client',
            'client_id': twin['client_id'],
            'client_secret': twin['client_secret'],
        }
    )
    wizard.action_connect()
    wizard.shop_id.write({'create_products': True, **(shop or {})})
    set_company_currency(env, wizard.store_id.currency_id)
    if lease_seconds:
        parameters = env['ir.config_parameter'].sudo()
        parameters.set_param('shopify_connector.lease_seconds', lease_seconds)
    for cron in ('cron_import_orders', 'cron_import_orders_2'):
        env.ref(f'shopify_connector.{cron}').active = False


def set_company_currency(env, currency):
    """Keep the company's books in the store's currency, as most companies with one store do."""
    currency.active = True
    env.company.currency_id = currency


def create_products(env, variants):
    """Create a product for each variant of the twin, so that all are in stock from the start.

    :param list variants: nodes of `productVariants`
    """
    goods = [(node, node['inventoryItem']['requiresShipping']) for node in variants if node['sku']]
    env['product.product'].create(
        [
            {
                'name': node['displayName'],
                'default_code': node['sku'],
                'type': 'consu' if shipped else 'service',
                'is_storable': shipped,
                'list_price': float(node['price']),
                'invoice_policy': 'order',
                'taxes_id': False,
            }
            for node, shipped in goods
        ]
    )
    stock_up(env, env['product.product'].search([('is_storable', '=', True)]))


def discover(env):
    """Note the heads of all open orders and give them to the shop."""
    env['shopify.store'].search([])._discover_orders()
    env['shopify.shop']._assign_waiting()


def forget_waiting(env, keep):
    """Take all but the first `keep` waiting orders out; the next discovery finds them again."""
    rows = env['shopify.order.import'].search([], order='shop_id, id')
    rows[keep:].with_context(shopify_imported=True).unlink()
    env['shopify.store'].search([]).orders_synced_until = False


def import_batch(env, limit=50):
    """Import one batch of what waits, reservation included."""
    handled = env['shopify.order.import']._import_next(limit)
    while env['shopify.order']._reserve_next(limit):
        pass
    return {'orders': handled}


def chunk_size(_env):
    """Return how many orders the connector handles in one transaction."""
    module = importlib.import_module('odoo.addons.shopify_connector.models.shopify_order_import')
    return {'chunk': module.CHUNK}


def is_waiting(env):
    """Return whether a list of orders, an import or a reservation is still to come."""
    if env['shopify.store'].search_count([('orders_synced_until', '=', False)]):
        return True
    rows = env['shopify.order.import'].search_count([('state', '!=', 'failed')])
    return bool(rows or env['shopify.order'].search_count([('to_reserve', '=', True)]))


def import_once(env, batch):
    """Run the scheduled action once: until it finds nothing to do."""
    env['shopify.store']._cron_import_orders(batch)


def import_all(env, batch=None, within=IMPORT_WITHIN):
    """Run the scheduled action again and again until nothing waits.

    :return: how often the action ran
    """
    deadline = time.monotonic() + within
    runs = 0
    while not runs or is_waiting(env):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Orders are still waiting after {within} seconds.")
        if runs:
            time.sleep(0.2)
        env['shopify.store']._cron_import_orders(batch)
        env.cr.commit()
        runs += 1
    return {'runs': runs}


def write_numbers(env, within=IMPORT_WITHIN):
    """Run the scheduled write-back again and again until each number is in Shopify."""
    deadline = time.monotonic() + within
    waiting = [('writeback_state', '=', 'pending')]
    while env['shopify.order'].search_count(waiting):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Numbers are still waiting after {within} seconds.")
        env['shopify.order']._cron_write_numbers()
        env.cr.commit()
        time.sleep(0.2)


def stock_up(env, products):
    """Put plenty of each product into the first warehouse."""
    location = env['stock.warehouse'].search([], limit=1).lot_stock_id
    for product in products:
        env['stock.quant']._update_available_quantity(product, location, STOCK)


def count_sales(env):
    """Return how many sales orders there are."""
    return {'sales': env['sale.order'].search_count([])}


def count(env):
    """Return what is in the database now."""
    sales = env['sale.order'].search([])
    return {
        'sales': len(sales),
        'confirmed': len(sales.filtered(lambda sale: sale.state == 'sale')),
        'total': round(sum(sales.mapped('amount_total')), 2),
        'tax': round(sum(sales.mapped('amount_tax')), 2),
        'lines': len(sales.order_line),
        'pickings': len(sales.picking_ids),
        'reserved': sum(sales.picking_ids.move_ids.mapped('quantity')),
        'partners': env['res.partner'].search_count([]),
    }


COMMANDS = {
    function.__name__: function
    for function in (
        connect,
        create_products,
        discover,
        forget_waiting,
        import_batch,
        chunk_size,
        import_all,
        import_once,
        write_numbers,
        count,
        count_sales,
    )
}
