"""A history is simulated: checked against the truth, and written into a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import create_engine, func, select

from policyservice.costs.parameters import DEFAULTS
from policyservice.db import tables
from policyservice.previews.aftermath.truth import USUAL, truth_of
from tests.cli.support import database_url, run
from tests.docs.console import run_page

_ROOT = Path(__file__).resolve().parents[2]
_SAMPLE = _ROOT / "tests" / "data" / "online-retail-sample" / "online-retail-sample.csv"
_RULES = ("--rules", str(_ROOT / "rules" / "goodwill"), "--currency", "EUR", "--timezone", "Europe/London")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.csv"
    run("history", "online-retail", str(_SAMPLE), "-o", str(path))
    return path


@pytest.fixture(scope="module")
def written(history: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A database with the sample's year, and what the command said."""
    url = database_url(tmp_path_factory.mktemp("written"))
    result = write(history, url)
    assert result.exit_code == 0, result.output
    return url, result.stdout


def write(history: Path, url: str, *options: str, begin: str = "2025-06-02") -> Result:
    return run("simulate", "write", *_RULES, "--begin", begin, *options, str(history), url=url)


def check(history: Path, *options: str) -> Result:
    return run("simulate", "check", *_RULES, "--rules-as-of", "2026-11-01", *options, str(history))


def test_the_tutorial_of_two_years_does_what_it_says(tmp_path: Path):
    for folder in ("rules", "tests"):
        (tmp_path / folder).symlink_to(_ROOT / folder)

    run_page(_ROOT / "docs" / "tutorial" / "flights-and-refunds.md", tmp_path)


def test_the_page_of_the_truth_states_what_the_generator_goes_by():
    lines = (_ROOT / "docs" / "reference" / "simulation.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    told = {row[0]: row[1:] for row in rows if row[0] in USUAL.parameters}

    assert set(told) == set(USUAL.parameters)
    for symbol, (default, *values) in told.items():
        assert float(default) == float(DEFAULTS[symbol].value)
        assert [float(value) for value in values] == [
            getattr(truth_of(reason), symbol)
            for reason in ("delivery.late", "billing.x", "courtesy.x", "complaint.x", "cancel.x")
        ]


def test_check_says_how_often_each_parameter_was_held(history: Path):
    result = check(history, "--seeds", "5")

    assert result.stdout.startswith("79 cases: 45 decided at once, 34 blocked. What became of them is simulated.")
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("product.returned  q "))
    assert line.split()[2:4] == ["0.6", "5"]


def test_a_parameter_that_is_held_too_seldom_ends_the_check_with_status_1(history: Path, monkeypatch):
    monkeypatch.setattr("policyservice.costs.calibration.shrinkage._Z", 0.1)

    result = check(history, "--seeds", "20")

    assert result.exit_code == 1
    assert "held less often than nine times in ten" in result.stderr


def test_a_history_is_written_as_if_the_service_had_decided_it(written: tuple[str, str]):
    url, told = written

    assert told.startswith("81 requests from 2025-06-05 to 2026-06-10: 45 decided at once, 34 escalated, 2 denied.\n")
    engine = create_engine(url)
    with engine.connect() as conn:
        answered = conn.execute(select(func.count()).where(tables.escalation.c.result != "withdrawn")).scalar_one()
        outcomes = conn.execute(select(func.count()).select_from(tables.outcome)).scalar_one()
        decided = conn.execute(select(func.count()).select_from(tables.decision)).scalar_one()
    engine.dispose()
    assert f"{answered} escalations answered" in told
    assert f"{outcomes} outcomes." in told
    assert decided > 81  # grants are decisions of their own


def test_what_was_written_stands_up_to_the_proofs_of_any_log(written: tuple[str, str]):
    url, _ = written

    assert run("log", "replay", url=url).exit_code == 0
    assert run("ledger", "reconcile", url=url).exit_code == 0


def test_calibration_reads_it(written: tuple[str, str]):
    url, _ = written

    shown = run("costs", "calibrate", "--since", "2025-06-01", "--before", "2026-07-01", url=url).stdout

    symbols = {line.split()[1] for line in shown.splitlines() if line.startswith("every ")}
    assert {"h2", "h3", "r", "p3", "q", "g"} <= symbols


def test_everything_is_over_in_the_end_and_nothing_but_what_rose_was_late(written: tuple[str, str]):
    url, told = written
    table = tables.escalation
    engine = create_engine(url)
    with engine.connect() as conn:
        found = list(conn.execute(select(table.c.result, table.c.level, table.c.due_at, table.c.resolved_at)))
        kinds = set(conn.execute(select(tables.outcome.c.kind)).scalars())
        contacts = conn.execute(select(func.sum(tables.escalation_event.c.contacts))).scalar_one()
    engine.dispose()

    assert f"{sum(row.result == 'withdrawn' for row in found)} withdrawn as the customer gave up" in told
    assert f"{sum(row.level > 0 for row in found)} of them at the third tier" in told
    assert {row.level for row in found} == {0, 1}
    assert all(row.resolved_at is not None for row in found)
    assert all((row.resolved_at > row.due_at) == (row.level > 0) for row in found)
    assert contacts > 0
    assert "repeat_contact" not in kinds  # they would be counted twice


def test_the_same_seed_writes_the_same_into_either_database(history: Path, any_url: str, written: tuple[str, str]):
    assert write(history, any_url).stdout == written[1]


def test_another_seed_writes_something_else(history: Path, tmp_path: Path, written: tuple[str, str]):
    assert write(history, database_url(tmp_path), "--seed", "2").stdout != written[1]


def test_a_database_in_use_is_left_alone(history: Path, written: tuple[str, str]):
    result = write(history, written[0])

    assert (result.exit_code, result.stdout) == (1, "")
    assert "in use" in result.stderr


def test_a_history_that_would_not_be_over_yet_is_refused(history: Path, tmp_path: Path):
    result = write(history, database_url(tmp_path), begin="2095-01-01")

    assert result.exit_code == 1
    assert "Begin earlier" in result.stderr


@pytest.mark.parametrize(
    ("currency", "word"),
    [("JPY", "other decimals"), ("XYZW", "currency")],
)
def test_a_currency_that_sums_cannot_be_read_in_is_refused(history: Path, currency: str, word: str):
    result = run("simulate", "check", *_RULES, "--currency", currency, str(history))

    assert result.exit_code == 1
    assert word in result.stderr


@pytest.mark.parametrize("options", [("--selection", "1"), ("--selection", "-0.1"), ("--seeds", "0")])
def test_options_that_make_no_sense_are_refused(history: Path, options: tuple[str, str]):
    assert check(history, *options).exit_code == 2


def test_a_history_with_lines_at_fault_or_without_any_is_refused(history: Path, tmp_path: Path):
    lines = history.read_text(encoding="utf-8").splitlines()
    faulty, empty = tmp_path / "faulty.csv", tmp_path / "empty.csv"
    faulty.write_text("\n".join([lines[0], lines[1].replace("refund", "hug"), ""]), encoding="utf-8")
    empty.write_text(lines[0] + "\n", encoding="utf-8")

    assert "line 2: remedy" in check(faulty).stderr
    assert "no request" in check(empty).stderr
