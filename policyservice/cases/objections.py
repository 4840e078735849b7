"""What agents hold against decisions, and what whoever owns the rule answers; only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, or_, select

from policyservice.db.tables import objection, objection_answer
from policyservice.domain.errors import NotFound


class Verdict(StrEnum):
    """What the owner of a rule says to an objection."""

    STANDS = "stands"  # rule and decision are right
    RULE_CHANGES = "rule_changes"  # the rule is being put right
    DECISION_WAS_WRONG = "decision_was_wrong"  # the rule is right; this case was taken for another


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer of whoever owns the rule; `agent` is a pseudonym, `note` the seal of a text."""

    at: datetime
    agent: str
    result: Verdict
    note: str


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection to a decision; `agent` is a pseudonym, `note` the seal of a text.

    `owner` answers for `rule`, the first rule that spoke; None where none did.
    """

    id: str
    decision_id: str
    at: datetime
    agent: str
    owner: str
    rule: str | None
    content: str
    note: str
    answer: Answered | None = None


@dataclass(frozen=True, slots=True)
class ObjectionFilters:
    """Which objections are wanted; None is all."""

    owner: str | None = None
    decision_id: str | None = None
    is_open: bool | None = None


_JOINED = select(
    objection,
    objection_answer.c.at.label("answered_at"),
    objection_answer.c.agent.label("answered_by"),
    objection_answer.c.result,
    objection_answer.c.note.label("answer_note"),
).outerjoin(objection_answer, objection_answer.c.objection_id == objection.c.id)


def add(conn: Connection, found: Objection, api_key: str) -> None:
    """Append an objection.

    Raises:
        IntegrityError: a copy of it is kept already.
    """
    conn.execute(
        insert(objection).values(
            id=found.id,
            decision_id=found.decision_id,
            at=found.at,
            agent=found.agent,
            owner=found.owner,
            rule=found.rule,
            content=found.content,
            note=found.note,
            api_key=api_key,
        )
    )


def answer(conn: Connection, objection_id: str, answered: Answered, api_key: str) -> None:
    """Append the answer to an objection.

    Raises:
        IntegrityError: it was answered before.
    """
    conn.execute(
        insert(objection_answer).values(
            objection_id=objection_id,
            at=answered.at,
            agent=answered.agent,
            result=answered.result.value,
            note=answered.note,
            api_key=api_key,
        )
    )


def get(conn: Connection, objection_id: str, among: Select[tuple[str]] | None = None) -> Objection:
    """One objection; `among` selects the ids of the decisions that may be looked at, None is all.

    Raises:
        NotFound: there is none of that id, or not among them: the same question either way.
    """
    query = _JOINED.where(objection.c.id == objection_id)
    if among is not None:
        query = query.where(objection.c.decision_id.in_(among))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("objection", objection_id)
    return _objection(row)


def copy_of(conn: Connection, decision_id: str, agent: str, content: str) -> Objection | None:
    """The same sentence by the same agent to the same decision; None where there is none."""
    same = and_(objection.c.decision_id == decision_id, objection.c.agent == agent, objection.c.content == content)
    row = conn.execute(_JOINED.where(same)).one_or_none()
    return None if row is None else _objection(row)


def listed(
    conn: Connection,
    filters: ObjectionFilters,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    among: Select[tuple[str]] | None = None,
) -> list[Objection]:
    """Objections, oldest first; `after` is the (at, id) of the last one seen, `among` as for `get`."""
    columns = objection.c
    query = _JOINED.order_by(columns.at, columns.id).limit(limit)
    if filters.owner is not None:
        query = query.where(columns.owner == filters.owner)
    if filters.decision_id is not None:
        query = query.where(columns.decision_id == filters.decision_id)
    if filters.is_open is not None:
        is_open = objection_answer.c.objection_id.is_(None)
        query = query.where(is_open if filters.is_open else ~is_open)
    if among is not None:
        query = query.where(columns.decision_id.in_(among))
    if after is not None:
        at, last_id = after
        query = query.where(or_(columns.at > at, and_(columns.at == at, columns.id > last_id)))
    return [_objection(row) for row in conn.execute(query)]


def where(conn: Connection, condition: ColumnElement[bool]) -> list[Objection]:
    """The objections that a condition holds for, oldest first."""
    return [_objection(row) for row in conn.execute(_JOINED.where(condition).order_by(objection.c.seq))]


def _objection(row: Row[Any]) -> Objection:
    answered = None
    if row.result is not None:
        answered = Answered(row.answered_at, row.answered_by, Verdict(row.result), row.answer_note)
    return Objection(row.id, row.decision_id, row.at, row.agent, row.owner, row.rule, row.content, row.note, answered)
