import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..isolation import repeat
from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyError
from ..shopify_api.order import FAILED_FULFILLMENTS, naive
from ..shopify_api.shipping import ARRIVED

_logger = logging.getLogger(__name__)

FOLLOWED_FOR = timedelta(days=30)
ASKED_EVERY = timedelta(hours=2)
PARCELS_PER_REQUEST = 100
PARCELS_PER_RUN = 1000


class ShopifyFulfillment(models.Model):
    _name = 'shopify.fulfillment'
    _description = "Shopify Fulfillment"
    _order = 'created_at, id'

    name = fields.Char(readonly=True)
    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    status = fields.Char(readonly=True)
    display_status = fields.Char(string="Delivery Status", readonly=True)
    created_at = fields.Datetime(string="Shipped", readonly=True)
    location_id = fields.Many2one('shopify.location', readonly=True)
    picking_id = fields.Many2one(
        'stock.picking',
        string="Delivery",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help="The delivery in Odoo that this tells of. Empty: it was made in Shopify or by another"
        " app.",
    )
    tracking_company = fields.Char(readonly=True)
    tracking_number = fields.Char(readonly=True)
    tracking_url = fields.Char(string="Tracking Address", readonly=True)
    in_transit_at = fields.Datetime(string="In Transit", readonly=True)
    estimated_delivery_at = fields.Datetime(string="Expected Delivery", readonly=True)
    delivered_at = fields.Datetime(string="Delivered", readonly=True)
    checked_at = fields.Datetime(
        readonly=True, help="When Shopify was last asked where the parcel is."
    )
    quantity = fields.Integer(string="Items", readonly=True)

    _shopify_id_uniq = models.UniqueIndex(
        "(order_id, shopify_id)", "This fulfillment of the order is known already."
    )

    # === BUSINESS METHODS: STAGE === #

    @api.model
    def _stage(self, pairs, locations):
        """Write the fulfilments of many orders; known ones keep their delivery, vanished ones go.

        :param list pairs: ``(staged order, Order or Shipping of shopify_api)``
        :param dict locations: gid → id of the locations of the store.
        """
        known = {
            (item.order_id.id, item.shopify_id): item
            for record, _order in pairs
            for item in record.fulfillment_ids
        }
        values = {
            (record.id, item.gid): {
                **self._prepare_stage(item, locations),
                'order_id': record.id,
                'shopify_id': item.gid,
            }
            for record, order in pairs
            for item in order.fulfillments
        }
        for key, record in known.items():
            if key in values:
                record._write_changes(values.pop(key))
            else:
                record.unlink()
        return self.create(list(values.values()))

    @api.model
    def _prepare_stage(self, item, locations):
        """Return the values of one fulfilment of ``shopify_api``."""
        return {
            'name': item.name,
            'status': item.status,
            'display_status': item.display_status,
            'created_at': naive(item.created_at),
            'in_transit_at': naive(item.in_transit_at),
            'estimated_delivery_at': naive(item.estimated_delivery_at),
            'delivered_at': naive(item.delivered_at),
            'location_id': locations.get(item.location_gid, False),
            'tracking_company': item.tracking[0][0] if item.tracking else False,
            'tracking_number': ', '.join(
                number for _company, number, _url in item.tracking if number
            ),
            'tracking_url': item.tracking[0][2] if item.tracking else False,
            'quantity': sum(quantity for _line, quantity in item.lines),
        }

    def _write_changes(self, values):
        """Write what differs: most fulfilments are long settled."""
        self.ensure_one()
        now = self._convert_to_write({name: self[name] for name in values})
        changes = {
            name: value
            for name, value in values.items()
            if (now[name] or False) != (value or False)
        }
        if changes:
            self.write(changes)

    # === BUSINESS METHODS === #

    def _has_shipped(self):
        """Return whether anything left the place: a cancelled or failed one shipped nothing."""
        self.ensure_one()
        return self.status not in FAILED_FULFILLMENTS

    @api.model
    def _note(self, order, picking, item, locations):
        """Write one fulfilment that was sent for a delivery, as Shopify has it now."""
        values = {
            **self._prepare_stage(item, locations),
            'picking_id': picking.id,
            'checked_at': fields.Datetime.now(),
        }
        known = order.fulfillment_ids.filtered(lambda record: record.shopify_id == item.gid)
        if known:
            known._write_changes(values)
        else:
            self.create({**values, 'order_id': order.id, 'shopify_id': item.gid})

    # === BUSINESS METHODS: FOLLOW === #

    @api.model
    def _follow_parcels(self, limit=PARCELS_PER_RUN):
        """Ask where parcels are that are on their way (M-14); the carrier's news change no order.

        Asked are parcels of the last weeks, every few hours, many in one request.
        """
        now = fields.Datetime.now()
        due = self.sudo().search(
            Domain('order_id.store_id.state', '=', 'connected')
            & Domain('status', 'not in', FAILED_FULFILLMENTS)
            & Domain('display_status', 'not in', ARRIVED)
            & Domain('created_at', '>', now - FOLLOWED_FOR)
            & (Domain('checked_at', '=', False) | Domain('checked_at', '<=', now - ASKED_EVERY)),
            order='checked_at nulls first, id',
            limit=limit,
        )
        due = due.try_lock_for_update()
        due.checked_at = now  # before the question: no second worker asks the same
        self.env['ir.cron']._commit_progress()
        for store, parcels in due.grouped(lambda item: item.order_id.store_id).items():
            for start in range(0, len(parcels), PARCELS_PER_REQUEST):
                parcels[start : start + PARCELS_PER_REQUEST]._follow(store)

    def _follow(self, store):
        """Ask for the parcels of one store at once, and keep what has changed."""
        client = store._get_client()
        gids = self.mapped('shopify_id')
        self.env['ir.cron']._commit_progress()
        try:
            found = fetch.fulfillments(client, gids)
        except ShopifyError as error:
            _logger.info("%s: parcels not followed (%s)", store.name, error)
            return
        repeat(self.env, lambda: self._keep_parcels(found, store._get_location_ids()))

    def _keep_parcels(self, found, locations):
        for record in self.filtered(lambda item: item.shopify_id in found):
            record._write_changes(self._prepare_stage(found[record.shopify_id], locations))
