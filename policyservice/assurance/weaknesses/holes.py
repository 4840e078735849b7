"""Dates that leave a hole: a rule that ends before its successor begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.rulebook.model import AllOf, AnyOf, Compare, Condition, Not, Rule, Rulebook


def holes(rulebook: Rulebook) -> Iterator[Weakness]:
    """A note for each stretch of days."""
    for family in _families(rulebook.rules):
        yield from _between(family)


def _families(rules: tuple[Rule, ...]) -> Iterator[list[Rule]]:
    """Rules that differ in their dates and bounds alone: one of them follows the other."""
    found: dict[object, list[Rule]] = {}
    tables: set[tuple[str, date | None, date | None]] = set()
    for rule in rules:
        if rule.table is not None:
            table = (rule.table, rule.in_force.start, rule.in_force.end)
            if table in tables:
                continue  # the rows of a table are in force together
            tables.add(table)
        found.setdefault(_kin(rule), []).append(rule)
    for family in found.values():
        if len(family) > 1:
            yield sorted(family, key=lambda rule: rule.in_force.start or date.min)


def _kin(rule: Rule) -> object:
    does = frozenset((effect.kind, effect.remedy, effect.fact) for effect in rule.then)
    return rule.pack, rule.currency, rule.in_force_by, _shape(rule.when), does


def _shape(condition: Condition) -> object:
    """What a condition asks, without its bounds: facts and how they are compared, reasons in full."""
    match condition:
        case Compare(fact=fact, op=op, value=value):
            return fact, op, value if fact == "reason" else None
        case Not(of=part):
            return "not", _shape(part)
        case AllOf(of=parts) | AnyOf(of=parts):
            return type(condition).__name__, frozenset(_shape(part) for part in parts)


def _between(family: list[Rule]) -> Iterator[Weakness]:
    last = family[0]
    for rule in family[1:]:
        end, start = last.in_force.end, rule.in_force.start
        if end is None:
            return
        if start is not None and start > end:
            name = last.table or last.id
            message = (
                f"`{name}` ends before {end} and `{rule.table or rule.id}` ({rule.place}), which follows it, begins on "
                f"{start}: in between neither is in force"
            )
            yield Weakness(Weight.NOTE, last.place, message)
        last = rule if rule.in_force.end is None or rule.in_force.end > end else last
