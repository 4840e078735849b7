"""`make bench`: every figure in one table; `--write` keeps it in docs/reference/benchmarks.md.

`--long` (`make bench-long`) measures how latency grows with the log instead: filling a log takes minutes.
"""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import backtesting, deciding
from tests.benchmarks.http import growth, measuring
from tests.benchmarks.table import Figure, Measure, as_markdown

MEASURES: tuple[Measure, ...] = (
    deciding.measure_growth,
    deciding.measure_memory,
    backtesting.measure,
    measuring.measure_sqlite,
    measuring.measure_postgres,
    measuring.measure_hot_counter,
)
PAGE = Path(__file__).parents[2] / "docs/reference/benchmarks.md"


def main() -> int:
    """Measure, print, and end with 1 where a target was missed."""
    figures: list[Figure] = []
    for measure in MEASURES if "--long" not in sys.argv else (growth.measure,):
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
        "The last run of `make bench`, by `python -m tests.benchmarks --write`. Times are processor time, the least "
        "of several runs; ratios are within one run. What is measured is in `tests/benchmarks/`.\n\n"
        f"Run on {day}, Python {platform.python_version()}, two shared cores.\n\n{table}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
