"""A Chromium for Odoo's browser tests: the system's, or Debian's package unpacked privately."""

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from dev import debian
from dev.common import SetupError, cache_dir, step

# The names under which Odoo's tests look for a browser (odoo/tests/common.py).
NAMES = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')
_REMEDY = "Install Chromium (on Debian: apt-get install chromium)."
_FLAGS = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--no-first-run',
)
_WRAPPER = """\
#!/bin/sh
# Debian's Chromium, unpacked privately, with the libraries that the system lacks.
export LD_LIBRARY_PATH='{libraries}'"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export FONTCONFIG_FILE='{base}/fonts.conf'
exec '{base}/root/usr/lib/chromium/chromium' "$@"
"""
# A system without any font makes Chromium abort as soon as a page shows text.
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>{base}/root/usr/share/fonts</dir>
  <cachedir>{base}/fontcache</cachedir>
</fontconfig>
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
    wrapper = _write_wrapper(base, root)
    _check(wrapper)
    bin_dir().mkdir(parents=True, exist_ok=True)
    wrapper.replace(bin_dir() / 'chromium')


def _write_wrapper(base, root):
    (base / 'fonts.conf').write_text(_FONTS.format(base=base))
    wrapper = base / 'chromium.new'
    wrapper.write_text(_WRAPPER.format(libraries=debian.library_dirs(root), base=base))
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return wrapper


def _check(program):
    """Let the browser draw a page with text: that needs all of its libraries, and a font."""
    with tempfile.TemporaryDirectory() as work:
        picture = Path(work) / 'page.png'
        command = [program, *_FLAGS, f'--user-data-dir={work}/profile', f'--screenshot={picture}']
        command.append('data:text/html,<h1>Shopify</h1>')
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not picture.exists():
            raise SetupError(
                f"Debian's Chromium does not work here: {done.stderr.strip()[-300:]}\n{_REMEDY}"
            )
