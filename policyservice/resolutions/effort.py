"""The work that a step on an escalation took: as stated, else measured from when it was taken."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from policyservice.cases.escalation_events import Work
from policyservice.cases.escalations import Escalation

LONGEST_MEASURED = 8 * 60 * 60
"""Seconds, a working day: what lies on a desk for longer was not worked on all the time, and is stated or corrected."""


class Stated(NamedTuple):
    """What somebody says a step took: seconds of work (None: it is measured), contacts with the customer."""

    worked_seconds: int | None = None
    contacts: int = 0


NOT_STATED = Stated()


def work_of(
    escalation: Escalation, agent: str, now: datetime, stated: Stated = NOT_STATED, *, is_answered: bool = False
) -> Work:
    """What ends with a step of an agent, by pseudonym: the work since it was taken, and, with the answer, the waiting.

    Nothing is measured for somebody who never took it.
    """
    waited = _seconds(escalation.opened_at, now) if is_answered else 0
    if stated.worked_seconds is not None:
        return Work(stated.worked_seconds, stated.contacts, waited, is_stated=True)
    held = escalation.taken_at if escalation.holder == agent else None
    worked = 0 if held is None else min(_seconds(held, now), LONGEST_MEASURED)
    return Work(worked, stated.contacts, waited)


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))
