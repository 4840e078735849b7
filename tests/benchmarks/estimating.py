"""What the estimate adds to a decision."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from policyservice.access import keys
from policyservice.access.keys import ApiKey, Role
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.decide import decide
from policyservice.engine.matcher import DurableMatcher
from tests.api.factories import Service, body, prepare, serving
from tests.benchmarks.books import a_book
from tests.benchmarks.deciding import requests
from tests.benchmarks.table import Figure

_ROUNDS, _RUNS, _DECISIONS = 100, 11, 300


def measure() -> list[Figure]:
    """One estimate beside one decision: asked, held and logged on SQLite, and decide() alone with both evaluators."""
    book = a_book(100)
    estimate, cases = book.costs.estimate, requests(book)
    alone = min(_seconds(lambda: estimate("a", 700, 0, "EUR")) for _ in range(_RUNS))
    matcher = DurableMatcher(book.rulebook)
    evaluate = CheckedMatcher(book.rules, matcher).evaluate
    try:
        pure = min(_seconds(lambda: [decide(book, *case, evaluate) for case in cases]) for _ in range(_RUNS))
    finally:
        matcher.close()
    share = alone / _seconds_of_a_decision()
    return [
        Figure("one estimate", f"{alone * 1e6:.1f} µs", "under 100 µs", alone < 100e-6),
        Figure("an estimate's share of decide() alone, 100 rules", f"{alone * len(cases) / pure:.1%}", "", None),
        Figure("an estimate's share of a decision, held and logged", f"{share:.1%}", "at most 5 %", share <= 0.05),
    ]


def _seconds_of_a_decision() -> float:
    """Processor time of one decision of the default rulebook, the least of several batches."""
    with TemporaryDirectory() as folder:
        made = prepare(Path(folder))
        with serving(made, Path(folder)) as service:
            key, _ = _key(service)
            numbers = count()
            return min(_seconds(lambda: _ask(service, key, next(numbers)), _DECISIONS) for _ in range(3))


def _key(service: Service) -> tuple[ApiKey, str]:
    with service.runtime.db.transaction() as conn:
        return keys.create(conn, service.runtime.ids, "bench", Role.AGENT_UI, now=service.clock.now())


def _ask(service: Service, key: ApiKey, number: int) -> None:
    asked = body(case=f"T-{number}", customer=f"C-{number}", order=f"O-{number}")
    idempotency = Idempotency.of("/v1/decisions", str(number), asked)
    ask(service.runtime, asked, key, idempotency, lambda stored: stored.id)


def _seconds(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    started = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - started) / rounds
