"""Fill a database with copies of the imported orders, by SQL: a thousand in a second."""

from odoo.tools import SQL

# In an order in which each table only refers to itself and those before it.
TABLES = (
    'res_partner',
    'shopify_customer',
    'shopify_order',
    'shopify_order_line',
    'shopify_order_shipping_line',
    'shopify_order_fee',
    'shopify_order_tax_line',
    'shopify_order_attribute',
    'shopify_order_risk',
    'shopify_transaction',
    'shopify_fulfillment',
    'sale_order',
    'sale_order_line',
    'stock_reference',
    'stock_picking',
    'stock_move',
    'stock_move_line',
    # Tables of many2many fields.
    'account_tax_sale_order_line_rel',
    'stock_reference_sale_rel',
    'stock_reference_move_rel',
)
# A copy's id is that of the original plus this, so that copies refer to one another.
STRIDE = 100_000
# Texts that have to differ, or that would make every new order match a copied contact.
DISTINCT = {'shopify_id', 'email', 'email_normalized', 'phone', 'phone_sanitized'}


def multiply(env, copies):
    """Add `copies` copies of all imported orders with their contacts and documents."""
    env.flush_all()
    for table in TABLES:
        _copy_rows(env, table, copies)
    for table in TABLES:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def _copy_rows(env, table, copies):
    references = _references(env, table)
    columns = _columns(env, table)
    values = [_value(table, column, references) for column in columns]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s row, generate_series(1, %s) AS copy WHERE %s",
            SQL.identifier(table),
            SQL(', ').join(map(SQL.identifier, columns)),
            SQL(', ').join(values),
            SQL.identifier(table),
            copies,
            _condition(table),
        )
    )
    if 'id' in columns:
        env.cr.execute(
            SQL(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM %s))",
                table,
                SQL.identifier(table),
            )
        )


def _columns(env, table):
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position""",
        (table,),
    )
    return [name for (name,) in env.cr.fetchall()]


def _references(env, table):
    """Return the columns that refer to a table of which all rows are copied."""
    env.cr.execute(
        """SELECT attribute.attname, target.relname FROM pg_constraint fk
             JOIN pg_class source ON source.oid = fk.conrelid
             JOIN pg_class target ON target.oid = fk.confrelid
             JOIN pg_attribute attribute
                  ON attribute.attrelid = fk.conrelid AND attribute.attnum = fk.conkey[1]
            WHERE fk.contype = 'f' AND source.relname = %s""",
        (table,),
    )
    return {column: target for column, target in env.cr.fetchall() if target in TABLES}


def _value(table, column, references):
    name = SQL.identifier('row', column)
    moved = SQL("%s + copy * %s", name, STRIDE)
    if column == 'id':
        return moved
    if references.get(column) == 'res_partner':
        # Only the buyers are copied, the company's own contact is not.
        return SQL("CASE WHEN %s IN (%s) THEN %s ELSE %s END", name, _buyers(), moved, name)
    if column in references:
        return moved
    if column in DISTINCT or (table, column) == ('stock_picking', 'name'):
        return SQL("%s || '-' || copy", name)
    return name


def _condition(table):
    return SQL("row.id IN (%s)", _buyers()) if table == 'res_partner' else SQL("TRUE")


def _buyers():
    """Return the query of all contacts of imported orders."""
    return SQL(
        """SELECT buyer.id FROM res_partner buyer WHERE buyer.commercial_partner_id IN
             (SELECT customer.partner_id FROM shopify_customer customer)"""
    )


COMMANDS = {'multiply': multiply}
