"""What the rules say of one remedy, taken together, as formulas. The same steps as `engine.combine`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.terms import (
    FALSE,
    Formula,
    Number,
    conj,
    disj,
    largest_of,
    neg,
    rounded_up,
    when,
    whole,
)
from policyservice.domain.decision import owed_key
from policyservice.rulebook.model import Effect, EffectKind, Rule

RANKS = (3, 2, 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """An entitlement or a permit: where it speaks, where it waits for facts, its sum there and where it has none."""

    rule: Rule
    effect: Effect
    speaks: Formula
    waits: Formula
    unpriced: Formula
    minor: Number

    @property
    def entitles(self) -> bool:
        """Whether it owes the remedy."""
        return self.effect.kind is EffectKind.ENTITLE

    @property
    def rank(self) -> int:
        """That of its basis."""
        return self.effect.basis.rank


@dataclass(frozen=True, slots=True)
class Barriers:
    """What stands in the way, at each rank: a forbid, or an escalate or anything that may yet turn out one."""

    forbids: dict[int, Formula]
    escalates: dict[int, Formula]

    def at(self, rank: int) -> Formula:
        """Where one stands at a rank."""
        return disj(self.forbids[rank], self.escalates[rank])

    def from_rank(self, rank: int) -> Formula:
        """Where one stands at a rank or above."""
        return disj(*(self.at(one) for one in RANKS if one >= rank))

    @property
    def any(self) -> Formula:
        """Where one stands at all."""
        return self.from_rank(1)

    @property
    def forbidding(self) -> Formula:
        """Where the highest one forbids."""
        found = FALSE
        for rank in reversed(RANKS):
            found = disj(self.forbids[rank], conj(neg(self.at(rank)), found))
        return found


class Spoken:
    """What is said of a remedy: the claims that stand once barriers have had their say."""

    def __init__(self, findings: Findings, remedy: str, rules: Sequence[Rule]) -> None:
        self._findings = findings
        self.remedy = findings.symbols.rulebook.remedies[remedy]
        self.barriers = self._barriers(rules)
        self.claims = [claim for rule in rules for claim in self._claims(rule)]
        self.waits = disj(*(claim.waits for claim in self.claims))
        entitled = [claim for claim in self.claims if claim.entitles]
        permitted = [claim for claim in self.claims if not claim.entitles]
        self.entitled = [(claim, conj(claim.speaks, neg(self.barriers.from_rank(claim.rank)))) for claim in entitled]
        self.permitted = [(claim, conj(claim.speaks, neg(self.barriers.any))) for claim in permitted]
        self.unpriced = disj(*(conj(stands, claim.unpriced) for claim, stands in (*self.entitled, *self.permitted)))
        self.entitled_minor = total(self.entitled)
        self.permitted_minor = largest_of([whole(0), *(when(s, c.minor, whole(0)) for c, s in self.permitted)])
        self.has_entitled = disj(*(stands for _, stands in self.entitled))
        self.has_permitted = disj(*(stands for _, stands in self.permitted))
        self.speaks = disj(self.has_entitled, self.has_permitted)

    def _barriers(self, rules: Sequence[Rule]) -> Barriers:
        forbids: dict[int, list[Formula]] = {rank: [] for rank in RANKS}
        escalates: dict[int, list[Formula]] = {rank: [] for rank in RANKS}
        for rule in rules:
            found = self._findings.rule(rule)
            for effect in rule.then:
                if effect.remedy not in (self.remedy.name, None):
                    continue
                if effect.kind is EffectKind.FORBID:
                    forbids[effect.basis.rank].append(found.yes)
                elif effect.kind is EffectKind.ESCALATE:
                    escalates[effect.basis.rank].append(found.yes)
                else:
                    continue
                escalates[effect.basis.rank].append(found.unknown)
        return Barriers(
            {rank: disj(*parts) for rank, parts in forbids.items()},
            {rank: disj(*parts) for rank, parts in escalates.items()},
        )

    def _claims(self, rule: Rule) -> list[Claim]:
        kinds = (EffectKind.ENTITLE, EffectKind.PERMIT)
        effects = [e for e in rule.then if e.kind in kinds and e.remedy == self.remedy.name]
        return [self._claim(rule, effect, number) for number, effect in enumerate(effects, start=1)]

    def _claim(self, rule: Rule, effect: Effect, number: int) -> Claim:
        found, symbols = self._findings.rule(rule), self._findings.symbols
        key = owed_key(rule.id, self.remedy.name) + ("" if number == 1 else f" {number}")
        entitles = effect.kind is EffectKind.ENTITLE
        if effect.amount is None:
            spent = symbols.number(f"owed times {key}", 0) > 0 if entitles else FALSE
            return Claim(rule, effect, conj(found.yes, neg(spent)), found.unknown, FALSE, whole(0))
        amount = self._findings.amounts.of(effect.amount)
        before = symbols.number(f"owed {key}", 0) if entitles else whole(0)
        minor = rounded_up(amount.term) - before
        speaks = conj(found.yes, amount.known, disj(amount.unpriced, minor > 0))
        waits = disj(found.unknown, conj(found.yes, neg(amount.known)))
        return Claim(rule, effect, speaks, waits, amount.unpriced, when(amount.unpriced, whole(0), minor))


def total(claims: Sequence[tuple[Claim, Formula]]) -> Number:
    """The largest of the entitlements that stand, and on top of it those declared cumulative."""
    terms = [(claim, when(stands, claim.minor, whole(0))) for claim, stands in claims]
    largest = largest_of([whole(0), *(term for claim, term in terms if not claim.effect.cumulative)])
    return sum((term for claim, term in terms if claim.effect.cumulative), largest)
