"""The floor: bare Odoo that creates the documents of an import by the fastest known recipe.

`describe` writes down what an import made, `prepare` gives a database without the connector the
same products and taxes, and `build` makes the same contacts, addresses, orders and deliveries.
Recipe: one create per model and batch, every computed field given, no chatter, one commit a batch.
"""

import json
from pathlib import Path

from odoo.fields import Command

from dev.bench.importing import set_company_currency, stock_up

# Tells the next process which contacts are there.
PARTNER_REF = 'bench '
RECIPE_CONTEXT = {
    'tracking_disable': True,
    'mail_auto_subscribe_no_notify': True,
    'skip_sms': True,
}
_ORDER_FIELDS = ('client_order_ref', 'origin', 'date_order', 'note')
_LINE_FIELDS = (
    'name',
    'sequence',
    'display_type',
    'product_uom_qty',
    'price_unit',
    'technical_price_unit',
    'discount',
    'extra_tax_data',
    'is_delivery',
)
_PARTNER_FIELDS = (
    'name',
    'type',
    'email',
    'phone',
    'lang',
    'street',
    'street2',
    'zip',
    'city',
    'customer_rank',
)
_PRODUCT_FIELDS = ('name', 'default_code', 'type', 'is_storable', 'list_price', 'invoice_policy')
_TAX_FIELDS = ('name', 'amount_type', 'amount', 'type_tax_use', 'price_include_override')


# === WRITE DOWN === #


def describe(env, path):
    """Write all orders that were imported, and what they need, to a file."""
    sales = env['sale.order'].search([('shopify_order_id', '!=', False)])
    sales = sales.sorted(lambda sale: sale.shopify_order_id.id)
    partners = sales.partner_id | sales.partner_invoice_id | sales.partner_shipping_id
    document = {
        'products': _values(
            sales.order_line.product_id,
            _PRODUCT_FIELDS,
            lambda product: {'in_stock': product.qty_available > 0},
        ),
        'taxes': _values(sales.order_line.tax_ids, _TAX_FIELDS),
        'partners': _values(partners, _PARTNER_FIELDS, _describe_partner),
        'orders': [_describe_order(sale) for sale in sales],
        'currency': sales.currency_id.name,
    }
    Path(path).write_text(json.dumps(document, default=str))


def _values(records, names, more=lambda _record: {}):
    return {
        str(record.id): {**{name: record[name] for name in names}, **more(record)}
        for record in records
    }


def _describe_partner(partner):
    return {
        'parent_id': partner.parent_id.id,
        'country_id': partner.country_id.id,
        'state_id': partner.state_id.id,
    }


def _describe_order(sale):
    return {
        **{name: sale[name] for name in _ORDER_FIELDS},
        'partners': [
            str(partner.id)
            for partner in (sale.partner_id, sale.partner_invoice_id, sale.partner_shipping_id)
        ],
        'lines': [
            {
                **{name: line[name] for name in _LINE_FIELDS},
                'product': str(line.product_id.id),
                'taxes': [str(tax.id) for tax in line.tax_ids],
            }
            for line in sale.order_line
        ],
    }


# === PREPARE === #


def prepare(env, path):
    """Give a database without the connector what the described orders are made of."""
    document = json.loads(Path(path).read_text())
    _create_products(env, document['products'])
    _create_taxes(env, document['taxes'])
    currencies = env['res.currency'].with_context(active_test=False)
    set_company_currency(env, currencies.search([('name', '=', document['currency'])]))


def _create_products(env, products):
    for number, values in products.items():
        in_stock = values.pop('in_stock')
        product = env['product.product'].create({**values, 'taxes_id': False})
        _remember(env, product, number)
        stock_up(env, product if in_stock else product.browse())


def _create_taxes(env, taxes):
    default = env.company.account_sale_tax_id
    for number, values in taxes.items():
        tax = env['account.tax'].create(
            {
                **values,
                'name': f'{values["name"]} ({number})',
                'tax_group_id': default.tax_group_id.id,
                'country_id': default.country_id.id,
            }
        )
        for field_name in ('invoice_repartition_line_ids', 'refund_repartition_line_ids'):
            pairs = zip(tax[field_name], default[field_name], strict=True)
            for line, model in pairs:
                line.write({'account_id': model.account_id.id, 'tag_ids': model.tag_ids.ids})
        _remember(env, tax, number)


