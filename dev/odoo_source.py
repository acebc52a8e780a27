"""Where Odoo 19 comes from: given, importable, Debian's signed package, or a clone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev import debian
from dev.common import SetupError, cache_dir, read_stamp, run, say, step, write_stamp

SERIES = '19.0'
REPOSITORY = 'https://github.com/odoo/odoo.git'
# Odoo's files link to these in Debian's build.
_DEBIAN_SID = (
    'odoo-19',
    'libjs-jquery',
    'libjs-jquery-form',
    'libjs-underscore',
    'fonts-roboto-unhinted',
    'fonts-inconsolata',
    'fonts-montserrat',
    'fonts-ocr-b',
)
# Version 4.7, which Odoo's icons need; sid has moved on to a version without these files.
_DEBIAN_STABLE = ('fonts-font-awesome',)


def ensure():
    """Make sure of Odoo 19; return its root, the directory whose child is the package `odoo`."""
    given = os.environ.get('ODOO_HOME')
    if given:
        return _checked(Path(given), "ODOO_HOME")
    root = _importable()
    if root:
        return root
    base = cache_dir() / 'odoo'
    stamp = base / 'ready.json'
    ready = read_stamp(stamp)
    if ready and _series(base / ready['root']) == SERIES:
        return base / ready['root']
    root = _download(base)
    write_stamp(stamp, {'root': str(_checked(root, "The download").relative_to(base))})
    return root


def version(root):
    """Return a text that changes when Odoo's code does, as well as can be told cheaply."""
    release = root / 'odoo' / 'release.py'
    return f'{SERIES}-{int(release.stat().st_mtime)}'


def addons_paths(root):
    """Return Odoo's own addon directories, in the form of a clone or of Debian's package."""
    return [path for path in (root / 'addons', root / 'odoo' / 'addons') if path.is_dir()]


def _series(root):
    """Return Odoo's series (`19.0`) found below `root`, or None."""
    release = root / 'odoo' / 'release.py'
    if not release.is_file():
        return None
    found = re.search(r'version_info = \((\d+), (\d+)', release.read_text())
    return f'{found[1]}.{found[2]}' if found else None


def _checked(root, name):
    if _series(root) != SERIES:
        raise SetupError(
            f"{name} ({root}) does not hold Odoo {SERIES}: no odoo/release.py of that series."
        )
    return root.resolve()


def _importable():
    """Return the root of an Odoo 19 that the calling Python can import, if there is one."""
    code = (
        "import importlib.util; spec = importlib.util.find_spec('odoo'); "
        "print(*(spec.submodule_search_locations or []))"
    )
    found = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    for word in found.stdout.split():
        root = Path(word).parent
        if _series(root) == SERIES and cache_dir() not in root.parents:
            return root
    return None


def _download(base):
    """Fetch Odoo from Debian, where it is signed; else from its own repository."""
    if debian.available() and debian.system_mirror():
        try:
            return _from_debian(base)
        except SetupError as error:
            say(f"  Debian's package is not to be had ({error}); trying Odoo's repository.")
    return _from_git(base)


def _from_debian(base):
    with step("Odoo 19, Debian's signed package (134 MB)"):
        sid = debian.PrivateApt(base / 'apt', suite='sid')
        stable = debian.PrivateApt(cache_dir() / 'apt-system')
        files = sid.download(_DEBIAN_SID) + stable.download(_DEBIAN_STABLE)
        name = files[0].name.split('_')[1]
        fresh = base / f'{name}.new'
        shutil.rmtree(fresh, ignore_errors=True)
        debian.unpack(files, fresh)
        final = base / name
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
        for file in files:
            file.unlink()
    return final / 'usr/lib/python3/dist-packages'


def _from_git(base):
    remedy = f"Give an Odoo {SERIES} in ODOO_HOME, or install git to clone it."
    with step("Odoo 19, a shallow clone"):
        target = base / 'clone'
        shutil.rmtree(target, ignore_errors=True)
        command = [
            'git',
            'clone',
            '--quiet',
            '--depth',
            '1',
            '--branch',
            SERIES,
            REPOSITORY,
            target,
        ]
        run(command, remedy=remedy)
    return target
