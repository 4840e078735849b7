"""How what is reckoned of a remedy becomes an answer: denied, allowed or escalated, as formulas.

The same steps as `engine.decide`. They see a rulebook only through a `Room`, so what is proved of any room at all holds
of every rulebook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from policyservice.assurance.symbolic.terms import FALSE, Formula, Number, conj, disj, neg


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Where a request is denied, allowed (stretched included) or escalated; exactly one of the three holds."""

    deny: Formula
    allow: Formula
    stretched: Formula

    @property
    def escalate(self) -> Formula:
        """Where neither."""
        return conj(neg(self.deny), neg(self.allow))


@dataclass(frozen=True, slots=True)
class Room:
    """What is reckoned of one remedy before it is known how much is asked.

    `forbidding`: the highest barrier forbids; `barred`: there is one. `no_sum_owed`: nothing that is owed is without
    a sum. `budget`: the least that limits over time leave beyond what is owed. `stretch` says of a sum where a pack
    lets a written reason exceed its caps.
    """

    has_amount: bool
    is_closed: bool
    forbidding: Formula
    barred: Formula
    speaks: Formula
    waits: Formula
    has_entitled: Formula
    has_permitted: Formula
    unpriced: Formula
    no_sum_owed: Formula
    entitled: Number
    available: Number
    leaves_one: Formula
    paid_unknown: Formula
    paid_bounds: Formula
    paid_left: Number
    doubtful: Formula
    verify_above: Number
    budget: Number
    stretch: Callable[[Number], Formula]


def asked(room: Room, amount: Number) -> Outcomes:
    """The answer to a request for a sum, of a remedy that has one."""
    beyond_owed = conj(amount > room.entitled, neg(room.unpriced))
    deny = disj(
        conj(room.forbidding, beyond_owed), conj(room.paid_bounds, amount > room.paid_left), _silent_and_closed(room)
    )
    fits = conj(neg(room.paid_unknown), room.speaks, amount <= room.available)
    stretched = conj(neg(deny), neg(fits), _stretches(room, amount))
    return Outcomes(deny, conj(neg(deny), disj(fits, stretched)), stretched)


def left_open(room: Room) -> Outcomes:
    """The answer where no sum is asked: of a remedy without one, or how much of it may be given."""
    if not room.has_amount:
        barred = conj(room.forbidding, neg(room.has_entitled), neg(room.unpriced))
        fits = disj(room.has_entitled, room.leaves_one)
        deny = disj(barred, _silent_and_closed(room))
    else:
        barred = conj(room.forbidding, room.entitled == 0, room.no_sum_owed, neg(room.unpriced))
        fits = disj(room.available > 0, conj(room.unpriced, disj(neg(room.no_sum_owed), room.leaves_one)))
        spent = conj(room.paid_bounds, room.paid_left == 0, room.no_sum_owed)
        deny = disj(barred, spent, _silent_and_closed(room))
    return Outcomes(deny, conj(neg(deny), neg(room.paid_unknown), room.speaks, fits), FALSE)


def _silent_and_closed(room: Room) -> Formula:
    return conj(neg(room.speaks), neg(room.barred), neg(room.waits)) if room.is_closed else FALSE


def _stretches(room: Room, amount: Number) -> Formula:
    """Where a written reason may exceed a cap per decision, never a budget."""
    return conj(
        neg(room.paid_unknown),
        amount > room.available,
        room.has_permitted,
        neg(room.barred),
        neg(room.unpriced),
        room.budget >= amount - room.entitled,
        disj(neg(room.paid_bounds), amount <= room.paid_left),
        disj(neg(room.doubtful), amount <= room.verify_above),
        room.stretch(amount),
    )
