import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..isolation import TRANSACTION_ERRORS

_logger = logging.getLogger(__name__)


class ShopifyOrderCall(models.Model):
    """An order that Shopify has called about and that no run has looked at since.

    One row for each order, however often Shopify calls about it: ten edits are one look.
    """

    _name = 'shopify.order.call'
    _description = "Shopify Order to Look At"
    _rec_name = 'shopify_id'

    store_id = fields.Many2one('shopify.store', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='store_id.company_id')
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)

    _shopify_id_uniq = models.UniqueIndex("(store_id, shopify_id)", "This order waits already.")

    @api.model
    def _note(self, store, gids):
        """Have the next run look at orders; those that it will look at anyway stay as they are."""
        try:
            with self.env.cr.savepoint():
                for gid in gids:
                    self.env.cr.execute(self._get_note_sql(store, gid))
        except TRANSACTION_ERRORS:
            # Another call about the order was noted at this moment; its run sees what ours means.
            _logger.debug("Another call has just noted the order")

    @api.model
    def _get_note_sql(self, store, gid):
        return SQL(
            """INSERT INTO shopify_order_call (store_id, shopify_id, create_date, write_date)
               VALUES (%s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
               ON CONFLICT (store_id, shopify_id) DO NOTHING""",
            store.id,
            gid,
        )

    @api.model
    def _take(self, store, limit):
        """Take orders of a store off the list and return their gids.

        They leave it before they are read: a call that comes while we read is noted anew. What is
        lost when a worker dies in between is found by the schedule, which forgets nothing.
        """
        statement = SQL(
            """DELETE FROM shopify_order_call WHERE id IN (
                   SELECT id FROM shopify_order_call WHERE store_id = %s
                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING shopify_id""",
            store.id,
            limit,
        )
        gids = [gid for (gid,) in self.env.execute_query(statement)]
        self.invalidate_model()
        return gids
