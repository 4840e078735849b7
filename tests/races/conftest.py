"""Eight processes of the service, started once, and a shop on each kind of database for them to race in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from policyservice.access.keys import ApiKey
from policyservice.db.session import Database
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop
from tests.fakes import NOON
from tests.ledger.invariants import checks
from tests.ledger.invariants.books import Books
from tests.ledger.invariants.checks import Evidence
from tests.races.shop import SOURCES

PROCESSES = 8


class Racers:
    """Processes that are given their tasks all at once; `race` returns what each was told, in their order."""

    def __init__(self) -> None:
        self._workers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.worker"],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(PROCESSES)
        ]

    def race(self, tasks: Sequence[dict[str, Any]]) -> list[list[str]]:
        running = list(zip(self._workers, tasks, strict=False))
        for worker, task in running:
            assert worker.stdin is not None
            worker.stdin.write(json.dumps(task) + "\n")
            worker.stdin.flush()
        return [json.loads(worker.stdout.readline()) for worker, _ in running if worker.stdout is not None]

    def close(self) -> None:
        for worker in self._workers:
            worker.communicate(timeout=60)


@pytest.fixture(scope="package")
def racers() -> Iterator[Racers]:
    started = Racers()
    yield started
    started.close()


class Track:
    """A shop and the processes that race in it."""

    def __init__(self, db: Database, racers: Racers) -> None:
        self.shop: Runtime = a_shop(db, rules=SOURCES)
        self.key: ApiKey = a_key(self.shop)
        self._racers = racers
        self._url = db.url.render_as_string(hide_password=False)

    def task(self, *calls: dict[str, Any], now: datetime = NOON, **more: Any) -> dict[str, Any]:
        """A task for one process."""
        return {"url": self._url, "key": self.key.id, "now": now.isoformat(), "calls": calls, **more}

    def race(self, tasks: Sequence[dict[str, Any]]) -> list[list[str]]:
        """What each process was told."""
        return self._racers.race(tasks)

    def complaints(self) -> list[str]:
        """What any invariant of the ledger complains of."""
        books = Books(self.shop.db, self.shop.zone, self.shop.pseudonyms)
        evidence = Evidence(books, books.read(whole=True))
        said = [f"{check.__name__}: {each}" for check in STATE for each in check(evidence)]
        books.close()
        return said

    def allowed_minor(self) -> int:
        """What all decisions of the log hold or gave."""
        books = Books(self.shop.db, self.shop.zone, self.shop.pseudonyms)
        books.read()
        books.close()
        return sum(account.standing_minor for account in books.accounts.values())


STATE = tuple(check for check in checks.INVARIANTS if check is not checks.no_lost_update_on_a_hot_counter)


@pytest.fixture
def track(any_db: Database, racers: Racers) -> Iterator[Track]:
    opened = Track(any_db, racers)
    yield opened
    opened.shop.rulebooks.close()
