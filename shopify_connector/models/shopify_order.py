import dataclasses
import logging
from datetime import timedelta

import psycopg2
import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..exceptions import Problem, describe_error
from ..isolation import run_isolated
from ..shopify_api import fetch, gid, send
from ..shopify_api.errors import ShopifyError, ShopifyRetryableError
from ..shopify_api.money import to_decimal
from ..shopify_api.order import RISK_LEVELS, naive
from .res_partner_choice import email_of, keys_of, person_of, phone_of

_logger = logging.getLogger(__name__)

# How long an order that could not become a document rests before the schedule tries it again.
RETRY_AFTER = timedelta(hours=1)
# How many orders are tried again while the user waits; more go on in the background.
TRY_NOW = 25

# Shopify tells when an order changed in whole seconds; clocks differ by some, too.
SHOPIFY_RESOLUTION = timedelta(seconds=1)
SETTLED_AFTER = timedelta(seconds=2)

# No chatter, followers, mails or texts for what a batch creates.
IMPORT_CONTEXT = {
    'tracking_disable': True,
    'mail_auto_subscribe_no_notify': True,
    'skip_sms': True,
}

# Class of advisory locks: one worker of the database reserves at a time.
RESERVATION_LOCK = 19_420_001

# Staged parts of an order that are written anew on each import; lines keep their identity.
_REPLACED = (
    'tax_line_ids',
    'shipping_line_ids',
    'fee_ids',
    'attribute_ids',
    'risk_ids',
    'transaction_ids',
)


