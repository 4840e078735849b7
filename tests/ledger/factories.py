"""Limits, footprints and held decisions that name only what matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.domain.limits import Bound, Limit, LimitSet, Scope, Usage, Window, WindowKind
from policyservice.domain.vocabulary import Text
from policyservice.ledger import settle
from policyservice.ledger.algebra import meet, specs_of
from policyservice.ledger.settle import Settled
from policyservice.ledger.sql import SqlLedger
from policyservice.ledger.values import Footprint, Held
from policyservice.limits import versions

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 18, 10, tzinfo=UTC)  # a Wednesday, 12:00 in Helsinki
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_limit(
    id: str = "agent-day",
    scope: Scope = Scope.AGENT,
    window: WindowKind = WindowKind.DAY,
    *,
    days: int = 0,
    amount: int | None = 10_000,
    count: int | None = None,
    **given: Any,
) -> Limit:
    values = {"currency": "EUR", "bounds": {"": Bound(amount, count)}, **given}
    return Limit(id, Text(id, id), scope, Window(window, days), **values)


def limits_of(*limits: Limit, version: int = 1) -> LimitSet:
    return LimitSet(version, limits)


def a_footprint(at: datetime = NOON, **given: Any) -> Footprint:
    values: Mapping[str, Any] = {
        "reason": "delivery.late",
        "remedy": "credit",
        "currency": "EUR",
        "agent": "maija",
        "team": "chat",
        "customer": "C-77",
        "case": "T-1001",
        "order": "O-55",
    }
    return Footprint(at=at, **{**values, **given})


def a_held(goodwill: int = 1000, entitled: int = 0, *, decision: str = "dec_1", **given: Any) -> Held:
    footprint = given.pop("footprint", None) or a_footprint()
    costs = {"goodwill_cost_minor": goodwill, "entitled_cost_minor": entitled}
    return Held(decision, footprint, entitled, goodwill, **{**costs, **given})


def prepare(db: Database, limits: LimitSet, *, at: datetime = NOON - 400 * DAY) -> None:
    """A database in which `limits` are in force and decisions can be logged."""
    with db.transaction() as connection:
        connection.execute(insert(tables.rulebook).values(digest="sha256:0", files={}, added_at=at))
        connection.execute(insert(tables.cost_version).values(version=1, body=[], **_made(at)))
        versions.publish(connection, limits, effective_from=at, author="test", because="opening", now=at)


def _made(at: datetime) -> dict[str, Any]:
    return {"effective_from": at, "made_at": at, "author": "test", "because": "opening"}


def log_decision(connection: Connection, held: Held, *, outcome: str = "allow") -> None:
    """The row that a hold belongs to."""
    footprint = held.footprint
    connection.execute(
        insert(tables.decision).values(
            id=held.decision,
            at=footprint.at,
            logged_at=footprint.at,
            outcome=outcome,
            agent=footprint.agent or "",
            case_ref=footprint.case or "",
            channel="chat",
            reason=footprint.reason,
            remedy=footprint.remedy,
            remedy_kind="refund" if held.is_refund else "credit",
            currency=footprint.currency,
            amount_minor=held.amount_minor,
            goodwill_minor=held.goodwill_minor,
            entitled_minor=held.entitled_minor,
            cost_minor=held.goodwill_cost_minor + held.entitled_cost_minor,
            stretched=False,
            after_the_fact=False,
            rules_digest="sha256:0",
            limits_version=1,
            costs_version=1,
            record={},
        )
    )


def hold(db: Database, held: Held, *, expires_at: datetime | None = None, **given: Any) -> Settled:
    """Log a decision and hold what it allows, as the service does."""
    with db.transaction() as connection:
        ledger = SqlLedger(connection, HELSINKI)
        ledger.lock(held.footprint, ())
        log_decision(connection, held)
        now = given.pop("now", held.footprint.at)
        return settle.hold(ledger, held, now=now, expires_at=expires_at, **given)


def used(db: Database, limits: LimitSet, footprint: Footprint) -> dict[str, Usage]:
    """What a request of this footprint would find used, by limit."""
    met = meet(limits, footprint, None, (), HELSINKI)
    with db.transaction() as connection:
        found = SqlLedger(connection, HELSINKI).lock(footprint, specs_of(met))
    return {each.limit.id: found[each.spec.key] for each in met if each.spec}


def rows(db: Database, table: str) -> int:
    """How many rows a table has."""
    with db.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.metadata.tables[table])).scalar_one())
