"""The register of agents: who may act, in which team, on which trust level."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from policyservice.db import tables
from policyservice.domain.errors import FieldError, InvalidRequest
from policyservice.domain.vocabulary import AgentKind

CSV_COLUMNS = ("ref", "name", "team", "trust_level", "kind")
_LONGEST = 200
_ONE = select(tables.agent).where(tables.agent.c.ref == bindparam("of_ref"))


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """A person or a program that acts for the company; `ref` is the name callers know it by."""

    ref: str
    name: str
    team: str | None
    trust_level: str
    kind: AgentKind


def get(conn: Connection, ref: str) -> AgentRecord | None:
    """The agent of that reference, or None."""
    row = conn.execute(_ONE, {"of_ref": ref}).one_or_none()
    return None if row is None else _record(row)


def put(conn: Connection, record: AgentRecord, *, trust_levels: Iterable[str], now: datetime) -> bool:
    """Register an agent, or change its registration; True where it is new.

    `trust_levels` are the names that the rulebook in force knows.

    Raises:
        InvalidRequest: a reference or name that is empty, too long or unprintable; an unknown trust level.
    """
    _check(record, tuple(trust_levels))
    return _store(conn, record, now)


def import_csv(
    conn: Connection, lines: Iterable[str], *, trust_levels: Iterable[str], now: datetime
) -> tuple[int, int]:
    """Register every agent of a CSV text with the columns of `CSV_COLUMNS`: (new, changed). All or none.

    Raises:
        InvalidRequest: every line at fault, as "line 3.trust_level".
    """
    known = tuple(trust_levels)
    records = _read_csv(lines, known)
    added = sum(_store(conn, record, now) for record in records)
    return added, len(records) - added


def list_all(conn: Connection) -> list[AgentRecord]:
    """Every agent, by reference."""
    return [_record(row) for row in conn.execute(select(tables.agent).order_by(tables.agent.c.ref))]


def _read_csv(lines: Iterable[str], trust_levels: tuple[str, ...]) -> list[AgentRecord]:
    reader = csv.DictReader(lines, restkey="", strict=True)
    if tuple(reader.fieldnames or ()) != CSV_COLUMNS:
        raise InvalidRequest([FieldError("line 1", f"expected the columns {','.join(CSV_COLUMNS)}.")])
    records: dict[str, AgentRecord] = {}
    errors: list[FieldError] = []
    for row in reader:
        where = f"line {reader.line_num}"
        try:
            record = _from_row(row, trust_levels)
        except InvalidRequest as refused:
            errors.extend(FieldError(f"{where}.{e.field}", e.message) for e in refused.errors)
            continue
        if record.ref in records:
            errors.append(FieldError(f"{where}.ref", f"{record.ref!r} stands in the file twice."))
        records[record.ref] = record
    if errors:
        raise InvalidRequest(errors)
    return list(records.values())


def _from_row(row: dict[str, str | None], trust_levels: tuple[str, ...]) -> AgentRecord:
    if "" in row or None in row.values():
        raise InvalidRequest([FieldError("columns", f"expected {len(CSV_COLUMNS)} values.")])
    cells = {name: (value or "").strip() for name, value in row.items()}
    if cells["kind"] not in {kind.value for kind in AgentKind}:
        raise InvalidRequest([FieldError("kind", "is neither human nor ai.")])
    record = AgentRecord(
        cells["ref"], cells["name"], cells["team"] or None, cells["trust_level"], AgentKind(cells["kind"])
    )
    _check(record, trust_levels)
    return record


def _check(record: AgentRecord, trust_levels: tuple[str, ...]) -> None:
    errors = [
        FieldError(name, f"expected 1 to {_LONGEST} printable characters.")
        for name, value in (("ref", record.ref), ("name", record.name), ("team", record.team))
        if value is not None and not (0 < len(value) <= _LONGEST and value.isprintable() and value.strip())
    ]
    if record.trust_level not in trust_levels:
        known = ", ".join(trust_levels) or "none"
        errors.append(FieldError("trust_level", f"is not one of {known}."))
    if errors:
        raise InvalidRequest(errors)


def _store(conn: Connection, record: AgentRecord, now: datetime) -> bool:
    values = {
        "name": record.name,
        "team": record.team,
        "trust_level": record.trust_level,
        "kind": record.kind.value,
        "changed_at": now,
    }
    changed = conn.execute(tables.agent.update().where(tables.agent.c.ref == record.ref).values(**values))
    if changed.rowcount:
        return False
    try:
        with conn.begin_nested():
            conn.execute(insert(tables.agent).values(ref=record.ref, **values))
    except IntegrityError:  # registered by another call in the same moment: the later one stands
        conn.execute(tables.agent.update().where(tables.agent.c.ref == record.ref).values(**values))
        return False
    return True


def remove(conn: Connection, ref: str) -> bool:
    """Take an agent off the register; what it decided stays in the log. False where there was none."""
    return conn.execute(delete(tables.agent).where(tables.agent.c.ref == ref)).rowcount > 0


def _record(row: Row[tuple[object, ...]]) -> AgentRecord:
    return AgentRecord(row.ref, row.name, row.team, row.trust_level, AgentKind(row.kind))
