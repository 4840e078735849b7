"""What the policy tests did to each rule: how its comparisons came out, with which values, what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from policyservice.assurance import policy_tests
from policyservice.assurance.policy_tests import as_context, as_request
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.conditions import ALWAYS, folded
from policyservice.engine.traces import LeafTrace, RuleState, RuleTrace
from policyservice.rulebook.model import Compare, Effect, PolicyTest, Rule

REASON = "reason"


@dataclass(slots=True)
class Leaf:
    """How one comparison came out, in how many tests; and how far from its bound the fact was, in units."""

    truths: Counter[bool | None] = field(default_factory=Counter)
    distances: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Seen:
    """What tests did to one rule. `days` are those on which it was considered, `asked` how far a sum asked was from an
    effect's amount, by the effect's number, and `unverified` how far from the rule's `verify_above` where not all was
    verified; `tests` those in which it fired or was unknown."""

    states: Counter[RuleState] = field(default_factory=Counter)
    leaves: dict[int, Leaf] = field(default_factory=dict)
    days: Counter[int] = field(default_factory=Counter)
    asked: dict[int, Counter[int]] = field(default_factory=dict)
    unverified: Counter[int] = field(default_factory=Counter)
    tests: list[PolicyTest] = field(default_factory=list)


class Watching:
    """Runs policy tests and keeps what they did."""

    def __init__(self, book: CompiledRulebook) -> None:
        self._book = book
        self.seen: dict[str, Seen] = {rule.id: Seen() for rule in book.rulebook.rules}
        self.reasons: Counter[str] = Counter()

    def watch(self, test: PolicyTest) -> None:
        """Run one policy test."""
        request, context = as_request(test), as_context(self._book.rulebook, test)
        self.reasons[request.reason] += 1
        day = context.now.date().toordinal()
        given = {**request.facts, REASON: request.reason}
        facts = self._book.evaluate(given, day, request.currency).facts
        for trace in self._book.rules.explain(given, day, request.currency):
            if trace.state is RuleState.OTHER_CURRENCY:
                continue
            self._note(trace, day)
            if trace.state in (RuleState.FIRED, RuleState.UNKNOWN):
                self.seen[trace.rule].tests.append(test)
            if trace.state is RuleState.FIRED:
                self._asked(self._book.by_id[trace.rule], test, request, context, facts)
                self._unverified(trace.rule, test, request, context)

    def _note(self, trace: RuleTrace, day: int) -> None:
        seen = self.seen[trace.rule]
        seen.states[trace.state] += 1
        seen.days[day] += 1
        for number, leaf in enumerate(trace.leaves):
            found = seen.leaves.setdefault(number, Leaf())
            found.truths[leaf.holds] += 1
            distance = self._distance(leaf)
            if distance is not None:
                found.distances[distance] += 1

    def _distance(self, leaf: LeafTrace) -> int | None:
        """By how many units, or ranks, a fact lies above its bound."""
        declared = self._book.rulebook.facts.get(leaf.fact)
        if declared is not None and declared.ordered:
            codes = declared.values
            if leaf.found in codes and leaf.value in codes:
                return codes.index(str(leaf.found)) - codes.index(str(leaf.value))
            return None
        if isinstance(leaf.found, int) and isinstance(leaf.value, int):
            return leaf.found - leaf.value
        return None

    def _asked(
        self, rule: Rule, test: PolicyTest, request: Request, context: Context, facts: Mapping[str, FactValue]
    ) -> None:
        for number, effect in enumerate(rule.then):
            owed = self._owed(rule, effect, context, facts)
            if owed is None or effect.remedy != request.remedy:
                continue
            found = self.seen[rule.id].asked.setdefault(number, Counter())
            if request.amount_minor is not None:
                found[request.amount_minor - owed] += 1
            elif test.expect.get("amount") == owed:
                found.update((0, 1))

    def _unverified(self, rule: str, test: PolicyTest, request: Request, context: Context) -> None:
        demand = self._book.demands.get(rule)
        if demand is None or demand.facts <= context.verified or request.remedy not in self._book.speaking[rule].claims:
            return
        if request.amount_minor is not None:
            self.seen[rule].unverified[request.amount_minor - demand.above_minor] += 1
        elif test.expect.get("amount") == demand.above_minor:
            self.seen[rule].unverified.update((0, 1))

    def _owed(self, rule: Rule, effect: Effect, context: Context, facts: Mapping[str, FactValue]) -> int | None:
        """The sum that an effect gives here, less what was received of it; None where it has none."""
        for item in self._book.speaking[rule.id].claims.get(effect.remedy or "", ()):
            if item.effect is effect and item.priced is not None:
                value = item.priced.value(facts, context.now.date().toordinal())
                if not isinstance(value, int):
                    return None
                before = context.received.owed.get(item.key, (0, 0))[0] if item.entitles else 0
                return value - before
        return None

    def of_reason(self, asked: Compare) -> Leaf:
        """How a comparison of the reason came out over all tests, whichever rules could speak in them."""
        leaf = Leaf()
        for reason, times in self.reasons.items():
            leaf.truths[folded(asked, reason) == ALWAYS] += times
        return leaf


def answers_otherwise(book: CompiledRulebook, other: CompiledRulebook, test: PolicyTest) -> bool:
    """Whether two rulebooks answer a policy test's case differently."""
    one, two = (policy_tests.answer(each, test) for each in (book, other))
    return _observed(one) != _observed(two)


def _observed(decision: Decision) -> tuple[object, ...]:
    return (decision.outcome, decision.available_minor, decision.basis, decision.rules, decision.missing)
