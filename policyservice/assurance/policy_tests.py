"""Runs a rulebook's own policy tests through the one `decide`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Received, owed_key
from policyservice.domain.limits import Usage
from policyservice.domain.money import decimal_string
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.engine.hypothetical import context_for
from policyservice.rulebook.model import PolicyTest, Rulebook

OPENING_DAY = date(2026, 1, 1)
"""The day of a test file that states none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A policy test whose answer is not the expected one: what was expected, what came."""

    test: PolicyTest
    differences: tuple[str, ...]
    decision: Decision

    def __str__(self) -> str:
        where = f"{self.test.place}: " if self.test.place else ""
        return f"{where}{self.test.name}: {'; '.join(self.differences)}"


def run(rulebook: Rulebook) -> list[Failure]:
    """Every policy test whose answer differs from what it expects; empty when all hold."""
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
    return [failure for test in rulebook.tests if (failure := run_one(book, test)) is not None]


def run_one(book: CompiledRulebook, test: PolicyTest) -> Failure | None:
    """The failure of one policy test, or None where it holds."""
    decision = answer(book, test)
    found = differences(test, decision)
    return Failure(test, found, decision) if found else None


def answer(book: CompiledRulebook, test: PolicyTest) -> Decision:
    """What `decide` answers to the case of a policy test."""
    return decide(book, as_request(test), as_context(book.rulebook, test))


def as_request(test: PolicyTest) -> Request:
    """The request of a policy test."""
    facts = {name: value for name, value in test.facts.items() if name != "reason"}
    return Request(
        reason=str(test.facts["reason"]),
        remedy=test.remedy,
        currency=test.currency,
        amount_minor=test.amount_minor,
        justification=test.justification,
        open_amount=test.open_amount,
        facts=facts,
    )


def as_context(rulebook: Rulebook, test: PolicyTest) -> Context:
    """The context of a policy test: its day, its agent's trust level, what was received and used before."""
    owed: Mapping[str, int] = test.received.get("owed", {})  # type: ignore[assignment]
    refunded: int = test.received.get("refunded", 0)  # type: ignore[assignment]
    return context_for(
        rulebook,
        as_of=test.as_of or OPENING_DAY,
        reason=str(test.facts["reason"]),
        remedy=test.remedy,
        currency=test.currency,
        trust_level=test.trust_level,
        received=Received(refunded, {owed_key(r, test.remedy): (s, 1) for r, s in owed.items()}),
        used={limit: _usage(value) for limit, value in test.used.items()},
        verified=test.verified,
    )


def _usage(value: object) -> Usage:
    """What a test says was used of a limit: a sum, or a sum and a number of times."""
    if isinstance(value, Mapping):
        amount, count = int(value.get("amount", 0)), int(value.get("count", 0))
        return Usage(goodwill_face=amount, goodwill_cost=amount, goodwill_count=count)
    assert isinstance(value, int)
    return Usage(goodwill_face=value, goodwill_cost=value, goodwill_count=1)


def differences(test: PolicyTest, decision: Decision) -> tuple[str, ...]:
    """In what a decision is not the one that a policy test expects, in words."""
    return tuple(_differences(test, decision))


def _differences(test: PolicyTest, decision: Decision) -> Iterator[str]:
    for key, expected in test.expect.items():
        found = _found(key, decision)
        if key in ("reasons", "alternatives"):
            absent = [name for name in expected if name not in found]  # type: ignore[attr-defined,operator]
            if absent:
                yield f"{key}: expected {', '.join(absent)} among {', '.join(found) or 'none'}"  # type: ignore[arg-type]
        elif found != expected:
            yield f"{key}: expected {_shown(key, expected, decision)}, came {_shown(key, found, decision)}"


def _found(key: str, decision: Decision) -> object:
    match key:
        case "outcome":
            return decision.outcome.value
        case "basis":
            return decision.basis.value if decision.basis is not None else None
        case "amount":
            return decision.available_minor
        case "reasons":
            return list(decision.rules)
        case "fired":
            return sorted(decision.rules)
        case "limit":
            return decision.binding_limit.limit if decision.binding_limit is not None else None
        case "stretched":
            return decision.stretched
        case "missing":
            return sorted(decision.missing)
        case "alternatives":
            return [alternative.remedy for alternative in decision.alternatives]
    raise ValueError(f"no such expectation: {key}")


def _shown(key: str, value: object, decision: Decision) -> str:
    if key == "amount" and isinstance(value, int):
        return decimal_string(value, decision.currency)
    return str(value)
