"""Invariants are proved where they hold; a planted violation is found, as a policy test that fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from policyservice.assurance import policy_tests
from policyservice.assurance.proving.builtin import less_is_never_refused
from policyservice.assurance.proving.prove import Finding, Verdict, prove
from policyservice.rulebook.load import load, load_folders
from policyservice.rulebook.model import Rulebook
from tests.rulebook.factories import a_rule, problems_of, sources

DAY = date(2026, 6, 1)
RULES = Path(__file__).parents[3] / "rules"
PACKS = sorted(path.parent.name for path in RULES.glob("*/pack.yaml"))
TITLE = "title: {en: a, fi: b}"
WITHIN_20 = "{agent: {below: lead}, limits: opening, never: {give: {more_than: 20.00, part: goodwill}}}"


def invariant(body: str, currency: str = "EUR") -> dict[str, str]:
    """A file with one invariant of the base pack; `body` is what it says beside id and title."""
    inner = body.strip()[1:-1]
    text = f"currency: {currency}\ninvariants:\n  - {{id: wanted, {TITLE}, {inner}}}\n"
    return {"base/invariants.yaml": text}


def with_rules(*rules: str) -> dict[str, str]:
    return {
        "base/rules/late.yaml": "rules:\n" + "".join(rules),
        "base/tests/late.yaml": "as_of: 2026-01-01\ncases: " + A_TEST,
    }


A_TEST = "[{name: a, facts: {reason: other}, ask: {remedy: credit, amount: 1.00}, expect: {outcome: escalate}}]\n"


def book(overlay: Mapping[str, str]) -> Rulebook:
    return load(sources(overlay))


def found(overlay: Mapping[str, str]) -> Finding:
    """What became of the one invariant of a pack."""
    return next(iter(prove(book(overlay), day=DAY)))


def assert_fails_as_a_policy_test(overlay: Mapping[str, str], finding: Finding) -> None:
    """What was found, pasted into the pack, is a policy test that does not hold."""
    pasted = {**overlay, "base/tests/pasted.yaml": "cases:\n" + finding.test}
    failures = policy_tests.run(load(sources(pasted)))
    assert [failure.test.name.split(":")[0] for failure in failures] == ["wanted"]


def assert_refuted(overlay: Mapping[str, str]) -> Finding:
    finding = found(overlay)
    assert finding.verdict is Verdict.REFUTED, finding
    assert_fails_as_a_policy_test(overlay, finding)
    return finding


FIXED = "{reason: shop.late, order.days_late: {at_least: 4}}"


def test_goodwill_within_the_cap_of_a_level_is_proved_at_the_bound_and_refuted_a_cent_below() -> None:
    rules = with_rules(a_rule(when=FIXED, then="[{permit: {remedy: credit, up_to: 500.00}}]"))
    cap = {
        "base/limits.yaml": (
            f"limits:\n  - {{id: cap, {TITLE}, scope: decision, amount: {{new: 20.00, lead: 100.00}}}}\n"
        )
    }

    assert found(rules | cap | invariant(WITHIN_20)).verdict is Verdict.PROVED
    refuted = assert_refuted(rules | cap | invariant(WITHIN_20.replace("20.00", "19.99")))
    assert refuted.case is not None
    assert (refuted.case.amount_minor, refuted.case.trust_level) == (2000, "new")


def test_a_limit_that_managers_may_turn_up_proves_nothing_beyond_its_guard_rail() -> None:
    rules = with_rules(a_rule(when=FIXED, then="[{permit: {remedy: credit, up_to: 500.00}}]"))
    cap = (
        f"limits:\n  - {{id: cap, {TITLE}, scope: decision, amount: 10.00, "
        "guard_rails: {amount: {lowest: 0, highest: 20.00}}}\n"
    )
    within = invariant("{never: {give: {more_than: 20.00}}}")

    assert found(rules | {"base/limits.yaml": cap} | within).verdict is Verdict.PROVED
    wider = found(rules | {"base/limits.yaml": cap.replace("highest: 20.00", "highest: 20.01")} | within)
    assert (wider.verdict, wider.at_guard_rails) == (Verdict.REFUTED, True)


def test_a_stretch_is_counted_in() -> None:
    rules = with_rules(a_rule(when=FIXED, then="[{permit: {remedy: credit, up_to: 10.00}}]"))
    settings = sources()["base"]["pack.yaml"] + "stretch: {hard_cap: 15.00, margin: 1.00}\n"

    assert found(rules | {"base/pack.yaml": settings} | invariant("{never: {give: {more_than: 15.00}}}")).verdict is (
        Verdict.PROVED
    )
    finding = assert_refuted(rules | {"base/pack.yaml": settings} | invariant("{never: {give: {more_than: 10.00}}}"))
    assert finding.case is not None
    assert finding.case.has_reason_written


def test_a_refund_of_more_than_was_paid_is_never_given_even_where_a_rule_owes_it() -> None:
    owing = with_rules(
        a_rule(
            when=FIXED, basis="contract", then="[{entitle: {remedy: refund, amount: {share: 200 %, of: order.paid}}}]"
        )
    )

    assert found(owing | invariant("{remedies: [refund], never: {refund_beyond_paid: true}}")).verdict is Verdict.PROVED
    assert_refuted(owing | invariant("{remedies: [refund], never: {give: {more_than: {share: 50 %, of: order.paid}}}}"))


def test_what_law_grants_is_never_refused_unless_law_itself_forbids() -> None:
    law = a_rule("law", when=FIXED, basis="law", then="[{entitle: {remedy: credit, amount: 10.00}}]")
    company = a_rule("company", when="{reason: shop.late}", basis="policy", then="[{forbid: {every: true}}]")
    promise = invariant("{asks: {owed_by: law}, verified: true, never: {refuse: true}}")

    assert found(with_rules(law, company) | promise).verdict is Verdict.PROVED
    exception = a_rule("no", when="{order.returned: true}", basis="law", then="[{forbid: {every: true}}]")
    assert found(with_rules(law, exception) | promise).verdict is Verdict.PROVED  # then it is not owed

    contract = law.replace("basis: law", "basis: contract").replace("id: law", "id: contract")
    owed = invariant("{asks: {owed_by: contract}, verified: true, never: {refuse: true}}")
    assert found(with_rules(contract, company) | owed).verdict is Verdict.PROVED


def test_verification_refuses_what_is_owed_until_it_is_done() -> None:
    law = a_rule("law", when=FIXED, basis="law", then="[{entitle: {remedy: credit, amount: 10.00}}]")
    settings = {"base/pack.yaml": sources()["base"]["pack.yaml"] + "verify_above: 5.00\n"}
    promise = "{asks: {owed_by: law}, never: {refuse: true}}"

    assert_refuted(with_rules(law) | settings | invariant(promise))
    assert found(with_rules(law) | settings | invariant(promise.replace("never", "verified: true, never"))).verdict is (
        Verdict.PROVED
    )


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("{reason: other}", Verdict.PROVED),
        ("{order.days_late: {at_most: 3}}", Verdict.PROVED),
        ("{order.days_late: {at_most: 4}}", Verdict.REFUTED),
        ("{customer.tier: {less_than: loyal}}", Verdict.REFUTED),
    ],
)
def test_nothing_is_allowed_in_the_cases_an_invariant_is_about(condition: str, verdict: Verdict) -> None:
    rules = with_rules(a_rule(when=FIXED))
    finding = found(rules | invariant(f"{{when: {condition}, never: {{allow: true}}}}"))

    assert finding.verdict is verdict


def test_a_remedy_without_a_sum_can_be_asked_about_too() -> None:
    rules = with_rules(a_rule(when=FIXED, then="[{permit: {remedy: reconnection}}]"))

    assert_refuted(rules | invariant("{remedies: [reconnection], never: {allow: true}}"))


def test_reckoned_concluded_and_dated_facts_are_followed() -> None:
    concluding = a_rule("severe", when="{order.beyond: {at_least: 2}}", then="[{conclude: {case.severe: true}}]")
    giving = a_rule(
        "give", when="{reason: shop.late, case.severe: true}", then="[{permit: {remedy: credit, up_to: 9.00}}]"
    )
    rules = with_rules(concluding, giving)

    assert found(rules | invariant("{when: {order.days_late: {at_most: 4}}, never: {allow: true}}")).verdict is (
        Verdict.PROVED  # beyond is days_late less 3
    )
    assert_refuted(rules | invariant("{when: {order.days_late: {at_most: 5}}, never: {allow: true}}"))


def test_rules_yet_to_come_count_and_rules_of_the_past_do_not() -> None:
    over = a_rule("over", when="{reason: shop.late}").replace(
        "{from: 2024-01-01}", "{from: 2024-01-01, before: 2026-06-01}"
    )
    to_come = a_rule("to-come", when="{reason: other}").replace("{from: 2024-01-01}", "{from: 2027-01-01}")

    assert found(with_rules(over) | invariant("{never: {allow: true}}")).verdict is Verdict.PROVED
    finding = assert_refuted(with_rules(to_come) | invariant("{never: {allow: true}}"))
    assert finding.case is not None
    assert finding.case.as_of == date(2027, 1, 1)


def law(rulebook: Rulebook, name: str) -> Finding:
    return next(finding for finding in prove(rulebook, day=DAY) if finding.id == name)


def test_more_trust_that_gives_less_is_found() -> None:
    rules = with_rules(a_rule(when=FIXED, then="[{permit: {remedy: credit, up_to: 500.00}}]"))
    limit = f"limits:\n  - {{id: cap, {TITLE}, scope: decision, amount: {{new: 20.00, lead: 19.99}}}}\n"

    refuted = law(book(rules | {"base/limits.yaml": limit}), "more-trust-never-gives-less")
    assert (refuted.verdict, refuted.case and refuted.case.amount_minor) == (Verdict.REFUTED, 2000)
    alike = limit.replace("19.99", "20.00")
    assert law(book(rules | {"base/limits.yaml": alike}), "more-trust-never-gives-less").verdict is Verdict.PROVED


def test_asking_for_less_is_never_refused_where_more_is_allowed_whatever_the_rulebook() -> None:
    assert less_is_never_refused()


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_keeps_its_invariants(pack: str) -> None:
    rulebook = load_folders([RULES / pack])

    assert [(f.id, f.verdict) for f in prove(rulebook, day=DAY) if f.verdict is not Verdict.PROVED] == []
    assert len(rulebook.invariants) >= 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{when: {order.payd: {at_least: 1.00}}, never: {allow: true}}", "unknown fact `order.payd`"),
        ("{never: {give: {more_than: order.payd}}}", "unknown fact `order.payd`"),
        ("{remedies: [credt], never: {allow: true}}", "unknown remedy `credt`"),
        ("{agent: {below: leed}, never: {allow: true}}", "unknown trust level `leed`"),
        ("{never: {refuse: true}}", "`refuse` needs `asks`"),
        ("{never: {allow: true, deny: true}}", "stand together"),
        ("{never: {alow: true}}", "did you mean `allow`?"),
        ("{never: {give: {more_than: 5}}}", "is no sum"),
    ],
)
def test_an_invariant_that_cannot_be_meant_is_refused_with_its_place(body: str, words: str) -> None:
    problems = problems_of(invariant(body))

    assert len(problems) == 1
    assert problems[0].startswith("base/invariants.yaml:3:")
    assert words in problems[0]


def test_two_invariants_of_one_id_are_one_too_many() -> None:
    text = (
        f"invariants:\n  - {{id: a, {TITLE}, never: {{allow: true}}}}\n  - {{id: a, {TITLE}, never: {{allow: true}}}}\n"
    )

    assert "a second invariant has the id `a`" in problems_of({"base/invariants.yaml": text})[0]


def test_what_a_rule_owes_is_refused_above_its_sum_until_the_facts_it_names_are_verified() -> None:
    law = a_rule(
        "law",
        when=FIXED,
        basis="law",
        then="[{entitle: {remedy: credit, amount: 10.00}}]",
        more="    verify_above: {amount: 9.99, facts: [order.paid]}\n",
    )
    promise = "{asks: {owed_by: law}, never: {refuse: true}}"

    finding = assert_refuted(with_rules(law) | invariant(promise))
    assert finding.case is not None
    assert "order.paid" not in finding.case.verified
    assert found(with_rules(law.replace("9.99", "10.00")) | invariant(promise)).verdict is Verdict.PROVED
    vouched = promise.replace("never", "verified: true, never")
    assert found(with_rules(law) | invariant(vouched)).verdict is Verdict.PROVED
