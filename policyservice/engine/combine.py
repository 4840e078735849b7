"""What the rules that fired say of one remedy, taken together; independent of the order of rules.

Source: decision.md section 2, step 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from policyservice.domain.decision import Because, Owed, Received
from policyservice.domain.vocabulary import Basis
from policyservice.engine.compiled import CompiledRulebook, PricedEffect
from policyservice.engine.evaluator import Findings
from policyservice.engine.expressions import UNPRICED
from policyservice.rulebook.model import EffectKind, Rule

_RANKS = (3, 2, 1)


class Claim(NamedTuple):
    """An entitlement or a permit that speaks: its rule, its basis and its sum, None where it has none.

    `told` is the claim as a reason of the answer.
    """

    rule: Rule
    basis: Basis
    rank: int
    minor: int | None
    cumulative: bool
    key: str
    told: Because


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stands in the way of everything not entitled above it: a forbid, an escalate, or one not known."""

    forbids: bool
    rules: tuple[Rule, ...]
    basis: Basis
    to: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class Spoken:
    """What the rules say of one remedy.

    `entitled` and `permitted` are the claims that stand; sums are in minor units. `unpriced` is true where a claim
    stands without a sum although the remedy has one. `spent` are rules whose entitlement was received before.
    `waits` is true where an amount, or a rule that might give, is not known; `missing` are the facts that would settle
    it, none where only a parameter has no value yet.
    """

    entitled: list[Claim] = field(default_factory=list)
    permitted: list[Claim] = field(default_factory=list)
    barrier: Barrier | None = None
    entitled_minor: int = 0
    permitted_minor: int = 0
    unpriced: bool = False
    waits: bool = False
    missing: tuple[str, ...] = ()
    spent: list[Rule] = field(default_factory=list)

    @property
    def speaks(self) -> bool:
        """Whether any rule gives the remedy."""
        return bool(self.entitled or self.permitted)

    def covering(self, minor: int | None) -> Claim | None:
        """The highest-ranked claim that, with those above it, covers the whole amount; it gives the answer its basis.

        For no sum the highest that speaks; where a stretch goes beyond them all, the largest permit.
        """
        for index, claim in enumerate(self.entitled):
            last_of_rank = index + 1 == len(self.entitled) or self.entitled[index + 1].rank < claim.rank
            if last_of_rank and (minor is None or total(self.entitled[: index + 1]) >= minor):
                return claim
        if self.permitted:
            return self.permitted[0]
        return self.entitled[-1] if self.entitled else None

    def supporting(self, minor: int | None) -> list[Claim]:
        """The claims that an answer of `minor` rests on, the covering one first."""
        covering = self.covering(minor)
        if covering is None:
            return []
        permits = [claim for claim in self.permitted if (claim.minor or 0) >= (minor or 0)]
        others = [*self.entitled, *(permits if covering.key not in {c.key for c in self.entitled} else ())]
        return [covering, *(claim for claim in others if claim is not covering)]


def total(claims: list[Claim]) -> int:
    """The largest of the entitlements, and on top of it those declared cumulative."""
    largest = added = 0
    for claim in claims:
        minor = claim.minor or 0
        if claim.cumulative:
            added += minor
        elif minor > largest:
            largest = minor
    return largest + added


