"""Sources of a timeline: what was heard afterwards, and the incidents behind a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, column, func, or_, select, union_all

from policyservice.db import tables
from policyservice.db.types import UtcInstant
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
    """That cases were linked, and that they were taken out again: two entries of one row."""
    link = _link.c
    key = link.incident_id + link.case_ref + cast(link.number, Text)
    rows = (
        select(_link, _incident.c.title, _incident.c.status)
        .join(_incident, _incident.c.id == link.incident_id)
        .where(shape.said_of(_link), shape.dealt_with(_link))
    )
    linked = rows.add_columns(link.linked_at.label("at"), key.label("key"))
    unlinked = rows.where(link.unlinked_at.is_not(None))
    unlinked = unlinked.add_columns(link.unlinked_at.label("at"), (key + _OUT).label("key"))
    return select(union_all(linked, unlinked).subquery())


def _linked(row: Any) -> Entry:
    about = {"title": row.title, "status": row.status, "how": row.how}
    if row.key.endswith(_OUT):
        details, kind, by = {**about, "note": row.note}, "incident_unlinked", row.unlinked_by
    else:
        remedy = {"remedy": row.outcome, "given_by": row.outcome_decision_id}
        details, kind, by = {**about, **remedy}, "incident", row.linked_by
    return Entry(row.at, kind, row.incident_id, row.case_ref, row.channel, by, details, row.key)


_OUT = "-"
"""Ends the key of what was taken out."""
HEARD = Source(_outcomes, _outcome.c.at, _outcome.c.seq, _heard, is_numbered=True)
"""Outcomes of the case or customer."""
LINKED = Source(_links, column("at", UtcInstant()), column("key", Text()), _linked)
"""Incidents that a case was linked to, and taken out of again."""
