"""A twin as a program of its own: `python -m dev.bench.twin ORDERS SEED PROFILE`.

Its cost bucket is that of a Plus store: the bench measures the connector, not the wait for points.
"""

import json
import sys
import threading

from shopify_twin import Twin
from shopify_twin.throttle import Bucket

BUCKET = Bucket(20_000, 2_000)


def main():
    """Serve until killed; one line of JSON tells where and with which credentials."""
    orders, seed, profile = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    twin = Twin(seed, bucket=BUCKET)
    twin.generate(orders, seed, profile)
    twin.start()
    names = ('url', 'token', 'client_id', 'client_secret')
    sys.stdout.write(json.dumps({name: getattr(twin, name) for name in names}) + '\n')
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == '__main__':
    main()
