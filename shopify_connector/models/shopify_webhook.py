import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..isolation import TRANSACTION_ERRORS

_logger = logging.getLogger(__name__)

# A burst of calls writes the moment of the last one no more often than this.
NOTE_EVERY = timedelta(seconds=10)


class ShopifyWebhook(models.Model):
    """One topic that Shopify calls about. A row of its own, so that calls never lock the store."""

    _name = 'shopify.webhook'
    _description = "Shopify Notification"
    _order = 'store_id, topic'
    _rec_name = 'topic'

    store_id = fields.Many2one('shopify.store', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='store_id.company_id', store=True)
    topic = fields.Char(required=True, readonly=True, help="What Shopify notifies of.")
    address = fields.Char(readonly=True, help="The address of this Odoo that is notified.")
    shopify_id = fields.Char(string="Shopify ID", readonly=True)
    called_at = fields.Datetime(string="Last Notification", readonly=True)

    _topic_uniq = models.UniqueIndex("(store_id, topic)", "Shopify notifies of this already.")

    @api.model
    def _keep(self, store, address, gids):
        """Make the rows of a store what Shopify has.

        :param dict gids: topic → gid of its subscription.
        """
        rows = {row.topic: row for row in store.webhook_ids}
        (store.webhook_ids - self.union(*(rows[t] for t in gids if t in rows))).unlink()
        for topic, gid in gids.items():
            if topic in rows:
                rows[topic].write({'address': address, 'shopify_id': gid})
        self.create(
            [
                {'store_id': store.id, 'topic': topic, 'address': address, 'shopify_id': gid}
                for topic, gid in gids.items()
                if topic not in rows
            ]
        )

    @api.model
    def _note_call(self, store, topic):
        """Remember when Shopify called last; whoever would have to wait for that leaves it."""
        now = fields.Datetime.now()
        statement = SQL(
            """UPDATE shopify_webhook SET called_at = %s WHERE id IN (
                   SELECT id FROM shopify_webhook
                    WHERE store_id = %s AND topic = %s AND coalesce(called_at, '-infinity') < %s
                      FOR NO KEY UPDATE SKIP LOCKED)""",
            now,
            store.id,
            topic,
            now - NOTE_EVERY,
        )
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(statement)
        except TRANSACTION_ERRORS:
            _logger.debug("Another call has just noted its moment")
        self.invalidate_model(['called_at'])
