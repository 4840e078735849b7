"""Three readings of generated rulebooks agree: durable_rules, the compiled evaluator, and a naive one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyservice.domain.errors import EngineFault
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.engine.traces import RuleState
from policyservice.rulebook.model import AllOf, Not, Rulebook
from tests.engine.generators import Generator
from tests.engine.models import TODAY, a_fact, a_rule, a_rulebook, at_least, eq
from tests.engine.oracle import Fault, Oracle

BATCH = 50
FACT_SETS = 20


def compare_all(seeds: range) -> int:
    """Compare the three on every rulebook and fact set of these seeds; how many rules fired in all."""
    fired = 0
    for seed in seeds:
        generator = Generator(seed)
        compiled = compile_rules(generator.rulebook)
        durable = DurableMatcher(generator.rulebook)
        try:
            fired += sum(_compare_one(generator, compiled, durable, f"seed {seed}") for _ in range(FACT_SETS))
            assert durable.rebuilt == 0
        finally:
            durable.close()
    return fired


def _compare_one(generator, compiled, durable, where) -> int:
    given, day, currency = generator.given(), generator.day(), generator.currency()
    oracle = Oracle(generator.rulebook, given, day, currency)
    findings = compiled.evaluate(given, day, currency)
    case = f"{where}: {given} {day} {currency}"
    try:
        expected = oracle.fired()
    except Fault:
        expected = None
    if expected is None:
        assert findings.fault is not None, case
        with pytest.raises(EngineFault):
            durable.match(given, day, currency)
        return 0
    assert findings.fault is None or oracle.beyond_bounds, case
    assert findings.fired == expected, case
    assert set(findings.unknown) == oracle.unknown(), case
    if findings.fault is None:
        assert durable.match(given, day, currency) == expected, case
    if given["reason"] == "late":  # the slow reading; a third of the cases is plenty
        _explanations_agree(compiled, findings, given, day, currency, case)
    return len(expected)


def _explanations_agree(compiled, findings, given, day, currency, case) -> None:
    traces = compiled.explain(given, day, currency)
    assert sorted(t.rule for t in traces if t.state is RuleState.FIRED) == list(findings.fired), case
    unknown = {t.rule: t.missing for t in traces if t.state is RuleState.UNKNOWN}
    assert unknown == findings.unknown, case


@pytest.mark.parametrize("batch", range(10))
def test_the_evaluators_agree_on_generated_rulebooks(batch):
    fired = compare_all(range(batch * BATCH, (batch + 1) * BATCH))

    assert fired > 500  # what never fires proves nothing


@pytest.mark.long
@pytest.mark.parametrize("batch", range(10, 410))
def test_the_evaluators_agree_on_many_more_generated_rulebooks(batch):
    compare_all(range(batch * BATCH, (batch + 1) * BATCH))


def test_what_an_unknown_rule_waits_for_settles_it():
    settled = 0
    for seed in range(150):
        generator = Generator(seed)
        compiled = compile_rules(generator.rulebook)
        given, day = generator.given(), generator.day()
        findings = compiled.evaluate(given, day, "EUR")
        for rule, missing in findings.unknown.items():
            found_out = {name: generator.value_of(name) for name in missing if not name.startswith("c.")}
            assert list(missing) == sorted(set(missing))
            assert not set(missing) & set(given)
            after = compiled.evaluate({**given, **found_out}, day, "EUR")
            # What can still be missing is a value that no rule concluded, or that a parameter does not have yet.
            assert all(name.startswith("c.") for name in after.unknown.get(rule, ())), f"seed {seed}: {rule} {missing}"
            settled += bool(found_out) and rule not in after.unknown
    assert settled > 50  # what is never settled proves nothing


# --- a planted disagreement ------------------------------------------------------------------------------


def checked(book: Rulebook, other: Rulebook) -> CheckedMatcher:
    """The compiled evaluator of one rulebook beside durable_rules with another."""
    return CheckedMatcher(compile_rules(book), DurableMatcher(other))


def test_a_rule_that_differs_in_one_evaluator_is_found_and_named():
    book = a_rulebook(
        a_rule("long-late", at_least("order.days", 4)),
        a_rule("any-late", at_least("order.days", 1)),
        facts=[a_fact("order.days")],
    )
    mutated = replace(book, rules=(a_rule("long-late", at_least("order.days", 5)), book.rules[1]))
    both = checked(book, mutated)
    try:
        assert both.evaluate({"reason": "late", "order.days": 5}, TODAY, "EUR").fault is None
        findings = both.evaluate({"reason": "late", "order.days": 4}, TODAY, "EUR")
    finally:
        both.close()

    assert findings.fired == ("any-late", "long-late")
    assert findings.fault == "The two evaluators disagree: only the compiled evaluator fires long-late."


def test_a_rule_that_only_durable_rules_fires_is_named_as_well():
    book = a_rulebook(a_rule("on-time", Not(at_least("order.days", 1))), facts=[a_fact("order.days")])
    mutated = replace(book, rules=(a_rule("on-time", AllOf(())),))
    both = checked(book, mutated)
    try:
        findings = both.evaluate({"reason": "late"}, TODAY, "EUR")
    finally:
        both.close()

    assert findings.fired == ()
    assert findings.unknown == {"on-time": ("order.days",)}
    assert findings.fault == "The two evaluators disagree: only durable_rules fires on-time."


def test_every_mutant_of_a_bound_is_found_by_some_fact_beside_it():
    for bound in (-1, 0, 7, 2**53 + 1, 2**62):
        book = a_rulebook(a_rule("r", at_least("order.days", bound)), facts=[a_fact("order.days")])
        both = checked(book, replace(book, rules=(a_rule("r", at_least("order.days", bound + 1)),)))
        try:
            faults = [
                both.evaluate({"reason": "late", "order.days": days}, TODAY, "EUR").fault
                for days in (bound - 1, bound, bound + 1)
            ]
        finally:
            both.close()
        assert [fault is not None for fault in faults] == [False, True, False]


def test_an_engine_fault_is_a_finding_and_does_not_raise():
    class Broken:
        def match(self, given, day, currency):
            raise EngineFault("The engine is on fire.")

        def close(self):
            return

    book = a_rulebook(a_rule("r", eq("order.days", 1)), facts=[a_fact("order.days")])
    findings = CheckedMatcher(compile_rules(book), Broken()).evaluate({"reason": "late", "order.days": 1}, TODAY, "EUR")

    assert findings.fired == ("r",)
    assert findings.fault == "The engine is on fire."


def test_a_smoke_set_over_the_reasons_finds_a_fault_before_a_swap():
    book = a_rulebook(a_rule("r", eq("order.days", 1)), facts=[a_fact("order.days")])
    same, other = checked(book, book), checked(book, replace(book, rules=(a_rule("r", AllOf(())),)))
    try:
        assert same.smoke(book.reasons, TODAY, "EUR") is None
        assert other.smoke(book.reasons, TODAY, "EUR") is not None
    finally:
        same.close()
        other.close()
