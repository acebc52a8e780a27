"""Stop all and remove the cache, with the databases in it: `python3 -m dev.clean`."""

import argparse
import shutil

from dev import postgres
from dev.common import cache_dir, main, say
from dev.stop import stop_demo


def _command(arguments):
    argparse.ArgumentParser(prog='dev.clean', description=__doc__).parse_args(arguments)
    stop_demo()
    postgres.stop()
    for path in {cache_dir(), *postgres.places()}:
        shutil.rmtree(path, ignore_errors=True)
        say(f"✓ Removed {path}")
    return 0


if __name__ == '__main__':
    main(_command)
