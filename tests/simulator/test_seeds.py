"""Whatever happens to the service in five hundred steps, every invariant holds after each of them.

A seed that fails says how to replay it. docs/explanation/how-the-ledger-is-tested.md says what may happen in a step.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from policyservice.decisions import compensation
from tests.simulator.running import STEPS, SeedFailed, run, run_copy
from tests.simulator.shop import open_shop

SEEDS, LONG_SEEDS, AT_ONCE = 200, 10_000, 20


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_invariant_holds_after_each_of_five_hundred_steps(opened_shop, rulebooks, tmp_path, seed):
    done = run_copy(opened_shop, tmp_path / "shop.db", rulebooks, seed)

    assert done.allowed >= 40
    assert done.mishaps >= 10


@pytest.mark.long
@pytest.mark.parametrize("first", range(SEEDS, SEEDS + LONG_SEEDS, AT_ONCE))
def test_they_hold_for_ten_thousand_more_seeds(opened_shop, rulebooks, tmp_path, first):
    for seed in range(first, first + AT_ONCE):
        run_copy(opened_shop, tmp_path / f"{seed}.db", rulebooks, seed)
        for left in tmp_path.glob(f"{seed}.db*"):
            left.unlink()


@pytest.mark.parametrize("seed", range(3))
def test_they_hold_on_postgresql(postgres_db, rulebooks, seed):
    open_shop(postgres_db)

    assert run(postgres_db, rulebooks, seed, steps=150).mishaps >= 3


def test_a_seed_leads_to_the_same_events_in_any_process(opened_shop, rulebooks, tmp_path):
    here = run_copy(opened_shop, tmp_path / "shop.db", rulebooks, seed=7, steps=120)

    there = subprocess.run(
        [sys.executable, "-m", "tests.simulator", "--seed", "7", "--steps", "120"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert there.stdout.splitlines()[-1] == str(here)
    assert run_copy(opened_shop, tmp_path / "other.db", rulebooks, seed=8, steps=120).digest != here.digest


def test_a_seed_leads_to_the_same_events_however_slow_the_machine_is(opened_shop, rulebooks, tmp_path, monkeypatch):
    fast = run_copy(opened_shop, tmp_path / "fast.db", rulebooks, seed=7, steps=120)
    hours = count(step=3600.0)
    monkeypatch.setattr(compensation, "monotonic", lambda: next(hours))

    assert run_copy(opened_shop, tmp_path / "slow.db", rulebooks, seed=7, steps=120).digest == fast.digest


def test_a_seed_that_fails_says_how_to_replay_it(opened_shop, rulebooks, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.simulator.simulation.AFTER_EVERY_STEP", (lambda given: iter(["nothing is right"]),))

    with pytest.raises(SeedFailed, match=r"python -m tests.simulator --seed 3 --steps 500"):
        run_copy(opened_shop, tmp_path / "shop.db", rulebooks, seed=3, steps=STEPS)
