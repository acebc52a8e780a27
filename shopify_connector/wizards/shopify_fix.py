from odoo import api, fields, models
from odoo.exceptions import UserError


class ShopifyFix(models.TransientModel):
    """Set what a cause lacks, once, and try all its orders again (M-08)."""

    _name = 'shopify.fix'
    _description = "Fix What Shopify Orders Wait For"

    problem_id = fields.Many2one('shopify.problem', required=True, readonly=True)
    shop_id = fields.Many2one(related='problem_id.shop_id')
    company_id = fields.Many2one(related='problem_id.company_id')
    message = fields.Text(related='problem_id.message')
    subject = fields.Char(related='problem_id.subject')
    order_count = fields.Integer(related='problem_id.order_count')
    asked_field = fields.Char(compute='_compute_asked_field')
    tax_id = fields.Many2one(
        'account.tax',
        string="Tax in Odoo",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        help="Stands for this tax of Shopify from now on.",
    )
    product_id = fields.Many2one(
        'product.product',
        domain="[('company_id', 'in', [company_id, False])]",
        help="Is sold for this item. Items that are a variant in Shopify are linked for good.",
    )
    partner_id = fields.Many2one(
        'res.partner',
        string="Customer",
        domain="[('company_id', 'in', [company_id, False])]",
        help="Customer of the orders that wait.",
    )
    warehouse_id = fields.Many2one(
        'stock.warehouse',
        domain="[('company_id', '=', company_id)]",
        help="Ships from now on what Shopify assigns to this location.",
    )

    carrier_id = fields.Many2one(
        'delivery.carrier',
        string="Delivery Method",
        domain="[('company_id', 'in', [company_id, False])]",
        help="Stands for this shipping method of Shopify from now on.",
    )

    @api.depends('problem_id')
    def _compute_asked_field(self):
        fields_by_code = self._get_fields_by_code()
        for wizard in self:
            wizard.asked_field = fields_by_code.get(wizard.problem_id.code)

    @api.model
    def _get_fields_by_code(self):
        """Return error code → the field here that cures it; ``_apply_<code>`` uses its value."""
        return {
            'no_customer': 'partner_id',
            'no_location': 'warehouse_id',
            'no_product': 'product_id',
            'no_shipping': 'carrier_id',
            'no_shop_product': 'product_id',
            'no_tax': 'tax_id',
        }

    def action_fix(self):
        """Set it and try all orders of the cause again."""
        self.ensure_one()
        problem = self.problem_id
        self.env['shopify.order'].check_access('write')
        orders = problem._get_orders()
        value = self[self.asked_field] if self.asked_field else False
        if not value:
            raise UserError(self.env._("Choose what is missing first."))
        getattr(self, f'_apply_{problem.code}')(orders, value)
        return problem._try_again(orders)

    # === ONE METHOD PER CAUSE === #

    def _apply_no_tax(self, orders, tax):
        mappings = orders.tax_line_ids.tax_id.filtered(
            lambda mapping: not mapping.tax_id and mapping._get_subject() == self.subject
        )
        mappings.tax_id = tax

    def _apply_no_product(self, orders, product):
        lines = self._get_lines(orders)
        lines.product_id = product
        variants = self.env['shopify.variant']
        gids = [line.variant_gid for line in lines if line.variant_gid]
        known = variants.search(
            [('store_id', '=', self.shop_id.store_id.id), ('shopify_id', 'in', gids)]
        )
        known.product_id = product
        variants._link(self.shop_id.store_id, lines)

    def _apply_no_shop_product(self, orders, product):
        field_name = orders.line_ids._get_stand_in_fields()[self.subject]
        self.shop_id[field_name] = product

    def _apply_no_location(self, orders, warehouse):
        locations = self.env['shopify.location'].with_context(active_test=False)
        locations.search(
            [('store_id', 'in', orders.store_id.ids), ('name', '=', self.subject)]
        ).warehouse_id = warehouse

    def _apply_no_shipping(self, orders, carrier):
        methods = orders.shipping_line_ids.method_id
        methods.filtered(lambda method: method.name == self.subject).carrier_id = carrier

    def _apply_no_customer(self, orders, partner):
        orders.partner_id = partner

    def _get_lines(self, orders):
        """Return the lines of orders that lack the product in question."""
        return orders.line_ids.filtered(
            lambda line: (
                not line.product_id
                and line._get_sold_quantity()
                and line._get_product_problem().subject == self.subject
            )
        )
