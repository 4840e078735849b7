"""Invariants as questions: is there a request that it is about, of which what never happens comes?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import Question, currencies_of
from policyservice.assurance.symbolic.answer import Answer, case_of
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.spoken import total
from policyservice.assurance.symbolic.terms import FALSE, TRUE, Formula, Number, conj, disj, neg, rounded_up, when
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.limits import Bound, GuardRails, Limit, LimitSet
from policyservice.domain.money import LARGEST_MINOR
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.conditions import NEVER, folded
from policyservice.engine.expressions import compile_amount
from policyservice.engine.shards import Shards
from policyservice.rulebook.model import EffectKind, Invariant, Never

Name = TypeVar("Name")
_GIVES = (EffectKind.ENTITLE, EffectKind.PERMIT)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it is about."""

    invariant: Invariant
    question: Question


def questions(book: CompiledRulebook, invariant: Invariant, limits: Sequence[Limit]) -> Iterator[Asked]:
    """One question for each reason, remedy, currency and trust level that an invariant is about."""
    for reason in book.rulebook.reasons:
        if invariant.when is not None and folded(invariant.when, reason) == NEVER:
            continue
        for remedy in _remedies(book, invariant, reason):
            for currency in _currencies(book, invariant, reason, remedy):
                for level in levels_of(book, invariant):
                    yield Asked(invariant, _question(book, invariant, limits, (reason, remedy, currency, level)))


def conflicts(book: CompiledRulebook, refuse: Invariant, allow: Invariant) -> Iterator[Question]:
    """Requests that one invariant says are never refused and another that they are never allowed."""
    limits = book.rulebook.opening_limits.limits
    for reason in book.rulebook.reasons:
        for remedy in _both(_remedies(book, refuse, reason), _remedies(book, allow, reason)):
            for currency in _both(_currencies(book, refuse, reason, remedy), _currencies(book, allow, reason, remedy)):
                for level in _both(levels_of(book, refuse), levels_of(book, allow)):
                    answer = _answer(book, limits, (reason, remedy, currency, level))
                    about, asked = _about(refuse, answer)
                    formula = conj(about, _about(allow, answer)[0], _must_not_allow(allow, answer, asked))
                    yield Question(answer.symbols, remedy, formula, asked)


def _both(one: list[Name], other: list[Name]) -> list[Name]:
    return [name for name in one if name in other]


def levels_of(book: CompiledRulebook, invariant: Invariant) -> list[str | None]:
    """The trust levels that an invariant is about; none at all where the rulebook has none."""
    ranked = {level.name: level.rank for level in book.rulebook.trust_levels}
    if not ranked:
        return [None]
    below = ranked[invariant.below] if invariant.below is not None else len(ranked)
    at_least = ranked[invariant.at_least] if invariant.at_least is not None else 0
    return [name for name, rank in ranked.items() if at_least <= rank < below]


def _remedies(book: CompiledRulebook, invariant: Invariant, reason: str) -> list[str]:
    """The remedies some rule gives for a reason: of any other nothing is allowed, and nothing is owed."""
    given = {
        effect.remedy
        for rule in Shards(book.rulebook).of(reason)
        for effect in rule.then
        if effect.kind in _GIVES and effect.remedy is not None
    }
    return sorted(given & set(invariant.remedies) if invariant.remedies else given)


def _currencies(book: CompiledRulebook, invariant: Invariant, reason: str, remedy: str) -> list[str]:
    """The currencies of the rules that give the remedy; a sum that is stated is in the invariant's own."""
    if invariant.never is Never.GIVE:
        return [invariant.currency]
    spoken = {
        rule.currency
        for rule in Shards(book.rulebook).of(reason)
        if any(effect.remedy == remedy for effect in rule.then)
    }
    return [currency for currency in currencies_of(book) if currency in spoken]


Picked = tuple[str, str, str, str | None]
"""Reason, remedy, currency and trust level."""


def _question(book: CompiledRulebook, invariant: Invariant, limits: Sequence[Limit], picked: Picked) -> Question:
    answer = _answer(book, limits, picked)
    about, asked = _about(invariant, answer)
    formula = conj(about, _violation(invariant, answer, asked))
    return Question(answer.symbols, answer.remedy.name, formula, asked)


def _answer(book: CompiledRulebook, limits: Sequence[Limit], picked: Picked) -> Answer:
    reason, remedy, currency, level = picked
    return Answer(book, Findings(case_of(book, reason, currency, level)), remedy, limits)


