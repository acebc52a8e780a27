"""Stop a demo that runs elsewhere, and our database server: `python3 -m dev.stop`.

With `--if-idle` the server only, and only when nobody uses it.
"""

import argparse
import os
import signal
import time

from dev import postgres
from dev.common import SetupError, main, read_stamp, say
from dev.demo import end_leftovers, only_demo, state_file

_PATIENCE = 30  # seconds


def stop_demo():
    """Ask a running demo to end, and wait for it; end what a killed one left behind."""
    state = read_stamp(state_file())
    if not state:
        return False
    try:
        with only_demo():  # Nobody holds the lock: the demo was killed, its programs may live on.
            end_leftovers()
    except SetupError:
        os.kill(state['pid'], signal.SIGTERM)
        _await_end()
    return True


def _await_end():
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with only_demo():
                return
        except SetupError:
            time.sleep(0.3)
    raise SetupError("The demo does not end; look for its process with: ps -ef | grep dev.demo")


def _command(arguments):
    parser = argparse.ArgumentParser(prog='dev.stop', description=__doc__)
    parser.add_argument('--if-idle', action='store_true', help="leave alone what is in use")
    if parser.parse_args(arguments).if_idle:
        postgres.stop_if_idle()
        return 0
    if stop_demo():
        say("✓ Demo stopped")
    if postgres.stop():
        say("✓ Database server stopped")
    return 0


if __name__ == '__main__':
    main(_command)
