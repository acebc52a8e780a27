from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class ShopifyProblem(models.Model):
    """One cause that keeps orders of a shop from going on, however many they are (M-08).

    Nothing is stored: orders, rows of *Orders to Import* and deliveries carry code and subject of
    their error, and equal ones make one entry, which is gone when the last of its orders is.
    """

    _name = 'shopify.problem'
    _description = "Shopify Problem"
    _auto = False
    _order = 'order_count desc, delivery_count desc, since, id'
    _rec_name = 'title'
    _depends = {
        'shopify.order': [
            'shop_id',
            'company_id',
            'document_state',
            'error_code',
            'error_subject',
            'error_message',
            'created_at',
        ],
        'shopify.order.import': [
            'shop_id',
            'company_id',
            'state',
            'error_code',
            'error_subject',
            'error_message',
            'created_at',
        ],
        'stock.picking': [
            'shopify_shop_id',
            'company_id',
            'shopify_state',
            'shopify_error_code',
            'shopify_message',
            'date_done',
        ],
    }

    shop_id = fields.Many2one('shopify.shop', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    code = fields.Char(readonly=True)
    subject = fields.Char(readonly=True, help="What is missing, for example a tax.")
    title = fields.Char(string="Cause", compute='_compute_title')
    message = fields.Text(string="Reason", readonly=True, help="As one of the orders says it.")
    order_count = fields.Integer(
        string="Orders", readonly=True, help="Orders that wait for this, staged or not."
    )
    delivery_count = fields.Integer(
        string="Deliveries", readonly=True, help="Deliveries that Shopify could not be told of."
    )
    import_count = fields.Integer(
        string="Not Imported", readonly=True, help="Those of them that could not even be staged."
    )
    since = fields.Datetime(
        string="Oldest",
        readonly=True,
        help="When the oldest of the orders was placed, or the oldest of the deliveries done.",
    )
    can_fix = fields.Boolean(compute='_compute_can_fix', help="What is missing can be set here.")

    @property
    def _table_query(self):
        # The id has to be the same each time for the same cause: it is made of the cause.
        return SQL(
            """
            SELECT ('x' || substr(md5(concat_ws('|', COALESCE(shop_id, 0), company_id, code,
                                                subject, kind = 'delivery')), 1, 7))::bit(28)::int
                   AS id,
                   shop_id, company_id, code, subject, min(message) AS message,
                   count(*) FILTER (WHERE kind != 'delivery') AS order_count,
                   count(*) FILTER (WHERE kind = 'row') AS import_count,
                   count(*) FILTER (WHERE kind = 'delivery') AS delivery_count,
                   min(created_at) AS since
              FROM (SELECT shop_id, company_id, COALESCE(error_code, '') AS code,
                           COALESCE(error_subject, '') AS subject, error_message AS message,
                           created_at, 'order' AS kind
                      FROM shopify_order
                     WHERE document_state = 'failed'
                 UNION ALL
                    SELECT shop_id, company_id, COALESCE(error_code, ''),
                           COALESCE(error_subject, ''), error_message, created_at, 'row'
                      FROM shopify_order_import
                     WHERE state = 'failed'
                 UNION ALL
                    SELECT shopify_shop_id, company_id, COALESCE(shopify_error_code, ''), '',
                           shopify_message, date_done, 'delivery'
                      FROM stock_picking
                     WHERE shopify_state = 'failed') failed
          GROUP BY shop_id, company_id, code, subject, kind = 'delivery'
            """
        )

    # === COMPUTE METHODS === #

    @api.depends('code', 'subject', 'delivery_count')
    @api.depends_context('lang')
    def _compute_title(self):
        of_orders, of_deliveries = self._get_titles(), self._get_delivery_titles()
        for problem in self:
            titles = of_deliveries if problem.delivery_count else of_orders
            problem.title = titles.get(problem.code) or problem.code or self.env._("Other")

    @api.depends('code', 'delivery_count')
    def _compute_can_fix(self):
        for problem in self:
            known = problem.code in self.env['shopify.fix']._get_fields_by_code()
            problem.can_fix = known and not problem.delivery_count

    @api.model
    def _get_titles(self):
        """Return code → what users call the cause; extend it with the codes of an extension."""
        return {
            'currency_decimals': self.env._("Currency rounded too much"),
            'no_currency': self.env._("Currency missing"),
            'no_customer': self.env._("No customer"),
            'no_location': self.env._("Location without warehouse"),
            'no_product': self.env._("Product missing"),
            'no_rate': self.env._("Exchange rate missing"),
            'no_shop_product': self.env._("No product for this kind of line"),
            'no_shipping': self.env._("Shipping method not mapped"),
            'no_tax': self.env._("Tax not mapped"),
            'odoo': self.env._("Odoo refuses"),
            'total_differs': self.env._("Total differs"),
            'unexpected': self.env._("Unexpected error"),
        }

    @api.model
    def _get_delivery_titles(self):
        """Return the same for deliveries, of which Shopify could not be told."""
        return {
            **self._get_titles(),
            'blocked': self.env._("Shipping blocked in Shopify"),
            'no_order': self.env._("Order gone from Shopify"),
            'on_hold': self.env._("On hold in Shopify"),
            'requested': self.env._("Others asked to ship"),
            'service': self.env._("Others ship in Shopify"),
            'shopify_refused': self.env._("Shopify refuses"),
            'too_many': self.env._("More shipped than sold"),
        }

    # === ACTION METHODS === #

    def action_fix(self):
        """Ask for what is missing and try all orders of the cause again."""
        self.ensure_one()
        if not self.can_fix:
            raise UserError(
                self.env._("This cannot be set here. Read the reason, mend it, then try again.")
            )
        return {
            'type': 'ir.actions.act_window',
            'name': self.title,
            'res_model': 'shopify.fix',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_problem_id': self.id},
        }

    def action_try_again(self):
        """Try all orders of the causes again; many of them go on in the background."""
        self.env['shopify.order'].check_access('write')
        pickings = self._get_pickings()
        if pickings:
            action = pickings.action_shopify_send()
            if not self.filtered('order_count'):
                return action
        orders, rows = self._get_orders(), self._get_import_rows()
        rows._request()
        return self._try_again(orders, len(rows))

    def action_view_orders(self):
        """Open the deliveries or orders of the cause; rows to import when there are no others."""
        self.ensure_one()
        found = {
            'action_shipment': self._get_pickings(),
            'action_order': self._get_orders(),
            'action_order_import': self._get_import_rows(),
        }
        name = next((name for name, records in found.items() if records), 'action_order')
        records = found[name]
        action = self.env['ir.actions.act_window']._for_xml_id(f'shopify_connector.{name}')
        return {**action, 'domain': [('id', 'in', records.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    @api.model
    def _try_again(self, orders, in_background=0):
        """Try failed orders again and say what came of it.

        :param int in_background: orders that have been asked for besides.
        """
        orders._try_again()
        done = orders.filtered(lambda order: order.document_state != 'failed')
        waiting = orders.filtered('retry_requested')
        failed = orders - done - waiting
        told = []
        if done:
            told.append(self.env._("%(count)s orders went through.", count=len(done)))
        if waiting or in_background:
            count = len(waiting) + in_background
            told.append(
                self.env._("%(count)s orders are being tried again in the background.", count=count)
            )
        if failed:
            told.append(self.env._("%(count)s orders still fail.", count=len(failed)))
        return self.env['shopify.store']._notify(' '.join(told), 'warning' if failed else 'success')

    def _get_orders(self):
        """Return the staged orders of the causes."""
        of_orders = self.filtered('order_count')
        return of_orders._search_failed('shopify.order', 'document_state')

    def _get_import_rows(self):
        """Return the rows of *Orders to Import* of the causes."""
        of_orders = self.filtered('order_count')
        return of_orders._search_failed('shopify.order.import', 'state')

    def _get_pickings(self):
        """Return the deliveries of the causes."""
        causes = Domain.OR(
            Domain('shopify_shop_id', '=', problem.shop_id.id)
            & Domain('company_id', '=', problem.company_id.id)
            & Domain('shopify_error_code', '=', problem.code or False)
            for problem in self.filtered('delivery_count')
        )
        return self.env['stock.picking'].search(Domain('shopify_state', '=', 'failed') & causes)

    def _search_failed(self, model, state):
        causes = Domain.OR(
            Domain('shop_id', '=', problem.shop_id.id)
            & Domain('company_id', '=', problem.company_id.id)
            & Domain('error_code', '=', problem.code or False)
            & Domain('error_subject', '=', problem.subject or False)
            for problem in self
        )
        return self.env[model].search(Domain(state, '=', 'failed') & causes)
