"""Rules that never matter: whenever they give something, another gives as much, or something stands in the way.

Looked at without history: nothing was received before. A rule counts only where all it does is to give; a rule of
another pack is no reason to take one out, nor is one on a weaker basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policyservice.assurance.symbolic.spoken import Claim
from policyservice.assurance.symbolic.terms import Formula, conj, disj, is_false, neg
from policyservice.assurance.weaknesses.regions import GIVING, Region
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.engine.demands import Demand
from policyservice.rulebook.model import Rule

MOST_COMPARED = 200
"""Claims on one remedy for one reason that are compared with one another; beyond it none is called superfluous."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A claim of a rule in a region, where it stands, and the other claims that may give as much."""

    region: Region
    claim: Claim
    stands: Formula
    rivals: Sequence[tuple[Claim, Formula]]


def never_matters(rules: Sequence[Rule], regions: Iterable[Region]) -> Iterator[Weakness]:
    """A note for each; of two that say the same the later one."""
    places = _standings(regions)
    superfluous: set[str] = set()
    for rule in reversed(rules):
        standings = places.get(rule.id, ())
        if not standings or any(effect.kind not in GIVING for effect in rule.then):
            continue
        if not all(_is_covered(standing, superfluous) for standing in standings):
            continue
        superfluous.add(rule.id)
        yield _weakness(rule, standings, superfluous)


def _standings(regions: Iterable[Region]) -> dict[str, list[_Standing]]:
    found: dict[str, list[_Standing]] = {}
    for region in regions:
        for remedy in region.given:
            spoken = region.spoken(remedy)
            claims = [*spoken.entitled, *spoken.permitted]
            compared = claims if len(claims) <= MOST_COMPARED else []
            for claim, stands in claims:
                rivals = [pair for pair in compared if _may_cover(region, pair[0], claim)]
                found.setdefault(claim.rule.id, []).append(_Standing(region, claim, stands, rivals))
    return found


def _may_cover(region: Region, one: Claim, other: Claim) -> bool:
    """Whether one claim can do all that another does: same pack, no weaker basis, no more to be verified."""
    if one.rule.id == other.rule.id or one.rule.pack != other.rule.pack or one.rank < other.rank:
        return False
    if other.entitles and (not one.entitles or one.effect.cumulative or other.effect.cumulative):
        return False
    return _demands_no_more(region.book.demands.get(one.rule.id), region.book.demands.get(other.rule.id))


def _demands_no_more(one: Demand | None, other: Demand | None) -> bool:
    """Whether nothing has to be verified for one that has not for another, from no lower a sum on."""
    if one is None:
        return True
    return other is not None and one.above_minor >= other.above_minor and one.facts <= other.facts


def _is_covered(standing: _Standing, superfluous: set[str]) -> bool:
    rivals = [pair for pair in standing.rivals if pair[0].rule.id not in superfluous]
    uncovered = neg(disj(*(_covers(pair, standing.claim) for pair in rivals)))
    return standing.region.is_empty(conj(standing.stands, uncovered, *_nothing_received(standing.region)))


def _covers(rival: tuple[Claim, Formula], claim: Claim) -> Formula:
    other, stands = rival
    no_less = conj(neg(other.unpriced), neg(claim.unpriced), other.minor >= claim.minor)
    return conj(stands, disj(no_less, conj(other.unpriced, claim.unpriced)))


def _nothing_received(region: Region) -> list[Formula]:
    return [term == 0 for name, term in region.symbols.numbers.items() if name.startswith("owed ")]


def _weakness(rule: Rule, standings: Sequence[_Standing], superfluous: set[str]) -> Weakness:
    if all(_is_barred(standing) for standing in standings):
        why = "whenever it fires something forbids or escalates what it gives"
    else:
        named = sorted({other for standing in standings for other in _named(standing, superfluous)})
        whom = ", ".join(f"`{name}`" for name in named) if named else "others together"
        why = f"{whom} always {'gives' if len(named) == 1 else 'give'} as much"
    return Weakness(Weight.NOTE, rule.place, f"`{rule.id}` never matters: {why}")


def _is_barred(standing: _Standing) -> bool:
    """Whether a claim never stands, since something always stands in its way."""
    barriers = standing.region.spoken(standing.claim.effect.remedy or "").barriers
    return not is_false(barriers.any) and standing.region.is_empty(standing.stands)


def _named(standing: _Standing, superfluous: set[str]) -> Iterator[str]:
    """The first rule that covers a claim alone."""
    for pair in standing.rivals:
        name = pair[0].rule.id
        if name in superfluous:
            continue
        alone = conj(standing.stands, neg(_covers(pair, standing.claim)), *_nothing_received(standing.region))
        if standing.region.is_empty(alone):
            yield name
            return
