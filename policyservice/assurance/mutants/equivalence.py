"""Whether a changed rulebook answers some case otherwise: a case that shows it, or the proof that there is none.

Two rulebooks are equivalent where in every case the same rules fire and every request for every remedy has the same
outcome, the same sum available, the same basis, and is stretched or not. One question is asked for each reason,
currency, trust level and remedy; what is equal as written is not asked at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cached_property

import z3

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import UNDECIDED, Question, currencies_of, is_impossible, search
from policyservice.assurance.symbolic import basis
from policyservice.assurance.symbolic.answer import Answer, case_of
from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.limits import AnyLimits
from policyservice.assurance.symbolic.terms import FALSE, TRUE, Formula, Number, Truth, conj, disj, neg, when
from policyservice.domain.decision import Decision
from policyservice.domain.limits import Counts
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import RemedyKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.rulebook.model import Rule

_SILENT = Truth(FALSE, TRUE)


class Equivalent(Enum):
    """No case is answered otherwise."""

    EQUIVALENT = "equivalent"


EQUIVALENT = Equivalent.EQUIVALENT


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The solver gave up on a remedy for a reason."""

    reason: str
    remedy: str


def told_apart(
    original: CompiledRulebook, changed: CompiledRulebook, reasons: frozenset[str] | None, *, day: date
) -> FoundCase | Doubtful | Equivalent:
    """A case on or after a day that is answered otherwise, or that there is none, or what the solver gave up on."""
    doubtful: Doubtful | None = None
    for question in _questions(original, changed, reasons):
        found = search(question, lambda case: _differ(original, changed, case), day=day)
        if isinstance(found, FoundCase):
            return found
        if found is UNDECIDED:
            doubtful = doubtful or Doubtful(question.symbols.reason, question.remedy)
    return doubtful or EQUIVALENT


def _differ(original: CompiledRulebook, changed: CompiledRulebook, case: FoundCase) -> bool:
    return observed(case.decided(original)) != observed(case.decided(changed))


def observed(decision: Decision) -> tuple[object, ...]:
    """What of a decision a policy test can expect, alternatives aside."""
    limit = decision.binding_limit.limit if decision.binding_limit is not None else None
    answered = (decision.outcome, decision.available_minor, decision.basis, decision.rules)
    return (*answered, decision.stretched, decision.missing, limit)


def _questions(
    original: CompiledRulebook, changed: CompiledRulebook, reasons: frozenset[str] | None
) -> Iterator[Question]:
    """Where other rules fire first, since that is seen at once; then where a request is answered otherwise."""
    pairs = [
        Pair(original, changed, reason, currency)
        for reason in original.rulebook.reasons
        if reasons is None or reason in reasons
        for currency in currencies_of(original)
    ]
    for pair in pairs:
        yield from pair.about_rules()
    for pair in pairs:
        yield from pair.about_answers()


