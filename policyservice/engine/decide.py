"""The one function that decides: rulebook, request and context in, decision out; no clock, no database, no HTTP.

Source: decision.md sections 1 and 2. The live API, the options list, back-tests, previews, policy tests and the
replay of the log all call it; nothing else defines an outcome.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from policyservice.domain.case import Request
from policyservice.domain.decision import (
    Because,
    BindingLimit,
    Context,
    CostEstimate,
    Decision,
    Outcome,
    Owed,
)
from policyservice.domain.vocabulary import Basis, Text
from policyservice.engine import words
from policyservice.engine.beyond import alternatives, escalate_to, queue_of
from policyservice.engine.combine import Barrier, owed_by
from policyservice.engine.compiled import CompiledRulebook, Evaluate
from policyservice.engine.evaluator import Findings
from policyservice.engine.limiting import narrowest
from policyservice.engine.room import Room, binding, room_for, verified_first
from policyservice.engine.stretch import Stretching, stretching


def decide(
    book: CompiledRulebook,
    request: Request,
    context: Context,
    evaluate: Evaluate | None = None,
    *,
    in_full: bool = True,
) -> Decision:
    """What this agent may do about this request now, and why.

    `request` is validated against the book's vocabulary. `evaluate` says what the rules say: the compiled
    evaluator alone when left out, on live decisions both evaluators compared (`engine.checked`). Amounts in minor
    units. Not `in_full` leaves out what nothing else in the answer depends on and takes as long as the rest: the
    alternatives, who decides instead, and the estimate where nothing is allowed; for back-tests, and for options.
    """
    findings, day = ask_rules(book, request, context.now, context.timezone, evaluate)
    room = room_for(book, findings, request.remedy, request.reason, request.currency, day, context)
    verdict = _verdict(book, request, context, findings, room)
    return _complete(book, request, context, findings, room, day, verdict, in_full)


def ask_rules(
    book: CompiledRulebook, request: Request, now: datetime, timezone: str, evaluate: Evaluate | None = None
) -> tuple[Findings, int]:
    """What the rules say of a request at an instant, and the local day's ordinal; all that depends on rules alone."""
    day = now.astimezone(ZoneInfo(timezone)).date().toordinal()
    given = {**request.facts, "reason": request.reason}
    return (evaluate or book.evaluate)(given, day, request.currency), day


class _Verdict:
    """The outcome with its reasons, before costs, alternatives and texts are added."""

    __slots__ = ("after_the_fact", "because", "binding", "missing", "outcome", "say", "stretched")

    def __init__(
        self,
        outcome: Outcome,
        because: list[Because],
        *,
        binding: BindingLimit | None = None,
        missing: tuple[str, ...] = (),
        stretched: bool = False,
        after_the_fact: bool = False,
        say: Text | None = None,
    ) -> None:
        self.outcome = outcome
        self.because = because
        self.binding = binding
        self.missing = missing
        self.stretched = stretched
        self.after_the_fact = after_the_fact
        self.say = say


def _verdict(book: CompiledRulebook, request: Request, context: Context, findings: Findings, room: Room) -> _Verdict:
    if request.given_at is not None:
        return _Verdict(Outcome.ALLOW, [words.given_before(), *_supporting(room, request)], after_the_fact=True)
    if findings.fault is not None:
        return _Verdict(Outcome.ESCALATE, [words.engine_fault()])
    return (
        _refused(book, request, context, room)
        or _allowed(book, request, findings, room)
        or _stretched(book, request, context, room)
        or _escalated(book, request, context, room)
    )


def _asks_beyond(request: Request, room: Room, minor: int) -> bool:
    """Whether more is asked than `minor`; an open question asks beyond only where there is nothing."""
    if request.amount_minor is not None:
        return request.amount_minor > minor
    if not room.remedy.has_amount:
        return not room.spoken.entitled
    return minor == 0 and not any(claim.minor is None for claim in room.spoken.entitled)


def _in_the_way(request: Request, room: Room) -> Barrier | None:
    """The barrier, unless all that is asked is owed above it, or may be: what is owed above it has no sum."""
    spoken = room.spoken
    beyond = _asks_beyond(request, room, spoken.entitled_minor) and not spoken.unpriced
    return spoken.barrier if beyond else None


