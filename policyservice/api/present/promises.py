"""Promises and contacts as they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from policyservice.api.wire import in_language, instant
from policyservice.cases.contacts import Contact
from policyservice.cases.promises import Promise, PromiseKind, Step
from policyservice.domain.vocabulary import Text

AN_ANSWER = Text("An answer", "Vastaus")
"""What an escalation promises."""


def promise(one: Promise, steps: Sequence[Step], now: datetime, language: str) -> dict[str, Any]:
    """`PromiseSchema`."""
    return {
        "id": one.id,
        "case": one.case,
        "kind": one.kind.value,
        "what": what(one.kind.value, one.what, language),
        "channel": one.channel,
        "agent": one.agent,
        "owner": one.owner,
        "team": one.owner_team,
        "escalation": one.escalation_id,
        "made_at": instant(one.made_at),
        "due_at": instant(one.due_at),
        "status": one.status.value,
        "overdue": one.is_overdue(now),
        "late": one.is_late,
        "ended_at": instant(one.ended_at),
        "history": [
            {
                "number": step.number,
                "kind": step.kind.value,
                "at": instant(step.at),
                "agent": step.agent,
                "due_at": instant(step.due_at),
                "note": step.note,
            }
            for step in steps
        ],
    }


def what(kind: str, sealed: str | None, language: str) -> str | None:
    """What is promised in words: the seal of a text, or an answer."""
    return in_language(AN_ANSWER, language) if kind == PromiseKind.ANSWER.value else sealed


def contact(one: Contact) -> dict[str, Any]:
    """`TakenContactSchema`."""
    return {
        "id": one.id,
        "case": one.case,
        "at": instant(one.at),
        "channel": one.channel,
        "direction": one.direction.value,
        "agent": one.agent,
        "told": [told.value for told in one.told],
        "note": one.note,
        "minutes": one.minutes,
    }
