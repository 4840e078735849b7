"""What every test shares: tests marked `long` run with --long only."""

from __future__ import annotations

import gc

import pytest

from tests.logs import unread

pytest_plugins = ["tests.fixtures_db", "tests.fixtures_receiver"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked `long`, which take minutes, too")


def pytest_configure() -> None:
    unread()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --long the long tests are left out, not skipped: a skipped test would look like one that is broken."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if "long" in item.keywords]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if "long" not in item.keywords]


def pytest_collection_finish() -> None:
    """Leave thousands of tests out of the search for unreachable objects, which looks at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that can be played in several ways says which one it was, also where it passed."""
    reports = [report for name in ("passed", "failed", "error") for report in terminalreporter.getreports(name)]
    ways = {
        (name, value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "played on"
    }
    for name, value in sorted(ways):
        terminalreporter.write_line(f"{name} {value}")