def _about(invariant: Invariant, answer: Answer) -> tuple[Formula, Number | None]:
    """Which requests an invariant is about, and the sum they ask for."""
    symbols, findings = answer.symbols, answer.findings
    parts = [TRUE if invariant.when is None else findings.condition(invariant.when).yes]
    if invariant.verified:
        parts += [term for name, term in symbols.truths.items() if name.startswith("verified ")]
    asked = symbols.number("asked", 1, LARGEST_MINOR) if answer.remedy.has_amount else None
    if invariant.owed_by is not None:
        owed = [(c, stands) for c, stands in answer.spoken.entitled if c.effect.basis is invariant.owed_by]
        parts.append(disj(*(stands for _, stands in owed)) if asked is None else asked <= total(owed))
    return conj(*parts), asked


def _violation(invariant: Invariant, answer: Answer, asked: Number | None) -> Formula:
    found = answer.open() if asked is None else answer.asked(asked)
    match invariant.never:
        case Never.REFUSE:
            return neg(found.allow)
        case Never.DENY:
            return found.deny
        case _:
            return conj(found.allow, _must_not_allow(invariant, answer, asked))


def _must_not_allow(invariant: Invariant, answer: Answer, asked: Number | None) -> Formula:
    """Of the requests that an invariant is about, those that it says must not be allowed."""
    match invariant.never:
        case Never.ALLOW:
            return TRUE
        case Never.REFUND_BEYOND_PAID:
            return _beyond_paid(answer, asked)
        case Never.GIVE:
            return _more_than(invariant, answer, asked)
        case _:
            return FALSE


def _beyond_paid(answer: Answer, asked: Number | None) -> Formula:
    fact = answer.book.paid_fact.get(answer.symbols.reason)
    if asked is None or fact is None:
        return FALSE
    paid = answer.findings.fact(fact)
    return conj(paid.known, asked + answer.refunded > when(paid.term > answer.refunded, paid.term, answer.refunded))


def _more_than(invariant: Invariant, answer: Answer, asked: Number | None) -> Formula:
    if asked is None or invariant.more_than is None:
        return FALSE
    bound = answer.findings.amounts.of(invariant.more_than)
    entitled = answer.spoken.entitled_minor
    goodwill = asked - when(asked < entitled, asked, entitled)
    given = goodwill if invariant.goodwill_only else asked
    return conj(bound.is_sum, given > rounded_up(bound.term))


# --- what was found, decided again -----------------------------------------------------------------------


def is_violated(invariant: Invariant, book: CompiledRulebook, case: FoundCase, decided: Decision) -> bool:
    """Whether what never happens has happened to a case, by the decision itself."""
    allowed = decided.outcome is Outcome.ALLOW
    match invariant.never:
        case Never.ALLOW:
            return allowed
        case Never.REFUSE:
            return not allowed
        case Never.DENY:
            return decided.outcome is Outcome.DENY
        case Never.REFUND_BEYOND_PAID:
            paid = decided.facts.get(book.paid_fact.get(case.reason) or "")
            given = (decided.amount_minor or 0) + case.refunded_minor
            return allowed and paid is not None and given > max(int(paid), case.refunded_minor)
        case Never.GIVE:
            return allowed and _gives_more(invariant, book, case, decided)


def _gives_more(invariant: Invariant, book: CompiledRulebook, case: FoundCase, decided: Decision) -> bool:
    assert invariant.more_than is not None
    bound = compile_amount(invariant.more_than, book.rulebook).value(decided.facts, case.as_of.toordinal())
    given = decided.goodwill_minor if invariant.goodwill_only else decided.amount_minor or 0
    return isinstance(bound, int) and given > bound


EXPECTED = {
    Never.ALLOW: "{outcome: escalate}",
    Never.REFUSE: "{outcome: allow}",
    Never.DENY: "{outcome: escalate}",
    Never.REFUND_BEYOND_PAID: "{outcome: deny}",
    Never.GIVE: "{outcome: escalate}",
}
"""What a policy test of a case would expect for the invariant to hold."""


def at_guard_rails(limits: LimitSet) -> LimitSet:
    """The limits with every bound as far up as managers may move it."""
    return replace(limits, limits=tuple(replace(limit, bounds=_widest(limit)) for limit in limits.limits))


def _widest(limit: Limit) -> dict[str, Bound]:
    return {
        level: Bound(_end(bound.amount_minor, limit.amount_rails), _end(bound.count, limit.count_rails))
        for level, bound in limit.bounds.items()
    }


def _end(bound: int | None, rails: GuardRails) -> int | None:
    return None if bound is None else rails.highest
