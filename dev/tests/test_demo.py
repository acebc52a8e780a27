"""The demo's manners: one at a time, free ports, nothing left behind."""

import socket
import subprocess
import sys

import pytest

from dev import common, demo, postgres, stop
from dev.common import REPO, SetupError


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, so that a demo of the person at this machine is left alone."""
    monkeypatch.setenv('SHOPIFY_CONNECTOR_CACHE', str(tmp_path))
    return tmp_path


def test_a_second_demo_says_where_the_first_one_is(cache):
    """A1: an occupied place is told in a sentence."""
    with demo.only_demo():
        common.write_stamp(demo.state_file(), {'pid': 1, 'url': 'http://127.0.0.1:8069'})
        said = pytest.raises(SetupError, match=r"already at http://127.0.0.1:8069.*make stop")
        with said, demo.only_demo():
            pytest.fail("two demos at once")
    assert not demo.state_file().exists()


def test_an_occupied_port_is_left_alone():
    """A1: whoever uses the port keeps it."""
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        taken = other.getsockname()[1]
        assert demo.free_port(taken) not in (0, taken)


def test_stop_without_a_demo_does_nothing(cache):
    """`make stop` may be said at any time."""
    assert stop.stop_demo() is False


def test_stop_ends_what_a_killed_demo_left(cache):
    """A1: a demo that was killed leaves no program behind that `make stop` would not find."""
    (cache / 'shopify_twin.py').write_text('import time; time.sleep(60)')
    ours = [sys.executable, '-m', 'shopify_twin']
    other = [sys.executable, '-c', 'import time; time.sleep(60)', 'shopify_twin']
    with subprocess.Popen(ours, cwd=cache) as orphan, subprocess.Popen(other) as stranger:
        state = {'pid': 2**22 + 1, 'children': [orphan.pid, stranger.pid]}
        common.write_stamp(demo.state_file(), state)
        assert stop.stop_demo() is True
        assert orphan.wait(5) != 0
        assert stranger.poll() is None, "another program has the number of one of ours now"
        stranger.kill()
    assert not demo.state_file().exists()


@pytest.mark.parametrize('module', ['dev.stop', 'dev.clean'])
def test_asking_for_help_stops_nothing(module):
    """What ends other people's work must not do so by a word it does not know."""
    for word, status in (('--help', 0), ('--no-such-word', 2)):
        command = [sys.executable, '-m', module, word]
        done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
        assert done.returncode == status
        assert f'usage: {module}' in done.stdout + done.stderr


def test_a_server_in_use_is_not_stopped_as_idle(monkeypatch):
    """The end of a CI run leaves a server alone that somebody else works with."""
    stopped = []
    monkeypatch.setattr(postgres, 'external', lambda: False)
    monkeypatch.setattr(postgres.Server, 'running', lambda _self: True)
    monkeypatch.setattr(postgres, 'stop', lambda: stopped.append(True))
    monkeypatch.setattr(postgres, 'run', lambda *_words, **_options: '2\n')
    postgres.stop_if_idle()
    assert stopped == []
    monkeypatch.setattr(postgres, 'run', lambda *_words, **_options: '1\n')
    postgres.stop_if_idle()
    assert stopped == [True]
