"""Which facts must be verified above which sum, for each rule: its own word, else that of the packs.

Source: decision.md section 2, step 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policyservice.engine.reads import facts_behind
from policyservice.rulebook.model import Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Demand:
    """Above `above_minor` of a remedy `facts` must be verified before a rule counts; the sum itself needs nothing.

    `facts` are given ones, never empty.
    """

    above_minor: int
    facts: frozenset[str]


def demands(rulebook: Rulebook, reads: Mapping[str, frozenset[str]]) -> dict[str, Demand]:
    """By rule id what each rule that gives a sum demands; a rule that demands nothing is left out.

    `reads` are the given facts that each rule rests on. What a rule names stands in place of them.
    """
    usual = usual_bounds(rulebook)
    named = {rule.id: rule.verify.facts for rule in rulebook.rules if rule.verify is not None and rule.verify.facts}
    behind = facts_behind(named, rulebook) if named else {}
    found: dict[str, Demand] = {}
    for rule in rulebook.rules:
        above = rule.verify.above_minor if rule.verify is not None else usual.get(rule.currency)
        facts = behind.get(rule.id, reads[rule.id])
        if above is not None and facts and _gives_a_sum(rule):
            found[rule.id] = Demand(above, facts)
    return found


def _gives_a_sum(rule: Rule) -> bool:
    """Whether a rule entitles to or permits a remedy that has a sum."""
    return any(effect.amount is not None for effect in rule.then)


def usual_bounds(rulebook: Rulebook) -> dict[str, int]:
    """For each currency the lowest `verify_above` that a pack states in it."""
    lowest: dict[str, int] = {}
    for pack in rulebook.packs:
        stated = pack.verify_above_minor
        if stated is not None:
            lowest[pack.currency] = min(stated, lowest.get(pack.currency, stated))
    return lowest
