import logging
import random
import time
import traceback
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..exceptions import describe_error
from ..isolation import TRANSACTION_ERRORS, run_isolated
from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyAccessError, ShopifyError, ShopifyRetryableError
from ..shopify_api.order import RISK_LEVELS, naive

_logger = logging.getLogger(__name__)

MAX_TRANSACTION_TRIES = 5
# Class of advisory locks: one worker of a store stages and maps at a time.
MAPPING_LOCK = 19_420_002
MAX_LOCK_TRIES = 600
# What tells up to which change an order is known; the time of import for staged orders only.
_SEEN_FIELDS = ('shopify_id', 'updated_at', 'imported_at')
# Orders in one transaction: enough to share queries, few enough to hold locks for seconds only.
CHUNK = 25


class ShopifyOrderImport(models.Model):
    _name = 'shopify.order.import'
    _description = "Shopify Order to Import"
    _order = 'created_at desc, id desc'

    name = fields.Char(string="Order", required=True, readonly=True)
    store_id = fields.Many2one('shopify.store', required=True, readonly=True, ondelete='cascade')
    shop_id = fields.Many2one(
        'shopify.shop',
        index=True,
        ondelete='set null',
        domain="[('store_id', '=', store_id)]",
        help="The shop whose rules apply. Empty: no shop's filter takes this order.",
    )
    company_id = fields.Many2one(
        'res.company', compute='_compute_company_id', store=True, index=True, precompute=True
    )
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    created_at = fields.Datetime(string="Ordered", readonly=True)
    updated_at = fields.Datetime(string="Changed in Shopify", required=True, readonly=True)
    is_update = fields.Boolean(
        string="Known Order", readonly=True, help="The order was imported before and has changed."
    )
    closed = fields.Boolean(string="Archived", readonly=True)
    cancelled = fields.Boolean(readonly=True)
    confirmed = fields.Boolean(readonly=True)
    test = fields.Boolean(readonly=True)
    source_name = fields.Char(string="Source", readonly=True)
    channel = fields.Char(readonly=True)
    app_name = fields.Char(string="App", readonly=True)
    financial_status = fields.Char(string="Payment", readonly=True)
    fulfillment_status = fields.Char(string="Fulfillment", readonly=True)
    return_status = fields.Char(string="Return", readonly=True)
    fully_paid = fields.Boolean(readonly=True)
    unpaid = fields.Boolean(readonly=True)
    quantity = fields.Integer(string="Items", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    total = fields.Monetary(readonly=True)
    tag_ids = fields.Many2many('shopify.tag', string="Tags", readonly=True)
    attribute_keys = fields.Char(
        string="Attributes", readonly=True, help="Keys of the order's attributes."
    )
    risk_level = fields.Char(string="Risk", readonly=True)
    high_risk = fields.Boolean(readonly=True)
    is_company = fields.Boolean(string="Company Order", readonly=True)
    ship_country_id = fields.Many2one('res.country', string="Ships To", readonly=True)

    state = fields.Selection(
        [('pending', "Waiting"), ('running', "Importing"), ('failed', "Failed")],
        required=True,
        default='pending',
        readonly=True,
        index=True,
    )
    requested = fields.Boolean(
        readonly=True,
        help="A user asked for this order; it is imported whatever the schedule says.",
    )
    error_message = fields.Text(readonly=True)
    error_code = fields.Char(readonly=True, index='btree_not_null')
    error_subject = fields.Char(readonly=True, help="What is missing, for example a currency.")
    error_details = fields.Text(readonly=True, groups='base.group_system')
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime(readonly=True, help="Not tried again before this moment.")
    lease_until = fields.Datetime(
        readonly=True, help="A worker has this order until then; after it, another may take it."
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This order is waiting already."
    )
    _due_idx = models.Index("(id) WHERE state IN ('pending', 'running')")

    # === COMPUTE METHODS === #

    @api.depends('shop_id.company_id', 'store_id.company_id')
    def _compute_company_id(self):
        for row in self:
            row.company_id = row.shop_id.company_id or row.store_id.company_id

    # === CRUD METHODS === #

    def unlink(self):
        """Take orders out of the import until they change in Shopify (R-53)."""
        if not self.env.context.get('shopify_imported'):
            self._exclude()
        return super().unlink()

    def _exclude(self):
        self.env['shopify.order.exclusion'].sudo().create(
            [
                {
                    'store_id': row.store_id.id,
                    'shopify_id': row.shopify_id,
                    'name': row.name,
                    'updated_at': row.updated_at,
                }
                for row in self
            ]
        )

    # === ACTION METHODS === #

    def action_import(self):
        """Import the chosen orders now, in the background (R-52)."""
        self.check_access('read')
        without_shop = self.filtered(lambda row: not row.shop_id)
        if without_shop:
            raise UserError(
                self.env._(
                    "Choose a shop for %(orders)s first: its rules decide what becomes of them.",
                    orders=', '.join(without_shop.mapped('name')),
                )
            )
        self._request()
        return self.env['shopify.store']._notify(self.env._("The import has started."))

    def _request(self):
        """Make rows due at once, whatever failed before, and wake the workers."""
        rows = self.filtered(lambda row: row.state != 'running')
        rows.sudo().write(
            {
                'state': 'pending',
                'requested': True,
                'retry_at': False,
                'attempts': 0,
                'error_message': False,
                'error_code': False,
                'error_subject': False,
                'error_details': False,
            }
        )
        self.env['shopify.shop']._request_import()

    # === BUSINESS METHODS: DISCOVER === #

    @api.model
    def _note_heads(self, store, heads):
        """Add or renew the rows of the orders that need an import.

        New orders that are archived stay out (R-40); so do orders that a user took out and that
        have not changed (R-53), and what we imported at this state already.

        :param list heads: :class:`~odoo.addons.shopify_connector.shopify_api.order.Head`
        :return: the rows that were added or renewed.
        """
        gids = [head.gid for head in heads]
        seen = self._get_seen(store, gids)
        rows = {row.shopify_id: row for row in self._search_gids(store, gids)}
        imported = seen['shopify.order']
        todo = [
            head
            for head in heads
            if not (head.closed and head.gid not in imported and head.gid not in rows)
            and all(
                head.gid not in known or known[head.gid] < naive(head.updated_at)
                for known in seen.values()
            )
        ]
        values = self._prepare_heads(store, todo, imported)
        result = self
        for gid in [head.gid for head in todo if head.gid in rows]:
            rows[gid].write({**values.pop(gid), **self._get_reset_values()})
            result += rows[gid]
        return result + self.create(list(values.values()))

    @api.model
    def _search_gids(self, store, gids):
        return self.search([('store_id', '=', store.id), ('shopify_id', 'in', gids)])

    @api.model
    def _get_seen(self, store, gids):
        """Return for each place that knows orders: gid → the change up to which it knows them."""
        seen = {}
        for name in ('shopify.order.import', 'shopify.order', 'shopify.order.exclusion'):
            model = self.env[name].sudo()
            records = model.search_fetch(
                [('store_id', '=', store.id), ('shopify_id', 'in', gids)],
                [field for field in _SEEN_FIELDS if field in model._fields],
            )
            seen[name] = {record.shopify_id: record._get_known_until() for record in records}
        return seen

    def _get_known_until(self):
        """Return the change up to which the row knows its order; it is fetched later, as it is."""
        return self.updated_at

    @api.model
    def _get_reset_values(self):
        return {
            'state': 'pending',
            'retry_at': False,
            'attempts': 0,
            'error_message': False,
            'error_code': False,
            'error_subject': False,
            'error_details': False,
            'lease_until': False,
        }

    @api.model
    def _prepare_heads(self, store, heads, imported):
        """Return gid → values of a row, with one search per kind of thing they name."""
        tags = self.env['shopify.tag']._find_or_create(tag for head in heads for tag in head.tags)
        currencies = self.env['res.currency']._shopify_by_code(
            head.total.shop_currency for head in heads
        )
        countries = self.env['res.country']._shopify_by_code(head.ship_country for head in heads)
        return {
            head.gid: {
                **self._prepare_head(head),
                'store_id': store.id,
                'is_update': head.gid in imported,
                'tag_ids': [fields.Command.set([tags[tag].id for tag in head.tags])],
                'currency_id': currencies.get(head.total.shop_currency, currencies[None]).id,
                'ship_country_id': countries.get(head.ship_country, countries[None]).id,
            }
            for head in heads
        }

    @api.model
    def _prepare_head(self, head):
        return {
            'shopify_id': head.gid,
            'name': head.name,
            'created_at': naive(head.created_at),
            'updated_at': naive(head.updated_at),
            'closed': head.closed,
            'cancelled': bool(head.cancelled_at),
            'confirmed': head.confirmed,
            'test': head.test,
            'source_name': head.source_name,
            'channel': head.channel,
            'app_name': head.app_name,
            'financial_status': head.financial_status,
            'fulfillment_status': head.fulfillment_status,
            'return_status': head.return_status,
            'fully_paid': head.fully_paid,
            'unpaid': head.unpaid,
            'quantity': head.quantity,
            'total': float(head.total.shop),
            'attribute_keys': ', '.join(head.attribute_keys),
            'risk_level': head.risk_level,
            'high_risk': head.risk_level == 'HIGH' or head.risk_level not in ('', *RISK_LEVELS),
            'is_company': head.is_company,
        }

    # === BUSINESS METHODS: CLAIM === #

    @api.model
    def _get_due_sql(self):
        """Return the condition on rows that a worker may take now."""
        return SQL(
            """ row.shop_id IS NOT NULL
                AND (row.requested OR shop.auto_import) AND shop.active AND store.active
                AND store.state = 'connected'
                AND ((row.state = 'pending' AND (row.retry_at IS NULL OR row.retry_at <= %(now)s))
                     OR (row.state = 'running' AND row.lease_until <= %(now)s)) """,
            now=fields.Datetime.now(),
        )

    @api.model
    def _count_due(self):
        self.flush_model()
        sql = SQL(
            """SELECT count(*) FROM shopify_order_import row
                 JOIN shopify_shop shop ON shop.id = row.shop_id
                 JOIN shopify_store store ON store.id = row.store_id
                WHERE %s""",
            self._get_due_sql(),
        )
        return self.env.execute_query(sql)[0][0]

    @api.model
    def _claim(self, limit):
        """Take up to ``limit`` due rows of one shop for this worker, and commit that.

        The lease, not a lock, keeps other workers off while we wait for Shopify; a worker that
        dies gives its rows back when the lease ends.
        """
        self.env['ir.cron']._commit_progress()  # a stale snapshot cannot lock rows
        self.flush_model()
        sql = SQL(
            """SELECT row.id FROM shopify_order_import row
                 JOIN shopify_shop shop ON shop.id = row.shop_id
                 JOIN shopify_store store ON store.id = row.store_id
                WHERE %s ORDER BY row.shop_id, row.id LIMIT %s
                  FOR NO KEY UPDATE OF row SKIP LOCKED""",
            self._get_due_sql(),
            limit,
        )
        rows = self.browse(row_id for (row_id,) in self.env.execute_query(sql))
        rows = rows.filtered(lambda row: row.shop_id == rows[:1].shop_id)
        rows.write({'state': 'running', 'lease_until': self.env['shopify.store']._get_lease_end()})
        self.env['ir.cron']._commit_progress()
        return rows

    # === BUSINESS METHODS: IMPORT === #

    @api.model
    def _import_next(self, limit):
        """Claim, fetch and process one batch; return how many rows were handled.

        A fault of Shopify that will pass puts the rows back; no user sees it.
        """
        rows = self._claim(limit)
        if rows:
            rows.shop_id._as_sync_user(rows)._import()
        return len(rows)

    def _import(self):
        """Fetch and process rows of one shop; what cannot be read at once is read in halves."""
        if not self:
            return
        try:
            found = self._fetch_orders()
        except ShopifyRetryableError as error:
            self._put_back(error.retry_after)
            _logger.info("%s: import put off (%s)", self.shop_id.name, error)
        except ShopifyAccessError as error:
            self._put_back(0)
            self.store_id._set_access_error(error)
        except (ShopifyError, UserError) as error:
            self._import_halves(error)
        else:
            for start in range(0, len(self), CHUNK):
                self[start : start + CHUNK]._process_in_transaction(found)

    def _import_halves(self, error):
        """Go on without the orders whose answer cannot be read, a few requests for each of them."""
        if len(self) == 1:
            self._fail(error)
            self.env['ir.cron']._commit_progress()
            return
        middle = len(self) // 2
        self[:middle]._import()
        self[middle:]._import()

    def _fetch_orders(self):
        """Return gid → order as Shopify has it now; the transaction is closed meanwhile."""
        store = self.store_id
        gids = self.mapped('shopify_id')
        options = store._get_fetch_options(with_companies=any(self.mapped('is_company')))
        client = store._get_client()
        self.env['ir.cron']._commit_progress()
        return fetch.orders(client, gids, **options)

    def _put_back(self, seconds):
        """Let the rows be taken again later, as if nothing had happened."""
        retry_at = fields.Datetime.now() + timedelta(seconds=seconds)
        self.write({'state': 'pending', 'lease_until': False, 'retry_at': retry_at})
        self.env['ir.cron']._commit_progress()

    def _process_in_transaction(self, found):
        """Stage and map fetched orders, then make their documents, each in its own transaction.

        What orders share (customers, contacts, products, taxes, tags) is found or created in the
        first one, by one worker of the store at a time; documents are made by all workers at once.
        The rows stay ours until the second one has ended them.
        """
        staged = self._repeat(lambda rows: rows._stage_and_map(found), lock=MAPPING_LOCK)
        if staged:
            row_ids, order_ids = staged
            self.browse(row_ids)._repeat(lambda rows: rows._make_documents(order_ids))

    def _repeat(self, work, lock=None):
        """Do ``work`` in a transaction, again from the start when the database asks for it.

        Two workers that meet on the same rows make PostgreSQL refuse one of them; its work is
        repeated on what the other one left.

        :param work: callable that takes the rows.
        :param int lock: class of the advisory lock to hold on the store meanwhile.
        :return: what ``work`` returns; ``None`` when the rows were put back instead.
        """
        for attempt in range(1, MAX_TRANSACTION_TRIES + 1):
            last = attempt == MAX_TRANSACTION_TRIES
            try:
                if lock:
                    self._wait_for_lock(lock)
                result = work(
                    self.with_context(shopify_isolate_all=last, shopify_reserve_later=True)
                )
                self.env['ir.cron']._commit_progress()
            except TRANSACTION_ERRORS as error:
                self.env.cr.rollback()
                _logger.info("Import of %s orders repeated: %s", len(self), type(error).__name__)
            else:
                return result
        self._put_back(60)
        return None

    def _wait_for_lock(self, lock):
        """Take an advisory lock on the store; each attempt with a snapshot that sees all before.

        A blocking lock would wait with the old snapshot in hand and then see nothing of what the
        other worker has just committed.
        """
        statement = SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", lock, self.store_id.id)
        for _attempt in range(MAX_LOCK_TRIES):
            self.env['ir.cron']._commit_progress()
            if self.env.execute_query(statement)[0][0]:
                return
            time.sleep(random.uniform(0.02, 0.08))  # noqa: S311 - jitter
        msg = "The other workers of the store keep mapping."
        raise psycopg2.errors.LockNotAvailable(msg)

    def _filter_ours(self):
        """Return the rows that no other worker has taken since, locked."""
        return self.try_lock_for_update().filtered(lambda row: row.state == 'running')

    def _stage_and_map(self, found):
        """Stage the orders of the rows and map those whose shop wants documents (R-10, R-65).

        :return: ids of the rows whose order is staged, ids of the orders ready for documents.
        """
        rows = self._filter_ours()
        gone = rows.filtered(lambda row: row.shopify_id not in found)
        gone.with_context(shopify_imported=True).unlink()  # deleted in Shopify since
        rows -= gone
        parts = run_isolated(
            rows, lambda part: part._stage(found), lambda row, error: row._fail(error)
        )
        orders = self.env['shopify.order'].union(*parts)
        rows = rows.filtered(lambda row: row.state == 'running')
        return rows.ids, orders._filter_wanted()._map_documents().ids

    def _stage(self, found):
        """Write the staged orders of the rows."""
        return self.env['shopify.order']._stage(
            self.shop_id, [found[row.shopify_id] for row in self]
        )

    def _make_documents(self, order_ids):
        """Create the documents of mapped orders and end the rows."""
        rows = self._filter_ours()
        ours = set(rows.mapped('shopify_id'))
        orders = self.env['shopify.order'].browse(order_ids)
        orders.filtered(lambda order: order.shopify_id in ours)._create_mapped()
        rows.with_context(shopify_imported=True).unlink()

    def _fail(self, error):
        """Keep on the row why it could not be imported, in words and for developers."""
        _logger.info("Import of %s failed", ', '.join(self.mapped('name')), exc_info=error)
        problem = describe_error(self.env, error)
        self.write(
            {
                'state': 'failed',
                'requested': False,
                'lease_until': False,
                'error_message': problem.message,
                'error_code': problem.code,
                'error_subject': problem.subject,
                'error_details': ''.join(traceback.format_exception(error)),
            }
        )
