"""Rules for every test of the repository."""

import os

IN_CI = os.environ.get('CI', '').lower() not in ('', '0', 'false')


def pytest_terminal_summary(terminalreporter):
    """In CI, name the tests that did not run: a test that is skipped there proves nothing."""
    if not IN_CI:
        return
    for kind in ('skipped', 'deselected'):
        for report in terminalreporter.stats.get(kind, []):
            terminalreporter.write_line(
                f"NOT RUN ({kind}): {report.nodeid} {_reason(report)}", red=True
            )


def pytest_sessionfinish(session, exitstatus):
    """In CI, fail the run when a test was skipped or deselected."""
    reporter = session.config.pluginmanager.get_plugin('terminalreporter')
    if not IN_CI or exitstatus or reporter is None:
        return
    if reporter.stats.get('skipped') or reporter.stats.get('deselected'):
        session.exitstatus = 1


def _reason(report):
    """Return why a test was skipped; a deselected one has no report and no reason."""
    longrepr = getattr(report, 'longrepr', None)
    return longrepr[2] if isinstance(longrepr, tuple) else ''
