"""`python -m shopify_twin`: a twin as a program of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

from .twin import Twin


def _arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='shopify_twin', description=__doc__)
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=0, help="0 takes a free port")
    parser.add_argument('--orders', type=int, default=0, help="how many orders to generate")
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--profile', help="mix of orders, see shopify_twin/generator.py")
    parser.add_argument('--schema-dir', help="folder with admin_<version>.json.gz")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; one JSON line tells where and with which credentials."""
    options = _arguments(argv)
    twin = Twin(options.seed, schema_dir=options.schema_dir)
    if options.orders:
        twin.generate(options.orders, options.seed, options.profile)
    twin.start(options.host, options.port)
    ready = {
        name: getattr(twin, name)
        for name in ('url', 'domain', 'token', 'client_id', 'client_secret')
    }
    sys.stdout.write(json.dumps(ready) + '\n')
    sys.stdout.flush()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: done.set())
    done.wait()
    twin.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