def combine(book: CompiledRulebook, findings: Findings, remedy: str, day: int, received: Received) -> Spoken:
    """What the fired and the unknown rules say of `remedy`, less what was received before."""
    spoken = Spoken()
    missing: set[str] = set()
    barriers: list[PricedEffect] = []
    for name in findings.fired:
        speaking = book.speaking[name]
        for number, item in enumerate(speaking.claims.get(remedy, ()), start=1):
            key = item.key if number == 1 else f"{item.key} {number}"  # each is owed once, and counted by itself
            _claim(item, key, findings, day, received, spoken, missing)
        barriers += [item for item in speaking.barriers if item.effect.remedy in (remedy, None)]
    doubtful: list[PricedEffect] = []
    for name in findings.unknown:
        speaking = book.speaking[name]
        if remedy in speaking.claims:
            spoken.waits = True
            missing.update(findings.unknown[name])
        doubtful += [item for item in speaking.barriers if item.effect.remedy in (remedy, None)]
    if barriers or doubtful:
        _bar(spoken, barriers, doubtful, findings)
    if len(spoken.entitled) > 1:
        spoken.entitled.sort(key=lambda c: (-c.rank, c.cumulative, c.rule.id))
    spoken.entitled_minor = total(spoken.entitled)
    if len(spoken.permitted) > 1:
        spoken.permitted.sort(key=lambda c: (-(c.minor or 0), c.basis is not Basis.POLICY, c.rule.id))
    spoken.permitted_minor = (spoken.permitted[0].minor or 0) if spoken.permitted else 0
    if missing:
        spoken.missing = tuple(sorted(missing))
    return spoken


def _claim(
    item: PricedEffect,
    key: str,
    findings: Findings,
    day: int,
    received: Received,
    spoken: Spoken,
    missing: set[str],
) -> None:
    """Add the claim of an effect that speaks; one of zero, or received before by its key, does not."""
    effect, sum_before, minor = item.effect, 0, None
    if item.entitles and key in received.owed:
        sum_before, times_before = received.owed[key]
        if item.priced is None and times_before > 0:
            spoken.spent.append(item.rule)
            return
    if item.priced is not None:
        value = item.priced.value(findings.facts, day)
        if value is None:
            spoken.waits = True
            missing.update(item.priced.missing(findings.facts, day))
            return
        if value is UNPRICED:
            spoken.unpriced = True
        else:
            minor = value - sum_before
            if minor <= 0:
                if value > 0:
                    spoken.spent.append(item.rule)
                return
    claims = spoken.entitled if item.entitles else spoken.permitted
    claims.append(Claim(item.rule, effect.basis, item.rank, minor, effect.cumulative, key, item.told))


def _bar(spoken: Spoken, barriers: list[PricedEffect], doubtful: list[PricedEffect], findings: Findings) -> None:
    """The highest-ranked barrier: entitlements above it stand, all else falls. A doubtful one escalates."""
    doubtful = sorted(doubtful, key=lambda i: i.rule.id)  # those that fired are sorted already
    for rank in _RANKS:
        forbids = [i for i in barriers if i.rank == rank and i.effect.kind is EffectKind.FORBID]
        escalates = [i for i in barriers if i.rank == rank and i.effect.kind is EffectKind.ESCALATE]
        unknown = [i for i in doubtful if i.rank == rank]
        if forbids:
            spoken.barrier = Barrier(True, _rules(forbids), forbids[0].effect.basis)
        elif escalates or unknown:
            missing = {fact for i in unknown for fact in findings.unknown[i.rule.id]}
            to = min((i.effect.to for i in escalates if i.effect.to), default=None)
            found = escalates or unknown
            spoken.barrier = Barrier(False, _rules(found), found[0].effect.basis, to, tuple(sorted(missing)))
        else:
            continue
        spoken.entitled = [claim for claim in spoken.entitled if claim.rank > rank]
        spoken.permitted = []
        spoken.unpriced = spoken.unpriced and any(claim.minor is None for claim in spoken.entitled)
        return


def _rules(items: list[PricedEffect]) -> tuple[Rule, ...]:
    return tuple({i.rule.id: i.rule for i in sorted(items, key=lambda i: i.rule.id)}.values())


def owed_by(entitled: list[Claim]) -> tuple[Owed, ...]:
    """What each entitling rule owes of the remedy: the largest side by side, cumulative ones after it."""
    owed: dict[str, Owed] = {}
    after = max((c.minor or 0 for c in entitled if not c.cumulative), default=0)
    for claim in entitled:
        minor = claim.minor or 0
        if claim.cumulative:
            owed[claim.key] = Owed(claim.key, minor, after)
            after += minor
        elif claim.key not in owed or owed[claim.key].minor < minor:
            owed[claim.key] = Owed(claim.key, minor)
    return tuple(owed.values())
