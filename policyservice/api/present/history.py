"""Past decisions in short, as they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from policyservice.api.present import parts
from policyservice.api.present.decision import escalation_of, standing_of
from policyservice.api.present.promises import promise, what
from policyservice.api.wire import in_language, instant, sum_of
from policyservice.cases.promises import PromiseStatus
from policyservice.decisions.log import StoredDecision
from policyservice.domain.decision import Status
from policyservice.domain.vocabulary import FactType
from policyservice.resolutions.case_view import CaseStory, Communication, DecisionStep, KnownFact
from policyservice.resolutions.timeline.entry import Entry

_MINOR = "_minor"


Types = Callable[[StoredDecision], Mapping[str, FactType]]
"""The types of the facts that a decision was made from."""


def past(stored: StoredDecision, types: Types, language: str) -> dict[str, Any]:
    """`PastSchema`: what was promised, without the facts it was decided from but those that contradict."""
    decision, request = stored.decision, stored.request
    return {
        "id": stored.id,
        "at": instant(stored.context.now),
        "agent": request.agent,
        "channel": request.channel,
        "case": request.case,
        "order": request.order,
        "incident": request.incident,
        "reason": request.reason,
        "remedy": decision.remedy,
        "amount": sum_of(decision.amount_minor, decision.currency),
        "standing": standing_of(stored),
        "currency": decision.currency,
        "outcome": decision.outcome.value,
        "status": stored.status.value,
        "basis": decision.basis.value if decision.basis else None,
        "say": in_language(decision.say, language),
        "escalation": escalation_of(stored),
        "given_before": decision.after_the_fact,
        "conflicts": parts.conflicts(stored, types(stored)) if stored.context.sources else [],
    }


def story(case: CaseStory, types: Types, now: datetime, language: str) -> dict[str, Any]:
    """`CaseViewSchema`."""
    return {
        "case": case.ref,
        "customers": list(case.customers),
        "orders": list(case.orders),
        "now": _now(case),
        "paths": {
            "communication": _communication(case.communication),
            "decision": [_step(one) for one in case.decided],
        },
        "promises": [promise(one, case.steps[one.id], now, language) for one in case.promises],
        "known": [_known(one, types) for one in case.known],
        "items": [past(stored, types, language) for stored in case.decisions],
        "timeline": [entry(one, language) for one in case.timeline.entries],
    }


def entry(one: Entry, language: str) -> dict[str, Any]:
    """`TimelineEntrySchema`: sums as decimal strings, instants in UTC."""
    details = {_name(name): _detail(name, value, one) for name, value in one.details.items()}
    if one.kind == "promise":
        details["what"] = what(one.details["promised"], one.details["what"], language)
    return {
        "at": instant(one.at),
        "kind": one.kind,
        "id": one.id,
        "case": one.case,
        "channel": one.channel,
        "agent": one.agent,
        "details": details,
    }


def _name(name: str) -> str:
    return name.removesuffix(_MINOR)


def _detail(name: str, value: Any, one: Entry) -> Any:
    if name.endswith(_MINOR):
        return sum_of(value, one.details["currency"])
    return instant(value) if isinstance(value, datetime) else value


def _now(case: CaseStory) -> dict[str, Any]:
    waiting = {one.decision for one in case.decided if one.waits_for is not None}
    return {
        "promised": [one.id for one in case.promises if one.status is PromiseStatus.OPEN],
        "given": [one.id for one in case.decisions if one.status is Status.COMMITTED],
        "open": [one.id for one in case.decisions if one.status is Status.RESERVED or one.id in waiting],
    }


def _communication(path: Communication) -> dict[str, Any]:
    return {
        "first_heard_at": instant(path.first_heard_at),
        "answered_at": instant(path.answered_at),
        "told_next_at": instant(path.told_next_at),
        "told_end_at": instant(path.told_end_at),
    }


def _step(one: DecisionStep) -> dict[str, Any]:
    return {
        "decision": one.decision,
        "outcome": one.outcome,
        "agent": one.by,
        "at": instant(one.at),
        "waits_for": one.waits_for,
        "due_at": instant(one.due_at),
        "done": one.is_done,
    }


def _known(known: KnownFact, types: Types) -> dict[str, Any]:
    stated = known.decision
    kind = None if stated is None else types(stated).get(known.name)
    value = known.value if stated is None else parts.fact(known.value, kind, known.currency or "")
    return {
        "fact": known.name,
        "value": value,
        "currency": known.currency if stated is None or kind is FactType.MONEY else None,
        "source": "verified" if stated is None else "stated",
        "by": known.source,
        "agent": known.agent,
        "at": instant(known.at),
        "order": known.order,
    }
