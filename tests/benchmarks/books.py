"""Generated rulebooks for measuring: rules sharded by reason, four conditions each."""

from __future__ import annotations

from policyservice.costs.compare import CostModel
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.load import load

RULES_PER_REASON = 10
RULES_PER_FILE = 1_000

_PACK = "pack: bench\ntitle: {en: Bench, fi: Mittaus}\ncurrency: EUR\n"
_VOCABULARY = """
facts:
  order.paid: {type: money, title: {en: Paid, fi: Maksettu}, role: paid}
  order.days_late: {type: integer, title: {en: Days late, fi: Myöhässä}}
  order.fragile: {type: boolean, title: {en: Fragile, fi: Särkyvä}}
  customer.tier: {type: code, values: [new, regular, loyal], ordered: true, title: {en: Tier, fi: Taso}}
"""
_LIMITS = """
limits:
  - {id: per-decision, title: {en: Cap, fi: Katto}, scope: decision, amount: {clerk: 60.00}}
  - {id: agent-day, title: {en: Day, fi: Päivä}, scope: agent, window: day, amount: {clerk: 900.00}, count: 200}
  - {id: agent-month, title: {en: Month, fi: Kuukausi}, scope: agent, window: month, amount: 9000.00}
  - {id: customer-year, title: {en: Year, fi: Vuosi}, scope: customer, window: rolling, days: 365, amount: 300.00}
  - {id: case-once, title: {en: Case, fi: Tapaus}, scope: case, window: once, amount: 100.00}
"""
_INVARIANTS = """
invariants:
  - id: within-the-cap
    title: {en: Nobody gives more than 60.00 at once, fi: Kukaan ei anna kerralla yli 60.00}
    agent: {from: clerk}
    limits: opening
    never: {give: {part: goodwill, more_than: 60.00}}
"""


def files(rules: int) -> dict[str, str]:
    """A pack of `rules` rules, ten for each reason (all for one where there are fewer)."""
    reasons = max(1, rules // RULES_PER_REASON)
    catalogue = [
        "remedies:",
        "  refund: {kind: refund, title: {en: Refund, fi: Palautus}}",
        "  credit: {kind: credit, title: {en: Credit, fi: Hyvitys}}",
        "trust_levels:",
        "  clerk: {title: {en: Clerk, fi: Virkailija}}",
        "reasons:",
        *(f"  reason.r{n}: {{title: {{en: Reason {n}, fi: Syy {n}}}}}" for n in range(reasons)),
    ]
    folder = {
        f"rules/from_{first}.yaml": "\n".join(
            ["rules:", *(_rule(n, reasons) for n in range(first, min(first + RULES_PER_FILE, rules)))]
        )
        for first in range(0, rules, RULES_PER_FILE)
    }
    return {
        "pack.yaml": _PACK,
        "vocabulary.yaml": _VOCABULARY,
        "catalogue.yaml": "\n".join(catalogue) + "\n",
        "limits/opening.yaml": _LIMITS,
        **folder,
    }


def known_files(rules: int) -> dict[str, str]:
    """The same pack with two policy tests for each rule, and an invariant about every reason."""
    reasons = max(1, rules // RULES_PER_REASON)
    tests = {
        f"tests/from_{first}.yaml": "\n".join(
            ["as_of: 2026-06-01", "cases:", *(_tests(n, reasons) for n in range(first, min(first + 1_000, rules)))]
        )
        for first in range(0, rules, 1_000)
    }
    return files(rules) | tests | {"invariants.yaml": _INVARIANTS}


def _tests(n: int, reasons: int) -> str:
    tier = ("new", "regular", "loyal")[n % 3]
    facts = (
        f"{{reason: reason.r{n % reasons}, order.days_late: {n % 7}, customer.tier: {tier}, "
        f"order.fragile: {'true' if n % 2 else 'false'}, order.paid: 100.00}}"
    )
    return f"""
  - name: rule {n} gives something
    facts: {facts}
    ask: {{remedy: credit, amount: 1.00}}
    expect: {{outcome: allow, basis: goodwill}}
  - name: no rule gives more than what the cap leaves, with the facts of rule {n}
    facts: {facts}
    agent: {{trust_level: clerk}}
    ask: {{remedy: credit, amount: 60.01}}
    expect: {{outcome: escalate}}
"""


def _rule(n: int, reasons: int) -> str:
    tier = ("new", "regular", "loyal")[n % 3]
    return f"""
  - id: rule-{n}
    title: {{en: Rule {n}, fi: Sääntö {n}}}
    basis: goodwill
    because: To be measured
    in_force: {{from: 2020-01-01}}
    when:
      reason: reason.r{n % reasons}
      order.days_late: {{at_least: {n % 7}}}
      customer.tier: {{at_least: {tier}}}
      order.fragile: {"true" if n % 2 else "false"}
    then: [{{permit: {{remedy: credit, up_to: {{share: {n % 40 + 1} %, of: order.paid}}}}}}]
    say: {{en: Here you are, fi: Olkaa hyvä}}
"""


def a_book(rules: int) -> CompiledRulebook:
    """The same, loaded and compiled."""
    rulebook = load({"bench": files(rules)})
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 1))
    book.costs.prepare(rulebook.reasons, "EUR")
    return book
