import ast
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..shopify_api.shipping import Policy

# No order waits for a change of these; any other field may be the rule that failed orders lack.
_NO_RULES = {
    'active',
    'archive_shipped',
    'auto_confirm_orders',
    'auto_import',
    'auto_sync',
    'currency_policy',
    'external_policy',
    'import_domain',
    'import_test_orders',
    'moved_policy',
    'name',
    'notify_shipments',
    'returned_policy',
    'send_shipments',
    'sequence',
    'sync_user_id',
    'write_order_number',
}


class ShopifyShop(models.Model):
    _name = 'shopify.shop'
    _description = "Shopify Shop"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Orders belong to the first shop of their store whose filter they match."
    )
    store_id = fields.Many2one(
        'shopify.store', required=True, index=True, ondelete='restrict', tracking=True
    )
    store_state = fields.Selection(related='store_id.state')
    store_error_message = fields.Text(related='store_id.error_message')
    store_domain = fields.Char(related='store_id.domain')
    missing_scopes = fields.Text(related='store_id.missing_scopes')
    last_sync_at = fields.Datetime(related='store_id.last_sync_at')
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related='store_id.currency_id', string="Store Currency")

    # Which orders.
    auto_import = fields.Boolean(
        string="Import Automatically",
        default=True,
        tracking=True,
        help="The scheduled action imports the orders of this shop. Off: only by button or wizard.",
    )
    import_domain = fields.Char(
        string="Orders of This Shop",
        default='[]',
        required=True,
        help="Filter on the orders to import, for example channel, tag, risk or payment status."
        " Orders that match belong to this shop; empty means all that no shop before it takes.",
    )
    import_test_orders = fields.Boolean(
        help="Import orders that were made with a test payment. They are skipped otherwise."
    )

    # What happens to them.
    auto_create_orders = fields.Boolean(
        string="Create Sales Orders",
        default=True,
        tracking=True,
        help="Create the sales order as soon as a Shopify order is imported.",
    )
    auto_confirm_orders = fields.Boolean(
        string="Confirm Sales Orders",
        default=True,
        tracking=True,
        help="Confirm each sales order that is created, which also creates its delivery.",
    )
    order_number_on_line = fields.Boolean(
        string="Order Number on First Line",
        help="The first line of the sales order is a note with the Shopify order number.",
    )
    use_order_name = fields.Boolean(
        string="Shopify Number as Order Number",
        help="The sales order is named like the Shopify order, with the prefix below,"
        " instead of taking the next number of Odoo's own sequence.",
    )
    order_name_prefix = fields.Char(
        string="Order Number Prefix", help="Placed before the Shopify order number, for example SH."
    )
    write_order_number = fields.Boolean(
        string="Write Number to Shopify",
        tracking=True,
        help="Write the number of the sales order to the Shopify order, as its attribute \"Odoo"
        " Order\". For an order of nothing but gift cards, it is the number of the invoice. Costs a"
        " request to Shopify for each order; needs the access scope write_orders.",
    )
    write_order_warning = fields.Text(compute='_compute_write_order_warning')
    warehouse_id = fields.Many2one(
        'stock.warehouse',
        check_company=True,
        help="Ships the orders whose Shopify location has no warehouse of its own.",
    )
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", check_company=True, help="Sales team of imported orders."
    )

    # Orders that Shopify has shipped, and where orders ship from.
    fulfilled_policy = fields.Selection(
        [
            ('invoice', "Deliver and invoice"),
            ('order', "Deliver only"),
        ],
        string="Already Fulfilled",
        required=True,
        default='invoice',
        help="What happens to the sales order of an order that Shopify has fulfilled already. Its"
        " delivery is done on the day of the shipment; the invoice is dated as the order. Orders of"
        " nothing but gift cards are always invoiced.",
    )
    go_live_date = fields.Date(
        help="Day from which Odoo keeps the stock of this shop. Empty: of all orders."
    )
    historic_policy = fields.Selection(
        [
            ('stock', "Like all others"),
            ('no_stock', "Sales order, without moving stock for what was shipped"),
            ('skip', "No document"),
        ],
        string="Orders before Go-Live",
        required=True,
        default='no_stock',
        help="What happens to orders from before the go-live date.",
    )
    location_policy = fields.Selection(
        [
            ('default', "Warehouse of the shop"),
            ('required', "The order waits until it has one"),
        ],
        string="Locations without Warehouse",
        required=True,
        default='default',
        help="What ships the items of a Shopify location that has no warehouse.",
    )
    shipping_policy = fields.Selection(
        [
            ('default', "Shipping product of the shop"),
            ('required', "The order waits until it is mapped"),
        ],
        string="Unmapped Shipping Methods",
        required=True,
        default='default',
        help="What happens to the orders of a shipping method that has neither a delivery method"
        " nor a choice of what it is charged as.",
    )
    shipping_method_ids = fields.One2many(
        'shopify.shipping.method', 'shop_id', string="Shipping Methods"
    )

    # Shipments to Shopify.
    send_shipments = fields.Boolean(
        default=True,
        tracking=True,
        help="Tell Shopify when deliveries of its orders are done in Odoo: units, tracking, place."
        " What is done while this is off is not sent later by itself.",
    )
    shipment_warning = fields.Text(
        compute='_compute_shipment_warning', help="Why shipments cannot be sent at all."
    )
    notify_shipments = fields.Boolean(
        string="Notify Buyers",
        default=True,
        help="Shopify writes to the buyer when a delivery is sent. A delivery may say otherwise.",
    )
    moved_policy = fields.Selection(
        [
            ('shopify', "Shipped from Shopify's location"),
            ('move', "Moved to where it was shipped from"),
        ],
        string="Shipped from Elsewhere",
        required=True,
        default='shopify',
        help="What Shopify shows when Odoo ships from another warehouse than Shopify's location"
        " stands for. Moving needs one location of Shopify for that warehouse, which stocks the"
        " items there.",
    )
    returned_policy = fields.Selection(
        [
            ('keep', "Stay shipped in Shopify"),
            ('cancel', "Cancel the shipment in Shopify"),
        ],
        string="Deliveries That Come Back",
        required=True,
        default='keep',
        help="What happens in Shopify when a delivery is returned in Odoo before the carrier has"
        " brought it to the buyer. A cancelled shipment can be shipped again; what did not come"
        " back is sent anew. Returns that a buyer makes belong into Shopify.",
    )
    external_policy = fields.Selection(
        [
            ('show', "Only shown"),
            ('deliver', "The delivery is done in Odoo too"),
        ],
        string="Shipped by Others",
        required=True,
        default='show',
        help="What happens when Shopify or another app ships items of an order that has a sales"
        " order already.",
    )
    archive_shipped = fields.Boolean(
        string="Archive Completed Orders",
        help="Archive orders in Shopify when they are paid, shipped and delivered. Not needed when"
        " the store does that by itself.",
    )
    payment_method_ids = fields.One2many(
        'shopify.payment.method', 'shop_id', string="Payment Methods"
    )

    # Customers.
    customer_import = fields.Selection(
        [
            ('create', "Create missing ones with their orders"),
            ('find', "Only use those that Odoo has"),
            ('none', "Do not import: take the default customer"),
        ],
        string="Import of Customers",
        required=True,
        default='create',
        help="Whether buyers become contacts. A contact is created from an address: that of the"
        " order, or the one the customer has in Shopify. Without a default customer, the last"
        " choice is like the second.",
    )
    customer_policy = fields.Selection(
        [
            ('contact', "By e-mail, then phone"),
            ('address', "By name and address of the invoice"),
            ('default', "Always the default customer"),
        ],
        string="Mapping of Customers",
        required=True,
        default='contact',
        help="How the customer of an order is found, after the Shopify customer who is linked to a"
        " contact already. E-mails, phones and addresses have to be the same, however they are"
        " written; similar is not enough.",
    )
    default_partner_id = fields.Many2one(
        'res.partner',
        string="Default Customer",
        check_company=True,
        help="Takes the orders that come without a customer, as many do from a point of sale.",
    )
    country_template_ids = fields.One2many(
        'shopify.country.template', 'shop_id', string="Customer Templates"
    )

    # Customers that are companies (B2B).
    company_import = fields.Selection(
        [
            ('create', "Create missing ones with their orders"),
            ('find', "Only use those that Odoo has"),
            ('none', "Do not import: take the default company"),
        ],
        string="Import of Companies",
        required=True,
        default='create',
        help="Whether companies that buy become contacts. Without a default company, the last"
        " choice is like the second.",
    )
    company_policy = fields.Selection(
        [
            ('vat_contact', "By tax ID, then e-mail, then phone"),
            ('vat', "By tax ID"),
            ('contact', "By e-mail, then phone"),
            ('default', "Always the default company"),
        ],
        string="Mapping of Companies",
        required=True,
        default='vat_contact',
        help="How the company of an order is found, after the location or company that is linked to"
        " a contact already. The tax ID is that of the location, e-mail and phone are those of the"
        " company's main contact. Only companies are found.",
    )
    default_company_partner_id = fields.Many2one(
        'res.partner',
        string="Default Company",
        check_company=True,
        help="Takes the orders of companies for which no other customer was found.",
    )

    # Products and amounts.
    create_products = fields.Boolean(
        string="Create Missing Products",
        help="Create a product for each variant that no product matches by internal reference or"
        " barcode. Off: the order waits and says which product is missing.",
    )
    shipping_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_shipping'),
        help="Stands for shipping charges on sales orders.",
    )
    shipping_account_id = fields.Many2one(
        'account.account',
        compute='_compute_accounts',
        inverse='_inverse_shipping_account_id',
        help="Income account of the shipping product, where shipping charges are booked.",
    )
    gift_card_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_gift_card'),
        help="Stands for sold gift cards. Its income account should be a liability.",
    )
    tip_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_tip'),
        help="Stands for tips.",
    )
    fee_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_fee'),
        help="Stands for duties and additional fees.",
    )
    custom_product_id = fields.Many2one(
        'product.product',
        string="Custom Item Product",
        check_company=True,
        default=lambda self: self._default_product('product_custom'),
        help="Stands for lines that were typed into Shopify and have no product there.",
    )
    rounding_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_rounding'),
        help="Takes the cents by which Shopify's total differs from the sum of its own lines.",
    )
    cash_rounding_product_id = fields.Many2one(
        'product.product',
        check_company=True,
        default=lambda self: self._default_product('product_cash_rounding'),
        help="Takes what was rounded when the buyer paid in cash.",
    )
    gift_card_account_id = fields.Many2one(
        'account.account',
        compute='_compute_accounts',
        inverse='_inverse_gift_card_account_id',
        domain="[('account_type', 'in', ('liability_current', 'liability_non_current'))]",
        help="Liability account of the gift card product: a sold card is owed to its holder.",
    )
    tip_account_id = fields.Many2one(
        'account.account',
        compute='_compute_accounts',
        inverse='_inverse_tip_account_id',
        help="Account of the tip product, where tips are booked.",
    )

    # Taxes.
    tax_policy = fields.Selection(
        [
            ('create', "Find by rate, else create"),
            ('find', "Find by rate, else ask"),
            ('ask', "Always ask"),
        ],
        string="Unknown Taxes",
        required=True,
        default='create',
        help="What happens when Shopify sends a tax that is not mapped yet. Created taxes copy the"
        " accounts of the company's default sales tax.",
    )

    tax_priority = fields.Selection(
        [
            ('none', "No address"),
            ('ship_sell_bill', "Delivery, customer, invoice"),
            ('ship_bill_sell', "Delivery, invoice, customer"),
            ('sell_ship_bill', "Customer, delivery, invoice"),
            ('sell_bill_ship', "Customer, invoice, delivery"),
            ('bill_sell_ship', "Invoice, customer, delivery"),
            ('bill_ship_sell', "Invoice, delivery, customer"),
        ],
        string="Fiscal Position From",
        required=True,
        default='none',
        help="Address that chooses the fiscal position of the sales order: the first of the three"
        " that names a city. Amounts of taxes always come from the Shopify order.",
    )

    waiting_count = fields.Integer(string="Waiting", compute='_compute_counts')
    import_error_count = fields.Integer(string="Import Errors", compute='_compute_counts')
    order_count = fields.Integer(string="Orders", compute='_compute_counts')
    order_error_count = fields.Integer(string="Order Errors", compute='_compute_counts')
    problem_count = fields.Integer(
        string="To Fix", compute='_compute_counts', help="Causes that keep orders from going on."
    )
    delivery_error_count = fields.Integer(
        string="Deliveries Not Sent",
        compute='_compute_delivery_error_count',
        help="Done deliveries that Shopify does not show as shipped, or not all of them.",
    )

    # === DEFAULTS === #

    @api.model
    def _default_product(self, name):
        return self.env.ref(f'shopify_connector.{name}', raise_if_not_found=False)

    # === COMPUTE METHODS === #

    def _compute_counts(self):
        waiting = self._count('shopify.order.import', [('state', 'in', ('pending', 'running'))])
        import_errors = self._count('shopify.order.import', [('state', '=', 'failed')])
        orders = self._count('shopify.order', [])
        order_errors = self._count('shopify.order', [('document_state', '=', 'failed')])
        problems = self._count('shopify.problem', [])
        for shop in self:
            shop.waiting_count = waiting[shop]
            shop.import_error_count = import_errors[shop]
            shop.order_count = orders[shop]
            shop.order_error_count = order_errors[shop]
            shop.problem_count = problems[shop]

    def _count(self, model, domain):
        groups = self.env[model]._read_group(
            Domain('shop_id', 'in', self.ids) & Domain(domain), ['shop_id'], ['__count']
        )
        return defaultdict(int, groups)

    @api.depends('write_order_number', 'store_id.granted_scopes', 'store_id.state')
    def _compute_write_order_warning(self):
        for shop in self:
            asks = shop.write_order_number and shop.store_id.state == 'connected'
            shop.write_order_warning = asks and shop.store_id._tell_missing_write_scope()

    @api.depends('send_shipments', 'store_id.granted_scopes', 'store_id.state')
    def _compute_shipment_warning(self):
        for shop in self:
            store = shop.store_id
            lacks = store.state == 'connected' and not store._may_read('send_shipments')
            shop.shipment_warning = shop.send_shipments and lacks and store._get_ship_refusal()

    def _compute_delivery_error_count(self):
        groups = self.env['stock.picking']._read_group(
            [('shopify_shop_id', 'in', self.ids), ('shopify_state', '=', 'failed')],
            ['shopify_shop_id'],
            ['__count'],
        )
        counts = dict(groups)
        for shop in self:
            shop.delivery_error_count = counts.get(shop, 0)

    @api.depends('shipping_product_id', 'gift_card_product_id', 'tip_product_id', 'company_id')
    def _compute_accounts(self):
        for shop in self:
            for kind in ('shipping', 'gift_card', 'tip'):
                product = shop[f'{kind}_product_id'].with_company(shop.company_id)
                shop[f'{kind}_account_id'] = product.property_account_income_id

    def _inverse_shipping_account_id(self):
        self._set_account('shipping')

    def _inverse_gift_card_account_id(self):
        self._set_account('gift_card')

    def _inverse_tip_account_id(self):
        self._set_account('tip')

    def _set_account(self, kind):
        for shop in self:
            product = shop[f'{kind}_product_id'].with_company(shop.company_id)
            product.sudo().property_account_income_id = shop[f'{kind}_account_id']

    # === CONSTRAINT METHODS === #

    @api.constrains('import_domain')
    def _check_import_domain(self):
        for shop in self:
            try:
                self.env['shopify.order.import'].search(shop._get_import_domain(), limit=1)
            except (ValueError, SyntaxError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._("The filter of %(name)s cannot be read.", name=shop.name)
                ) from error

    # === CRUD METHODS === #

    def write(self, vals):
        """Have orders tried again that may have waited for what changes here (M-08)."""
        result = super().write(vals)
        rules = {name for name in vals if not name.startswith(('message_', 'activity_'))}
        if rules - _NO_RULES:
            self.env['shopify.order']._try_again_where(Domain('shop_id', 'in', self.ids))
        return result

    # === ACTION METHODS === #

    def action_import_orders(self):
        """Look for new and changed orders now, in the background (R-42, R-52)."""
        self.check_access('read')
        self._request_import()
        return self.env['shopify.store']._notify(
            self.env._("The import has started. Orders appear as they arrive.")
        )

    def action_test_connection(self):
        """Test the connection of the store."""
        self.ensure_one()
        return self.store_id.action_test_connection()

    def action_fetch_locations(self):
        """Fetch the locations of the store."""
        self.ensure_one()
        return self.store_id.action_fetch_locations()

    def action_fetch_shipping_methods(self):
        """Fetch the shipping methods of the store and open them (R-28)."""
        self.ensure_one()
        self.check_access('write')
        self.env['shopify.shipping.method'].sudo()._fetch(self.store_id, self)
        return self._action_view('action_shipping_method', {})

    def action_view_waiting(self):
        """Open the orders that wait for their import."""
        return self._action_view('action_order_import', {})

    def action_view_import_errors(self):
        """Open the orders whose import failed."""
        return self._action_view('action_order_import', {'search_default_failed': 1})

    def action_view_orders(self):
        """Open all orders of the shop, completed ones included (R-60)."""
        return self._action_view('action_order', {})

    def action_view_order_errors(self):
        """Open the orders that could not become documents."""
        return self._action_view('action_order', {'search_default_failed': 1})

    def action_view_problems(self):
        """Open the causes that keep orders from going on (M-08)."""
        return self._action_view('action_problem', {})

    def action_view_delivery_errors(self):
        """Open the deliveries that Shopify could not be told of."""
        action = self.env['ir.actions.act_window']._for_xml_id('shopify_connector.action_shipment')
        domain = [('shopify_shop_id', 'in', self.ids)]
        return {**action, 'domain': domain, 'context': {'search_default_failed': 1}}

    def action_send_shipments(self):
        """Send what waits to be sent now, in the background (R-117)."""
        self.check_access('read')
        self.env['shopify.order']._request_shipments()
        return self.env['shopify.store']._notify(
            self.env._("Deliveries that wait are being sent to Shopify.")
        )

    def _action_view(self, name, context):
        action = self.env['ir.actions.act_window']._for_xml_id(f'shopify_connector.{name}')
        return {**action, 'domain': [('shop_id', 'in', self.ids)], 'context': context}

    # === BUSINESS METHODS === #

    @api.model
    def _request_import(self):
        """Wake the scheduled actions that import orders; all of them, they share the work."""
        for cron in self._get_import_crons():
            cron._trigger()

    def _get_import_domain(self):
        """Return the filter of the shop as a domain on ``shopify.order.import``."""
        self.ensure_one()
        domain = Domain(ast.literal_eval(self.import_domain or '[]'))
        return domain if self.import_test_orders else domain & Domain('test', '=', False)

    @api.model
    def _assign_waiting(self):
        """Give each waiting order that has no shop to the first shop whose filter it matches."""
        for shop in self.search([('auto_import', '=', True)]):
            shop._assign(Domain.TRUE)

    def _assign(self, extra_domain, **values):
        """Take the unassigned orders of the store that match the shop's filter and one more.

        :return: the rows that belong to the shop now.
        """
        self.ensure_one()
        rows = self.env['shopify.order.import'].search(
            Domain('store_id', '=', self.store_id.id)
            & Domain('shop_id', 'in', [False, self.id])
            & Domain('state', 'in', ('pending', 'failed'))
            & self._get_import_domain()
            & extra_domain
        )
        rows.filtered(lambda row: not row.shop_id).write({'shop_id': self.id})
        if values:
            rows.write(values)
        return rows

    def _get_document_defaults(self, currencies):
        """Return what all sales orders of the shop share.

        :param currencies: those of the orders.
        """
        self.ensure_one()
        warehouses = self.env['stock.warehouse']
        return {
            'pricelists': self._get_pricelists(currencies),
            'warehouse': self.warehouse_id
            or warehouses.search([('company_id', '=', self.company_id.id)], limit=1),
        }

    def _get_shipping_policy(self):
        """Return what the shop wants of its shipments, as :func:`~.shipping.decide` takes it."""
        self.ensure_one()
        return Policy(
            cancel_returned=self.returned_policy == 'cancel', move=self.moved_policy == 'move'
        )

    def _get_shared_partners(self):
        """Return the default customers, who stand for many buyers and are nobody's own contact."""
        self.ensure_one()
        return (
            self.default_partner_id
            | self.default_company_partner_id
            | self.country_template_ids.default_partner_id
        )

    def _get_country_templates(self, country):
        """Return the templates for new customers of a country (R-84), the more general first."""
        self.ensure_one()
        templates = self.country_template_ids
        general = templates.filtered(lambda row: not row.country_id)
        return general + templates.filtered(lambda row: country and row.country_id == country)

    def _get_tz(self):
        """Return the name of the time zone in which a moment becomes a day (R-27)."""
        self.ensure_one()
        return self.company_id.partner_id.tz or 'UTC'
