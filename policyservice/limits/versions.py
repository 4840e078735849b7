"""The limits as dated versions: which are in force, and publishing the next. Nothing is edited; an undo is publishing
an earlier version's limits again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, bindparam, delete, insert, select, type_coerce

from policyservice.db import barrier
from policyservice.db.limit_sets import as_json, from_json, from_text
from policyservice.db.tables import counter, limit_version
from policyservice.domain.errors import NoRulebookInForce, NotFound
from policyservice.domain.limits import LimitSet

__all__ = ["IN_FORCE", "as_json", "from_json", "get", "history", "in_force", "latest", "publish"]

_columns = limit_version.c
_VERSIONS: Select[Any] = select(
    _columns.version,
    type_coerce(_columns.body, Text).label("body"),
    _columns.effective_from,
    _columns.made_at,
    _columns.author,
    _columns.because,
)
_IN_FORCE = (
    _VERSIONS.where(_columns.effective_from <= bindparam("at"))
    .order_by(_columns.effective_from.desc(), _columns.version.desc())
    .limit(1)
)
IN_FORCE = _IN_FORCE.with_only_columns(_columns.version)
"""The version of the limits in force at an instant, `at`."""
_ONE = _VERSIONS.where(_columns.version == bindparam("of_version"))
_LATEST_FIRST = _VERSIONS.order_by(_columns.version.desc())


def in_force(connection: Connection, at: datetime) -> LimitSet:
    """The limits in force at an instant: the latest `effective_from` at or before it, then the latest version.

    Raises:
        NoRulebookInForce: none are; the first rulebook published brings them.
    """
    row = connection.execute(_IN_FORCE, {"at": at}).one_or_none()
    if row is None:
        raise NoRulebookInForce(at)
    return _limit_set(row)


def get(connection: Connection, version: int) -> LimitSet:
    """One version.

    Raises:
        NotFound: it does not exist.
    """
    row = connection.execute(_ONE, {"of_version": version}).one_or_none()
    if row is None:
        raise NotFound("version of the limits", str(version))
    return _limit_set(row)


def latest(connection: Connection) -> LimitSet | None:
    """The version published last, in force yet or not; None before the first."""
    row = connection.execute(_LATEST_FIRST.limit(1)).one_or_none()
    return None if row is None else _limit_set(row)


def history(connection: Connection) -> list[LimitSet]:
    """Every version, the one published last first."""
    return [_limit_set(row) for row in connection.execute(_LATEST_FIRST)]


def publish(
    connection: Connection,
    limits: LimitSet,
    *,
    effective_from: datetime,
    author: str,
    because: str,
    now: datetime,
) -> int:
    """Put limits in force from an instant, as the next version; its number.

    Publishers queue, each seeing what the one before it published, and wait for decisions that are being booked.
    `limits` gives the limits alone; its version, instants and author are not looked at.
    """
    barrier.alone(connection)
    last = connection.execute(_LATEST_FIRST.limit(1)).one_or_none()
    if last is not None and not _counts_as_before(last, limits, effective_from, now):
        connection.execute(delete(counter))
    version = 1 if last is None else int(last.version) + 1
    connection.execute(
        insert(limit_version).values(
            version=version,
            body=as_json(limits),
            effective_from=effective_from,
            made_at=now,
            author=author,
            because=because,
        )
    )
    return version


def _counts_as_before(last: Row[*tuple[Any, ...]], limits: LimitSet, effective_from: datetime, now: datetime) -> bool:
    """Whether the counters stay right as they are; emptied, each is summed from the entries when next needed.

    They stay where only bounds move. A counter of a shape that left and comes back would have missed what happened
    between; so would one under versions that are not in the order of time.
    """
    shapes = {limit.shape for limit in from_text(last.body)}
    return shapes == {limit.shape for limit in limits.limits} and last.made_at <= now <= effective_from


def _limit_set(row: Row[*tuple[Any, ...]]) -> LimitSet:
    return LimitSet(row.version, from_text(row.body), row.effective_from, row.because, row.author)
