"""Small changes of what is not a rule: parameters, facts, reasons, limits as a pack opens them, a pack's settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from fractions import Fraction

from policyservice.assurance.mutants.amounts import Amounts
from policyservice.assurance.mutants.mutant import Kind, Mutant
from policyservice.assurance.wording import shown
from policyservice.domain.limits import Bound, Counts, Limit, Measure
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.shards import reasons_fixed
from policyservice.rulebook.model import (
    DatedValue,
    Fact,
    Pack,
    Parameter,
    ParameterRef,
    ParameterUnit,
    Reason,
    Rulebook,
)

_FOR_ALL_REASONS = "for all reasons"


def mutants(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every small change of every setting that a policy test can see."""
    yield from _parameters(rulebook)
    yield from _facts(rulebook)
    yield from _reckoned(rulebook)
    yield from _reasons(rulebook)
    yield from _limits(rulebook)
    yield from _packs(rulebook)


# --- parameters ------------------------------------------------------------------------------------------


def _parameters(rulebook: Rulebook) -> Iterator[Mutant]:
    for name, parameter in rulebook.parameters.items():
        reasons = _reasons_of(rulebook, ParameterRef(name))
        for what, changed in _of_parameter(parameter):
            book = replace(rulebook, parameters={**rulebook.parameters, name: changed})
            yield Mutant(Kind.PARAMETER, name, what, book, parameter.place, reasons=reasons)


def _reasons_of(rulebook: Rulebook, stated: ParameterRef) -> frozenset[str] | None:
    """The reasons whose rules name a parameter; None where it may matter for any."""
    if _names((*rulebook.reckoned.values(), *rulebook.remedies.values()), stated):
        return None
    fixed = [reasons_fixed(rule.when) for rule in rulebook.rules if _names((rule.when, rule.then), stated)]
    known = [reasons for reasons in fixed if reasons is not None]
    return frozenset().union(*known) if len(known) == len(fixed) else None


def _names(part: object, stated: ParameterRef) -> bool:
    if isinstance(part, tuple):
        return any(_names(one, stated) for one in part)
    if part == stated:
        return True
    return is_dataclass(part) and any(_names(getattr(part, field.name), stated) for field in fields(part))


def _of_parameter(parameter: Parameter) -> Iterator[tuple[str, Parameter]]:
    for index, dated in enumerate(parameter.values):
        for what, found in _of_dated(parameter, dated):
            values = (*parameter.values[:index], found, *parameter.values[index + 1 :])
            yield what, replace(parameter, values=values)


def _of_dated(parameter: Parameter, dated: DatedValue) -> Iterator[tuple[str, DatedValue]]:
    for days in (-1, 1):
        start = dated.start + timedelta(days=days)
        yield f"the value of {dated.start} from {start}", replace(dated, start=start)
    if isinstance(dated.value, int | Fraction):
        unit = Fraction(1, 100) if parameter.unit is ParameterUnit.PERCENT else 1
        for value in (dated.value - unit, dated.value + unit):
            old, new = (shown(one, parameter.unit, parameter.currency) for one in (dated.value, value))
            yield f"{old} from {dated.start} becomes {new}", replace(dated, value=value)


# --- facts and reasons -----------------------------------------------------------------------------------


def _facts(rulebook: Rulebook) -> Iterator[Mutant]:
    for name, fact in rulebook.facts.items():
        for what, changed in _of_fact(fact, _currency_of(rulebook, fact.pack)):
            book = replace(rulebook, facts={**rulebook.facts, name: changed})
            yield Mutant(Kind.VOCABULARY, name, what, book, fact.place)


def _of_fact(fact: Fact, currency: str) -> Iterator[tuple[str, Fact]]:
    if fact.presume is not None:
        yield "nothing presumed", replace(fact, presume=None)
        for value in _otherwise(fact):
            yield f"presumed {shown(value, fact.type, currency)}", replace(fact, presume=value)
    for index, pattern in enumerate(fact.paid_for):
        left = (*fact.paid_for[:index], *fact.paid_for[index + 1 :])
        yield f"no longer what was paid for {pattern}", replace(fact, paid_for=left)
        known = replace(fact, paid_for=left, paid_where_known=(*fact.paid_where_known, pattern))
        yield f"what was paid for {pattern} only where it is known", known
    for index, pattern in enumerate(fact.paid_where_known):
        left = (*fact.paid_where_known[:index], *fact.paid_where_known[index + 1 :])
        yield f"no longer what was paid for {pattern}", replace(fact, paid_where_known=left)
        yield f"waited for with {pattern}", replace(fact, paid_where_known=left, paid_for=(*fact.paid_for, pattern))


def _otherwise(fact: Fact) -> Iterator[FactValue]:
    match fact.presume:
        case bool():
            yield not fact.presume
        case int():
            yield from (fact.presume - 1, fact.presume + 1)
        case str():
            yield from (code for code in fact.values if code != fact.presume)


