"""Sources of a timeline: what was decided, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select

from policyservice.db import tables
from policyservice.decisions.whose import Shape
from policyservice.resolutions.timeline.entry import Entry
from policyservice.resolutions.timeline.source import Source

_STATUS_OF = {"escalate": "escalated", "deny": "denied"}
_ENDS = (literal("resolve"), literal("withdraw"))  # steps that `RESOLVED` tells of
_decision, _held, _entry = tables.decision, tables.reservation, tables.entry
_opened, _step = tables.escalation, tables.escalation_event


def _decisions(shape: Shape) -> Select[Any]:
    return (
        select(
            _decision.c.id,
            _decision.c.at,
            _decision.c.case_ref,
            _decision.c.channel,
            _decision.c.agent,
            _decision.c.outcome,
            _decision.c.reason,
            _decision.c.remedy,
            _decision.c.amount_minor,
            _decision.c.currency,
            _decision.c.basis,
            _held.c.status,
            _held.c.amount_minor.label("standing_minor"),
            _opened.c.to,
            _opened.c.due_at,
        )
        .select_from(_decision.outerjoin(_held, _held.c.decision_id == _decision.c.id).outerjoin(_opened))
        .where(shape.of(_decision), shape.dealt_with(_decision))
    )


def _decided(row: Any) -> Entry:
    details = {
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
    }
    return Entry(row.at, "decision", row.id, row.case_ref, row.channel, row.agent, details, row.id)


def _settlements(shape: Shape) -> Select[Any]:
    return (
        select(_entry, _decision.c.channel)
        .join(_decision, _decision.c.id == _entry.c.decision_id)
        .where(shape.of(_entry), _entry.c.kind != "hold", shape.dealt_with(_decision))
    )


def _settled(row: Any) -> Entry:
    details = {
        "step": row.kind,
        "remedy": row.remedy,
        "standing_minor": row.amount_minor,
        "currency": row.currency,
    }
    return Entry(row.at, "settlement", row.decision_id, row.case_ref, row.channel, None, details, row.seq)


def _resolutions(shape: Shape) -> Select[Any]:
    return (
        select(_opened, _decision.c.case_ref, _decision.c.channel)
        .join(_decision, _decision.c.id == _opened.c.decision_id)
        .where(shape.of(_decision), _opened.c.resolved_at.is_not(None), shape.dealt_with(_decision))
    )


def _resolved(row: Any) -> Entry:
    details = {
        "result": row.result,
        "decision": row.decision_id,
        "granted_by": row.result_decision_id,
        "note": row.note,
    }
    return Entry(row.resolved_at, "escalation", row.id, row.case_ref, row.channel, row.resolved_by, details, row.id)


def _steps(shape: Shape) -> Select[Any]:
    return (
        select(_step, _decision.c.case_ref, _decision.c.channel)
        .select_from(_decision.join(_opened, _opened.c.decision_id == _decision.c.id).join(_step))
        .where(shape.of(_decision), _step.c.kind.not_in(_ENDS), shape.dealt_with(_decision))
    )


def _worked(row: Any) -> Entry:
    details = {"step": row.kind, "to": row.to, "holder": row.holder, "note": row.note}
    return Entry(row.at, "escalation_step", row.escalation_id, row.case_ref, row.channel, row.by, details, row.seq)


DECIDED = Source(_decisions, _decision.c.at, _decision.c.id, _decided)
"""What was decided, and how it stands now."""
SETTLED = Source(_settlements, _entry.c.at, _entry.c.seq, _settled, is_numbered=True)
"""What became of what was held: given, not given, ended, taken back."""
RESOLVED = Source(_resolutions, _opened.c.resolved_at, _opened.c.id, _resolved)
"""Escalations that were resolved."""
WORKED = Source(_steps, _step.c.at, _step.c.seq, _worked, is_numbered=True)
"""What happened to escalations until they were resolved: taken, handed on, risen."""
