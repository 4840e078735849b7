"""Policy tests: facts, what is asked, and what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policyservice.domain.decision import Outcome
from policyservice.domain.vocabulary import Basis, FactValue
from policyservice.rulebook.model import ParameterRef, PolicyTest, ProvidedBy
from policyservice.rulebook.read.names import REASON
from policyservice.rulebook.read.reading import Reading, is_true, scalars, whole, words
from policyservice.rulebook.read.values import value
from policyservice.rulebook.text.nodes import Kind, Mapped, Node, Scalar


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that a test may name."""

    rules: frozenset[str]
    limits: frozenset[str]


def policy_test(reading: Reading, node: Mapped, root: Mapped, ids: Ids) -> PolicyTest:
    """One case of a document of tests; what is wrong with it is noted."""
    as_of = _day(node, "as_of") or _day(root, "as_of")
    if as_of is None and "as_of" not in node and "as_of" not in root:
        reading.note(
            node.place, "`as_of` is missing: the date at which the case is judged, here or at the top of the file"
        )
    remedy, amount, is_open = _asked(reading, node.get("ask"))
    return PolicyTest(
        name=words(node, "name") or "",
        facts=_facts(reading, node.get("facts")),
        remedy=remedy,
        amount_minor=amount,
        open_amount=is_open,
        currency=reading.currency,
        as_of=as_of,
        trust_level=_trust_level(reading, node.get("agent")),
        expect=_expected(reading, node.get("expect"), ids),
        justification=words(node, "justification"),
        received=_received(reading, node.get("received"), ids),
        used=_used(reading, node.get("used"), ids),
        verified=frozenset(_names(reading, node.get("verified"), "facts", frozenset(reading.names.facts))),
        pack=reading.pack,
        place=node.place,
    )


def _day(node: Mapped, key: str) -> date | None:
    found = node.get(key)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, date) else None


def _facts(reading: Reading, node: Node | None) -> dict[str, FactValue]:
    if not isinstance(node, Mapped):
        return {}
    if REASON not in node:
        reading.note(node.place, "`reason` is missing: every case has one")
    read = {key.text: _fact(reading, key, written) for key, written in node.items() if isinstance(written, Scalar)}
    return {name: found for name, found in read.items() if found is not None}


def _fact(reading: Reading, key: Scalar, node: Scalar) -> FactValue | None:
    names = reading.names
    fact = names.kind_of(key.text)
    if fact is None:
        reading.known("facts", key, {*names.facts, *names.reckoned})
        return None
    if fact.is_reckoned:
        reading.note(key.place, f"`{fact.name}` is reckoned from other facts; give those")
        return None
    if fact.provided_by is ProvidedBy.RULES:
        reading.note(key.place, f"`{fact.name}` is concluded by rules; give the facts that it follows from")
        return None
    found = value(reading, node, fact, parameters=False, bounded=True)
    assert not isinstance(found, ParameterRef)
    return found


def _asked(reading: Reading, node: Node | None) -> tuple[str, int | None, bool]:
    """The remedy asked for, its sum, and whether the sum is left open."""
    named = node.get("remedy") if isinstance(node, Mapped) else None
    if not isinstance(node, Mapped) or not isinstance(named, Scalar):
        return "", None, False
    remedies = reading.names.remedies
    has_amount = not reading.known("remedies", named, remedies) or remedies[named.text].has_amount
    asked = node.get("amount")
    if not has_amount and "amount" in node:
        place = node.entries["amount"].key.place
        reading.note(place, f"`{named.text}` has no sum (`amount: none`); take `amount` out")
    minor = reading.sum(asked) if isinstance(asked, Scalar) else None
    if minor == 0:
        reading.note(node.place_of("amount"), "a sum of 0 cannot be asked; leave it out to ask how much may be given")
    return named.text, minor, has_amount and "amount" not in node


def _trust_level(reading: Reading, node: Node | None) -> str | None:
    named = node.get("trust_level") if isinstance(node, Mapped) else None
    if not isinstance(named, Scalar):
        return None
    reading.known("trust_levels", named, [level.name for level in reading.names.trust_levels])
    return named.text


def _received(reading: Reading, node: Node | None, ids: Ids) -> dict[str, object]:
    if not isinstance(node, Mapped):
        return {}
    found: dict[str, object] = {}
    if (refunded := reading.sum_at(node, "refunded")) is not None:
        found["refunded"] = refunded
    owed = node.get("owed")
    if isinstance(owed, Mapped):
        found["owed"] = dict(_sums(reading, owed, "rules", ids.rules))
    return found


def _sums(reading: Reading, node: Mapped, kind: str, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    for key, written in node.items():
        reading.known(kind, key, known)
        if isinstance(written, Scalar) and (minor := reading.sum(written)) is not None:
            yield key.text, minor


def _used(reading: Reading, node: Node | None, ids: Ids) -> dict[str, object]:
    if not isinstance(node, Mapped):
        return {}
    found: dict[str, object] = {}
    for key, written in node.items():
        reading.known("limits", key, ids.limits)
        if isinstance(written, Scalar):
            found[key.text] = reading.sum(written)
        elif isinstance(written, Mapped):
            parts = {"amount": reading.sum_at(written, "amount"), "count": whole(written, "count")}
            found[key.text] = {name: part for name, part in parts.items() if part is not None}
    return found


def _expected(reading: Reading, node: Node | None, ids: Ids) -> Mapping[str, object]:
    """What is compared, by the names that the running of tests uses; only what is written."""
    if not isinstance(node, Mapped):
        return {}
    found: dict[str, object] = {}
    for key, written in node.items():
        found[key.text] = _expectation(reading, key.text, written, node, ids)
    return found


def _expectation(reading: Reading, key: str, written: Node, node: Mapped, ids: Ids) -> object:
    names = reading.names
    match key:
        case "outcome":
            return Outcome(words(node, key) or "")
        case "basis":
            named = words(node, key)
            return Basis(named) if named in set(Basis) else None
        case "amount":
            is_null = isinstance(written, Scalar) and written.kind is Kind.NULL
            return None if is_null else reading.sum_at(node, key)
        case "stretched":
            return is_true(node, key)
        case "limit":
            if isinstance(written, Scalar):
                reading.known("limits", written, ids.limits)
            return words(node, key)
        case "reasons":
            return _names(reading, written, "rules", ids.rules)
        case "fired":
            return sorted(_names(reading, written, "rules", ids.rules))
        case "missing":
            return sorted(_names(reading, written, "facts", frozenset({*names.facts, *names.reckoned})))
    return _names(reading, written, "remedies", frozenset(names.remedies))


def _names(reading: Reading, node: Node | None, kind: str, known: frozenset[str]) -> list[str]:
    return [named.text for named in scalars(node) if reading.known(kind, named, known)]
