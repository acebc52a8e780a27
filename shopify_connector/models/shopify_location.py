from odoo import fields, models
from odoo.fields import Domain

from ..exceptions import Problem
from ..shopify_api import fetch


class ShopifyLocation(models.Model):
    _name = 'shopify.location'
    _description = "Shopify Location"
    _order = 'active desc, name'

    name = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    store_id = fields.Many2one(
        'shopify.store', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(related='store_id.company_id', store=True, index=True)
    shopify_id = fields.Char(string="Shopify ID", required=True, readonly=True)
    city = fields.Char(readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    is_fulfillment_service = fields.Boolean(
        readonly=True, help="Another app or company ships from this location."
    )
    fulfills_online_orders = fields.Boolean(readonly=True)
    warehouse_id = fields.Many2one(
        'stock.warehouse',
        help="Ships what Shopify assigns to this location. Empty: the warehouse of the shop.",
    )

    _shopify_id_uniq = models.UniqueIndex(
        "(store_id, shopify_id)", "This location of the store is known already."
    )

    def write(self, vals):
        """Have the orders tried again that wait for a warehouse of these locations (M-08)."""
        result = super().write(vals)
        if 'warehouse_id' in vals:
            self.env['shopify.order']._try_again_where(
                Domain('store_id', 'in', self.store_id.ids)
                & Domain('error_code', '=', 'no_location')
                & Domain('error_subject', 'in', self.mapped('name'))
            )
        return result

    def action_fetch(self):
        """Fetch the locations of all connected stores again."""
        stores = self.env['shopify.store'].search([('state', '=', 'connected')])
        stores.check_access('write')
        for store in stores:
            self.sudo()._fetch(store)

    def _fetch(self, store):
        """Bring the locations of a store up to date (R-36); vanished ones are archived.

        :return: the locations of the store that exist in Shopify.
        """
        nodes = {node['id']: node for node in fetch.locations(store._get_client())}
        known = self.with_context(active_test=False).search([('store_id', '=', store.id)])
        countries = {
            country.code: country.id
            for country in self.env['res.country'].search(
                [('code', 'in', [node['address']['countryCode'] for node in nodes.values()])]
            )
        }
        values = {gid: self._prepare_values(node, countries) for gid, node in nodes.items()}
        for location in known:
            location.write(values.pop(location.shopify_id, {'active': False}))
        created = self.create(
            [{**item, 'store_id': store.id, 'shopify_id': gid} for gid, item in values.items()]
        )
        return (known + created).filtered('active')

    def _prepare_values(self, node, countries):
        return {
            'name': node['name'],
            'active': node['isActive'],
            'city': node['address']['city'],
            'country_id': countries.get(node['address']['countryCode'], False),
            'is_fulfillment_service': node['isFulfillmentService'],
            'fulfills_online_orders': node['fulfillsOnlineOrders'],
        }

    # === BUSINESS METHODS: MAP === #

    def _get_problem(self):
        """Return why an order cannot be shipped from here; nothing stands for an unknown place."""
        name = self.name or self.env._("a location that Odoo does not know")
        return Problem(
            'no_location',
            self.env._(
                "%(location)s of Shopify has no warehouse. Choose it under Shopify →"
                " Configuration → Mappings → Locations; get the locations first when it is not"
                " there.",
                location=name,
            ),
            subject=name,
        )

    def _get_warehouse(self, company):
        """Return the warehouse of the location in a company, none when it has none there (R-37)."""
        return self.warehouse_id.filtered(lambda warehouse: warehouse.company_id == company)
