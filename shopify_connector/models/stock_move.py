from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _assign_picking_post_process(self, new=False):
        """Override of `stock` to leave out the message on each delivery that a batch creates."""
        quiet = self.env.context.get('shopify_keep_date_order')
        return super()._assign_picking_post_process(new=new and not quiet)
