"""Grants: dated exceptions for a person or a team, appended and never edited; the one made last stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select

from policyservice.db.prepared import Prepared
from policyservice.db.tables import trust_grant
from policyservice.domain.errors import FieldError, InvalidRequest, NotFound
from policyservice.domain.limits import Bound, Grant, LimitSet
from policyservice.limits.change import Target, check_rails

_columns = trust_grant.c
HOLDS = and_(_columns.starts_at <= bindparam("at"), _columns.ends_at > bindparam("at"))
"""Whether a grant, whoever has it, holds at an instant, `at`."""
_HOLDING = Prepared(
    select(trust_grant)
    .where(HOLDS, or_(_columns.agent == bindparam("of_agent"), _columns.team == bindparam("of_team")))
    .order_by(_columns.made_at, _columns.id)
)
_NOT_ENDED = select(trust_grant).where(_columns.ends_at > bindparam("at")).order_by(_columns.made_at, _columns.id)


def add(connection: Connection, grant: Grant, limits: LimitSet) -> None:
    """Append a grant. `limits` are those in force: they say which limits there are, and their guard rails.

    The table is never changed: the agent is a pseudonym, the reason the seal of a text.

    Raises:
        InvalidRequest: it is for nobody, for an agent and a team at once, over before it starts, or changes nothing.
        NotFound: there is no such limit.
        OutsideGuardRails: its bound lies outside what the rules let a manager choose.
    """
    problems = _problems(grant)
    if problems:
        raise InvalidRequest(problems)
    if grant.limit is not None and grant.bound is not None:
        _check_bound(grant.limit, grant.bound, limits)
    bound = grant.bound or Bound()
    connection.execute(
        insert(trust_grant).values(
            id=grant.id,
            agent=grant.agent,
            team=grant.team,
            limit_id=grant.limit,
            amount_minor=bound.amount_minor,
            count=bound.count,
            trust_level=grant.trust_level,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            reason=grant.reason,
            author=grant.author,
            made_at=grant.made_at,
        )
    )


def holding(connection: Connection, agent: str | None, team: str | None, at: datetime) -> tuple[Grant, ...]:
    """The grants that hold for an agent (by pseudonym) or its team at an instant, the one made last at the end."""
    given = {"at": at, "of_agent": agent, "of_team": team}
    return tuple(_grant(row) for row in _HOLDING.rows(connection, given))


def of_agent(connection: Connection, agent: str) -> tuple[Grant, ...]:
    """Every grant that was ever made for an agent, by pseudonym, the one made last at the end."""
    query = select(trust_grant).where(_columns.agent == agent).order_by(_columns.made_at, _columns.id)
    return tuple(_grant(row) for row in connection.execute(query))


def not_ended(connection: Connection, at: datetime) -> tuple[Grant, ...]:
    """Every grant that holds at an instant or has yet to begin."""
    return tuple(_grant(row) for row in connection.execute(_NOT_ENDED, {"at": at}))


def _problems(grant: Grant) -> list[FieldError]:
    found = []
    if (grant.agent is None) == (grant.team is None):
        found.append(FieldError("agent", "name an agent or a team, and not both"))
    if grant.ends_at <= grant.starts_at:
        found.append(FieldError("ends_at", "must be later than starts_at"))
    changes_bound = grant.limit is not None and grant.bound is not None and grant.bound != Bound()
    if changes_bound == (grant.trust_level is not None) or (grant.limit is None) != (grant.bound is None):
        found.append(FieldError("limit", "give a limit with an amount or a count, or else a trust_level"))
    if not grant.reason.strip():
        found.append(FieldError("reason", "say why"))
    return found


def _check_bound(limit_id: str, bound: Bound, limits: LimitSet) -> None:
    limit = limits.by_id(limit_id)
    if limit is None:
        raise NotFound("limit", limit_id)
    if bound.amount_minor is not None:
        check_rails(Target(limit, "", is_count=False), bound.amount_minor, limit.amount_rails)
    if bound.count is not None:
        check_rails(Target(limit, "", is_count=True), bound.count, limit.count_rails)


def _grant(row: Sequence[Any]) -> Grant:
    """A row of the whole table."""
    grant_id, agent, team, limit_id, amount_minor, count, trust_level, starts_at, ends_at, reason, author, made_at = row
    return Grant(
        id=grant_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        author=author,
        made_at=made_at,
        agent=agent,
        team=team,
        limit=limit_id,
        bound=None if limit_id is None else Bound(amount_minor, count),
        trust_level=trust_level,
    )
