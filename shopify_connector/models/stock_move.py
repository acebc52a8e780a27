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
