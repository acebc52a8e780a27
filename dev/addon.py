"""What state the addon's files are in, to know whether a database has to be brought up to date."""

import hashlib

from dev.common import REPO
from dev.db import ADDON


def code_digest():
    """Return a digest of the addon's files that decide what an installed database looks like.

    Tests and the translation template are left out: they are not part of an installed database.
    """
    digest = hashlib.sha256()
    for path in sorted((REPO / ADDON).rglob('*')):
        inside = path.relative_to(REPO / ADDON)
        if not path.is_file() or inside.parts[0] == 'tests' or path.suffix in ('.pyc', '.pot'):
            continue
        digest.update(str(inside).encode() + b'\0' + path.read_bytes() + b'\0')
    return digest.hexdigest()
