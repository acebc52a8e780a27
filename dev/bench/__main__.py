"""The numbers of the design, each as a ratio measured in one run: `make bench`.

What is measured, and how, is in docs/bench.md.
"""

import argparse
import tempfile
from pathlib import Path

from dev import db
from dev.bench import programs
from dev.bench.measuring import Bench
from dev.bench.table import rows_of, table
from dev.common import main, say
from dev.setup import ensure_all


def _parse(arguments):
    parser = argparse.ArgumentParser(prog='make bench', description=__doc__)
    parser.add_argument('--orders', type=int, default=250, help="orders that are timed")
    parser.add_argument('--runs', type=int, default=2, help="how often each measurement is made")
    parser.add_argument(
        '--large', action='store_true', help="50,000 orders against 1,000 instead of 5,000 to 500"
    )
    return parser.parse_args(arguments)


def _command(arguments):
    options = _parse(arguments)
    environ = ensure_all()
    try:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(options, environ, Path(folder) / 'documents.json')
            bench.run()
    except programs.ProgramError as error:
        say(f"✗ {error}")
        return 1
    finally:
        for name in (Bench.OURS, Bench.FLOOR):
            db.drop(name, environ)
    rows = rows_of(bench)
    print(table(rows))
    return int(any(row.verdict() == 'MISSED' for row in rows))


if __name__ == '__main__':
    main(_command)
