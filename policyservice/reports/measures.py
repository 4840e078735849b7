"""What was done against a root cause: since when, by whom, who answers for it; kept for ever, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select
from sqlalchemy.exc import IntegrityError

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions import acting
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.decisions.transactions import in_transaction
from policyservice.domain.errors import FieldProblem
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.kept import Personal, keep_now

_table = tables.cause_measure


@dataclass(frozen=True, slots=True)
class CauseMeasure:
    """One measure; `owner` and `agent` (who recorded it) are pseudonyms, `note` is the seal of a text."""

    id: str
    reason: str
    taken_on: date
    owner: str
    agent: str
    at: datetime
    note: str


class Told(NamedTuple):
    """What is told of a measure: references and text as they are."""

    reason: str
    taken_on: date
    owner: str
    agent: str
    note: str


class Recorded(NamedTuple):
    """A measure that is kept; `is_new` is False for a copy of one that was kept before."""

    measure: CauseMeasure
    is_new: bool


def record(services: Services, told: Told, today: date, actor: ApiKey | None) -> Recorded:
    """Keep a measure; `actor` is the key it comes by, None from the command line.

    Raises:
        FieldProblem: a reason that neither the rulebook in force nor the log knows, or a day yet to come.
        NotAllowed, UnknownAgent: the agent is outside the key's binding, or nobody registered it.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    if told.taken_on > today:
        raise FieldProblem("taken_on", "has not come yet; record a measure once it is taken.")
    now = services.clock.now()
    owner, by = (services.pseudonyms.reference(PersonalKind.AGENT, each) for each in (told.owner, told.agent))
    note = services.pseudonyms.seal(told.note)
    content = services.pseudonyms.digest("cause-measure", "\n".join((*map(str, told[:4]), told.note)))

    def work(conn: Connection) -> Recorded:
        if actor is not None:
            acting.registered(conn, told.agent, actor, services.settings.unknown_agents)
        earlier = conn.execute(select(_table).where(_table.c.content == content)).one_or_none()
        if earlier is not None:
            return Recorded(_measure(earlier), is_new=False)
        _require_reason(conn, services, told.reason, now)
        found = CauseMeasure(
            services.ids.new("mea"), told.reason, told.taken_on, owner.pseudonym, by.pseudonym, now, note.seal
        )
        conn.execute(insert(_table).values(_row(found, content, actor)))
        keep_now(conn, Personal((owner, by), (note,)), now=now)
        return Recorded(found, is_new=True)

    try:
        return in_transaction(services.db, work)
    except IntegrityError:  # a copy came at the same moment: it is kept by now, and found
        return in_transaction(services.db, work)


def of_reasons(conn: Connection, reasons: Iterable[str] | None = None) -> list[CauseMeasure]:
    """The measures against reasons (all, where none are named), the earliest first."""
    return where(conn, _table.c.reason.in_(list(reasons)) if reasons is not None else _table.c.seq > 0)


def where(conn: Connection, condition: ColumnElement[bool]) -> list[CauseMeasure]:
    """The measures that a condition on the table holds for, the earliest first."""
    query = select(_table).where(condition).order_by(_table.c.taken_on, _table.c.seq)
    return [_measure(row) for row in conn.execute(query)]


def _require_reason(conn: Connection, services: Services, reason: str, now: datetime) -> None:
    logged = exists().where(tables.decision.c.reason == reason)
    policy = policy_in_force(conn, now)
    known = services.rulebooks.plain(conn, policy.rules, policy.costs).rulebook.reasons
    if reason not in known and not conn.execute(select(logged)).scalar():
        raise FieldProblem("reason", "is neither in the rulebook in force nor in the log.")


def _row(found: CauseMeasure, content: str, actor: ApiKey | None) -> dict[str, Any]:
    return {
        "id": found.id,
        "reason": found.reason,
        "taken_on": found.taken_on.isoformat(),
        "owner": found.owner,
        "agent": found.agent,
        "at": found.at,
        "note": found.note,
        "content": content,
        "api_key": actor.id if actor is not None else None,
    }


def _measure(row: Row[Any]) -> CauseMeasure:
    day = date.fromisoformat(row.taken_on)
    return CauseMeasure(row.id, row.reason, day, row.owner, row.agent, row.at, row.note)
