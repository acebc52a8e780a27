"""Time that a busy machine does not spoil."""

import time
from pathlib import Path

import odoo.sql_db


class Measure:
    """What a block took in this process and in the server process of its database connection.

    `seconds` on the clock; `undisturbed`, the same without the time in which one of the two was
    ready to run and other programs had the processors; `cpu` of this process; `queries` in SQL.

    :param cr: cursor that the block uses
    """

    def __init__(self, cr):
        self._processes = ('self', cr._cnx.get_backend_pid())

    def __enter__(self):
        self._start = self._now()
        return self

    def __exit__(self, *_exception):
        pairs = zip(self._now(), self._start, strict=True)
        self.seconds, self.waited, self.cpu, self.queries = (now - then for now, then in pairs)

    def _now(self):
        waited = sum(_waited(process) for process in self._processes)
        return time.monotonic(), waited, time.process_time(), odoo.sql_db.sql_counter

    def as_dict(self):
        """Return the figures by name."""
        return {
            'seconds': self.seconds,
            'undisturbed': self.seconds - self.waited,
            'cpu': self.cpu,
            'queries': self.queries,
        }


def _waited(process):
    """Return the seconds that a process has been ready to run without running; 0 if unknown."""
    try:
        return int(Path(f'/proc/{process}/schedstat').read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):  # another system, or a server elsewhere
        return 0.0