def _remember(env, record, number):
    env['ir.model.data'].create(
        {
            'module': 'bench',
            'name': f'{record._table}_{number}',
            'model': record._name,
            'res_id': record.id,
        }
    )


# === BUILD === #


def build(env, path, start, end, batch):
    """Make the documents number `start` to `end`, `batch` of them in one transaction."""
    builder = Builder(env, json.loads(Path(path).read_text()))
    for first in range(start, end, batch):
        builder.build(builder.orders[first : min(first + batch, end)])
        env.cr.commit()


class Builder:
    """Makes described documents; knows which contacts are there already."""

    def __init__(self, env, document):
        self.env = env(context={**env.context, **RECIPE_CONTEXT})
        self.orders = document['orders']
        self._partner_values = document['partners']
        self._products = self._recall('product.product')
        self._taxes = self._recall('account.tax')
        self._partners = {
            partner.ref.removeprefix(PARTNER_REF): partner.id
            for partner in env['res.partner'].search([('ref', '=like', f'{PARTNER_REF}%')])
        }
        self._warehouse = env['stock.warehouse'].search([], limit=1)
        _silence_pickings(env)

    def _recall(self, model):
        rows = self.env['ir.model.data'].search([('module', '=', 'bench'), ('model', '=', model)])
        return {row.name.rpartition('_')[2]: row.res_id for row in rows}

    def build(self, orders):
        """Make the contacts, orders and deliveries of a batch."""
        self._create_partners(orders)
        sales = self.env['sale.order'].create([self._order_values(order) for order in orders])
        sales.action_confirm()
        self.env.flush_all()

    def _create_partners(self, orders):
        """Create the contacts that are new with these orders, then their addresses."""
        wanted = {number for order in orders for number in order['partners']}
        new = sorted(wanted - set(self._partners), key=int)
        own = [number for number in new if not self._partner_values[number]['parent_id']]
        for numbers in (own, [number for number in new if number not in own]):
            created = self.env['res.partner'].create([self._partner(number) for number in numbers])
            self._partners.update(zip(numbers, created.ids, strict=True))

    def _partner(self, number):
        values = {**self._partner_values[number], 'ref': f'{PARTNER_REF}{number}'}
        if values['parent_id']:
            values['parent_id'] = self._partners[str(values['parent_id'])]
        return values

    def _order_values(self, order):
        partner, invoice, shipping = (self._partners[number] for number in order['partners'])
        values = {
            **{name: order[name] for name in _ORDER_FIELDS},
            'partner_id': partner,
            'partner_invoice_id': invoice,
            'partner_shipping_id': shipping,
            'pricelist_id': False,
            'fiscal_position_id': False,
            'payment_term_id': False,
            'preferred_payment_method_line_id': False,
            'user_id': False,
            'team_id': False,
            'warehouse_id': self._warehouse.id,
            'validity_date': False,
            'require_signature': False,
            'require_payment': False,
            'order_line': [Command.create(self._line_values(line)) for line in order['lines']],
        }
        if 'quotation_document_ids' in self.env['sale.order']._fields:
            values['quotation_document_ids'] = []
        return values

    def _line_values(self, line):
        values = {name: line[name] for name in _LINE_FIELDS}
        if line['display_type']:
            return {name: values[name] for name in ('name', 'sequence', 'display_type')}
        product = self.env['product.product'].browse(self._products[line['product']])
        return {
            **values,
            'product_id': product.id,
            'product_uom_id': product.uom_id.id,
            'tax_ids': [Command.set([self._taxes[number] for number in line['taxes']])],
            'extra_tax_data': self._tax_data(line['extra_tax_data']),
            'customer_lead': 0.0,
            'analytic_distribution': False,
        }

    def _tax_data(self, data):
        """Return the forced amounts with the ids that currency and taxes have here."""
        if not data:
            return False
        amounts = data['manual_tax_amounts']
        return {
            **data,
            'manual_tax_amounts': {
                str(self._taxes[number]): amount for number, amount in amounts.items()
            },
        }


def _silence_pickings(env):
    """Leave out the chatter of each delivery, as the fastest recipe does."""
    moves = env.registry['stock.move']
    original = moves._assign_picking_post_process
    if getattr(original, 'silenced', False):
        return

    def quietly(self, new=False):  # noqa: ARG001 - Odoo's signature
        return original(self, new=False)

    quietly.silenced = True
    moves._assign_picking_post_process = quietly


COMMANDS = {'describe': describe, 'prepare': prepare, 'build': build}
