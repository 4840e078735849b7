"""Small changes of rules: removed, in force a day earlier or later, a condition or an effect changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from policyservice.assurance.mutants.amounts import Amounts
from policyservice.assurance.mutants.conditions import Conditions
from policyservice.assurance.mutants.mutant import Kind, Mutant, with_rule
from policyservice.assurance.wording import shown
from policyservice.domain.vocabulary import Basis, FactType, FactValue
from policyservice.engine.shards import reasons_fixed
from policyservice.engine.strata import first_hit_tables
from policyservice.rulebook.model import Effect, EffectKind, Interval, Rule, Rulebook, Verify

_OTHER_BASIS = {
    Basis.LAW: Basis.CONTRACT,
    Basis.CONTRACT: Basis.POLICY,
    Basis.POLICY: Basis.GOODWILL,
    Basis.GOODWILL: Basis.POLICY,
}
_OTHER_KIND = {
    EffectKind.FORBID: EffectKind.ESCALATE,
    EffectKind.ESCALATE: EffectKind.FORBID,
    EffectKind.ENTITLE: EffectKind.PERMIT,
    EffectKind.PERMIT: EffectKind.ENTITLE,
}
_DISCRETIONARY = (Basis.POLICY, Basis.GOODWILL)


def mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every small change of every rule and row."""
    for rule in rulebook.rules:
        yield from _of_rule(rulebook, rule)
    yield from _rows_swapped(rulebook)


def _of_rule(rulebook: Rulebook, rule: Rule) -> Iterator[Mutant]:
    reasons = reasons_fixed(rule.when)
    left = replace(rulebook, rules=tuple(other for other in rulebook.rules if other.id != rule.id))
    noun = "rule" if rule.table is None else "row"
    yield Mutant(Kind.RULE, rule.id, f"the {noun} removed", left, rule.place, rule.id, reasons=reasons)
    for kind, what, condition in Conditions(rulebook, rule.currency).changes(rule.when):
        book = with_rule(rulebook, replace(rule, when=condition))
        fixed = reasons_fixed(condition)
        either = None if reasons is None or fixed is None else reasons | fixed
        yield Mutant(kind, rule.id, what, book, rule.place, rule.id, reasons=either)
    for what, interval in _days(rule.in_force):
        book = with_rule(rulebook, replace(rule, in_force=interval))
        yield Mutant(Kind.IN_FORCE, rule.id, what, book, rule.place, rule.id, reasons=reasons)
    for what, demanded in _verified(rule):
        book = with_rule(rulebook, replace(rule, verify=demanded))
        place = rule.verify.place if rule.verify is not None else rule.place
        yield Mutant(Kind.BOUND, rule.id, what, book, place, rule.id, effects_only=True, reasons=reasons)
    for index, effect in enumerate(rule.then):
        for kind, what, changed in _of_effect(rulebook, rule, effect):
            then = (*rule.then[:index], *((changed,) if changed else ()), *rule.then[index + 1 :])
            book = with_rule(rulebook, replace(rule, then=then))
            place = effect.place or rule.place
            yield Mutant(kind, rule.id, what, book, place, rule.id, effects_only=True, reasons=reasons)


def _days(interval: Interval) -> Iterator[tuple[str, Interval]]:
    for days in (-1, 1):
        way = "earlier" if days < 0 else "later"
        if interval.start is not None:
            yield f"in force from a day {way}", replace(interval, start=_moved(interval.start, days))
        if interval.end is not None:
            yield f"in force until a day {way}", replace(interval, end=_moved(interval.end, days))


def _verified(rule: Rule) -> Iterator[tuple[str, Verify | None]]:
    """Changes of what a rule demands to be verified; dropped, it is as the pack says."""
    stated = rule.verify
    if stated is None:
        return
    yield "`verify_above` dropped", None
    for minor in (stated.above_minor - 1, stated.above_minor + 1):
        moved = shown(minor, FactType.MONEY, rule.currency)
        yield f"`verify_above` becomes {moved}", replace(stated, above_minor=minor)
    if stated.facts:
        yield "`verify_above` for all facts that the rule rests on", replace(stated, facts=())
    for name in stated.facts if len(stated.facts) > 1 else ():
        left = tuple(fact for fact in stated.facts if fact != name)
        yield f"`verify_above` no longer for {name}", replace(stated, facts=left)


def _moved(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _rows_swapped(rulebook: Rulebook) -> Iterator[Mutant]:
    """Neighbouring rows of tables in which the first row that holds counts."""
    for rows in first_hit_tables(rulebook.rules).values():
        for one, other in pairwise(rows):
            book = with_rule(with_rule(rulebook, replace(one, row=other.row)), replace(other, row=one.row))
            yield Mutant(Kind.RULE, other.id, "the row one place earlier", book, other.place, other.id)


# --- effects ---------------------------------------------------------------------------------------------


def _of_effect(rulebook: Rulebook, rule: Rule, effect: Effect) -> Iterator[tuple[Kind, str, Effect | None]]:
    """Changes of an effect, None where it is removed. What is only advised changes no answer."""
    if effect.kind is EffectKind.ADVISE:
        return
    said = f"`{effect.kind.value}{f' {effect.remedy}' if effect.remedy else ''}`"
    yield Kind.EFFECT, f"{said} removed", None
    if effect.kind is EffectKind.CONCLUDE:
        yield from _concluded(rulebook, rule, effect)
        return
    other = _OTHER_KIND[effect.kind]
    if other is not EffectKind.PERMIT or effect.basis in _DISCRETIONARY:
        yield Kind.EFFECT, f"{said} becomes `{other.value}`", replace(effect, kind=other)
    basis = _OTHER_BASIS[effect.basis]
    yield Kind.BASIS, f"{said} on {effect.basis.value} becomes {basis.value}", replace(effect, basis=basis)
    if effect.kind is EffectKind.ENTITLE:
        cumulative = "on top of others" if not effect.cumulative else "not on top of others"
        yield Kind.EFFECT, f"{said} {cumulative}", replace(effect, cumulative=not effect.cumulative)
    if effect.amount is not None:
        for what, amount in Amounts(FactType.MONEY, rule.currency).changes(effect.amount):
            yield Kind.AMOUNT, f"{said}: {what}", replace(effect, amount=amount)


def _concluded(rulebook: Rulebook, rule: Rule, effect: Effect) -> Iterator[tuple[Kind, str, Effect]]:
    fact = rulebook.facts[effect.fact or ""]
    for value in _other_values(fact.values, effect.value):
        words = f"{fact.name}: {shown(effect.value, fact.type, rule.currency)} becomes "
        yield Kind.EFFECT, words + shown(value, fact.type, rule.currency), replace(effect, value=value)


def _other_values(codes: tuple[str, ...], value: object) -> Iterator[FactValue]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value - 1, value + 1)
        case str():
            yield from (code for code in codes if code != value)
