from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..shopify_api.order import naive
from ..shopify_api.shipping import ARRIVED, Attempt, Delivery

SHIPMENT_STATES = [
    ('pending', "To Send"),
    ('done', "Sent"),
    ('failed', "Not Sent"),
    ('skipped', "Nothing to Send"),
]


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    shopify_order_id = fields.Many2one(related='sale_id.shopify_order_id', string="Shopify Order")
    shopify_order_name = fields.Char(
        related='sale_id.shopify_order_name', string="Shopify Order No."
    )
    shopify_shop_id = fields.Many2one(
        related='sale_id.shopify_shop_id', store=True, index='btree_not_null', string="Shop"
    )

    # What Shopify knows of the delivery. A backorder or a return is another delivery: no copies.
    shopify_state = fields.Selection(
        SHIPMENT_STATES,
        string="Shopify",
        copy=False,
        readonly=True,
        help="Whether Shopify was told that this delivery has left.",
    )
    shopify_message = fields.Text(
        string="Shopify Says",
        copy=False,
        readonly=True,
        help="What of this delivery Shopify does not show as shipped, and why.",
    )
    shopify_error_code = fields.Char(copy=False, readonly=True)
    shopify_retry_at = fields.Datetime(
        string="Sent Again After", copy=False, readonly=True, help="Not tried before."
    )
    shopify_notify = fields.Selection(
        [('yes', "Yes"), ('no', "No")],
        string="Notify the Buyer",
        copy=False,
        help="Whether Shopify writes to the buyer that this delivery is on its way. Empty: as the"
        " shop says.",
    )
    shopify_tracking_changed = fields.Boolean(
        copy=False, readonly=True, help="The tracking changed after Shopify was told of it."
    )
    shopify_attempt = fields.Json(
        copy=False, readonly=True, help="What was about to be sent when the answer was lost."
    )
    shopify_fulfillment_ids = fields.One2many(
        'shopify.fulfillment', 'picking_id', string="Fulfillments", readonly=True, copy=False
    )
    shopify_parcel_status = fields.Char(
        string="Parcel",
        compute='_compute_shopify_parcel_status',
        compute_sudo=True,
        help="Where the parcel is, as Shopify hears from the carrier.",
    )

    _shopify_pending_idx = models.Index("(sale_id) WHERE shopify_state = 'pending'")
    _shopify_failed_idx = models.Index("(shopify_shop_id) WHERE shopify_state = 'failed'")

    # === COMPUTE METHODS === #

    @api.depends('shopify_fulfillment_ids.display_status', 'shopify_fulfillment_ids.status')
    def _compute_shopify_parcel_status(self):
        for picking in self:
            live = picking.shopify_fulfillment_ids.filtered(lambda item: item._has_shipped())
            picking.shopify_parcel_status = live[-1:].display_status

    # === CRUD METHODS === #

    def write(self, vals):
        """Have tracking that is entered or corrected later sent to Shopify too (M-14)."""
        result = super().write(vals)
        if vals.keys() & {'carrier_tracking_ref', 'carrier_id'}:
            self._shopify_note_tracking()
        return result

    # === ACTION METHODS === #

    def action_view_shopify_order(self):
        """Open the Shopify order behind the delivery."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'shopify.order',
            'res_id': self.shopify_order_id.id,
            'view_mode': 'form',
        }

    def action_shopify_send(self):
        """Have Shopify told of done deliveries, also of those that failed before (R-117).

        :raise UserError: none of them is a done delivery of a Shopify order.
        """
        self.check_access('write')
        ready = self.sudo().filtered(lambda picking: picking._shopify_is_shipment())
        if not ready:
            raise UserError(self.env._("Choose deliveries of Shopify orders that are done."))
        ready._shopify_request()
        return self.env['shopify.store']._notify(
            self.env._("Sent to Shopify in a moment, deliveries: %(count)s.", count=len(ready))
        )

    def action_shopify_skip(self):
        """Leave deliveries out of what Shopify is told; they can be sent later all the same."""
        self.check_access('write')
        waiting = self.sudo().filtered(lambda item: item.shopify_state in ('pending', 'failed'))
        waiting.write(
            {
                'shopify_state': 'skipped',
                'shopify_message': self.env._("Left out by %(user)s.", user=self.env.user.name),
                'shopify_error_code': False,
                'shopify_retry_at': False,
                'shopify_tracking_changed': False,
            }
        )

    # === BUSINESS METHODS === #

    def _send_confirmation_email(self):
        """Override of `stock_delivery` to send no mail and order no label for what has left."""
        if self.env.context.get('shopify_shipped'):
            return None
        return super()._send_confirmation_email()

    # === BUSINESS METHODS: NOTE === #

    def _shopify_is_shipment(self):
        """Return whether the delivery brought units of a Shopify order to the buyer."""
        self.ensure_one()
        return (
            self.state == 'done'
            and self.location_dest_id.usage == 'customer'
            and bool(self.sale_id.shopify_order_id)
        )

    def _shopify_note_done(self):
        """Note that deliveries have just been done; Shopify is told after the commit."""
        done = self.sudo().filtered(lambda picking: picking._shopify_is_shipment())
        if not done:
            return
        if self.env.context.get('shopify_shipped'):
            done.write(
                {'shopify_state': 'done', 'shopify_message': self.env._("Shipped in Shopify.")}
            )
            return
        sending = done.filtered(lambda picking: picking.shopify_shop_id.send_shipments)
        sending._shopify_request()
        (done - sending).write(
            {
                'shopify_state': 'skipped',
                'shopify_message': self.env._("The shop does not send shipments."),
            }
        )

    def _shopify_note_returned(self):
        """Note that units of these deliveries came back, for what Shopify should know of it."""
        self.sudo().filtered(lambda picking: picking._shopify_is_known())._shopify_request()

    def _shopify_note_tracking(self):
        """Note that the tracking of these deliveries is another now."""
        if self.env.context.get('shopify_shipped'):
            return
        known = self.sudo().filtered(lambda picking: picking._shopify_is_known())
        known.shopify_tracking_changed = True
        known._shopify_request()

    def _shopify_is_known(self):
        """Return whether Shopify has a shipment of this delivery that still may change."""
        self.ensure_one()
        return self.state == 'done' and any(
            item._has_shipped() and item.display_status not in ARRIVED
            for item in self.shopify_fulfillment_ids
        )

    def _shopify_request(self):
        """Let the next run tell Shopify of these deliveries, and wake it."""
        if not self:
            return
        # A lost answer is not asked for at once, whatever a user presses: Shopify may be at it yet.
        resting = self.filtered(lambda item: item.shopify_attempt and item.shopify_retry_at)
        (self - resting).shopify_retry_at = False
        self.write({'shopify_state': 'pending', 'shopify_error_code': False})
        self.env['shopify.order']._request_shipments()

    # === BUSINESS METHODS: GATHER === #

    def _shopify_prepare_delivery(self):
        """Return the delivery in units of Shopify's lines, for :func:`~.shipping.decide`."""
        self.ensure_one()
        units, rest = defaultdict(float), set()
        for move in self._shopify_get_moves():
            line = move.sale_line_id._shopify_find_line()
            if line and move._shopify_is_component():
                rest.add(line.shopify_id)
            elif line:
                units[line.shopify_id] += move._shopify_get_units()
        for line in self.sale_id.order_line.filtered(lambda line: line._shopify_rides_along()):
            rest.add(line.shopify_line_id.shopify_id)
        return Delivery(
            key=self.id,
            units={gid: int(quantity + 1e-6) for gid, quantity in units.items()},
            rest=frozenset(rest),
            places=tuple(self._shopify_get_places().mapped('shopify_id')),
            tracking=self.carrier_id._shopify_get_tracking(self),
            tracking_changed=self.shopify_tracking_changed,
            fulfillments=frozenset(self.shopify_fulfillment_ids.mapped('shopify_id')),
            attempt=Attempt.from_json(self.shopify_attempt),
        )

    def _shopify_get_moves(self):
        """Return the moves that brought something to the buyer."""
        return self.move_ids.filtered(
            lambda move: move.state == 'done' and move.location_dest_id.usage == 'customer'
        )

    def _shopify_get_places(self):
        """Return Shopify's locations that stand for the warehouse of the delivery."""
        warehouse = self.picking_type_id.warehouse_id
        return self.sale_id.shopify_order_id.store_id.location_ids.filtered(
            lambda location: warehouse and location.warehouse_id == warehouse
        )

    def _shopify_get_foreign(self):
        """Return product → units of what the delivery holds and the Shopify order does not."""
        self.ensure_one()
        foreign = defaultdict(float)
        for move in self._shopify_get_moves():
            if not move.sale_line_id._shopify_find_line():
                foreign[move.product_id] += move.quantity
        return foreign

    def _shopify_wants_notification(self):
        """Return whether Shopify writes to the buyer: once, of what is really new (R-13)."""
        self.ensure_one()
        if not all(item._has_shipped() for item in self.shopify_fulfillment_ids):
            return False  # the buyer was told of a shipment that is corrected now
        if self.shopify_notify:
            return self.shopify_notify == 'yes'
        return self.shopify_shop_id.notify_shipments

    def _shopify_tell_foreign(self):
        """Return, in words, what the delivery holds and the Shopify order does not (R-102)."""
        return [
            self.env._(
                "%(item)s is not on the Shopify order, which does not show it.",
                item=f'{units:g} × {product.display_name}',
            )
            for product, units in self._shopify_get_foreign().items()
        ]

    # === BUSINESS METHODS: END === #

    def _shopify_has_changed(self, gathered):
        """Return whether the delivery is another one than was sent: it changed meanwhile.

        :param Delivery gathered: as it was before Shopify was asked.
        """
        self.ensure_one()
        self.invalidate_recordset()  # what others have committed since
        self.move_ids.invalidate_recordset()
        now = self._shopify_prepare_delivery()
        if now.tracking != gathered.tracking:
            self.shopify_tracking_changed = True
        return (now.units, now.tracking) != (gathered.units, gathered.tracking)

    def _shopify_end(self, outcome, case):
        """Say what became of a delivery after all that was possible was sent.

        :param Outcome outcome: what was decided for it.
        :param Case case: what was known of its order.
        """
        self.ensure_one()
        notes = [*self._shopify_tell_outcome(outcome, case), *case.foreign[self.id], *case.refusals]
        code = next((left.code for left in outcome.left if left.code != 'scheduled'), False)
        has_any = any(item._has_shipped() for item in self.shopify_fulfillment_ids)
        if code == 'too_many' and (has_any or outcome.known):
            code = False  # all that Shopify had to ship is shipped
        later = [left.order.fulfill_at for left in outcome.left if left.code == 'scheduled']
        if code:
            self._shopify_fail('\n'.join(notes), code)
            return
        nothing = not (has_any or outcome.known or outcome.returned)
        state = 'skipped' if nothing else 'done'
        self.write(
            {
                'shopify_state': 'pending' if later else state,
                'shopify_retry_at': self._shopify_get_next_try(later),
                'shopify_message': '\n'.join(notes) or False,
                'shopify_error_code': False,
                'shopify_tracking_changed': False,
                'shopify_attempt': False,
            }
        )

    @api.model
    def _shopify_get_next_try(self, moments):
        """Return when scheduled units may be sent: on time, and not over and over again."""
        if not moments:
            return False
        soon = fields.Datetime.now() + timedelta(hours=1)
        return max([soon, *(naive(moment) for moment in moments if moment)])

    def _shopify_tell_outcome(self, outcome, case):
        """Return, in words, what of the delivery Shopify does not show as shipped by it."""
        tell = {
            'on_hold': self.env._(
                "%(item)s: on hold in Shopify (%(reason)s). Release the hold there, and it is sent"
                " by itself."
            ),
            'scheduled': self.env._(
                "%(item)s: Shopify ships it on %(date)s UTC, and it is sent then."
            ),
            'service': self.env._(
                "%(item)s: Shopify has %(place)s ship it. Assign it to a location of yours there."
            ),
            'requested': self.env._(
                "%(item)s: Shopify has asked %(place)s to ship it. Cancel that request there."
            ),
            'blocked': self.env._(
                "%(item)s: Shopify lets nobody ship it now (%(status)s). Open it there."
            ),
            'too_many': self.env._(
                "%(item)s: Shopify has no more of it to ship. It was refunded, removed or cancelled"
                " there, or more left than was ordered."
            ),
        }
        notes = [
            tell[left.code]
            % {
                'item': _name_units(left.units, case.names.get(left.line_gid)),
                **_describe(left.order),
            }
            for left in outcome.left
        ]
        notes += [
            self.env._(
                "%(item)s: Shopify had it as shipped already.",
                item=_name_units(units, case.names.get(gid)),
            )
            for gid, units in outcome.known.items()
        ]
        notes += [
            self.env._(
                "%(item)s came back; in Shopify it is still shipped. Make the return there.",
                item=_name_units(units, case.names.get(gid)),
            )
            for gid, units in outcome.returned.items()
        ]
        return notes

    def _shopify_fail(self, message, code):
        """Say why deliveries are not sent; whoever ships them reads it in the chatter too."""
        for picking in self:
            if picking.shopify_message != message:
                picking.message_post(
                    body=self.env._("Shopify was not told of all: %(reason)s", reason=message)
                )
        self.write(
            {
                'shopify_state': 'failed',
                'shopify_message': message,
                'shopify_error_code': code,
                'shopify_retry_at': False,
            }
        )

    def _shopify_tell_event(self):
        """Return what the timeline of the order says of the delivery (M-09)."""
        self.ensure_one()
        labels = dict(self._fields['shopify_state']._description_selection(self.env))
        live = self.shopify_fulfillment_ids.filtered(lambda item: item._has_shipped())
        names = ', '.join(
            f'{item.name} ({item.tracking_number})' if item.tracking_number else item.name
            for item in live
        )
        told = self.env._(
            "Delivery %(delivery)s: %(state)s",
            delivery=self.name,
            state=names or labels[self.shopify_state],
        )
        return '\n'.join(filter(None, (told, self.shopify_message)))


def _name_units(units, name):
    return f'{units} × {name or "?"}'


def _describe(order):
    """Return what messages may say of a fulfilment order."""
    if order is None:
        return {}
    date = naive(order.fulfill_at)
    return {
        'reason': '; '.join(order.holds) or '?',
        'date': date.strftime('%Y-%m-%d %H:%M') if date else '?',
        'place': order.location_name or '?',
        'status': order.status.replace('_', ' ').lower(),
    }