def _reckoned(rulebook: Rulebook) -> Iterator[Mutant]:
    for name, fact in rulebook.reckoned.items():
        for what, expression in Amounts(fact.type, _currency_of(rulebook, fact.pack)).changes(fact.expression):
            changed = replace(fact, expression=expression)
            book = replace(rulebook, reckoned={**rulebook.reckoned, name: changed})
            yield Mutant(Kind.VOCABULARY, name, what, book, fact.place)


def _currency_of(rulebook: Rulebook, pack: str) -> str:
    return rulebook.pack(pack).currency


def _reasons(rulebook: Rulebook) -> Iterator[Mutant]:
    for name, reason in rulebook.reasons.items():
        for what, changed in _of_reason(reason):
            book = replace(rulebook, reasons={**rulebook.reasons, name: changed})
            yield Mutant(Kind.REASON, name, what, book, reason.place, reasons=frozenset({name}))


def _of_reason(reason: Reason) -> Iterator[tuple[str, Reason]]:
    opened = "what no rule speaks for is no longer forbidden"
    yield opened if reason.closed else "what no rule speaks for is forbidden", replace(reason, closed=not reason.closed)
    for remedy in sorted(reason.closes):
        yield f"{remedy} is no longer forbidden where no rule speaks", replace(reason, closes=reason.closes - {remedy})


# --- limits and packs ------------------------------------------------------------------------------------


def _limits(rulebook: Rulebook) -> Iterator[Mutant]:
    opening = rulebook.opening_limits
    for index, limit in enumerate(opening.limits):
        before, after = opening.limits[:index], opening.limits[index + 1 :]
        for what, changed in _of_limit(limit):
            limits = (*before, *((changed,) if changed else ()), *after)
            book = replace(rulebook, opening_limits=replace(opening, limits=limits))
            is_for = None if what == _FOR_ALL_REASONS else frozenset(filter(limit.is_for, rulebook.reasons))
            yield Mutant(Kind.LIMIT, limit.id, what, book, reasons=is_for)


def _of_limit(limit: Limit) -> Iterator[tuple[str, Limit | None]]:
    yield "the limit removed", None
    for level, bound in limit.bounds.items():
        whose = f" for {level}" if level else ""
        for what, moved in _of_bound(bound, limit.currency):
            yield f"{what}{whose}", replace(limit, bounds={**limit.bounds, level: moved})
    counts = Counts.GOODWILL if limit.counts is Counts.ALL else Counts.ALL
    yield f"counts {counts.value}", replace(limit, counts=counts)
    measure = Measure.FACE if limit.measure is Measure.COST else Measure.COST
    yield f"measures {measure.value}", replace(limit, measure=measure)
    yield from ((what, replace(limit, remedies=left)) for what, left in _fewer("remedies", limit.remedies))
    yield from ((what, replace(limit, reasons=left)) for what, left in _fewer("reasons", limit.reasons))


def _fewer(name: str, stated: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if stated:
        yield f"for all {name}", ()
    for index in range(len(stated) if len(stated) > 1 else 0):
        yield f"no longer for {stated[index]}", (*stated[:index], *stated[index + 1 :])


def _of_bound(bound: Bound, currency: str) -> Iterator[tuple[str, Bound]]:
    for step in (-1, 1):
        if bound.amount_minor is not None:
            old, new = (shown(one, FactType.MONEY, currency) for one in (bound.amount_minor, bound.amount_minor + step))
            yield f"{old} becomes {new}", replace(bound, amount_minor=bound.amount_minor + step)
        if bound.count is not None:
            yield f"{bound.count} times becomes {bound.count + step}", replace(bound, count=bound.count + step)


def _packs(rulebook: Rulebook) -> Iterator[Mutant]:
    for index, pack in enumerate(rulebook.packs):
        for what, changed in _of_pack(pack):
            packs = (*rulebook.packs[:index], changed, *rulebook.packs[index + 1 :])
            yield Mutant(Kind.PACK, pack.name, what, replace(rulebook, packs=packs))


def _of_pack(pack: Pack) -> Iterator[tuple[str, Pack]]:
    if pack.verify_above_minor is not None:
        yield "`verify_above` dropped", replace(pack, verify_above_minor=None)
        for step in (-1, 1):
            moved = pack.verify_above_minor + step
            yield (
                f"`verify_above` becomes {shown(moved, FactType.MONEY, pack.currency)}",
                replace(pack, verify_above_minor=moved),
            )
    if pack.stretch is not None:
        yield "`stretch` dropped", replace(pack, stretch=None)
        for step in (-1, 1):
            moved = pack.stretch.hard_cap_minor + step
            yield (
                f"`hard_cap` becomes {shown(moved, FactType.MONEY, pack.currency)}",
                replace(pack, stretch=replace(pack.stretch, hard_cap_minor=moved)),
            )
