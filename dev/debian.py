"""Debian packages, verified by apt, unpacked privately: no root, no change of the system."""

import os
import platform
import re
import shutil
from pathlib import Path

from dev.common import SetupError, run, say

KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')

# Read last (`-c`), so it wins over the system's configuration; proxies and mirrors still come from
# there.
_CONFIG = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "{base}/state";
Dir::State::status "{status}";
Dir::Cache "{base}/cache";
Dir::Log "{base}/log";
{sources}
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Debug::NoLocking "1";
"""
_OWN_SOURCES = """\
Dir::Etc::sourcelist "{base}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""


def available():
    """Say whether this system can fetch and verify Debian packages."""
    return bool(shutil.which('apt-get') and shutil.which('dpkg-deb') and KEYRING.exists())


def system_mirror():
    """Return the address of the Debian mirror that the system is configured with, or None."""
    listing = run(['apt-get', 'indextargets', '--format', '$(CREATED_BY) $(REPO_URI)'])
    for line in listing.splitlines():
        kind, _, address = line.partition(' ')
        if kind == 'Packages' and re.search(r'/debian/?$', address):
            return address.rstrip('/')
    return None


class PrivateApt:
    """An apt with its own lists and downloads, below one directory."""

    def __init__(self, base, suite=None):
        """Prepare the directory.

        :param suite: the Debian suite to see instead of the system's own sources
        """
        self.base = Path(base)
        self.config = self.base / 'apt.conf'
        self._updated = False
        for part in ('state/lists/partial', 'cache/archives/partial', 'log'):
            (self.base / part).mkdir(parents=True, exist_ok=True)
        self._write_config(suite)

    def _write_config(self, suite):
        status = Path('/var/lib/dpkg/status')
        sources = ''
        if suite:
            status = self.base / 'status'
            status.touch()
            sources = _OWN_SOURCES.format(base=self.base)
            mirror = system_mirror()
            if not mirror:
                raise SetupError("apt is not configured with a Debian mirror.")
            line = f'deb [signed-by={KEYRING}] {mirror} {suite} main\n'
            (self.base / 'sources.list').write_text(line)
        self.config.write_text(_CONFIG.format(base=self.base, status=status, sources=sources))

    def _apt(self, program, *arguments, **options):
        return run([program, '-q', '-c', self.config, *arguments], **options)

    def update(self):
        """Fetch the signed package lists once per process.

        Lists whose signature is right but whose validity date is over (a frozen mirror) are
        accepted with a remark: the signature still proves the origin, their freshness is unknown.
        """
        if self._updated:
            return
        try:
            self._apt('apt-get', '-o', 'APT::Update::Error-Mode=any', 'update')
        except SetupError as error:
            if 'expired' not in str(error):
                raise
            say("  The mirror's signed package lists are past their date; taken as they are.")
            self._apt('apt-get', '-o', 'Acquire::Check-Valid-Until=false', 'update')
        self._updated = True

    def download(self, packages):
        """Download these packages, checked against the signed lists; return their files."""
        self.update()
        target = self.base / 'downloads'
        target.mkdir(exist_ok=True)
        self._apt('apt-get', 'download', *packages, cwd=target)
        return [self._newest(target, package) for package in packages]

    def download_missing(self, package):
        """Download a package and its dependencies that the system lacks; return all files."""
        self.update()
        archives = self.base / 'cache/archives'
        for old in archives.glob('*.deb'):
            old.unlink()
        self._apt('apt-get', '--download-only', '--yes', 'install', package)
        return sorted(archives.glob('*.deb'))

    def _newest(self, target, package):
        files = sorted(target.glob(f'{package}_*.deb'), key=lambda file: file.stat().st_mtime)
        if not files:
            raise SetupError(f"apt did not deliver the package {package}.")
        return files[-1]


def unpack(files, root):
    """Unpack package files into the directory `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        run(['dpkg-deb', '-x', file, root])


def library_dirs(root):
    """Return the directories below `root` that hold shared libraries, for LD_LIBRARY_PATH."""
    triplet = f'{platform.machine()}-linux-gnu'
    wanted = [root / 'usr/lib' / triplet, root / 'lib' / triplet]
    nested = {file.parent for top in wanted if top.exists() for file in top.rglob('*.so*')}
    return os.pathsep.join(str(path) for path in [*wanted, *sorted(nested - set(wanted))])
