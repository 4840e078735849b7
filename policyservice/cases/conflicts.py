"""Where a fact was stated otherwise than the company's systems have it: kept with the decision, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from policyservice.db import tables
from policyservice.db.prepared import Prepared, Writes

_table = tables.fact_conflict
_ADD = Prepared(insert(_table))


@dataclass(frozen=True, slots=True)
class Conflict:
    """A fact that `agent` (a pseudonym) stated otherwise than `source` has it; the decision has the values."""

    decision_id: str
    at: datetime
    case: str
    customer: str | None
    agent: str
    team: str | None
    fact: str
    source: str
    seq: int = 0


def add(writes: Writes, conflict: Conflict) -> None:
    """Have a conflict kept."""
    row: dict[str, Any] = {
        "decision_id": conflict.decision_id,
        "at": conflict.at,
        "case_ref": conflict.case,
        "customer": conflict.customer,
        "agent": conflict.agent,
        "team": conflict.team,
        "fact": conflict.fact,
        "source": conflict.source,
    }
    writes.add(_ADD, row)


def where(conn: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[Conflict]:
    """The conflicts that conditions on the table hold for, newest first."""
    query = select(_table).where(*conditions).order_by(_table.c.at.desc(), _table.c.seq.desc()).limit(limit)
    return [
        Conflict(
            row.decision_id, row.at, row.case_ref, row.customer, row.agent, row.team, row.fact, row.source, row.seq
        )
        for row in conn.execute(query)
    ]
