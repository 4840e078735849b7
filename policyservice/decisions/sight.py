"""What a key bound to agents or teams may see of the log; a key that is not bound sees all of it.

Its own decisions are those of its agents and teams. Beyond them it sees, in short, what was decided in the cases that
they decided in and for the customers that they decided for: whoever serves a customer sees what others promised,
nobody else does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, or_, select, true

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.db.among import among
from policyservice.db.tables import personal_reference
from policyservice.domain.pseudonyms import PersonalKind

_AGENTS, _TEAMS = "seen_by_agents", "seen_by_teams"
_NOBODY = ("",)


@dataclass(frozen=True, slots=True)
class Sight:
    """How a key sees: keys that see alike have the same conditions, bound to other values (`bound`)."""

    is_bound: bool  # a key that is bound to nobody sees nothing, one that is not bound sees all
    has_agents: bool
    has_teams: bool
    key: ApiKey | None = field(compare=False)  # one like them, bound to nobody there is


def of(key: ApiKey | None) -> Sight:
    """How a key sees; None sees all."""
    if key is None or not is_bound(key):
        return Sight(False, False, False, None)
    alike = replace(key, agents=_NOBODY if key.agents else (), teams=_NOBODY if key.teams else ())
    return Sight(True, bool(key.agents), bool(key.teams), alike)


def own(key: ApiKey | None, decision: FromClause = tables.decision) -> ColumnElement[bool]:
    """Decisions of the key's own agents and teams."""
    if key is None or not is_bound(key):
        return true()
    return or_(
        _is_among_agents(decision.c.agent, key),
        _is_among_teams(decision.c.team, key),
    )


def bound(key: ApiKey | None) -> Mapping[str, Sequence[str]]:
    """The values that the conditions of a key are bound to, by name."""
    return {} if key is None else {_AGENTS: key.agents or (), _TEAMS: key.teams or ()}


def _is_among_agents(column: ColumnElement[Any], key: ApiKey) -> ColumnElement[bool]:
    if not key.agents:
        return false()
    reference = personal_reference.c
    is_one = and_(reference.kind == PersonalKind.AGENT.value, among(reference.plain, _AGENTS, key.agents))
    return column.in_(select(reference.pseudonym).where(is_one))


def _is_among_teams(column: ColumnElement[Any], key: ApiKey) -> ColumnElement[bool]:
    return among(column, _TEAMS, key.teams) if key.teams else false()


def dealt_with(
    key: ApiKey | None, row: FromClause = tables.decision, **alike: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Decisions in a case, or for a customer, in or for which one of the key's own was made; or other rows of a case
    and customer, such as contacts.

    `alike` says what `customer` or `case_ref` all rows have that are looked at: it is looked up once, not for each.
    """
    if key is None or not is_bound(key):
        return true()
    return or_(*(_has_own(key, row, name, alike.get(name)) for name in ("customer", "case_ref")))


def _has_own(key: ApiKey, row: FromClause, name: str, alike: ColumnElement[Any] | None) -> ColumnElement[bool]:
    mine: Any = tables.decision.alias("mine")
    if alike is None:
        return exists().where(mine.c[name] == row.c[name], own(key, mine))
    return and_(row.c[name] == alike, exists().where(mine.c[name] == alike, own(key, mine)))


def of_a_case(key: ApiKey | None, row: FromClause, **alike: ColumnElement[Any]) -> ColumnElement[bool]:
    """Contacts, promises and the like that the key's own agents and teams made, or of what it has dealt with: one that
    names no customer is of the customer that its case was decided for. `alike` is as for `dealt_with`.
    """
    if key is None or not is_bound(key):
        return true()
    mine: Any = tables.decision.alias("mine")
    there: Any = tables.decision.alias("there")
    for_its_customer = exists().where(mine.c.customer == there.c.customer, own(key, mine))
    return or_(
        own(key, row),
        dealt_with(key, row, **alike),
        exists().where(there.c.case_ref == row.c.case_ref, for_its_customer),
    )


def seen_to(key: ApiKey | None) -> ColumnElement[bool]:
    """Promises that the key's own agents and teams made, or see to."""
    if key is None or not is_bound(key):
        return true()
    promise = tables.promise.c
    return or_(
        own(key, tables.promise),
        _is_among_agents(promise.owner, key),
        _is_among_teams(promise.owner_team, key),
    )


def ids_of_own(key: ApiKey) -> Select[tuple[str]] | None:
    """The ids of the key's own decisions; None for all there are."""
    return select(tables.decision.c.id).where(own(key)) if is_bound(key) else None
