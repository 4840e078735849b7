"""Forms cut to what one durable rule can hold, measured, and written as the library's JSON.

The library walks a rule set with a stack of 64 entries, holds 32 operators and operator ends per rule, 511 different
conditions behind one, 127 joined alternatives behind one and 254 properties in a fact, and some of these it does not
check. A form too large for them is split at an alternative.

Source: the library's C code (events.c, rete.c, state.c of 2.0.28); the tests reach each bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyservice.domain.errors import EngineFault
from policyservice.engine.forms import Both, Either, Form, Leaf

MOST_AT_ONCE = 60  # entries of the stack a rule set may need
MOST_OPERATORS = 14  # per piece
MOST_CONDITIONS = 400  # per rule set
MOST_ALTERNATIVES = 100  # per rule set
MOST_PROPERTIES = 200  # per rule set
MOST_PIECES = 300  # per rule


# --- splitting ---------------------------------------------------------------------------------------


def split(form: Form) -> list[Form]:
    """Forms that together hold where `form` does, each within the bounds of one durable rule.

    Raises:
        EngineFault: it takes too many, or a list of demands is too long by itself.
    """
    done: list[Form] = []
    waiting = [form]
    while waiting:
        parts = flat(waiting.pop())
        if parts is None:
            continue
        if _within_bounds(Both(parts)):
            done.append(Both(parts))
        else:
            waiting.extend(_halves(parts))
        if len(done) + len(waiting) > MOST_PIECES:
            raise EngineFault(f"Its condition takes more than {MOST_PIECES} durable rules.")
    return done


def _within_bounds(form: Both) -> bool:
    return (
        at_once(form) <= MOST_AT_ONCE
        and operators(form) <= MOST_OPERATORS
        and conditions(form) <= MOST_CONDITIONS
        and alternatives(form) <= MOST_ALTERNATIVES
        and len(set(properties(form))) <= MOST_PROPERTIES
    )


def _halves(parts: tuple[Form, ...]) -> list[Form]:
    """The same demands twice, with half of the largest alternative each."""
    largest = max((part for part in parts if isinstance(part, Either)), key=conditions, default=None)
    if largest is None:
        raise EngineFault("Its condition lists more demands than a durable rule can hold.")
    rest = tuple(part for part in parts if part is not largest)
    middle = len(largest.of) // 2
    return [Both((*rest, Either(largest.of[:middle]))), Both((*rest, Either(largest.of[middle:])))]


def flat(form: Form) -> tuple[Form, ...] | None:
    """What a form demands side by side, equalities first and alternatives last; None where it can never hold."""
    found: list[Form] = []
    waiting = [form]
    while waiting:
        match waiting.pop(0):
            case Both(of=parts):
                waiting = [*parts, *waiting]
            case Either(of=parts):
                branches = _branches(parts)
                if not branches:
                    return None
                if len(branches) == 1:
                    waiting = [branches[0], *waiting]
                elif Both(()) not in branches:
                    found.append(Either(branches))
            case Leaf() as leaf:
                found.append(leaf)
    return tuple(sorted(dict.fromkeys(found), key=_place))


def _branches(parts: Sequence[Form]) -> tuple[Form, ...]:
    """The branches of an alternative, those of one inside it among them."""
    found: list[Form] = []
    for part in parts:
        inner = flat(part)
        if inner is None:
            continue
        if len(inner) == 1 and isinstance(inner[0], Either):
            found.extend(inner[0].of)
        else:
            found.append(inner[0] if len(inner) == 1 else Both(inner))
    return tuple(dict.fromkeys(found))


def _place(form: Form) -> int:
    return 2 if not isinstance(form, Leaf) else 0 if form.relation == "eq" else 1


# --- measuring ---------------------------------------------------------------------------------------


def at_once(form: Form) -> int:
    """How many entries of the library's stack a form can take at most."""
    match form:
        case Leaf():
            return 1
        case Both(of=parts):
            return 1 + sum(at_once(part) - 1 for part in parts)
        case Either(of=parts):
            return 1 if _exclusive(parts) else sum(at_once(part) for part in parts)


def _exclusive(parts: tuple[Form, ...]) -> bool:
    """One fact against several constants: at most one of them matches."""
    return (
        all(isinstance(part, Leaf) and part.relation == "eq" for part in parts)
        and len({part.name for part in parts if isinstance(part, Leaf)}) == 1
    )


def operators(form: Form, inside: bool = False) -> int:
    """How many `and` and `or` the library is given for a form; a guarded leaf in an alternative takes one."""
    match form:
        case Leaf(relation=relation):
            return 1 if inside and relation != "eq" else 0
        case Both(of=parts):
            return 1 + sum(operators(part) for part in parts)
        case Either(of=parts):
            return 1 + sum(operators(part, inside=True) for part in parts)


def conditions(form: Form) -> int:
    """How many single conditions a form has, guards included."""
    match form:
        case Leaf(relation=relation):
            return 1 if relation == "eq" else 2
        case Both(of=parts) | Either(of=parts):
            return sum(conditions(part) for part in parts)


def alternatives(form: Form) -> int:
    """How many alternatives a form has."""
    match form:
        case Leaf():
            return 0
        case Both(of=parts):
            return sum(alternatives(part) for part in parts)
        case Either(of=parts):
            return 1 + sum(alternatives(part) for part in parts)


def properties(form: Form) -> Iterator[str]:
    """The properties a form names."""
    match form:
        case Leaf(name=name):
            yield name
        case Both(of=parts) | Either(of=parts):
            for part in parts:
                yield from properties(part)


# --- the library's JSON ------------------------------------------------------------------------------


def as_json(form: Form) -> dict[str, object]:
    """A form as the library reads it."""
    match form:
        case Leaf(name=name, relation="eq", constant=constant):
            return {name: constant}
        case Leaf():
            return {"$and": _guarded(form)}
        case Both(of=parts):
            return {"$and": [inner for part in parts for inner in _side_by_side(part)]}
        case Either(of=parts):
            return {"$or": [as_json(part) for part in parts]}


def _side_by_side(part: Form) -> list[dict[str, object]]:
    if isinstance(part, Leaf) and part.relation != "eq":
        return _guarded(part)
    return [as_json(part)]


def _guarded(leaf: Leaf) -> list[dict[str, object]]:
    """A comparison that says nothing of an absent property: it asks first whether there is one."""
    return [{"$ex": {leaf.name: 1}}, {f"${leaf.relation}": {leaf.name: leaf.constant}}]
