"""What was added, removed or changed by name, whatever it does to answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from policyservice.rulebook.model import ParameterRef, Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Declared:
    """One kind of thing with the names that were added, removed, changed."""

    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def declared(old: Rulebook, new: Rulebook) -> Iterator[Declared]:
    """Every kind of which something is not as it was; where it stands in the text does not count."""
    for kind, before, after in zip(_KINDS, _by_name(old), _by_name(new), strict=True):
        found = Declared(
            kind,
            added=tuple(name for name in after if name not in before),
            removed=tuple(name for name in before if name not in after),
            changed=tuple(name for name in before if name in after and not same(before[name], after[name])),
        )
        if found.added or found.removed or found.changed:
            yield found


_KINDS = ("packs", "facts", "reckoned facts", "reasons", "remedies", "trust levels", "parameters", "limits", "rules")


def _by_name(book: Rulebook) -> tuple[Mapping[str, Any], ...]:
    return (
        {pack.name: pack for pack in book.packs},
        book.facts,
        book.reckoned,
        book.reasons,
        book.remedies,
        {level.name: level for level in book.trust_levels},
        book.parameters,
        {limit.id: limit for limit in book.opening_limits.limits},
        {rule.id: rule for rule in book.rules},
    )


def same(one: Any, other: Any) -> bool:
    """Whether two declarations say the same, wherever they stand."""
    return bool(one == other or placeless(one) == placeless(other))


def placeless(value: Any) -> Any:
    """A declaration without the places of its text."""
    if isinstance(value, Rule):
        return replace(value, place=None, then=tuple(replace(effect, place=None) for effect in value.then))
    if is_dataclass(value) and not isinstance(value, type) and "place" in {field.name for field in fields(value)}:
        return replace(value, **{"place": None})
    return value


def changed_rules(old: Rulebook, new: Rulebook) -> tuple[frozenset[str], frozenset[str]]:
    """The rules of the old rulebook that are not as they were, and those of the new one.

    A rule that reads a parameter whose values changed counts as changed.
    """
    before, after = ({rule.id: rule for rule in book.rules} for book in (old, new))
    parameters = {
        name
        for name in {*old.parameters, *new.parameters}
        if not same(old.parameters.get(name), new.parameters.get(name))
    }
    return frozenset(_changed(before, after, parameters)), frozenset(_changed(after, before, parameters))


def _changed(these: Mapping[str, Rule], others: Mapping[str, Rule], parameters: set[str]) -> Iterator[str]:
    for name, rule in these.items():
        if name not in others or not same(rule, others[name]) or not parameters.isdisjoint(_parameters(rule)):
            yield name


def _parameters(value: Any) -> Iterator[str]:
    """The parameters that a rule names anywhere."""
    if isinstance(value, ParameterRef):
        yield value.name
    parts: Iterable[Any] = ()
    if isinstance(value, tuple):
        parts = value
    elif is_dataclass(value) and not isinstance(value, type):
        parts = (getattr(value, field.name) for field in fields(value))
    for part in parts:
        yield from _parameters(part)
