"""An objection as an answer, with the case it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from policyservice.api.wire import instant
from policyservice.cases.objections import Objection
from policyservice.db.tables import decision
from policyservice.personal.shown import shown


def presented(conn: Connection, found: Iterable[Objection]) -> list[dict[str, Any]]:
    """Objections as documents, with what is kept of their references and texts."""
    listed = list(found)
    ids = {one.decision_id for one in listed}
    rows = conn.execute(select(decision.c.id, decision.c.case_ref).where(decision.c.id.in_(ids))) if ids else ()
    cases = {row[0]: row[1] for row in rows}
    return [shown(conn, _document(one, cases[one.decision_id])) for one in listed]


def _document(found: Objection, case: str) -> dict[str, Any]:
    answered = found.answer
    return {
        "id": found.id,
        "decision_id": found.decision_id,
        "case": case,
        "at": instant(found.at),
        "agent": found.agent,
        "owner": found.owner,
        "rule": found.rule,
        "note": found.note,
        "answer": None
        if answered is None
        else {
            "at": instant(answered.at),
            "agent": answered.agent,
            "result": answered.result.value,
            "note": answered.note,
        },
    }
