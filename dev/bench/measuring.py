"""The measurements of the bench: which programs do what, in which order."""

import contextlib
from statistics import mean, median

from dev import db
from dev.bench import programs
from dev.common import step

SEED = 7
# Orders a request. Each process handles some before the clock starts: they wait in every copy.
BATCH = 50
WARM_UP = 2 * BATCH
# Smaller for the comparison of one and two workers, so that both end at about the same time.
SHARED_BATCH = 25
# What both sides must have made; anything else would compare different work.
SAME = ('sales', 'confirmed', 'lines', 'pickings', 'total', 'tax', 'reserved')
COSTS = ('seconds', 'undisturbed', 'cpu', 'queries')


class Bench:
    """One run of the bench; the attributes below hold what came of it.

    :ivar list pairs: (ours, floor, orders): what a batch cost on each side
    :ivar dict discovery: what the discovery of all orders cost
    :ivar dict traffic: requests, points, and seconds in the twin, of the last run of pairs
    :ivar list alone: what one worker needed for all orders
    :ivar list together: the same for two workers
    :ivar list growth: (seconds in the small database, in the large one) for equal batches
    """

    OURS, FLOOR = 'shopify_bench', 'shopify_bench_floor'

    def __init__(self, options, environ, spec):
        self.options = options
        self.environ = environ
        self.spec = str(spec)
        self.sizes = (1_000, 50_000) if options.large else (500, 5_000)
        self.pairs, self.alone, self.together, self.growth = [], [], [], []
        self.discovery = self.traffic = self.made = self.chunk = self.twin = None

    def run(self):
        """Measure everything."""
        total = BATCH + WARM_UP + self.options.orders
        with programs.twin(total, self.environ, SEED, 'usual') as self.twin:
            self._prepare()
            for _ in range(self.options.runs):
                self._measure_alone()
                self._measure_together()
            self._prepare_floor()
            for _ in range(self.options.runs):
                self._measure_pairs()
            self._measure_growth()

    @property
    def orders(self):
        """Return how many orders were timed."""
        return self.made['sales']

    # === DATABASES === #

    def _prepare(self):
        """Make a database with a connected shop, products in stock, and its first orders."""
        db.fresh(self.OURS, self.environ, db.ADDON)
        with step("A connected shop"), programs.odoo(self.OURS, self.environ) as odoo:
            odoo.ask('connect', twin=self.twin.hello)
            odoo.ask('create_products', variants=self.twin.variants())
            odoo.ask('discover')
            odoo.ask('forget_waiting', keep=BATCH + WARM_UP)
            odoo.ask('import_batch', limit=BATCH)
            self.chunk = odoo.ask('chunk_size')['chunk']

    def _prepare_floor(self):
        """Make a database without the connector, with the same products and first orders."""
        db.fresh(self.FLOOR, self.environ)
        with step("The floor's first orders"), programs.odoo(self.FLOOR, self.environ) as odoo:
            odoo.ask('prepare', path=self.spec)
            self._build(odoo, 0, BATCH)

    @contextlib.contextmanager
    def _copy(self, source):
        """Give a process that has a copy of a database open."""
        with (
            programs.database_copy(source, self.environ) as name,
            programs.odoo(name, self.environ) as odoo,
        ):
            yield odoo

    # === ONE WORKER, TWO WORKERS === #

    def _measure_alone(self):
        """Import all orders with one worker; write down what it made."""
        with step("One worker"), self._copy(self.OURS) as odoo:
            for _ in range(2):
                odoo.ask('import_batch', limit=BATCH)
            before = odoo.ask('count')
            odoo.ask('discover')
            self.alone.append(odoo.ask('import_all', batch=SHARED_BATCH))
            self._keep(odoo, before)
            odoo.ask('describe', path=self.spec)

    def _keep(self, odoo, before):
        """Remember what an import made; the next one must have made the same."""
        made = _difference(odoo.ask('count'), before, SAME)
        self.made = self.made or made
        _compare(made, self.made)

    def _measure_together(self):
        """Import all orders with two workers."""
        with (
            step("Two workers"),
            self._copy(self.OURS) as first,
            programs.odoo(first.arguments[0], self.environ) as second,
        ):
            workers = (first, second)
            _at_once(workers, 'import_batch', limit=BATCH)
            before = first.ask('count')
            first.ask('discover')
            results = _at_once(workers, 'import_once', batch=SHARED_BATCH)
            rest = first.ask('import_all', batch=SHARED_BATCH)
            self.together.append(_shared(results, rest))
            self._keep(first, before)

    # === OURS AND FLOOR === #

    def _measure_pairs(self):
        """Import, and make the same documents in bare Odoo, in turns batch by batch.

        What slows the machine down for a while slows both sides down.
        """
        with (
            step("Import and floor in turns"),
            self._copy(self.OURS) as odoo,
            self._copy(self.FLOOR) as bare,
        ):
            for _ in range(2):
                odoo.ask('import_batch', limit=BATCH)
            self._build(bare, BATCH, BATCH + WARM_UP)
            before = odoo.ask('count'), bare.ask('count')
            stats = self.twin.stats()
            self.discovery = odoo.ask('discover')
            for start in range(0, self.orders, BATCH):
                self.pairs.append(self._measure_pair(odoo, bare, start))
            self.traffic = _difference(self.twin.stats(), stats, ('requests', 'points', 'seconds'))
            self._keep(odoo, before[0])
            _compare(_difference(bare.ask('count'), before[1], SAME), self.made)

    def _measure_pair(self, odoo, bare, start):
        end = min(start + BATCH, self.orders)
        first = BATCH + WARM_UP
        ours = odoo.ask('import_batch', limit=BATCH)
        floor = self._build(bare, first + start, first + end)
        return ours, floor, end - start

    def _build(self, bare, start, end):
        return bare.ask('build', path=self.spec, start=start, end=end, batch=self.chunk)

    # === GROWTH === #

    def _measure_growth(self):
        """Import the same orders into a small and a large database, in turns batch by batch."""
        small, large = self.sizes
        with (
            step(f"Import into {small:,} and {large:,} orders in turns"),
            self._copy(self.OURS) as few,
            self._copy(self.OURS) as many,
        ):
            for odoo, size in ((few, small), (many, large)):
                odoo.ask('multiply', copies=size // BATCH - 1)
                for _ in range(2):
                    odoo.ask('import_batch', limit=BATCH)
                odoo.ask('discover')
            for _ in range(self.orders // BATCH):
                batch = [odoo.ask('import_batch', limit=BATCH) for odoo in (few, many)]
                self.growth.append(tuple(batch))


# === FIGURES === #


def ratio(pairs, key):
    """Return the median of the ratios of a figure over pairs of measurements."""
    return median(left[key] / right[key] for left, right, *_rest in pairs)


def _difference(after, before, keys):
    return {key: after[key] - before[key] for key in keys}


def _compare(made, expected):
    if any(abs(made[key] - expected[key]) > 0.01 for key in SAME):
        raise programs.ProgramError(f"This would compare different work: {made} and {expected}.")


def _at_once(workers, command, **arguments):
    """Have all workers do the same at the same time; return what each one took."""
    for worker in workers:
        worker.tell(command, **arguments)
    return [worker.answer() for worker in workers]


def _shared(results, rest):
    """Return what two workers took: the mean, and half of the rest that one did alone.

    In the long run no worker waits for the end of another's last batch.
    """
    return {key: mean(result[key] for result in results) + rest[key] / 2 for key in COSTS}
