"""Goes through a rulebook's invariants and the laws of every rulebook: proved, refuted with a case, or undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

from policyservice.assurance.proving import claims
from policyservice.assurance.proving.builtin import (
    LESS_ASKED,
    LESS_ASKED_TITLE,
    MORE_TRUST,
    MORE_TRUST_TITLE,
    less_is_never_refused,
    steps_of_trust,
)
from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import UNDECIDED, search
from policyservice.costs.compare import CostModel
from policyservice.domain.vocabulary import Text
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import Invariant, Place, Rulebook


class Verdict(StrEnum):
    """What became of an invariant."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant with its verdict.

    `questions` is how many combinations of reason, remedy, currency and trust level were gone through. Where it is
    refuted `case` is what was found, `test` the same as a policy test, and `at_guard_rails` says that it takes limits
    turned up as far as managers may.
    """

    id: str
    title: Text
    verdict: Verdict
    questions: int
    place: Place | None = None
    case: FoundCase | None = None
    test: str = ""
    at_guard_rails: bool = False
    undecided: tuple[str, ...] = ()


def prove(rulebook: Rulebook, *, day: date) -> Iterator[Finding]:
    """Every invariant, then every law, over all decisions on or after a day."""
    opened, widest = _books(rulebook)
    for invariant in rulebook.invariants:
        yield _proved(invariant, opened, widest, day)
    yield _more_trust(opened, day)
    yield Finding(
        LESS_ASKED, LESS_ASKED_TITLE, Verdict.PROVED if less_is_never_refused() else Verdict.UNDECIDED, questions=1
    )


def _books(rulebook: Rulebook) -> tuple[CompiledRulebook, CompiledRulebook]:
    """The rulebook with its limits as opened, and with every bound as far up as managers may move it."""
    costs = CostModel(rulebook.costs, 0)
    turned_up = replace(rulebook, opening_limits=claims.at_guard_rails(rulebook.opening_limits))
    return CompiledRulebook(rulebook, costs), CompiledRulebook(turned_up, costs)


def _proved(invariant: Invariant, opened: CompiledRulebook, widest: CompiledRulebook, day: date) -> Finding:
    """A case under the opening limits is looked for first: it is the one that can be pasted as it is."""
    found = _invariant(invariant, opened, day)
    if found.verdict is Verdict.REFUTED or not invariant.within_guard_rails:
        return found
    turned_up = _invariant(invariant, widest, day)
    return replace(turned_up, at_guard_rails=turned_up.verdict is Verdict.REFUTED)


def _invariant(invariant: Invariant, book: CompiledRulebook, day: date) -> Finding:
    count, undecided = 0, []

    def confirm(case: FoundCase) -> bool:
        return claims.is_violated(invariant, book, case, case.decided(book))

    for asked in claims.questions(book, invariant, book.rulebook.opening_limits.limits):
        count += 1
        answer = search(asked.question, confirm, day=day)
        if isinstance(answer, FoundCase):
            name = f"{invariant.id}: {invariant.title.en}"
            test = answer.as_policy_test(book.rulebook, name, claims.EXPECTED[invariant.never])
            return Finding(invariant.id, invariant.title, Verdict.REFUTED, count, invariant.place, answer, test)
        if answer is UNDECIDED:
            undecided.append(_about(asked.question.symbols.reason, asked.question.remedy))
    return _finding(invariant.id, invariant.title, count, invariant.place, undecided)


def _more_trust(book: CompiledRulebook, day: date) -> Finding:
    count, undecided = 0, []
    for step in steps_of_trust(book):
        count += 1
        if step.question is None:
            continue
        answer = search(step.question, partial(step.is_violated, book), day=day)
        if isinstance(answer, FoundCase):
            name = f"{MORE_TRUST}: {MORE_TRUST_TITLE.en}"
            test = step.at_higher(answer).as_policy_test(book.rulebook, name, "{outcome: allow}")
            return Finding(MORE_TRUST, MORE_TRUST_TITLE, Verdict.REFUTED, count, None, answer, test)
        if answer is UNDECIDED:
            undecided.append(_about(step.question.symbols.reason, step.question.remedy))
    return _finding(MORE_TRUST, MORE_TRUST_TITLE, count, None, undecided)


def _finding(id: str, title: Text, count: int, place: Place | None, undecided: list[str]) -> Finding:
    verdict = Verdict.UNDECIDED if undecided else Verdict.PROVED
    return Finding(id, title, verdict, count, place, undecided=tuple(dict.fromkeys(undecided)))


def _about(reason: str, remedy: str) -> str:
    return f"{remedy} for {reason}"
