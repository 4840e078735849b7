"""Case lines to answer lines: what `policyservice evaluate` does with each line, apart from files and options.

A line states its whole case, so each is answered by itself: no history, no ledger, the rules' opening limits met fresh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from policyservice.costs.compare import CostModel
from policyservice.decisions.validate import Purpose, validate
from policyservice.domain.case import Request
from policyservice.domain.decision import Because, Context, Decision
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest, MalformedBody
from policyservice.domain.money import decimal_string
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.engine.hypothetical import context_for
from policyservice.rulebook.model import Rulebook

LONGEST_LINE = 1024 * 1024
"""Bytes of one case line, its end not counted."""

_CONTEXTS_KEPT = 4096
_KNOWN = frozenset({"id", "facts", "ask", "agent", "as_of"})
_ASK = frozenset({"remedy", "amount", "currency"})
_ADVICE = "advice"  # what a rule tells the agent is no reason of the answer
_EARLIEST, _LATEST = date(1900, 1, 1), date(2999, 12, 31)


class CaseLines:
    """Answers case lines by one rulebook, with the compiled evaluator."""

    def __init__(self, rulebook: Rulebook, now: datetime) -> None:
        self._rulebook = rulebook
        self._book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
        self._levels = frozenset(level.name for level in rulebook.trust_levels)
        self._now = now
        self._today = now.astimezone(UTC).date()
        # Many lines differ in their facts alone; the context of those is the same value.
        self._context = lru_cache(maxsize=_CONTEXTS_KEPT)(self._context_for)

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one line; with the key "error", a problem, where it cannot be read or validated."""
        line_id: str | None = None
        try:
            case = _object(line)
            line_id = _id(case)
            return {"id": line_id, **self._decided(case)}
        except InvalidRequest as refused:
            return {"id": line_id, "error": _problem(refused)}
        except MalformedBody as unreadable:
            return {"id": line_id, "error": _problem(unreadable)}

    def _decided(self, case: dict[str, Any]) -> dict[str, Any]:
        _only(case, _KNOWN, "")
        ask, facts = _mapping(case, "ask"), dict(_mapping(case, "facts"))
        _only(ask, _ASK, "ask.")
        request = self._request(ask, facts)
        context = self._context(
            self._as_of(case), request.reason, request.remedy, request.currency, self._trust_level(case)
        )
        return _answer(decide(self._book, request, context))

    def _context_for(self, as_of: date, reason: str, remedy: str, currency: str, trust_level: str | None) -> Context:
        return context_for(
            self._rulebook, as_of=as_of, reason=reason, remedy=remedy, currency=currency, trust_level=trust_level
        )

    def _request(self, ask: Mapping[str, Any], facts: dict[str, Any]) -> Request:
        """What is asked, with each field at fault named as the line has it: ask.amount, facts.reason."""
        raw = {**ask, "reason": facts.pop("reason", None), "facts": facts}
        try:
            return validate(raw, self._rulebook, now=self._now, purpose=Purpose.EVALUATION, from_systems=True)
        except InvalidRequest as refused:
            raise InvalidRequest([FieldError(_path(e.field), e.message) for e in refused.errors]) from None

    def _trust_level(self, case: Mapping[str, Any]) -> str | None:
        if case.get("agent") is None:
            return None
        agent = _mapping(case, "agent")
        _only(agent, frozenset({"trust_level"}), "agent.")
        level = agent.get("trust_level")
        if not isinstance(level, str) or level not in self._levels:
            known = ", ".join(sorted(self._levels)) or "none: these rules know no trust levels"
            raise FieldProblem("agent.trust_level", f"expected one of {known}.")
        return level

    def _as_of(self, case: Mapping[str, Any]) -> date:
        given = case.get("as_of")
        if given is None:
            return self._today
        try:
            day = date.fromisoformat(given)
        except (TypeError, ValueError):
            day = None
        if day is None or day.isoformat() != given or not _EARLIEST <= day <= _LATEST:
            raise FieldProblem("as_of", f"expected a date such as '2026-05-15', {_EARLIEST} to {_LATEST}.")
        return day


def too_long() -> dict[str, Any]:
    """The answer to a line of more than `LONGEST_LINE` bytes."""
    return {"id": None, "error": _problem(MalformedBody(f"The line is longer than {LONGEST_LINE} bytes."))}


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise MalformedBody("The line is not UTF-8.") from None
    except RecursionError:
        raise MalformedBody("The line nests too deep.") from None
    except json.JSONDecodeError as error:
        raise MalformedBody(f"The line is not JSON: {error.msg} at column {error.colno}.") from None
    except ValueError as error:  # a number of thousands of digits, a constant such as NaN, a repeated key
        raise MalformedBody(f"The line cannot be read: {str(error)[:120]}.") from None
    if not isinstance(value, dict):
        raise MalformedBody("The line is not a JSON object.")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _id(case: Mapping[str, Any]) -> str:
    value = case.get("id")
    if not isinstance(value, str):
        raise FieldProblem("id", "expected a text that tells the line from others.")
    return value


def _mapping(case: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = case.get(name)
    if not isinstance(value, dict):
        raise FieldProblem(name, "expected an object." if name in case else "is required.")
    return value


def _only(value: Mapping[str, Any], known: frozenset[str], prefix: str) -> None:
    unknown = [
        FieldError(f"{prefix}{name[:80]}", "is not a field of a case line.") for name in value if name not in known
    ]
    if unknown:
        raise InvalidRequest(unknown)


def _path(field: str) -> str:
    if field == "reason":
        return "facts.reason"
    return f"ask.{field}" if field in _ASK else field


def _answer(decision: Decision) -> dict[str, Any]:
    available = decision.available_minor
    return {
        "outcome": decision.outcome.value,
        "amount": None if available is None else decimal_string(available, decision.currency),
        "currency": decision.currency,
        "basis": None if decision.basis is None else decision.basis.value,
        "reasons": [_reason(because) for because in decision.because if because.code != _ADVICE],
    }


def _reason(because: Because) -> dict[str, Any]:
    return {
        "code": because.code,
        "rule": because.rule,
        "text": because.text.en,
        "basis": None if because.basis is None else because.basis.value,
        "reference": because.reference,
    }


def _problem(error: InvalidRequest | MalformedBody) -> dict[str, Any]:
    """The problem as the HTTP interface answers it (RFC 9457), without the request that it has there."""
    problem: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": 422 if isinstance(error, InvalidRequest) else 400,
        "detail": error.message,
        "code": error.code,
    }
    if error.errors:
        problem["errors"] = [{"field": e.field, "message": e.message} for e in error.errors]
    return problem
