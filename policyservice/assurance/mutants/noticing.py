"""Which policy tests could notice a change, and whether one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyservice.assurance import policy_tests
from policyservice.assurance.mutants.mutant import Mutant
from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import Context
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.rulebook.model import PolicyTest, Rulebook


@dataclass(frozen=True, slots=True)
class Prepared:
    """A policy test with its request and context, and the rules that fired or were unknown in it."""

    test: PolicyTest
    request: Request
    context: Context
    fired: frozenset[str]
    unknown: frozenset[str]


class Noticing:
    """The policy tests of a rulebook, found by reason and by rule."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self.book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
        self._tests = [self._prepared(test) for test in rulebook.tests]
        self._by_reason: dict[str, list[Prepared]] = {}
        for prepared in self._tests:
            self._by_reason.setdefault(prepared.request.reason, []).append(prepared)

    def _prepared(self, test: PolicyTest) -> Prepared:
        request, context = policy_tests.as_request(test), policy_tests.as_context(self._rulebook, test)
        given = {**request.facts, "reason": request.reason}
        found = self.book.evaluate(given, context.now.date().toordinal(), request.currency)
        return Prepared(test, request, context, frozenset(found.fired), frozenset(found.unknown))

    def compiled(self, mutant: Mutant) -> CompiledRulebook:
        """The changed rulebook made ready to decide; what escalating costs is as it was."""
        return CompiledRulebook(mutant.rulebook, self.book.costs)

    def first(self, mutant: Mutant) -> PolicyTest | None:
        """The first policy test that a change makes fail; None where none notices it."""
        book = self.compiled(mutant)
        limits_differ = mutant.rulebook.opening_limits is not self._rulebook.opening_limits
        for prepared in self._in_order(mutant):
            test = prepared.test
            context = policy_tests.as_context(mutant.rulebook, test) if limits_differ else prepared.context
            decision = decide(book, prepared.request, context, in_full="alternatives" in test.expect)
            if policy_tests.differences(test, decision):
                return test
        return None

    def _in_order(self, mutant: Mutant) -> Iterator[Prepared]:
        """The tests that could notice, the likeliest first."""
        if mutant.reasons is None:
            tests = self._tests
        else:
            tests = [test for reason in sorted(mutant.reasons) for test in self._by_reason.get(reason, ())]
        rule = mutant.rule
        if rule is None:
            yield from tests
            return
        yield from (test for test in tests if rule in test.fired)
        yield from (test for test in tests if rule in test.unknown)
        if not mutant.effects_only:
            yield from (test for test in tests if rule not in test.fired and rule not in test.unknown)
