"""Never a bare no: what this agent may give instead, and who decides beyond them, by when.

Source: decision.md section 2, step 6.
"""

from __future__ import annotations

from datetime import timedelta

from policyservice.domain.case import Request
from policyservice.domain.decision import Alternative, Context, EscalateTo
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.evaluator import Findings
from policyservice.engine.room import Room, room_for
from policyservice.rulebook.model import AnswerSteps


def offered_remedies(book: CompiledRulebook, findings: Findings) -> list[str]:
    """The remedies that a rule which fired gives, by name."""
    return sorted({remedy for rule in findings.fired for remedy in book.speaking[rule].claims})


def alternatives(
    book: CompiledRulebook, findings: Findings, request: Request, context: Context, day: int
) -> tuple[Alternative, ...]:
    """Other remedies that this agent may give now, best first: value to the customer, lower cost, name."""
    found: list[tuple[tuple[int, int, str], Alternative]] = []
    for name in offered_remedies(book, findings):
        if name == request.remedy or name in context.compensated:
            continue
        room = room_for(book, findings, name, request.reason, request.currency, day, context)
        if room.givable:
            alternative = as_alternative(room, request.currency)
            found.append((best_first(alternative), alternative))
    return tuple(alternative for _, alternative in sorted(found, key=lambda item: item[0]))


def as_alternative(room: Room, currency: str) -> Alternative:
    """A remedy with room, as an answer offers it."""
    up_to = room.available if room.remedy.has_amount else None
    claims = room.spoken.supporting(up_to)
    say = next((claim.rule.say for claim in claims if claim.rule.say is not None), None)
    return Alternative(room.remedy.name, up_to, currency, claims[0].basis, say, room.cost.of(up_to or 0))


def best_first(alternative: Alternative) -> tuple[int, int, str]:
    """The sort key of alternatives and options: value to the customer, then lower cost, then name."""
    return (-(alternative.up_to_minor or 0), alternative.cost_minor, alternative.remedy)


def escalate_to(book: CompiledRulebook, request: Request, context: Context, room: Room) -> EscalateTo:
    """Who may decide what this agent may not, and the instant by which the customer has an answer."""
    minutes = answer_minutes(book, request)
    pack = book.pack_of_reason(request.reason)
    barrier = room.spoken.barrier
    named = barrier.to if barrier is not None else None
    to = named or _next_level(book, request, context, room) or pack.beyond
    return EscalateTo(to, context.now + timedelta(minutes=minutes))


def queue_of(book: CompiledRulebook, request: Request, context: Context, room: Room) -> str | None:
    """The queue in which the case would wait if it were escalated; None where no cost parameter depends on it."""
    return escalate_to(book, request, context, room).to if book.costs.by_queue else None


def answer_minutes(book: CompiledRulebook, request: Request) -> int:
    """Within how many minutes what is asked is answered where it escalates: by its reason and its sum.

    What the reason says of the sum goes before what it says of every sum, and both before what its pack says. Sums of
    another currency are never compared.
    """
    reason = book.rulebook.reasons[request.reason]
    pack = book.pack_of_reason(request.reason)
    own = _by_amount(reason.answer_within_by_amount, request, reason.currency) or reason.answer_within_minutes
    return own or _by_amount(pack.answer_within_by_amount, request, pack.currency) or pack.answer_within_minutes


def _by_amount(steps: AnswerSteps, request: Request, currency: str) -> int | None:
    if request.amount_minor is None or request.currency != currency:
        return None
    reached = [minutes for at_least, minutes in steps if request.amount_minor >= at_least]
    return reached[-1] if reached else None


def _next_level(book: CompiledRulebook, request: Request, context: Context, room: Room) -> str | None:
    """The lowest higher trust level whose cap admits what is asked; None where the rules themselves bound it."""
    spoken = room.spoken
    asked = request.amount_minor or 0
    rules_admit = spoken.speaks and asked <= max(spoken.permitted_minor, spoken.entitled_minor)
    to_be_found_out = spoken.barrier is not None or bool(spoken.missing) or room.paid_unknown is not None
    if not (rules_admit or to_be_found_out):
        return None
    own = context.agent.trust_level if context.agent is not None else None
    rank = book.rulebook.rank_of(own) if own is not None else -1
    beyond_owed = max(0, asked - spoken.entitled_minor)
    for level, cap in context.ladder:
        if book.rulebook.rank_of(level) > rank and (cap is None or cap >= beyond_owed):
            return level
    return None
