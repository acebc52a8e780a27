from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError


# pylint: disable=consider-merging-classes-inherited
# Who imports, and when Shopify calls, is a chapter of its own.
class ShopifyShop(models.Model):
    """The automatic run: at once when Shopify calls, in the name of a user (R-03, R-05)."""

    _inherit = 'shopify.shop'

    auto_sync = fields.Boolean(related='store_id.auto_sync', readonly=False)
    webhook_address = fields.Char(related='store_id.webhook_address')
    webhook_called_at = fields.Datetime(related='store_id.webhook_called_at')
    webhook_message = fields.Text(related='store_id.webhook_message')
    sync_user_id = fields.Many2one(
        'res.users',
        string="Import as User",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Orders that come by themselves are imported in the name of this user, who is shown as"
        " the creator of the documents. The user needs the right Shopify: User and the company of"
        " the shop. Empty: OdooBot.",
    )
    sync_user_problem = fields.Char(compute='_compute_sync_user_problem')

    # === COMPUTE METHODS === #

    @api.depends('sync_user_id', 'company_id')
    def _compute_sync_user_problem(self):
        for shop in self:
            shop.sync_user_problem = shop._get_sync_user_problem()

    # === CONSTRAINT METHODS === #

    @api.constrains('sync_user_id', 'company_id')
    def _check_sync_user(self):
        """Refuse a user who may not do what the import does, here and not at night."""
        for shop in self:
            if problem := shop._get_sync_user_problem():
                raise ValidationError(problem)

    # === ACTION METHODS === #

    def action_check_webhooks(self):
        """Ask Shopify whether it still calls, and make it do so."""
        self.ensure_one()
        return self.store_id.action_check_webhooks()

    # === BUSINESS METHODS === #

    def _get_sync_user_problem(self):
        """Return why the chosen user cannot import for the shop, or ``False``."""
        self.ensure_one()
        user_sudo = self.sudo().sync_user_id
        names = {'user': user_sudo.name, 'shop': self.name, 'company': self.company_id.name}
        if not user_sudo or user_sudo.id == SUPERUSER_ID:
            return False
        if not user_sudo.active:
            return self.env._("%(user)s is archived and cannot import orders of %(shop)s.", **names)
        if not user_sudo.has_group('shopify_connector.group_user'):
            return self.env._(
                "%(user)s needs the right Shopify: User to import orders of %(shop)s.", **names
            )
        if self.company_id not in user_sudo.company_ids:
            return self.env._(
                "%(user)s needs access to %(company)s to import orders of %(shop)s.", **names
            )
        return False

    def _set_default_sync_user(self):
        """Whoever lets Shopify start imports is their user, unless another one was chosen."""
        user = self.env.user
        if user.id == SUPERUSER_ID or not user.has_group('shopify_connector.group_user'):
            return
        shops = self.filtered(lambda shop: not shop.sync_user_id)
        shops.filtered(lambda shop: shop.company_id in user.company_ids).sync_user_id = user

    def _as_sync_user(self, records):
        """Return records that act in the name of the shop's user, when nobody else asks.

        Like every import they act with all rights; that the user may start one is checked when
        the user is chosen. One who has lost that right since is replaced by OdooBot: orders keep
        coming, and the shop says so.
        """
        self.ensure_one()
        automatic = self.env.uid == SUPERUSER_ID or self.env.context.get('cron_id')
        user = self.sync_user_id
        if not automatic or not user or self._get_sync_user_problem():
            return records
        # What a run creates is no reason to follow it.
        return records.with_context(mail_create_nosubscribe=True).with_user(user).sudo()

    @api.model
    def _get_import_crons(self):
        """Return the scheduled actions that import orders; users may wake them, not edit them."""
        names = ('cron_import_orders', 'cron_import_orders_2')
        crons = [
            self.env.ref(f'shopify_connector.{name}', raise_if_not_found=False) for name in names
        ]
        return self.env['ir.cron'].sudo().union(*filter(None, crons))
