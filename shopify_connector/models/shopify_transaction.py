from odoo import api, fields, models

from ..shopify_api import gid
from ..shopify_api.order import naive


class ShopifyTransaction(models.Model):
    _name = 'shopify.transaction'
    _description = "Shopify Payment Transaction"
    _order = 'processed_at, id'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    shop_id = fields.Many2one(related='order_id.shop_id', store=True, index=True, precompute=True)
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related='order_id.currency_id')
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    kind = fields.Char(readonly=True)
    status = fields.Char(readonly=True)
    gateway = fields.Char(readonly=True)
    gateway_name = fields.Char(string="Payment Method", readonly=True)
    method_id = fields.Many2one(
        'shopify.payment.method',
        string="Mapping",
        index='btree_not_null',
        readonly=True,
        ondelete='set null',
    )
    test = fields.Boolean(readonly=True)
    processed_at = fields.Datetime(string="Date", readonly=True)
    payment_reference = fields.Char(readonly=True)
    error_code = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True)
    presentment_currency_id = fields.Many2one(related='order_id.presentment_currency_id')
    presentment_amount = fields.Monetary(
        string="Amount for the Buyer", currency_field='presentment_currency_id', readonly=True
    )
    store_currency_id = fields.Many2one(related='order_id.store_currency_id')
    store_amount = fields.Monetary(
        string="Amount in the Store's Currency", currency_field='store_currency_id', readonly=True
    )
    parent_shopify_id = fields.Char(string="Parent", readonly=True)

    _shopify_id_uniq = models.UniqueIndex(
        "(order_id, shopify_id)", "This transaction of the order is known already."
    )

    @api.depends('gateway_name', 'kind', 'shopify_id')
    def _compute_display_name(self):
        for transaction in self:
            number = gid.number(transaction.shopify_id)
            transaction.display_name = f'{transaction.gateway_name or transaction.kind} {number}'

    # === BUSINESS METHODS === #

    @api.model
    def _stage(self, pairs):
        """Write the transactions of many orders of one shop; unknown gateways get a row."""
        items = [(record, item) for record, order in pairs for item in order.transactions]
        methods = self.env['shopify.payment.method']._learn(
            self.env['shopify.order'].union(*(record for record, _item in items)).shop_id,
            [item for _record, item in items],
        )
        return self.create(
            [
                {
                    'order_id': record.id,
                    'shopify_id': item.gid,
                    'kind': item.kind,
                    'status': item.status,
                    'gateway': item.gateway,
                    'gateway_name': item.gateway_name,
                    'method_id': methods[item.gateway].id if item.gateway else False,
                    'test': item.test,
                    'processed_at': naive(item.processed_at or item.created_at),
                    'payment_reference': item.payment_id,
                    'error_code': item.error_code,
                    'amount': float(item.amount.amount),
                    'presentment_amount': float(item.amount.presentment),
                    'store_amount': float(item.amount.shop),
                    'parent_shopify_id': item.parent_gid,
                }
                for record, item in items
            ]
        )
