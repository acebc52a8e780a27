from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ..exceptions import describe_error
from ..isolation import run_isolated
from ..models.shopify_order import IMPORT_CONTEXT
from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyError

MAX_ORDERS = fetch.HEADS_PER_PAGE


class ShopifyPreflight(models.TransientModel):
    """Look ahead: what would the newest orders of the store lack, were they imported now? (M-07)

    The orders are read from Shopify, staged, mapped and turned into draft documents as an import
    does, in a savepoint that is rolled back. Only the findings stay, and they do not stay long.
    """

    _name = 'shopify.preflight'
    _description = "Check of the Last Shopify Orders"

    shop_id = fields.Many2one('shopify.shop', required=True, readonly=True, ondelete='cascade')
    count = fields.Integer(
        string="How Many Orders",
        required=True,
        default=50,
        help="The newest orders of the store, read only. At most 250.",
    )
    state = fields.Selection([('ask', "Ask"), ('done', "Done")], required=True, default='ask')
    checked_count = fields.Integer(string="Checked", readonly=True)
    good_count = fields.Integer(
        string="Ready", readonly=True, help="Orders that would become documents."
    )
    failed_count = fields.Integer(
        string="Would Fail", readonly=True, help="Orders that lack something."
    )
    skipped_count = fields.Integer(
        string="No Document",
        readonly=True,
        help="Orders that need no document, for example cancelled ones.",
    )
    done_count = fields.Integer(
        string="In Odoo Already", readonly=True, help="Orders with documents, not checked again."
    )
    other_count = fields.Integer(
        string="Not for This Shop",
        readonly=True,
        help="Orders that the filter of the shop leaves out.",
    )
    finding_ids = fields.One2many('shopify.preflight.finding', 'preflight_id', readonly=True)

    @api.constrains('count')
    def _check_count(self):
        if any(not 1 <= wizard.count <= MAX_ORDERS for wizard in self):
            raise ValidationError(self.env._("Check between 1 and %(max)s orders.", max=MAX_ORDERS))

    # === ACTION METHODS === #

    def action_check(self):
        """Read the orders, try them, take everything back, and show what was found."""
        self.ensure_one()
        self.shop_id.check_access('read')
        heads, orders = self._fetch()
        report = self._dry_run(heads, orders)
        self.write(self._prepare_report(report))
        return self._reopen()

    def action_again(self):
        """Ask once more."""
        self.ensure_one()
        self.write({'state': 'ask', 'finding_ids': [Command.clear()]})
        return self._reopen()

    def _reopen(self):
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Check the Last Orders"),
            'res_model': self._name,
            'res_id': self.id,
            'view_mode': 'form',
            'target': 'new',
        }

    # === BUSINESS METHODS === #

    def _fetch(self):
        """Return the newest heads of the store, and the orders that have no document yet."""
        store = self.shop_id.store_id
        try:
            client = store._get_client()
            heads = fetch.newest_order_heads(client, self.count)
            done = self._search_done([head.gid for head in heads])
            gids = [head.gid for head in heads if head.gid not in done]
            options = store._get_fetch_options(with_companies=any(h.is_company for h in heads))
            orders = {}
            for start in range(0, len(gids), fetch.ORDERS_PER_REQUEST):
                part = gids[start : start + fetch.ORDERS_PER_REQUEST]
                orders |= fetch.orders(client, part, **options)
        except ShopifyError as error:
            raise UserError(str(error)) from error
        return heads, orders

    def _search_done(self, gids):
        domain = [
            ('store_id', '=', self.shop_id.store_id.id),
            ('shopify_id', 'in', gids),
            ('document_state', '=', 'done'),
        ]
        return set(self.env['shopify.order'].sudo().search(domain).mapped('shopify_id'))

    def _dry_run(self, heads, orders):
        """Try the orders and take back whatever that wrote.

        :return: ``{'good': …, 'skipped': …, 'other': … counts, 'found': problem → order names}``
        """
        # As an import: quiet, as the system, in the company of the shop; the last try of an import
        # is the one that blames an order for everything.
        quiet = self.with_context(**IMPORT_CONTEXT, shopify_isolate_all=True).sudo()
        shop = quiet.shop_id.with_company(quiet.shop_id.company_id)
        report = {'good': 0, 'skipped': 0, 'done': len(heads) - len(orders)}
        report['found'] = defaultdict(list)
        savepoint = self.env.cr.savepoint()
        try:
            wanted = self._filter_wanted(shop, heads)
            todo = [order for gid, order in orders.items() if gid in wanted]
            report['other'] = len(orders) - len(todo)
            run_isolated(
                todo,
                lambda part: self._try(shop, part, report),
                lambda part, error: self._note(report, describe_error(self.env, error), part),
                env=quiet.env,
            )
        finally:
            savepoint.close(rollback=True)
        return report

    def _filter_wanted(self, shop, heads):
        """Return the gids of the orders that the filter of the shop takes."""
        rows = shop.env['shopify.order.import']
        gids = [head.gid for head in heads]
        known = set(rows._search_gids(shop.store_id, gids).mapped('shopify_id'))
        new = [head for head in heads if head.gid not in known]
        rows.create(list(rows._prepare_heads(shop.store_id, new, ()).values()))
        domain = Domain('store_id', '=', shop.store_id.id) & Domain('shopify_id', 'in', gids)
        return set(rows.search(domain & shop._get_import_domain()).mapped('shopify_id'))

    def _try(self, shop, orders, report):
        """Stage, map, create and prove a part of the orders; what it finds goes to the report.

        The report is written last: a part that raises is tried again in halves.
        """
        staged = shop.env['shopify.order']._stage(shop, orders).with_company(shop.company_id)
        staged._skip_without_document()
        skipped = staged.filtered(lambda order: order.document_state == 'skipped')
        problems = (staged - skipped)._list_problems()
        ready = staged - skipped - self.env['shopify.order'].union(*problems)
        # Draft documents with a name of their own take no number from Odoo's sequence.
        sales = ready.with_context(shopify_dry_run=True)._try_sale_orders()
        refused = ready - sales.shopify_order_id
        found = {order: [order._get_current_problem()] for order in refused} | problems
        for order, order_problems in found.items():
            for problem in order_problems:
                report['found'][problem.code, problem.subject, problem.message].append(order.name)
        report['good'] += len(ready - refused)
        report['skipped'] += len(skipped)

    def _note(self, report, problem, orders):
        key = (problem.code, problem.subject, problem.message)
        report['found'][key] += [order.name for order in orders]

    def _prepare_report(self, report):
        """Return the values of the wizard for what was found, equal causes together."""
        causes = {}
        for (code, subject, message), names in report['found'].items():
            first = causes.setdefault((code, subject), (message, []))
            first[1].extend(names)
        failed = {name for _message, names in causes.values() for name in names}
        titles = self.env['shopify.problem']._get_titles()
        findings = [
            {
                'title': titles.get(code) or code,
                'subject': subject,
                'message': message,
                'order_count': len(set(names)),
                'order_names': ', '.join(dict.fromkeys(names)),
            }
            for (code, subject), (message, names) in causes.items()
        ]
        findings.sort(key=lambda values: -values['order_count'])
        return {
            'state': 'done',
            'checked_count': report['good'] + report['skipped'] + len(failed),
            'good_count': report['good'],
            'skipped_count': report['skipped'],
            'done_count': report['done'],
            'other_count': report['other'],
            'failed_count': len(failed),
            'finding_ids': [Command.clear(), *(Command.create(values) for values in findings)],
        }


class ShopifyPreflightFinding(models.TransientModel):
    """One cause for which orders would fail."""

    _name = 'shopify.preflight.finding'
    _description = "Finding of a Check of Shopify Orders"
    _order = 'order_count desc, id'

    preflight_id = fields.Many2one('shopify.preflight', required=True, ondelete='cascade')
    title = fields.Char(string="Cause", readonly=True)
    subject = fields.Char(string="What Is Missing", readonly=True)
    message = fields.Text(string="Reason", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    order_names = fields.Text(string="Which Orders", readonly=True)
