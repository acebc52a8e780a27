"""Write-back (R-11): the number of Odoo's document as an attribute of the order in Shopify."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..exceptions import describe_error
from ..isolation import repeat
from ..shopify_api import attributes
from ..shopify_api.errors import ShopifyAccessError, ShopifyError, ShopifyRetryableError
from ..shopify_api.order import naive

_logger = logging.getLogger(__name__)

# Key of the attribute. Never translated: it is the same for all who look at the order.
ATTRIBUTE = 'Odoo Order'
# Attributes that others change between our read and our write are lost, so that time is short.
ORDERS_PER_ROUND = 20
# Nothing is wrong with the order: it is tried again.
_LATER = (ShopifyRetryableError, ShopifyAccessError)


# pylint: disable=consider-merging-classes-inherited
# The write-back is a chapter of its own.
class ShopifyOrder(models.Model):
    _inherit = 'shopify.order'

    writeback_state = fields.Selection(
        [('pending', "To Write"), ('done', "Written"), ('failed', "Failed")],
        string="Number in Shopify",
        readonly=True,
        help="Whether the number of the document is on the order in Shopify.",
    )
    writeback_number = fields.Char(
        string="Written Number", readonly=True, help="The number that Shopify has from us."
    )
    writeback_error = fields.Text(
        readonly=True, help="Why the number of the document could not be written to Shopify."
    )
    writeback_at = fields.Datetime(
        readonly=True, help="Not written before this moment; a worker may have it until then."
    )

    _writeback_idx = models.Index("(store_id, id) WHERE writeback_state = 'pending'")

    # === ACTION METHODS === #

    def action_write_number(self):
        """Write the number of the document to the order in Shopify, again if need be (R-11)."""
        self.check_access('write')
        orders = self.filtered(lambda order: order.document_state == 'done')
        off = orders.shop_id.filtered(lambda shop: not shop.write_order_number)
        if off:
            raise UserError(
                self.env._(
                    "Switch on that numbers are written to Shopify for %(shops)s first.",
                    shops=', '.join(off.mapped('name')),
                )
            )
        for store in orders.store_id:
            if message := store._tell_missing_write_scope():
                raise UserError(message)
        orders._queue_number()
        return self.env['shopify.store']._notify(
            self.env._("%(count)s numbers are being written to Shopify.", count=len(orders))
        )

    def action_unlink_documents(self):
        """Override to forget what was to be written of the documents; Shopify keeps what it has."""
        result = super().action_unlink_documents()
        self.sudo().write({'writeback_state': False, 'writeback_error': False})
        return result

    # === BUSINESS METHODS: WHAT IS TO BE WRITTEN === #

    def _create_batch(self):
        """Override to have the numbers of the new documents written once they are committed."""
        result = super()._create_batch()
        self._queue_new_numbers()
        return result

    def _complete_documents(self):
        """Override to have the number of an invoice written that is all there is (R-70)."""
        result = super()._complete_documents()
        self.sudo().filtered(
            lambda order: order.shop_id.write_order_number and order._is_gift_cards_only()
        )._queue_new_numbers()
        return result

    def _queue_new_numbers(self):
        """Have numbers written that Shopify does not have, where the shop wants that."""
        self.filtered(
            lambda order: (
                order.shop_id.write_order_number
                and order.document_state == 'done'
                and order._get_document_number() != order.writeback_number
            )
        )._queue_number()

    def _queue_number(self):
        """Have numbers written by the next run, and wake it; it sees what is committed only."""
        if not self:
            return
        self.sudo().write(
            {'writeback_state': 'pending', 'writeback_error': False, 'writeback_at': False}
        )
        cron = self.env.ref('shopify_connector.cron_write_numbers', raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()  # users may have a number written, not edit the schedule

    def _get_document_number(self):
        """Return the number that a clerk would search for in Odoo, ``False`` for none yet.

        It is that of the invoice when nothing but gift cards was sold.
        """
        self.ensure_one()
        if self._is_gift_cards_only():
            invoice = self.invoice_ids.filtered(lambda move: move.state == 'posted')[:1]
            if invoice:
                return invoice.name
        return self.sale_order_ids[:1].name

    # === BUSINESS METHODS: ROUNDS === #

    @api.model
    def _cron_write_numbers(self):
        """Write the numbers of new documents to the orders of all stores that may be changed."""
        stores = self.env['shopify.store'].search([('state', '=', 'connected')])
        for store in stores.filtered(lambda store: store._may_read('change_orders')):
            store._attempt(lambda store=store: self._write_numbers_of(store))

    @api.model
    def _write_numbers_of(self, store):
        """Write the numbers that are due, a few at a time, until Shopify wants a pause."""
        progress = self.env['ir.cron']._commit_progress
        while orders := self._claim_writeback(store):
            goes_on = orders._write_numbers()
            due = self.search_count(self._get_writeback_domain(store)) if goes_on else 0
            if not progress(len(orders), remaining=due) or not goes_on:
                break

    @api.model
    def _get_writeback_domain(self, store):
        """Return which orders of a store are due: not before the import has completed them."""
        return (
            Domain('store_id', '=', store.id)
            & Domain('writeback_state', '=', 'pending')
            & Domain('document_state', '=', 'done')
            & Domain('to_reserve', '=', False)
            & Domain('shop_id.write_order_number', '=', True)
            & (
                Domain('writeback_at', '=', False)
                | Domain('writeback_at', '<=', fields.Datetime.now())
            )
        )

    @api.model
    def _claim_writeback(self, store):
        """Take some due orders for this worker, and commit that; a lease keeps others off."""
        store._leave_transaction()  # a stale snapshot cannot lock rows
        due = self.search(self._get_writeback_domain(store), order='id', limit=ORDERS_PER_ROUND)
        orders = due.try_lock_for_update(allow_referencing=True)
        orders.writeback_at = store._get_lease_end()
        store._leave_transaction()
        return orders

    def _write_numbers(self):
        """Write the numbers of claimed orders of one store, and keep what came of it.

        :return: whether going on with other orders makes sense.
        """
        try:
            results = self._send_numbers()
        except _LATER as error:
            results = {gid: attributes.Written(error=error) for gid in self.mapped('shopify_id')}
        except (ShopifyError, UserError) as error:
            return self._write_numbers_of_halves(error)
        repeat(self.env, lambda: self._record_results(results))
        return not any(isinstance(result.error, _LATER) for result in results.values())

    def _write_numbers_of_halves(self, error):
        """Go on without the orders whose answer cannot be read."""
        if len(self) == 1:
            result = {self.shopify_id: attributes.Written(error=error)}
            repeat(self.env, lambda: self._record_results(result))
            return True
        middle = len(self) // 2
        return self[:middle]._write_numbers() and self[middle:]._write_numbers()

    def _send_numbers(self):
        """Return gid → :class:`~..shopify_api.attributes.Written`; no transaction is open."""
        store = self.store_id
        client = store._get_client()
        options = store._get_fetch_options(with_companies=any(self.mapped('company_gid')))
        numbers = {
            order.shopify_id: number for order in self if (number := order._get_document_number())
        }
        store._leave_transaction()
        return attributes.write(client, ATTRIBUTE, numbers, **options)

    def _put_writeback_back(self, error):
        """Let the orders be taken again later, as if nothing had happened."""
        seconds = getattr(error, 'retry_after', 0)
        self.writeback_at = fields.Datetime.now() + timedelta(seconds=seconds)

    # === BUSINESS METHODS: RESULTS === #

    def _record_results(self, results):
        """Keep state, number and reason of each order, and forget the echoes of our changes.

        If that never succeeds, the lease ends, and the next round finds the numbers in Shopify.
        """
        written = self.browse()
        end = next((r.error for r in results.values() if isinstance(r.error, _LATER)), None)
        for order in self:
            result = results.get(order.shopify_id)
            if result is None:
                order._record_nothing(end)
            elif result.error is None:
                order._record_number(result)
                written += order
            else:
                order._record_error(result.error)
        written._forget_echoes()
        told = written.filtered(lambda order: results[order.shopify_id].sent)
        told._add_events(
            [(order, 'sent', order._tell_written_number()) for order in told],
        )

    def _record_nothing(self, error):
        """Leave an order to a later round; without a document there is nothing to write."""
        self.ensure_one()
        if not self._get_document_number():
            self.writeback_state = False
        self._put_writeback_back(error)

    def _record_error(self, error):
        """Try again later, or keep the reason for a user."""
        self.ensure_one()
        if isinstance(error, ShopifyAccessError):
            self.store_id._set_access_error(error)
        if isinstance(error, _LATER):
            self._put_writeback_back(error)
            return
        _logger.info("No number written to Shopify order %s", self.name, exc_info=error)
        reason = describe_error(self.env, error).message
        self.write({'writeback_state': 'failed', 'writeback_error': reason, 'writeback_at': False})

    def _record_number(self, result):
        """Keep that Shopify has the number.

        Our write has changed the order in Shopify. When all other changes were staged before, the
        staged order still is what Shopify has: it is known up to our own change, and the next
        discovery leaves it alone. Otherwise it brings the order in again.
        """
        self.ensure_one()
        number = self._get_document_number()
        values = {
            'writeback_state': 'done',
            'writeback_number': number,
            'writeback_error': False,
            'writeback_at': False,
        }
        if result.echo_at and naive(result.changed_at) <= self._get_known_until():
            values['updated_at'] = naive(result.echo_at)
            values['imported_at'] = naive(result.read_at.replace(microsecond=0))
            self._stage_number(number)
        self.write(values)

    def _stage_number(self, number):
        """Show the attribute on the staged order as Shopify has it."""
        self.ensure_one()
        known = self.attribute_ids.filtered(lambda attribute: attribute.key == ATTRIBUTE)
        if known:
            known.value = number
        else:
            known.create({'order_id': self.id, 'key': ATTRIBUTE, 'value': number})

    def _forget_echoes(self):
        """Take out of *Orders to Import* what a discovery has noted of our own changes since."""
        known_until = {order.shopify_id: order._get_known_until() for order in self}
        imports = self.env['shopify.order.import']
        rows = imports._search_gids(self.store_id, list(known_until)).filtered(
            lambda row: (
                row.state == 'pending'
                and not row.requested
                and row.updated_at <= known_until[row.shopify_id]
            )
        )
        rows.try_lock_for_update().with_context(shopify_imported=True).unlink()

    def _tell_written_number(self):
        self.ensure_one()
        return self.env._(
            "Number %(number)s written to the order in Shopify.", number=self.writeback_number
        )
