"""The private Python environment, from the hash-locked `requirements.txt`."""

import os
import shutil
import subprocess
import sys

from dev import debian
from dev.common import (
    REPO,
    SetupError,
    cache_dir,
    file_digest,
    read_stamp,
    run,
    step,
    write_stamp,
)

LOCK_FILE = REPO / 'requirements.txt'


def venv_dir():
    """Return where the environment lives: one for each release of Python."""
    return (
        cache_dir()
        / f'venv-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}'
    )


def venv_python():
    """Return the environment's interpreter."""
    return venv_dir() / 'bin' / 'python'


def base_python():
    """Return the interpreter that the environment is made with, also when we run inside of it."""
    return getattr(sys, '_base_executable', sys.executable)


def ensure():
    """Make the environment hold exactly what is locked; return whether anything was done."""
    if sys.version_info < (3, 11):
        raise SetupError("Python 3.11 or newer is needed. Run the command with such a python3.")
    stamp = venv_dir() / 'installed.json'
    wanted = {'lock': file_digest(LOCK_FILE), 'python': sys.version}
    if read_stamp(stamp) == wanted and _works():
        return False
    with step("Python packages, checked by hash"):
        _create()
        install(LOCK_FILE)
        write_stamp(stamp, wanted)
    return True


def _works():
    """Say whether the environment's interpreter still starts (its base may have been removed)."""
    try:
        subprocess.run([venv_python(), '-c', ''], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _create():
    shutil.rmtree(venv_dir(), ignore_errors=True)
    # Without pip, because Debian's Python has no ensurepip unless python3-venv is installed.
    run(
        [base_python(), '-m', 'venv', '--without-pip', venv_dir()],
        remedy="Install Debian's package python3-venv.",
    )


def install(lock_file, *options):
    """Install exactly what a lock file says, as wheels checked by hash."""
    checks = ['--quiet', '--require-hashes', '--no-deps', '--only-binary', ':all:', '--no-compile']
    run(
        [*pip(), 'install', *checks, *options, '-r', lock_file],
        env=pip_environment(),
        remedy="Check that this machine reaches its Python package index, then try again.",
    )


def pip_environment():
    """Return the variables for pip: its index as configured, but no others' constraints."""
    environ = dict(
        os.environ, PIP_CONSTRAINT='/dev/null', PIP_USER='0', PIP_DISABLE_PIP_VERSION_CHECK='1'
    )
    for name in ('PYTHONPATH', 'PYTHONHOME', 'PIP_TARGET', 'PIP_PREFIX', 'PIP_REQUIRE_VIRTUALENV'):
        environ.pop(name, None)
    return environ


def pip():
    """Return the words that call some pip on the environment."""
    has_pip = subprocess.run(
        [base_python(), '-m', 'pip', '--version'], capture_output=True, check=False
    )
    if has_pip.returncode == 0:
        return [base_python(), '-m', 'pip', '--python', venv_python()]
    return [venv_python(), _pip_wheel() / 'pip']


def _pip_wheel():
    """Return a wheel of pip, run as it is: Debian's signed package holds one."""
    remedy = "Install pip for this Python (on Debian: the package python3-venv)."
    if not debian.available():
        raise SetupError(remedy)
    root = cache_dir() / 'pip'
    apt = debian.PrivateApt(cache_dir() / 'apt-system')
    debian.unpack(apt.download(['python3-pip-whl']), root)
    wheels = sorted(root.glob('usr/share/python-wheels/pip-*.whl'))
    if not wheels:
        raise SetupError(remedy)
    return wheels[-1]
