"""Words and tools shared by the steps of the set-up: places, progress, commands, locks."""

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent


class SetupError(Exception):
    """Something is missing; the message says what and how to get it."""


def cache_dir():
    """Return the directory that holds everything downloaded or built (created if needed)."""
    given = os.environ.get('SHOPIFY_CONNECTOR_CACHE')
    if given:
        path = Path(given)
    else:
        base = os.environ.get('XDG_CACHE_HOME')
        path = Path(base or Path.home() / '.cache') / 'shopify-connector'
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def checkout_dir():
    """Return the cache's directory for what belongs to this checkout alone (odoo.conf, logs)."""
    name = hashlib.sha256(str(REPO).encode()).hexdigest()[:10]
    path = cache_dir() / 'checkouts' / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def say(text):
    """Print one line of progress at once (stderr, so that a command's output stays clean)."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text):
    """Print `text`, and when the block ends, the seconds it took."""
    start = time.monotonic()
    say(f"… {text}")
    yield
    say(f"✓ {text} ({time.monotonic() - start:.1f} s)")


def run(command, *, remedy='', **options):
    """Run a command quietly and return its standard output.

    :raise SetupError: with the end of the command's output and the remedy, if it fails
    """
    if 'input' not in options:
        options['stdin'] = subprocess.DEVNULL
    try:
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            **options,
        )
    except FileNotFoundError as error:
        message = f"The program {command[0]} is missing. {remedy}".strip()
        raise SetupError(message) from error
    if done.returncode:
        tail = '\n'.join((done.stderr or done.stdout).strip().splitlines()[-8:])
        words = ' '.join(str(word) for word in command[:4])
        raise SetupError(f"This failed: {words} …\n{tail}\n{remedy}".rstrip())
    return done.stdout


@contextlib.contextmanager
def lock(name):
    """Keep other processes with the same cache out of the block."""
    path = cache_dir() / f'{name}.lock'
    with path.open('w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"… waiting for another process that works on the {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def file_digest(path, algorithm='sha256'):
    """Return the hexadecimal digest of a file."""
    with Path(path).open('rb') as handle:
        return hashlib.file_digest(handle, algorithm).hexdigest()


def digest_of(*parts):
    """Return a short digest of texts, to name things by what they were made of."""
    return hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:12]


def read_stamp(path):
    """Return what `write_stamp` left at `path`, or None."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def write_stamp(path, value):
    """Remember that a step was completed with `value` as its input (atomically)."""
    write_text(path, json.dumps(value))


def write_text(path, text):
    """Replace a file's text in one move; leave an equal file alone."""
    path = Path(path)
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f'{path.name}.{os.getpid()}.new')
    fresh.write_text(text)
    fresh.replace(path)


def main(function):
    """Run a command-line function; print a SetupError as a sentence and exit with 1."""
    try:
        sys.exit(function(sys.argv[1:]))
    except SetupError as error:
        say(f"✗ {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
