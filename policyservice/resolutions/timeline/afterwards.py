"""Sources of a timeline: what was heard afterwards, and the incidents behind a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from policyservice.db import tables
from policyservice.decisions.whose import Shape
from policyservice.resolutions.timeline.entry import Entry
from policyservice.resolutions.timeline.source import Source

_outcome, _decision = tables.outcome, tables.decision
_link, _incident = tables.incident_case, tables.incident


def _outcomes(shape: Shape) -> Select[Any]:
    """Those that name the case or customer, or a decision for it."""
    case = func.coalesce(_outcome.c.case_ref, _decision.c.case_ref).label("case")
    return (
        select(_outcome, case)
        .select_from(_outcome.outerjoin(_decision, _decision.c.id == _outcome.c.decision_id))
        .where(_is_about(shape), or_(shape.dealt_with(_outcome), shape.dealt_with(_decision)))
    )


def _is_about(shape: Shape) -> ColumnElement[bool]:
    decisions = select(_decision.c.id).where(shape.of(_decision))
    return or_(shape.said_of(_outcome), _outcome.c.decision_id.in_(decisions))


def _heard(row: Any) -> Entry:
    details = {
        "outcome": row.kind,
        "source": row.source,
        "decision": row.decision_id,
        "score": row.score,
        "lowest": row.lowest,
        "highest": row.highest,
        "left": row.is_left,
        "contradicts": row.contradicts,
        "note": row.note,
    }
    return Entry(row.at, "outcome", row.id, row.case, row.channel, None, details, row.seq)


def _links(shape: Shape) -> Select[Any]:
    return (
        select(_link, _incident.c.title, _incident.c.status, _LINK.label("key"))
        .join(_incident, _incident.c.id == _link.c.incident_id)
        .where(shape.said_of(_link), shape.dealt_with(_link))
    )


def _linked(row: Any) -> Entry:
    details = {
        "title": row.title,
        "status": row.status,
        "how": row.how,
        "remedy": row.outcome,
        "given_by": row.outcome_decision_id,
    }
    return Entry(row.linked_at, "incident", row.incident_id, row.case_ref, row.channel, row.linked_by, details, row.key)


_LINK = _link.c.incident_id + _link.c.case_ref
HEARD = Source(_outcomes, _outcome.c.at, _outcome.c.seq, _heard, is_numbered=True)
"""Outcomes of the case or customer."""
LINKED = Source(_links, _link.c.linked_at, _LINK, _linked)
"""Incidents that a case was linked to."""
