"""Promises: what a customer was promised, by when, who sees to it, and whether it was kept.

The head says how a promise stands, `promise_step` what became of it: moved, kept, broken or reopened, step by step and
never changed. An escalation is the promise of an answer, made with it and kept by its resolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from policyservice.db import due, tables
from policyservice.db.prepared import Prepared, Writes
from policyservice.domain.errors import NotFound, PromiseEnded

_table = tables.promise
_step = tables.promise_step
_ADD = Prepared(insert(_table))
_IS_ANY_UNTOLD = Prepared(select(due.is_any(_table.c.tell_at)))
_OF_ESCALATION = select(_table).where(_table.c.escalation_id == bindparam("of_escalation")).with_for_update()


class PromiseKind(StrEnum):
    """Something that is promised in words, or an answer to what was escalated."""

    PROMISE = "promise"
    ANSWER = "answer"


class PromiseStatus(StrEnum):
    """How a promise stands; one that is overdue is still open."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class StepKind(StrEnum):
    """What can become of a promise."""

    MOVED = "moved"
    KEPT = "kept"
    BROKEN = "broken"
    REOPENED = "reopened"  # what had kept it turned out not to


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as it stands; references are pseudonyms, `what` is the seal of a text (None: an answer).

    `agent` and `team` are of who promised. Either `owner`, an agent, or `owner_team` sees to it.
    """

    id: str
    case: str
    customer: str | None
    kind: PromiseKind
    what: str | None
    channel: str | None
    agent: str
    team: str | None
    owner: str | None
    owner_team: str | None
    made_at: datetime
    due_at: datetime
    status: PromiseStatus = PromiseStatus.OPEN
    ended_at: datetime | None = None
    escalation_id: str | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open and its time is up: at the instant it is due it is."""
        return self.status is PromiseStatus.OPEN and self.due_at <= now

    @property
    def is_late(self) -> bool:
        """Whether it was kept after it was due."""
        return self.status is PromiseStatus.KEPT and self.ended_at is not None and self.ended_at > self.due_at


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a promise: by whom (a pseudonym), with a note (a seal), and by when it is due after it."""

    number: int
    kind: StepKind
    at: datetime
    agent: str | None
    due_at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class PromiseFilters:
    """Which promises are wanted; None is all. `overdue_at`: open ones that were due at or before this instant."""

    status: PromiseStatus | None = None
    overdue_at: datetime | None = None
    owner: str | None = None
    owner_team: str | None = None
    case: str | None = None
    customer: str | None = None


def add(writes: Writes, promise: Promise) -> None:
    """Have a promise kept in mind."""
    writes.add(
        _ADD,
        {
            "id": promise.id,
            "case_ref": promise.case,
            "customer": promise.customer,
            "kind": promise.kind.value,
            "what": promise.what,
            "channel": promise.channel,
            "agent": promise.agent,
            "team": promise.team,
            "owner": promise.owner,
            "owner_team": promise.owner_team,
            "escalation_id": promise.escalation_id,
            "made_at": promise.made_at,
            "due_at": promise.due_at,
            "status": promise.status.value,
            "tell_at": promise.due_at,
        },
    )


def of_answer(escalation_id: str) -> str:
    """The id of the promise that an escalation makes."""
    return "prm_" + escalation_id.removeprefix("esc_")


def get(conn: Connection, promise_id: str, seen: ColumnElement[bool], *, lock: bool = False) -> Promise:
    """One promise among those that `seen`, a condition on the table, holds for; `lock` keeps others from changing it.

    Raises:
        NotFound: there is no such promise, or it may not be seen: the same question either way.
    """
    query = select(_table).where(_table.c.id == promise_id, seen)
    row = conn.execute(query.with_for_update(of=_table) if lock else query).one_or_none()
    if row is None:
        raise NotFound("promise", promise_id)
    return of_row(row)


def listed(
    conn: Connection,
    filters: PromiseFilters,
    seen: ColumnElement[bool],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Promise]:
    """Promises, those due first at the front; `after` is the (due_at, id) of the last one seen."""
    query = select(_table).where(seen, *_conditions(filters)).order_by(_table.c.due_at, _table.c.id).limit(limit)
    if after is not None:
        due_at, last_id = after
        query = query.where(or_(_table.c.due_at > due_at, and_(_table.c.due_at == due_at, _table.c.id > last_id)))
    return [of_row(row) for row in conn.execute(query)]


def where(conn: Connection, *conditions: ColumnElement[bool]) -> Sequence[Promise]:
    """The promises that conditions on the table hold for, newest first."""
    query = select(_table).where(*conditions).order_by(_table.c.made_at.desc(), _table.c.id.desc())
    return [of_row(row) for row in conn.execute(query)]


def steps_of(conn: Connection, promise_ids: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    """What became of promises, by their ids, the first step first."""
    found: dict[str, list[Step]] = {promise_id: [] for promise_id in promise_ids}
    if found:
        query = select(_step).where(_step.c.promise_id.in_(found)).order_by(_step.c.promise_id, _step.c.number)
        for row in conn.execute(query):
            step = Step(row.number, StepKind(row.kind), row.at, row.agent, row.due_at, row.note)
            found[row.promise_id].append(step)
    return found


def take_step(
    conn: Connection,
    promise: Promise,
    kind: StepKind,
    *,
    at: datetime,
    agent: str | None,
    team: str | None = None,
    due_at: datetime | None = None,
    note: str | None = None,
) -> None:
    """Move, keep or break a promise that was read locked in this transaction.

    Raises:
        PromiseEnded: it was kept or broken before.
    """
    if promise.status is not PromiseStatus.OPEN:
        raise PromiseEnded(promise.id, promise.status.value)
    due = due_at or promise.due_at
    _add_step(conn, promise, kind, at=at, agent=agent, team=team, due_at=due, note=note)
    changed = update(_table).where(_table.c.id == promise.id)
    if kind is StepKind.MOVED:
        conn.execute(changed.values(due_at=due, tell_at=due))
    else:
        conn.execute(changed.values(status=kind.value, ended_at=at, tell_at=None))


def keep_answer(conn: Connection, escalation_id: str, *, at: datetime, agent: str | None) -> None:
    """Keep the promise of an answer that an escalation made; nothing where it was kept or broken before."""
    row = conn.execute(_OF_ESCALATION, {"of_escalation": escalation_id}).one_or_none()
    if row is not None and row.status == PromiseStatus.OPEN.value:
        take_step(conn, of_row(row), StepKind.KEPT, at=at, agent=agent)


def open_again(conn: Connection, escalation_id: str, *, kept_at: datetime | None, at: datetime) -> None:
    """Open the promise of an answer again that an escalation's resolution had kept; nothing where a person kept or
    broke it before. Where its time is up it is overdue at once.
    """
    row = conn.execute(_OF_ESCALATION, {"of_escalation": escalation_id}).one_or_none()
    if row is None or row.status != PromiseStatus.KEPT.value or row.ended_at != kept_at:
        return
    promise = of_row(row)
    _add_step(conn, promise, StepKind.REOPENED, at=at, agent=None, team=None, due_at=promise.due_at, note=None)
    opened = {"status": PromiseStatus.OPEN.value, "ended_at": None, "tell_at": promise.due_at}
    conn.execute(update(_table).where(_table.c.id == promise.id).values(opened))


def _add_step(
    conn: Connection,
    promise: Promise,
    kind: StepKind,
    *,
    at: datetime,
    agent: str | None,
    team: str | None,
    due_at: datetime,
    note: str | None,
) -> None:
    number = conn.execute(select(func.max(_step.c.number)).where(_step.c.promise_id == promise.id)).scalar_one()
    conn.execute(
        insert(_step).values(
            promise_id=promise.id,
            number=(number or 0) + 1,
            kind=kind.value,
            at=at,
            agent=agent,
            team=team,
            case_ref=promise.case,
            customer=promise.customer,
            due_at=due_at,
            note=note,
        )
    )


def is_any_untold(conn: Connection, now: datetime) -> bool:
    """Whether any promise is overdue of which nobody was told yet."""
    row = _IS_ANY_UNTOLD.one(conn, {"now": now})
    return bool(row and row[0])


def overdue_untold(conn: Connection, now: datetime, *, most: int) -> list[Promise]:
    """Promises that are overdue and of which nobody was told yet, locked; a moved one is told of anew."""
    query = select(_table).where(_table.c.tell_at <= now).order_by(_table.c.tell_at, _table.c.id).limit(most)
    return [of_row(row) for row in conn.execute(query.with_for_update(skip_locked=True))]


def told_overdue(conn: Connection, promises: Sequence[Promise]) -> None:
    """Write down that somebody was told."""
    if promises:
        told = update(_table).where(_table.c.id.in_([promise.id for promise in promises]))
        conn.execute(told.values(tell_at=None))


def _conditions(filters: PromiseFilters) -> list[ColumnElement[bool]]:
    columns = _table.c
    wanted = (
        (columns.status, filters.status.value if filters.status else None),
        (columns.owner, filters.owner),
        (columns.owner_team, filters.owner_team),
        (columns.case_ref, filters.case),
        (columns.customer, filters.customer),
    )
    conditions = [column == value for column, value in wanted if value is not None]
    if filters.overdue_at is not None:
        conditions += [columns.status == PromiseStatus.OPEN.value, columns.due_at <= filters.overdue_at]
    return conditions


def of_row(row: Any) -> Promise:
    """A row of the table as a value."""
    return Promise(
        row.id,
        row.case_ref,
        row.customer,
        PromiseKind(row.kind),
        row.what,
        row.channel,
        row.agent,
        row.team,
        row.owner,
        row.owner_team,
        row.made_at,
        row.due_at,
        PromiseStatus(row.status),
        row.ended_at,
        row.escalation_id,
    )
