"""Every reason in every currency that its rules speak: what they say there as formulas, with a solver to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property

import z3

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import Confirm, Question, search
from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.spoken import Spoken
from policyservice.assurance.symbolic.terms import Formula, is_false
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.engine.strata import conclusions
from policyservice.rulebook.model import EffectKind, Rule

PATIENCE = 2_000_000
"""The solver's own steps for one question; what it cannot tell within them is not called a weakness."""

GIVING = (EffectKind.ENTITLE, EffectKind.PERMIT)
BARRING = (EffectKind.FORBID, EffectKind.ESCALATE)


class Region:
    """A reason in a currency, with the rules that can speak there in the rulebook's order."""

    def __init__(
        self, book: CompiledRulebook, reason: str, currency: str, rules: list[Rule], concluded: frozenset[str]
    ) -> None:
        self.book = book
        self.reason = reason
        self.currency = currency
        self.rules = rules
        self._concluded = concluded
        self._added = 0
        self._spoken: dict[str, Spoken] = {}

    @cached_property
    def symbols(self) -> Symbols:
        """The symbols of any case of the region, over its own rules alone: ten thousand need not be gone through."""
        symbols = Symbols(replace(self.book.rulebook, rules=tuple(self.rules)), self.reason, self.currency, None)
        symbols.concluded = self._concluded
        return symbols

    @cached_property
    def findings(self) -> Findings:
        """What the rules say of it."""
        return Findings(self.symbols)

    @cached_property
    def _solver(self) -> z3.Solver:
        solver = z3.Solver()
        solver.set("rlimit", PATIENCE)
        return solver

    @property
    def given(self) -> list[str]:
        """The remedies that some rule gives here."""
        return sorted({e.remedy for rule in self.rules for e in rule.then if e.kind in GIVING and e.remedy is not None})

    def spoken(self, remedy: str) -> Spoken:
        """What is said of a remedy here."""
        if remedy not in self._spoken:
            self._spoken[remedy] = Spoken(self.findings, remedy, self.rules)
        return self._spoken[remedy]

    def is_empty(self, formula: Formula) -> bool:
        """Whether no case at all fulfils a formula; False where the solver cannot tell."""
        if is_false(formula):
            return True
        domain = self.symbols.domain
        self._solver.add(*domain[self._added :])
        self._added = len(domain)
        self._solver.push()
        self._solver.add(formula)
        answer = self._solver.check()
        self._solver.pop()
        return bool(answer == z3.unsat)

    def case(self, formula: Formula, confirm: Confirm, *, day: date, remedy: str | None = None) -> FoundCase | None:
        """A case on or after a day that fulfils a formula and is confirmed; None where none is found."""
        named = remedy or next(iter(self.given), next(iter(self.book.rulebook.remedies)))
        found = search(Question(self.symbols, named, formula), confirm, day=day, patience=PATIENCE)
        return found if isinstance(found, FoundCase) else None


def regions(book: CompiledRulebook) -> Iterator[Region]:
    """Every region of a rulebook in which some rule can speak."""
    shards = Shards(book.rulebook)
    concluded = frozenset(name for rule in book.rulebook.rules for name in conclusions(rule))
    for reason in book.rulebook.reasons:
        rules = shards.of(reason)
        for currency in sorted({rule.currency for rule in rules}):
            yield Region(book, reason, currency, [rule for rule in rules if rule.currency == currency], concluded)
