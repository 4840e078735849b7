"""What the rule engine takes: alternatives and facts of one rule, rules of one shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod

from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.bounds import ALTERNATIVES_PER_RULE, DEMANDS_PER_RULE, FACTS_PER_RULE, RULES_PER_SHARD
from policyservice.rulebook.check.domains import domains
from policyservice.rulebook.check.normal import without_not
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Op, Place, Rule
from policyservice.rulebook.read.conditions import facts_in
from policyservice.rulebook.read.names import REASON, Names

_ORDER = (Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN)


def check_rules(names: Names, rules: Sequence[Rule]) -> None:
    """Note every rule that is more than the engine takes in one."""
    for rule in rules:
        forms = _forms(rule)
        found = max(alternatives(form, names) for form in forms)
        listed = max(demands(form) for form in forms)
        used = len(facts_in(rule.when))
        _bound(names, rule, f"the condition has {found} alternatives", found, ALTERNATIVES_PER_RULE)
        _bound(names, rule, f"the condition uses {used} facts", used, FACTS_PER_RULE)
        if used <= FACTS_PER_RULE:
            _bound(names, rule, f"the condition has {listed} demands side by side", listed, DEMANDS_PER_RULE)


def _forms(rule: Rule) -> tuple[Condition, ...]:
    """What the engine is given of a rule: its condition, and of a row of a `first` table its opposite, too."""
    holds = without_not(rule.when)
    return (holds, without_not(rule.when, opposite=True)) if rule.first_hit else (holds,)


def _bound(names: Names, rule: Rule, what: str, found: int, most: int) -> None:
    if found > most:
        assert rule.place is not None
        names.problems.add(rule.place, f"{what}, more than the engine takes in one rule ({most}); split it")


def check_shards(names: Names, rules: Sequence[Rule], levels: dict[str, int]) -> None:
    """Note every reason with more rules on one level of chaining than are matched together."""
    counted: Counter[tuple[str, int]] = Counter()
    last: dict[tuple[str, int], Place] = {}
    for rule in rules:
        for reason in _reasons(rule, names):
            shard = (reason, levels[rule.id])
            counted[shard] += 1
            if rule.place is not None:
                last[shard] = rule.place
    for (reason, level), count in counted.items():
        if count > RULES_PER_SHARD:
            names.problems.add(
                last[reason, level],
                f"{count} rules can speak about the reason `{reason}` on one level of conclusions, more than the "
                f"engine takes together ({RULES_PER_SHARD}); divide the reason or join rules into fewer",
            )


def alternatives(condition: Condition, names: Names) -> int:
    """Branches of a condition without `not`, every `any` spelled out; a list counts as its values.

    What a condition says of `reason` is worked out beforehand, since rules are matched reason by reason.
    """
    if isinstance(condition, AllOf):
        return prod(alternatives(part, names) for part in condition.of)
    if isinstance(condition, AnyOf):
        return sum(alternatives(part, names) for part in condition.of)
    assert isinstance(condition, Compare)
    return _values(condition, names)


def demands(condition: Condition) -> int:
    """The most comparisons that stand side by side in one branch of a condition without `not`."""
    if isinstance(condition, AllOf):
        return sum(demands(part) for part in condition.of)
    if isinstance(condition, AnyOf):
        return max((demands(part) for part in condition.of), default=0)
    assert isinstance(condition, Compare)
    if condition.op is Op.NONE_OF and isinstance(condition.value, tuple) and condition.fact != REASON:
        return len(condition.value)
    return 1


def _values(compare: Compare, names: Names) -> int:
    fact = names.kind_of(compare.fact)
    if compare.fact == REASON or fact is None:
        return 1
    if compare.op is Op.ONE_OF and isinstance(compare.value, tuple):
        return len(compare.value)
    if compare.op in _ORDER and fact.type is FactType.CODE:
        return max(1, len(fact.values))
    return 1


def _reasons(rule: Rule, names: Names) -> frozenset[str]:
    """The reasons that the condition demands at its top, else every reason."""
    demanded = domains(rule.when, names).get(REASON)
    if demanded is None or demanded.among is None:
        return frozenset(names.reasons)
    return frozenset(str(reason) for reason in demanded.among)
