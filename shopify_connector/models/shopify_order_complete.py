import logging

from odoo import fields, models

from ..exceptions import describe_error
from ..isolation import run_isolated
from .shopify_order import IMPORT_CONTEXT

_logger = logging.getLogger(__name__)

# Pick, pack and ship is the longest route that Odoo offers.
ROUTE_STEPS = 3


# pylint: disable=consider-merging-classes-inherited
# What follows a sales order is a chapter of its own.
class ShopifyOrder(models.Model):
    """What follows the sales order of an order that Shopify has shipped already (R-69, R-70)."""

    _inherit = 'shopify.order'

    follow_error = fields.Text(
        string="Not Finished",
        readonly=True,
        help="Why delivery or invoice of what Shopify has shipped could not be completed.",
    )

    # === ACTION METHODS === #

    def action_complete_documents(self):
        """Try again to deliver and invoice what Shopify has shipped."""
        self.check_access('write')
        self._complete_documents()
        failed = self.filtered('follow_error')
        message = self.env._("Deliveries and invoices are complete.")
        if failed:
            message = self.env._("%(count)s orders could not be finished.", count=len(failed))
        return self.env['shopify.store']._notify(message, 'warning' if failed else 'success')

    # === BUSINESS METHODS === #

    def _is_historic(self):
        """Return whether the order is from before the go-live date of its shop."""
        self.ensure_one()
        go_live = self.shop_id.go_live_date
        return bool(go_live and self.document_date and self.document_date < go_live)

    def _keeps_stock_out(self):
        """Return whether what was shipped counts as delivered without a move of stock."""
        return self._is_historic() and self.shop_id.historic_policy == 'no_stock'

    def _is_gift_cards_only(self):
        """Return whether nothing but gift cards was sold: Shopify sends them by itself (R-70)."""
        self.ensure_one()
        sold = self.line_ids.filtered(lambda line: line._get_sold_quantity())
        return set(sold.mapped('kind')) == {'gift_card'}

    def _is_to_invoice(self):
        """Return whether the confirmed sales order is to be invoiced right away."""
        self.ensure_one()
        sale = self.sale_order_ids.filtered(lambda sale: sale.state == 'sale')
        if not sale or sale.invoice_ids.filtered(lambda move: move.state != 'cancel'):
            return False
        shipped = self.fulfillment_status == 'FULFILLED'
        return self._is_gift_cards_only() or (
            shipped and self.shop_id.fulfilled_policy == 'invoice'
        )

    def _complete_documents(self):
        """Deliver and invoice what Shopify has shipped, dated as there.

        Each part may fail by itself: the sales order stays, says why, and can be tried again.
        """
        quiet = self.with_context(**IMPORT_CONTEXT, shopify_shipped=True).sudo()
        groups = quiet.grouped(lambda order: (order.shop_id, order.company_id))
        for (shop, company), orders in groups.items():
            mine = shop._as_sync_user(orders).with_company(company)
            mine.filtered('follow_error').follow_error = False
            shipped = mine.filtered(
                lambda order: any(line._get_shipped_quantity() for line in order.line_ids)
            )
            run_isolated(shipped, lambda part: part._deliver_shipped(), lambda o, e: o._note(e))
            billed = mine.filtered(lambda order: order._is_to_invoice())
            run_isolated(billed, lambda part: part._invoice_shipped(), lambda o, e: o._note(e))

    def _note(self, error):
        """Keep why a part could not be completed."""
        self.ensure_one()
        _logger.info("Shopify order %s could not be finished", self.name, exc_info=error)
        reason = describe_error(self.env, error).message
        self.follow_error = '\n'.join(filter(None, (self.follow_error, reason)))

    def _deliver_shipped(self):
        """Do the deliveries of what Shopify has shipped, one step of the route after the other."""
        done = self.env['stock.picking']
        for _step in range(ROUTE_STEPS):
            moves = self.line_ids.sale_line_ids.filtered(
                lambda line: line.state == 'sale'
            )._shopify_take_moves()
            if not moves:
                break
            moves.picking_id._action_done()
            done += moves.picking_id
        for picking in done:
            order = picking.sale_id.shopify_order_id
            shipments = order._get_shipments(picking)
            picking.write(order._prepare_done_values(picking, shipments))
            if picking.location_dest_id.usage == 'customer':
                shipments.picking_id = picking

    def _get_shipments(self, picking):
        """Return the shipments that a delivery stands for: of no other one, from its warehouse."""
        self.ensure_one()
        shipments = self.fulfillment_ids.filtered(
            lambda item: item._has_shipped() and not item.picking_id
        )
        own = shipments.filtered(
            lambda item: (
                item.location_id._get_warehouse(self.company_id)
                == picking.picking_type_id.warehouse_id
            )
        )
        return own or shipments

    def _prepare_done_values(self, picking, shipments):
        """Return date and tracking of a done delivery."""
        values = {'date_done': max(shipments.mapped('created_at'), default=picking.date_done)}
        if picking.picking_type_code == 'outgoing':
            numbers = [number for number in shipments.mapped('tracking_number') if number]
            values['carrier_tracking_ref'] = ', '.join(numbers) or False
        return values

    def _invoice_shipped(self):
        """Create and post one invoice for each order, of the day on which the buyer ordered."""
        sales = self.sale_order_ids
        sales._force_lines_to_invoice_policy_order()
        invoices = sales._create_invoices(grouped=True, final=True)
        for (day, has_term), moves in invoices.grouped(
            lambda move: (move.shopify_order_id.document_date, bool(move.invoice_payment_term_id))
        ).items():
            moves.write({'invoice_date': day, **({} if has_term else {'invoice_date_due': day})})
        invoices.action_post()
