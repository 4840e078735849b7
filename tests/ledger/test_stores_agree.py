"""The ledger in memory and the ledger in SQL tell the same at every step of any history."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from policyservice.db.session import Database
from policyservice.domain.decision import Owed
from policyservice.domain.errors import MoreThanHeld, WrongStatus
from policyservice.domain.limits import LimitSet, Scope, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.algebra import meet, specs_of
from policyservice.ledger.memory import MemoryLedger
from policyservice.ledger.reconcile import reconcile
from policyservice.ledger.sql import SqlLedger
from policyservice.ledger.store import LedgerStore
from policyservice.ledger.values import Footprint, Held
from policyservice.rulebook.model import WhenHoldEnds
from tests.ledger.factories import DAY, HELSINKI, HOUR, NOON, a_footprint, a_limit, limits_of, log_decision, prepare

LIMITS = limits_of(
    a_limit("agent-day"),
    a_limit("agent-week", window=WindowKind.WEEK),
    a_limit("agent-rolling", window=WindowKind.ROLLING, days=2),
    a_limit("customer-rolling", Scope.CUSTOMER, WindowKind.ROLLING, days=5, count=3),
    a_limit("case-once", Scope.CASE, WindowKind.ONCE),
    a_limit("order-once", Scope.ORDER, WindowKind.ONCE),
    a_limit("team-month", Scope.TEAM, WindowKind.MONTH, remedies=("credit",)),
    a_limit("late-quarter", Scope.ORGANISATION, WindowKind.QUARTER, reasons=("delivery.*",)),
    a_limit("incident-year", Scope.INCIDENT, WindowKind.YEAR),
    a_limit("reason-day", Scope.REASON),
)


class Story:
    """A random sequence of requests and settlements at random instants, mostly forward in time."""

    def __init__(self, seed: int, steps: int) -> None:
        self._random = random.Random(seed)
        self._steps = steps
        self.held: list[Held] = []

    def play(self, db: Database, limits: LimitSet) -> None:
        memory = MemoryLedger(HELSINKI, [limits])
        now = NOON
        for number in range(self._steps):
            now += timedelta(minutes=self._random.randint(0, 600))
            if self._random.random() < 0.5 or not self.held:
                held = self._held(number, now - self._random.choice([0, 0, 0, 1]) * self._random.randint(0, 72) * HOUR)
                self._hold(db, memory, held, now)
            else:
                self._settle(db, memory, now)
            self._compare(db, memory, limits, self._footprint(now + self._random.randint(-2, 1) * DAY))

    def _held(self, number: int, at) -> Held:
        entitled, goodwill = self._random.choice([(0, 0), (700, 0), (0, 500), (700, 501), (1, 999)])
        owed = (Owed("rule-a", min(entitled, 300)), Owed("rule-b", max(entitled - 300, 0), 300)) if entitled else ()
        return Held(
            f"dec_{number}",
            self._footprint(at),
            entitled,
            goodwill,
            entitled * 7 // 10,
            goodwill * 9 // 20,
            owed,
            is_refund=self._random.random() < 0.5,
        )

    def _footprint(self, at) -> Footprint:
        pick = self._random.choice
        return a_footprint(
            at,
            agent=pick(["maija", "ville"]),
            team=pick(["chat", None]),
            customer=pick(["C-1", "C-2", None]),
            case=pick(["T-1", "T-2"]),
            order=pick(["O-1", None]),
            incident=pick(["power", None]),
            remedy=pick(["credit", "refund"]),
            reason=pick(["delivery.late", "delivery_x", "other"]),
            currency=pick(["EUR", "EUR", "EUR", "GBP"]),
        )

    def _hold(self, db: Database, memory: MemoryLedger, held: Held, now) -> None:
        ends = self._random.choice(list(WhenHoldEnds))
        expires_at = now + self._random.randint(1, 48) * HOUR
        with db.transaction() as connection:
            log_decision(connection, held)
            for store in (memory, SqlLedger(connection, HELSINKI)):
                store.lock(held.footprint, ())
                settle.hold(store, held, now=now, expires_at=expires_at, when_hold_ends=ends)
        self.held.append(held)

    def _settle(self, db: Database, memory: MemoryLedger, now) -> None:
        held = self._random.choice(self.held)
        step = self._random.choice(["commit", "commit", "void", "reverse", "end"])
        amount = self._random.choice([None, self._random.randint(1, 1300)]) if held.has_amount else None
        outcomes = []
        with db.transaction() as connection:
            for store in (memory, SqlLedger(connection, HELSINKI)):
                with suppress(WrongStatus, MoreThanHeld):
                    outcomes.append(_take(step, store, held.decision, now, amount))
        assert len(outcomes) in (0, 2)
        assert outcomes[:1] == outcomes[1:]

    def _compare(self, db: Database, memory: MemoryLedger, limits: LimitSet, footprint: Footprint) -> None:
        specs = specs_of(meet(limits, footprint, None, (), HELSINKI))
        received = (footprint.order, footprint.case, footprint.currency)
        with db.reading() as connection:
            seen = SqlLedger(connection, HELSINKI)
            assert seen.peek(specs, footprint.at) == memory.peek(specs, footprint.at)
            assert seen.received(*received) == memory.received(*received)
        with db.transaction() as connection:
            assert SqlLedger(connection, HELSINKI).lock(footprint, specs) == memory.lock(footprint, specs)


def _take(step: str, store: LedgerStore, decision: str, now, amount: int | None):
    if step == "commit":
        return settle.commit(store, decision, now=now, amount_minor=amount)
    if step == "reverse":
        return settle.reverse(store, decision, now=now, amount_minor=amount)
    if step == "void":
        return settle.void(store, decision, now=now)
    return settle.end(store, *store.reservation(decision), now=now)


def _differences(db: Database):
    with db.reading() as connection:
        return reconcile(connection, HELSINKI)


@pytest.mark.parametrize("seed", range(4))
def test_any_history_gives_the_same_positions_in_memory_and_in_sqlite(sqlite_db, seed):
    prepare(sqlite_db, LIMITS)

    Story(seed, steps=60).play(sqlite_db, LIMITS)

    assert _differences(sqlite_db) == []


def test_any_history_gives_the_same_positions_in_memory_and_in_postgresql(postgres_db):
    prepare(postgres_db, LIMITS)

    Story(99, steps=80).play(postgres_db, LIMITS)

    assert _differences(postgres_db) == []
