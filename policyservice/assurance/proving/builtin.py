"""What holds of every rulebook: more trust never gives less, and less is never refused where more is allowed.

The first is about the limits as a pack opens them, since a manager may turn one level's bound below a lower one's.
Rules cannot see the trust level, so it enters by the bounds of limits alone, and all that follows grows with a bound:
where no bound of a higher level is below that of a lower one there is nothing to look for. The second is proved of any
room at all. Source: docs/explanation/proofs.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import z3

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.proving.search import Question
from policyservice.assurance.symbolic import outcomes
from policyservice.assurance.symbolic.answer import Answer, case_of
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.outcomes import Outcomes, Room
from policyservice.assurance.symbolic.terms import Number, conj, disj, neg
from policyservice.domain.decision import Outcome
from policyservice.domain.limits import Bound, Limit
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import Text
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.rulebook.model import EffectKind

MORE_TRUST = "more-trust-never-gives-less"
MORE_TRUST_TITLE = Text("More trust never gives less.", "Suurempi luottamus ei koskaan anna vähemmän.")
LESS_ASKED = "less-is-never-refused-where-more-is-allowed"
LESS_ASKED_TITLE = Text(
    "Asking for less is never refused where more is allowed.",
    "Pienempää summaa ei koskaan evätä, kun suurempi sallitaan.",
)
_GIVES = (EffectKind.ENTITLE, EffectKind.PERMIT)


@dataclass(frozen=True, slots=True)
class Step:
    """Two neighbouring trust levels and a remedy for a reason: may the lower one be allowed what the higher is not?"""

    lower: str
    higher: str
    question: Question | None  # None: no bound of the higher level is below one of the lower

    def at_higher(self, case: FoundCase) -> FoundCase:
        """The same case, asked by an agent of the higher level."""
        return replace(case, trust_level=self.higher)

    def is_violated(self, book: CompiledRulebook, case: FoundCase) -> bool:
        """Whether the lower level is allowed a case and the higher is not, by the decisions themselves."""
        allowed = case.decided(book).outcome is Outcome.ALLOW
        return allowed and self.at_higher(case).decided(book).outcome is not Outcome.ALLOW


def steps_of_trust(book: CompiledRulebook) -> Iterator[Step]:
    """Every step from a trust level to the next, for every reason and remedy."""
    levels = [level.name for level in book.rulebook.trust_levels]
    for reason, remedy, currency in _given(book):
        met = [limit for limit in book.rulebook.opening_limits.limits if limit.covers(remedy, reason)]
        for lower, higher in pairwise(levels):
            if all(_grows(limit, lower, higher) for limit in met if limit.currency == currency):
                yield Step(lower, higher, None)
            else:
                yield Step(lower, higher, _question(book, (reason, remedy, currency), lower, higher))


def _grows(limit: Limit, lower: str, higher: str) -> bool:
    """Whether a limit bounds the higher level no more than the lower one."""
    below, above = limit.bound_for(lower) or Bound(), limit.bound_for(higher) or Bound()
    return _no_less(below.amount_minor, above.amount_minor) and _no_less(below.count, above.count)


def _no_less(below: int | None, above: int | None) -> bool:
    return above is None or (below is not None and above >= below)


def _question(book: CompiledRulebook, picked: tuple[str, str, str], lower: str, higher: str) -> Question:
    reason, remedy, currency = picked
    low, high = (
        Answer(book, Findings(case_of(book, reason, currency, level)), remedy, book.rulebook.opening_limits.limits)
        for level in (lower, higher)
    )
    asked = low.symbols.number("asked", 1, LARGEST_MINOR) if low.remedy.has_amount else None
    below, above = (_outcomes(answer, asked) for answer in (low, high))
    formula = conj(below.allow, neg(above.allow), *high.symbols.domain)
    return Question(low.symbols, remedy, formula, asked)


def _outcomes(answer: Answer, asked: Number | None) -> Outcomes:
    return answer.open() if asked is None else answer.asked(asked)


def _given(book: CompiledRulebook) -> Iterator[tuple[str, str, str]]:
    """Every reason, remedy and currency that some rule gives something for."""
    for reason in book.rulebook.reasons:
        given = {
            (effect.remedy, rule.currency)
            for rule in Shards(book.rulebook).of(reason)
            for effect in rule.then
            if effect.kind in _GIVES and effect.remedy is not None
        }
        for remedy, currency in sorted(given):
            yield reason, remedy, currency


# --- of any room at all ----------------------------------------------------------------------------------


def less_is_never_refused() -> bool:
    """Whether no room of any rulebook allows a sum and refuses a smaller one.

    That the estimate pays for a smaller stretch where it pays for a larger one is taken as given: escalating costs at
    most a share of one of each unit more (q and g are shares), deciding at once a whole one.
    """
    more, less = z3.Ints("more less")
    pays = z3.Function("pays", z3.IntSort(), z3.BoolSort())
    solver = z3.Solver()
    for has_amount, is_closed in ((True, False), (True, True)):
        room = any_room(pays, has_amount=has_amount, is_closed=is_closed)
        given = (less >= 1, less < more, z3.Implies(pays(more), pays(less)), room.entitled >= 0, room.available >= 0)
        solver.add(*given, outcomes.asked(room, more).allow, neg(outcomes.asked(room, less).allow))
        if solver.check() != z3.unsat:
            return False
        solver.reset()
    return True


def any_room(pays: z3.FuncDeclRef, *, has_amount: bool, is_closed: bool) -> Room:
    """A room in which everything is free."""

    def free(name: str) -> z3.BoolRef:
        return z3.Bool(name)

    hard_cap, entitled = z3.Int("hard cap"), z3.Int("entitled")
    return Room(
        has_amount=has_amount,
        is_closed=is_closed,
        forbidding=conj(free("forbidding"), free("barred")),
        barred=free("barred"),
        speaks=disj(free("has entitled"), free("has permitted")),
        waits=free("waits"),
        has_entitled=free("has entitled"),
        has_permitted=free("has permitted"),
        unpriced=free("unpriced"),
        no_sum_owed=free("no sum owed"),
        entitled=entitled,
        available=z3.Int("available"),
        leaves_one=free("leaves one"),
        paid_unknown=free("paid unknown"),
        paid_bounds=free("paid bounds"),
        paid_left=z3.Int("paid left"),
        doubtful=free("doubtful"),
        verify_above=z3.Int("verify above"),
        budget=z3.Int("budget"),
        stretch=lambda amount: conj(amount - entitled <= hard_cap, pays(amount)),
    )
