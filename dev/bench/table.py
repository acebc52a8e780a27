"""The table that the bench prints."""

from dataclasses import dataclass
from statistics import mean

from dev.bench import code
from dev.bench.measuring import ratio


@dataclass
class Row:
    """A line of the table.

    :param float bound: what must not be exceeded, `None` for a figure that only explains
    :param bool at_least: the bound is a lower one
    """

    what: str
    value: float
    bound: float | None
    note: str
    at_least: bool = False

    def verdict(self):
        """Say whether the bound is held."""
        if self.bound is None:
            return ''
        kept = self.value >= self.bound if self.at_least else self.value <= self.bound
        return 'ok' if kept else 'MISSED'

    def cells(self):
        """Return the texts of the line."""
        sign = '≥' if self.at_least else '≤'
        bound = '' if self.bound is None else f'{sign} {self.bound:g}'
        return [self.what, f'{self.value:.2f}', bound, self.verdict(), self.note]


def rows_of(bench):
    """Return the lines for a bench that has run."""
    return [*_traffic_rows(bench), *_floor_rows(bench), *_scale_rows(bench), *_code_rows()]


def table(rows):
    """Return the rows as aligned text."""
    lines = [['what', 'measured', 'bound', '', 'in this run'], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return '\n'.join(
        '  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _traffic_rows(bench):
    orders, traffic = bench.orders, bench.traffic
    batches = bench.pairs[-len(bench.pairs) // bench.options.runs :]
    seconds = bench.discovery['seconds'] + sum(ours['seconds'] for ours, *_rest in batches)
    return [
        Row("API points per order", traffic['points'] / orders, 13, f"{orders} usual orders"),
        Row("requests per 100 orders", 100 * traffic['requests'] / orders, 6, "with discovery"),
        Row(
            "share of the wait for the twin",
            traffic['seconds'] / seconds,
            None,
            "is part of the import time",
        ),
    ]


def _floor_rows(bench):
    pairs = [(_with_discovery(bench, ours, orders), floor) for ours, floor, orders in bench.pairs]
    orders = sum(count for *_pair, count in bench.pairs)
    rows = []
    for what, key, bound, factor, unit in (
        ("import time / floor", 'undisturbed', 1.3, 1000, "ms"),
        ("  on the clock", 'seconds', None, 1000, "ms"),
        ("  CPU of Odoo's process", 'cpu', None, 1000, "ms"),
        ("SQL queries / floor", 'queries', 1.3, 1, "queries"),
    ):
        ours, floor = (
            factor * sum(side[key] for side in sides) / orders for sides in zip(*pairs, strict=True)
        )
        note = f"{ours:.1f} against {floor:.1f} {unit} an order"
        rows.append(Row(what, ratio(pairs, key), bound, note))
    return rows


def _with_discovery(bench, ours, orders):
    """Return what a batch cost with its share of the discovery."""
    share = orders / bench.orders
    return {key: value + share * bench.discovery.get(key, 0) for key, value in ours.items()}


def _scale_rows(bench):
    pairs = list(zip(bench.alone, bench.together, strict=True))
    one, two = (mean(run['seconds'] for run in runs) for runs in (bench.alone, bench.together))
    clock = f"{bench.orders / two:.1f} against {bench.orders / one:.1f} orders a second"
    small, large = bench.sizes
    few, many = (
        1000 * mean(run['undisturbed'] for run in runs) / 50
        for runs in zip(*bench.growth, strict=True)
    )
    return [
        Row(
            "two workers / one",
            ratio(pairs, 'undisturbed'),
            1.6,
            "without waits for a processor",
            True,
        ),
        Row("  on the clock", ratio(pairs, 'seconds'), None, clock, True),
        Row(
            f"time per order, {large:,} there / {small:,}",
            1 / ratio(bench.growth, 'undisturbed'),
            1.1,
            f"{many:.0f} against {few:.0f} ms",
        ),
    ]


def _code_rows():
    return [
        Row("lines of a function, 9 of 10 have less", code.longest_tenth(), 45, "without tests"),
        Row("mean complexity of a function", code.mean_complexity(), 3.5, "as ruff counts"),
    ]
