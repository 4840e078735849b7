"""Runs seeds: each on a copy of a shop that was opened once; a seed that fails says how to replay it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from sqlalchemy import event

from policyservice.db.session import Database
from policyservice.decisions import compensation
from policyservice.decisions.rulebooks import Rulebooks
from tests.fixtures_db import _without_fsync
from tests.simulator.simulation import Simulation, Wrong

STEPS = 500


class Run(NamedTuple):
    """A seed that was run: the digest of all that happened, and how often what did."""

    seed: int
    digest: str
    allowed: int
    mishaps: int


class SeedFailed(AssertionError):
    """Something that must hold did not; the text says what, after which steps, and how to see it again."""

    def __init__(self, simulation: Simulation, seed: int, steps: int, what: object) -> None:
        self.step = simulation.step
        self.complaints = what.complaints if isinstance(what, Wrong) else ()
        trace = "\n".join(simulation.trace)
        super().__init__(
            f"seed {seed} failed at step {simulation.step}: {what}\n{trace}\n"
            f"replay it with: python -m tests.simulator --seed {seed} --steps {steps}"
        )


def run_copy(
    opened: Path,
    path: Path,
    rulebooks: Rulebooks,
    seed: int,
    steps: int = STEPS,
    prepare: Callable[[Database], None] = lambda db: None,
) -> Run:
    """Run a seed on a copy of an opened shop, at `path`; `prepare` is called with it before anything happens.

    Raises:
        SeedFailed: what must hold does not.
    """
    db = Database(f"sqlite:///{shutil.copy(opened, path)}")
    event.listen(db.engine, "connect", _without_fsync)
    try:
        prepare(db)
        return run(db, rulebooks, seed, steps)
    finally:
        db.dispose()


def run(db: Database, rulebooks: Rulebooks, seed: int, steps: int) -> Run:
    """Run a seed on a database with an opened shop.

    Raises:
        SeedFailed: what must hold does not.
    """
    simulation = Simulation(db, rulebooks, seed)
    try:
        # How long something is known without another look goes by the same clock: a slow run is no other one.
        with patch.object(compensation, "monotonic", lambda: simulation.clock.instant.timestamp()):
            for _ in range(steps):
                simulation.take_a_step()
            simulation.check_at_the_end()
    except Exception as failure:
        raise SeedFailed(simulation, seed, steps, failure) from failure
    finally:
        simulation.books.close()
    mishaps = sum(times for what, times in simulation.happened.items() if what.endswith("mishap"))
    return Run(seed, simulation.digest.hexdigest(), len(simulation.allowed), mishaps)
