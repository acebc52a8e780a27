import ast

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..shopify_api import gid
from ..shopify_api.errors import ShopifyError


class ShopifyImportOrders(models.TransientModel):
    """Start an import by hand, with filters (R-42, R-43, R-44)."""

    _name = 'shopify.import.orders'
    _description = "Import Shopify Orders"

    shop_id = fields.Many2one(
        'shopify.shop', required=True, default=lambda self: self._default_shop_id()
    )
    mode = fields.Selection(
        [
            ('changes', "New and changed orders"),
            ('period', "Orders of a period"),
            ('single', "Certain orders"),
        ],
        required=True,
        default='changes',
        help="Which orders to look for in Shopify.",
    )
    date_from = fields.Datetime(string="Ordered From")
    date_to = fields.Datetime(string="Ordered To")
    order_names = fields.Char(
        string="Orders",
        help="Order numbers or addresses of orders in the Shopify admin, separated by commas,"
        " for example #1001, #1002.",
    )
    import_domain = fields.Char(
        string="Only Orders That Match",
        default='[]',
        help="Filter on the orders that were found, for example fully paid, tag or risk."
        " Empty: all of them.",
    )

    def _default_shop_id(self):
        shops = self.env['shopify.shop'].search([], limit=2)
        return shops if len(shops) == 1 else shops.browse()

    def action_import(self):
        """Collect the heads now, then import what matches in the background."""
        self.ensure_one()
        self.shop_id.check_access('read')
        rows = self._discover()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'shopify_connector.action_order_import'
        )
        return {**action, 'domain': [('id', 'in', rows.ids)], 'context': {}}

    def _discover(self):
        """Look for orders in Shopify and ask for the import of those that match.

        :return: rows of *Orders to Import*.
        """
        shop_sudo = self.shop_id.sudo()  # users start imports, but may not write what they find
        try:
            found = shop_sudo.store_id._discover_orders(self._get_search())
        except ShopifyError as error:
            raise UserError(str(error)) from error
        domain = Domain(ast.literal_eval(self.import_domain or '[]'))
        if self.mode != 'changes':
            domain &= Domain('id', 'in', found.ids)
        rows = shop_sudo._assign(domain)
        if not rows:
            raise UserError(
                self.env._(
                    "Nothing to import: no new or changed order matches the filter and belongs to"
                    " %(shop)s.",
                    shop=self.shop_id.name,
                )
            )
        rows._request()
        return rows.sudo(False)

    def _get_search(self):
        """Return the search in Shopify, ``None`` for what changed since the last time."""
        if self.mode == 'changes':
            return None
        if self.mode == 'period':
            return self._get_period_search()
        return self._get_single_search()

    def _get_period_search(self):
        terms = []
        if self.date_from:
            terms.append(f"created_at:>='{self.date_from.isoformat()}Z'")
        if self.date_to:
            terms.append(f"created_at:<='{self.date_to.isoformat()}Z'")
        if not terms:
            raise UserError(self.env._("Choose from when to when the orders were placed."))
        return ' '.join(terms)

    def _get_single_search(self):
        """Return a search for order numbers and addresses; whatever is typed stays text in it."""
        terms = []
        for part in (self.order_names or '').split(','):
            text = part.strip()
            found = gid.from_text('Order', text) if '/' in text else None
            if found:
                terms.append(f'id:{gid.number(found)}')
            elif text:
                quoted = text.replace('\\', '').replace("'", '').replace('"', '')
                terms.append(f"name:'{quoted}'")
        if not terms:
            raise UserError(self.env._("Enter at least one order number."))
        return ' OR '.join(f'({term})' for term in terms)
