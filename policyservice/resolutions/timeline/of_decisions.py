"""Sources of a timeline: what was decided, and what became of it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from policyservice.db import tables
from policyservice.decisions.sight import dealt_with
from policyservice.resolutions.timeline.entry import Entry, Wanted

_STATUS_OF = {"escalate": "escalated", "deny": "denied"}
_ENDS = ("resolve", "withdraw")  # steps that `resolved` tells of


def decided(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What was decided, and how it stands now."""
    table, held, opened = tables.decision, tables.reservation, tables.escalation
    query = (
        select(
            table.c.id,
            table.c.at,
            table.c.case_ref,
            table.c.channel,
            table.c.agent,
            table.c.outcome,
            table.c.reason,
            table.c.remedy,
            table.c.amount_minor,
            table.c.currency,
            table.c.basis,
            held.c.status,
            held.c.amount_minor.label("standing_minor"),
            opened.c.id.label("escalation"),
            opened.c.to,
            opened.c.due_at,
        )
        .select_from(table.outerjoin(held, held.c.decision_id == table.c.id).outerjoin(opened))
        .where(wanted.of(table), dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, table.c.at, table.c.id, place))
    return [
        Entry(
            row.at,
            "decision",
            row.id,
            row.case_ref,
            row.channel,
            row.agent,
            {
                "outcome": row.outcome,
                "status": row.status or _STATUS_OF[row.outcome],
                "reason": row.reason,
                "remedy": row.remedy,
                "amount_minor": row.amount_minor,
                "standing_minor": row.standing_minor,
                "currency": row.currency,
                "basis": row.basis,
                "to": row.to,
                "due_at": row.due_at,
            },
            row.id,
        )
        for row in rows
    ]


def settled(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What became of what was held: given, not given, ended, taken back."""
    entry, table = tables.entry, tables.decision
    query = (
        select(entry, table.c.channel)
        .join(table, table.c.id == entry.c.decision_id)
        .where(wanted.of(entry), entry.c.kind != "hold", dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, entry.c.at, entry.c.seq, place))
    return [
        Entry(
            row.at,
            "settlement",
            row.decision_id,
            row.case_ref,
            row.channel,
            None,
            {
                "step": row.kind,
                "remedy": row.remedy,
                "standing_minor": row.amount_minor,
                "currency": row.currency,
            },
            row.seq,
        )
        for row in rows
    ]


def resolved(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """Escalations that were resolved."""
    opened, table = tables.escalation, tables.decision
    query = (
        select(opened, table.c.case_ref, table.c.channel)
        .join(table, table.c.id == opened.c.decision_id)
        .where(wanted.of(table), opened.c.resolved_at.is_not(None), dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, opened.c.resolved_at, opened.c.id, place))
    return [
        Entry(
            row.resolved_at,
            "escalation",
            row.id,
            row.case_ref,
            row.channel,
            row.resolved_by,
            {"result": row.result, "decision": row.decision_id, "granted_by": row.result_decision_id, "note": row.note},
            row.id,
        )
        for row in rows
    ]


def worked(conn: Connection, wanted: Wanted, place: int) -> list[Entry]:
    """What happened to escalations until they were resolved: taken, handed on, risen."""
    step, opened, table = tables.escalation_event, tables.escalation, tables.decision
    query = (
        select(step, table.c.case_ref, table.c.channel)
        .select_from(table.join(opened, opened.c.decision_id == table.c.id).join(step))
        .where(wanted.of(table), step.c.kind.not_in(_ENDS), dealt_with(wanted.seen_by))
    )
    rows = conn.execute(wanted.page(query, step.c.at, step.c.seq, place))
    return [
        Entry(
            row.at,
            "escalation_step",
            row.escalation_id,
            row.case_ref,
            row.channel,
            row.by,
            {"step": row.kind, "to": row.to, "holder": row.holder, "note": row.note},
            row.seq,
        )
        for row in rows
    ]
