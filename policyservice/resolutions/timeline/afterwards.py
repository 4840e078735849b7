"""Sources of a timeline: what was heard afterwards, and the incidents behind a case."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from policyservice.db import tables
from policyservice.decisions.sight import dealt_with
from policyservice.resolutions.timeline.entry import Entry, Wanted

_outcome, _decision = tables.outcome, tables.decision


def heard(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Outcomes that name the case or customer, or a decision for it."""
    case = func.coalesce(_outcome.c.case_ref, _decision.c.case_ref).label("case")
    query = (
        select(_outcome, case)
        .select_from(_outcome.outerjoin(_decision, _decision.c.id == _outcome.c.decision_id))
        .where(_is_about(wanted), or_(dealt_with(wanted.seen_by, _outcome), dealt_with(wanted.seen_by)))
    )
    rows = conn.execute(wanted.page(query, _outcome.c.at, _outcome.c.seq, place))
    return [
        Entry(
            row.at,
            "outcome",
            row.id,
            row.case,
            row.channel,
            None,
            {
                "outcome": row.kind,
                "source": row.source,
                "decision": row.decision_id,
                "score": row.score,
                "lowest": row.lowest,
                "highest": row.highest,
                "left": row.is_left,
                "contradicts": row.contradicts,
                "note": row.note,
            },
            row.seq,
        )
        for row in rows
    ]


def _is_about(wanted: Wanted) -> ColumnElement[bool]:
    decisions = select(_decision.c.id).where(wanted.of(_decision))
    nameless = and_(_outcome.c.customer.is_(None), _outcome.c.case_ref.in_(wanted.cases))
    named = or_(wanted.of(_outcome), _outcome.c.decision_id.in_(decisions))
    return or_(named, nameless) if wanted.cases else named


def linked(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Incidents that a case was linked to."""
    link, incident = tables.incident_case, tables.incident
    query = (
        select(link, incident.c.title, incident.c.status)
        .join(incident, incident.c.id == link.c.incident_id)
        .where(wanted.said_of(link), dealt_with(wanted.seen_by, link))
    )
    rows = conn.execute(wanted.page(query, link.c.linked_at, link.c.incident_id + link.c.case_ref, place))
    return [
        Entry(
            row.linked_at,
            "incident",
            row.incident_id,
            row.case_ref,
            row.channel,
            row.linked_by,
            {
                "title": row.title,
                "status": row.status,
                "how": row.how,
                "remedy": row.outcome,
                "given_by": row.outcome_decision_id,
            },
            row.incident_id + row.case_ref,
        )
        for row in rows
    ]
