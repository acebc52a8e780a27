"""The timeline of an order (M-09): what came when, what was decided and why, what was made."""

from odoo import fields, models

# What a change of an order in Shopify is told by; money in the order's currency.
_TOLD_FIELDS = (
    'financial_status',
    'fulfillment_status',
    'return_status',
    'cancelled_at',
    'closed',
    'edited',
    'total',
    'current_total',
    'total_refunded',
    'total_outstanding',
    'email',
    'po_number',
    'note',
    'tag_ids',
    'billing_address',
    'shipping_address',
)
# More products than these are counted only.
_TOLD_LINES = 8


class ShopifyOrderEvent(models.Model):
    """One thing that happened to an order here; written once, never changed."""

    _name = 'shopify.order.event'
    _description = "Shopify Order Event"
    _order = 'id'
    _rec_name = 'description'

    order_id = fields.Many2one(
        'shopify.order', required=True, readonly=True, index=True, ondelete='cascade'
    )
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    kind = fields.Selection(
        [
            ('imported', "Imported"),
            ('changed', "Changed in Shopify"),
            ('decided', "Decided"),
            ('document', "Document"),
            ('failed', "Failed"),
            ('sent', "Sent to Shopify"),
        ],
        required=True,
        readonly=True,
    )
    description = fields.Text(string="What Happened", required=True, readonly=True)


# pylint: disable=consider-merging-classes-inherited
# How an order tells its story stays beside the events.
class ShopifyOrder(models.Model):
    _inherit = 'shopify.order'

    # === BUSINESS METHODS: TIMELINE === #

    def _add_event(self, kind, description):
        """Add one event to the timeline of one order."""
        self.ensure_one()
        self._add_events([(self, kind, description)])

    def _add_events(self, events):
        """Add events of many orders to their timelines, in one create.

        :param list events: ``(order, kind, description)``
        """
        self.env['shopify.order.event'].sudo().create(
            [
                {'order_id': order.id, 'kind': kind, 'description': description}
                for order, kind, description in events
            ]
        )

    def _snapshot(self):
        """Return order → what a change in Shopify would be seen by, in words."""
        return {order: order._tell_state() for order in self}

    def _tell_state(self):
        """Return label → value in words, of header and lines."""
        self.ensure_one()
        state = {
            self._fields[name]._description_string(self.env): self._tell(name)
            for name in _TOLD_FIELDS
        }
        for line in self.line_ids:
            label = self.env._("Quantity of %(item)s", item=line._get_full_title())
            # An order may hold the same item twice.
            state[label] = str(int(state.get(label, 0)) + line._get_sold_quantity())
        return state

    def _tell(self, name):
        """Return the value of a field as text for people."""
        value, field = self[name], self._fields[name]
        if field.type == 'many2many':
            value = ', '.join(value.mapped('name'))
        elif field.type == 'monetary':
            value = f'{value:.{self.currency_id.decimal_places}f}'
        elif field.type == 'json':
            value = _tell_address(value or {})
        elif field.type == 'boolean':
            value = self.env._("yes") if value else self.env._("no")
        elif name.endswith('_status'):
            value = (value or '').replace('_', ' ').lower()
        return str(value or '')

    def _note_staged(self, before):
        """Tell what an import brought: new orders whole, known ones by what has changed.

        :param dict before: the :meth:`_snapshot` of the known orders.
        """
        events = []
        for order in self:
            if order not in before:
                events.append((order, 'imported', order._tell_import()))
                continue
            changes = order._tell_changes(before[order])
            if changes:
                events.append((order, 'changed', changes))
        self._add_events(events)

    def _tell_import(self):
        self.ensure_one()
        return self.env._(
            "Read from Shopify as changed there on %(moment)s UTC: %(count)s lines, %(total)s"
            " %(currency)s, payment %(payment)s, fulfillment %(fulfillment)s.",
            moment=self.updated_at,
            count=len(self.line_ids),
            total=self._tell('total'),
            currency=self.currency_id.name,
            payment=self._tell('financial_status') or '?',
            fulfillment=self._tell('fulfillment_status') or '?',
        )

    def _tell_changes(self, before):
        """Return one line of text for each value that is not as it was."""
        after = self._tell_state()
        nothing = self.env._("nothing")
        return '\n'.join(
            f'{label}: {before.get(label) or nothing} → {after.get(label) or nothing}'
            for label in {**before, **after}
            if before.get(label) != after.get(label)
        )

    def _get_errors(self):
        """Return order → its error now, for :meth:`_note_failures`."""
        return {order: order.error_message for order in self}

    def _note_failures(self, known_errors):
        """Tell what failed; the same failure again is no news."""
        self._add_events(self._get_failure_events(known_errors))

    def _get_failure_events(self, known_errors):
        return [
            (order, 'failed', order.error_message)
            for order in self
            if order.document_state == 'failed' and order.error_message != known_errors[order]
        ]

    def _note_results(self, sales, known_errors):
        """Tell what was decided for a batch, what was made, and what failed.

        :param sales: the sales orders that were made.
        :param dict known_errors: order → its error before.
        """
        events = self._get_failure_events(known_errors)
        for sale in sales:
            order = sale.shopify_order_id
            events.append((order, 'decided', order._tell_decisions(sale)))
            events.append((order, 'document', order._tell_document(sale)))
        self._add_events(events)

    def _tell_decisions(self, sale):
        """Return who buys what under which tax from where, and why."""
        self.ensure_one()
        told = [
            self.env._(
                "Customer: %(customer)s (%(reason)s)",
                customer=self.partner_id.name or '?',
                reason=self.customer_decision or '?',
            )
        ]
        lines = self.line_ids.filtered('product_id')
        told += [
            self.env._(
                "Product: %(item)s is %(product)s (%(reason)s)",
                item=line._get_full_title(),
                product=line.product_id.default_code or line.product_id.name,
                reason=line.product_decision or '?',
            )
            for line in lines[:_TOLD_LINES]
        ]
        if len(lines) > _TOLD_LINES:
            told.append(self.env._("… and %(count)s more", count=len(lines) - _TOLD_LINES))
        told += [
            self.env._(
                "Tax: %(title)s %(rate)s %% is %(tax)s (%(reason)s)",
                title=mapping.title,
                rate=f'{mapping.rate:g}',
                tax=mapping.tax_id.name,
                reason=mapping.decision or '?',
            )
            for mapping in self.tax_line_ids.tax_id
            if mapping.tax_id
        ]
        told.append(self.env._("Warehouse: %(name)s", name=sale.warehouse_id.name))
        return '\n'.join(told)

    def _tell_document(self, sale):
        """Return what was made, and its proof."""
        self.ensure_one()
        return self.env._(
            "Sales order %(name)s (%(state)s), %(total)s %(currency)s, differs from Shopify by"
            " %(difference)s.",
            name=sale.name,
            state=dict(sale._fields['state']._description_selection(self.env))[sale.state],
            total=self._tell('document_total'),
            currency=self.currency_id.name,
            difference=self._tell('difference'),
        )


def _tell_address(address):
    names = ('name', 'company', 'address1', 'address2', 'zip', 'city', 'country_code', 'phone')
    return ', '.join(address[name] for name in names if address.get(name))
