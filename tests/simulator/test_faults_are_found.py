"""The simulator finds what it is there to find: each fault that a ledger could have, within a few seeds."""

from __future__ import annotations

import pytest

from tests.ledger.invariants import faults
from tests.simulator.running import SeedFailed, run_copy

SEEDS = 6
"""How many seeds a fault may take to be found; most need one."""

FAULTS = (
    (faults.check_then_act, "the_guard_holds", "answer"),
    (faults.no_lock, "counter_equals_sum_of_entries"),
    (faults.no_key, "duplicate_is_a_no_op"),
    (faults.key_forgotten_when_repeated, "end of the call"),
    (faults.gives_nothing_back, "conservation"),
    (faults.counter_written_late, "counter_equals_sum_of_entries"),
    (faults.second_commit, "correction_only_by_compensation"),
    (faults.void_after_commit, "correction_only_by_compensation"),
    (faults.refusal_committed, "refused_is_never_applied"),
    (faults.torn_transaction, "conservation"),
    (faults.booked_in_the_past, "order_is_monotonic"),
    (faults.rounded_down, "no_precision_drift"),
    (faults.wrong_window, "counter_equals_sum_of_entries"),
)
"""Each fault with what must complain of it: an invariant, or what was reckoned of a call."""


@pytest.mark.parametrize(
    ("fault", "by"), [(fault, by) for fault, *by in FAULTS], ids=[each[0].__name__ for each in FAULTS]
)
def test_a_fault_is_found_within_a_few_seeds(opened_shop, rulebooks, tmp_path, monkeypatch, fault, by):
    found = first_failure(opened_shop, rulebooks, tmp_path, monkeypatch, fault)

    assert {complaint.partition(": ")[0] for complaint in found.complaints} & set(by), found


def first_failure(opened_shop, rulebooks, tmp_path, monkeypatch, fault) -> SeedFailed:
    for seed in range(SEEDS):
        try:
            with monkeypatch.context() as patch:
                path = tmp_path / f"{seed}.db"
                run_copy(opened_shop, path, rulebooks, seed, prepare=lambda db, patch=patch: fault(db, patch))
        except SeedFailed as failure:
            return failure
    pytest.fail("no seed found it")
