import logging
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..isolation import TRANSACTION_ERRORS
from ..shopify_api import client as shopify_client
from ..shopify_api import fetch
from ..shopify_api.errors import ShopifyAccessError, ShopifyError, ShopifyRetryableError
from ..shopify_api.scopes import FEATURE_SCOPES, REQUIRED_SCOPES, missing_scopes

_logger = logging.getLogger(__name__)

_STORE_DOMAIN = re.compile(r'^[a-z0-9][a-z0-9-]*\.myshopify\.com$')
# A local Shopify for demo and tests; never leaves this machine.
_LOCAL_DOMAIN = re.compile(r'^(localhost|127\.0\.0\.1):\d{2,5}$')

# The search index of Shopify lags behind its orders by seconds or more, so each run looks back.
DISCOVERY_OVERLAP = timedelta(minutes=10)
# A worker that died leaves its work to others after this time; see _get_lease_end.
LEASE_SECONDS = 300
# A token is renewed this long before it ends.
TOKEN_MARGIN = timedelta(minutes=5)


class ShopifyStore(models.Model):
    _name = 'shopify.store'
    _description = "Shopify Store"
    _inherit = ['mail.thread']
    _order = 'name, id'

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company',
        required=True,
        default=lambda self: self.env.company,
        help="The company that sees this connection. Shops on it may belong to other companies.",
    )
    domain = fields.Char(
        string="Store Address",
        required=True,
        tracking=True,
        help="The address that ends in .myshopify.com, see Settings → Domains there.",
    )
    auth_method = fields.Selection(
        [('client', "App (client id and secret)"), ('token', "Access token")],
        string="Sign-in",
        required=True,
        default='client',
        help="App: an app of Shopify's Dev Dashboard, the usual case since 2026.\n"
        "Access token: a custom app that was made in the Shopify admin before 2026.",
    )
    client_id = fields.Char(
        string="Client ID",
        groups='shopify_connector.group_manager',
        help="Client id of the app, from the Dev Dashboard.",
    )
    client_secret = fields.Char(
        groups='base.group_system',
        copy=False,
        help="Client secret of the app. Shopify also signs its notifications with it.",
    )
    access_token = fields.Char(groups='base.group_system', copy=False)
    token_expires_at = fields.Datetime(groups='base.group_system', copy=False)
    api_version = fields.Selection(
        [(version, version) for version in shopify_client.SUPPORTED_VERSIONS],
        string="API Version",
        required=True,
        default=shopify_client.API_VERSION,
        help="Version of Shopify's interface. Each one is served for at least twelve months.",
    )
    state = fields.Selection(
        [('draft', "Not connected"), ('connected', "Connected"), ('error', "Reconnect")],
        required=True,
        default='draft',
        readonly=True,
        copy=False,
        tracking=True,
    )
    error_message = fields.Text(readonly=True, copy=False)
    shopify_id = fields.Char(string="Shopify ID", readonly=True, copy=False)
    currency_id = fields.Many2one(
        'res.currency', readonly=True, help="The store's own currency; its orders are kept in it."
    )
    presentment_currency_ids = fields.Many2many(
        'res.currency',
        string="Buyers' Currencies",
        readonly=True,
        context={'active_test': False},
        help="Currencies that the store lets buyers pay in.",
    )
    timezone = fields.Char(readonly=True)
    plan = fields.Char(readonly=True)
    granted_scopes = fields.Text(readonly=True, copy=False)
    missing_scopes = fields.Text(
        compute='_compute_missing_scopes',
        help="Access scopes that the connector needs and the app was not given.",
    )
    import_from = fields.Date(
        string="Import Orders From",
        help="Orders created before this day are never imported. Empty: all open ones.",
    )
    orders_synced_until = fields.Datetime(
        readonly=True,
        copy=False,
        tracking=True,
        help="Changes of orders are known up to this moment. Set it back to look again.",
    )
    last_sync_at = fields.Datetime(
        string="Last Synchronization",
        readonly=True,
        copy=False,
        help="Last look at the list of orders.",
    )
    discovery_lease_until = fields.Datetime(readonly=True, copy=False)
    shop_ids = fields.One2many('shopify.shop', 'store_id', string="Shops")
    location_ids = fields.One2many('shopify.location', 'store_id', string="Locations")
    location_count = fields.Integer(compute='_compute_location_count')

    _domain_uniq = models.UniqueIndex("(domain)", "This store is connected already.")

    # === COMPUTE METHODS === #

    @api.depends('granted_scopes', 'state')
    def _compute_missing_scopes(self):
        for store in self:
            granted = (store.granted_scopes or '').split()
            missing = missing_scopes(granted) if store.state == 'connected' else []
            store.missing_scopes = '\n'.join(missing)

    @api.depends('location_ids')
    def _compute_location_count(self):
        for store in self:
            store.location_count = len(store.location_ids)

    # === CONSTRAINT METHODS === #

    @api.constrains('domain')
    def _check_domain(self):
        for store in self:
            if not (_STORE_DOMAIN.match(store.domain) or _LOCAL_DOMAIN.match(store.domain)):
                raise ValidationError(
                    self.env._(
                        "%(domain)s is not the address of a Shopify store. It looks like"
                        " my-store.myshopify.com.",
                        domain=store.domain,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if 'domain' in vals:
                vals['domain'] = self._normalize_domain(vals['domain'])
        return super().create(vals_list)

    def write(self, vals):
        if 'domain' in vals:
            vals = {**vals, 'domain': self._normalize_domain(vals['domain'])}
        return super().write(vals)

    @api.model
    def _normalize_domain(self, text):
        """Return the bare host of whatever address of a store a user pasted."""
        text = (text or '').strip().lower()
        text = re.sub(r'^https?://', '', text)
        admin = re.match(r'^admin\.shopify\.com/store/([a-z0-9-]+)', text)
        return f'{admin[1]}.myshopify.com' if admin else text.split('/')[0]

    # === ACTION METHODS === #

    def action_test_connection(self):
        """Ask Shopify who the store is and what the app may do; show the answer."""
        self.ensure_one()
        self.check_access('write')
        self._test_connection()
        message = self.env._("Connected to %(name)s.", name=self.name)
        if self.missing_scopes:
            message = self.env._(
                "Connected, but the app lacks access scopes: %(scopes)s",
                scopes=', '.join(self.missing_scopes.split()),
            )
        warnings = self.shop_ids.filtered('rate_warning').mapped('rate_warning')
        is_fine = not (self.missing_scopes or warnings)
        return self._notify(' '.join([message, *warnings]), 'success' if is_fine else 'warning')

    def action_fetch_locations(self):
        """Fetch the locations of the store (R-36) and open them."""
        self.ensure_one()
        self.check_access('write')
        try:
            self.env['shopify.location'].sudo()._fetch(self)
        except ShopifyError as error:
            raise UserError(str(error)) from error
        return self.action_view_locations()

    def action_view_locations(self):
        """Open the locations of the store."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('shopify_connector.action_location')
        return {**action, 'domain': [('store_id', '=', self.id)]}

    @api.model
    def _notify(self, message, kind='success'):
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'message': message,
                'type': kind,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === BUSINESS METHODS: CONNECTION === #

    def _get_base_url(self):
        """Return where requests go: always the store itself, or a twin on this machine."""
        self.ensure_one()
        return f"{'http' if self._is_local() else 'https'}://{self.domain}"

    def _is_local(self):
        """Return whether the store is a twin on this machine."""
        self.ensure_one()
        return bool(_LOCAL_DOMAIN.match(self.domain))

    def _get_client(self):
        """Return a client that needs the database no more, except to renew its token.

        :raise UserError: when the store has no credentials.
        """
        self.ensure_one()
        store_sudo = self.sudo()  # to read the secrets, which users may use but not see
        if store_sudo.auth_method == 'token':
            if not store_sudo.access_token:
                raise UserError(self.env._("Enter the access token of %(name)s.", name=self.name))
            return self._build_client(store_sudo.access_token)
        expires_at = store_sudo.token_expires_at
        if (
            not store_sudo.access_token
            or not expires_at
            or expires_at < fields.Datetime.now() + TOKEN_MARGIN
        ):
            store_sudo._renew_token()
        return self._build_client(store_sudo.access_token, self._renew_token_apart)

    def _build_client(self, token, renew_token=None):
        return shopify_client.ShopifyClient(
            self._get_base_url(), token, self.api_version, renew_token
        )

    def _renew_token(self):
        """Get and keep a new token of the app."""
        self.ensure_one()
        if not (self.client_id and self.client_secret):
            raise UserError(
                self.env._("Enter client id and client secret of %(name)s.", name=self.name)
            )
        token, seconds, _scopes = shopify_client.request_token(
            self._get_base_url(), self.client_id, self.client_secret
        )
        self.write(
            {
                'access_token': token,
                'token_expires_at': fields.Datetime.now() + timedelta(seconds=seconds),
            }
        )

    def _renew_token_apart(self):
        """Renew the token in a transaction of its own and return it.

        A run asks in the middle of its work; what it does next must not decide on the token.
        """
        with self.env.registry.cursor() as cr:
            store_sudo = self.with_env(self.env(cr=cr)).sudo()
            store_sudo._renew_token()
            return store_sudo.access_token

    def _test_connection(self):
        """Read the store's settings and scopes, and keep them.

        :raise UserError: what is wrong with the connection, in the words of :class:`ShopifyError`.
        """
        self.ensure_one()
        try:
            data = self._get_client().execute('shop_info')
        except ShopifyError as error:
            raise UserError(str(error)) from error
        self.sudo().write(self._prepare_settings_values(data))

    def _prepare_settings_values(self, data):
        shop = data['shop']
        currency = (
            self.env['res.currency']
            .with_context(active_test=False)
            .search([('name', '=', shop['currencyCode'])], limit=1)
        )
        if currency and not currency.active:
            currency.sudo().active = True  # or its amounts would be shown without a sign
        scopes = sorted(item['handle'] for item in data['currentAppInstallation']['accessScopes'])
        return {
            'shopify_id': shop['id'],
            'name': shop['name'] if self.name in (False, self.domain) else self.name,
            'currency_id': currency.id,
            'presentment_currency_ids': self._prepare_buyers_currencies(shop),
            'timezone': shop['ianaTimezone'],
            'plan': shop['plan']['publicDisplayName'],
            'granted_scopes': '\n'.join(scopes),
            'state': 'connected',
            'error_message': False,
        }

    def _prepare_buyers_currencies(self, shop):
        found = self.env['res.currency']._shopify_by_code(shop['enabledPresentmentCurrencies'])
        return [fields.Command.set([currency.id for currency in found.values() if currency])]

    def _set_access_error(self, error):
        """Show that the store has to be reconnected; the next good answer clears it."""
        self.sudo().write({'state': 'error', 'error_message': str(error)})

    def _may_read(self, feature):
        """Return whether the app was given the scopes of an optional feature."""
        self.ensure_one()
        return not missing_scopes((self.granted_scopes or '').split(), FEATURE_SCOPES[feature])

    def _tell_missing_write_scope(self):
        """Return what a user has to do before orders can be changed, ``False`` for nothing."""
        self.ensure_one()
        if self._may_read('change_orders'):
            return False
        return self.env._(
            "The app of %(store)s may not change orders. Grant it the access scope"
            " write_orders in Shopify, then test the connection.",
            store=self.name,
        )

    def _get_fetch_options(self, with_companies):
        """Return what :func:`~..shopify_api.fetch.orders` has to know of the store.

        :param bool with_companies: whether companies may be among the buyers.
        """
        self.ensure_one()
        locations = self.env['shopify.company.location']
        return {
            'with_payment_terms': self._may_read('payment_terms'),
            'known_company_locations': locations._get_known_gids(self) if with_companies else (),
        }

    def _get_ship_refusal(self):
        """Return why the app of the store may not ship, and what to do."""
        self.ensure_one()
        return self.env._(
            "The app of %(store)s may not ship. Grant it the access scope"
            " write_merchant_managed_fulfillment_orders in Shopify, test the connection,"
            " and send again.",
            store=self.name,
        )

    def _get_location_ids(self):
        """Return gid → id of all locations of the store, vanished ones included."""
        self.ensure_one()
        locations = self.env['shopify.location'].sudo().with_context(active_test=False)
        return {
            location.shopify_id: location.id
            for location in locations.search([('store_id', '=', self.id)])
        }

    @api.model
    def _get_required_scopes(self):
        return list(REQUIRED_SCOPES)

    # === BUSINESS METHODS: DISCOVERY === #

    @api.model
    def _cron_import_orders(self, batch=None):
        """Discover, import and process the orders of all connected stores.

        Several scheduled actions, workers and hosts may run this at once: the rows are shared out
        by locks. Whatever stops it, the next run goes on where this one stood.
        """
        imports = self.env['shopify.order.import']
        orders = self.env['shopify.order']
        for store in self.search([('state', '!=', 'draft'), ('shop_ids', '!=', False)]):
            self._attempt(store._discover_safely)
        self._attempt(self.env['shopify.shop']._assign_waiting)
        progress = self.env['ir.cron']._commit_progress
        batch = batch or fetch.ORDERS_PER_REQUEST
        left = progress(remaining=imports._count_due())
        while left:
            done = imports._import_next(batch)
            reserved = orders._reserve_next(batch)
            if not done and not reserved:
                break
            waiting = orders.search_count([('to_reserve', '=', True)])
            left = progress(done, remaining=imports._count_due() + waiting)
        self._attempt(orders._retry_failed)

    def _attempt(self, step):
        """Do one step of the run; what another worker does at the same time is left to it.

        An exception must not leave the scheduled action: it would be run again at once, for ever.
        """
        try:
            step()
            self._leave_transaction()
        except TRANSACTION_ERRORS as error:
            self.env.cr.rollback()
            _logger.info("%s is left to another worker: %s", step.__name__, type(error).__name__)

    def _discover_safely(self):
        """Discover; a fault of one store must not keep the others from theirs."""
        self.ensure_one()
        try:
            if self.state == 'error':
                self._test_connection()  # a locked store or a broken app may be well again
            self._note_called()
            self._discover_orders()
            self._recheck_webhooks()
        except ShopifyRetryableError as error:
            _logger.info("%s: discovery put off (%s)", self.name, error)
            self._end_discovery()
        except ShopifyAccessError as error:
            self._set_access_error(error)
            self._end_discovery()
        except (ShopifyError, UserError) as error:
            _logger.warning("%s: discovery failed: %s", self.name, error)
            self._end_discovery(error_message=str(error))

    def _discover_orders(self, search=None):
        """Collect the heads of new and changed orders into *Orders to Import*.

        The cursor moves only after the last page, so a run that was stopped is repeated whole;
        what it had noted stays noted.

        :param str search: Shopify search instead of "changed since the last time"; leaves the
            cursor alone.
        :return: the rows of :class:`shopify.order.import` that were added or renewed.
        """
        self.ensure_one()
        rows = self.env['shopify.order.import']
        if search is None and not self._take_discovery_lease():
            return rows
        newest = None
        query = search or self._get_discovery_query()
        client = self._get_client()
        self._leave_transaction()
        for heads in fetch.order_heads(client, query):
            rows += self.env['shopify.order.import']._note_heads(self, heads)
            newest = max((head.updated_at for head in heads), default=newest)
            self._leave_transaction()
        values = {'last_sync_at': fields.Datetime.now(), 'error_message': False}
        if search is None and newest:
            values['orders_synced_until'] = newest.replace(tzinfo=None)
        self._end_discovery(**values)
        return rows

    def _end_discovery(self, **values):
        """Give the discovery of the store back, with what came of it."""
        quiet = self.sudo().with_context(tracking_disable=True)
        quiet.write({'discovery_lease_until': False, **values})

    def _get_discovery_query(self):
        """Return the search for heads: at first the open orders, later every change.

        Later runs have no status term: a cancelled order is closed too and would be missed.
        """
        self.ensure_one()
        terms = []
        if self.orders_synced_until:
            since = self.orders_synced_until - DISCOVERY_OVERLAP
            terms.append(f"updated_at:>='{since.isoformat()}Z'")
        else:
            terms.append('status:open')
        if self.import_from:
            terms.append(f"created_at:>='{self.import_from.isoformat()}T00:00:00Z'")
        return ' '.join(terms)

    def _take_discovery_lease(self):
        """Let only one worker discover a store at a time; the others go on with what is there.

        A lease and not a lock, because no transaction may stay open during a request. The lease of
        a worker that died ends by itself.
        """
        self.ensure_one()
        self._leave_transaction()
        now = fields.Datetime.now()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        if self.discovery_lease_until and self.discovery_lease_until > now:
            return False
        self.sudo().discovery_lease_until = self._get_lease_end()
        self._leave_transaction()
        return True

    @api.model
    def _get_lease_end(self):
        """Return until when a worker has what it takes now.

        The system parameter ``shopify_connector.lease_seconds`` changes how long that is.
        """
        parameters = self.env['ir.config_parameter'].sudo()
        seconds = parameters.get_param('shopify_connector.lease_seconds', LEASE_SECONDS)
        return fields.Datetime.now() + timedelta(seconds=int(seconds))

    def _leave_transaction(self):
        """Commit, so that nothing is locked while we wait for the network."""
        self.env['ir.cron']._commit_progress()