class ShopifyOrder(models.Model):
    """An order as Shopify has it now, beside what was decided about it and what came of it."""

    _name = 'shopify.order'
    _description = "Shopify Order"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'created_at desc, id desc'
    _check_company_auto = True

    # Identity.
    name = fields.Char(string="Order", required=True, readonly=True)
    shop_id = fields.Many2one('shopify.shop', required=True, readonly=True, ondelete='restrict')
    store_id = fields.Many2one('shopify.store', required=True, readonly=True, ondelete='restrict')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    created_at = fields.Datetime(string="Ordered", readonly=True, index=True)
    updated_at = fields.Datetime(string="Changed in Shopify", readonly=True)
    processed_at = fields.Datetime(string="Processed in Shopify", readonly=True)
    imported_at = fields.Datetime(string="Imported", readonly=True)
    document_date = fields.Date(
        readonly=True, help="Day of the order in the company's time zone (UTC when it has none)."
    )

    # What it is.
    confirmed = fields.Boolean(readonly=True)
    edited = fields.Boolean(readonly=True)
    test = fields.Boolean(readonly=True)
    closed = fields.Boolean(string="Archived", readonly=True)
    cancelled_at = fields.Datetime(string="Cancelled", readonly=True)
    cancel_reason = fields.Char(readonly=True)
    source_name = fields.Char(string="Source", readonly=True)
    source_identifier = fields.Char(readonly=True)
    channel = fields.Char(readonly=True)
    app_name = fields.Char(string="App", readonly=True)
    retail_location_id = fields.Many2one('shopify.location', readonly=True)
    status_page_url = fields.Char(readonly=True)
    financial_status = fields.Char(string="Payment", readonly=True)
    fulfillment_status = fields.Char(string="Fulfillment", readonly=True)
    return_status = fields.Char(string="Return", readonly=True)
    fully_paid = fields.Boolean(readonly=True)
    unpaid = fields.Boolean(readonly=True)
    requires_shipping = fields.Boolean(readonly=True)
    gateways = fields.Char(string="Payment Methods", readonly=True)
    payment_terms = fields.Char(readonly=True)
    po_number = fields.Char(string="Buyer's Reference", readonly=True)
    note = fields.Text(string="Note of the Buyer", readonly=True)
    locale = fields.Char(string="Language", readonly=True)
    discount_codes = fields.Char(readonly=True)
    tag_ids = fields.Many2many('shopify.tag', string="Tags", readonly=True)
    risk_recommendation = fields.Char(readonly=True)
    risk_level = fields.Char(string="Risk", readonly=True)
    high_risk = fields.Boolean(readonly=True)

    # Who bought.
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    customer_id = fields.Many2one('shopify.customer', readonly=True, string="Shopify Customer")
    company_name = fields.Char(string="Buying Company", readonly=True)
    company_gid = fields.Char(readonly=True)
    shopify_company_id = fields.Many2one(
        related='company_location_id.shopify_company_id', store=True, index='btree_not_null'
    )
    company_location_id = fields.Many2one(
        'shopify.company.location',
        string="Shopify Company Location",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
    )
    company_location_gid = fields.Char(readonly=True)
    company_location_name = fields.Char(string="Company Location", readonly=True)
    billing_address = fields.Json(readonly=True)
    shipping_address = fields.Json(readonly=True)
    ship_country_id = fields.Many2one('res.country', string="Ships To", readonly=True)

    # Money, in the currency of the documents.
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    taxes_included = fields.Boolean(readonly=True)
    tax_exempt = fields.Boolean(readonly=True)
    subtotal = fields.Monetary(readonly=True)
    total_discount = fields.Monetary(string="Discounts", readonly=True)
    total_shipping = fields.Monetary(string="Shipping", readonly=True)
    total_tax = fields.Monetary(string="Taxes", readonly=True)
    total_tip = fields.Monetary(string="Tips", readonly=True)
    total = fields.Monetary(readonly=True, help="As sold, before refunds and returns.")
    current_total = fields.Monetary(readonly=True, help="After edits, refunds and returns.")
    expected_total = fields.Monetary(
        string="Total for Odoo",
        readonly=True,
        help="What the sales order has to add up to: as sold, less what edits took off the order.",
    )
    expected_tax = fields.Monetary(string="Taxes for Odoo", readonly=True)
    total_refunded = fields.Monetary(string="Refunded", readonly=True)
    total_received = fields.Monetary(string="Received", readonly=True)
    total_outstanding = fields.Monetary(string="Outstanding", readonly=True)
    cash_rounding = fields.Monetary(readonly=True)
    currency_rate = fields.Float(
        digits=0, default=1.0, readonly=True, help="Company currency → currency of the order."
    )

    # Parts.
    line_ids = fields.One2many('shopify.order.line', 'order_id', string="Lines")
    tax_line_ids = fields.One2many('shopify.order.tax.line', 'order_id', string="Tax Lines")
    shipping_line_ids = fields.One2many(
        'shopify.order.shipping.line', 'order_id', string="Shipping Charges"
    )
    fee_ids = fields.One2many('shopify.order.fee', 'order_id', string="Duties and Fees")
    attribute_ids = fields.One2many(
        'shopify.order.attribute', 'order_id', string="Attributes", domain=[('line_id', '=', False)]
    )
    risk_ids = fields.One2many('shopify.order.risk', 'order_id', string="Risks")
    transaction_ids = fields.One2many('shopify.transaction', 'order_id', string="Payments")
    fulfillment_ids = fields.One2many('shopify.fulfillment', 'order_id', string="Fulfillments")

    # Decisions.
    partner_id = fields.Many2one(
        'res.partner',
        string="Customer",
        check_company=True,
        tracking=True,
        help="Customer of the sales order. A choice made by hand is never overwritten.",
    )
    partner_invoice_id = fields.Many2one(
        'res.partner', string="Invoice Address", check_company=True
    )
    partner_shipping_id = fields.Many2one(
        'res.partner', string="Delivery Address", check_company=True
    )
    customer_decision = fields.Char(string="Found By", readonly=True)
    manual_partner = fields.Boolean(readonly=True)
    customer_template_id = fields.Many2one(
        'shopify.country.template',
        domain="[('shop_id', '=', shop_id)]",
        help="Gives its values to the customer that is created from this order. Empty: the template"
        " of the country.",
    )

    # Documents.
    document_state = fields.Selection(
        [
            ('pending', "To Process"),
            ('done', "Processed"),
            ('failed', "Failed"),
            ('skipped', "No Document"),
        ],
        string="Status",
        required=True,
        default='pending',
        readonly=True,
        index=True,
        tracking=True,
    )
    error_message = fields.Text(readonly=True)
    error_code = fields.Char(readonly=True, index='btree_not_null')
    error_subject = fields.Char(readonly=True, help="What is missing, for example a tax.")
    retry_at = fields.Datetime(readonly=True)
    retry_requested = fields.Boolean(
        readonly=True, help="A user asked to try again; the next run does, whatever the shop says."
    )
    event_ids = fields.One2many('shopify.order.event', 'order_id', string="Timeline")
    sale_order_ids = fields.One2many('sale.order', 'shopify_order_id', string="Sales Orders")
    sale_order_count = fields.Integer(compute='_compute_document_counts')
    invoice_ids = fields.One2many('account.move', 'shopify_order_id', string="Invoices")
    invoice_count = fields.Integer(compute='_compute_document_counts')
    picking_ids = fields.Many2many(
        'stock.picking', string="Deliveries", compute='_compute_picking_ids'
    )
    picking_count = fields.Integer(compute='_compute_document_counts')
    delivery_message = fields.Text(
        string="Deliveries Not Sent",
        compute='_compute_delivery_message',
        help="What Shopify could not be told of the deliveries, and why.",
    )

    to_reserve = fields.Boolean(
        readonly=True, help="Confirmed by the import; its stock is reserved right after it."
    )

    # Proof of the amounts.
    document_total = fields.Monetary(
        readonly=True, help="Total of the sales order when it was created."
    )
    document_tax = fields.Monetary(
        readonly=True, help="Taxes of the sales order when it was created."
    )
    difference = fields.Monetary(
        readonly=True, help="Sales order less Shopify, at creation. Zero means equal to the cent."
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This order of the store is in Odoo already."
    )
    _to_reserve_idx = models.Index("(id) WHERE to_reserve")
    _open_idx = models.Index("(shop_id, id) WHERE document_state IN ('pending', 'failed')")

    # === COMPUTE METHODS === #

    @api.depends('sale_order_ids.picking_ids')
    def _compute_picking_ids(self):
        for order in self:
            order.picking_ids = order.sale_order_ids.picking_ids

    @api.depends(
        'sale_order_ids.picking_ids.shopify_state', 'sale_order_ids.picking_ids.shopify_message'
    )
    def _compute_delivery_message(self):
        for order in self:
            failed = order.picking_ids.filtered(lambda item: item.shopify_state == 'failed')
            told = (f'{item.name}: {item.shopify_message}' for item in failed)
            order.delivery_message = '\n'.join(told) or False

    @api.depends('sale_order_ids', 'invoice_ids', 'picking_ids')
    def _compute_document_counts(self):
        for order in self:
            order.sale_order_count = len(order.sale_order_ids)
            order.invoice_count = len(order.invoice_ids)
            order.picking_count = len(order.picking_ids)

    # === CRUD METHODS === #

    def write(self, vals):
        """Remember that a user chose the customer, also from a list or over RPC."""
        by_hand = not self.env.context.get('shopify_mapping')
        if by_hand and 'partner_id' in vals:
            vals = {
                **vals,
                'manual_partner': bool(vals['partner_id']),
                'customer_decision': self.env._("chosen by hand") if vals['partner_id'] else False,
                'partner_invoice_id': vals.get('partner_invoice_id', False),
                'partner_shipping_id': vals.get('partner_shipping_id', False),
            }
        elif by_hand and (vals.get('partner_invoice_id') or vals.get('partner_shipping_id')):
            decision = self.env._("chosen by hand")
            vals = {**vals, 'manual_partner': True, 'customer_decision': decision}
        return super().write(vals)

    # === ACTION METHODS === #

    def action_create_documents(self):
        """Create the sales documents of the chosen orders (R-66, R-67)."""
        self.check_access('write')
        done = self.filtered(lambda order: order.document_state == 'done')
        if done:
            raise UserError(
                self.env._(
                    "%(orders)s have documents already. Unlink them first to create new ones.",
                    orders=', '.join(done.mapped('name')),
                )
            )
        self._create_documents()
        failed = self.filtered(lambda order: order.document_state == 'failed')
        message = self.env._("%(count)s documents created.", count=len(self) - len(failed))
        if failed:
            message += ' ' + self.env._(
                "%(count)s could not be created; each order says why.", count=len(failed)
            )
        return self.env['shopify.store']._notify(message, 'warning' if failed else 'success')

    def action_unlink_documents(self):
        """Forget the documents of the orders, so that new ones can be made; they stay (R-71)."""
        self.check_access('write')
        for order in self.filtered('sale_order_ids'):
            names = ', '.join(order.sale_order_ids.mapped('name'))
            order.message_post(body=self.env._("Unlinked from %(names)s.", names=names))
            order._add_event('document', self.env._("Unlinked from %(names)s.", names=names))
        self.sudo().sale_order_ids.write({'shopify_order_id': False})
        self.sudo().invoice_ids.write({'shopify_order_id': False})
        self.sudo().write(
            {'document_state': 'pending', 'follow_error': False, **self._get_no_error()}
        )

    def action_sync(self):
        """Read the order anew from Shopify (R-61)."""
        self.ensure_one()
        self.check_access('write')
        if self.document_state == 'done':
            raise UserError(
                self.env._(
                    "%(order)s has documents already. Unlink them first to read it anew.",
                    order=self.name,
                )
            )
        self._read_again()
        return self.env['shopify.store']._notify(
            self.env._("%(order)s is as Shopify has it now.", order=self.name)
        )

    def _read_again(self):
        """Bring the staged order to what Shopify has now; its documents stay as they are.

        :raise UserError: Shopify gives no answer, refuses, or has the order no more.
        """
        self.ensure_one()
        store = self.store_id
        try:
            found = fetch.orders(
                store._get_client(),
                [self.shopify_id],
                **store._get_fetch_options(with_companies=bool(self.company_gid)),
            )
        except ShopifyError as error:
            raise UserError(str(error)) from error
        if not found:
            raise UserError(self.env._("Shopify has no order %(order)s any more.", order=self.name))
        self.sudo()._stage(self.shop_id, list(found.values()))

    def action_mark_as_paid(self):
        """Book in Shopify that the rest of the order was paid elsewhere (R-62, R-64)."""
        self.ensure_one()
        self._change_in_shopify(
            lambda client: send.mark_as_paid(client, self.shopify_id), lambda: self.fully_paid
        )
        self._add_event('sent', self.env._("Marked as paid in Shopify."))
        return self.env['shopify.store']._notify(
            self.env._("%(order)s is marked as paid in Shopify.", order=self.name)
        )

    def _change_in_shopify(self, change, is_done):
        """Change the order in Shopify and read it again at once (R-64).

        When the answer is lost, what Shopify has afterwards decides; nothing is sent twice.

        :param change: callable that takes a client.
        :param is_done: callable that tells whether the staged order shows the change.
        """
        self.check_access('write')
        store = self.store_id
        if message := store._tell_missing_write_scope():
            raise UserError(message)
        try:
            change(store._get_client())
        except ShopifyRetryableError as error:
            self._read_again()
            if not is_done():
                raise UserError(str(error)) from error
        except ShopifyError as error:
            raise UserError(str(error)) from error
        else:
            self._read_again()

    def action_find_customer(self):
        """Choose the customers anew, for example after a Shopify customer was linked (R-75)."""
        self.check_access('write')
        orders = self._get_without_documents()
        problems = {}
        for shop, part in orders.with_context(**IMPORT_CONTEXT).sudo().grouped('shop_id').items():
            problems.update(part.with_company(shop.company_id)._map_customers())
        for order, problem in problems.items():
            order._set_failed(problem)
        found = orders.browse(order.id for order in orders.sudo() if order not in problems)
        found.sudo()._forget_missing_customer()
        message = self.env._("%(count)s customers found.", count=len(found))
        if problems:
            message += ' ' + next(iter(problems.values())).message
        return self.env['shopify.store']._notify(message, 'warning' if problems else 'success')

    def action_create_customer(self):
        """Create the customer from the order, with the chosen template (R-73).

        :raise UserError: the order has no address (R-74), or documents.
        """
        self.ensure_one()
        self.check_access('write')
        order = self._get_without_documents().with_context(**IMPORT_CONTEXT).sudo()
        order = order.with_company(order.company_id)
        if not order._get_creation_address():
            raise UserError(
                self.env._(
                    "%(order)s has no address to create a customer from, as is often so at a point"
                    " of sale. Choose a customer instead.",
                    order=order.name,
                )
            )
        partners = order.env['res.partner']
        create = (
            partners._shopify_create_companies
            if order.company_gid
            else partners._shopify_create_contacts
        )
        order._assign_created(create(order)[order])
        return self.env['shopify.store']._notify(
            self.env._("%(customer)s was created.", customer=order.partner_id.name)
        )

    def _get_without_documents(self):
        """Return the orders; refuse when their customer is on documents already."""
        done = self.filtered(lambda order: order.document_state == 'done')
        if done:
            raise UserError(
                self.env._(
                    "%(orders)s have documents already. Unlink them first to choose the customer"
                    " anew.",
                    orders=', '.join(done.mapped('name')),
                )
            )
        return self

    def _assign_created(self, partner):
        """Take a contact that a user had created from the order, and link its buyer to it."""
        decision = self.env._("created by hand")
        self.with_context(shopify_mapping=True).write(
            {
                'partner_id': partner.id,
                'partner_invoice_id': False,
                'partner_shipping_id': False,
                'manual_partner': True,
                'customer_decision': decision,
            }
        )
        self._link_buyer(partner, decision)
        self._forget_missing_customer()

    def _forget_missing_customer(self):
        """Let the orders go on that only lacked a customer."""
        lacking = self.filtered(lambda order: order.error_code == 'no_customer')
        lacking.write({'document_state': 'pending', **self._get_no_error()})

    def action_open_status_page(self):
        """Open what the buyer sees of the order (R-59)."""
        self.ensure_one()
        if not self.status_page_url:
            raise UserError(self.env._("Shopify gave no status page for this order."))
        return {'type': 'ir.actions.act_url', 'url': self.status_page_url, 'target': 'new'}

    def action_open_in_shopify(self):
        """Open the order in the Shopify admin."""
        self.ensure_one()
        url = f'{self.store_id._get_base_url()}/admin/orders/{gid.number(self.shopify_id)}'
        return {'type': 'ir.actions.act_url', 'url': url, 'target': 'new'}

    def action_view_sale_orders(self):
        """Open the sales orders."""
        return self._action_view('sale.action_orders', self.sale_order_ids)

    def action_view_invoices(self):
        """Open the invoices."""
        return self._action_view('account.action_move_out_invoice_type', self.invoice_ids)

    def action_view_pickings(self):
        """Open the deliveries."""
        return self._action_view('stock.action_picking_tree_all', self.picking_ids)

    def _action_view(self, xml_id, records):
        action = self.env['ir.actions.act_window']._for_xml_id(xml_id)
        action.update({'domain': [('id', 'in', records.ids)], 'context': {}})
        if len(records) == 1:
            action.update({'res_id': records.id, 'views': [(False, 'form')], 'view_mode': 'form'})
        return action

    # === BUSINESS METHODS: STAGE === #

    def _get_known_until(self):
        """Return the change in Shopify up to which we surely know the order.

        Shopify's times have whole seconds. What was read in the very second of its last change may
        have changed once more in it, under the same time: it is known up to the second before, so
        that the next look reads it again.
        """
        self.ensure_one()
        settled = self.imported_at - self.updated_at >= SETTLED_AFTER
        return self.updated_at if settled else self.updated_at - SHOPIFY_RESOLUTION

    @api.model
    def _stage(self, shop, orders):
        """Write orders as Shopify has them now; what users decided by hand stays.

        :param list orders: :class:`~odoo.addons.shopify_connector.shopify_api.order.Order`
        :return: the staged orders, in the same order.
        """
        self = self.with_context(tracking_disable=True)
        refs = self._get_stage_references(shop, orders)
        known = {
            record.shopify_id: record
            for record in self.search(
                [('store_id', '=', shop.store_id.id), ('shopify_id', 'in', [o.gid for o in orders])]
            )
        }
        orders = self._read_in_chosen_currency(shop, orders, known)
        updated = self.browse(record.id for record in known.values())
        before = updated._snapshot()
        waiting = updated.line_ids._get_waiting()
        for field_name in _REPLACED:
            updated[field_name].unlink()
        updated.line_ids.attribute_ids.unlink()
        staged = dict(known)
        new_values = [
            {
                **self._prepare_stage(shop, order, refs),
                'shop_id': shop.id,
                'store_id': shop.store_id.id,
                'company_id': shop.company_id.id,
                'shopify_id': order.gid,
                'currency_policy': shop.currency_policy,
            }
            for order in orders
            if order.gid not in known
        ]
        for record in self.create(new_values):
            staged[record.shopify_id] = record
        for order in orders:
            if order.gid in known:
                known[order.gid].write(self._prepare_stage(shop, order, refs))
        pairs = [(staged[order.gid], order) for order in orders]
        self._stage_parts(pairs, refs)
        result = self.browse(record.id for record, _order in pairs)
        result._note_staged(before)
        updated._note_relocations(waiting)
        updated._follow_shipping()
        return result

    @api.model
    def _get_stage_references(self, shop, orders):
        """Find once for the batch what staged orders point to."""
        return {
            'tags': self.env['shopify.tag']._find_or_create(
                tag for order in orders for tag in order.tags
            ),
            'currencies': self.env['res.currency']._shopify_by_code(
                code for order in orders for code in (order.currency, order.presentment_currency)
            ),
            'countries': self.env['res.country']._shopify_by_code(
                order.shipping_address.country_code for order in orders if order.shipping_address
            ),
            'customers': self.env['shopify.customer']._find_or_create(
                shop.store_id, [order.customer for order in orders if order.customer]
            ),
            'company_locations': self.env['shopify.company.location']._find_or_create(
                shop.store_id, orders
            ),
            'locations': shop.store_id._get_location_ids(),
        }

    @api.model
    def _prepare_stage(self, shop, order, refs):
        """Return the header values of a staged order; writes nothing."""
        country = order.shipping_address.country_code if order.shipping_address else ''
        return {
            **self._prepare_stage_state(order),
            **self._prepare_stage_money(order),
            **self._prepare_stage_currencies(order, refs['currencies']),
            'document_date': self._to_day(order.created_at, shop._get_tz()),
            'tag_ids': [fields.Command.set([refs['tags'][tag].id for tag in order.tags])],
            'customer_id': refs['customers'][order.customer.gid].id if order.customer else False,
            'retail_location_id': refs['locations'].get(order.retail_location, False),
            'company_location_id': refs['company_locations'][order.company_location_gid].id
            if order.company_location_gid in refs['company_locations']
            else False,
            'ship_country_id': refs['countries'].get(country, refs['countries'][None]).id,
            'billing_address': _address_json(order.billing_address),
            'shipping_address': _address_json(order.shipping_address),
            'imported_at': naive(order.read_at).replace(microsecond=0),
        }

    @api.model
    def _prepare_stage_state(self, order):
        return {
            'name': order.name,
            'created_at': naive(order.created_at),
            'updated_at': naive(order.updated_at),
            'processed_at': naive(order.processed_at),
            'confirmed': order.confirmed,
            'edited': order.edited,
            'test': order.test,
            'closed': order.closed,
            'cancelled_at': naive(order.cancelled_at),
            'cancel_reason': order.cancel_reason,
            'source_name': order.source_name,
            'source_identifier': order.source_identifier,
            'channel': order.channel,
            'app_name': order.app_name,
            'status_page_url': order.status_page_url,
            'financial_status': order.financial_status,
            'fulfillment_status': order.fulfillment_status,
            'return_status': order.return_status,
            'fully_paid': order.fully_paid,
            'unpaid': order.unpaid,
            'requires_shipping': order.requires_shipping,
            'gateways': ', '.join(order.gateways),
            'payment_terms': order.payment_terms,
            'po_number': order.po_number,
            'note': order.note,
            'locale': order.locale,
            'discount_codes': ', '.join(order.discount_codes),
            'risk_recommendation': order.risk_recommendation,
            'risk_level': order.risk_level,
            'high_risk': order.risk_level == 'HIGH' or order.risk_level not in ('', *RISK_LEVELS),
            'email': order.email,
            'phone': order.phone,
            'company_name': order.company_name,
            'company_gid': order.company_gid,
            'company_location_gid': order.company_location_gid,
            'company_location_name': order.company_location_name,
        }

    @api.model
    def _prepare_stage_money(self, order):
        return {
            'taxes_included': order.taxes_included,
            'tax_exempt': order.tax_exempt,
            'subtotal': float(order.subtotal.amount),
            'total_discount': float(order.total_discount.amount),
            'total_shipping': float(order.total_shipping.amount),
            'total_tax': float(order.total_tax.amount),
            'total_tip': float(order.total_tip.amount),
            'total': float(order.total.amount),
            'current_total': float(order.current_total.amount),
            'expected_total': float(order.expected_document_total().amount),
            'expected_tax': float(order.expected_tax().amount),
            'total_refunded': float(order.total_refunded.amount),
            'total_received': float(order.total_received.amount),
            'total_outstanding': float(order.total_outstanding.amount),
            'cash_rounding': float(order.cash_rounding.amount),
        }

    @api.model
    def _stage_parts(self, pairs, refs):
        """Write the parts of many orders, one create for each kind of part.

        :param list pairs: ``(staged order, Order of shopify_api)``
        """
        lines = self.env['shopify.order.line']._stage(pairs, refs['locations'])
        charged = [
            *(
                (record, item, {'line_id': lines[record.id, item.gid].id})
                for record, order in pairs
                for item in order.lines
            ),
            *self.env['shopify.order.shipping.line']._stage(pairs),
            *self.env['shopify.order.fee']._stage(pairs, lines),
        ]
        self.env['shopify.order.tax.line']._stage(charged)
        self.env['shopify.order.attribute']._stage(pairs, lines)
        self.env['shopify.order.risk']._stage(pairs)
        self.env['shopify.transaction']._stage(pairs)
        self.env['shopify.fulfillment']._stage(pairs, refs['locations'])

    @api.model
    def _to_day(self, moment, tz):
        """Return the day that a moment of Shopify (aware, UTC) falls on in a time zone (R-27)."""
        return moment.astimezone(pytz.timezone(tz)).date() if moment else False

    # === BUSINESS METHODS: AFTER THE IMPORT === #

    def _filter_wanted(self):
        """Return the orders whose shop wants documents made without being asked (R-10)."""
        return self.filtered(
            lambda order: order.shop_id.auto_create_orders and order.document_state != 'done'
        )

    @api.model
    def _reserve_next(self, limit):
        """Reserve the stock of orders that the import confirmed, one worker at a time.

        :return: number of orders handled; 0 also when another worker is at it.
        """
        commit = self.env['ir.cron']._commit_progress
        commit()
        locked = SQL("SELECT pg_try_advisory_xact_lock(%s, 0)", RESERVATION_LOCK)
        if not self.env.execute_query(locked)[0][0]:
            return 0
        quiet = self.with_context(**IMPORT_CONTEXT)
        orders = quiet.search([('to_reserve', '=', True)], order='id', limit=limit)
        try:
            run_isolated(orders, lambda part: part._reserve(), lambda order, e: order._give_up(e))
            commit()
        except psycopg2.OperationalError as error:
            # The warehouse moved the same stock meanwhile; the next round takes it as it is then.
            self.env.cr.rollback()
            _logger.info("Reservation of %s orders repeated: %s", len(orders), error)
            return 0
        return len(orders)

    def _reserve(self):
        """Deliver and invoice what Shopify has shipped; what is left to ship is reserved."""
        self._relocate_lines()
        self._complete_documents()
        moves = self.sale_order_ids.picking_ids.move_ids.filtered(
            lambda move: (
                move.state in ('confirmed', 'partially_available')
                and move._should_assign_at_confirm()
            )
        )
        # Odoo reads all this one move at a time while it reserves; read it at once before.
        moves.fetch(['move_dest_ids', 'sale_line_id'])
        moves.sale_line_id.fetch(['order_id'])
        quants = self.env['stock.quant']._get_quants_by_products_locations(
            moves.product_id, moves.location_id
        )
        moves.with_context(quants_cache=quants)._action_assign()
        self.to_reserve = False
        self.env.flush_all()  # here, in the quiet context: later, states would be tracked

    def _give_up(self, error):
        """Leave the reservation to the warehouse; "Check Availability" does it by hand."""
        self.ensure_one()
        _logger.warning("No stock reserved for Shopify order %s", self.name, exc_info=error)
        self.to_reserve = False

    @api.model
    def _retry_failed(self):
        """Try failed orders again whose cause may be gone by now (R-66), a part at a time.

        An order that fails again rests first, so this ends; other workers take other orders.
        """
        due = (
            Domain('document_state', '=', 'failed')
            & Domain('retry_at', '<=', fields.Datetime.now())
            & (
                Domain('retry_requested', '=', True)
                | Domain('shop_id.auto_create_orders', '=', True)
            )
        )
        while orders := self.search(due, limit=TRY_NOW).try_lock_for_update():
            orders._create_documents()
            self.env['ir.cron']._commit_progress()

    @api.model
    def _try_again_where(self, domain):
        """Have failed orders tried again by the next run, because their cause may be gone.

        Nobody asked for their documents, so orders of a shop that creates none by itself wait.
        """
        orders = self.sudo().search(Domain('document_state', '=', 'failed') & domain)
        if orders:
            orders.retry_at = fields.Datetime.now()
            self.env['shopify.shop']._request_import()

    def _request_documents(self):
        """Let the next run try failed orders again, and wake it."""
        if self:
            self.sudo().write({'retry_at': fields.Datetime.now(), 'retry_requested': True})
            self.env['shopify.shop']._request_import()

    def _try_again(self):
        """Try failed orders again: a few while the user waits, many in the background."""
        if len(self) > TRY_NOW:
            self._request_documents()
        else:
            self._create_documents()

    def _create_documents(self):
        """Create the sales documents of staged orders; one that cannot be made says why.

        Mapping of an order is complete before its document is begun. What fails leaves nothing
        half-made and can be tried again.
        """
        self.with_context(shopify_isolate_all=True)._map_documents()._create_mapped()

    def _map_documents(self):
        """Map staged orders; the ones that lack something keep the reason.

        :return: the orders that are ready for their document.
        """
        ready = self.browse()
        for orders in self._by_shop():
            orders._skip_without_document()
            todo = orders.filtered(lambda order: order.document_state != 'skipped')
            parts = run_isolated(todo, lambda part: part._map_batch(), lambda o, e: o._fail(e))
            ready = ready.union(*parts)
        return ready

    def _create_mapped(self):
        """Create the documents of mapped orders; one that fails does not stop the others."""
        for orders in self._by_shop():
            run_isolated(orders, lambda part: part._create_batch(), lambda o, e: o._fail(e))

    def _by_shop(self):
        """Return the orders of each shop, in its company and without chatter.

        What a batch does is no news; tracking and followers are for what users do.
        """
        quiet = self.with_context(**IMPORT_CONTEXT).sudo()
        return [
            shop._as_sync_user(orders).with_company(shop.company_id)
            for shop, orders in quiet.grouped('shop_id').items()
        ]

    def _skip_without_document(self):
        """Mark the orders that need no document, with the reason."""
        for order in self:
            reason = order._get_skip_reason()
            if reason:
                if order.error_message != reason:
                    order._add_event('document', reason)
                order.write(
                    {
                        'document_state': 'skipped',
                        **self._get_no_error(),
                        'error_message': reason,
                    }
                )
            elif order.document_state == 'skipped':
                order.document_state = 'pending'

    def _get_skip_reason(self):
        """Return why an order gets no document, or ``False``."""
        self.ensure_one()
        if self.cancelled_at:
            return self.env._("The order was cancelled in Shopify before it reached Odoo.")
        if not any(line._get_sold_quantity() for line in self.line_ids):
            return self.env._("Nothing is left on the order: all items were removed in Shopify.")
        if self._is_historic() and self.shop_id.historic_policy == 'skip':
            return self.env._("The order is from before the go-live date of the shop.")
        return False

    def _map_batch(self):
        known_errors = self._get_errors()
        problems = self._map()
        for order, problem in problems.items():
            order._set_failed(problem)
        self._note_failures(known_errors)
        return self.filtered(lambda order: order not in problems)

    def _create_batch(self):
        """Create, prove and confirm a batch in as few queries as one order needs."""
        known_errors = self._get_errors()
        sales = self._try_sale_orders()
        sales.filtered('shopify_shop_id.auto_confirm_orders')._shopify_confirm()
        self._note_results(sales, known_errors)

    def _map(self):
        """Decide customers, products, taxes and shipping of a batch.

        :return: order → :class:`~..exceptions.Problem` for the orders that lack something.
        """
        problems = {}
        for decide in (
            self._map_currencies,
            self._map_customers,
            self.line_ids._map_products,
            self.line_ids._map_locations,
            self.shipping_line_ids._map_methods,
            self.tax_line_ids._map_taxes,
        ):
            for order, problem in decide().items():
                problems.setdefault(order, problem)
        return problems

    def _list_problems(self):
        """Map a batch and return order → all that it lacks, where :meth:`_map` tells the first."""
        found = {order: [problem] for order, problem in self._map().items()}
        lists = (self.line_ids._list_product_problems(), self.tax_line_ids._list_tax_problems())
        for order, problem in (pair for pairs in lists for pair in pairs):
            if problem not in found.setdefault(order, []):
                found[order].append(problem)
        return found

    def _try_sale_orders(self):
        """Create and prove the sales orders of a mapped batch; return those that are right."""
        self._set_currency_rates()
        sales = self._create_sale_orders()
        return sales - self._prove(sales)

    def _get_current_problem(self):
        """Return the :class:`~..exceptions.Problem` that the order failed with."""
        self.ensure_one()
        return Problem(self.error_code, self.error_message, self.error_subject or '')

    def _fail(self, error):
        """Keep why the order could not become a document; the log has the rest."""
        self.ensure_one()
        _logger.info("No document for Shopify order %s", self.name, exc_info=error)
        known_errors = self._get_errors()
        self._set_failed(describe_error(self.env, error))
        self._note_failures(known_errors)

    @api.model
    def _get_no_error(self):
        return {
            'error_message': False,
            'error_code': False,
            'error_subject': False,
            'retry_at': False,
            'retry_requested': False,
        }

    def _set_failed(self, problem):
        self.write(
            {
                'document_state': 'failed',
                'error_message': problem.message,
                'error_code': problem.code,
                'error_subject': problem.subject,
                'retry_at': fields.Datetime.now() + RETRY_AFTER,
                'retry_requested': False,
            }
        )

    # === BUSINESS METHODS: MAP === #

    def _map_customers(self):
        """Choose customer and addresses of each order; what a user chose stays.

        :return: order → problem for the orders without a customer.
        """
        partners = self.env['res.partner']
        choices = partners._shopify_choose(self)
        problems = {}
        for order, choice in choices.items():
            if isinstance(choice, Problem):
                problems[order] = choice
                order._forget_customer()
            else:
                order.with_context(shopify_mapping=True).write(choice)
        return problems

    def _forget_customer(self):
        """Take back a customer whom the rules no longer choose."""
        self.filtered('partner_id').with_context(shopify_mapping=True).write(
            {
                'partner_id': False,
                'partner_invoice_id': False,
                'partner_shipping_id': False,
                'customer_decision': False,
            }
        )

    def _get_buyer_keys(self):
        """Return what makes an unknown buyer the same as that of another order, best key first.

        It is what the mapping of the shop would compare if the orders came one after the other.
        """
        self.ensure_one()
        customer = [('customer', self.customer_id.id)] if self.customer_id else []
        keys = getattr(self, f'_get_buyer_keys_by_{self.shop_id.customer_policy}')()
        return customer + [(kind, value) for kind, value in keys if value]

    def _get_buyer_keys_by_default(self):
        return self._get_buyer_keys_by_contact()

    def _get_buyer_keys_by_contact(self):
        return [('email', email_of(self)), ('phone', phone_of(self))]

    def _get_buyer_keys_by_address(self):
        bill_to = self._get_bill_to()
        if not bill_to:
            return self._get_buyer_keys_by_contact()
        return [('address', key) for key in keys_of(bill_to)]

    def _get_bill_to(self):
        """Return the address of the invoice if it says whose it is, else ``None``."""
        self.ensure_one()
        address = self._get_address('invoice')
        return address if address and person_of(address) else None

    def _get_creation_address(self):
        """Return the address from which the customer may be created, ``False`` for none (R-74)."""
        self.ensure_one()
        location = self.company_location_id
        return (
            location.billing_address
            or location.shipping_address
            or self._get_address('invoice')
            or self.customer_id.address
        )

    def _get_addresses(self):
        """Return all addresses that the order knows."""
        self.ensure_one()
        return [
            address
            for address in (
                self.billing_address,
                self.shipping_address,
                self.customer_id.address,
                self.company_location_id.billing_address,
                self.company_location_id.shipping_address,
            )
            if address
        ]

    def _may_create_customer(self):
        """Return whether the shop creates customers for orders like this one."""
        self.ensure_one()
        shop = self.shop_id
        if self.company_gid:
            return shop.company_import == 'create' and shop.company_policy != 'default'
        return shop.customer_import == 'create' and shop.customer_policy != 'default'

    def _link_buyer(self, partner, decision):
        """Link the Shopify customer or company to its contact, so that later orders follow it.

        A link in use stays; a default customer and the own customer of a location are no contact
        of the buyer.
        """
        self.ensure_one()
        others = self.shop_id._get_shared_partners() | self.company_location_id.partner_id
        link = self.shopify_company_id if self.company_gid else self.customer_id
        if link and not link.partner_id.active and partner not in others:
            link.with_context(shopify_mapping=True).write(
                {'partner_id': partner.id, 'decision': decision}
            )

    def _get_address(self, kind):
        """Return the order's address for invoices or deliveries; one stands in for the other."""
        self.ensure_one()
        pair = (self.billing_address, self.shipping_address)
        return (pair[0] or pair[1]) if kind == 'invoice' else (pair[1] or pair[0])

    def _keeps_address(self, kind, partner):
        """Return whether the address is not taken from the order.

        A user who chose the customer or one of the addresses decided; a shared default customer is
        invoiced as itself, a location of a company as it says.
        """
        self.ensure_one()
        if kind == 'invoice':
            shared = partner in self.shop_id._get_shared_partners()
            return self.manual_partner or shared or bool(self._get_location_invoice(partner))
        return self.manual_partner and bool(self.partner_shipping_id)

    def _get_kept_address(self, kind, partner):
        self.ensure_one()
        kept = self.partner_invoice_id if kind == 'invoice' else self.partner_shipping_id
        if self.manual_partner and kept:
            return kept
        return (kind == 'invoice' and self._get_location_invoice(partner)) or partner

    def _get_location_invoice(self, partner):
        """Return who is invoiced for a location of a company, if that is set with its customer."""
        self.ensure_one()
        location = self.company_location_id
        if self.manual_partner or location.partner_id != partner:
            return self.env['res.partner']
        return location.partner_invoice_id

    # === BUSINESS METHODS: DOCUMENTS === #

    def _get_fiscal_position(self):
        """Return the fiscal position of the first address that names a city (R-16)."""
        self.ensure_one()
        positions = self.env['account.fiscal.position']
        addresses = {
            'ship': self.partner_shipping_id,
            'sell': self.partner_id,
            'bill': self.partner_invoice_id,
        }
        priority = self.shop_id.tax_priority
        for name in priority.split('_') if priority != 'none' else ():
            if addresses[name].city:
                return positions._get_fiscal_position(self.partner_id, addresses[name])
        return positions

    def _has_separate_tip(self):
        """Return whether a tip was given that is on no line."""
        self.ensure_one()
        return bool(self.total_tip) and 'tip' not in self.line_ids.mapped('kind')

    def _create_sale_orders(self):
        """Create the draft sales orders of a mapped batch in one create."""
        defaults = self.shop_id._get_document_defaults(self.currency_id) if self else {}
        self._prefetch_for_documents()
        values = [order._prepare_sale_order_values(defaults) for order in self]
        sales = self.env['sale.order'].create(values)
        for order in self:
            order.write({'document_state': 'done', **self._get_no_error()})
        return sales

    def _prefetch_for_documents(self):
        """Read once for the batch what the values of all its documents are made of."""
        self.line_ids.tax_line_ids.mapped('tax_id.tax_id')
        self.shipping_line_ids.tax_line_ids.mapped('tax_id.tax_id')
        self.fee_ids.tax_line_ids.mapped('tax_id.tax_id')
        self.line_ids.product_id.mapped('uom_id')
        self.line_ids.location_id.mapped('warehouse_id')

    def _prepare_sale_order_values(self, defaults):
        """Return the values of the sales order; a hook for extensions, writes nothing.

        :param dict defaults: what all orders of the shop share, found once for the batch.
        """
        return self.env['sale.order']._shopify_prepare_values(self, defaults)

    def _prove(self, sales):
        """Compare each sales order with Shopify to the cent and keep the proof.

        What rounding alone explains is settled by a line of its own; an order with any other
        difference is not made.

        :return: the sales orders that were taken back.
        """
        refused = self.env['sale.order']
        for sale in sales:
            order = sale.shopify_order_id
            gap = order._get_gap(sale)
            if gap and abs(gap) <= order._get_rounding_limit():
                sale._shopify_add_rounding(-gap)
                gap = order._get_gap(sale)
            order.write(
                {
                    'document_total': sale.amount_total,
                    'document_tax': sale.amount_tax,
                    'difference': float(gap),
                }
            )
            if gap:
                order._set_failed(order._get_gap_problem(gap))
                refused += sale
        refused.unlink()
        return refused

    def _get_gap(self, sale):
        """Return document less Shopify, exact."""
        self.ensure_one()
        digits = self.currency_id.decimal_places
        return to_decimal(sale.amount_total, digits) - to_decimal(self.expected_total, digits)

    def _get_rounding_limit(self):
        """Return the most that rounding can explain: one unit for each amount that was rounded."""
        self.ensure_one()
        count = len(self.line_ids) + len(self.tax_line_ids) + len(self.shipping_line_ids)
        return to_decimal(self.currency_id.rounding, self.currency_id.decimal_places) * count

    def _get_gap_problem(self, gap):
        return Problem(
            'total_differs',
            self.env._(
                "The sales order would be %(gap)s %(currency)s off Shopify's total of %(total)s."
                " It was not created.",
                gap=gap,
                currency=self.currency_id.name,
                total=to_decimal(self.expected_total, self.currency_id.decimal_places),
            ),
        )


def _address_json(address):
    return dataclasses.asdict(address) if address else False
