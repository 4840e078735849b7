"""Goes through every reason, remedy, currency and trust level that two rulebooks share; skips what did not change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policyservice.assurance.differences.classes import Class, Undecided, classes_of, joined
from policyservice.assurance.differences.declared import Declared, changed_rules, declared, placeless, same
from policyservice.assurance.differences.pair import Picked, Side
from policyservice.assurance.proving.search import currencies_of
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import Effect, EffectKind, Rulebook


@dataclass(frozen=True, slots=True)
class Differences:
    """What was declared otherwise, the classes of cases that are answered otherwise, and what could not be told."""

    declared: tuple[Declared, ...]
    classes: tuple[Class, ...]
    undecided: tuple[Undecided, ...]

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.declared or self.classes or self.undecided)


def differences(old: CompiledRulebook, new: CompiledRulebook, *, day: date) -> Differences:
    """What a change means for cases on or after a day."""
    before, after = changed_rules(old.rulebook, new.rulebook)
    sides = Side(old, before), Side(new, after)
    found: list[Class] = []
    undecided: list[Undecided] = []
    for picked in _picked(*sides):
        for one in classes_of(*sides, picked, day=day):
            if isinstance(one, Class):
                found.append(one)
            else:
                undecided.append(one)
    return Differences(tuple(declared(old.rulebook, new.rulebook)), tuple(joined(found, *sides)), tuple(undecided))


def _picked(old: Side, new: Side) -> Iterator[Picked]:
    """Every combination that both rulebooks have and that something changed for."""
    before, after = old.book.rulebook, new.book.rulebook
    everywhere = not _same_throughout(before, after)
    levels: list[str | None] = [
        level.name for level in before.trust_levels if level.name in {one.name for one in after.trust_levels}
    ]
    for reason in (name for name in before.reasons if name in after.reasons):
        touched = (
            everywhere or not same(before.reasons[reason], after.reasons[reason]) or _rules_differ(old, new, reason)
        )
        for remedy in _remedies(old, new, reason):
            for currency in sorted({*currencies_of(old.book), *currencies_of(new.book)}):
                for level in levels or [None]:
                    if touched or _limits(before, reason, remedy, level) != _limits(after, reason, remedy, level):
                        yield Picked(reason, remedy, currency, level)


def _same_throughout(old: Rulebook, new: Rulebook) -> bool:
    """Whether all is alike that may bear on any reason at all; rules, reasons and limits are looked at one by one."""
    return all(
        {name: placeless(value) for name, value in before.items()}
        == {name: placeless(value) for name, value in after.items()}
        for before, after in (
            ({pack.name: pack for pack in old.packs}, {pack.name: pack for pack in new.packs}),
            (old.facts, new.facts),
            (old.reckoned, new.reckoned),
            (old.remedies, new.remedies),
        )
    ) and [placeless(one) for one in old.costs] == [placeless(one) for one in new.costs]


def _rules_differ(old: Side, new: Side, reason: str) -> bool:
    return any(rule.id in side.changed for side in (old, new) for rule in side.rules(reason))


def _remedies(old: Side, new: Side, reason: str) -> list[str]:
    """The remedies of both that rules of either speak of; all, where a rule speaks of all or another list is closed."""
    named = {
        effect.remedy for side in (old, new) for rule in side.rules(reason) for effect in rule.then if _speaks(effect)
    }
    closed = [side.book.rulebook.reasons[reason] for side in (old, new)]
    wide = None in named or closed[0].closed != closed[1].closed or closed[0].closes != closed[1].closes
    return [
        remedy
        for remedy in old.book.rulebook.remedies
        if remedy in new.book.rulebook.remedies and (wide or remedy in named)
    ]


def _speaks(effect: Effect) -> bool:
    return effect.kind in (EffectKind.ENTITLE, EffectKind.PERMIT, EffectKind.FORBID, EffectKind.ESCALATE)


def _limits(book: Rulebook, reason: str, remedy: str, level: str | None) -> dict[str, tuple[object, ...]]:
    """The limits on a remedy for a reason with their bound for a level; what they are called and rails do not count."""
    found: dict[str, tuple[object, ...]] = {}
    for limit in book.opening_limits.limits:
        if limit.is_for(reason) and (not limit.remedies or remedy in limit.remedies):
            bound = limit.bound_for(level)
            if bound is not None:
                found[limit.id] = (limit.scope, limit.window, limit.currency, limit.measure, limit.counts, bound)
    return found