def _refused(book: CompiledRulebook, request: Request, context: Context, room: Room) -> _Verdict | None:
    """Deny: a forbid fires for what is asked beyond what is owed above it, more is asked than was paid, or it was given
    for the same incident before.
    """
    spoken, barrier = room.spoken, _in_the_way(request, room)
    if barrier is not None and barrier.forbids:
        rules = [words.by_rule(rule, barrier.basis) for rule in barrier.rules]
        return _Verdict(Outcome.DENY, rules)
    if room.paid_left is not None and _asks_beyond(request, room, room.paid_left):
        spent = [words.already_given(rule) for rule in spoken.spent]
        return _Verdict(Outcome.DENY, [words.more_than_paid(room.paid_left, request.currency), *spent])
    if request.remedy in context.compensated and _asks_beyond(request, room, spoken.entitled_minor):
        return _Verdict(Outcome.DENY, [words.compensated(room.remedy.title)])
    silent = not spoken.speaks and spoken.barrier is None
    if silent and book.closed(request.reason, request.remedy) and not spoken.waits:
        spent = [words.already_given(rule) for rule in spoken.spent]
        why = book.rulebook.reasons[request.reason].because
        return _Verdict(Outcome.DENY, [*spent, words.closed_policy(room.remedy.title, why)], say=why)
    return None


def _allowed(book: CompiledRulebook, request: Request, findings: Findings, room: Room) -> _Verdict | None:
    """Allow: what is asked is at most what is available; an open question is answered by what is."""
    if room.paid_unknown is not None or not room.spoken.speaks:
        return None
    if request.amount_minor is not None:
        fits = request.amount_minor <= room.available
    elif room.remedy.has_amount:
        fits = room.available > 0 or room.givable_unpriced
    else:
        fits = room.givable
    if not fits:
        return None
    advised = [
        words.advice(item.rule, item.effect.text)
        for rule in findings.fired
        for item in book.speaking[rule].advice
        if item.effect.text is not None
    ]
    return _Verdict(Outcome.ALLOW, [*_supporting(room, request), *advised])


def _supporting(room: Room, request: Request) -> list[Because]:
    """The rules that give what is asked, the one that covers it first."""
    given = _given(request, room)
    return [claim.told for claim in room.spoken.supporting(given)]


def _given(request: Request, room: Room) -> int | None:
    """The sum that an allow gives: what is asked, or what is available to an open question."""
    if request.amount_minor is None and room.remedy.has_amount and room.available > 0:
        return room.available
    return request.amount_minor


def _stretched(book: CompiledRulebook, request: Request, context: Context, room: Room) -> _Verdict | None:
    found = stretching(book, request, context, room)
    if found is None or not (request.justification or "").strip():
        return None
    return _Verdict(
        Outcome.ALLOW,
        [words.stretched(found.margin_minor, request.currency), *_supporting(room, request)],
        stretched=True,
    )


def _escalated(book: CompiledRulebook, request: Request, context: Context, room: Room) -> _Verdict:
    """Escalate, naming everything that keeps this agent from deciding."""
    because: list[Because] = []
    missing: set[str] = set()
    spoken = room.spoken
    barrier = _in_the_way(request, room)
    if barrier is not None:
        because += [words.by_rule(rule, barrier.basis) for rule in barrier.rules]
        missing.update(barrier.missing)
    if room.paid_unknown is not None:
        because.append(words.paid_unknown(room.paid_unknown))
        missing.add(room.paid_unknown)
    because += [words.already_given(rule) for rule in spoken.spent]
    missing.update(spoken.missing)
    bound: BindingLimit | None = None
    if spoken.speaks and barrier is None:
        bounds, bound = _bounds(request, room)
        because += [*bounds, *verified_first(book, request, context, room)]
    if not spoken.speaks and barrier is None:
        because.append(words.no_rule(room.remedy.title))
    if missing:
        because.append(words.missing_facts(sorted(missing)))
    found: Stretching | None = stretching(book, request, context, room)
    if found is not None:
        because.append(words.justification_would_do())
    return _Verdict(Outcome.ESCALATE, because, binding=bound, missing=tuple(sorted(missing)))


def _bounds(request: Request, room: Room) -> tuple[list[Because], BindingLimit | None]:
    """What binds where rules speak: their own caps, limits, or that there is no sum."""
    spoken, currency = room.spoken, request.currency
    because: list[Because] = []
    asked = request.amount_minor or (1 if room.remedy.has_amount else 0)
    most = max(spoken.permitted_minor, spoken.entitled_minor)
    if spoken.unpriced and asked > room.available:
        because.append(words.unpriced(room.remedy.title))
    elif asked > most and room.remedy.has_amount:
        claims = [c for c in (*spoken.permitted, *spoken.entitled) if (c.minor or 0) == most] or spoken.entitled
        because += [words.rule_cap(claim.rule, most, currency) for claim in claims[:1]]
    limits = binding(room, max(0, asked - spoken.entitled_minor))
    if asked <= spoken.entitled_minor and spoken.entitled:
        limits = []
    named = narrowest(limits)
    for left in sorted(limits, key=lambda item: item is not named):
        by_count = left.times is not None and left.times < 1
        because.append(
            words.count_binds(left.state.limit, left.state.scope)
            if by_count
            else words.limit_binds(left.state.limit, left.state.scope, left.amount_minor or 0, currency)
        )
    return because, named.as_binding() if named is not None else None


