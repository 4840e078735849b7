"""Rules that can never fire: no case on any day fulfils them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyservice.assurance.weaknesses.regions import Region
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.rulebook.model import Rule


def dead_rules(all_rules: Iterable[Rule], regions: Iterable[Region]) -> list[Rule]:
    """The rules that fire nowhere, in the rulebook's order."""
    alive: set[str] = set()
    for region in regions:
        for rule in region.rules:
            if rule.id not in alive and not region.is_empty(region.findings.rule(rule).yes):
                alive.add(rule.id)
    return [rule for rule in all_rules if rule.id not in alive]


def never_fires(dead: Iterable[Rule]) -> Iterator[Weakness]:
    """An error for each."""
    for rule in dead:
        why = "no case fulfils its condition"
        if rule.first_hit:
            why += ", or an earlier row of its table always comes first"
        yield Weakness(Weight.ERROR, rule.place, f"`{rule.id}` can never fire: {why}; correct it or take it out")
