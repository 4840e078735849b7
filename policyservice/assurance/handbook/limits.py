"""Limits in words: for whom, in which time, how much for each trust level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.limits import (
    Bound,
    Counts,
    Limit,
    LimitSet,
    Measure,
    Scope,
    WindowKind,
    ladder,
    matches_reason,
)
from policyservice.rulebook.model import EffectKind, Rule


@dataclass(frozen=True, slots=True)
class ForLevel:
    """What one trust level may: the level's number from 0, its title, the bound in words."""

    rank: int
    level: str
    bound: str


@dataclass(frozen=True, slots=True)
class LimitTold:
    """One limit: its title, for whom and in which time, what it counts, and a bound for each level."""

    title: str
    reach: str
    notes: tuple[str, ...]
    levels: tuple[ForLevel, ...]


def limits_told(writer: Writer, limits: LimitSet) -> tuple[LimitTold, ...]:
    """Every limit, in the order of the rulebook."""
    return tuple(
        LimitTold(
            writer.text(limit.title),
            _reach(writer, limit),
            tuple(_notes(writer, limit)),
            tuple(
                ForLevel(level.rank, writer.text(level.title), _bound(writer, limit.bound_for(level.name), limit))
                for level in writer.rulebook.trust_levels
            ),
        )
        for limit in limits.limits
    )


def _reach(writer: Writer, limit: Limit) -> str:
    whom = writer.say("scope_reason" if limit.scope is Scope.REASON else limit.scope.value)
    if limit.scope is Scope.DECISION:
        return whom
    if limit.window.kind is WindowKind.ROLLING:
        return f"{whom}, {writer.say('rolling', days=writer.quantity(limit.window.days, 'days'))}"
    return f"{whom}, {writer.say(limit.window.kind.value)}"


def _notes(writer: Writer, limit: Limit) -> Iterable[str]:
    book = writer.rulebook
    if limit.remedies:
        yield writer.say("only_remedies", listed=", ".join(writer.text(book.remedies[r].title) for r in limit.remedies))
    if limit.reasons:
        covered = [reason for reason in book.reasons.values() if _covers(limit.reasons, reason.name)]
        yield writer.say("only_reasons", listed=", ".join(writer.text(reason.title) for reason in covered))
    if limit.measure is Measure.COST:
        yield writer.say("counted_at_cost")
    if limit.counts is Counts.ALL:
        yield writer.say("counts_all")


def _covers(patterns: Iterable[str], reason: str) -> bool:
    return any(matches_reason(pattern, reason) for pattern in patterns)


def _bound(writer: Writer, bound: Bound | None, limit: Limit) -> str:
    parts = []
    if bound is not None and bound.amount_minor is not None:
        parts.append(writer.say("amount", amount=writer.money(bound.amount_minor, limit.currency)))
    if bound is not None and bound.count is not None:
        parts.append(_times(writer, bound.count))
    return "; ".join(parts) or writer.say("no_bound")


def _times(writer: Writer, count: int) -> str:
    return writer.say("times_one") if count == 1 else writer.say("times_many", count=writer.number(count))


@dataclass(frozen=True, slots=True)
class Ladder:
    """What each level decides itself in one decision; `remedy` is empty where it is the same for all of them."""

    remedy: str
    levels: tuple[ForLevel, ...]


def ladders(writer: Writer, limits: LimitSet, reason: str, rules: Iterable[Rule]) -> tuple[Ladder, ...]:
    """How far each level decides itself for a reason, for the remedies with a sum that its rules let people give."""
    permitted = {
        (str(effect.remedy), rule.currency): None
        for rule in rules
        for effect in rule.then
        if effect.kind is EffectKind.PERMIT and effect.amount is not None
    }
    steps = {key: _steps(writer, limits, reason, *key) for key in permitted}
    steps = {key: levels for key, levels in steps.items() if levels}
    if len(set(steps.values())) == 1:
        return (Ladder("", next(iter(steps.values()))),)
    title = {key: writer.text(writer.rulebook.remedies[key[0]].title) for key in steps}
    return tuple(Ladder(title[key], levels) for key, levels in steps.items())


def _steps(writer: Writer, limits: LimitSet, reason: str, remedy: str, currency: str) -> tuple[ForLevel, ...]:
    levels = {level.name: level for level in writer.rulebook.trust_levels}
    found = ladder(limits, tuple(levels), remedy, reason, currency)
    if all(cap is None for _, cap in found):
        return ()
    return tuple(
        ForLevel(
            levels[name].rank,
            writer.text(levels[name].title),
            writer.say("no_bound") if cap is None else writer.say("amount", amount=writer.money(cap, currency)),
        )
        for name, cap in found
    )
