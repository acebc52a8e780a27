"""A Chromium for Odoo's browser tests: the system's, or Debian's package unpacked privately."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

from dev import debian
from dev.common import SetupError, cache_dir, step

# The names under which Odoo's tests look for a browser (odoo/tests/common.py).
NAMES = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')
_REMEDY = "Install Chromium (on Debian: apt-get install chromium)."
_WRAPPER = """\
#!/bin/sh
# Debian's Chromium, unpacked privately, with the libraries that the system lacks.
export LD_LIBRARY_PATH='{libraries}'"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
exec '{program}' "$@"
"""


def bin_dir():
    """Return the directory, for the PATH, that holds our own browser if there is one."""
    return cache_dir() / 'browser' / 'bin'


def find():
    """Return the path of the browser that Odoo's tests will take, or None."""
    path = os.pathsep.join([str(bin_dir()), os.environ.get('PATH', os.defpath)])
    for name in NAMES:
        found = shutil.which(name, path=path)
        if found:
            return Path(found)
    return None


def ensure():
    """Make sure of a browser that starts; return whether it had to be fetched."""
    if find():
        return False
    if not debian.available():
        raise SetupError(f"No browser for the browser tests. {_REMEDY}")
    with step("Chromium, Debian's signed package (up to 124 MB)"):
        _fetch()
    return True


def _fetch():
    base = cache_dir() / 'browser'
    root = base / 'root'
    shutil.rmtree(root, ignore_errors=True)
    apt = debian.PrivateApt(cache_dir() / 'apt-system')
    files = apt.download_missing('chromium')
    debian.unpack(files, root)
    for file in files:
        file.unlink()
    wrapper = base / 'chromium.new'
    program = root / 'usr/lib/chromium/chromium'
    wrapper.write_text(_WRAPPER.format(libraries=debian.library_dirs(root), program=program))
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    _check(wrapper)
    bin_dir().mkdir(parents=True, exist_ok=True)
    wrapper.replace(bin_dir() / 'chromium')


def _check(program):
    command = [program, '--version']
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(
            f"Debian's Chromium does not start here: {done.stderr.strip()[-300:]}\n{_REMEDY}"
        )
