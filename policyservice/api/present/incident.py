"""Incidents as they are sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from policyservice.api.wire import instant, sum_of
from policyservice.cases.incident_cases import Counts, Link
from policyservice.cases.incident_events import Event
from policyservice.cases.incidents import Action, Incident, SharedRemedy
from policyservice.resolutions.incidents.steps import Told
from policyservice.resolutions.rolling_out import RolledOut


def incident(one: Incident, counted: Counts, now: datetime) -> dict[str, Any]:
    """`IncidentSchema`."""
    return {
        "id": one.id,
        "title": one.title,
        "reason": one.reason,
        "status": one.status.value,
        "began_at": instant(one.began_at),
        "opened_at": instant(one.opened_at),
        "changed_at": instant(one.changed_at),
        "rule": one.rule,
        "rule_until": instant(one.rule_until),
        "action": None if one.action is None else _action(one.action, now),
        "remedy": None if one.remedy is None else _remedy(one.remedy),
        "counts": counts(counted),
    }


def told(one: Told, now: datetime) -> dict[str, Any]:
    """`OneIncidentSchema`."""
    return {**incident(one.incident, one.counts, now), "history": [_event(event) for event in one.events]}


def counts(of: Counts) -> dict[str, Any]:
    """`CaseCountsSchema`."""
    return {"cases": of.cases, "given": of.given, "had": of.had, "left": of.left}


def rolled_out(one: RolledOut) -> dict[str, Any]:
    """`RolledOutSchema`."""
    return {"given": one.given, "had": one.had, "not_given": one.not_given, "counts": counts(one.counts)}


def linked_case(link: Link) -> dict[str, Any]:
    """`LinkedCaseSchema`."""
    return {
        "case": link.case,
        "customer": link.customer,
        "channel": link.channel,
        "how": link.how.value,
        "linked_at": instant(link.linked_at),
        "outcome": link.outcome.value if link.outcome else None,
        "decision_id": link.outcome_decision_id,
        "why": link.why,
        "unlinked": _unlinked(link),
    }


def _unlinked(link: Link) -> dict[str, Any] | None:
    if link.unlinked_at is None:
        return None
    return {"at": instant(link.unlinked_at), "by": link.unlinked_by, "note": link.note}


def _action(action: Action, now: datetime) -> dict[str, Any]:
    return {
        "what": action.what,
        "owner": action.owner,
        "due_at": instant(action.due_at),
        "done_at": instant(action.done_at),
        "overdue": action.done_at is None and action.due_at <= now,
    }


def _remedy(remedy: SharedRemedy) -> dict[str, Any]:
    return {
        "remedy": remedy.remedy,
        "amount": sum_of(remedy.amount_minor, remedy.currency),
        "currency": remedy.currency,
        "budget": sum_of(remedy.budget_minor, remedy.currency),
        "set_at": instant(remedy.set_at),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "at": instant(event.at),
        "by": event.by,
        "was": event.was,
        "to": event.to,
        "about": dict(event.body),
        "note": event.note,
    }
