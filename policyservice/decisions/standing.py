"""What a decision stands on besides its request, read in one statement: what is in force, the agent, an earlier answer.

It is read twice: before the transaction, to prepare all that can be prepared, and in it, to see that nothing changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, literal_column, or_, select

from policyservice.access.agents import AgentRecord
from policyservice.db import tables
from policyservice.db.prepared import Prepared
from policyservice.decisions import cost_versions, policy, replies
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.domain.limits import Grant
from policyservice.domain.vocabulary import AgentKind
from policyservice.ledger import expiry, shapes
from policyservice.limits import grants, versions


class Question(NamedTuple):
    """Of whom and when: the agent's reference, the instant decided for and the one it is asked at, caller and key."""

    agent: str
    at: datetime
    now: datetime
    api_key: str
    idempotency: Idempotency | None = None


class Standing(NamedTuple):
    """What a decision stands on; equal values give equal decisions. None where nothing is in force, or registered."""

    rules: str | None
    limits: int | None
    costs: int | None
    latest_limits: int  # says which counters are kept
    agent: AgentRecord | None
    grants: tuple[Grant, ...]


class Looked(NamedTuple):
    """What was seen: what decides, the answer kept under the key, and whether any hold is due by now."""

    standing: Standing
    earlier: Reply | None
    is_any_due: bool


_agent, _reply, _grant = tables.agent, tables.reply, tables.trust_grant
_one = select(literal_column("1").label("one")).subquery("one")
_has_grant = exists().where(
    grants.HOLDS, or_(_grant.c.agent == bindparam("of_agent"), and_(_grant.c.team == _agent.c.team))
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
    ).select_from(_one.outerjoin(_agent, _agent.c.ref == bindparam("of_agent")).outerjoin(_reply, replies.IS_KEPT))
)


def look(conn: Connection, question: Question) -> Looked:
    """Look at everything at once.

    Raises:
        IdempotencyKeyReused: an answer is kept under the key, for another body.
    """
    given = {"of_agent": question.agent, "at": question.at, "now": question.now}
    row = _LOOK.one(conn, {**given, **replies.sought(question.api_key, question.idempotency)})
    assert row is not None
    rules, limits, costs, latest, is_any_due, has_grant = row[:6]
    earlier = replies.kept(row[6:10], question.idempotency) if question.idempotency else None
    agent = _agent_of(*row[10:])
    held = grants.holding(conn, question.agent, agent.team if agent else None, question.at) if has_grant else ()
    return Looked(Standing(rules, limits, costs, latest, agent, held), earlier, is_any_due)


def _agent_of(ref: str | None, name: str, team: str | None, trust_level: str, kind: str) -> AgentRecord | None:
    return None if ref is None else AgentRecord(ref, name, team, trust_level, AgentKind(kind))
