"""A twin as a program of its own: `python -m dev.bench.twin ORDERS SEED PROFILE`.

PROFILE is one of the generator's, or `usual`.

Its cost bucket is that of a Plus store: the bench measures the connector, not the wait for points.
"""

import json
import sys
import threading

from shopify_twin import Twin
from shopify_twin.generator import PROFILES
from shopify_twin.throttle import Bucket

BUCKET = Bucket(20_000, 2_000)
# Kinds of orders that are shipped, in whole or part, before they are imported; and one that is
# longer than a page.
UNUSUAL = {'fulfilled', 'partially_fulfilled', 'authorized', 'many_lines'}


def usual_kinds():
    """Return the plain kinds of orders that a shop gets all day: nobody has shipped them yet."""
    return [kind.name for kind in PROFILES['plain'] if kind.name not in UNUSUAL]


def main():
    """Serve until killed; one line of JSON tells where and with which credentials."""
    orders, seed, profile = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    twin = Twin(seed, bucket=BUCKET)
    twin.generate(orders, seed, usual_kinds() if profile == 'usual' else profile)
    twin.start()
    names = ('url', 'token', 'client_id', 'client_secret')
    sys.stdout.write(json.dumps({name: getattr(twin, name) for name in names}) + '\n')
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == '__main__':
    main()
