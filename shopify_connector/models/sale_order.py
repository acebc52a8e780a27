import pytz

from odoo import fields, models
from odoo.fields import Command


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    shopify_order_id = fields.Many2one(
        'shopify.order',
        index='btree_not_null',
        copy=False,
        readonly=True,
        ondelete='set null',
    )
    shopify_shop_id = fields.Many2one(
        related='shopify_order_id.shop_id', store=True, index='btree_not_null'
    )
    shopify_order_name = fields.Char(
        related='shopify_order_id.name', store=True, string="Shopify Order No."
    )

    # Exactly once, whatever two workers do.
    _shopify_order_uniq = models.UniqueIndex(
        "(shopify_order_id) WHERE shopify_order_id IS NOT NULL",
        "This Shopify order has a sales order already.",
    )

    def action_view_shopify_order(self):
        """Open the Shopify order behind the sales order."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'shopify.order',
            'res_id': self.shopify_order_id.id,
            'view_mode': 'form',
        }

    def action_confirm(self):
        """Override of `sale` to deliver and invoice what Shopify has shipped already (R-69)."""
        result = super().action_confirm()
        orders = self.sudo().shopify_order_id  # whoever confirms may not see them
        if self.env.context.get('shopify_reserve_later'):
            orders.to_reserve = True
        else:
            orders._complete_documents()
        return result

    def _compute_currency_rate(self):
        """Override of `sale` to take the rate of the day on which the buyer ordered (R-27).

        Odoo takes the day in UTC; at midnight, order and invoice would have different rates.
        """
        ours = self.filtered(
            lambda sale: sale.shopify_order_id and sale.currency_id != sale.company_id.currency_id
        )
        result = super(SaleOrder, self - ours)._compute_currency_rate()
        for sale in ours:
            order = sale.shopify_order_id.sudo()  # whoever sells may not see it
            moment = pytz.utc.localize(sale.date_order or fields.Datetime.now())
            sale.currency_rate = order._get_rate(order._to_day(moment, order.shop_id._get_tz()))
        return result

    def _prepare_confirmation_values(self):
        """Override of `sale` to keep the date on which the buyer ordered."""
        values = super()._prepare_confirmation_values()
        if self.env.context.get('shopify_keep_date_order'):
            values.pop('date_order', None)
        return values

    def _prepare_invoice(self):
        """Override of `sale` to link invoices to the Shopify order."""
        return {**super()._prepare_invoice(), 'shopify_order_id': self.shopify_order_id.id}

    # === BUSINESS METHODS === #

    def _shopify_prepare_values(self, order, defaults):
        """Return the values of the sales order of a mapped Shopify order; writes nothing.

        All fields that Odoo would compute one by one are given (primer 2.1 and 8.5).
        """
        shop = order.shop_id
        values = {
            'shopify_order_id': order.id,
            'partner_id': order.partner_id.id,
            'partner_invoice_id': order.partner_invoice_id.id,
            'partner_shipping_id': order.partner_shipping_id.id,
            'company_id': order.company_id.id,
            'client_order_ref': order.po_number or order.name,
            'origin': order.name,
            'date_order': order.created_at,
            'pricelist_id': defaults['pricelists'][order.currency_id].id,
            'fiscal_position_id': order._get_fiscal_position().id,
            'payment_term_id': False,
            'preferred_payment_method_line_id': False,
            'user_id': False,
            'team_id': shop.team_id.id,
            'warehouse_id': defaults['warehouse'].id,
            'note': order.note,
            **order.shipping_line_ids._prepare_header_values(),
            'validity_date': False,
            'require_signature': False,
            'require_payment': False,
            'order_line': [Command.create(line) for line in self._shopify_prepare_lines(order)],
        }
        if 'quotation_document_ids' in self._fields:
            values['quotation_document_ids'] = []
        if shop.use_order_name:
            values['name'] = f"{shop.order_name_prefix or ''}{order.name}"
        elif self.env.context.get('shopify_dry_run'):
            values['name'] = order.name  # takes no number of the sequence, which has no way back
        return values

    def _shopify_prepare_lines(self, order):
        """Return the values of all lines, in the order in which Shopify shows them."""
        lines = self.env['sale.order.line']
        sold = order.line_ids.filtered(lambda line: line._get_sold_quantity())
        charges = order.shipping_line_ids.filtered(lambda line: line.price and not line.is_removed)
        values = [
            *([lines._shopify_prepare_note(order)] if order.shop_id.order_number_on_line else []),
            *(lines._shopify_prepare_item(line) for line in sold),
            *(lines._shopify_prepare_fee(fee) for fee in order.fee_ids),
            *([lines._shopify_prepare_tip(order)] if order._has_separate_tip() else []),
            *(part for charge in charges for part in lines._shopify_prepare_shipping(charge, sold)),
            *([lines._shopify_prepare_cash_rounding(order)] if order.cash_rounding else []),
        ]
        for sequence, item in enumerate(values):
            item['sequence'] = sequence
        return values

    def _shopify_add_rounding(self, amount):
        """Add a line for the cents that rounding alone explains.

        :param Decimal amount: in the currency of the order, may be negative.
        """
        self.ensure_one()
        values = self.env['sale.order.line']._shopify_prepare_rounding(
            self.shopify_order_id, amount
        )
        self.write({'order_line': [Command.create(values)]})

    def _shopify_confirm(self):
        """Confirm orders with the date of the buyer."""
        self.with_context(shopify_keep_date_order=True).action_confirm()

    def _shopify_has_open_moves(self):
        """Return whether goods of the order have yet to leave."""
        self.ensure_one()
        return any(move.state not in ('done', 'cancel') for move in self.order_line.move_ids)
