from odoo import api, fields, models


class ShopifyPaymentMethod(models.Model):
    """What stands for a payment gateway of Shopify; one row for each one that was ever seen."""

    _name = 'shopify.payment.method'
    _description = "Shopify Payment Method"
    _order = 'shop_id, name'
    _check_company_auto = True

    name = fields.Char(
        string="Payment Method",
        required=True,
        readonly=True,
        help="Name of the gateway in Shopify.",
    )
    gateway = fields.Char(required=True, readonly=True, help="Code of the gateway in Shopify.")
    shop_id = fields.Many2one(
        'shopify.shop', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True
    )
    journal_id = fields.Many2one(
        'account.journal',
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash', 'credit'))]",
        help="Journal in which payments of this method are booked.",
    )
    payment_method_line_id = fields.Many2one(
        'account.payment.method.line',
        string="Journal Method",
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
        help="Payment method of the journal; it gives the account that money waits on.",
    )

    _gateway_uniq = models.UniqueIndex(
        "(shop_id, gateway)", "This payment method is mapped already."
    )

    @api.onchange('journal_id')
    def _onchange_journal_id(self):
        lines = self.journal_id.inbound_payment_method_line_ids
        if self.payment_method_line_id not in lines:
            self.payment_method_line_id = lines[:1]

    @api.model
    def _learn(self, shop, transactions):
        """Return gateway → row for the transactions of one shop; unknown gateways get a row.

        :param list transactions: :class:`~..shopify_api.order.Transaction`
        """
        names = {item.gateway: item.gateway_name for item in transactions if item.gateway}
        if not names:
            return {}
        known = {
            method.gateway: method
            for method in self.search([('shop_id', '=', shop.id), ('gateway', 'in', sorted(names))])
        }
        missing = sorted(set(names) - set(known))
        created = self.create(
            [
                {'shop_id': shop.id, 'gateway': gateway, 'name': names[gateway] or gateway}
                for gateway in missing
            ]
        )
        return {**known, **dict(zip(missing, created, strict=True))}
