"""On which basis an answer rests, as formulas. The same steps as `engine.combine` and `engine.decide`."""

from __future__ import annotations

from collections.abc import Sequence

from policyservice.assurance.symbolic.answer import Answer
from policyservice.assurance.symbolic.spoken import RANKS, Claim, total
from policyservice.assurance.symbolic.terms import Formula, Number, conj, disj, neg, when, whole
from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.model import EffectKind

CODES = {basis: number for number, basis in enumerate(Basis, start=1)}
"""The number that each basis is."""
_NONE = whole(0)

Standing = Sequence[tuple[Claim, Formula]]


def of_answer(answer: Answer, allow: Formula, given: Number | None) -> Number:
    """The basis of an answer as a number, 0 where it has none; `given` is what an allow gives, None without a sum."""
    return when(allow, _covering(answer, given), _of_barrier(answer))


def of_open(answer: Answer, allow: Formula) -> Number:
    """The basis of an answer to how much may be given; of one without a sum where none can be reckoned."""
    without = of_answer(answer, allow, None)
    if not answer.remedy.has_amount:
        return without
    return when(answer.available > 0, of_answer(answer, allow, answer.available), without)


def _covering(answer: Answer, given: Number | None) -> Number:
    entitled, permitted = answer.spoken.entitled, answer.spoken.permitted
    found = when(answer.spoken.has_permitted, _of_largest(answer, permitted), _last(entitled))
    for rank in reversed(RANKS):
        of_rank = [(claim, stands) for claim, stands in entitled if claim.rank == rank]
        so_far = [(claim, stands) for claim, stands in entitled if claim.rank >= rank]
        covers = disj(*(stands for _, stands in of_rank))
        if given is not None:
            covers = conj(covers, total(so_far) >= given)
        found = when(covers, _last(of_rank), found)
    return found


def _last(claims: Standing) -> Number:
    """The basis of the last claim that stands, in the order in which they are taken together."""
    found = _NONE
    for claim, stands in sorted(claims, key=lambda one: (-one[0].rank, one[0].effect.cumulative, one[0].rule.id)):
        found = when(stands, whole(CODES[claim.effect.basis]), found)
    return found


def _of_largest(answer: Answer, permitted: Standing) -> Number:
    """The basis of the largest permit, policy before goodwill."""
    largest = answer.spoken.permitted_minor
    is_policy = disj(
        *(conj(stands, claim.minor == largest) for claim, stands in permitted if claim.effect.basis is Basis.POLICY)
    )
    return when(is_policy, whole(CODES[Basis.POLICY]), whole(CODES[Basis.GOODWILL]))


def _of_barrier(answer: Answer) -> Number:
    """The basis of the highest barrier: of what forbids, else of what escalates, else of what may yet do either."""
    found = _NONE
    for rank in reversed(RANKS):
        of_rank = _NONE
        for holds, basis in reversed(_barriers(answer, rank)):
            of_rank = when(holds, whole(CODES[basis]), of_rank)
        found = when(answer.spoken.barriers.at(rank), of_rank, found)
    return found


def _barriers(answer: Answer, rank: int) -> list[tuple[Formula, Basis]]:
    forbids: list[tuple[Formula, Basis]] = []
    escalates: list[tuple[Formula, Basis]] = []
    unknown: list[tuple[Formula, Basis]] = []
    for rule in sorted(answer.rules, key=lambda one: one.id):
        found = answer.findings.rule(rule)
        for effect in rule.then:
            if effect.remedy not in (answer.remedy.name, None) or effect.basis.rank != rank:
                continue
            if effect.kind in (EffectKind.FORBID, EffectKind.ESCALATE):
                fired = forbids if effect.kind is EffectKind.FORBID else escalates
                fired.append((found.yes, effect.basis))
                unknown.append((conj(neg(found.yes), neg(found.no)), effect.basis))
    return [*forbids, *escalates, *unknown]
