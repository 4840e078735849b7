"""The minutes and repeat contacts that records tell of a case, by the symbols of the cost model.

The first contact of a case is the one in which it was decided, or written up and handed over: `hd` where it was decided
at once, `h1` where it was escalated. Each later one in which the customer turned to us is a repeat contact, `hr`, as is
each contact recorded on its escalation with its minutes. Work on the escalation is `h2` at the second tier and `h3`
above it. What nobody recorded is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from policyservice.cases import contacts
from policyservice.cases.contacts import Contact, Direction
from policyservice.db import tables

SECOND_TIER = 2
_events, _contact = tables.escalation_event, tables.contact
_AT_ONCE = 500


class Tier(NamedTuple):
    """What was recorded of one escalation at one tier. `told` are contacts whose minutes somebody stated."""

    worked_seconds: int
    contacts: int
    spoken_seconds: int
    told: int


Tiers = Mapping[int, Tier]


@dataclass(frozen=True, slots=True)
class Met:
    """The contacts of a case, oldest first, each with the minutes that stand."""

    contacts: Sequence[tuple[Contact, int | None]] = ()

    @property
    def first_minutes(self) -> int | None:
        """How long the first one was handled."""
        return self.contacts[0][1] if self.contacts else None

    def again(self, until: datetime) -> list[int | None]:
        """The minutes of each later one until then in which the customer turned to us."""
        return [minutes for one, minutes in self.contacts[1:] if one.direction is Direction.IN and one.at <= until]


NOBODY = Met()


def met(conn: Connection, cases: Collection[str]) -> dict[str, Met]:
    """The contacts of cases, by pseudonym; those without any are left out."""
    found: dict[str, list[tuple[Contact, int | None]]] = {}
    for some in _parts(cases):
        of_these = _contact.c.case_ref.in_(some)
        minutes = contacts.minutes(conn, of_these)
        for one in reversed(contacts.where(conn, of_these, contacts.is_one())):
            found.setdefault(one.case, []).append((one, minutes[one.id]))
    return {case: Met(several) for case, several in found.items()}


def effort(conn: Connection, escalation_ids: Collection[str]) -> dict[str, dict[int, Tier]]:
    """What was recorded of escalations, by id and tier."""
    told = (_events.c.kind == "contact") & _events.c.stated & (_events.c.worked_seconds == 0)
    query = select(
        _events.c.escalation_id,
        _events.c.tier,
        func.sum(_events.c.worked_seconds),
        func.sum(_events.c.contacts),
        func.sum(_events.c.spoken_seconds),
        func.sum(case((told, 1), else_=0)),
    ).group_by(_events.c.escalation_id, _events.c.tier)
    found: dict[str, dict[int, Tier]] = {}
    for some in _parts(escalation_ids):
        for escalation_id, tier, *sums in conn.execute(query.where(_events.c.escalation_id.in_(some))):
            found.setdefault(escalation_id, {})[tier] = Tier(*map(int, sums))
    return found


def minutes_at_once(contacts_of_case: Met) -> dict[str, float]:
    """Minutes of a case that was decided at once."""
    first = contacts_of_case.first_minutes
    return {} if first is None else {"hd": float(first)}


def minutes_escalated(contacts_of_case: Met, tiers: Sequence[Tiers], until: datetime) -> dict[str, float]:
    """Minutes of a case that was escalated: written up, at the second tier and above it, for each repeat contact."""
    found: dict[str, float] = {}
    if (first := contacts_of_case.first_minutes) is not None:
        found["h1"] = float(first)
    second = sum(each[SECOND_TIER].worked_seconds for each in tiers if SECOND_TIER in each) / 60
    above = sum(one.worked_seconds for each in tiers for tier, one in each.items() if tier > SECOND_TIER) / 60
    found |= {symbol: minutes for symbol, minutes in (("h2", second), ("h3", above)) if minutes > 0}
    again = _each_again(contacts_of_case, tiers, until)
    return found if again is None else {**found, "hr": again}


def repeats(contacts_of_case: Met, tiers: Sequence[Tiers], heard: int | None, until: datetime) -> int | None:
    """How many repeat contacts a case had; None where nobody recorded any of its contacts or work.

    `heard` is how many outcomes tell of (None: not known). The same contact may be told as an outcome or on the
    escalation, and as a contact of the case: the larger number stands, not the sum.
    """
    if not tiers and heard is None and not contacts_of_case.contacts:
        return None
    told = sum(one.contacts for each in tiers for one in each.values()) + (heard or 0)
    return max(told, len(contacts_of_case.again(until)))


def _each_again(contacts_of_case: Met, tiers: Sequence[Tiers], until: datetime) -> float | None:
    """The mean minutes of the repeat contacts whose minutes are known."""
    known = [minutes for minutes in contacts_of_case.again(until) if minutes is not None]
    spoken = [one for each in tiers for one in each.values()]
    count = sum(one.told for one in spoken)
    if not known and not count:
        return None
    return (sum(known) + sum(one.spoken_seconds for one in spoken) / 60) / (len(known) + count)


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
