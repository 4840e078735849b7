"""The policy in force at an instant: rules, limits and costs, each a version of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from policyservice.db import tables
from policyservice.decisions import cost_versions
from policyservice.domain.errors import NoRulebookInForce
from policyservice.domain.limits import LimitSet
from policyservice.limits import versions

_table = tables.publication
IN_FORCE = (
    select(_table.c.digest)
    .where(_table.c.effective_from <= bindparam("at"))
    .order_by(_table.c.effective_from.desc(), _table.c.seq.desc())
    .limit(1)
)
"""The digest of the rules in force at an instant, `at`."""


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """The triple that a decision was made under: digest of the rules, version of the limits, of the costs."""

    rules: str
    limits: int
    costs: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What is in force: `rules` by digest, the limits themselves, `costs` by version."""

    rules: str
    limits: LimitSet
    costs: int

    @property
    def ref(self) -> PolicyRef:
        """The policy as a decision names it."""
        return PolicyRef(self.rules, self.limits.version, self.costs)


def rulebook_in_force(conn: Connection, at: datetime) -> str:
    """The digest of the rulebook in force at an instant.

    Raises:
        NoRulebookInForce: none was published that is in force then.
    """
    digest = conn.execute(IN_FORCE, {"at": at}).scalar_one_or_none()
    if digest is None:
        raise NoRulebookInForce(at)
    return str(digest)


def policy_in_force(conn: Connection, at: datetime) -> Policy:
    """What decides at an instant.

    Raises:
        NoRulebookInForce: nothing does yet.
    """
    return Policy(rulebook_in_force(conn, at), versions.in_force(conn, at), cost_versions.in_force(conn, at))
