"""A small pack for coverage and mutants, with any policy tests."""

from __future__ import annotations

from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook

PACK = "pack: cafe\ntitle: {en: Coffee shop, fi: Kahvila}\ncurrency: EUR\n"
VOCABULARY = """
facts:
  order.paid: {type: money, title: {en: Paid, fi: Maksettu}}
  order.cups: {type: integer, lowest: 0, presume: 1, title: {en: Cups, fi: Kupit}}
"""
CATALOGUE = """
remedies:
  refund: {kind: refund, title: {en: Money back, fi: Rahojen palautus}}
  gift: {kind: gift, title: {en: Something extra, fi: Jotain lisäksi}}
reasons:
  coffee.cold: {title: {en: Coffee was cold, fi: Kahvi oli kylmää}}
  coffee.late: {title: {en: Coffee came late, fi: Kahvi tuli myöhään}}
"""
RULES = """
rules:
  - id: cold-coffee
    title: {en: Cold coffee, fi: Kylmä kahvi}
    basis: policy
    because: Nobody pays for cold coffee.
    in_force: {from: 2026-01-01}
    when:
      reason: coffee.cold
      order.paid: {at_least: 3.00}
    then: [{permit: {remedy: refund, up_to: 2.00}}]
    say: {en: Your money is back., fi: Rahat palautetaan.}
"""
HEAD = "as_of: 2026-01-01\ncases:\n"
FULL = (
    HEAD
    + """
  - name: at the bound and the amount
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 2.00}
    expect: {outcome: allow, basis: policy, fired: [cold-coffee]}
  - name: a cent beyond the amount
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 2.01}
    expect: {outcome: escalate, amount: 2.00}
  - name: a cent below the bound
    facts: {reason: coffee.cold, order.paid: 2.99}
    ask: {remedy: refund, amount: 2.00}
    expect: {outcome: escalate, fired: []}
  - name: nobody says what was paid
    facts: {reason: coffee.cold}
    ask: {remedy: refund, amount: 2.00}
    expect: {outcome: escalate, missing: [order.paid]}
  - name: another reason
    facts: {reason: coffee.late, order.paid: 3.00}
    ask: {remedy: refund, amount: 2.00}
    expect: {outcome: escalate, fired: []}
  - name: the day before
    as_of: 2025-12-31
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 2.00}
    expect: {outcome: escalate, fired: []}
"""
)
OTHERS = """
  - name: what was given before does not lessen a gesture
    facts: {reason: coffee.cold, order.paid: 3.00}
    ask: {remedy: refund, amount: 2.00}
    received: {owed: {cold-coffee: 1.99}}
    expect: {outcome: allow, basis: policy, amount: 2.00}
"""


def a_book(tests: str | None = FULL, rules: str = RULES, **files: str) -> Rulebook:
    """The pack, with the given tests and rules."""
    texts = {
        "pack.yaml": PACK,
        "vocabulary.yaml": VOCABULARY,
        "catalogue.yaml": CATALOGUE,
        "rules/coffee.yaml": rules,
    }
    if tests is not None:
        texts["tests/coffee.yaml"] = tests
    return load({"cafe": {**texts, **files}})


def without(name: str, tests: str = FULL) -> str:
    """The tests without the one of a name."""
    head, *cases = tests.split("  - name: ")
    return head + "".join(f"  - name: {case}" for case in cases if not case.startswith(f"{name}\n"))
