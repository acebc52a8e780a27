"""Renew `requirements.txt` from `requirements.in`: `python3 -m dev.lock [--upgrade-package NAME]`."""

import shutil
import tempfile
from pathlib import Path

from dev import python_env
from dev.common import REPO, main, run, say, step

OPTIONS = [
    '--quiet',
    '--universal',
    '--python-version',
    '3.11',
    '--generate-hashes',
    '--no-header',
    '--no-emit-index-url',
    '--override',
    'dev/lock-overrides.txt',
]


def _command(arguments):
    with tempfile.TemporaryDirectory() as work:
        uv = shutil.which('uv') or _fetch_uv(Path(work))
        with step("Lock file"):
            command = [
                uv,
                'pip',
                'compile',
                *OPTIONS,
                *arguments,
                '-o',
                'requirements.txt',
                'requirements.in',
            ]
            run(command, cwd=REPO)
    say("requirements.txt is renewed; the next command installs it.")
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