class Pair:
    """One reason and currency under two rulebooks."""

    def __init__(self, original: CompiledRulebook, changed: CompiledRulebook, reason: str, currency: str) -> None:
        self._books = (original, changed)
        self._reason = reason
        self._currency = currency
        self._rules = tuple(Shards(book.rulebook).of(reason) for book in self._books)

    def about_rules(self) -> Iterator[Question]:
        """Whether another set of rules fires."""
        symbols, pair = self._case(None)
        differing = [neg(one.yes == other.yes) for one, other in self._truths(pair) if not one.yes.eq(other.yes)]
        if differing and self._remedies:
            yield Question(symbols, self._remedies[0], disj(*differing))

    def _truths(self, pair: tuple[Findings, Findings]) -> Iterator[tuple[Truth, Truth]]:
        by_id: tuple[dict[str, Rule], ...] = tuple({rule.id: rule for rule in rules} for rules in self._rules)
        for name in dict.fromkeys((*by_id[0], *by_id[1])):
            one, other = (
                findings.rule(rules[name]) if name in rules else _SILENT
                for findings, rules in zip(pair, by_id, strict=True)
            )
            yield one, other

    @cached_property
    def _remedies(self) -> list[str]:
        """Every remedy that a rule speaks of for the reason; all where one speaks of every remedy."""
        effects = [effect for rules in self._rules for rule in rules for effect in rule.then]
        named = {effect.remedy for effect in effects if effect.remedy is not None}
        everything = any(effect.remedy is None and effect.fact is None for effect in effects)
        closes = self._books[0].rulebook.reasons[self._reason] != self._books[1].rulebook.reasons[self._reason]
        return sorted(self._books[0].rulebook.remedies if everything or closes else named)

    def about_answers(self) -> Iterator[Question]:
        """Whether a request is answered otherwise, for each remedy and trust level.

        Where no limits at all could make a difference there is nothing to ask of those that there are.
        """
        for remedy in self._remedies:
            if self._is_same_whatever_is_left(remedy):
                continue
            for level in self._levels(remedy):
                question = self._question(remedy, level)
                if question is not None:
                    yield question

    def _is_same_whatever_is_left(self, remedy: str) -> bool:
        one, other = (book.rulebook.opening_limits for book in self._books)
        if one is not other or any(limit.counts is Counts.ALL for limit in one.limits):
            return False
        question = self._question(remedy, None, whatever_is_left=True)
        return question is None or is_impossible(question)

    def _question(self, remedy: str, level: str | None, *, whatever_is_left: bool = False) -> Question | None:
        symbols, pair = self._case(level)
        answers = [
            Answer(
                book,
                findings,
                remedy,
                AnyLimits(symbols) if whatever_is_left else book.rulebook.opening_limits.limits,
                rules,
            )
            for book, findings, rules in zip(self._books, pair, self._rules, strict=True)
        ]
        asked = symbols.number("asked", 1, LARGEST_MINOR) if answers[0].remedy.has_amount else None
        one, other = (_Seen(answer, asked) for answer in answers)
        history = self._history(symbols, remedy)
        equal = _equal_parts(Question(symbols, remedy, history, asked), *answers) if whatever_is_left else []
        parts = list(_answered_otherwise(one, other, equal))
        if whatever_is_left:  # a limit on cost leaves the same only where the cost is the same
            parts += [neg(a == b) for a, b in zip(*(_costs(answer) for answer in answers), strict=True) if not a.eq(b)]
        return Question(symbols, remedy, conj(history, disj(*parts)), asked) if parts else None

    def _history(self, symbols: Symbols, remedy: str) -> Formula:
        """What can have been received before: of a refund that was owed as much was refunded. Else anything."""
        if self._books[0].rulebook.remedies[remedy].kind is not RemedyKind.REFUND:
            return TRUE
        numbers = symbols.numbers
        owed = [
            term for name, term in numbers.items() if name.startswith("owed ") and not name.startswith("owed times ")
        ]
        return conj(*(symbols.number("refunded", 0) >= term for term in owed))

    def _levels(self, remedy: str) -> list[str | None]:
        """One trust level of those that meet the same bounds, and none at all."""
        limits = [limit for book in self._books for limit in book.rulebook.opening_limits.limits]
        met = [one for one in limits if one.currency == self._currency and one.covers(remedy, self._reason)]
        levels: list[str | None] = [None, *(level.name for level in self._books[0].rulebook.trust_levels)]
        found = {tuple(limit.bound_for(level) for limit in met): level for level in reversed(levels)}
        return list(reversed(found.values()))

    def _case(self, level: str | None) -> tuple[Symbols, tuple[Findings, Findings]]:
        symbols = case_of(self._books[0], self._reason, self._currency, level)
        return symbols, (Findings(symbols), Findings(symbols.under(self._books[1].rulebook)))


class _Seen:
    """What is seen of an answer: where it is denied, allowed, stretched; the sum available; the basis."""

    def __init__(self, answer: Answer, asked: Number | None) -> None:
        found = answer.open() if asked is None else answer.asked(asked)
        self.truths = (found.deny, found.allow, found.stretched)
        room = answer.room
        shows = conj(room.speaks, neg(room.paid_unknown)) if room.has_amount else FALSE
        self.numbers = (
            when(shows, room.available, room.available * 0),
            basis.of_answer(answer, found.allow, asked),
        )


def _answered_otherwise(one: _Seen, other: _Seen, equal: Sequence[tuple[Formula, Formula]]) -> Iterator[Formula]:
    for a, b in (*zip(one.truths, other.truths, strict=True), *zip(one.numbers, other.numbers, strict=True)):
        same = z3.substitute(b, *equal) if equal else b
        if not a.eq(same):
            yield neg(a == same)


def _equal_parts(question: Question, one: Answer, other: Answer) -> list[tuple[Formula, Formula]]:
    """What the second answer is made of that is proved equal to the first one's: with it, much is equal as written."""
    found = []
    for a, b in zip(_parts(one), _parts(other), strict=True):
        if not a.eq(b) and a.sort() == b.sort() and _are_equal(question, a, b):
            found.append((b, a))
    return found


def _are_equal(question: Question, a: Formula, b: Formula) -> bool:
    return is_impossible(replace(question, formula=conj(question.formula, neg(a == b))))


def _parts(answer: Answer) -> tuple[Formula, ...]:
    room, spoken = answer.room, answer.spoken
    said = (room.speaks, room.has_entitled, room.has_permitted, room.unpriced, room.no_sum_owed)
    barred = (room.forbidding, room.barred, room.waits)
    return (*said, *barred, spoken.entitled_minor, room.available, room.doubtful, room.verify_above)


def _costs(answer: Answer) -> tuple[Formula, ...]:
    return (answer.cost.is_fixed, answer.cost.fixed, answer.cost.is_known)
