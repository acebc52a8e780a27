"""How the time of an order grows with the orders that are there already."""

from dev.bench import programs
from dev.common import step

BATCH = 50


def measure(database, environ, sizes):
    """Return for each size of the database the seconds an order takes.

    :param str database: has a connected shop, BATCH imported orders and some waiting ones
    :param sizes: how many orders shall be there, multiples of BATCH
    """
    return [_measure_one(database, environ, size) for size in sizes]


def _measure_one(database, environ, size):
    with (
        step(f"Import into a database with {size:,} orders"),
        programs.database_copy(database, environ) as name,
        programs.odoo(name, environ) as odoo,
    ):
        odoo.ask('multiply', copies=size // BATCH - 1)
        odoo.ask('import_batch', limit=BATCH)
        before = odoo.ask('count_sales')['sales']
        odoo.ask('discover')
        seconds = odoo.ask('import_all', batch=BATCH)['seconds']
        return seconds / (odoo.ask('count_sales')['sales'] - before)
