"""Facts as a caller gives them, read by the vocabulary; what is at fault is collected, not raised at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from policyservice.decisions.values import a_fact
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.model import Fact, ProvidedBy, Rulebook

_T = TypeVar("_T")


def validate_facts(raw: Mapping[str, object], rulebook: Rulebook, currency: str) -> dict[str, FactValue]:
    """Facts alone, as a caller may give them.

    Raises:
        InvalidRequest: every fact at fault, as "facts.NAME".
    """
    errors: list[FieldError] = []
    facts = read_facts(raw, rulebook, currency, errors)
    if errors:
        raise InvalidRequest(errors)
    return facts


def read_facts(
    given: object,
    rulebook: Rulebook,
    currency: str | None,
    errors: list[FieldError],
    *,
    from_systems: bool = False,
) -> dict[str, FactValue]:
    """The facts that can be taken; each one at fault is added to `errors`.

    Without a currency, which is then at fault itself, money facts are passed over.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        errors.append(FieldError("facts", "expected an object of facts by name."))
        return {}
    reading = _Reading(rulebook, currency, from_systems)
    facts: dict[str, FactValue] = {}
    for name, value in given.items():
        read = collect(errors, partial(reading.fact, str(name), value))
        if read is not None:
            facts[name] = read
    return facts


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads facts by the vocabulary; without a currency (it is at fault itself) money facts are passed over."""

    rulebook: Rulebook
    currency: str | None
    from_systems: bool

    def fact(self, name: str, value: object) -> FactValue | None:
        field = f"facts.{shown(name)}"
        fact = self._declared(field, name)
        if fact.provided_by is ProvidedBy.RULES:
            raise FieldProblem(field, "is concluded by the rules and cannot be given.")
        if fact.provided_by is ProvidedBy.SYSTEM and not self.from_systems:
            raise FieldProblem(field, "is provided by the company's own systems, not by callers.")
        if value is None:
            raise FieldProblem(field, "is null; leave out a fact that is not known.")
        if self.currency is None and fact.type is FactType.MONEY:
            return None
        return a_fact(field, fact, value, self.currency or "")

    def _declared(self, field: str, name: str) -> Fact:
        fact = self.rulebook.facts.get(name)
        if fact is not None:
            return fact
        if name == "reason":
            raise FieldProblem(field, "belongs beside facts, not among them.")
        if name in self.rulebook.reckoned:
            raise FieldProblem(field, "is reckoned from other facts and cannot be given.")
        raise FieldProblem(field, "is not in the vocabulary.")


def collect(errors: list[FieldError], read: Callable[[], _T]) -> _T | None:
    """What `read` returns; where it refuses a field, None, with the refusal kept in `errors`."""
    try:
        return read()
    except InvalidRequest as refused:
        errors.extend(refused.errors)
        return None


def shown(name: object) -> str:
    """A name that a caller made up, short and safe to send back."""
    return str(name)[:80].encode("utf-8", "replace").decode()
