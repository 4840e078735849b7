"""Faults that a ledger could have, planted into the real one for a test: each breaks one promise.

A fault replaces a function wherever the service imported it, or is a trigger in the database, which holds however
the service writes.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

import pytest
from sqlalchemy import Connection

from policyservice.db.session import Database
from policyservice.decisions import replies
from policyservice.domain.decision import Status
from policyservice.domain.errors import PolicyServiceError
from policyservice.domain.limits import Usage
from policyservice.engine import decide as engine
from policyservice.ledger import algebra, settle, transitions, windows
from policyservice.ledger.values import EntryKind
from tests.simulator.wire import Wire

Fault = Callable[[Database, pytest.MonkeyPatch], None]

_GUARDS = ("entry_refuses_update", "entry_refuses_change")


def everywhere(patch: pytest.MonkeyPatch, original: Any, faulty: Any) -> None:
    """Put a faulty function in the place of the original, in every module of the service that has it."""
    found = [
        (module, name)
        for module_name, module in list(sys.modules.items())
        if module_name.startswith("policyservice.")
        for name, value in list(vars(module).items())
        if value is original
    ]
    assert found
    for module, name in found:
        patch.setattr(module, name, faulty)


def _trigger(db: Database, event: str, table: str, when: str, then: str) -> None:
    if db.is_sqlite:
        _run(db, f"CREATE TRIGGER planted AFTER {event} ON {table} WHEN {when} BEGIN {then}; END")
        return
    _run(db, f"CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {then}; RETURN NULL; END $$")
    _run(db, f"CREATE TRIGGER planted AFTER {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION planted()")


def _run(db: Database, statement: str) -> None:
    with db.transaction() as conn:
        driver: Any = conn.connection.driver_connection
        driver.execute(statement)


# --- check-then-act ------------------------------------------------------------------------------------


def check_then_act(db: Database, patch: pytest.MonkeyPatch) -> None:
    """What is left of a limit is looked up once and acted on ever after, whoever took their part meanwhile."""
    seen: dict[tuple[str, str, str], Usage] = {}
    original = engine.decide

    @wraps(original)
    def decide(book: Any, request: Any, context: Any, *more: Any) -> Any:
        stale = [
            replace(state, used=seen.setdefault((state.limit, state.subject, state.window), state.used))
            for state in context.limits
        ]
        return original(book, request, replace(context, limits=tuple(stale)), *more)

    everywhere(patch, original, decide)


# --- no lock -------------------------------------------------------------------------------------------


def no_lock(db: Database, patch: pytest.MonkeyPatch) -> None:
    """Who adds to a counter after another writes back what was there before, as if both had read it first."""
    columns = ", ".join(f"{name} = OLD.{name}" for name in Usage._fields)
    _trigger(
        db,
        "UPDATE",
        "counter",
        "NEW.goodwill_count > OLD.goodwill_count AND OLD.goodwill_count > 0",
        f"UPDATE counter SET {columns} WHERE key = NEW.key",
    )


# --- no key --------------------------------------------------------------------------------------------


def no_key(db: Database, patch: pytest.MonkeyPatch) -> None:
    """No answer is kept under its key."""
    _trigger(
        db,
        "INSERT",
        "reply",
        "NEW.key <> ''",
        "DELETE FROM reply WHERE api_key = NEW.api_key AND path = NEW.path AND key = NEW.key",
    )


# --- late write ----------------------------------------------------------------------------------------


def edited_in_place(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A void also lowers the hold that was booked, instead of standing beside it."""
    for guard in _GUARDS:
        _run(db, f"DROP TRIGGER IF EXISTS {guard}" + ("" if db.is_sqlite else " ON entry"))
    then = "UPDATE entry SET amount_minor = 0 WHERE decision_id = NEW.decision_id AND number = 0"
    _trigger(db, "INSERT", "entry", "NEW.kind = 'void'", then)


def gives_nothing_back(db: Database, patch: pytest.MonkeyPatch) -> None:
    """When nothing of a decision stands any more, what it held is not given back."""
    original = algebra.difference

    def difference(after: Any, before: Any) -> Any:
        return algebra.NO_PART if after is algebra.NO_PART else original(after, before)

    everywhere(patch, original, difference)


