"""Looks for a case that fulfils a formula; what is found is decided by `decide()` before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import z3

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.limits import ALWAYS_MET
from policyservice.assurance.symbolic.terms import Formula, neg
from policyservice.domain.limits import Scope
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.compiled import CompiledRulebook

PATIENCE = 200_000_000
"""The solver's own steps for one question before it is given up as undecided: the same on every machine."""

_TRIES = 12
"""Found cases that turn out otherwise when they are decided, before a question is given up as undecided."""

_FAR_OFF = 1_000_000

_LONG = 100 * 365
"""Days; a case in this century reads better than one in a later one."""


class Undecided(Enum):
    """The solver could not tell within its patience."""

    UNDECIDED = "undecided"


UNDECIDED = Undecided.UNDECIDED

Confirm = Callable[[FoundCase], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """A formula over the symbols of a case of one remedy; `asked` is the sum asked for, None where it is left open."""

    symbols: Symbols
    remedy: str
    formula: Formula
    asked: Any = None


def search(
    question: Question, confirm: Confirm, *, day: date, patience: int = PATIENCE
) -> FoundCase | Undecided | None:
    """A case on or after a day that fulfils the formula and is confirmed; None where there is none at all."""
    symbols = question.symbols
    solver = _solver(question, patience)
    solver.add(symbols.day >= day.toordinal())
    for _ in range(_TRIES):
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer == z3.unknown:
            return UNDECIDED
        model = _plainest(solver, symbols, question, day)
        case = _concrete(model, question)
        if confirm(case):
            return case
        solver.add(z3.Or(*(term != model.eval(term, model_completion=True) for term in _terms(question))))
    return UNDECIDED


def is_impossible(question: Question) -> bool:
    """Whether no case on any day fulfils the formula; False, too, where the solver cannot tell."""
    return bool(_solver(question).check() == z3.unsat)


def _solver(question: Question, patience: int = PATIENCE) -> z3.Solver:
    solver = z3.Solver()
    solver.set("rlimit", patience)
    solver.set("random_seed", 7)
    solver.add(*question.symbols.domain, question.formula)
    return solver


def _terms(question: Question) -> list[Any]:
    return [*question.symbols.numbers.values(), *question.symbols.truths.values()]


def _plainest(solver: z3.Solver, symbols: Symbols, question: Question, day: date) -> z3.ModelRef:
    """A case without what it does not need: nothing given, received or used beyond what makes it one."""
    model = solver.model()
    for wish in _wishes(symbols, question, day):
        solver.push()
        solver.add(wish)
        if solver.check() == z3.sat:
            model = solver.model()
        else:
            solver.pop()
    for _ in range(solver.num_scopes()):
        solver.pop()
    return model


def _wishes(symbols: Symbols, question: Question, day: date) -> list[Formula]:
    numbers, truths = symbols.numbers, symbols.truths
    wishes: list[Formula] = [symbols.day == day.toordinal(), symbols.day < day.toordinal() + _LONG]
    wishes += [term == 0 for name, term in numbers.items() if name.split(" ")[0] in ("refunded", "owed", "used")]
    wishes += [neg(term) for name, term in truths.items() if name.split(" ")[0] in ("met", "verified", "a", "given")]
    wishes += [term < _FAR_OFF for name, term in numbers.items() if name.startswith("fact ")]
    if question.asked is not None:
        wishes.append(question.asked < _FAR_OFF)
    return wishes


def _concrete(model: z3.ModelRef, question: Question) -> FoundCase:
    """The case of a model; what the solver left open is taken as it comes."""
    symbols = question.symbols

    def number(term: Any) -> int:
        return int(model.eval(term, model_completion=True).as_long())

    def holds(term: Any) -> bool:
        return bool(z3.is_true(model.eval(term, model_completion=True)))

    numbers = {name: number(term) for name, term in symbols.numbers.items()}
    truths = {name for name, term in symbols.truths.items() if holds(term)}
    return FoundCase(
        reason=symbols.reason,
        facts=_facts(model, symbols),
        remedy=question.remedy,
        currency=symbols.currency,
        as_of=date.fromordinal(number(symbols.day)),
        amount_minor=None if question.asked is None else number(question.asked),
        trust_level=symbols.trust_level,
        refunded_minor=numbers.get("refunded", 0),
        received=_received(numbers),
        used=_used(question, numbers, truths),
        verified=frozenset(name.removeprefix("verified ") for name in truths if name.startswith("verified ")),
        has_reason_written="a reason is written" in truths,
    )


def _facts(model: z3.ModelRef, symbols: Symbols) -> dict[str, FactValue]:
    return {
        name: symbols.value_of(name, model.eval(given.term, model_completion=True))
        for name, given in symbols.given.items()
        if z3.is_true(model.eval(given.is_given, model_completion=True))
    }


def _received(numbers: dict[str, int]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name, value in numbers.items():
        if name.startswith("owed times ") and value:
            found[name.removeprefix("owed times ")] = (0, 1)
        elif name.startswith("owed ") and value:
            found[name.removeprefix("owed ")] = (value, 1)
    return found


def _used(question: Question, numbers: dict[str, int], truths: set[str]) -> dict[str, tuple[int, int]]:
    """What was used of each limit that has a history: those that a case may not meet only where it does."""
    found: dict[str, tuple[int, int]] = {}
    for limit in question.symbols.rulebook.opening_limits.limits:
        if limit.scope is Scope.DECISION:
            continue
        used = (numbers.get(f"used amount {limit.id}", 0), numbers.get(f"used count {limit.id}", 0))
        is_met = limit.scope in ALWAYS_MET or f"met {limit.id}" in truths
        if is_met and (used != (0, 0) or limit.scope not in ALWAYS_MET):
            found[limit.id] = used
    return found


def currencies_of(book: CompiledRulebook) -> Sequence[str]:
    """The currencies that a request may be answered in: those of packs, rules and limits."""
    rulebook = book.rulebook
    found = {pack.currency for pack in rulebook.packs} | {rule.currency for rule in rulebook.rules}
    return sorted(found)
