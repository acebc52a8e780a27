from odoo import fields, models

from ..shopify_api import send


class ShopifyCancelOrder(models.TransientModel):
    """Cancel an order in Shopify (R-63)."""

    _name = 'shopify.cancel.order'
    _description = "Cancel a Shopify Order"

    order_id = fields.Many2one('shopify.order', required=True, readonly=True, ondelete='cascade')
    reason = fields.Selection(
        [
            ('CUSTOMER', "The customer changed their mind"),
            ('DECLINED', "The payment was declined"),
            ('FRAUD', "Fraud"),
            ('INVENTORY', "Items are not available"),
            ('STAFF', "Mistake of ours"),
            ('OTHER', "Other"),
        ],
        required=True,
        default='OTHER',
        help="Shown on the order in Shopify.",
    )
    notify_customer = fields.Boolean(
        default=True, help="Shopify tells the customer by e-mail that the order is cancelled."
    )
    refund = fields.Boolean(
        default=True,
        help="Shopify pays back what the customer paid, by the way it was paid."
        " Off: the money stays until someone refunds it.",
    )
    restock = fields.Boolean(
        default=True, help="The items are available again in the stock that Shopify keeps."
    )
    staff_note = fields.Char(
        string="Note", size=255, help="For your staff only, on the order in Shopify."
    )

    def action_cancel(self):
        """Cancel the order in Shopify and read it again (R-64)."""
        self.ensure_one()
        order = self.order_id
        order._change_in_shopify(self._cancel, lambda: bool(order.cancelled_at))
        if order.cancelled_at:
            reason = dict(self._fields['reason']._description_selection(self.env))[self.reason]
            order._add_event('sent', self.env._("Cancelled in Shopify: %(reason)s.", reason=reason))
            message = self.env._("%(order)s is cancelled in Shopify.", order=order.name)
        else:
            message = self.env._(
                "Shopify is still cancelling %(order)s; the next import brings the result.",
                order=order.name,
            )
        return self.env['shopify.store']._notify(message)

    def _cancel(self, client):
        how = send.Cancellation(
            reason=self.reason,
            restock=self.restock,
            refund=self.refund,
            notify=self.notify_customer,
            note=self.staff_note or '',
        )
        send.cancel(client, self.order_id.shopify_id, how)
