"""What law and published schemes grant beside a company's own rules: a floor that nothing of the company takes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from policyservice.assurance.policy_tests import as_context, as_request, run
from policyservice.assurance.proving.prove import Verdict, prove
from policyservice.costs.compare import CostModel
from policyservice.domain.decision import AgentView, Decision, Outcome
from policyservice.domain.limits import Usage
from policyservice.domain.vocabulary import AgentKind, Basis
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.rulebook.load import load, load_folders
from policyservice.rulebook.model import Never, PolicyTest, Rulebook
from policyservice.rulebook.source import read_packs

RULES = Path(__file__).parents[2] / "rules"
LEVELS = ("new", "trusted", "expert", "lead")
SCHEMES = "eu261 uk261 eu_rail uk_delay_repay fi_electricity fi_telecom ofcom eu_withdrawal eu_ferry"
USED_UP = Usage(goodwill_face=10**9, goodwill_cost=10**9, goodwill_count=10**6)


def hostile(effect: str) -> Rulebook:
    """The shipped packs beside a company that does one thing to everything, in both currencies."""
    rule = (
        "  - id: nothing-{where}\n"
        "    title: {{en: Nothing, fi: Ei mitään}}\n"
        "    basis: policy\n"
        "    because: The company says so.\n"
        "    in_force: {{from: 2000-01-01}}\n"
        "    when: {{reason: {{one_of: [{groups}]}}}}\n"
        "    then: [{{{effect}: {{every: true}}}}]\n"
        "    say: {{en: No., fi: Ei.}}\n"
    )
    groups = ", ".join(f"{scheme}.*" for scheme in SCHEMES.split())
    documents = [
        head + "rules:\n" + rule.format(where=where, groups=groups, effect=effect)
        for where, head in (("here", ""), ("abroad", "currency: GBP\n"))
    ]
    pack = "pack: hostile\ntitle: {en: Hostile, fi: Tyly}\ncurrency: EUR\notherwise: forbid\n"
    ours = read_packs([RULES / "goodwill", RULES / "statutory"])
    return load({**ours, "hostile": {"pack.yaml": pack, "rules.yaml": "---\n".join(documents)}})


BESIDE_GOODWILL = load_folders([RULES / "goodwill", RULES / "statutory"])
BOOKS = {"goodwill": BESIDE_GOODWILL, "forbids": hostile("forbid"), "escalates": hostile("escalate")}
OWED = [test for test in BESIDE_GOODWILL.tests if test.pack == "statutory" and test.expect["outcome"] == "allow"]


def decided(book: CompiledRulebook, test: PolicyTest, level: str) -> Decision:
    """The answer to a policy test by an agent of a level with every limit used up; every fact is verified."""
    met = {limit.id: 0 for limit in book.rulebook.opening_limits.limits}
    context = as_context(book.rulebook, replace(test, trust_level=level, used=met))
    used_up = tuple(replace(state, used=USED_UP) for state in context.limits)
    agent = AgentView("maija", "web", AgentKind.AI, level)
    verified = frozenset(book.rulebook.facts)
    return decide(book, as_request(test), replace(context, agent=agent, limits=used_up, verified=verified))


@pytest.mark.parametrize("company", BOOKS)
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_owed_is_given_whatever_the_company_says_and_whoever_answers(company: str, level: str) -> None:
    book = CompiledRulebook(BOOKS[company], CostModel(BOOKS[company].costs, 0))
    differing = []
    for test in OWED:
        decision = decided(book, test, level)
        expected = test.expect.get("amount", decision.available_minor)
        if decision.outcome is not Outcome.ALLOW or decision.available_minor != expected:
            differing.append((test.name, decision.outcome, decision.available_minor))
        assert decision.basis in (Basis.LAW, Basis.CONTRACT)

    assert differing == []
    assert len(OWED) > 150


@pytest.mark.parametrize(("company", "outcome"), [("forbids", Outcome.DENY), ("escalates", Outcome.ESCALATE)])
def test_what_the_company_says_holds_for_the_cent_beyond(company: str, outcome: Outcome) -> None:
    book = CompiledRulebook(BOOKS[company], CostModel(BOOKS[company].costs, 0))
    beyond = [test for test in BESIDE_GOODWILL.tests if "a cent more is for somebody else" in test.name]

    assert {decided(book, test, "lead").outcome for test in beyond} == {outcome}
    assert len(beyond) > 10


def test_the_policy_tests_of_both_packs_hold_where_nothing_need_be_verified() -> None:
    everything_known = replace(
        BESIDE_GOODWILL,
        packs=tuple(replace(pack, verify_above_minor=None) for pack in BESIDE_GOODWILL.packs),
        tests=tuple(test for test in BESIDE_GOODWILL.tests if test.pack == "statutory"),
    )

    assert run(everything_known) == []


def test_a_company_may_give_more_of_it_than_the_scheme_does_where_the_scheme_gives_nothing() -> None:
    rule = (
        "rules:\n"
        "  - id: late-all-the-same\n"
        "    title: {en: Late all the same, fi: Myöhässä silti}\n"
        "    basis: goodwill\n"
        "    because: Two hours are long, too.\n"
        "    in_force: {from: 2000-01-01}\n"
        "    when: {reason: eu261.arrival_delay, flight.arrival_delay_min: {at_least: 120}}\n"
        "    then: [{permit: {remedy: compensation, up_to: 50.00}}]\n"
        "    say: {en: Please accept this., fi: Ota tämä vastaan.}\n"
    )
    pack = "pack: kind\ntitle: {en: Kind, fi: Ystävällinen}\ncurrency: EUR\n"
    book = load({**read_packs([RULES / "statutory"]), "kind": {"pack.yaml": pack, "rules.yaml": rule}})
    compiled = CompiledRulebook(book, CostModel(book.costs, 0))
    short = next(test for test in book.tests if test.name == "1500 km, 179 minutes late")

    decision = decide(compiled, as_request(short), as_context(book, short))

    assert (decision.outcome, decision.available_minor, decision.basis) == (Outcome.ALLOW, 5000, Basis.GOODWILL)


def test_both_evaluators_name_the_same_rules_for_every_policy_test() -> None:
    durable = DurableMatcher(BESIDE_GOODWILL)
    checked = CheckedMatcher(compile_rules(BESIDE_GOODWILL), durable)
    try:
        faults = {
            checked.evaluate(test.facts, (test.as_of or date.max).toordinal(), test.currency).fault
            for test in BESIDE_GOODWILL.tests
            if test.pack == "statutory"
        }
    finally:
        checked.close()

    assert faults == {None}


def test_the_limits_that_were_used_up_are_many() -> None:
    context = as_context(BESIDE_GOODWILL, replace(OWED[0], trust_level="new", used={}))

    assert len(context.limits) >= 2


@pytest.mark.long
@pytest.mark.parametrize("company", BOOKS)
def test_what_is_granted_is_proved_never_refused_whatever_the_company_does(company: str):
    book = BOOKS[company]
    promised = tuple(one for one in book.invariants if one.never is Never.REFUSE)

    found = list(islice(prove(replace(book, invariants=promised), day=date(2026, 6, 1)), len(promised)))

    assert [(one.id, one.verdict) for one in found] == [
        ("law-is-never-refused", Verdict.PROVED),
        ("contract-is-never-refused", Verdict.PROVED),
    ]
