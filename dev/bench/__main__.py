"""The numbers of the design, each as a ratio measured in one run: `make bench`.

What is measured, and how, is in docs/bench.md.
"""

import argparse
import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from dev import db
from dev.bench import code, large, programs
from dev.common import main, say, step
from dev.setup import ensure_all

SEED = 7
# Rows that wait in every copy: each process imports them before the clock starts.
WARM_UP = 100
BATCH = 50
OURS, FLOOR = 'shopify_bench', 'shopify_bench_floor'
# What both sides must have made; anything else would compare different work.
SAME = ('sales', 'confirmed', 'lines', 'pickings', 'total', 'tax', 'reserved')


@dataclass
class Row:
    """A line of the table: what, measured how, at most (or at least) how much."""

    what: str
    value: float
    bound: float
    note: str
    at_least: bool = False

    def verdict(self):
        """Say whether the bound is held."""
        kept = self.value >= self.bound if self.at_least else self.value <= self.bound
        return 'ok' if kept else 'MISSED'

    def cells(self):
        """Return the texts of the line."""
        sign = '≥' if self.at_least else '≤'
        return [
            self.what,
            f'{self.value:.2f}',
            f'{sign} {self.bound:g}',
            self.verdict(),
            self.note,
        ]


class Bench:
    """One run of the bench."""

    def __init__(self, options, environ, folder):
        self.options = options
        self.environ = environ
        self.spec = str(Path(folder) / 'documents.json')
        self.ours, self.floor = [], []
        self.twin = self.chunk = None

    # === DATABASES === #

    def prepare(self):
        """Make a database with a connected shop, products in stock, and its first orders."""
        db.fresh(OURS, self.environ, db.ADDON)
        with step("A connected shop"), programs.odoo(OURS, self.environ) as odoo:
            odoo.ask('connect', twin=self.twin.hello)
            odoo.ask('create_products', variants=self.twin.variants())
            odoo.ask('discover')
            odoo.ask('forget_waiting', keep=BATCH + WARM_UP)
            odoo.ask('import_batch', limit=BATCH)
            self.chunk = odoo.ask('chunk_size')['chunk']

    def prepare_floor(self):
        """Make a database without the connector, with the same products and first orders."""
        db.fresh(FLOOR, self.environ)
        with step("The floor's first orders"), programs.odoo(FLOOR, self.environ) as odoo:
            odoo.ask('prepare', path=self.spec)
            self._build(odoo, 0, BATCH)

    # === MEASUREMENTS === #

    def measure_ours(self):
        """Import with one worker."""
        with (
            step(f"Import, run {len(self.ours) + 1}"),
            programs.database_copy(OURS, self.environ) as name,
            programs.odoo(name, self.environ) as odoo,
        ):
            self._warm_up(odoo, WARM_UP)
            before, requests = odoo.ask('count'), self.twin.stats()
            parts = [odoo.ask('discover'), odoo.ask('import_all', batch=BATCH)]
            self.ours.append(
                {
                    **{
                        key: sum(part[key] for part in parts)
                        for key in ('seconds', 'cpu', 'queries')
                    },
                    **_difference(self.twin.stats(), requests, ('requests', 'points')),
                    'waited': _difference(self.twin.stats(), requests, ('seconds',))['seconds'],
                    'start': before['sales'],
                    **_difference(odoo.ask('count'), before, SAME),
                }
            )
            odoo.ask('describe', path=self.spec)

    def _warm_up(self, odoo, orders):
        for _ in range(orders // BATCH):
            odoo.ask('import_batch', limit=BATCH)

    def measure_floor(self):
        """Make the same documents with bare Odoo."""
        with (
            step(f"Floor, run {len(self.floor) + 1}"),
            programs.database_copy(FLOOR, self.environ) as name,
            programs.odoo(name, self.environ) as odoo,
        ):
            start = self.ours[0]['start']
            self._build(odoo, BATCH, start)
            before = odoo.ask('count')
            result = self._build(odoo, start, start + self.ours[0]['sales'])
            made = _difference(odoo.ask('count'), before, SAME)
        expected = {key: self.ours[0][key] for key in SAME}
        if any(abs(made[key] - expected[key]) > 0.01 for key in SAME):
            raise programs.ProgramError(f"The floor made {made}, the import {expected}.")
        self.floor.append(result)

    def _build(self, odoo, start, end):
        return odoo.ask('build', path=self.spec, start=start, end=end, batch=self.chunk)

    def measure_two(self):
        """Return the seconds that two workers need for what one worker did."""
        with (
            step("Two workers"),
            programs.database_copy(OURS, self.environ) as name,
            programs.odoo(name, self.environ) as first,
            programs.odoo(name, self.environ) as second,
        ):
            both = (first, second)
            _at_once(both, 'import_batch', limit=BATCH)
            before = first.ask('count')
            seconds = first.ask('discover')['seconds']
            seconds += _at_once(both, 'import_all', batch=BATCH)
            made = _difference(first.ask('count'), before, ('sales', 'total'))
        if any(abs(made[key] - self.ours[0][key]) > 0.01 for key in made):
            raise programs.ProgramError(f"Two workers made {made}.")
        return seconds

    def measure_growth(self):
        """Return the line about the time of an order in a large database."""
        sizes = (1_000, 50_000) if self.options.large else (500, 5_000)
        small, big = large.measure(OURS, self.environ, sizes)
        note = f"{1000 * big:.0f} against {1000 * small:.0f} ms"
        return Row(f"time per order, {sizes[1]:,} there / {sizes[0]:,}", big / small, 1.1, note)

    def run(self):
        """Measure everything; return the rows of the table."""
        total = BATCH + WARM_UP + self.options.orders
        with programs.twin(total, self.environ, SEED) as self.twin:
            self.prepare()
            self.measure_ours()
            self.prepare_floor()
            self.measure_floor()
            for turn in range(1, self.options.runs):
                # The order changes, so that what slows the machine down meets both.
                pair = [self.measure_floor, self.measure_ours]
                for measure in pair[:: 1 if turn % 2 else -1]:
                    measure()
            two = median(self.measure_two() for _ in range(self.options.runs))
            growth = self.measure_growth()
        return [*self._pipeline_rows(), self._two_row(two), growth, *_code_rows()]

    # === TABLE === #

    def _pipeline_rows(self):
        first = self.ours[0]
        count = first['sales']
        return [
            Row("API points per order", first['points'] / count, 13, f"{count} plain orders"),
            Row("requests per 100 orders", 100 * first['requests'] / count, 6, "with discovery"),
            self._ratio_row("import time", 'seconds', 1000, "ms"),
            self._ratio_row("CPU of Odoo's process", 'cpu', 1000, "ms"),
            self._ratio_row("SQL queries", 'queries', 1, ""),
            Row("wait for the twin, % of import", self._waited(), 100, "part of import time"),
        ]

    def _ratio_row(self, what, key, factor, unit):
        count = self.ours[0]['sales'] / factor
        ours, floor = _median(self.ours, key), _median(self.floor, key)
        note = f"{ours / count:.1f} against {floor / count:.1f} {unit} an order"
        return Row(f"{what} / floor", ours / floor, 1.3, note)

    def _waited(self):
        return 100 * _median(self.ours, 'waited') / _median(self.ours, 'seconds')

    def _two_row(self, seconds):
        count, one = self.ours[0]['sales'], _median(self.ours, 'seconds')
        note = f"{count / seconds:.1f} against {count / one:.1f} orders a second"
        return Row("two workers / one", one / seconds, 1.6, note, at_least=True)


def _code_rows():
    return [
        Row(
            "function length, tenth longest percent",
            code.longest_tenth(),
            45,
            "lines, without tests",
        ),
        Row("mean complexity of a function", code.mean_complexity(), 3.5, "as ruff counts"),
    ]


def _difference(after, before, keys):
    return {key: after[key] - before[key] for key in keys}


def _median(runs, key):
    return median(run[key] for run in runs)


def _at_once(workers, command, **arguments):
    """Have all workers do the same at the same time; return the seconds of the slowest."""
    for worker in workers:
        worker.tell(command, **arguments)
    return max([worker.answer()['seconds'] for worker in workers])


def table(rows):
    """Return the rows as aligned text."""
    lines = [['what', 'measured', 'bound', '', 'in this run'], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return '\n'.join(
        '  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _parse(arguments):
    parser = argparse.ArgumentParser(prog='make bench', description=__doc__)
    parser.add_argument('--orders', type=int, default=200, help="orders that are timed")
    parser.add_argument('--runs', type=int, default=3, help="runs of each kind; medians count")
    parser.add_argument(
        '--large', action='store_true', help="50,000 orders against 1,000 instead of 5,000 to 500"
    )
    return parser.parse_args(arguments)


def _command(arguments):
    options = _parse(arguments)
    environ = ensure_all()
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
            rows = Bench(options, environ, folder).run()
            print(table(rows))
            return int(any(row.verdict() != 'ok' for row in rows))
    finally:
        for name in (OURS, FLOOR):
            db.drop(name, environ)
    say("✗ Interrupted")
    return 130


if __name__ == '__main__':
    main(_command)
