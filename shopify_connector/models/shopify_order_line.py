from odoo import api, fields, models

from ..exceptions import Problem
from ..shopify_api.amounts import Sold, line_amounts
from ..shopify_api.money import to_decimal

KINDS = [
    ('product', "Product"),
    ('custom', "Custom item"),
    ('gift_card', "Gift card"),
    ('tip', "Tip"),
]

AMBIGUOUS = 'several products match'


class ShopifyOrderLine(models.Model):
    _name = 'shopify.order.line'
    _description = "Shopify Order Line"
    _order = 'order_id, sequence, id'
    _rec_name = 'title'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related='order_id.currency_id')
    sequence = fields.Integer(readonly=True)
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, default='product', readonly=True)
    title = fields.Char(readonly=True)
    variant_title = fields.Char(string="Variant", readonly=True)
    sku = fields.Char(string="SKU", readonly=True)
    barcode = fields.Char(readonly=True)
    variant_gid = fields.Char(readonly=True)
    product_gid = fields.Char(readonly=True)
    quantity = fields.Integer(readonly=True, help="Units as ordered and added.")
    removed_quantity = fields.Integer(
        string="Removed", readonly=True, help="Units that an edit in Shopify took off the order."
    )
    removed_tax = fields.Monetary(readonly=True, help="Taxes on the removed units, as in Shopify.")
    current_quantity = fields.Integer(
        string="Current", readonly=True, help="Units left after edits, refunds and returns."
    )
    requires_shipping = fields.Boolean(readonly=True)
    price_unit = fields.Float(
        string="Unit Price", min_display_digits='Product Price', readonly=True
    )
    discount = fields.Monetary(
        readonly=True, help="Exact discount on the line, its part of order discounts included."
    )
    presentment_price_unit = fields.Float(readonly=True, help="In the currency the buyer saw.")
    presentment_discount = fields.Float(readonly=True, help="In the currency the buyer saw.")
    subtotal = fields.Monetary(
        compute='_compute_subtotal',
        help="Price of the units less the discount, as in Shopify.",
    )
    tax_line_ids = fields.One2many('shopify.order.tax.line', 'line_id', string="Taxes")
    attribute_ids = fields.One2many('shopify.order.attribute', 'line_id', string="Attributes")
    location_id = fields.Many2one(
        'shopify.location', readonly=True, help="Where Shopify wants the line shipped from."
    )
    places = fields.Json(
        readonly=True, help="Location id, units shipped and units to ship, as Shopify has them."
    )
    product_id = fields.Many2one(
        'product.product',
        domain="[('company_id', 'in', [company_id, False])]",
        help="The product on the sales order. Choose one here when none was found.",
    )
    product_decision = fields.Char(string="Found By", readonly=True)
    manual_product = fields.Boolean(
        readonly=True, help="A user chose the product; an import does not change it."
    )
    sale_line_ids = fields.One2many(
        'sale.order.line', 'shopify_line_id', string="Sales Order Lines"
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(order_id, shopify_id)", "This line of the order is known already."
    )

    @api.depends('quantity', 'price_unit', 'discount')
    def _compute_subtotal(self):
        for line in self:
            line.subtotal = line.quantity * line.price_unit - line.discount

    @api.onchange('product_id')
    def _onchange_product_id(self):
        self.manual_product = bool(self.product_id)

    def write(self, vals):
        """Remember that a user chose the product, also from a list or over RPC."""
        if 'product_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {
                **vals,
                'manual_product': bool(vals['product_id']),
                'product_decision': self.env._("chosen by hand") if vals['product_id'] else False,
            }
        return super().write(vals)

    def _get_sold_quantity(self):
        """Return the units that were sold: as ordered, less what an edit took off again."""
        self.ensure_one()
        return max(0, self.quantity - self.removed_quantity)

    def _get_places(self):
        """Return location → (units shipped, units to ship); none when Shopify did not say."""
        self.ensure_one()
        locations = self.env['shopify.location'].sudo()
        return {
            locations.browse(location_id): (shipped, waiting)
            for location_id, shipped, waiting in self.places or ()
        }

    def _get_shipped_quantity(self):
        """Return the units that Shopify has shipped."""
        return sum(shipped for _location, shipped, _waiting in self.places or ())

    def _get_cut_quantity(self):
        """Return the sold units that will never be shipped: refunded before they were."""
        self.ensure_one()
        if not self.places:
            return 0
        sold = self._get_sold_quantity()
        known = sum(shipped + waiting for _location, shipped, waiting in self.places)
        return max(0, min(sold - known, sold - self.current_quantity))

    # === BUSINESS METHODS: STAGE === #

    @api.model
    def _stage(self, pairs, locations):
        """Write the lines of many orders; known ones keep their id, vanished ones go.

        :param list pairs: ``(staged order, Order of shopify_api)``
        :param dict locations: gid → id of the locations of the store.
        :return: (order id, line gid) → line
        """
        known = {
            (line.order_id.id, line.shopify_id): line
            for record, _order in pairs
            for line in record.line_ids
        }
        values = {
            (record.id, gid): {**line_values, 'order_id': record.id}
            for record, order in pairs
            for gid, line_values in self._prepare_stage(order, locations).items()
        }
        for key, line in known.items():
            if key in values:
                line.write(values.pop(key))
            else:
                line.unlink()
        known.update(zip(values, self.create(list(values.values())), strict=True))
        return known

    @api.model
    def _prepare_stage(self, order, locations):
        """Return line gid → values for the lines of one order of ``shopify_api``."""
        removed, cut_taxes = order.removed_quantities(), order.removed_taxes()
        assigned, places = order.line_locations(), order.line_places()
        return {
            item.gid: {
                **self._prepare_item(item),
                'sequence': sequence,
                'removed_quantity': removed.get(item.gid, 0),
                'removed_tax': float(cut_taxes[item.gid].amount) if item.gid in cut_taxes else 0,
                'location_id': locations.get(assigned.get(item.gid), False),
                'places': [
                    [locations.get(gid, False), *units]
                    for gid, units in places.get(item.gid, {}).items()
                ],
            }
            for sequence, item in enumerate(order.lines)
        }

    @api.model
    def _prepare_item(self, item):
        """Return what one line says by itself."""
        return {
            'shopify_id': item.gid,
            'kind': _kind(item),
            'title': item.title,
            'variant_title': item.variant_title,
            'sku': item.sku,
            'barcode': item.barcode,
            'variant_gid': item.variant_gid,
            'product_gid': item.product_gid,
            'quantity': item.quantity,
            'current_quantity': item.current_quantity,
            'requires_shipping': item.requires_shipping,
            'price_unit': float(item.unit_price.amount),
            'discount': float(item.discount.amount),
            'presentment_price_unit': float(item.unit_price.presentment),
            'presentment_discount': float(item.discount.presentment),
        }

    # === BUSINESS METHODS: WHAT WAS SOLD === #

    def _get_full_title(self):
        """Return title and variant as Shopify shows them together."""
        self.ensure_one()
        return ' - '.join(part for part in (self.title, self.variant_title) if part) or '?'

    def _get_product_key(self):
        """Return what tells the products of lines apart."""
        self.ensure_one()
        return self.variant_gid or self.sku or self.title

    # === BUSINESS METHODS: MAP === #

    def _map_locations(self):
        """Check that each location has a warehouse, where the shop insists on it (R-38).

        :return: order → problem for the orders with a location that has none.
        """
        problems = {}
        strict = self.filtered(lambda line: line.order_id.shop_id.location_policy == 'required')
        for line in strict.filtered(lambda line: line.location_id or line.places):
            company = line.order_id.company_id
            for location in line._get_places() or [line.location_id]:
                if location.warehouse_id.company_id != company:
                    problems.setdefault(line.order_id, location._get_problem())
        return problems

    def _map_products(self):
        """Decide the product of each line; a user's choice stays.

        The order of choice: by hand, the linked variant, SKU, barcode, a new product.

        :return: order → problem for the orders with a line that has no product.
        """
        todo = self.filtered(lambda line: not line.manual_product and line._get_sold_quantity())
        goods = todo.filtered(lambda line: line.kind == 'product')
        self._set_products(todo - goods, (todo - goods)._get_stand_ins())
        self._set_products(goods, goods._find_products())
        rest = goods.filtered(lambda line: not line.product_id)
        creating = rest.filtered(
            lambda line: line.order_id.shop_id.create_products and not line._is_ambiguous()
        )
        created = self.env['product.product']._shopify_create_missing(creating)
        reason = self.env._("new product")
        self._set_products(creating, {line: (product, reason) for line, product in created.items()})
        self.env['shopify.variant']._link(self.order_id.store_id, goods - rest + creating)
        return self._get_product_problems()

    @api.model
    def _set_products(self, lines, decisions):
        for line in lines:
            product, reason = decisions.get(line, (self.env['product.product'], False))
            if line.product_id != product or line.product_decision != reason:
                line.with_context(shopify_mapping=True).write(
                    {'product_id': product.id, 'product_decision': reason}
                )

    @api.model
    def _get_stand_in_fields(self):
        """Return kind of line → the field of the shop with the product that stands for it."""
        return {
            'custom': 'custom_product_id',
            'gift_card': 'gift_card_product_id',
            'tip': 'tip_product_id',
        }

    def _get_stand_ins(self):
        """Return line → (product, reason) for lines that are no product in Shopify."""
        field_names = self._get_stand_in_fields()
        labels = dict(self._fields['kind']._description_selection(self.env))
        return {
            line: (line.order_id.shop_id[field_names[line.kind]], labels[line.kind])
            for line in self
        }

    def _find_products(self):
        """Return line → (product, reason) by variant, SKU and barcode, in one search each."""
        products = self.env['product.product']
        variants = {
            variant.shopify_id: variant.product_id
            for variant in self.env['shopify.variant'].search(
                [
                    ('store_id', 'in', self.order_id.store_id.ids),
                    ('shopify_id', 'in', [gid for gid in self.mapped('variant_gid') if gid]),
                ]
            )
            if variant.product_id.active
        }
        company = self.order_id.company_id
        skus = products._shopify_search(company, 'default_code', set(self.mapped('sku')) - {False})
        codes = products._shopify_search(company, 'barcode', set(self.mapped('barcode')) - {False})
        found = {}
        for line in self:
            by_sku, by_code = skus.get(line.sku, products), codes.get(line.barcode, products)
            if variants.get(line.variant_gid):
                found[line] = (variants[line.variant_gid], self.env._("linked variant"))
            elif len(by_sku) == 1:
                found[line] = (by_sku, self.env._("SKU"))
            elif not by_sku and len(by_code) == 1:
                found[line] = (by_code, self.env._("barcode"))
            elif len(by_sku) > 1 or len(by_code) > 1:
                found[line] = (products, AMBIGUOUS)
        return found

    def _is_ambiguous(self):
        self.ensure_one()
        return self.product_decision == AMBIGUOUS

    def _get_product_problems(self):
        problems = {}
        for order, problem in self._list_product_problems():
            problems.setdefault(order, problem)
        return problems

    def _list_product_problems(self):
        """Return ``(order, problem)`` for each line that was sold and has no product."""
        return [
            (line.order_id, line._get_product_problem())
            for line in self
            if line._get_sold_quantity() and not line.product_id
        ]

    def _get_product_problem(self):
        self.ensure_one()
        subject = line_name = self._get_full_title()
        if self.sku:
            subject = self.sku
            line_name = f'{line_name} (SKU {self.sku})'
        if self.kind != 'product':
            return self._get_stand_in_problem(line_name)
        if self._is_ambiguous():
            message = self.env._(
                "Several products match %(line)s. Make internal reference and barcode unique, or"
                " choose the product on the order.",
                line=line_name,
            )
        else:
            message = self.env._(
                "No product matches %(line)s. Give a product this internal reference or barcode,"
                " choose a product on the order, or let the shop create missing products.",
                line=line_name,
            )
        return Problem('no_product', message, subject)

    def _get_stand_in_problem(self, line_name):
        """Return the problem of a line whose kind the shop has no product for: one cause a kind."""
        return Problem(
            'no_shop_product',
            self.env._(
                "The shop %(shop)s has no product that stands for %(line)s. Choose one there.",
                shop=self.order_id.shop_id.name,
                line=line_name,
            ),
            self.kind,
        )

    # === BUSINESS METHODS: AMOUNTS === #

    def _get_income_account(self):
        """Return the account on which the product of the line is booked."""
        self.ensure_one()
        accounts = self.product_id.product_tmpl_id._get_product_accounts()
        return accounts['income'] or self.env['account.account']

    def _get_amounts(self):
        """Return the :class:`~..shopify_api.amounts.LineAmounts` of what was sold."""
        self.ensure_one()
        digits = self.currency_id.decimal_places
        sold = Sold(
            self.quantity,
            to_decimal(self.price_unit),
            to_decimal(self.discount, digits),
            self.tax_line_ids._get_amounts(digits),
            to_decimal(self.removed_tax, digits),
        )
        return line_amounts(sold, self._get_sold_quantity(), self.order_id.taxes_included, digits)


def _kind(item):
    if item.is_gift_card:
        return 'gift_card'
    if item.is_tip:
        return 'tip'
    return 'product' if item.variant_gid or item.sku else 'custom'