class _Held(NamedTuple):
    """An allowed amount split into the owed and the discretionary part, each with its cost, and the end of its hold."""

    entitled: int = 0
    goodwill: int = 0
    entitled_cost: int = 0
    goodwill_cost: int = 0
    owed: tuple[Owed, ...] = ()
    expires_at: datetime | None = None


def _complete(
    book: CompiledRulebook,
    request: Request,
    context: Context,
    findings: Findings,
    room: Room,
    day: int,
    verdict: _Verdict,
    in_full: bool,
) -> Decision:
    """The decision with its split, costs, alternatives, texts and hold."""
    outcome = verdict.outcome
    allowed = outcome is Outcome.ALLOW
    guided = in_full and not allowed
    given = _given(request, room) if allowed else request.amount_minor
    held = _held(book, request, context, room, given or 0, verdict) if allowed else _Held()
    return Decision(
        id=context.id,
        outcome=outcome,
        remedy=request.remedy,
        amount_minor=given,
        available_minor=room.available if room.givable and room.remedy.has_amount and not findings.fault else None,
        currency=request.currency,
        basis=_basis(room, given, outcome),
        because=tuple(verdict.because),
        say=_say(room, given, verdict),
        binding_limit=verdict.binding,
        alternatives=alternatives(book, findings, request, context, day) if guided and not findings.fault else (),
        escalate_to=escalate_to(book, request, context, room) if guided and outcome is Outcome.ESCALATE else None,
        stretched=verdict.stretched,
        cost=_estimate(book, request, context, room, given) if allowed or in_full else None,
        expires_at=held.expires_at,
        entitled_minor=held.entitled,
        goodwill_minor=held.goodwill,
        entitled_cost_minor=held.entitled_cost,
        goodwill_cost_minor=held.goodwill_cost,
        owed=held.owed,
        rules=findings.fired,
        missing=verdict.missing,
        facts=findings.facts,
        presumed=findings.presumed,
        derived=findings.derived,
        fault=findings.fault,
        after_the_fact=verdict.after_the_fact,
    )


def _held(
    book: CompiledRulebook, request: Request, context: Context, room: Room, face: int, verdict: _Verdict
) -> _Held:
    entitled = min(face, room.spoken.entitled_minor)
    cost = room.cost.of(face)
    owed_only = entitled == face and bool(room.spoken.entitled)
    entitled_cost = cost if owed_only else _owed_share(room, cost, entitled, face)
    seconds = book.hold_seconds(request.remedy, request.reason, context.hold_seconds)
    expires_at = None if verdict.after_the_fact else context.now + timedelta(seconds=seconds)
    owed = owed_by(room.spoken.entitled)
    return _Held(entitled, face - entitled, entitled_cost, cost - entitled_cost, owed, expires_at)


def _owed_share(room: Room, cost: int, entitled: int, face: int) -> int:
    """The owed part of a cost, in proportion; the rest never exceeds what limits admitted as the cost of that rest."""
    if face == 0:
        return 0
    return max(cost * entitled // face, cost - room.cost.of(face - entitled))


def _basis(room: Room, given: int | None, outcome: Outcome) -> Basis | None:
    if outcome is Outcome.ALLOW:
        covering = room.spoken.covering(given)
        return covering.basis if covering is not None else None
    return room.spoken.barrier.basis if room.spoken.barrier is not None else None


def _say(room: Room, given: int | None, verdict: _Verdict) -> Text | None:
    """What may be said to the customer: the words of the rule that covers the answer, else the service's own."""
    spoken = room.spoken
    if verdict.outcome is Outcome.ALLOW:
        return next((claim.rule.say for claim in spoken.supporting(given) if claim.rule.say is not None), None)
    own = next((rule.say for rule in spoken.barrier.rules if rule.say), None) if spoken.barrier else None
    if own is not None or verdict.say is not None:
        return own or verdict.say
    return words.SAY_ESCALATE if verdict.outcome is Outcome.ESCALATE else words.SAY_DENY


def _estimate(
    book: CompiledRulebook, request: Request, context: Context, room: Room, given: int | None
) -> CostEstimate:
    queue = queue_of(book, request, context, room)
    cost, fee = room.cost.of(given or 0), room.remedy.fee_minor
    return book.costs.estimate(request.reason, cost, fee, request.currency, request.channel, queue)
