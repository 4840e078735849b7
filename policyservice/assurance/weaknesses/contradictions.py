"""Rules whose effects contradict each other where both fire: one owes what another forbids on the same basis.

A forbid on a stronger basis is an order of precedence, and one on a permit an exception; on the same basis as an
entitlement it leaves open which of the two is meant. So does an escalation of what is forbidden on the same basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.symbolic.terms import Formula, conj, disj
from policyservice.assurance.weaknesses.regions import Region
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.rulebook.model import Effect, EffectKind, Rule

_Said = tuple[Rule, Effect]
_WORDS = {EffectKind.ENTITLE: "owes", EffectKind.ESCALATE: "escalates"}


def contradictions(regions: Iterable[Region], *, day: date) -> Iterator[Weakness]:
    """A note for each pair of rules, with a case from a day on."""
    told: set[tuple[str, str]] = set()
    for region in regions:
        for forbidding, other in _pairs(region):
            pair = (forbidding[0].id, other[0].id)
            if pair not in told and (case := _meeting(region, forbidding, other, day)) is not None:
                told.add(pair)
                yield _weakness(region, forbidding, other, case)


def _pairs(region: Region) -> Iterator[tuple[_Said, _Said]]:
    said = [(rule, effect) for rule in region.rules for effect in rule.then]
    forbidding = [pair for pair in said if pair[1].kind is EffectKind.FORBID]
    others = [pair for pair in said if pair[1].kind in _WORDS]
    for one in forbidding:
        for other in others:
            if one[1].basis is other[1].basis and _same_remedy(one[1], other[1]) and one[0].id != other[0].id:
                yield one, other


def _same_remedy(forbid: Effect, other: Effect) -> bool:
    """Whether both are of one remedy by name; to forbid everything and owe one thing is a rule and its exception."""
    return forbid.remedy == other.remedy


def _meeting(region: Region, one: _Said, other: _Said, day: date) -> FoundCase | None:
    both = (one[0], other[0])
    formula = conj(region.findings.rule(one[0]).yes, _says(region, other))
    if region.is_empty(formula):
        return None

    def confirm(case: FoundCase) -> bool:
        fired = case.decided(region.book).rules
        return all(rule.id in fired for rule in both)

    return region.case(formula, confirm, day=day, remedy=one[1].remedy)


def _says(region: Region, said: _Said) -> Formula:
    """Where a rule has its effect: what is owed is owed only where its sum is above 0."""
    rule, effect = said
    if effect.kind is not EffectKind.ENTITLE or effect.remedy is None:
        return region.findings.rule(rule).yes
    claims = region.spoken(effect.remedy).claims
    return disj(*(claim.speaks for claim in claims if claim.effect is effect))


def _weakness(region: Region, one: _Said, other: _Said, case: FoundCase) -> Weakness:
    remedy = one[1].remedy or "everything"
    message = (
        f"`{one[0].id}` forbids {remedy} and `{other[0].id}` ({other[0].place}) {_WORDS[other[1].kind]} it, both by "
        f"{one[1].basis}, where both fire: {case.in_one_line(region.book.rulebook)}"
    )
    return Weakness(Weight.NOTE, one[0].place, message)
