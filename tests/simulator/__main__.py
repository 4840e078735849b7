"""`python -m tests.simulator --seed 17 --steps 500`: runs one seed and prints every step of it."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from policyservice.db import migrate
from policyservice.decisions.rulebooks import Rulebooks
from tests.simulator.running import STEPS, run_copy
from tests.simulator.shop import make
from tests.simulator.simulation import Simulation


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--steps", type=int, default=STEPS)
    given = asked.parse_args()
    Simulation.tell = staticmethod(print)
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        migrate.upgrade(f"sqlite:///{empty}")
        opened = make(empty, Path(folder) / "opened.db")
        print(run_copy(opened, Path(folder) / "shop.db", Rulebooks(), given.seed, given.steps))


if __name__ == "__main__":
    main()
