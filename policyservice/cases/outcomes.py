"""What was heard of a case or a customer afterwards: satisfaction, repeat contacts, churn, public complaints.

Records are only ever added. One may come before its case does, and is tied to it when it is read. Of records that
contradict each other all are kept and one stands: what happened last, and of that what was received last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select

from policyservice.db.tables import decision, outcome


class OutcomeKind(StrEnum):
    """What was heard."""

    SATISFACTION = "satisfaction"
    REPEAT_CONTACT = "repeat_contact"
    CHURN = "churn"
    PUBLIC_COMPLAINT = "public_complaint"


@dataclass(frozen=True, slots=True)
class Score:
    """An answer on a scale, whole numbers, both ends included."""

    value: int
    lowest: int
    highest: int

    @property
    def share(self) -> float:
        """0 for the worst answer up to 1 for the best."""
        return (self.value - self.lowest) / (self.highest - self.lowest)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record: references are pseudonyms, `note` the seal of a text.

    `at` is when it happened. `score` belongs to satisfaction, `left` (whether the customer left) to churn.
    `contradicts` is the record that said otherwise before it. `stands`: no other record takes its place.
    """

    id: str
    kind: OutcomeKind
    at: datetime
    received_at: datetime
    source: str
    content: str
    case: str | None = None
    customer: str | None = None
    decision_id: str | None = None
    ref_digest: str | None = None
    channel: str | None = None
    score: Score | None = None
    left: bool | None = None
    note: str | None = None
    contradicts: str | None = None
    api_key: str | None = None
    stands: bool = True


def add(conn: Connection, found: Outcome) -> None:
    """Append a record.

    Raises:
        IntegrityError: a copy of it is kept already.
    """
    score = found.score
    conn.execute(
        insert(outcome).values(
            id=found.id,
            kind=found.kind.value,
            at=found.at,
            received_at=found.received_at,
            source=found.source,
            ref_digest=found.ref_digest,
            content=found.content,
            case_ref=found.case,
            customer=found.customer,
            decision_id=found.decision_id,
            channel=found.channel,
            score=score.value if score else None,
            lowest=score.lowest if score else None,
            highest=score.highest if score else None,
            is_left=found.left,
            note=found.note,
            contradicts=found.contradicts,
            api_key=found.api_key,
        )
    )


def copy_of(conn: Connection, source: str, content: str) -> str | None:
    """The id of the record that is the same in everything but its note; None where there is none."""
    return conn.execute(
        select(outcome.c.id).where(outcome.c.source == source, outcome.c.content == content)
    ).scalar_one_or_none()


def contradicted(conn: Connection, found: Outcome) -> str | None:
    """The id of the record that a new one contradicts: of the same source's reference, or of the customer's churn."""
    said = []
    if found.ref_digest is not None:
        said.append(and_(outcome.c.source == found.source, outcome.c.ref_digest == found.ref_digest))
    if found.kind is OutcomeKind.CHURN and found.customer is not None:
        churn = and_(outcome.c.kind == found.kind.value, outcome.c.customer == found.customer)
        said.append(and_(churn, outcome.c.is_left != found.left))
    if not said:
        return None
    query = select(outcome.c.id).where(or_(*said)).order_by(outcome.c.at.desc(), outcome.c.seq.desc()).limit(1)
    return conn.execute(query).scalar_one_or_none()


def of_case(conn: Connection, case: str) -> list[Outcome]:
    """What was heard of a case (by pseudonym), oldest first: for the case's timeline.

    That is what names the case, or a decision in it. What names the customer alone belongs to no single case.
    """
    decided = select(decision.c.id).where(decision.c.case_ref == case)
    return list(_read(conn, or_(outcome.c.case_ref == case, outcome.c.decision_id.in_(decided))))


def of_customer(conn: Connection, customer: str) -> list[Outcome]:
    """What was heard that names a customer (by pseudonym), oldest first."""
    return list(_read(conn, outcome.c.customer == customer))


def between(conn: Connection, since: datetime, before: datetime) -> Iterator[Outcome]:
    """What happened from an instant (included) until another (excluded), oldest first."""
    return _read(conn, and_(outcome.c.at >= since, outcome.c.at < before))


def where(conn: Connection, condition: ColumnElement[bool]) -> list[Outcome]:
    """The records that a condition holds for, oldest first."""
    return list(_read(conn, condition))


def is_tied() -> ColumnElement[bool]:
    """Whether a record names something that was decided about, by now."""
    return or_(
        exists().where(decision.c.case_ref == outcome.c.case_ref),
        exists().where(decision.c.customer == outcome.c.customer),
        exists().where(decision.c.id == outcome.c.decision_id),
    )


def last_decided(conn: Connection, found: Outcome) -> datetime | None:
    """When the last decision about what a record names was made, up to the record's instant; None for none at all.

    Where all came later it is the first of them.
    """
    named = [
        column == value
        for column, value in (
            (decision.c.id, found.decision_id),
            (decision.c.case_ref, found.case),
            (decision.c.customer, found.customer),
        )
        if value is not None
    ]
    for narrowest in named:  # the decision itself, else the case, else the customer
        before = conn.execute(select(func.max(decision.c.at)).where(narrowest, decision.c.at <= found.at)).scalar_one()
        at = before or conn.execute(select(func.min(decision.c.at)).where(narrowest)).scalar_one()
        if at is not None:
            return at  # type: ignore[no-any-return]
    return None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records of a kind there are: all, tied to something that was decided, contradicting another."""

    kept: int
    tied: int
    contradicting: int


def counts(conn: Connection) -> Mapping[OutcomeKind, Counts]:
    """How many records of each kind there are."""
    found = {}
    for kind in OutcomeKind:
        of_kind = outcome.c.kind == kind.value
        kept, contradicting = conn.execute(select(func.count(), func.count(outcome.c.contradicts)).where(of_kind)).one()
        tied = conn.execute(select(func.count()).select_from(outcome).where(of_kind, is_tied())).scalar_one()
        found[kind] = Counts(kept, tied, contradicting)
    return found


def _read(conn: Connection, condition: ColumnElement[bool]) -> Iterator[Outcome]:
    rows = conn.execute(select(outcome).where(condition).order_by(outcome.c.at, outcome.c.seq)).all()
    found = [_outcome(row) for row in rows]
    replaced = _replaced(found)
    return (replace(one, stands=one.id not in replaced) for one in found)


def _replaced(found: Iterable[Outcome]) -> set[str]:
    """The ids of those in whose place a later one of the same source's reference, or customer's churn, stands."""
    last: dict[tuple[str, str], str] = {}
    replaced = set()
    for one in found:
        same = [("ref " + one.source, one.ref_digest)] if one.ref_digest is not None else []
        same += [("churn", one.customer)] if one.kind is OutcomeKind.CHURN and one.customer is not None else []
        for what in same:
            if what in last:
                replaced.add(last[what])
            last[what] = one.id
    return replaced


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        id=row.id,
        kind=OutcomeKind(row.kind),
        at=row.at,
        received_at=row.received_at,
        source=row.source,
        content=row.content,
        case=row.case_ref,
        customer=row.customer,
        decision_id=row.decision_id,
        ref_digest=row.ref_digest,
        channel=row.channel,
        score=None if row.score is None else Score(row.score, row.lowest, row.highest),
        left=row.is_left,
        note=row.note,
        contradicts=row.contradicts,
        api_key=row.api_key,
    )
