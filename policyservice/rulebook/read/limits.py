"""Opening limits."""

from __future__ import annotations

from collections.abc import Callable

from policyservice.domain.limits import Bound, Counts, GuardRails, Limit, Measure, Scope, Window, WindowKind
from policyservice.rulebook.problems import listed
from policyservice.rulebook.read.reading import Reading, scalars, title, whole, words
from policyservice.rulebook.text.nodes import Mapped, Node, Scalar

_EVERY_LEVEL = ""

_Number = Callable[[Scalar], int | None]


def limit(reading: Reading, node: Mapped) -> Limit:
    """A limit with its bounds; what is wrong with it is noted."""
    scope = Scope(words(node, "scope") or Scope.ORGANISATION)
    amount_rails, count_rails = _rails(reading, node, "amount"), _rails(reading, node, "count")
    if "amount" not in node and "count" not in node:
        reading.note(node.place, "the limit has no bound: state `amount`, `count` or both")
    return Limit(
        id=words(node, "id") or "",
        title=title(node),
        scope=scope,
        window=_window(reading, node, scope),
        currency=reading.currency,
        bounds=_bounds(
            _by_level(reading, node, "amount", reading.sum, amount_rails),
            _by_level(reading, node, "count", _count, count_rails),
        ),
        measure=Measure(words(node, "measure") or Measure.FACE),
        counts=Counts(words(node, "counts") or Counts.GOODWILL),
        remedies=tuple(
            named.text
            for named in scalars(node.get("remedies"))
            if reading.known("remedies", named, reading.names.remedies)
        ),
        reasons=reading.patterns(node.get("reasons")),
        amount_rails=amount_rails,
        count_rails=count_rails,
    )


def _window(reading: Reading, node: Mapped, scope: Scope) -> Window:
    stated, days = words(node, "window"), whole(node, "days")
    is_rolling = stated == WindowKind.ROLLING
    if scope is Scope.DECISION and "window" in node:
        reading.note(node.entries["window"].key.place, "a limit per decision has no window; take it out")
    elif scope is not Scope.DECISION and "window" not in node and "scope" in node:
        kinds = [kind.value for kind in WindowKind]
        reading.note(node.place, f"`window` is missing: {', '.join(kinds[:-1])} or {kinds[-1]}")
    if is_rolling and "days" not in node:
        reading.note(node.place_of("window"), "a rolling window needs `days`: how many it looks back")
    elif "days" in node and not is_rolling and (stated is not None or "window" not in node):
        reading.note(node.entries["days"].key.place, "`days` belongs to a rolling window; take it out")
    if scope is Scope.DECISION:
        return Window(WindowKind.ONCE)
    return Window(WindowKind(stated or WindowKind.ONCE), (days or 1) if is_rolling else 0)


def _count(node: Scalar) -> int | None:
    return node.value if isinstance(node.value, int) else None


def _rails(reading: Reading, node: Mapped, key: str) -> GuardRails:
    both = node.get("guard_rails")
    rails = both.get(key) if isinstance(both, Mapped) else None
    if not isinstance(rails, Mapped):
        return GuardRails()
    number: _Number = reading.sum if key == "amount" else _count
    lowest, highest = (_number_at(rails, end, number) for end in ("lowest", "highest"))
    if highest is not None and highest < (lowest or 0):
        reading.note(rails.place_of("highest"), "the highest guard rail is below the lowest; nothing would fit")
        return GuardRails()
    return GuardRails(lowest or 0, highest)


def _number_at(node: Mapped, key: str, number: _Number) -> int | None:
    found = node.get(key)
    return number(found) if isinstance(found, Scalar) else None


def _by_level(reading: Reading, node: Mapped, key: str, number: _Number, rails: GuardRails) -> dict[str, int]:
    """Bounds by trust level; under "" the one for every level."""
    stated = node.get(key)
    if isinstance(stated, Scalar):
        found = {_EVERY_LEVEL: _inside(reading, stated, number, rails)}
    elif isinstance(stated, Mapped):
        _check_levels(reading, stated)
        found = {
            level.text: _inside(reading, bound, number, rails)
            for level, bound in stated.items()
            if isinstance(bound, Scalar)
        }
    else:
        found = {}
    return {level: bound for level, bound in found.items() if bound is not None}


def _inside(reading: Reading, node: Node, number: _Number, rails: GuardRails) -> int | None:
    assert isinstance(node, Scalar)
    found = number(node)
    if found is None:
        return None
    if found < rails.lowest or (rails.highest is not None and found > rails.highest):
        reading.note(node.place, f"`{node.text}` is outside the guard rails of this limit; move one of the two")
    return found


def _check_levels(reading: Reading, node: Mapped) -> None:
    """Every trust level has a bound: one that is left out would be without any."""
    levels = [level.name for level in reading.names.trust_levels]
    known = [reading.known("trust_levels", key, levels) for key, _ in node.items()]
    missing = [level for level in levels if level not in node]
    if missing and all(known):
        reading.note(node.place, f"no bound for {listed(missing)}: name every trust level, or state one bound for all")


def _bounds(amounts: dict[str, int], counts: dict[str, int]) -> dict[str, Bound]:
    every = Bound(amounts.get(_EVERY_LEVEL), counts.get(_EVERY_LEVEL))
    levels = [level for level in dict.fromkeys((*amounts, *counts)) if level != _EVERY_LEVEL]
    bounds = {level: Bound(amounts.get(level, every.amount_minor), counts.get(level, every.count)) for level in levels}
    if every != Bound():
        bounds[_EVERY_LEVEL] = every
    return bounds
