"""The parameters of the cost model as dated versions, so that a report does not move when somebody edits a
wage.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from policyservice.costs import serial
from policyservice.db import tables
from policyservice.domain.errors import NoRulebookInForce, NotFound
from policyservice.rulebook.model import CostSet

_table = tables.cost_version
IN_FORCE = (
    select(_table.c.version)
    .where(_table.c.effective_from <= bindparam("at"))
    .order_by(_table.c.effective_from.desc(), _table.c.version.desc())
    .limit(1)
)
"""The version of the costs in force at an instant, `at`."""


def in_force(conn: Connection, at: datetime) -> int:
    """The version in force at an instant.

    Raises:
        NoRulebookInForce: there is none; the first rulebook published brings one.
    """
    version = conn.execute(IN_FORCE, {"at": at}).scalar_one_or_none()
    if version is None:
        raise NoRulebookInForce(at)
    return int(version)


def read(conn: Connection, version: int) -> tuple[CostSet, ...]:
    """The parameter sets of a version.

    Raises:
        NotFound: there is no such version.
    """
    body = conn.execute(select(_table.c.body).where(_table.c.version == version)).scalar_one_or_none()
    if body is None:
        raise NotFound("version of the cost parameters", str(version))
    return serial.from_json(body)


def publish(
    conn: Connection,
    sets: tuple[CostSet, ...],
    *,
    effective_from: datetime,
    author: str,
    because: str,
    now: datetime,
) -> int:
    """Put parameters in force from an instant, as the next version; the number of it."""
    latest = conn.execute(select(func.max(_table.c.version))).scalar_one_or_none() or 0
    conn.execute(
        insert(_table).values(
            version=latest + 1,
            body=serial.to_json(sets),
            effective_from=effective_from,
            made_at=now,
            author=author,
            because=because,
        )
    )
    return int(latest) + 1
