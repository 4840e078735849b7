"""What a decision stands on besides its request, read in one statement: what is in force, the agent, an earlier answer.

It is read twice: before the transaction, to prepare all that can be prepared, and in it, to see that nothing changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, literal_column, or_, select

from policyservice.access.agents import AgentRecord
from policyservice.db import barrier, tables
from policyservice.db.prepared import Prepared, rows_together
from policyservice.decisions import cost_versions, policy, replies, verified
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.verified import Records
from policyservice.domain.limits import Grant
from policyservice.domain.vocabulary import AgentKind
from policyservice.ledger import expiry, shapes
from policyservice.limits import grants, versions


class Question(NamedTuple):
    """Of whom and when: the agent's reference and its pseudonym, the instant decided for and the one it is asked at,
    caller and key.
    """

    agent: str
    pseudonym: str
    at: datetime
    now: datetime
    api_key: str
    idempotency: Idempotency | None = None
    about: Mapping[str, str | None] = verified.NOBODY  # whose facts may be verified


class Standing(NamedTuple):
    """What a decision stands on; equal values give equal decisions. None where nothing is in force, or registered."""

    rules: str | None
    limits: int | None
    costs: int | None
    latest_limits: int  # says which counters are kept
    agent: AgentRecord | None
    grants: tuple[Grant, ...]
    verified: Records = verified.NOTHING


class Looked(NamedTuple):
    """What was seen: what decides, the row of the answer kept under the key, and whether any hold is due by now."""

    standing: Standing
    kept: tuple[Any, ...]
    is_any_due: bool

    @property
    def is_answered(self) -> bool:
        """Whether an answer is kept under the key."""
        return self.kept[0] is not None

    def earlier(self, idempotency: Idempotency) -> Reply | None:
        """The answer kept under the key.

        Raises:
            IdempotencyKeyReused: it was given to another body.
        """
        return replies.kept(self.kept, idempotency)


_agent, _reply, _grant = tables.agent, tables.reply, tables.trust_grant
_one = select(literal_column("1").label("one")).subquery("one")
_has_grant = exists().where(
    grants.HOLDS, or_(_grant.c.agent == bindparam("of_pseudonym"), and_(_grant.c.team == _agent.c.team))
)
_LOOK = Prepared(
    select(
        policy.IN_FORCE.scalar_subquery(),
        versions.IN_FORCE.scalar_subquery(),
        cost_versions.IN_FORCE.scalar_subquery(),
        shapes.LATEST.scalar_subquery(),
        expiry.IS_ANY_DUE,
        _has_grant,
        *replies.COLUMNS,
        _agent.c.ref,
        _agent.c.name,
        _agent.c.team,
        _agent.c.trust_level,
        _agent.c.kind,
        *verified.COLUMNS,
    ).select_from(_one.outerjoin(_agent, _agent.c.ref == bindparam("of_agent")).outerjoin(_reply, replies.IS_KEPT))
)


def look(conn: Connection, questions: Sequence[Question]) -> list[Looked]:
    """Look at everything there is to each question."""
    rows = _LOOK.row_of_each(conn, [_values(question) for question in questions])
    return [_looked(conn, question, row) for question, row in zip(questions, rows, strict=True)]


def look_to_decide(conn: Connection, questions: Sequence[Question]) -> list[Looked]:
    """As `look`, in a transaction that counts against limits until it ends (`db.barrier`)."""
    first = barrier.sharing(conn)
    found = rows_together(conn, [*first, *((_LOOK, _values(question)) for question in questions)])[len(first) :]
    return [_looked(conn, question, row) for question, (row,) in zip(questions, found, strict=True)]


def _values(question: Question) -> dict[str, Any]:
    given = {"of_agent": question.agent, "of_pseudonym": question.pseudonym, "at": question.at, "now": question.now}
    return {**given, **replies.sought(question.api_key, question.idempotency), **question.about}


def _looked(conn: Connection, question: Question, row: tuple[Any, ...]) -> Looked:
    rules, limits, costs, latest, is_any_due, has_grant = row[:6]
    agent = _agent_of(*row[10:15])
    held = grants.holding(conn, question.pseudonym, agent.team if agent else None, question.at) if has_grant else ()
    standing = Standing(rules, limits, costs, latest, agent, held, row[15:])
    return Looked(standing, row[6:10], is_any_due)


def _agent_of(ref: str | None, name: str, team: str | None, trust_level: str, kind: str) -> AgentRecord | None:
    return None if ref is None else AgentRecord(ref, name, team, trust_level, AgentKind(kind))
