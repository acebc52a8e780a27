from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ShopifySyncShipments(models.TransientModel):
    """Have Shopify told of deliveries that it does not know of yet, with filters (R-117).

    Deliveries that wait for their turn are not touched: they are sent by themselves.
    """

    _name = 'shopify.sync.shipments'
    _description = "Sync Shopify Shipments"

    shop_ids = fields.Many2many('shopify.shop', string="Shops", help="Empty: all of them.")
    order_ids = fields.Many2many(
        'shopify.order',
        string="Orders",
        default=lambda self: self._default_order_ids(),
        help="Empty: all of them.",
    )
    partner_id = fields.Many2one(
        'res.partner', string="Customer", help="To whom it was delivered, or who belongs to them."
    )
    date_from = fields.Datetime(string="Delivered From")
    date_to = fields.Datetime(string="Delivered To")
    which = fields.Selection(
        [
            ('failed', "Those that failed"),
            ('unsent', "All that were not sent, also those left out"),
        ],
        string="Deliveries",
        required=True,
        default=lambda self: 'unsent' if self._default_order_ids() else 'failed',
    )
    delivery_count = fields.Integer(string="To Be Sent", compute='_compute_delivery_count')

    # === DEFAULTS === #

    def _default_order_ids(self):
        orders = self.env['shopify.order']
        chosen = self.env.context.get('active_model') == orders._name
        return orders.browse(self.env.context.get('active_ids', ()) if chosen else ())

    # === COMPUTE METHODS === #

    @api.depends('shop_ids', 'order_ids', 'partner_id', 'date_from', 'date_to', 'which')
    def _compute_delivery_count(self):
        for wizard in self:
            wizard.delivery_count = self.env['stock.picking'].search_count(wizard._get_domain())

    # === ACTION METHODS === #

    def action_sync(self):
        """Have the deliveries that match sent in the background, and say how many they are."""
        self.ensure_one()
        pickings = self.env['stock.picking'].search(self._get_domain())
        if not pickings:
            raise UserError(self.env._("Nothing to send: no delivery matches."))
        return pickings.action_shopify_send()

    # === BUSINESS METHODS === #

    def _get_domain(self):
        """Return the deliveries that match; the rules of the user's companies come on top."""
        self.ensure_one()
        return (
            Domain('state', '=', 'done')
            & Domain('location_dest_id.usage', '=', 'customer')
            & self._get_source_domain()
            & self._get_state_domain()
            & self._get_filter_domain()
        )

    def _get_source_domain(self):
        domain = Domain('shopify_shop_id', '!=', False)
        if self.shop_ids:
            domain &= Domain('shopify_shop_id', 'in', self.shop_ids.ids)
        if self.order_ids:
            domain &= Domain('sale_id.shopify_order_id', 'in', self.order_ids.ids)
        return domain

    def _get_filter_domain(self):
        domain = Domain.TRUE
        if self.partner_id:
            domain &= Domain('partner_id', 'child_of', self.partner_id.ids)
        if self.date_from:
            domain &= Domain('date_done', '>=', self.date_from)
        if self.date_to:
            domain &= Domain('date_done', '<=', self.date_to)
        return domain

    def _get_state_domain(self):
        """Return the states; none at all is a delivery from before the connector was installed."""
        states = {'failed': ['failed'], 'unsent': ['failed', 'skipped', False]}
        return Domain('shopify_state', 'in', states[self.which])
