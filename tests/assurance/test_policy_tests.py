"""The runner of policy tests: what holds passes, what does not says what was expected and what came."""

import pytest

from policyservice.assurance.policy_tests import run
from policyservice.rulebook.load import load
from tests.engine.books import CATALOGUE, PACK, VOCABULARY, a_rule

RULE = a_rule("kind", "{reason: late}", "[{permit: {remedy: credit, up_to: 20.00}}]")
VOUCHER = a_rule("voucher", "{reason: late}", "[{permit: {remedy: voucher, up_to: 8.00}}]")
LIMITS = """
limits:
  - {id: cap, title: {en: Cap, fi: Katto}, scope: decision, amount: {new: 15.00, trusted: 20.00}}
  - {id: year, title: {en: Year, fi: Vuosi}, scope: customer, window: rolling, days: 365, amount: 100.00}
"""


def failures(case):
    tests = f"as_of: 2026-06-01\ncases:\n  - name: a case\n    facts: {{reason: late}}\n{case}"
    files = {
        "pack.yaml": PACK,
        "vocabulary.yaml": VOCABULARY,
        "catalogue.yaml": CATALOGUE,
        "rules/all.yaml": "rules:\n" + RULE + VOUCHER,
        "limits/opening.yaml": LIMITS,
        "tests/all.yaml": tests,
    }
    return run(load({"shop": files}))


@pytest.mark.parametrize(
    "case",
    [
        "    ask: {remedy: credit, amount: 20.00}\n    expect: {outcome: allow, basis: goodwill, reasons: [kind]}",
        "    ask: {remedy: credit, amount: 15.01}\n    agent: {trust_level: new}\n"
        "    expect: {outcome: escalate, amount: 15.00, limit: cap, alternatives: [voucher]}",
        "    ask: {remedy: credit}\n    expect: {outcome: allow, amount: 20.00}",
        "    ask: {remedy: credit, amount: 10.00}\n    used: {year: 90.00}\n    expect: {outcome: allow}",
        "    ask: {remedy: credit, amount: 10.01}\n    used: {year: 90.00}\n"
        "    expect: {outcome: escalate, limit: year}",
        "    ask: {remedy: credit, amount: 20.00}\n    expect: {outcome: allow, fired: [voucher, kind]}",
        "    ask: {remedy: refund}\n    expect: {outcome: escalate, basis: null}",
    ],
)
def test_a_policy_test_that_holds_is_no_failure(case):
    assert failures(case) == []


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (
            "    ask: {remedy: credit, amount: 20.01}\n    expect: {outcome: allow}",
            "outcome: expected allow, came escalate",
        ),
        (
            "    ask: {remedy: credit, amount: 20.00}\n    expect: {outcome: allow, basis: policy}",
            "basis: expected policy, came goodwill",
        ),
        (
            "    ask: {remedy: credit, amount: 20.00}\n    expect: {outcome: allow, fired: [kind]}",
            "fired: expected ['kind'], came ['kind', 'voucher']",
        ),
        (
            "    ask: {remedy: credit, amount: 20.00}\n    expect: {outcome: allow, basis: null}",
            "basis: expected None, came goodwill",
        ),
        (
            "    ask: {remedy: credit}\n    expect: {outcome: allow, amount: 19.99}",
            "amount: expected 19.99, came 20.00",
        ),
    ],
)
def test_a_policy_test_that_does_not_hold_says_what_came(case, words):
    (failure,) = failures(case)

    assert words in str(failure)
    assert str(failure).startswith("shop/tests/all.yaml:3:")
