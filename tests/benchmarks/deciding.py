"""decide(): how its cost grows with the rulebook, and whether memory stays flat."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from datetime import date

import psutil

from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.decide import decide
from policyservice.engine.hypothetical import context_for
from policyservice.engine.matcher import DurableMatcher
from tests.benchmarks.books import a_book
from tests.benchmarks.table import Figure

DAY = date(2026, 6, 1)


def requests(book: CompiledRulebook) -> list[tuple[Request, Context]]:
    """Twenty-four requests over the book's reasons, some within the caps and some beyond."""
    made = []
    reasons = list(book.rulebook.reasons)
    for n in range(24):
        reason = reasons[n * 7 % len(reasons)]
        facts = {
            "order.paid": 1000 + 700 * n,
            "order.days_late": n % 9,
            "order.fragile": n % 2 == 0,
            "customer.tier": ("new", "regular", "loyal")[n % 3],
        }
        request = Request(reason, "credit", "EUR", amount_minor=100 + 90 * n, facts=facts)
        context = context_for(
            book.rulebook, as_of=DAY, reason=reason, remedy="credit", currency="EUR", trust_level="clerk"
        )
        made.append((request, context))
    return made


def seconds_per_decision(book: CompiledRulebook, evaluate: Evaluate | None, rounds: int = 60) -> float:
    """The least processor time per decision over seven runs: the figure a shared machine disturbs least."""
    cases = requests(book)
    best = float("inf")
    for _ in range(7):
        started = time.process_time()
        for _ in range(rounds):
            for request, context in cases:
                decide(book, request, context, evaluate)
        best = min(best, (time.process_time() - started) / (rounds * len(cases)))
    return best


def measure_growth() -> list[Figure]:
    """Cost per decision at 10, 100 and 1,000 rules, with both evaluators compared as on live decisions."""
    figures, costs = [], {}
    for rules in (10, 100, 1000):
        book = a_book(rules)
        matcher = DurableMatcher(book.rulebook)
        try:
            costs[rules] = seconds_per_decision(book, CheckedMatcher(book.rules, matcher).evaluate)
            alone = seconds_per_decision(book, None)
        finally:
            matcher.close()
        figures.append(
            Figure(
                f"decide(), {rules:,} rules: both evaluators (compiled alone)",
                f"{costs[rules] * 1e6:.0f} µs ({alone * 1e6:.0f} µs)",
                "",
                None,
            )
        )
    growth = costs[1000] / costs[10]
    return [*figures, Figure("decide(), 1,000 rules over 10 rules", f"{growth:.2f}", "under 3", growth < 3)]


def _forever(cases: list[tuple[Request, Context]]) -> Iterator[tuple[Request, Context]]:
    while True:
        yield from cases


def measure_memory(decisions: int = 1_000_000) -> list[Figure]:
    """Resident memory after a tenth of the decisions and after all of them, both evaluators compared."""
    book = a_book(100)
    matcher = DurableMatcher(book.rulebook)
    evaluate = CheckedMatcher(book.rules, matcher).evaluate
    process = psutil.Process()
    try:
        cases = _forever(requests(book))
        warm = 0
        for number, (request, context) in enumerate(cases, 1):
            decide(book, request, context, evaluate)
            if number == decisions // 10:
                gc.collect()
                warm = process.memory_info().rss
            if number == decisions:
                break
        gc.collect()
        grown = (process.memory_info().rss - warm) / 2**20
    finally:
        matcher.close()
    what = f"memory grown from decision {decisions // 10:,} to {decisions:,}"
    return [Figure(what, f"{grown:+.1f} MiB", "under 4 MiB", grown < 4)]
