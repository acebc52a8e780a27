from odoo import api, fields, models

from ..shopify_api.scopes import FEATURE_SCOPES, REQUIRED_SCOPES


class ShopifyConnect(models.TransientModel):
    """Connect a store in one step: address, credentials, test, locations, first shop."""

    _name = 'shopify.connect'
    _description = "Connect a Shopify Store"

    store_id = fields.Many2one(
        'shopify.store', string="Reconnect", help="Empty to connect a new store."
    )
    domain = fields.Char(
        string="Store Address",
        required=True,
        help="The address that ends in .myshopify.com, or the one of the store's admin page.",
    )
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company
    )
    auth_method = fields.Selection(
        [('client', "App (client id and secret)"), ('token', "Access token")],
        string="Sign-in",
        required=True,
        default='client',
        help="App: an app of Shopify's Dev Dashboard, the usual case since 2026.\n"
        "Access token: a custom app that was made in the Shopify admin before 2026.",
    )
    client_id = fields.Char(string="Client ID")
    client_secret = fields.Char(
        help="Also called API secret key. Shopify signs its notifications with it."
    )
    access_token = fields.Char()
    required_scopes = fields.Text(
        compute='_compute_required_scopes', help="Give the app these access scopes in Shopify."
    )
    feature_scopes = fields.Text(
        compute='_compute_required_scopes',
        help="Give the app those whose feature you want; each feature says when its scope lacks.",
    )

    # What the test found.
    state = fields.Selection([('enter', "Enter"), ('done', "Connected")], default='enter')
    missing_scopes = fields.Text(related='store_id.missing_scopes')
    granted_scopes = fields.Text(related='store_id.granted_scopes')
    store_name = fields.Char(related='store_id.name')
    currency_id = fields.Many2one(related='store_id.currency_id', string="Store Currency")
    timezone = fields.Char(related='store_id.timezone')
    location_ids = fields.One2many(related='store_id.location_ids', readonly=False)
    shop_id = fields.Many2one('shopify.shop', readonly=True)
    rate_warning = fields.Text(related='shop_id.rate_warning')

    @api.depends('auth_method')
    def _compute_required_scopes(self):
        for wizard in self:
            wizard.required_scopes = '\n'.join(REQUIRED_SCOPES)
            wizard.feature_scopes = '\n'.join(
                f'{scope}: {label}'
                for feature, label in self._get_feature_labels().items()
                for scope in FEATURE_SCOPES[feature]
            )

    @api.model
    def _get_feature_labels(self):
        """Return feature → what it lets Odoo do."""
        return {
            'send_shipments': self.env._("send shipments"),
            'change_orders': self.env._("mark as paid, cancel, archive, write the order number"),
            'shipping': self.env._("get the names of shipping methods"),
            'payment_terms': self.env._("read payment terms"),
            'all_orders': self.env._("read orders of more than 60 days ago"),
        }

    @api.onchange('store_id')
    def _onchange_store_id(self):
        if self.store_id:
            self.domain = self.store_id.domain
            self.auth_method = self.store_id.auth_method

    def action_connect(self):
        """Test the credentials; keep store, locations and a first shop when they are good."""
        self.ensure_one()
        store = self._write_store()
        store._test_connection()
        self.env['shopify.location'].sudo()._fetch(store)
        shop = store.shop_ids[:1] or self._create_shop(store)
        # Secrets stay on the store only.
        self.write(
            {
                'store_id': store.id,
                'shop_id': shop.id,
                'state': 'done',
                'client_secret': False,
                'access_token': False,
            }
        )
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Connected to Shopify"),
            'res_model': self._name,
            'res_id': self.id,
            'view_mode': 'form',
            'target': 'new',
        }

    def action_import_orders(self):
        """Start the first import and open the shop."""
        self.ensure_one()
        self.shop_id._request_import()
        return self.action_open_shop()

    def action_view_currency(self):
        """Open the currency of the store, where exchange rates are entered."""
        self.ensure_one()
        return self.shop_id.action_view_currency()

    def action_open_shop(self):
        """Open the shop to set its rules."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'shopify.shop',
            'res_id': self.shop_id.id,
            'view_mode': 'form',
        }

    def _write_store(self):
        """Create or update the store; a manager writes secrets and cannot read them."""
        self.env['shopify.store'].check_access('create')
        values = self._prepare_store_values()
        if self.store_id:
            self.store_id.check_access('write')
            self.store_id.sudo().write(values)
            return self.store_id
        store_sudo = self.env['shopify.store'].sudo().create(values)
        return store_sudo.sudo(False)

    def _prepare_store_values(self):
        domain = self.env['shopify.store']._normalize_domain(self.domain)
        values = {
            'domain': domain,
            'company_id': self.company_id.id,
            'auth_method': self.auth_method,
            'token_expires_at': False,
        }
        if not self.store_id:
            values['name'] = domain
        if self.auth_method == 'token':
            values['access_token'] = (self.access_token or '').strip()
            if self.client_secret or self.store_id.auth_method != 'token':
                values['client_secret'] = (self.client_secret or '').strip()
        else:
            values['client_id'] = (self.client_id or '').strip()
            values['client_secret'] = (self.client_secret or '').strip()
            values['access_token'] = False
        return values

    def _create_shop(self, store):
        walk_in = self.env.ref('shopify_connector.partner_walk_in', raise_if_not_found=False)
        # The store is connected whether the company can convert its currency yet or not.
        shops = self.env['shopify.shop'].with_context(shopify_rates_later=True)
        return shops.create(
            {
                'name': store.name,
                'store_id': store.id,
                'company_id': store.company_id.id,
                'default_partner_id': walk_in.id if walk_in else False,
            }
        )
