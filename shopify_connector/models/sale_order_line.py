from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import float_round

from ..shopify_api.amounts import Sold, line_amounts
from ..shopify_api.money import share, to_decimal


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    shopify_line_id = fields.Many2one(
        'shopify.order.line', index='btree_not_null', copy=False, readonly=True, ondelete='set null'
    )
    shopify_warehouse_id = fields.Many2one(
        'stock.warehouse',
        copy=False,
        help="Warehouse of the Shopify location that is to ship this line.",
    )

    shopify_shipped_qty = fields.Float(
        string="Shipped before Odoo",
        digits='Product Unit',
        copy=False,
        readonly=True,
        help="Units that were shipped without a delivery in Odoo; they count as delivered.",
    )
    shopify_cut_qty = fields.Float(
        string="Refunded before Shipping",
        digits='Product Unit',
        copy=False,
        readonly=True,
        help="Units that were sold and refunded in Shopify before they were shipped; nobody ships"
        " them any more.",
    )
    shopify_account_id = fields.Many2one(
        'account.account',
        string="Account of the Charge",
        copy=False,
        help="Income account of the invoice line, when it is not the one of the product.",
    )

    @api.depends('shopify_shipped_qty')
    def _compute_qty_delivered(self):
        """Override of `sale_stock` to depend on what was shipped without a delivery."""
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """Override of `sale_stock` to count what was shipped without a delivery."""
        quantities = super()._prepare_qty_delivered()
        for line in self.filtered('shopify_shipped_qty'):
            quantities[line] = quantities.get(line, 0.0) + line.shopify_shipped_qty
        return quantities

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        """Override of `sale_stock` to ship nothing that was shipped or refunded before."""
        quantity = super()._get_qty_procurement(previous_product_uom_qty)
        return quantity + self.shopify_shipped_qty + self.shopify_cut_qty

    def _create_procurements(self, product_qty, procurement_uom, values):
        """Override of `sale_stock` to ship each part of a line from the place Shopify names."""
        return [
            procurement
            for warehouse, quantity in self._shopify_split(product_qty).items()
            for procurement in super(SaleOrderLine, self)._create_procurements(
                quantity,
                procurement_uom,
                {**values, 'warehouse_id': warehouse} if warehouse else values,
            )
        ]

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale` to book a charge on the account of its shipping method."""
        values = super()._prepare_invoice_line(**optional_values)
        if self.shopify_account_id:
            values['account_id'] = self.shopify_account_id.id
        return values

    def _prepare_procurement_values(self):
        """Override of `sale_stock` to ship each line from the warehouse of its location."""
        values = super()._prepare_procurement_values()
        if self.shopify_warehouse_id:
            values['warehouse_id'] = self.shopify_warehouse_id
        return values

    # === BUSINESS METHODS === #

    def _shopify_prepare_note(self, order):
        """Return the first line: the number of the Shopify order (R-14)."""
        return {
            'display_type': 'line_note',
            'name': self.env._("Shopify Order No.: %(name)s", name=order.name),
        }

    def _shopify_prepare_item(self, line):
        """Return the values of the line for one line of a Shopify order."""
        warehouse = line.location_id._get_warehouse(line.company_id)
        historic = line.order_id._keeps_stock_out()
        return {
            **self._shopify_prepare_line(
                line.order_id,
                line.product_id,
                line._get_full_title(),
                line._get_amounts(),
                line.tax_line_ids._get_account_taxes(),
            ),
            'shopify_line_id': line.id,
            'shopify_warehouse_id': warehouse.id,
            'shopify_shipped_qty': line._get_shipped_quantity() if historic else 0,
            'shopify_cut_qty': line._get_cut_quantity(),
        }

    def _shopify_prepare_shipping(self, charge, sold):
        """Return the values of the lines for one shipping charge (R-06, R-07, R-34).

        :param sold: the sold ``shopify.order.line`` of the order.
        """
        items = sold.filtered(lambda line: line.kind in ('product', 'custom'))
        if charge.method_id.charge_kind == 'spread' and items:
            return self._shopify_prepare_spread(charge, items)
        amounts = (charge.price, charge.discount, charge.tax_line_ids)
        return [
            {
                **self._shopify_prepare_single(
                    charge.order_id, charge._get_product(), charge.title, amounts
                ),
                'shopify_account_id': charge.method_id._get_account().id,
                'is_delivery': True,
            }
        ]

    def _shopify_prepare_spread(self, charge, items):
        """Return one line of the charge for each item, equal parts that add up to it (R-31)."""
        order = charge.order_id
        digits = order.currency_id.decimal_places
        taxes = charge.tax_line_ids._get_account_taxes()
        whole = [to_decimal(charge.price, digits), to_decimal(charge.discount, digits)]
        whole += charge.tax_line_ids._get_amounts(digits)
        values = []
        for index, item in enumerate(items):
            price, discount, *tax_amounts = (
                share(amount, index + 1, len(items), digits)
                - share(amount, index, len(items), digits)
                for amount in whole
            )
            sold = Sold(1, price, discount, tuple(tax_amounts))
            amounts = line_amounts(sold, 1, order.taxes_included, digits)
            name = self.env._("%(charge)s: %(item)s", charge=charge.title, item=item.title)
            values.append(
                {
                    **self._shopify_prepare_line(
                        order, charge._get_product(), name, amounts, taxes
                    ),
                    'shopify_account_id': item._get_income_account().id,
                    'is_delivery': True,
                }
            )
        return values

    def _shopify_prepare_cash_rounding(self, order):
        """Return the values of the line for what was rounded when the buyer paid in cash."""
        digits = order.currency_id.decimal_places
        amounts = line_amounts(Sold(1, to_decimal(order.cash_rounding, digits)), 1, False, digits)
        product = order.shop_id.cash_rounding_product_id
        return self._shopify_prepare_line(order, product, self.env._("Cash rounding"), amounts, [])

    def _shopify_prepare_fee(self, fee):
        """Return the values of the line for a duty or an additional fee."""
        order = fee.order_id
        amounts = (fee.price, 0.0, fee.tax_line_ids)
        return self._shopify_prepare_single(order, order.shop_id.fee_product_id, fee.name, amounts)

    def _shopify_prepare_tip(self, order):
        """Return the values of the line for a tip that is on no line of its own."""
        amounts = (order.total_tip, 0.0, order.tax_line_ids.browse())
        return self._shopify_prepare_single(
            order, order.shop_id.tip_product_id, self.env._("Tip"), amounts
        )

    def _shopify_prepare_rounding(self, order, amount):
        """Return the values of the line that settles a rounding difference."""
        amounts = line_amounts(Sold(1, amount), 1, False, order.currency_id.decimal_places)
        name = self.env._("Rounding difference to Shopify")
        product = order.shop_id.rounding_product_id
        return self._shopify_prepare_line(order, product, name, amounts, [])

    def _shopify_prepare_single(self, order, product, name, amounts):
        """Return the values of a line of one unit.

        :param tuple amounts: price, discount, tax lines.
        """
        price, discount, tax_lines = amounts
        digits = order.currency_id.decimal_places
        sold = Sold(
            1,
            to_decimal(price, digits),
            to_decimal(discount, digits),
            tax_lines._get_amounts(digits),
        )
        return self._shopify_prepare_line(
            order,
            product,
            name,
            line_amounts(sold, 1, order.taxes_included, digits),
            tax_lines._get_account_taxes(),
        )

    def _shopify_prepare_line(self, order, product, name, amounts, taxes):
        """Return the values of a line that equals Shopify to the cent, now and on the invoice.

        :param LineAmounts amounts: Shopify's own figures.
        :param list taxes: the ``account.tax`` of each amount in ``amounts.taxes``.
        """
        price = float(amounts.unit_price)
        if amounts.folded_discount:
            name = self.env._(
                "%(name)s (discount %(amount)s)", name=name, amount=amounts.folded_discount
            )
        return {
            'product_id': product.id,
            'product_uom_id': product.uom_id.id,
            'product_uom_qty': amounts.quantity,
            'name': name,
            'price_unit': price,
            # Differs from the price on purpose, so that Odoo keeps the price when the quantity
            # changes (primer 2.2).
            'technical_price_unit': 0.0 if price else -1.0,
            'discount': float(amounts.discount),
            'tax_ids': [Command.set(list(dict.fromkeys(tax.id for tax in taxes)))],
            'extra_tax_data': self._shopify_prepare_tax_data(order, amounts, taxes),
            'customer_lead': 0.0,
            'analytic_distribution': False,
        }

    def _shopify_prepare_tax_data(self, order, amounts, taxes):
        """Return what forces net and taxes of the line to Shopify's amounts (primer 2.3)."""
        if not taxes:
            return False
        net = float(amounts.net)
        by_tax = {}
        for tax, amount in zip(taxes, amounts.taxes, strict=True):
            by_tax[tax.id] = by_tax.get(tax.id, 0) + amount
        return {
            'currency_id': order.currency_id.id,
            'price_unit': float(amounts.unit_price),
            'quantity': amounts.quantity,
            'discount': float(amounts.discount),
            'rate': order.currency_rate,
            'manual_total_excluded_currency': net,
            'manual_tax_amounts': {
                str(tax_id): {'base_amount_currency': net, 'tax_amount_currency': float(amount)}
                for tax_id, amount in by_tax.items()
            },
        }

    # === BUSINESS METHODS: SHIPPED IN SHOPIFY === #

    def _shopify_split(self, quantity):
        """Return warehouse → units to ship from it; ``False`` stands for the one of the line.

        Only the first, whole delivery of a line follows Shopify; what changes later in Odoo ships
        from the warehouse of the line.
        """
        self.ensure_one()
        moved_to = self.env.context.get('shopify_moved_to')
        if moved_to:
            return {moved_to: quantity}
        staged = self.shopify_line_id.sudo()
        first = self.product_uom_qty - self.shopify_shipped_qty - self.shopify_cut_qty
        if len(staged.places or ()) < 2 or quantity != first:
            return {False: quantity}
        parts = defaultdict(float)
        for location, (shipped, waiting) in staged._get_places().items():
            units = min(quantity, waiting + (0 if self.shopify_shipped_qty else shipped))
            parts[location._get_warehouse(self.company_id)] += units
            quantity -= units
        parts[next(iter(parts))] += quantity
        return {warehouse: units for warehouse, units in parts.items() if units > 0}

    def _shopify_take_moves(self):
        """Set what Shopify shipped on the open moves of the lines, ready to be done.

        :return: the moves.
        """
        ready = self.env['stock.move']
        for line in self.filtered(lambda line: not line.shopify_shipped_qty):
            left = line._shopify_get_undelivered()
            for warehouse, quantity in left.items():
                ready += line._shopify_take(warehouse, quantity)
        return ready

    def _shopify_get_undelivered(self):
        """Return warehouse → units that Shopify shipped and Odoo has not delivered."""
        self.ensure_one()
        left = defaultdict(float)
        for location, (shipped, _waiting) in self.shopify_line_id._get_places().items():
            warehouse = location._get_warehouse(self.company_id)
            left[warehouse or self.order_id.warehouse_id] += shipped
        for move in self._shopify_get_moves().filtered(
            lambda move: move.state == 'done' and move.location_dest_usage == 'customer'
        ):
            left[move.picking_type_id.warehouse_id] -= move.quantity
        missing = sum(left.values())  # what left from elsewhere is delivered all the same
        parts = {}
        for warehouse, units in left.items():
            parts[warehouse] = max(0, min(units, missing))
            missing -= parts[warehouse]
        return {warehouse: units for warehouse, units in parts.items() if units}

    def _shopify_get_moves(self):
        # A kit moves its components, whose number says nothing about the kit.
        return self.move_ids.filtered(
            lambda move: move.state != 'cancel' and move.product_id == self.product_id
        )

    def _shopify_take(self, warehouse, quantity):
        """Set the quantity on the moves closest to the customer, own warehouse first."""
        taken = self.env['stock.move']
        moves = self._shopify_get_moves().filtered(
            lambda move: move.state != 'done' and not move.picked
        )
        for move in moves.sorted(
            lambda move: (
                move.picking_type_id.warehouse_id == warehouse,
                move.location_dest_usage == 'customer',
                bool(move.move_orig_ids),
            ),
            reverse=True,
        ):
            part = min(quantity, move.product_uom_qty)
            if part > 0:
                if move.quantity != part:
                    move.quantity = part
                move.picked = True
                taken += move
                quantity -= part
        return taken

    def _shopify_relocate(self, source, target, units):
        """Ship units from another warehouse, unless somebody has begun to ship them (R-89).

        :return: whether they are shipped from there now.
        """
        open_moves = self._shopify_get_moves().filtered(
            lambda move: (
                move.picking_type_id.warehouse_id == source
                and move.state not in ('done', 'cancel')
                and not move.picked
                and not move.picking_id.printed
                and not any(origin.state == 'done' for origin in move.move_orig_ids)
            )
        )
        if sum(open_moves.mapped('product_uom_qty')) < units:
            return False
        for move in open_moves:
            part = min(units, move.product_uom_qty)
            units -= part
            if part == move.product_uom_qty:
                move._action_cancel()
            elif part:
                move.product_uom_qty -= part
        if self._shopify_get_moves().picking_type_id.warehouse_id <= target:
            self.shopify_warehouse_id = target
        self.with_context(shopify_moved_to=target)._action_launch_stock_rule()
        return True

    # === BUSINESS METHODS: SHIPPED IN ODOO === #

    def _shopify_find_line(self):
        """Return the staged line that this one delivers units of; none for what Odoo added.

        A line that a user split off or entered anew counts for the line of the same product.
        """
        self.ensure_one()
        if self.shopify_line_id:
            return self.shopify_line_id
        same = self.order_id.order_line.filtered(
            lambda line: line.shopify_line_id and line.product_id == self.product_id
        )
        return same.shopify_line_id[:1]

    def _shopify_rides_along(self):
        """Return whether nothing of the line is ever in a delivery, though Shopify has to ship it.

        Gift cards are sent by Shopify itself, and a tip is no thing.
        """
        self.ensure_one()
        staged = self.shopify_line_id
        return staged.kind in ('product', 'custom') and self.product_id.type == 'service'

    def _shopify_get_delivered(self):
        """Return the whole units of the line that are delivered in all.

        Services go with the last delivery of goods, unless their delivery is noted by hand.
        """
        self.ensure_one()
        quantity = self.qty_delivered
        if self._shopify_rides_along() and not self.order_id._shopify_has_open_moves():
            quantity = self.product_uom_qty - self.shopify_cut_qty
        return int(float_round(quantity, precision_digits=6, rounding_method='HALF-UP'))
