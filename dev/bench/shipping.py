"""What a process with Odoo does for the tests of several processes: deliver, and tell Shopify."""

import time

from dev.bench.importing import stock_up

SHIP_WITHIN = 120  # seconds


def deliver(env, orders):
    """Do the deliveries of some orders, each in two parts where it has enough units.

    :param int orders: how many that have an open delivery, the oldest first.
    :return: gids of the orders
    """
    sales = env['sale.order'].search([('shopify_order_id', '!=', False)], order='id')
    chosen = sales.filtered(lambda sale: _open(sale))[:orders]
    for sale in chosen:
        while picking := _open(sale)[:1]:
            for index, move in enumerate(picking.move_ids):
                units = int(move.product_uom_qty)
                is_first = picking == sale.picking_ids.sorted('id')[0]
                move.quantity = units // 2 if is_first and units > 1 and not index else units
                move.picked = True
            picking.carrier_tracking_ref = f'T{picking.id}'
            picking.with_context(skip_sms=True, skip_backorder=True).button_validate()
    return {'gids': chosen.shopify_order_id.mapped('shopify_id')}


def _open(sale):
    return sale.picking_ids.filtered(lambda item: item.state not in ('done', 'cancel'))


def set_pauses(env, lease_seconds, ask_again_seconds):
    """Set how long a killed worker keeps its orders, and how long a lost answer is waited for."""
    parameters = env['ir.config_parameter'].sudo()
    parameters.set_param('shopify_connector.lease_seconds', lease_seconds)
    parameters.set_param('shopify_connector.ask_again_seconds', ask_again_seconds)
    env.ref('shopify_connector.cron_sync_shipments').active = False


def ship_once(env, batch=None):
    """Run the scheduled action that sends shipments once."""
    env['shopify.order']._cron_sync_shipments(batch)


def ship_all(env, batch=None, within=SHIP_WITHIN):
    """Run the scheduled action again and again until no delivery waits.

    :return: how often the action ran
    """
    deadline = time.monotonic() + within
    runs = 0
    while env['stock.picking'].search_count([('shopify_state', '=', 'pending')]):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Deliveries are still waiting after {within} seconds.")
        if runs:
            time.sleep(0.1)
        env['shopify.order']._cron_sync_shipments(batch)
        env.cr.commit()
        runs += 1
    return {'runs': runs}


def make_kit(env, sku, parts):
    """Create a product that is sold as one and leaves in parts.

    :param dict parts: internal reference → units in one kit; they are put into stock.
    """
    goods = {'type': 'consu', 'is_storable': True, 'taxes_id': False}
    kit = env['product.product'].create({'name': sku, 'default_code': sku, **goods})
    made = env['product.product'].create(
        [{'name': name, 'default_code': name, **goods} for name in parts]
    )
    env['mrp.bom'].create(
        {
            'product_tmpl_id': kit.product_tmpl_id.id,
            'type': 'phantom',
            'bom_line_ids': [
                (0, 0, {'product_id': part.id, 'product_qty': parts[part.default_code]})
                for part in made
            ],
        }
    )
    stock_up(env, made)


def deliver_parts(env, units):
    """Do the open delivery of the newest sales order with some units of each product."""
    sale = env['sale.order'].search([], order='id desc', limit=1)
    picking = _open(sale)[:1]
    for move in picking.move_ids:
        move.quantity = units.get(move.product_id.default_code, 0)
        move.picked = bool(move.quantity)
    picking.with_context(skip_sms=True, skip_backorder=True).button_validate()


COMMANDS = {
    function.__name__: function
    for function in (deliver, deliver_parts, make_kit, set_pauses, ship_once, ship_all)
}