def counter_written_late(db: Database, patch: pytest.MonkeyPatch) -> None:
    """What a void gives back reaches the entry and not the agent's counters."""
    columns = ", ".join(f"{name} = {name} - NEW.{name}" for name in Usage._fields)
    of_the_agent = "substr(key, 1, length(NEW.agent) + 7) = 'agent:' || NEW.agent || '|'"
    then = f"UPDATE counter SET {columns} WHERE {of_the_agent} AND counted AND goodwill_count > 0"
    _trigger(db, "INSERT", "entry", "NEW.kind IN ('void', 'expire')", then)


def other_currency_counted(db: Database, patch: pytest.MonkeyPatch) -> None:
    """An entry in pounds moves its agent's counters in euros as well."""
    columns = ", ".join(f"{name} = {name} + NEW.{name}" for name in Usage._fields)
    of_the_agent = "substr(key, 1, length(NEW.agent) + 11) = 'agent:' || NEW.agent || '|day:'"
    then = f"UPDATE counter SET {columns} WHERE {of_the_agent} AND counted AND substr(key, length(key) - 2) = 'EUR'"
    _trigger(db, "INSERT", "entry", "NEW.currency = 'GBP'", then)


def second_commit(db: Database, patch: pytest.MonkeyPatch) -> None:
    """What was given can be committed again, for another sum."""
    usual = transitions.POSSIBLE[EntryKind.COMMIT]
    patch.setitem(transitions.POSSIBLE, EntryKind.COMMIT, (*usual, Status.COMMITTED))


def void_after_commit(db: Database, patch: pytest.MonkeyPatch) -> None:
    """What was given can be voided, as if it were still held."""
    usual = transitions.POSSIBLE[EntryKind.VOID]
    patch.setitem(transitions.POSSIBLE, EntryKind.VOID, (*usual, Status.COMMITTED))


def torn_transaction(db: Database, patch: pytest.MonkeyPatch) -> None:
    """On SQLite: what was written before the entries is committed without them, which shows when a process dies."""
    original = Wire.call

    def call(self: Wire, connection: sqlite3.Connection, sql: str) -> None:
        if "INSERT INTO entry" in sql:
            sqlite3.Cursor(connection).execute("COMMIT")
            sqlite3.Cursor(connection).execute("BEGIN IMMEDIATE")
        original(self, connection, sql)

    patch.setattr(Wire, "call", call)


def booked_in_the_past(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A reversal is booked as of days ago."""
    original = settle.reverse

    def reverse(store: Any, decision: str, *, now: Any, **more: Any) -> Any:
        return original(store, decision, now=now - timedelta(days=2), **more)

    everywhere(patch, original, reverse)


def refusal_committed(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A transaction that ends in a refusal keeps what it wrote until then."""
    original = Database.transaction

    @contextmanager
    def transaction(self: Database) -> Iterator[Connection]:
        refusal = None
        with original(self) as conn:
            try:
                yield conn
            except PolicyServiceError as refused:
                refusal = refused
        if refusal is not None:
            raise refusal

    patch.setattr(Database, "transaction", transaction)


# --- rounding ------------------------------------------------------------------------------------------


def rounded_down(db: Database, patch: pytest.MonkeyPatch) -> None:
    """The cost of a part is a float rounded down."""
    original = algebra.split

    def split(held: Any, standing_minor: int | None) -> Any:
        part = original(held, standing_minor)
        if not part.usage.goodwill_face or held.goodwill_minor in (0, part.usage.goodwill_face):
            return part
        cost = int(held.goodwill_cost_minor * (part.usage.goodwill_face / held.goodwill_minor))
        return part._replace(usage=part.usage._replace(goodwill_cost=cost))

    everywhere(patch, original, split)


# --- more, for the simulator ---------------------------------------------------------------------------


def key_forgotten_when_repeated(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A key is looked up for its first path only: repeats of what settles are settled again."""
    original = replies.find

    def find(conn: Connection, api_key: str, idempotency: Any) -> Any:
        return original(conn, api_key, idempotency) if idempotency.path == "/v1/decisions" else None

    everywhere(patch, original, find)


def wrong_window(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A rolling window reaches back a day too far."""
    original = windows.rolling_start

    def rolling_start(window: Any, at: Any) -> Any:
        return original(window, at) - timedelta(days=1)

    everywhere(patch, original, rolling_start)
