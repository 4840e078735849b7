"""The ledger's invariants hold on both databases, and each of their checks fails on a ledger with a fault.

Every check is asked about a history that the real service made, and about the same history made with a fault planted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from policyservice.decisions.rulebooks import Rulebooks
from tests.ledger.invariants import checks, faults
from tests.ledger.invariants.checks import INVARIANTS, Check
from tests.ledger.invariants.faults import Fault
from tests.ledger.invariants.history import History, a_drain, a_week

Made = Callable[[History], None]

PAIRS: tuple[tuple[Check, Made, Fault], ...] = (
    (checks.conservation, a_week, faults.gives_nothing_back),
    (checks.counter_equals_sum_of_entries, a_week, faults.counter_written_late),
    (checks.append_only, a_week, faults.edited_in_place),
    (checks.duplicate_is_a_no_op, a_week, faults.no_key),
    (checks.concurrent_duplicates_collapse, a_drain, faults.no_key),
    (checks.no_lost_update_on_a_hot_counter, a_drain, faults.no_lock),
    (checks.the_guard_holds, a_drain, faults.check_then_act),
    (checks.no_precision_drift, a_week, faults.rounded_down),
    (checks.currencies_never_mix, a_week, faults.other_currency_counted),
    (checks.correction_only_by_compensation, a_week, faults.second_commit),
    (checks.counters_rebuild_from_the_log, a_week, faults.counter_written_late),
    (checks.order_is_monotonic, a_week, faults.booked_in_the_past),
    (checks.refused_is_never_applied, a_week, faults.refusal_committed),
)
"""Each invariant with a history that puts it to the test, and a fault that breaks it."""
_NAMED = [f"{check.__name__}-{fault.__name__}" for check, _, fault in PAIRS]


@pytest.fixture(scope="module")
def rulebooks() -> Iterator[Rulebooks]:
    shared = Rulebooks()
    yield shared
    shared.close()


@pytest.fixture
def history(any_db, rulebooks, check) -> Iterator[History]:
    opened = History(any_db, rulebooks, check)
    yield opened
    opened.books.close()


def test_every_invariant_is_paired_with_a_fault():
    assert tuple(check for check, _, _ in PAIRS) == INVARIANTS


@pytest.mark.parametrize(("check", "made", "fault"), PAIRS, ids=_NAMED)
def test_the_invariant_holds(history, check, made, fault):
    made(history)

    assert history.complaints == []


@pytest.mark.parametrize(("check", "made", "fault"), PAIRS, ids=_NAMED)
def test_a_fault_that_breaks_it_is_found(history, monkeypatch, check, made, fault):
    fault(history.services.db, monkeypatch)
    made(history)

    assert history.complaints != []
