"""Shipments on their way out: claim → gather → ask → allocate → send → remember.

State is on the deliveries. What is sent is the difference between what Odoo has delivered and what
Shopify has now, so a run may be killed anywhere and repeated; what was about to be sent is kept
before it is sent, so that a shipment whose answer was lost is found again and not made twice.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..exceptions import describe_error
from ..isolation import repeat, run_isolated
from ..shopify_api import fetch, send
from ..shopify_api.errors import (
    ShopifyAccessError,
    ShopifyError,
    ShopifyRetryableError,
    ShopifyUserError,
)
from ..shopify_api.shipping import KEEP, Attempt, Policy, decide

_logger = logging.getLogger(__name__)

# Shopify may change under our hands: then it is asked again, and what is right by then is sent.
MAX_ROUNDS = 4
# A lost answer is looked for when Shopify has surely done, or not done, what was sent.
ASK_AGAIN_AFTER = 60  # seconds
# What keeps units back that may be gone when the order changes in Shopify.
WAITING_CODES = ('on_hold', 'service', 'requested', 'blocked')
QUIET = {'mail_notrack': True, 'tracking_disable': True}


@dataclass
class Case:
    """One order on its way out: what was gathered of it, then what was decided."""

    gid: str
    deliveries: tuple
    delivered: dict  # line gid → units that Odoo has delivered in all
    names: dict  # line gid → what users call it
    foreign: dict  # id of the delivery → what it holds that Shopify did not sell, in words
    notify: dict  # id of the delivery → whether the buyer is told
    policy: Policy
    lease: object  # until when the order is ours
    outcomes: dict = field(default_factory=dict)
    refusals: list = field(default_factory=list)  # what Shopify did not do, in its words

    def refuse(self, error):
        """Go on without what Shopify refused: what left is shipped from where Shopify wants it."""
        self.refusals.append(error.message)
        if any(outcome.is_first_step for outcome in self.outcomes.values()):
            self.policy = KEEP


class ShopifyOrder(models.Model):
    """What Odoo has delivered becomes true in Shopify (R-117 to R-120, M-02, M-14)."""

    _inherit = 'shopify.order'

    shipment_lease_until = fields.Datetime(
        readonly=True, copy=False, help="Until then a worker has the shipments of the order."
    )
    archive_retry_at = fields.Datetime(
        readonly=True, copy=False, help="Shopify is not asked before to archive the order."
    )

    # === CRON === #

    @api.model
    def _cron_sync_shipments(self, batch=None):
        """Tell Shopify what was delivered, follow the parcels, archive what is settled.

        Several scheduled actions, workers and hosts may run this at once: orders are shared out by
        locks and leases. Whatever stops it, the next run goes on where this one stood.
        """
        store = self.env['shopify.store']
        progress = self.env['ir.cron']._commit_progress
        left = progress(remaining=self._count_due_shipments())
        while left and (orders := self._claim_shipments(batch or fetch.ORDERS_PER_REQUEST)):
            store._attempt(orders.with_context(**QUIET)._sync_shipments)
            self.env[
                'shopify.shop'
            ]._request_import()  # what Shopify says of the orders now
            left = progress(len(orders), remaining=self._count_due_shipments())
        if left:
            store._attempt(self.env['shopify.fulfillment']._follow_parcels)
            store._attempt(self._archive_shipped)

    @api.model
    def _request_shipments(self, at=None):
        """Wake the scheduled action that sends shipments.

        :param datetime at: when; as soon as this is committed unless told otherwise.
        """
        cron = self.env.ref('shopify_connector.cron_sync_shipments', raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at)

    # === CLAIM === #

    @api.model
    def _get_due_shipments_sql(self):
        """Return the condition on orders whose deliveries a worker may take now."""
        return SQL(
            """ shop.active AND store.active AND store.state = 'connected'
                AND (o.shipment_lease_until IS NULL OR o.shipment_lease_until <= %(now)s)
                AND o.id IN (SELECT sale.shopify_order_id
                               FROM stock_picking picking
                               JOIN sale_order sale ON sale.id = picking.sale_id
                              WHERE picking.shopify_state = 'pending'
                                AND (picking.shopify_retry_at IS NULL
                                     OR picking.shopify_retry_at <= %(now)s)) """,
            now=fields.Datetime.now(),
        )

    @api.model
    def _count_due_shipments(self):
        self.env.flush_all()
        sql = SQL(
            """SELECT count(*) FROM shopify_order o
                 JOIN shopify_shop shop ON shop.id = o.shop_id
                 JOIN shopify_store store ON store.id = o.store_id
                WHERE %s""",
            self._get_due_shipments_sql(),
        )
        return self.env.execute_query(sql)[0][0]

    @api.model
    def _claim_shipments(self, limit):
        """Take orders of one store that have deliveries to send, and commit that.

        All deliveries of an order go to one worker: what is sent of one depends on the others.
        """
        self.env['ir.cron']._commit_progress()  # a stale snapshot cannot lock rows
        return repeat(self.env, lambda: self._take_shipments(limit))

    @api.model
    def _take_shipments(self, limit):
        self.env.invalidate_all()  # a run goes on for long, and others deliver meanwhile
        sql = SQL(
            """SELECT o.id FROM shopify_order o
                 JOIN shopify_shop shop ON shop.id = o.shop_id
                 JOIN shopify_store store ON store.id = o.store_id
                WHERE %s ORDER BY o.store_id, o.id LIMIT %s
                  FOR NO KEY UPDATE OF o SKIP LOCKED""",
            self._get_due_shipments_sql(),
            limit,
        )
        orders = self.sudo().browse(order_id for (order_id,) in self.env.execute_query(sql))
        orders = orders.filtered(lambda order: order.store_id == orders[:1].store_id)
        orders.shipment_lease_until = self.env['shopify.store']._get_lease_end()
        return orders

    def _keep_lease(self, case):
        """Make sure that the order is still ours, for longer than one call may take.

        :return: whether it is: a worker that was stopped for minutes finds that another one has
            gone on with its orders, and leaves them alone.
        """
        self.ensure_one()
        lease_end = self.env['shopify.store']._get_lease_end()
        now = fields.Datetime.now()

        def keep():
            self.invalidate_recordset(['shipment_lease_until'])
            if not self.exists() or self.shipment_lease_until != case.lease:
                return False
            # Half of it is more than a call may take: 30 s for the bucket, 60 s for the answer.
            if case.lease - now < (lease_end - now) / 2:
                self.shipment_lease_until = lease_end
            return True

        is_ours = repeat(self.env, keep)
        case.lease = self.shipment_lease_until if is_ours else None
        return is_ours

    # === SYNC === #

    def _sync_shipments(self):
        """Send what was delivered of claimed orders of one store.

        A fault of Shopify that will pass puts the rest back; no user sees it.
        """
        try:
            self._check_may_ship()
            cases = self._gather_shipments()
            for _round in range(MAX_ROUNDS):
                if not cases:
                    break
                self._allocate_shipments(cases, self._ask_shipping(cases))
                cases = self._send_shipments(cases)
            for order_id, case in cases.items():
                self.browse(order_id)._fail_shipments('; '.join(case.refusals), 'shopify_refused')
        except ShopifyRetryableError as error:
            self._put_shipments_back(self._get_pause(error))
            _logger.info("%s: shipments put off (%s)", self.store_id.name, error)
        except ShopifyAccessError as error:
            self._put_shipments_back(0)
            self.store_id._set_access_error(error)
        except (ShopifyError, UserError) as error:
            self._filter_claimed()._fail_shipments_of(error)
        self.env['ir.cron']._commit_progress()

    @api.model
    def _get_pause(self, error):
        """Return the seconds to wait: what Shopify says, or may need for what it perhaps got.

        The system parameter ``shopify_connector.ask_again_seconds`` changes how long that is.
        """
        if error.code == 'throttled':
            return error.retry_after  # what is throttled did not run
        parameters = self.env['ir.config_parameter'].sudo()
        return int(parameters.get_param('shopify_connector.ask_again_seconds', ASK_AGAIN_AFTER))

    def _check_may_ship(self):
        """Refuse when the app may not ship: its other work must not stop for that."""
        if not self.store_id._may_read('send_shipments'):
            raise UserError(self.store_id._get_ship_refusal())

    def _filter_claimed(self):
        """Return the orders that this worker has not ended yet."""
        return self.filtered('shipment_lease_until')

    def _get_pending_pickings(self):
        return self.sale_order_ids.picking_ids.filtered(
            lambda picking: picking.shopify_state == 'pending'
        )

    def _put_shipments_back(self, seconds):
        """Let the deliveries be taken again later, as if nothing had happened."""

        def put_back():
            orders = self._filter_claimed()
            retry_at = fields.Datetime.now() + timedelta(seconds=seconds)
            orders._get_pending_pickings().shopify_retry_at = retry_at
            orders.shipment_lease_until = False
            self._request_shipments(at=retry_at)

        repeat(self.env, put_back)

    # === GATHER === #

    def _gather_shipments(self):
        """Return order id → :class:`Case`: what is done in Odoo, of the claimed orders."""
        cases = {}
        run_isolated(
            self,
            lambda part: cases.update(part._prepare_cases()),
            lambda order, error: order._fail_shipments_of(error),
        )
        return cases

    def _prepare_cases(self):
        return {order.id: order._prepare_case() for order in self}

    def _prepare_case(self):
        """Return all that has to be known of an order here before Shopify is asked."""
        self.ensure_one()
        now = fields.Datetime.now()  # who does only moves leaves the date of the delivery open
        pickings = self._get_pending_pickings().sorted(
            lambda item: (item.date_done or now, item.id)
        )
        delivered = defaultdict(int)
        for line in self.sale_order_ids.order_line:
            staged = line._shopify_find_line()
            if staged and staged.kind in ('product', 'custom'):
                delivered[staged.shopify_id] += line._shopify_get_delivered()
        return Case(
            gid=self.shopify_id,
            deliveries=tuple(picking._shopify_prepare_delivery() for picking in pickings),
            delivered=delivered,
            names={line.shopify_id: line._get_full_title() for line in self.line_ids},
            foreign={picking.id: picking._shopify_tell_foreign() for picking in pickings},
            notify={picking.id: picking._shopify_wants_notification() for picking in pickings},
            policy=self.shop_id._get_shipping_policy(),
            lease=self.shipment_lease_until,
        )

    # === ASK === #

    def _ask_shipping(self, cases):
        """Return gid → :class:`Shipping` as Shopify has it now; the transaction is closed."""
        client = self.store_id._get_client()
        self.env['ir.cron']._commit_progress()
        return fetch.shipping(client, [case.gid for case in cases.values()])

    # === ALLOCATE === #

    def _allocate_shipments(self, cases, found):
        """Decide what is sent of each delivery, and keep it before it is."""
        for order_id, case in list(cases.items()):
            if case.gid not in found:
                message = self.env._("Shopify has no such order any more.")
                self.browse(order_id)._fail_shipments(message, 'no_order')
                del cases[order_id]
                continue
            case.outcomes = decide(case.deliveries, case.delivered, found[case.gid], case.policy)
        repeat(self.env, lambda: self._keep_decisions(cases, found))

    def _keep_decisions(self, cases, found):
        """Write what Shopify has now, and what is about to be sent."""
        pairs = [(self.browse(order_id), found[case.gid]) for order_id, case in cases.items()]
        self.env['shopify.fulfillment']._stage(pairs, self.store_id._get_location_ids())
        for order, shipping in pairs:
            order._link_adopted(cases[order.id].outcomes)
            known = frozenset(item.gid for item in shipping.fulfillments)
            for picking, outcome in order._by_picking(cases[order.id].outcomes):
                calls = tuple((part.location_gid, part.units) for part in outcome.parts)
                attempt = Attempt(known, calls).to_json() if calls else False
                if (picking.shopify_attempt or False) != attempt:
                    picking.shopify_attempt = attempt

    def _by_picking(self, outcomes):
        """Return ``(delivery, outcome)`` of an order."""
        pickings = self.env['stock.picking'].sudo()
        return [(pickings.browse(key), outcome) for key, outcome in outcomes.items()]

    def _link_adopted(self, outcomes):
        """Link shipments whose answer was lost to the deliveries that they were sent for."""
        for picking, outcome in self._by_picking(outcomes):
            for record in self.fulfillment_ids:
                if record.shopify_id in outcome.adopted:
                    record.picking_id = picking

    # === SEND === #

    def _send_shipments(self, cases):
        """Do what was decided, order by order; each answer is kept before the next is sent.

        :return: the cases for which Shopify has to be asked again.
        """
        client = self.store_id._get_client()
        locations = self.store_id._get_location_ids()
        again = {}
        for order_id, case in cases.items():
            order = self.browse(order_id)
            if not order._keep_lease(case):
                continue
            self.env['ir.cron']._commit_progress()  # no snapshot is kept while Shopify answers
            try:
                is_settled = order._send_case(client, case, locations)
            except ShopifyUserError as error:
                _logger.info("%s: shipment refused: %s", order.name, error)
                case.refuse(error)
                is_settled = False
            except (ShopifyAccessError, ShopifyRetryableError):
                raise
            except ShopifyError as error:
                order._fail_shipments_of(error)
                continue
            if is_settled:
                repeat(self.env, lambda order=order, case=case: order._end_shipments(case))
            else:
                again[order_id] = order._refresh_case(case)
        return again

    def _refresh_case(self, case):
        """Return the case with what has become of it meanwhile, to be decided once more."""
        fresh = self._prepare_case()
        return replace(fresh, policy=case.policy, refusals=case.refusals)

    def _send_case(self, client, case, locations):
        """Send one order.

        :param dict locations: gid → id of the locations of the store.
        :return: whether that was all; else Shopify has to be asked what is left to do.
        """
        is_first_step = any(outcome.is_first_step for outcome in case.outcomes.values())
        for picking, outcome in self._by_picking(case.outcomes):
            for gid in outcome.cancels:
                self._remember(picking, send.fulfillment_cancel(client, gid), locations)
            for move in outcome.moves:
                send.move(client, move)
            if is_first_step:
                continue
            tracking = next(item.tracking for item in case.deliveries if item.key == picking.id)
            for part in outcome.parts:
                sent = send.fulfillment(client, part, tracking, case.notify[picking.id])
                self._remember(picking, sent, locations)
            for gid in outcome.updates:
                notify = case.notify[picking.id]
                changed = send.tracking(client, gid, tracking, notify)
                self._remember(picking, changed, locations)
        return not is_first_step

    # === REMEMBER === #

    def _remember(self, picking, item, locations):
        """Keep a shipment as Shopify has it now, and commit."""
        self.ensure_one()
        fulfillments = self.env['shopify.fulfillment']
        repeat(self.env, lambda: fulfillments._note(self, picking, item, locations))

    def _end_shipments(self, case):
        """Say what became of the deliveries of an order, and give it back."""
        self.ensure_one()
        events = []
        gathered = {delivery.key: delivery for delivery in case.deliveries}
        for picking, outcome in self._by_picking(case.outcomes):
            if not picking.exists() or picking._shopify_has_changed(gathered[picking.id]):
                continue  # it is pending still: the next round tells what is new
            picking._shopify_end(outcome, case)
            events.append((self, 'sent', picking._shopify_tell_event()))
        self._add_events(events)
        self.shipment_lease_until = False

    def _fail_shipments_of(self, error):
        """Keep an error on the deliveries that could not be sent."""
        for order in self:
            problem = describe_error(order.env, error)
            _logger.info("Shipments of %s failed", order.name, exc_info=error)
            order._fail_shipments(problem.message, problem.code)

    def _fail_shipments(self, message, code):
        """Let the pending deliveries say why they are not sent, and give the order back."""

        def fail():
            self._get_pending_pickings()._shopify_fail(message, code)
            self.shipment_lease_until = False

        repeat(self.env, fail)

    # === AFTERWARDS === #

    def _follow_shipping(self):
        """Follow what happened in Shopify to orders that were known before."""
        self._retry_shipments()
        shipped_by_others = self.filtered(
            lambda order: order.shop_id.external_policy == 'deliver' and order._has_undelivered()
        )
        if shipped_by_others:
            shipped_by_others.to_reserve = True
            self.env['shopify.shop']._request_import()

    def _has_undelivered(self):
        """Return whether Shopify has shipped what Odoo has yet to deliver."""
        self.ensure_one()
        lines = self.sale_order_ids.order_line.filtered(
            lambda line: line.state == 'sale' and not line.shopify_shipped_qty
        )
        return any(line._shopify_get_undelivered() for line in lines)

    def _retry_shipments(self):
        """Try deliveries again that waited for something in Shopify: the orders have changed."""
        pickings = self.env['stock.picking'].sudo()
        waiting = pickings.search(
            [
                ('sale_id.shopify_order_id', 'in', self.ids),
                ('shopify_state', '=', 'failed'),
                ('shopify_error_code', 'in', WAITING_CODES),
            ]
        )
        waiting._shopify_request()

    @api.model
    def _archive_shipped(self, limit=100):
        """Archive in Shopify what is paid, shipped and delivered, if the shop says so (R-120)."""
        now = fields.Datetime.now()
        orders = self.sudo().search(
            Domain('shop_id.archive_shipped', '=', True)
            & Domain('store_id.state', '=', 'connected')
            & Domain('closed', '=', False)
            & Domain('fully_paid', '=', True)
            & Domain('fulfillment_status', '=', 'FULFILLED')
            & Domain('document_state', '=', 'done')
            & (Domain('archive_retry_at', '=', False) | Domain('archive_retry_at', '<=', now)),
            limit=limit,
        )
        for order in orders.try_lock_for_update():
            if not order.sale_order_ids._shopify_has_open_moves():
                order._archive_in_shopify()

    def _archive_in_shopify(self):
        """Archive one order; the same once more changes nothing, so a killed run is repeated."""
        self.archive_retry_at = fields.Datetime.now() + timedelta(days=1)
        client = self.store_id._get_client()
        self.env['ir.cron']._commit_progress()
        try:
            send.close(client, self.shopify_id)
        except ShopifyError as error:
            _logger.info("%s could not be archived: %s", self.name, error)
            return
        self.closed = True
        self._add_event('sent', self.env._("Archived in Shopify: paid and shipped."))
        self.env['ir.cron']._commit_progress()
