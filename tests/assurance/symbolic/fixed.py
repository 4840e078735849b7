"""A case put into the formulas: every symbol gets the value that it has there, and what is left is true or false."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3

from policyservice.assurance.symbolic.answer import Answer, Outcomes
from policyservice.assurance.symbolic.case import Symbols
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision
from policyservice.domain.limits import Counts, Limit, LimitState, Measure, Window, WindowKind
from policyservice.domain.vocabulary import Text
from policyservice.rulebook.model import Rulebook

_TITLE = Text("limit", "raja")


def as_limits(context: Context) -> tuple[Limit, ...]:
    """The limits that a context met, with the bounds that they had for its agent."""
    return tuple(_limit(state) for state in context.limits)


def _limit(state: LimitState) -> Limit:
    return Limit(
        state.limit,
        _TITLE,
        state.scope,
        Window(WindowKind.ONCE),
        state.currency,
        {"": state.bound},
        state.measure,
        state.counts,
        state.remedies,
    )


def outcome(found: Outcomes, values: Fixed) -> str:
    """Which of the three answers the formulas give."""
    deny, allow = values.truth(found.deny), values.truth(found.allow)
    assert not (deny and allow)
    return "deny" if deny else "allow" if allow else "escalate"


class Fixed:
    """The symbols of one case with their values."""

    def __init__(self, answer: Answer, rulebook: Rulebook, request: Request, context: Context, decided: Decision):
        self._symbols: Symbols = answer.symbols
        self._day = context.now.date().toordinal()
        self._request, self._context, self._decided = request, context, decided
        self._values = list(self._all(rulebook))

    def truth(self, formula: Any) -> bool:
        """What a formula comes to."""
        found = z3.simplify(z3.substitute(formula, *self._values))
        assert z3.is_true(found) or z3.is_false(found), found
        return bool(z3.is_true(found))

    def number(self, term: Any) -> int:
        """What a number comes to."""
        found = z3.simplify(z3.substitute(term, *self._values))
        assert z3.is_int_value(found) or (z3.is_rational_value(found) and found.denominator_as_long() == 1), found
        return int(found.as_long() if z3.is_int_value(found) else found.numerator_as_long())

    def _all(self, rulebook: Rulebook) -> Iterator[tuple[Any, Any]]:
        for name, term in self._symbols.numbers.items():
            yield term, z3.IntVal(self._number(rulebook, name))
        for name, term in self._symbols.truths.items():
            yield term, z3.BoolVal(self._truth(name))

    def _number(self, rulebook: Rulebook, name: str) -> int:
        kind, _, rest = name.partition(" ")
        match kind:
            case "day":
                return self._day
            case "refunded":
                return self._context.received.refunded_minor
            case "fact":
                given = self._request.facts.get(rest)
                return 0 if given is None else int(self._symbols.constant(rest, given).as_long())
            case "owed":
                times = rest.startswith("times ")
                found = self._context.received.owed.get(rest.removeprefix("times "), (0, 0))
                return found[1] if times else found[0]
            case "used":
                return self._used(*rest.split(" ", 1))
        raise AssertionError(name)

    def _used(self, dimension: str, limit: str) -> int:
        state = next(state for state in self._context.limits if state.limit == limit)
        used, every = state.used, state.counts is Counts.ALL
        if dimension == "count":
            return used.goodwill_count + (used.entitled_count if every else 0)
        if state.measure is Measure.COST:
            return used.goodwill_cost + (used.entitled_cost if every else 0)
        return used.goodwill_face + (used.entitled_face if every else 0)

    def _truth(self, name: str) -> bool:
        kind, _, rest = name.partition(" ")
        match kind:
            case "given":
                return rest in self._request.facts
            case "fact":
                return self._request.facts.get(rest) is True
            case "verified":
                return rest in self._context.verified
            case "met":
                return True
            case "pays":
                return self._decided.stretched
            case "a":
                return bool((self._request.justification or "").strip())
        raise AssertionError(name)
