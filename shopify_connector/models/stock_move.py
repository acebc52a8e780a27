from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _assign_picking_post_process(self, new=False):
        """Override of `stock` to leave out the message on each delivery that a batch creates."""
        quiet = self.env.context.get('shopify_keep_date_order')
        return super()._assign_picking_post_process(new=new and not quiet)

    def _should_assign_at_confirm(self):
        """Override of `stock` to let a batch reserve its stock afterwards, one worker at a time.

        Two workers that reserve at once meet on the rows of `stock.quant`, and PostgreSQL refuses
        one of them; see ``shopify.order._reserve_next``.
        """
        later = self.env.context.get('shopify_reserve_later')
        return not later and super()._should_assign_at_confirm()

    def _action_done(self, cancel_backorder=False):
        """Override of `stock` to tell Shopify what left: every way to do a delivery passes here.

        The button, a batch transfer, a backorder and RPC do pickings; some modules do only moves.
        """
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        done = moves.filtered(lambda move: move.state == 'done')
        done.picking_id._shopify_note_done()
        done.origin_returned_move_id.picking_id._shopify_note_returned()
        return moves

    # === BUSINESS METHODS === #

    def _shopify_get_units(self):
        """Return the units of the sales order line that are out: moved, less what came back.

        What came back counts as Odoo counts it: when it is to be refunded.
        """
        self.ensure_one()
        unit = self.sale_line_id.product_uom_id
        back = self.returned_move_ids.filtered(lambda move: move.state == 'done' and move.to_refund)
        return self.product_uom._compute_quantity(self.quantity, unit) - sum(
            move.product_uom._compute_quantity(move.quantity, unit) for move in back
        )

    def _shopify_is_component(self):
        """Return whether the move is a part of a kit: its number says nothing about the kit."""
        self.ensure_one()
        return self.product_id != self.sale_line_id.product_id
