"""Renew the lock files from what is asked for: `python3 -m dev.lock [--upgrade]`."""

import shutil
import tempfile
from pathlib import Path

from dev import python_env
from dev.common import REPO, main, run, say, step

LOCKS = {
    'requirements.in': 'requirements.txt',
    'dev/npm-requirements.in': 'dev/npm-requirements.txt',
}
# fmt: off
OPTIONS = (
    '--quiet', '--universal', '--python-version', '3.11', '--generate-hashes', '--no-header',
    '--no-emit-index-url', '--override', 'dev/lock-overrides.txt',
)
# fmt: on


def _command(arguments):
    with tempfile.TemporaryDirectory() as work:
        uv = shutil.which('uv') or _fetch_uv(Path(work))
        for source, target in LOCKS.items():
            with step(f"{source} → {target}"):
                run([uv, 'pip', 'compile', *OPTIONS, *arguments, '-o', target, source], cwd=REPO)
    say("The next command installs what changed.")
    return 0


def _fetch_uv(work):
    with step("uv, for this once"):
        python_env.ensure()
        target = work / 'uv'
        run(
            [*python_env.pip(), 'install', '--quiet', '--no-deps', '--target', target, 'uv'],
            env=python_env.pip_environment(),
        )
    return target / 'bin' / 'uv'


if __name__ == '__main__':
    main(_command)
