"""Past decisions in short, as they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from policyservice.api.present import parts
from policyservice.api.present.decision import escalation_ref
from policyservice.api.present.promises import promise, what
from policyservice.api.wire import in_language, instant, sum_of
from policyservice.cases.promises import PromiseStatus
from policyservice.decisions.history import Past
from policyservice.decisions.policy import PolicyRef
from policyservice.domain.decision import Status
from policyservice.domain.vocabulary import FactType
from policyservice.resolutions.case_view import CaseStory, Communication, DecisionStep, KnownFact
from policyservice.resolutions.timeline.entry import Entry

_MINOR = "_minor"


Types = Callable[[PolicyRef], Mapping[str, FactType]]
"""The types of the facts that a policy's rulebook declares."""


def past(one: Past, types: Types, language: str) -> dict[str, Any]:
    """`PastSchema`: what was promised, without the facts it was decided from but those that contradict."""
    return {
        "id": one.id,
        "at": instant(one.at),
        "agent": one.agent,
        "channel": one.channel,
        "case": one.case,
        "order": one.order,
        "incident": one.incident,
        "reason": one.reason,
        "remedy": one.remedy,
        "amount": sum_of(one.amount_minor, one.currency),
        "standing": None if one.amount_minor is None else sum_of(one.standing_minor, one.currency),
        "currency": one.currency,
        "outcome": one.outcome.value,
        "status": one.status.value,
        "basis": one.basis.value if one.basis else None,
        "say": in_language(one.say, language),
        "escalation": escalation_ref(one.escalation),
        "given_before": one.given_before,
        "conflicts": parts.conflicts(one.sources, one.facts, types(one.policy), one.currency) if one.sources else [],
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
        "items": [past(one, types, language) for one in case.decisions],
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
    kind = None if stated is None else types(stated.policy).get(known.name)
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
