"""The checks of the rulebook as a whole, in one place."""

from __future__ import annotations

from collections.abc import Sequence

from policyservice.rulebook.check.conclusions import check_conclusions
from policyservice.rulebook.check.dependencies import Dependencies, circles, place_of
from policyservice.rulebook.check.engine import check_rules, check_shards
from policyservice.rulebook.check.paid import check_paid
from policyservice.rulebook.check.verified import check_verified
from policyservice.rulebook.model import Rule
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.rules import Read


def check_whole(names: Names, read: Sequence[Read]) -> None:
    """Note every problem that shows only in the whole; rules with problems of their own are left aside."""
    rules = [each.rule for each in read if each.sound]
    check_paid(names)
    check_verified(names, read)
    check_rules(names, rules)
    check_conclusions(names, rules)
    dependencies = Dependencies(names, rules)
    if not _circles(names, rules, dependencies):
        check_shards(names, rules, dependencies.levels())


def _circles(names: Names, rules: Sequence[Rule], dependencies: Dependencies) -> bool:
    """Note facts that rest on themselves; whether there are any."""
    found = circles(dependencies.of_facts)
    for circle in found:
        place = place_of(circle[0], names, rules)
        assert place is not None
        way = " needs ".join(f"`{fact}`" for fact in (*circle, circle[0]))
        names.problems.add(place, f"facts go in a circle: {way}; conclude or reckon one of them from given facts alone")
    return bool(found)
