"""The simulator finds what it is there to find: each fault that a ledger could have, within a few seeds."""

from __future__ import annotations

from itertools import count

import pytest

from tests.ledger.invariants import faults
from tests.simulator.running import SeedFailed, run_copy

SEEDS = 6
"""How many seeds a fault may take to be found; most need one."""

FAULTS = (
    faults.check_then_act,
    faults.no_lock,
    faults.no_key,
    faults.key_forgotten_when_repeated,
    faults.gives_nothing_back,
    faults.counter_written_late,
    faults.second_commit,
    faults.void_after_commit,
    faults.refusal_committed,
    faults.torn_transaction,
    faults.booked_in_the_past,
    faults.rounded_down,
    faults.wrong_window,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_found_within_a_few_seeds(opened_shop, rulebooks, tmp_path, monkeypatch, fault):
    for seed in count():
        assert seed < SEEDS, "no seed found it"
        try:
            with monkeypatch.context() as patch:
                run_copy(
                    opened_shop,
                    tmp_path / f"{seed}.db",
                    rulebooks,
                    seed,
                    prepare=lambda db, patch=patch: fault(db, patch),
                )
        except SeedFailed:
            break
