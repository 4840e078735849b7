"""Exceeding a cap per decision where escalating would clearly cost more.

Source: decision.md section 2, step 7. Only caps per decision stretch (the rule's or the trust level's), never a
budget; the escalation is counted by its cash view alone, so that a stretch pays for itself without any guess about
churn.
"""

from __future__ import annotations

from dataclasses import dataclass

from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.engine.beyond import queue_of
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.room import Room


@dataclass(frozen=True, slots=True)
class Stretching:
    """A stretch that the policy allows for what is asked, given a written reason."""

    margin_minor: int


def stretching(book: CompiledRulebook, request: Request, context: Context, room: Room) -> Stretching | None:
    """Whether what is asked could be given as a stretch; None where not."""
    asked, spoken = request.amount_minor, room.spoken
    if asked is None or asked <= room.available or not spoken.permitted or spoken.barrier or spoken.unpriced:
        return None
    pack = book.packs[spoken.permitted[0].rule.pack]
    allowed = pack.stretch if pack.currency == request.currency else None
    beyond_owed = asked - spoken.entitled_minor
    if allowed is None or beyond_owed > allowed.hard_cap_minor or room.paid_unknown is not None:
        return None
    if any(left.budget and left.face_minor < beyond_owed for left in room.left):
        return None
    if any(ceiling is not None and asked > ceiling for ceiling in (room.paid_left, room.verify_above)):
        return None
    extra = room.cost.of(asked) - (room.cost.of(room.available) if room.available else 0)
    cost, fee, queue = room.cost.of(asked), room.remedy.fee_minor, queue_of(book, request, context, room)
    estimate = book.costs.estimate(request.reason, cost, fee, request.currency, request.channel, queue)
    escalating = estimate.views["cash"][0].expected
    return Stretching(allowed.margin_minor) if escalating - extra >= allowed.margin_minor else None
