"""In CI a test that did not run fails the run."""

import os
import subprocess
import sys

import pytest

from dev.common import REPO

SAMPLES = {
    'runs': 'def test_it():\n    assert True\n',
    'skipped': 'import pytest\n\ndef test_it():\n    pytest.skip("no browser")\n',
}


def _run(tmp_path, text, ci, *arguments):
    (tmp_path / 'conftest.py').write_text((REPO / 'conftest.py').read_text())
    (tmp_path / 'test_sample.py').write_text(text)
    environ = {**os.environ, 'CI': ci}
    environ.pop('ODOO_RC', None)
    command = [
        sys.executable,
        '-m',
        'pytest',
        '-p',
        'no:cacheprovider',
        '-p',
        'no:odoo',
        *arguments,
    ]
    return subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )


def test_a_skipped_test_fails_the_run_in_ci(tmp_path):
    """A2: no test is skipped in CI; the reason is shown."""
    done = _run(tmp_path, SAMPLES['skipped'], 'true')
    assert done.returncode == 1
    assert "NOT RUN (skipped): test_sample.py::test_it" in done.stdout
    assert "no browser" in done.stdout


def test_a_deselected_test_fails_the_run_in_ci(tmp_path):
    """A2: a test that was filtered out counts as not run."""
    text = SAMPLES['runs'] + '\n\ndef test_other():\n    assert True\n'
    done = _run(tmp_path, text, 'true', '-k', 'test_it')
    assert done.returncode == 1
    assert "NOT RUN (deselected): test_sample.py::test_other" in done.stdout


@pytest.mark.parametrize(
    ('sample', 'ci'), [('runs', 'true'), ('skipped', ''), ('skipped', 'false')]
)
def test_other_runs_pass(tmp_path, sample, ci):
    """A2: the rule is for CI alone, and lets a complete run pass."""
    done = _run(tmp_path, SAMPLES[sample], ci)
    assert done.returncode == 0, done.stdout
