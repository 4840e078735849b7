"""Runs the policy tests of a rulebook and says which of its points they exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from policyservice.assurance.coverage.points import Coverage, CoveredRule, Kind, Point
from policyservice.assurance.coverage.seen import REASON, Leaf, Seen, Watching, answers_otherwise
from policyservice.assurance.wording import Wording
from policyservice.costs.compare import CostModel
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.conditions import ALWAYS, ORDER_OPS, effective, folded
from policyservice.engine.reads import in_amount
from policyservice.engine.strata import compares, conclusions
from policyservice.engine.traces import RuleState
from policyservice.rulebook.model import (
    Compare,
    Effect,
    EffectKind,
    Op,
    ParameterRef,
    Rule,
    Rulebook,
    Unpriced,
)

_AT_AND_BEYOND = {Op.AT_LEAST: (0, -1), Op.LESS_THAN: (0, -1), Op.AT_MOST: (0, 1), Op.MORE_THAN: (0, 1)}
"""How far from its bound a fact is at the two sides of it: where the comparison changes from true to false."""


def measure(rulebook: Rulebook, advance: Callable[[int], None] = lambda steps: None) -> Coverage:
    """The coverage of a rulebook by its own policy tests; `advance` is told of each test that was run."""
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
    watching = Watching(book)
    for test in rulebook.tests:
        watching.watch(test)
        advance(1)
    reading = _Reading(book, watching)
    rules = [CoveredRule(rule, tuple(reading.points(rule))) for rule in rulebook.rules]
    return Coverage(rules, len(rulebook.tests))


class _Reading:
    """Sets what was seen beside what there is."""

    def __init__(self, book: CompiledRulebook, watching: Watching) -> None:
        self._book = book
        self._rulebook = book.rulebook
        self._watching = watching
        self._concluded = frozenset(name for rule in book.rulebook.rules for name in conclusions(rule))

    def points(self, rule: Rule) -> Iterator[Point]:
        """Every point of a rule."""
        seen = self._watching.seen[rule.id]
        fired = seen.states[RuleState.FIRED]
        yield Point(Kind.RULE, "fires", fired, place=rule.place)
        yield Point(Kind.RULE, "does not fire", sum(self._watching.reasons.values()) - fired, place=rule.place)
        words = Wording(self._rulebook, rule.currency)
        for number, asked in enumerate(compares(effective(rule))):
            is_reason = asked.fact == REASON
            leaf = self._watching.of_reason(asked) if is_reason else seen.leaves.get(number, Leaf())
            yield from self._compared(asked, words.condition(asked), leaf)
            if asked.op in ORDER_OPS and not is_reason:
                yield from self._bound(asked, words.condition(asked), leaf)
        yield from _in_force(rule, seen)
        yield from _verified(rule, seen)
        for number, effect in enumerate(rule.then):
            yield from self._effect(rule, number, effect, seen)

    # --- comparisons and bounds ----------------------------------------------------------------------

    def _compared(self, asked: Compare, what: str, leaf: Leaf) -> Iterator[Point]:
        for holds, word in ((True, "true"), (False, "false")):
            if asked.fact == REASON and not self._some_reason(asked, holds):
                continue
            yield Point(Kind.COMPARISON, f"`{what}` {word}", leaf.truths[holds], asked.fact)
        if asked.op is not Op.PRESENT and self._may_be_unknown(asked.fact):
            yield Point(Kind.COMPARISON, f"`{what}` unknown", leaf.truths[None], asked.fact)

    def _some_reason(self, asked: Compare, holds: bool) -> bool:
        """Whether a declared reason makes a comparison of the reason come out so."""
        return any((folded(asked, reason) == ALWAYS) is holds for reason in self._rulebook.reasons)

    def _may_be_unknown(self, fact: str) -> bool:
        """Whether nobody may have said it; what rules conclude is theirs to say."""
        if fact == REASON or fact in self._concluded:
            return False
        reckoned = self._rulebook.reckoned.get(fact)
        if reckoned is not None:
            return any(self._may_be_unknown(name) for name in in_amount(reckoned.expression, self._rulebook))
        return self._rulebook.facts[fact].presume is None

    def _bound(self, asked: Compare, what: str, leaf: Leaf) -> Iterator[Point]:
        for distance in _AT_AND_BEYOND[asked.op]:
            if self._can_be(asked, distance):
                where = "at the bound" if distance == 0 else f"one {'below' if distance < 0 else 'above'}"
                yield Point(Kind.BOUND, f"`{what}` {where}", leaf.distances[distance], asked.fact)

    def _can_be(self, asked: Compare, distance: int) -> bool:
        """Whether the vocabulary allows the value that lies so far from the bound."""
        fact = self._rulebook.facts.get(asked.fact)
        if fact is None or isinstance(asked.value, ParameterRef | tuple):
            return True
        if fact.ordered:
            return 0 <= fact.values.index(str(asked.value)) + distance < len(fact.values)
        value = int(asked.value) + distance
        lowest = 0 if fact.type.value == "money" else fact.lowest
        return (lowest is None or value >= lowest) and (fact.highest is None or value <= fact.highest)

    # --- effects -------------------------------------------------------------------------------------

    def _effect(self, rule: Rule, number: int, effect: Effect, seen: Seen) -> Iterator[Point]:
        if effect.kind is EffectKind.ADVISE:
            return
        said = f"`{effect.kind.value} {effect.remedy or effect.fact or 'everything'}`"
        place = effect.place or rule.place
        if effect.amount is not None and not isinstance(effect.amount, Unpriced):
            asked: Counter[int] = seen.asked.get(number, Counter())
            yield Point(Kind.AMOUNT, f"{said} asked at its amount", asked[0], place=place)
            yield Point(Kind.AMOUNT, f"{said} asked one minor unit above it", asked[1], place=place)
        yield Point(Kind.EFFECT, f"{said} decides", self._decides(rule, number, seen), place=place)

    def _decides(self, rule: Rule, number: int, seen: Seen) -> int:
        """1 where some answer would be another without the effect; 0 where none would."""
        left = replace(rule, then=(*rule.then[:number], *rule.then[number + 1 :]))
        rules = tuple(left if other.id == rule.id else other for other in self._rulebook.rules)
        without = CompiledRulebook(replace(self._rulebook, rules=rules), self._book.costs)
        return int(any(answers_otherwise(self._book, without, test) for test in seen.tests))


def _verified(rule: Rule, seen: Seen) -> Iterator[Point]:
    """The two sides of a rule's own `verify_above`, asked while not all that it is about is verified."""
    if rule.verify is None:
        return
    for distance, where in ((0, "at the sum"), (1, "one minor unit above it")):
        what = f"`verify_above` asked {where}, not verified"
        yield Point(Kind.BOUND, what, seen.unverified[distance], place=rule.verify.place or rule.place)


def _in_force(rule: Rule, seen: Seen) -> Iterator[Point]:
    """The days at which a rule comes into force and leaves it; where a fact dates it these are comparisons."""
    if rule.in_force_by is not None:
        return
    for word, day in (("from", rule.in_force.start), ("before", rule.in_force.end)):
        if day is not None:
            ordinal = day.toordinal()
            yield Point(Kind.BOUND, f"in force {word} {day}: on the day", seen.days[ordinal], place=rule.place)
            yield Point(Kind.BOUND, f"in force {word} {day}: the day before", seen.days[ordinal - 1], place=rule.place)
