"""What happens in Odoo when Shopify has an item shipped from elsewhere (R-89).

It is noted when the order is staged, and done with the reservation of stock, under the same lock.
"""

import logging

from odoo import fields, models

from ..exceptions import describe_error
from ..isolation import run_isolated

_logger = logging.getLogger(__name__)


# pylint: disable=consider-merging-classes-inherited
# A chapter of its own.
class ShopifyOrderLine(models.Model):
    _inherit = 'shopify.order.line'

    relocation = fields.Json(
        readonly=True,
        help="Location ids and units that Shopify has moved since the sales order was made:"
        " from, to, units.",
    )

    # === BUSINESS METHODS: RELOCATE === #

    def _get_waiting(self):
        """Return line → location id → units that are to be shipped from there."""
        return {
            line: {location_id: waiting for location_id, _shipped, waiting in line.places or ()}
            for line in self
        }

    def _note_relocation(self, before):
        """Note units that left one location for another; what was shipped or added is no move.

        :param dict before: location id → units to ship, before the order was read again.
        """
        self.ensure_one()
        after = self._get_waiting()[self]
        change = {gid: after.get(gid, 0) - before.get(gid, 0) for gid in {**before, **after}}
        lost = {gid: -units for gid, units in change.items() if units < 0}
        moves = []
        for to, units in sorted(change.items()):
            for origin in sorted(lost):
                moved = min(units, lost[origin])
                if moved > 0:
                    moves.append([origin, to, moved])
                    lost[origin] -= moved
                    units -= moved
        if moves:
            self.relocation = (self.relocation or []) + moves

    def _relocate(self):
        """Have the noted units shipped from the warehouse of their new location.

        :return: in words, what could not be moved any more.
        """
        self.ensure_one()
        refused = []
        for origin_id, to_id, units in self.relocation:
            origin, to = (
                self.env['shopify.location'].sudo().browse(place) for place in (origin_id, to_id)
            )
            default = self.sale_line_ids.order_id.warehouse_id
            source = origin._get_warehouse(self.company_id) or default
            target = to._get_warehouse(self.company_id) or default
            if source != target and not self.sale_line_ids._shopify_relocate(source, target, units):
                refused.append(
                    self.env._(
                        "%(units)s × %(item)s: Shopify has it shipped from %(to)s now, but its"
                        " delivery from %(origin)s has begun.",
                        units=units,
                        item=self._get_full_title(),
                        to=to.name,
                        origin=origin.name,
                    )
                )
        self.relocation = False
        return refused


class ShopifyOrder(models.Model):
    _inherit = 'shopify.order'

    # === BUSINESS METHODS: RELOCATE === #

    def _note_relocations(self, before):
        """Note what Shopify ships from elsewhere since the orders were read last.

        :param dict before: ``_get_waiting`` of their lines then.
        """
        made = self.filtered(lambda order: order.document_state == 'done')
        for line in made.line_ids:
            if line in before:
                line._note_relocation(before[line])
        made.filtered(lambda order: any(order.line_ids.mapped('relocation'))).to_reserve = True

    def _relocate_lines(self):
        """Move open deliveries to where Shopify wants the items shipped from; one by one."""
        moved = self.filtered(lambda order: any(order.line_ids.mapped('relocation')))
        run_isolated(
            moved,
            lambda part: [order._relocate_order() for order in part],
            lambda order, error: order._tell_relocation([describe_error(order.env, error).message]),
        )

    def _relocate_order(self):
        refused = []
        for line in self.line_ids.filtered('relocation'):
            refused += line._relocate()
        self._tell_relocation(refused)

    def _tell_relocation(self, refused):
        """Tell the timeline, and whoever is responsible when a hand is needed."""
        self.ensure_one()
        if not refused:
            self._add_event(
                'document', self.env._("Delivery moved to the location that Shopify names.")
            )
            return
        self.line_ids.relocation = False
        self._add_event('failed', '\n'.join(refused))
        sale = self.sale_order_ids
        sale.activity_schedule(
            'mail.mail_activity_data_warning',
            summary=self.env._("Shopify ships from elsewhere"),
            note='\n'.join(refused),
            user_id=(sale.user_id or self.env.user).id,
        )
