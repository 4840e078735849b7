"""Back-tests: requests a second on one core, from the lines of a CSV history to the report's sums, ledger in memory."""

from __future__ import annotations

import io
import random
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from policyservice.previews.backtest.history import read_history
from policyservice.previews.backtest.run import Under, run
from policyservice.previews.backtest.tally import Tallies
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook
from tests.benchmarks.books import files
from tests.benchmarks.table import Figure

RULES = 100
REQUESTS = 100_000
WANTED = 10_000
_ZONE = ZoneInfo("Europe/Helsinki")
_HEADER = (
    "time,agent,customer,case,order,reason,remedy,amount,currency,"
    "facts.order.paid,facts.order.days_late,facts.order.fragile,facts.customer.tier"
)


def a_history(requests: int) -> bytes:
    """A generated year of requests by 100 agents to the ten reasons of the book, as CSV; always the same."""
    drawn = random.Random(20_261_122)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    step = 365 * 86_400 // requests
    lines = [_HEADER]
    for number in range(requests):
        at += timedelta(seconds=drawn.randrange(step) + 1)
        paid = drawn.randrange(1_000, 15_000)
        asked = drawn.randrange(50, paid // 3)
        tier, fragile = drawn.choice(("new", "regular", "loyal")), drawn.choice(("true", "false"))
        lines.append(
            f"{at.isoformat()},agent-{drawn.randrange(100)},C-{drawn.randrange(requests // 3)},K-{number},O-{number},"
            f"reason.r{drawn.randrange(10)},credit,{asked // 100}.{asked % 100:02},EUR,{paid // 100}.{paid % 100:02},"
            f"{drawn.randrange(9)},{fragile},{tier}"
        )
    return "\n".join(lines).encode()


def measure() -> list[Figure]:
    """Requests a second of processor time: reading and validating the lines, deciding and counting them, and both."""
    book = load({"bench": files(RULES)})
    raw = a_history(REQUESTS)
    _seconds(book, a_history(1_000))
    reading, deciding = _seconds(book, raw)
    rate = REQUESTS / (reading + deciding)
    what = f"back-test, {RULES} rules, {len(book.opening_limits.limits)} limits"
    return [
        Figure(f"{what}: reading a line", f"{reading / REQUESTS * 1e6:.0f} µs", "", None),
        Figure(f"{what}: deciding and counting a request", f"{deciding / REQUESTS * 1e6:.0f} µs", "", None),
        Figure(f"{what}: requests a second and core", f"{rate:,.0f}", f"at least {WANTED:,}", rate >= WANTED),
    ]


def _seconds(book: Rulebook, raw: bytes) -> tuple[float, float]:
    started = time.process_time()
    history = read_history(io.BytesIO(raw), book, _ZONE, "clerk")
    read = time.process_time()
    tallies = Tallies(_ZONE)
    for decided in run(history.asked, Under(book, book.opening_limits, _ZONE)):
        tallies.add(decided)
    return read - started, time.process_time() - read
