"""The raw values of a request to a `Request`: the one gate for HTTP, case lines and back-tests.

Every field at fault is named at once. What passes here is what the engine may be fed; nothing after it looks
at raw values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from policyservice.decisions.given_facts import collect, read_facts, shown
from policyservice.decisions.values import (
    LONGEST_JUSTIFICATION,
    a_reference,
    a_sum,
    a_text,
    an_instant,
)
from policyservice.domain.case import Request
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.money import exponent
from policyservice.rulebook.model import Remedy, Rulebook

LONGEST_DELAY = timedelta(days=31)
"""How long ago a remedy recorded afterwards (`given_at`) may have been given; the far end included."""


class Purpose(Enum):
    """What a request is validated for: which fields it must have and may not have."""

    DECISION = "decision"
    OPTIONS = "options"  # without remedy and amount
    EVALUATION = "evaluation"  # a case line: only reason, remedy and currency are required


_REFERENCES = ("agent", "case", "customer", "channel", "order", "incident")
_REQUIRED = {
    Purpose.DECISION: ("agent", "case", "channel", "reason", "remedy", "currency"),
    Purpose.OPTIONS: ("agent", "case", "channel", "reason", "currency"),
    Purpose.EVALUATION: ("reason", "remedy", "currency"),
}
_KNOWN = {
    Purpose.DECISION: (
        *_REFERENCES,
        "reason",
        "remedy",
        "currency",
        "amount",
        "justification",
        "given_at",
        "facts",
    ),
    Purpose.OPTIONS: (*_REFERENCES, "reason", "currency", "justification", "facts"),
    Purpose.EVALUATION: (*_REFERENCES, "reason", "remedy", "currency", "amount", "justification", "facts"),
}


def validate(
    raw: Mapping[str, object],
    rulebook: Rulebook,
    *,
    now: datetime,
    purpose: Purpose = Purpose.DECISION,
    from_systems: bool = False,
) -> Request:
    """A request whose every value is of its declared type.

    `raw` has the contract's flat shape: money as decimal strings, dates as ISO strings, facts by dotted name.
    None stands for a field left out. `from_systems` admits facts that only the company's own systems may
    provide. A request for `OPTIONS` has an empty remedy and an open amount.

    Raises:
        InvalidRequest: every field at fault, with paths such as "facts.order.paid".
    """
    return _Reading(raw, rulebook, now, purpose, from_systems).request()


def instant_of(raw: Mapping[str, object], now: datetime) -> datetime:
    """The instant a request is decided at: `given_at` where it names one that can be taken, else `now`."""
    try:
        return _given_at(raw.get("given_at"), now) or now
    except FieldProblem:
        return now  # `validate` names the field


def still_valid(request: Request, rulebook: Rulebook) -> None:
    """Check a request that was validated under another rulebook against this one.

    Raises:
        InvalidRequest: its reason, remedy or a fact is no longer declared as it was.
    """
    errors = []
    if request.reason not in rulebook.reasons:
        errors.append(FieldError("reason", "is not in the catalogue any more."))
    if request.remedy not in rulebook.remedies:
        errors.append(FieldError("remedy", "is not in the catalogue any more."))
    for name, value in request.facts.items():
        fact = rulebook.facts.get(name)
        if fact is None or (fact.values and value not in fact.values):
            errors.append(FieldError(f"facts.{name}", "is not in the vocabulary any more."))
    if errors:
        raise InvalidRequest(errors)


@dataclass(slots=True)
class _Reading:
    """One pass over the raw values, collecting what is at fault."""

    raw: Mapping[str, object]
    rulebook: Rulebook
    now: datetime
    purpose: Purpose
    from_systems: bool

    def request(self) -> Request:
        errors: list[FieldError] = []
        self._check_keys(errors)
        currency = collect(errors, self._currency)
        reason = collect(errors, lambda: self._declared("reason", self.rulebook.reasons))
        remedy = collect(errors, lambda: self._declared("remedy", self.rulebook.remedies))
        amount = collect(errors, lambda: self._amount(remedy, currency))
        references = {name: self._reference(name, errors) for name in _REFERENCES}
        justification = collect(errors, self._justification)
        given_at = collect(errors, lambda: _given_at(self.raw.get("given_at"), self.now))
        facts = read_facts(self.raw.get("facts"), self.rulebook, currency, errors, from_systems=self.from_systems)
        if errors:
            raise InvalidRequest(errors)
        return Request(
            reason=reason or "",
            remedy=remedy or "",
            currency=currency or "",
            amount_minor=amount,
            justification=justification,
            given_at=given_at,
            open_amount=self._is_open(remedy, amount),
            facts=facts,
            proactive=False,
            **references,
        )

    def _check_keys(self, errors: list[FieldError]) -> None:
        known = _KNOWN[self.purpose]
        for name in self.raw:
            if name not in known:
                errors.append(FieldError(shown(name), "is unknown: not a field of this request."))
        for name in _REQUIRED[self.purpose]:
            if self.raw.get(name) is None:
                errors.append(FieldError(name, "is required."))

    def _currency(self) -> str | None:
        value = self.raw.get("currency")
        if value is None:
            return None
        if not isinstance(value, str):
            raise FieldProblem("currency", "expected an ISO 4217 code such as 'EUR'.")
        exponent(value[:10])
        return value

    def _declared(self, field: str, catalogue: Mapping[str, object]) -> str | None:
        value = self.raw.get(field)
        if value is None or field not in _KNOWN[self.purpose]:
            return None
        if not isinstance(value, str) or value not in catalogue:
            raise FieldProblem(field, f"is not in the catalogue: {', '.join(sorted(catalogue))}.")
        return value

    def _amount(self, remedy_name: str | None, currency: str | None) -> int | None:
        if self.purpose is Purpose.OPTIONS:
            return None
        value = self.raw.get("amount")
        remedy = self.rulebook.remedies.get(remedy_name) if remedy_name else None
        if value is None:
            if remedy is not None and remedy.has_amount and self.purpose is Purpose.DECISION:
                raise FieldProblem("amount", f"is required for {remedy.name}.")
            return None
        if remedy is not None and not remedy.has_amount:
            raise FieldProblem("amount", f"must be left out: {remedy.name} has no sum.")
        if currency is None:  # already named; the shape is still worth a word
            if not isinstance(value, str):
                raise FieldProblem("amount", "expected a decimal string such as '7.00'.")
            return None
        return a_sum("amount", value, currency, zero=False)

    def _is_open(self, remedy_name: str | None, amount: int | None) -> bool:
        if self.purpose is Purpose.OPTIONS:
            return True
        remedy: Remedy | None = self.rulebook.remedies.get(remedy_name or "")
        return self.purpose is Purpose.EVALUATION and amount is None and bool(remedy and remedy.has_amount)

    def _reference(self, name: str, errors: list[FieldError]) -> str | None:
        value = self.raw.get(name)
        return None if value is None else collect(errors, lambda: a_reference(name, value))

    def _justification(self) -> str | None:
        value = self.raw.get("justification")
        if value is None:
            return None
        return a_text("justification", value, LONGEST_JUSTIFICATION, lines=True).strip() or None


def _given_at(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    instant = an_instant("given_at", value)
    if instant > now:
        raise FieldProblem("given_at", "is in the future; it says when the remedy was given.")
    if now - instant > LONGEST_DELAY:
        raise FieldProblem("given_at", f"is more than {LONGEST_DELAY.days} days ago.")
    return instant
