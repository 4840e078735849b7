"""`make bench`: every figure in one table; `--write` keeps it in docs/reference/benchmarks.md.

`--long` (`make bench-long`) measures how latency grows with the log, and reports over it, instead: filling a log takes
minutes.
"""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import backtesting, deciding, estimating, reporting, rulebooks, timelines
from tests.benchmarks.http import growth, measuring
from tests.benchmarks.table import Figure, Measure, as_markdown

MEASURES: tuple[Measure, ...] = (
    deciding.measure_growth,
    deciding.measure_memory,
    estimating.measure,
    backtesting.measure,
    rulebooks.measure,
    measuring.measure_sqlite,
    measuring.measure_postgres,
    measuring.measure_hot_counter,
)
LONG: tuple[Measure, ...] = (growth.measure, timelines.measure, reporting.measure)
PAGE = Path(__file__).parents[2] / "docs/reference/benchmarks.md"


def main() -> int:
    """Measure, print, and end with 1 where a target was missed."""
    figures: list[Figure] = []
    for measure in MEASURES if "--long" not in sys.argv else LONG:
        print(f"measuring: {measure.__module__.rpartition('.')[2]}.{measure.__name__}", file=sys.stderr)
        figures += measure()
    table = as_markdown(figures)
    print(table)
    if "--write" in sys.argv:
        PAGE.write_text(_page(table), encoding="utf-8")
    return 0 if all(figure.met is not False for figure in figures) else 1


def _page(table: str) -> str:
    day = datetime.now(UTC).date().isoformat()
    return (
        "# Benchmarks\n\n"
        "The last run of `make bench`, by `python -m tests.benchmarks --write`. What is measured is in "
        "`tests/benchmarks/`; ratios are within one run.\n\n"
        "- `decide()`, back-test and memory: processor time in one process, the least of several runs.\n"
        "- `rules check`, `test`, `prove` and `evaluate`: processor time of the whole command as a process of its own, "
        "its start included, the least of three runs (`prove`: one run). The largest shipped pack is the one with the "
        "most rules; the generated one has a thousand, with two tests each.\n"
        "- Over HTTP: `policyservice serve` beside a bare Flask and SQLAlchemy endpoint under the same gunicorn, doing "
        "one conditional update and one insert in one durable transaction on the same kind of database, on a disk. "
        "Servers are loaded in turns by one small client; the middle ratio of the rounds is shown, with the middle "
        "rates. *Fair lock*: the bare endpoint takes a lock on a file first, so that its writers do not starve. "
        "*Driver SQL*: it gives its two statements to the driver as text.\n"
        "- A decision is the whole way: key, validation, both evaluators, five limits and what the order received "
        "held, log, kept answer. Options write nothing.\n"
        "- `make bench-long` measures the latency with ten thousand and with a million decisions in "
        "the log, the timelines of cases and customers, and the comparison report over a million "
        "([reports](../explanation/reports.md#how-fast)).\n\n"
        "Why figures are missed stands in [decision 8](../decisions/0008-the-hot-path.md).\n\n"
        f"Run on {day}, Python {platform.python_version()}, two shared cores.\n\n{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
