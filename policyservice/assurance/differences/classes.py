"""The classes of cases of one pair of answers that differ: how they were answered, how they are, by which rules.

A class is found as one case; then all that are answered alike, by the same of the changed rules, are ruled out and the
next is looked for. Questions that leave the sum open come first: how much may be given. Then, where these have the
same outcome, requests for more than either would give that are denied by one and escalated by the other, or stretched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from policyservice.assurance.differences.pair import Pair, Picked, Side
from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import Question, search
from policyservice.assurance.symbolic import basis
from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.outcomes import Outcomes
from policyservice.assurance.symbolic.terms import TRUE, Formula, Number, conj, disj, neg
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.money import LARGEST_MINOR

MOST_CLASSES = 12
"""Classes of one pair that are told; beyond it is only said that there are more."""

PATIENCE = 20_000_000
"""The solver's own steps for one question."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of cases whose answer differs, with one of them as it was decided by both rulebooks.

    `old_rules` and `new_rules` are the changed rules that fire. `more` is 1 where more may be given than before, -1
    where less, 0 where as much. `trust_levels` are those at which the class is found; `case` is of the first.
    """

    reason: str
    remedy: str
    currency: str
    old_rules: tuple[str, ...]
    new_rules: tuple[str, ...]
    more: int
    case: FoundCase
    old: Decision
    new: Decision
    trust_levels: tuple[str | None, ...]

    @property
    def alike(self) -> object:
        """What classes of several trust levels are told together by."""
        answers = (self.old.outcome, self.old.basis, self.new.outcome, self.new.basis)
        asks = self.case.amount_minor is None
        return self.reason, self.remedy, self.currency, self.old_rules, self.new_rules, self.more, answers, asks


@dataclass(slots=True)
class Undecided:
    """What could not be told: the solver gave up, or there were more classes than are told."""

    picked: Picked
    more_than_told: bool


def classes_of(old: Side, new: Side, picked: Picked, *, day: date) -> Iterator[Class | Undecided]:
    """The classes of one pair, over cases on or after a day; last, whether that is all."""
    pair = Pair(old, new, picked)
    open_answers = pair.old.open(), pair.new.open()
    open_differs = disj(_outcomes_differ(*open_answers), _sums_differ(pair, *open_answers))
    yield from _Search(old, new, pair, None, open_answers, day).classes(open_differs)
    if pair.old.remedy.has_amount and pair.new.remedy.has_amount:
        asked = pair.old.symbols.number("asked", 1, LARGEST_MINOR)
        answers = pair.old.asked(asked), pair.new.asked(asked)
        beyond = (asked > pair.old.available, asked > pair.new.available, *_unstretched(old, new, pair))
        otherwise = conj(neg(_outcomes_differ(*open_answers)), *beyond, _outcomes_differ(*answers))
        yield from _Search(old, new, pair, asked, answers, day).classes(otherwise)


def _moved_limits(old: Side, new: Side) -> frozenset[str]:
    """The limits that are not in both alike."""
    before, after = ({one.id: one for one in side.book.rulebook.opening_limits.limits} for side in (old, new))
    return frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))


def _without_history(symbols: Symbols, moved: frozenset[str]) -> Iterator[Formula]:
    """Where nothing was received before, and nothing used of limits that are as they were: it bears on both alike."""
    for name, term in symbols.numbers.items():
        kind, _, rest = name.partition(" ")
        if kind in ("refunded", "owed") or (kind == "used" and rest.split(" ", 1)[1] not in moved):
            yield term == 0
    for name, term in symbols.truths.items():
        if name.startswith("met ") and name.removeprefix("met ") not in moved:
            yield neg(term)


def _unstretched(old: Side, new: Side, pair: Pair) -> Iterator[Formula]:
    """Where no reason is written that a cap could be stretched for: a stretch goes along with the cap.

    Not where a pack's own settings for it changed.
    """
    settings = [[(pack.name, pack.stretch) for pack in side.book.rulebook.packs] for side in (old, new)]
    if settings[0] == settings[1]:
        yield neg(pair.old.symbols.truth("a reason is written"))


def _outcomes_differ(old: Outcomes, new: Outcomes) -> Formula:
    return disj(old.allow != new.allow, old.deny != new.deny)


def _sums_differ(pair: Pair, old: Outcomes, new: Outcomes) -> Formula:
    """Where both allow, and not the same sum or not on the same basis."""
    same_basis = basis.of_open(pair.old, old.allow) == basis.of_open(pair.new, new.allow)
    return conj(old.allow, new.allow, disj(pair.old.available != pair.new.available, neg(same_basis)))


class _Search:
    """Looks for one class after the other."""

    def __init__(
        self, old: Side, new: Side, pair: Pair, asked: Number | None, answers: tuple[Outcomes, Outcomes], day: date
    ) -> None:
        self._sides = old, new
        self._pair = pair
        self._moved = _moved_limits(old, new)
        self._asked = asked
        self._answers = answers
        self._day = day

    def classes(self, differs: Formula) -> Iterator[Class | Undecided]:
        """Every class of cases that fulfil a formula."""
        picked = self._pair.picked
        for _ in range(MOST_CLASSES):
            symbols = self._pair.symbols()
            formula = conj(differs, *_without_history(symbols, self._moved))
            question = Question(symbols, picked.remedy, formula, self._asked)
            found = search(question, self._confirm, day=self._day, patience=PATIENCE)
            if not isinstance(found, FoundCase):
                if found is not None:
                    yield Undecided(picked, more_than_told=False)
                return
            one = self._class(found)
            yield one
            differs = conj(differs, neg(self._members(one)))
        yield Undecided(picked, more_than_told=True)

    def _confirm(self, case: FoundCase) -> bool:
        before, after = (side.decided(case) for side in self._sides)
        return _answer(before) != _answer(after)

    def _class(self, case: FoundCase) -> Class:
        before, after = (side.decided(case) for side in self._sides)
        old, new = self._sides
        return Class(
            case.reason,
            case.remedy,
            case.currency,
            tuple(rule for rule in before.rules if rule in old.changed),
            tuple(rule for rule in after.rules if rule in new.changed),
            _more(before, after),
            case,
            before,
            after,
            (case.trust_level,),
        )

    def _members(self, one: Class) -> Formula:
        """All cases that are answered as one of them, with the same of the changed rules firing."""
        answers = zip(self._answers, (one.old.outcome, one.new.outcome), strict=True)
        parts = [_is(found, outcome) for found, outcome in answers]
        for answer, side, firing in zip(
            (self._pair.old, self._pair.new), self._sides, (one.old_rules, one.new_rules), strict=True
        ):
            for rule in side.rules(one.reason):
                if rule.id in side.changed:
                    fires = answer.findings.rule(rule).yes
                    parts.append(fires if rule.id in firing else neg(fires))
        if self._asked is None and one.old.outcome is Outcome.ALLOW and one.new.outcome is Outcome.ALLOW:
            before, after = self._pair.old.available, self._pair.new.available
            parts.append(after > before if one.more > 0 else after < before if one.more < 0 else after == before)
        return conj(TRUE, *parts)


def _answer(decision: Decision) -> tuple[object, ...]:
    """What counts as an answer: the outcome, and of an allow how much on which basis."""
    if decision.outcome is not Outcome.ALLOW:
        return (decision.outcome,)
    return decision.outcome, decision.amount_minor, decision.available_minor, decision.basis


def _more(before: Decision, after: Decision) -> int:
    allowed = before.outcome is Outcome.ALLOW, after.outcome is Outcome.ALLOW
    if all(allowed):
        given = before.available_minor or 0, after.available_minor or 0
        return (given[1] > given[0]) - (given[1] < given[0])
    return allowed[1] - allowed[0]


def _is(found: Outcomes, outcome: Outcome) -> Formula:
    return {Outcome.ALLOW: found.allow, Outcome.DENY: found.deny}.get(outcome, found.escalate)


def joined(found: list[Class], old: Side, new: Side) -> list[Class]:
    """Classes that several trust levels have alike, told once: the example of one is answered alike at the other."""
    together: dict[object, list[Class]] = {}
    for one in found:
        alike = together.setdefault(one.alike, [])
        for index, known in enumerate(alike):
            if _answered_alike(known, one.trust_levels[0], old, new):
                levels = dict.fromkeys((*known.trust_levels, *one.trust_levels))
                alike[index] = replace(known, trust_levels=tuple(levels))
                break
        else:
            alike.append(one)
    return [one for alike in together.values() for one in alike]


def _answered_alike(known: Class, trust_level: str | None, old: Side, new: Side) -> bool:
    case = replace(known.case, trust_level=trust_level)
    return _answer(old.decided(case)) == _answer(known.old) and _answer(new.decided(case)) == _answer(known.new)
