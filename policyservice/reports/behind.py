"""The decisions behind a total: exactly those whose rows it is the sum of, each with what it adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from policyservice.access.keys import ApiKey
from policyservice.db.tables import BOOKED
from policyservice.decisions.services import Services
from policyservice.decisions.sight import own
from policyservice.domain.errors import FieldProblem
from policyservice.reports import rows
from policyservice.reports.asked import Wanted
from policyservice.reports.figures import PLACE, Key, Path, Vector, add, nothing
from policyservice.reports.rows import decision


@dataclass(frozen=True, slots=True)
class Behind:
    """One decision, by the references of the log, with its own figures."""

    id: str
    at: datetime
    agent: str
    case: str
    reason: str
    currency: str
    path: Path
    sums: Vector

    def booked(self, part: str) -> dict[str, int]:
        """The amounts of "goodwill" or "entitled" by what became of them."""
        return {state: self.sums[PLACE[f"{part}_{state}"]] for state in BOOKED}


def behind(
    conn: Connection,
    services: Services,
    wanted: Wanted,
    seen_by: ApiKey | None = None,
    *,
    path: Path | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[tuple[Behind, ...], str | None]:
    """The newest first, at most `limit`, and the cursor of those after them (None: there are none).

    `path` leaves those that were answered on it.

    Raises:
        FieldProblem: the cursor is not one that was handed out.
    """
    conditions = [*wanted.on_log(services.zone), own(seen_by)]
    if cursor is not None:
        conditions.append(decision.c.seq < _seq(cursor))
    if path is not None:
        conditions.append(rows.is_on(path))
    columns = (decision.c.seq, decision.c.id, decision.c.at, decision.c.agent, decision.c.case_ref)
    page = conn.execute(select(*columns).where(*conditions).order_by(decision.c.seq.desc()).limit(limit + 1)).all()
    shown = page[:limit]
    found = _figures(conn, services, [row.id for row in shown])
    items = tuple(
        Behind(row.id, row.at, row.agent, row.case_ref, key.reason, key.currency, key.path, sums)
        for row in shown
        for key, sums in (found[row.id],)
    )
    return items, str(shown[-1].seq) if len(page) > limit else None


def _figures(conn: Connection, services: Services, ids: list[str]) -> dict[str, tuple[Key, Vector]]:
    if not ids:
        return {}
    found: dict[str, tuple[Key, Vector]] = {}
    wanted = (decision.c.id.in_(ids),)
    for read in (rows.of_decisions, rows.of_entries):
        for added in read(conn, services.zone, wanted):
            _, sums = found.setdefault(added.decision_id, (added.key, nothing()))
            add(sums, added.sums)
    return found


def _seq(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise FieldProblem("cursor", "is not a cursor of this list; use `next` of the page before.")
    return int(cursor)
