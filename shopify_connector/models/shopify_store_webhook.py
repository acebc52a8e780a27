import ipaddress
import logging
import secrets
from datetime import datetime, time, timedelta, timezone
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..isolation import TRANSACTION_ERRORS
from ..shopify_api import fetch, webhook
from ..shopify_api.errors import ShopifyError, ShopifyRetryableError, ShopifyUserError

_logger = logging.getLogger(__name__)

PATH = '/shopify/webhook/'
# Shopify deletes a subscription after eight failed calls and tells nobody; so we look, this often.
RECHECK_AFTER = timedelta(days=1)
# After a new client secret was made, calls may be signed with the old one: for an hour, says
# Shopify; a call that fails is repeated over four hours with the signature it had.
OLD_SECRET_VALID = timedelta(hours=6)
_ORDER_TOPICS = {'ORDERS_CREATE', 'ORDERS_UPDATED'}
_INTERNAL_NAMES = ('.local', '.internal', '.localhost', '.test')


# pylint: disable=consider-merging-classes-inherited
# How Shopify calls us is a chapter of its own.
class ShopifyStore(models.Model):
    """Being called by Shopify, so that an order need not wait for the schedule (R-03)."""

    _inherit = 'shopify.store'

    auto_sync = fields.Boolean(
        string="Import at Once",
        copy=False,
        tracking=True,
        help="Shopify notifies Odoo when an order is new or has changed, and it is imported at"
        " once. The schedule goes on and finds whatever no notification told. Needs a public"
        " address of Odoo that begins with https://.",
    )
    webhook_token = fields.Char(
        groups='base.group_system',
        copy=False,
        help="Last part of the address to which Shopify sends its notifications.",
    )
    previous_client_secret = fields.Char(groups='base.group_system', copy=False)
    previous_secret_until = fields.Datetime(groups='base.group_system', copy=False)
    shopify_domain = fields.Char(
        string="Name in Shopify",
        readonly=True,
        copy=False,
        help="What Shopify calls the store by; differs from the address after a change of name.",
    )
    webhook_ids = fields.One2many('shopify.webhook', 'store_id', string="Notifications")
    webhook_address = fields.Char(
        string="Notified Address",
        compute='_compute_webhook_state',
        help="The address of this Odoo to which Shopify sends its notifications.",
    )
    webhook_called_at = fields.Datetime(
        string="Last Notification",
        compute='_compute_webhook_state',
        help="When Shopify last told of an order. Empty: not yet.",
    )
    webhook_checked_at = fields.Datetime(string="Last Check", readonly=True, copy=False)
    webhook_message = fields.Text(readonly=True, copy=False)

    _webhook_token_uniq = models.UniqueIndex(
        "(webhook_token) WHERE webhook_token IS NOT NULL", "Two stores cannot share an address."
    )

    # === COMPUTE METHODS === #

    @api.depends('webhook_ids.address', 'webhook_ids.called_at')
    def _compute_webhook_state(self):
        for store in self:
            calls = [moment for moment in store.webhook_ids.mapped('called_at') if moment]
            store.webhook_address = store.webhook_ids[:1].address
            store.webhook_called_at = max(calls, default=False)

    # === CRUD METHODS === #

    def write(self, vals):
        """Tell Shopify when calls are wanted from now on, or no more."""
        if vals.get('client_secret'):
            self._keep_old_secret(vals['client_secret'])
        if {'client_id', 'client_secret', 'auth_method'} & set(vals):
            # Subscriptions belong to an app, and this may be another one.
            vals = {**vals, 'webhook_checked_at': False}
            self.sudo().webhook_ids.unlink()
        wanted = {store: store._wants_calls() for store in self}
        result = super().write(vals)
        for store in self:
            if store._wants_calls() and not wanted[store]:
                store._start_calls()
            elif wanted[store] and not store._wants_calls():
                store._stop_calls()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_stop_calls(self):
        for store in self:
            if store._wants_calls():
                store._stop_calls()

    def _wants_calls(self):
        return self.auto_sync and self.active

    def _keep_old_secret(self, new):
        for store_sudo in self.sudo().filtered(lambda store: store.client_secret != new):
            store_sudo.write(
                {
                    'previous_client_secret': store_sudo.client_secret,
                    'previous_secret_until': fields.Datetime.now() + OLD_SECRET_VALID,
                }
            )

    # === ACTION METHODS === #

    def action_check_webhooks(self):
        """Ask Shopify whether it still calls, and make it do so."""
        self.ensure_one()
        self.check_access('write')
        self._start_calls()
        return self._notify(
            self.webhook_message
            or self.env._("Shopify notifies this Odoo when an order is new or has changed.")
        )

    # === BUSINESS METHODS: SUBSCRIBE === #

    def _start_calls(self):
        """Ask Shopify to call from now on; what was asked before is not asked twice.

        :raise UserError: what keeps Shopify from calling.
        """
        self.ensure_one()
        self._check_can_be_called()
        try:
            self._subscribe(self._get_client(), self._get_webhook_address())
        except ShopifyError as error:
            raise UserError(str(error)) from error
        self.shop_ids._set_default_sync_user()

    def _stop_calls(self):
        """Ask Shopify to call no more. If it cannot be told, it stops by itself.

        Calls that come nevertheless are refused, and after eight of them Shopify gives up; so a
        store that cannot be reached does not keep anyone from switching this off.
        """
        self.ensure_one()
        store_sudo = self.sudo()
        try:
            if store_sudo.webhook_token and store_sudo.state != 'draft':
                store_sudo._unsubscribe(store_sudo._get_client())
        except (ShopifyError, UserError) as error:
            _logger.warning("%s: Shopify still calls for a while (%s)", self.name, error)
        store_sudo.webhook_ids.unlink()
        store_sudo.write({'webhook_message': False, 'webhook_checked_at': False})

    def _check_can_be_called(self):
        """Raise, in words, what has to be mended before Shopify can call."""
        self.ensure_one()
        if self.state == 'draft':
            raise UserError(self.env._("Connect the store first."))
        if not self.sudo().client_secret:
            raise UserError(
                self.env._(
                    "Shopify signs its notifications with the client secret of the app (API secret"
                    " key). Enter it with Change Credentials."
                )
            )
        # A twin on this machine may call this machine; Shopify calls what the world can reach.
        if not self._is_local() and not _is_public(self.get_base_url()):
            raise UserError(
                self.env._(
                    "Shopify only notifies public addresses that begin with https://. This Odoo"
                    " says of itself that it is at %(address)s. Set the system parameter"
                    " web.base.url to its public address.",
                    address=self.get_base_url(),
                )
            )

    def _get_webhook_address(self):
        """Return the address that Shopify is to call, the same for all topics of the store."""
        store_sudo = self.sudo()
        if not store_sudo.webhook_token:
            store_sudo.webhook_token = secrets.token_urlsafe(18)
        return f'{self.get_base_url()}{PATH}{store_sudo.webhook_token}'

    def _subscribe(self, client, address):
        """Subscribe what is missing, after a look at what is there; keep what came of it.

        :return: topics (list) that Shopify was asked to call about before, and had given up.
        """
        found, domain = webhook.read_subscriptions(client)
        there = {item.topic: item.gid for item in found if item.uri == address}
        gids = {
            topic: there.get(topic) or self._subscribe_topic(client, topic, address)
            for topic in webhook.TOPICS
        }
        known = self.webhook_ids.filtered(lambda row: row.address == address)
        lost = [row.topic for row in known if row.topic not in there]
        self.env['shopify.webhook'].sudo()._keep(self, address, gids)
        self.sudo().write({'shopify_domain': domain, 'webhook_checked_at': fields.Datetime.now()})
        self._tell_lost(lost)
        return lost

    @api.model
    def _subscribe_topic(self, client, topic, address):
        """Subscribe one topic; another worker may be quicker by a moment."""
        try:
            return webhook.subscribe(client, topic, address)
        except ShopifyUserError:
            for item in webhook.read_subscriptions(client)[0]:
                if (item.topic, item.uri) == (topic, address):
                    return item.gid
            raise

    def _unsubscribe(self, client):
        """End the subscriptions of this store's token, under whatever address of Odoo."""
        for item in webhook.read_subscriptions(client)[0]:
            if item.uri.endswith(PATH + self.webhook_token):
                webhook.unsubscribe(client, item)

    def _tell_lost(self, topics):
        """Say on the store that Shopify had given up calling; the next good check clears it."""
        message = False
        if topics:
            message = self.env._(
                "Shopify had stopped its notifications of %(topics)s, as it does when they fail,"
                " and was asked again. Orders of that time were found by the schedule.",
                topics=', '.join(topic.replace('_', '/', 1).lower() for topic in topics),
            )
            self.sudo()._message_log(body=message)
        self.sudo().webhook_message = message

    def _recheck_webhooks(self):
        """Restore once a day what Shopify has deleted, in the scheduled run.

        Whatever is wrong with the calls is shown on the store and never stops the import.
        """
        self.ensure_one()
        if not self._wants_calls() or not self._take_recheck():
            return
        try:
            self._check_can_be_called()
            client, address = self._get_client(), self._get_webhook_address()
            self._leave_transaction()
            self._subscribe(client, address)
        except ShopifyRetryableError as error:
            _logger.info("%s: check of the calls put off (%s)", self.name, error)
            self.sudo().webhook_checked_at = False
        except (ShopifyError, UserError) as error:
            _logger.warning("%s: Shopify does not call (%s)", self.name, error)
            self.sudo().webhook_message = str(error)

    def _take_recheck(self):
        """Return whether a check is due and this worker is the one to do it."""
        now = fields.Datetime.now()
        if self.webhook_checked_at and self.webhook_checked_at > now - RECHECK_AFTER:
            return False
        self._leave_transaction()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        if self.webhook_checked_at and self.webhook_checked_at > now - RECHECK_AFTER:
            return False
        self.sudo().webhook_checked_at = now
        self._leave_transaction()
        return True

    # === BUSINESS METHODS: BEING CALLED === #

    @api.model
    def _find_called(self, token):
        """Return the store that is called at an address, if it wants calls; runs as superuser."""
        return self.search(
            [
                ('webhook_token', '=', token),
                ('auto_sync', '=', True),
                ('state', '!=', 'draft'),
            ]
        )

    def _is_called_by(self, call, body):
        """Return whether a call comes from Shopify and is about this store.

        :param call: :class:`~odoo.addons.shopify_connector.shopify_api.webhook.Call`
        :param bytes body: as it came; the signature is over these bytes.
        """
        if not self:
            return False
        keys = [self.client_secret]
        if self.previous_secret_until and self.previous_secret_until > fields.Datetime.now():
            keys.append(self.previous_client_secret)
        # One app may be installed in several stores and signs for all with the same secret.
        return call.is_signed_by(body, keys) and call.store_domain in {
            self.domain,
            self.shopify_domain,
        }

    def _answer_call(self, call, body):
        """Do what a call is for; other topics are left alone, somebody else may have asked."""
        self.ensure_one()
        if call.topic in _ORDER_TOPICS:
            self._ring(call, body)
        elif call.topic == 'APP_UNINSTALLED':
            self._note_uninstalled()

    def _ring(self, call, body):
        """Note which order to look at and wake the scheduled import, unless it is awake."""
        self.env['shopify.webhook']._note_call(self, call.topic)
        try:
            gid = webhook.read_order_gid(body)
        except ValueError:
            _logger.warning("%s: call %s cannot be read", self.name, call.webhook_id[:50])
            gid = None
        if gid:
            self.env['shopify.order.call']._note(self, [gid])
        for cron in self.env['shopify.shop']._get_import_crons():
            if not self._is_waiting(cron):
                cron._trigger()

    @api.model
    def _is_waiting(self, cron):
        """Return whether a scheduled action was woken and has not begun.

        One that has begun holds a lock on what woke it and may have looked at our order too early.
        The lock taken here makes it begin after us.
        """
        statement = SQL(
            """SELECT id FROM ir_cron_trigger WHERE cron_id = %s AND call_at <= %s
                LIMIT 1 FOR KEY SHARE SKIP LOCKED""",
            cron.id,
            fields.Datetime.now(),
        )
        self.env['ir.cron.trigger'].flush_model()
        try:
            with self.env.cr.savepoint():
                return bool(self.env.execute_query(statement))
        except TRANSACTION_ERRORS:
            return False  # it has begun since

    def _note_uninstalled(self):
        """Show that the app is gone; the scheduled run sees by itself when it is back."""
        message = self.env._("The app was removed from the store in Shopify. Install it again.")
        self.webhook_ids.unlink()
        self.webhook_checked_at = False
        self._set_access_error(message)
        self._message_log(body=message)

    def _note_called(self):
        """Add the orders that Shopify has called about to *Orders to Import*.

        They are read by id: the search of the usual discovery may not know them yet. No filter
        applies but those of every import (R-04): the day from which on orders are imported here,
        the rules of the shops later (R-88).
        """
        self.ensure_one()
        calls = self.env['shopify.order.call']
        while gids := calls._take(self, fetch.HEADS_BY_ID):
            try:
                client = self._get_client()
                self._leave_transaction()
                heads = fetch.order_heads_by_ids(client, gids)
            except (ShopifyError, UserError):
                calls._note(self, gids)
                raise
            self.env['shopify.order.import']._note_heads(self, self._filter_wanted(heads))
            self._leave_transaction()

    def _filter_wanted(self, heads):
        """Return the heads that are not from before the first day of this store in Odoo."""
        if not self.import_from:
            return heads
        first = datetime.combine(self.import_from, time.min, timezone.utc)
        return [head for head in heads if head.created_at >= first]


def _is_public(address):
    """Return whether Shopify may call an address: https and no name of a private network."""
    parts = urlsplit(address)
    host = parts.hostname or ''
    try:
        is_global = ipaddress.ip_address(host).is_global
    except ValueError:
        is_global = '.' in host and not host.endswith(_INTERNAL_NAMES)
    return parts.scheme == 'https' and is_global
