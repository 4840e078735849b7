"""Two values concluded for one fact: refused unless the rules provably never both fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.check.domains import Domain, domains
from policyservice.rulebook.model import Effect, EffectKind, Interval, ParameterRef, Rule
from policyservice.rulebook.read.names import REASON, Names


@dataclass(frozen=True, slots=True)
class _Conclusion:
    rule: Rule
    effect: Effect
    demands: dict[str, Domain]

    @property
    def value(self) -> FactValue | ParameterRef | None:
        return self.effect.value

    @property
    def reasons(self) -> frozenset[FactValue] | frozenset[None]:
        """The reasons that the rule demands at its top; None alone stands for every reason."""
        demanded = self.demands.get(REASON)
        return frozenset({None}) if demanded is None or demanded.among is None else demanded.among


def check_conclusions(names: Names, rules: Sequence[Rule]) -> None:
    """Note every pair of rules that may both fire and conclude different values for one fact."""
    for fact, found in _by_fact(names, rules).items():
        for one, other in _pairs(found):
            if one.value != other.value and not _never_both(one, other):
                assert other.effect.place is not None
                names.problems.add(
                    other.effect.place,
                    f"`{other.rule.id}` and `{one.rule.id}` ({one.effect.place}) may both fire and conclude different "
                    f"values for `{fact}`; make their conditions exclude each other, or rows of one `first` table",
                )


def _pairs(found: list[_Conclusion]) -> Iterator[tuple[_Conclusion, _Conclusion]]:
    """Every pair that may meet at all, once: rules for different reasons never do."""
    by_reason: dict[FactValue | None, list[int]] = {}
    for position, conclusion in enumerate(found):
        for reason in conclusion.reasons:
            by_reason.setdefault(reason, []).append(position)
    everywhere = by_reason.pop(None, [])
    pairs = {pair for met in by_reason.values() for pair in combinations(sorted((*met, *everywhere)), 2)}
    pairs.update(combinations(everywhere, 2))
    return ((found[one], found[other]) for one, other in sorted(pairs))


def _by_fact(names: Names, rules: Sequence[Rule]) -> dict[str, list[_Conclusion]]:
    found: dict[str, list[_Conclusion]] = {}
    for rule in rules:
        concluding = [effect for effect in rule.then if effect.kind is EffectKind.CONCLUDE and effect.fact is not None]
        demands = domains(rule.when, names) if concluding else {}
        for effect in concluding:
            assert effect.fact is not None
            found.setdefault(effect.fact, []).append(_Conclusion(rule, effect, demands))
    return found


def _never_both(one: _Conclusion, other: _Conclusion) -> bool:
    a, b = one.rule, other.rule
    if a is b:
        return False
    if a.currency != b.currency:
        return True
    if a.first_hit and b.first_hit and a.table == b.table:
        return True
    if a.in_force_by == b.in_force_by and _apart(a.in_force, b.in_force):
        return True
    return any(demand.excludes(other.demands[fact]) for fact, demand in one.demands.items() if fact in other.demands)


def _apart(one: Interval, other: Interval) -> bool:
    """Whether two intervals of dates have no day in common."""
    return _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: Interval, other: Interval) -> bool:
    return one.end is not None and other.start is not None and one.end <= other.start
