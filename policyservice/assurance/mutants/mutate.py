"""Goes through the small changes of a rulebook: noticed by a policy test, equivalent, or surviving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain

from policyservice.assurance.mutants import rules, settings
from policyservice.assurance.mutants.equivalence import EQUIVALENT, Doubtful, observed, told_apart
from policyservice.assurance.mutants.mutant import Mutant
from policyservice.assurance.mutants.noticing import Noticing
from policyservice.assurance.mutants.witness import policy_test
from policyservice.assurance.policy_tests import OPENING_DAY
from policyservice.assurance.proving.found import FoundCase
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import PolicyTest, Rulebook


class Verdict(StrEnum):
    """What became of a change."""

    NOTICED = "noticed"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Result:
    """A change with its verdict.

    `noticed_by` is the first policy test that fails. Of a survivor `case` is one that is answered otherwise, and `test`
    the policy test of it that would notice the change; several survivors may have the same. `doubtful` is what the
    solver gave up on.
    """

    mutant: Mutant
    verdict: Verdict
    noticed_by: PolicyTest | None = None
    case: FoundCase | None = None
    test: str = ""
    doubtful: Doubtful | None = None

    @property
    def is_gap(self) -> bool:
        """Whether a policy test is wanted: what the solver could not tell counts as one."""
        return self.verdict in (Verdict.SURVIVED, Verdict.UNDECIDED)


def mutants_of(rulebook: Rulebook) -> list[Mutant]:
    """Every small change of a rulebook, rules first."""
    return list(chain(rules.mutants(rulebook), settings.mutants(rulebook)))


def mutate(rulebook: Rulebook, mutants: list[Mutant]) -> Iterator[Result]:
    """What became of each change, in order. The policy tests of the rulebook hold."""
    noticing = Noticing(rulebook)
    survivors = _Survivors(noticing.book, _first_day(rulebook))
    for mutant in mutants:
        test = noticing.first(mutant)
        if test is not None:
            yield Result(mutant, Verdict.NOTICED, noticed_by=test)
        else:
            yield survivors.judged(mutant, noticing.compiled(mutant))


class _Survivors:
    """What no policy test notices: told apart by a case, one found before if one will do, or equivalent."""

    def __init__(self, book: CompiledRulebook, day: date) -> None:
        self._book = book
        self._day = day
        self._found: list[tuple[FoundCase, str]] = []

    def judged(self, mutant: Mutant, changed: CompiledRulebook) -> Result:
        """A survivor with the case that shows it, or the proof that there is none."""
        for case, test in self._found:
            if observed(case.decided(self._book)) != observed(case.decided(changed)):
                return Result(mutant, Verdict.SURVIVED, case=case, test=test)
        found = told_apart(self._book, changed, mutant.reasons, day=self._day)
        if found is EQUIVALENT:
            return Result(mutant, Verdict.EQUIVALENT)
        if isinstance(found, Doubtful):
            return Result(mutant, Verdict.UNDECIDED, doubtful=found)
        assert isinstance(found, FoundCase)
        test = policy_test(self._book, mutant, found)
        self._found.append((found, test))
        return Result(mutant, Verdict.SURVIVED, case=found, test=test)


def _first_day(rulebook: Rulebook) -> date:
    """The day before the first rule is in force: what comes before is as on that day."""
    starts = [r.in_force.start for r in rulebook.rules if r.in_force.start is not None and r.in_force_by is None]
    return min(starts, default=OPENING_DAY) - timedelta(days=1)
