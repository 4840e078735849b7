"""The service with a fault planted into it: `python -m tests.faults.planted FAULT serve`."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, event
from sqlalchemy.pool import Pool

from policyservice.cli.main import main
from policyservice.db import prepared
from policyservice.decisions import replies
from policyservice.decisions.replies import Idempotency
from policyservice.domain.errors import EngineFault
from policyservice.engine.matcher import DurableMatcher

_match = DurableMatcher.match


def engine() -> None:
    """durable_rules fails, or fires too little or too much, on two decisions of three."""

    def match(self: DurableMatcher, *given: Any) -> tuple[str, ...]:
        drawn = random.random()
        if drawn < 0.25:
            raise EngineFault("The rule engine failed (planted).")
        found = _match(self, *given)
        if drawn < 0.5:
            return ()
        return (*found, "zz-not-a-rule") if drawn < 0.67 else found

    DurableMatcher.match = match  # type: ignore[method-assign]


def unhurried() -> None:
    """Every call that holds money takes a second before it begins; ARRIVALS gets a file for each that has arrived."""
    arrivals, of = Path(os.environ["ARRIVALS"]), Idempotency.of

    def late(*given: Any) -> Idempotency:
        (arrivals / uuid4().hex).touch()
        time.sleep(1)
        return of(*given)

    Idempotency.of = late  # type: ignore[method-assign]


def forgetful() -> None:
    """Each process loses its second commit and every fifth after it: what a crash does to an answer that is too early.

    Counted and not drawn: decisions that come at once share a commit, so how many there are is up to the machine.
    """
    commit, commits = prepared.commit_now, count(1)

    def forgotten(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.rollback() if next(commits) % 5 == 2 else commit(connection)

    prepared.commit_now = forgotten


def doubling() -> None:
    """An answer is not kept under its key, so that a call which is repeated is decided again."""
    replies.keep = lambda *given: None  # type: ignore[assignment]


def read_only() -> None:
    """While the file that READ_ONLY_FLAG names is there, no SQLite connection writes."""
    flag = Path(os.environ["READ_ONLY_FLAG"])

    @event.listens_for(Pool, "checkout")
    def taken(connection: Any, record: object, proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {int(flag.exists())}")


FAULTS: dict[str, Callable[[], None]] = {
    "doubling": doubling,
    "engine": engine,
    "forgetful": forgetful,
    "read-only": read_only,
    "unhurried": unhurried,
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    main(sys.argv[2:])
