from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..exceptions import Problem
from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyError


class ShopifyShippingMethod(models.Model):
    """What stands for a shipping method of Shopify; one row for each one that was ever seen."""

    _name = 'shopify.shipping.method'
    _description = "Shopify Shipping Method"
    _order = 'shop_id, name'
    _check_company_auto = True

    name = fields.Char(
        string="Shipping Method",
        required=True,
        help="Title of the shipping charge, as the buyer and the Shopify order show it.",
    )
    shop_id = fields.Many2one('shopify.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True
    )
    carrier_id = fields.Many2one(
        'delivery.carrier',
        string="Delivery Method",
        check_company=True,
        help="Delivery method of the sales order and its deliveries: shipping agent and service."
        " With several charges, the first one of the order decides.",
    )
    incoterm_id = fields.Many2one('account.incoterms', help="Incoterm of the sales order.")
    charge_kind = fields.Selection(
        [
            ('shop', "Shipping product of the shop"),
            ('product', "Product"),
            ('account', "Account"),
            ('spread', "Spread over the items"),
        ],
        string="Charge As",
        required=True,
        default='shop',
        help="What the charge becomes on the sales order. Product: the product beside. Account: the"
        " shipping product of the shop, booked on the account beside. Spread over the items: one"
        " line for each item, equal parts, booked on the income account of the item.",
    )
    product_id = fields.Many2one(
        'product.product',
        check_company=True,
        help="Stands for the charge on sales orders, when it is charged as a product.",
    )
    account_id = fields.Many2one(
        'account.account',
        check_company=True,
        help="Income account of the charge, when it is charged as an account.",
    )
    decision = fields.Char(string="Found By", readonly=True)

    _name_uniq = models.UniqueIndex("(shop_id, name)", "This shipping method is mapped already.")
    _charge_complete = models.Constraint(
        "CHECK ((charge_kind != 'product' OR product_id IS NOT NULL)"
        " AND (charge_kind != 'account' OR account_id IS NOT NULL))",
        "Choose the product or the account that stands for the charge.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Remember that a user chose the delivery method."""
        if 'carrier_id' in vals and not self.env.context.get('shopify_mapping'):
            vals = {
                **vals,
                'decision': self.env._("chosen by hand") if vals['carrier_id'] else False,
            }
        result = super().write(vals)
        if vals.keys() & {'carrier_id', 'charge_kind'}:
            self._try_orders_again()
        return result

    def _try_orders_again(self):
        """Have the orders tried again that wait for these methods to be mapped (M-08)."""
        self.env['shopify.order']._try_again_where(
            Domain('shop_id', 'in', self.shop_id.ids)
            & Domain('error_code', '=', 'no_shipping')
            & Domain('error_subject', 'in', self.mapped('name'))
        )

    # === ACTION METHODS === #

    def action_fetch(self):
        """Fetch the shipping methods of all connected stores (R-28)."""
        shops = self.env['shopify.shop'].search([('store_id.state', '=', 'connected')])
        shops.check_access('write')
        for store, of_store in shops.grouped('store_id').items():
            self.sudo()._fetch(store, of_store)

    # === BUSINESS METHODS === #

    @api.model
    def _fetch(self, store, shops):
        """Give each shop of a store a row for each shipping method that Shopify offers (R-28).

        :raise UserError: when the app may not read them, or Shopify does not answer.
        """
        if not store._may_read('shipping'):
            raise UserError(
                self.env._(
                    "The app of %(store)s may not read shipping methods: it lacks the access scope"
                    " read_shipping. Methods are still learned from orders.",
                    store=store.name,
                )
            )
        try:
            names = set(fetch.shipping_methods(store._get_client()))
        except ShopifyError as error:
            raise UserError(str(error)) from error
        self._find_or_create([(shop, name) for shop in shops for name in sorted(names)])

    @api.model
    def _find_or_create(self, pairs):
        """Return (shop id, name) → row for pairs of shop and title; unknown ones get a row (R-35).

        A new row takes the delivery method of the same name, when there is exactly one.
        """
        wanted = {(shop.id, _title(name)): shop for shop, name in pairs}
        if not wanted:
            return {}
        known = {
            (method.shop_id.id, method.name): method
            for method in self.search(
                [
                    ('shop_id', 'in', [shop_id for shop_id, _name in wanted]),
                    ('name', 'in', [name for _shop_id, name in wanted]),
                ]
            )
        }
        missing = [key for key in wanted if key not in known]
        created = self.create([{'shop_id': shop_id, 'name': name} for shop_id, name in missing])
        created._suggest()
        return {**known, **dict(zip(missing, created, strict=True))}

    @api.model
    def _pick(self, found, shop, name):
        """Return the row of a title among what :meth:`_find_or_create` returned."""
        return found[shop.id, _title(name)]

    def _suggest(self):
        """Take the delivery method that is named alike, when there is exactly one."""
        if not self:
            return
        carriers = self.env['delivery.carrier'].search(
            [('company_id', 'in', [False, *self.company_id.ids])]
        )
        for method in self:
            alike = carriers.filtered(
                lambda carrier, method=method: (
                    carrier.name.casefold() == method.name.casefold()
                    and carrier.company_id in (carrier.company_id.browse(), method.company_id)
                )
            )
            if len(alike) == 1:
                method.with_context(shopify_mapping=True).write(
                    {'carrier_id': alike.id, 'decision': self.env._("same name")}
                )

    def _is_mapped(self):
        """Return whether somebody, or its name, has said what the method is in Odoo."""
        self.ensure_one()
        return bool(self.carrier_id) or self.charge_kind != 'shop'

    def _get_problem(self):
        """Return why an order of this method waits, where the shop wants methods to be mapped."""
        self.ensure_one()
        return Problem(
            'no_shipping',
            self.env._(
                "The shipping method %(method)s is not mapped. Choose its delivery method under"
                " Shopify → Configuration → Mappings → Shipping Methods.",
                method=self.name,
            ),
            subject=self.name,
        )

    def _get_account(self):
        """Return the account of the charge, none when its product decides."""
        return self.account_id if self.charge_kind == 'account' else self.account_id.browse()


def _title(name):
    """Return the key of a title; merged charges of Shopify have none and are all "Shipping"."""
    return ' '.join((name or '').split()) or 'Shipping'
