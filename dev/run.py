"""Run a command inside the project's environment: `python3 dev/run.py COMMAND [ARGUMENT…]`.

The set-up is completed and the database server started first, if need be. The server stays on
(`make stop` ends it). Examples: `python3 dev/run.py odoo shell -d NAME`,
`python3 dev/run.py psql -d NAME`.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dev.common import SetupError, main
from dev.setup import ensure_all


def _command(arguments):
    if not arguments:
        raise SetupError("Say which command to run: python3 dev/run.py COMMAND [ARGUMENT…]")
    environ = ensure_all()
    try:
        os.execvpe(arguments[0], arguments, environ)
    except FileNotFoundError as error:
        raise SetupError(
            f"There is no command {arguments[0]} in the project's environment."
        ) from error


if __name__ == '__main__':
    main(_command)
