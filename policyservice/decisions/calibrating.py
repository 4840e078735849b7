"""A proposal of measured cost parameters as a file, and its acceptance by a person as the next dated version.

Nothing is applied by itself: `accept` names an author and a reason, and refuses a proposal that was made from
parameters which are not in force any more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from policyservice.costs import serial
from policyservice.db import barrier
from policyservice.decisions import cost_versions
from policyservice.domain.errors import CalibrationRefused, FieldProblem, InvalidCostParameter
from policyservice.rulebook.model import CostSet

FORMAT = 1
_KEYS = frozenset({"format", "made_at", "since", "before", "cases", "based_on", "sets"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Parameters to be put in force in the place of version `based_on`, measured on the `cases` of a period."""

    made_at: datetime
    since: datetime
    before: datetime
    cases: int
    based_on: int
    sets: tuple[CostSet, ...]


def as_text(proposal: Proposal) -> str:
    """A proposal as JSON for people to read, and to correct."""
    return (
        json.dumps(
            {
                "format": FORMAT,
                "made_at": proposal.made_at.isoformat(),
                "since": proposal.since.isoformat(),
                "before": proposal.before.isoformat(),
                "cases": proposal.cases,
                "based_on": proposal.based_on,
                **serial.to_json(proposal.sets),
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )


def from_text(text: str) -> Proposal:
    """The proposal that `as_text` wrote, checked.

    Raises:
        CalibrationRefused: it is not a proposal, of another format, or a value is one that its symbol cannot have.
    """
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or set(body) != _KEYS or body["format"] != FORMAT:
            raise ValueError
        made_at, since, before = (datetime.fromisoformat(body[name]) for name in ("made_at", "since", "before"))
        cases, based_on = body["cases"], body["based_on"]
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in (cases, based_on)):
            raise ValueError
        return Proposal(made_at, since, before, cases, based_on, serial.from_json({"sets": body["sets"]}))
    except InvalidCostParameter as refused:
        raise CalibrationRefused(f"{refused.message} Correct the file, or calibrate again.") from None
    except (ValueError, TypeError):
        raise CalibrationRefused("The file is not a proposal that `costs calibrate` wrote. Calibrate again.") from None


def accept(
    conn: Connection, proposal: Proposal, *, author: str, because: str, now: datetime, start: datetime | None = None
) -> int:
    """Put a proposal in force from an instant (now when left out); the number of the new version.

    Raises:
        CalibrationRefused: others came into force since it was made.
        FieldProblem: no reason is given, or the instant has passed.
    """
    if not because.strip():
        raise FieldProblem("because", "is required: say why.")
    if start is not None and start < now:
        raise FieldProblem("from", "has passed; what was in force then cannot be changed any more.")
    barrier.alone(conn)
    found = cost_versions.in_force(conn, start or now)
    if found != proposal.based_on:
        raise CalibrationRefused(
            f"It was made from version {proposal.based_on} of the cost parameters; version {found} is in force by "
            "then. Calibrate again."
        )
    return cost_versions.publish(
        conn, proposal.sets, effective_from=start or now, author=author, because=because, now=now
    )
