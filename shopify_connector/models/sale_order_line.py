from odoo import fields, models
from odoo.fields import Command

from ..shopify_api.amounts import Sold, line_amounts
from ..shopify_api.money import to_decimal


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
        warehouse = line.location_id.warehouse_id
        return {
            **self._shopify_prepare_line(
                line.order_id,
                line.product_id,
                line._get_full_title(),
                line._get_amounts(),
                line.tax_line_ids._get_account_taxes(),
            ),
            'shopify_line_id': line.id,
            'shopify_warehouse_id': (
                warehouse.id if warehouse.company_id == line.company_id else False
            ),
        }

    def _shopify_prepare_shipping(self, charge):
        """Return the values of the line for one shipping charge (R-06, R-34)."""
        order = charge.order_id
        return {
            **self._shopify_prepare_single(
                order,
                order.shop_id.shipping_product_id,
                charge.title,
                (charge.price, charge.discount, charge.tax_line_ids),
            ),
            'is_delivery': True,
        }

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
