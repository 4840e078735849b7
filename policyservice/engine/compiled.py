"""A rulebook made ready to decide with: everything that can be looked up beforehand is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policyservice.costs.compare import CostModel
from policyservice.domain.decision import Because, owed_key
from policyservice.domain.limits import matches_reason
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine import words
from policyservice.engine.demands import Demand, demands
from policyservice.engine.evaluator import CompiledRules, Findings, compile_rules
from policyservice.engine.expressions import PricedBy, compile_amount
from policyservice.engine.reads import facts_read, texts_compared
from policyservice.rulebook.model import (
    Effect,
    EffectKind,
    Pack,
    Rule,
    Rulebook,
)

Evaluate = Callable[[Mapping[str, FactValue], int, str], Findings]
"""Given facts (with "reason"), the local day's ordinal and the currency, to what the rules say."""


@dataclass(frozen=True, slots=True)
class PricedEffect:
    """An effect of a rule with its amount compiled; `priced` is None where the remedy has no sum.

    `rank` is that of its basis; `key` is the entitlement's (`owed_key`); `told` is the effect as a reason of an answer.
    """

    rule: Rule
    effect: Effect
    priced: PricedBy | None
    rank: int
    key: str
    told: Because

    @property
    def entitles(self) -> bool:
        """Whether it owes the remedy, rather than permits it."""
        return self.effect.kind is EffectKind.ENTITLE


@dataclass(frozen=True, slots=True)
class Speaking:
    """What one rule does when it fires: claims by remedy, barriers, advice."""

    claims: Mapping[str, tuple[PricedEffect, ...]]
    barriers: tuple[PricedEffect, ...]
    advice: tuple[PricedEffect, ...]


class CompiledRulebook:
    """What `decide` needs of a rulebook, indexed by rule, remedy and reason. Immutable after construction."""

    def __init__(self, rulebook: Rulebook, costs: CostModel) -> None:
        self.rulebook = rulebook
        self.costs = costs
        self.rules: CompiledRules = compile_rules(rulebook)
        self.by_id: dict[str, Rule] = {rule.id: rule for rule in rulebook.rules}
        self.packs: dict[str, Pack] = {pack.name: pack for pack in rulebook.packs}
        self.speaking: dict[str, Speaking] = {rule.id: _speaking(rule, rulebook) for rule in rulebook.rules}
        self.remedy_costs: dict[str, PricedBy] = {
            name: compile_amount(remedy.cost, rulebook)
            for name, remedy in rulebook.remedies.items()
            if remedy.cost is not None
        }
        self.paid_fact: dict[str, str | None] = {reason: self._paid_fact(reason) for reason in rulebook.reasons}
        self.paid_awaited: frozenset[str] = frozenset(filter(self._waits_for_paid, rulebook.reasons))
        self.reads: dict[str, frozenset[str]] = facts_read(rulebook)
        self.demands: dict[str, Demand] = demands(rulebook, self.reads)
        self.texts_compared: dict[str, frozenset[str]] = texts_compared(rulebook)

    def _paid_fact(self, reason: str) -> str | None:
        for fact in self.rulebook.facts.values():
            if fact.type is FactType.MONEY and any(matches_reason(p, reason) for p in fact.bounds_refunds_of):
                return fact.name
        return None

    def _waits_for_paid(self, reason: str) -> bool:
        fact = self.paid_fact[reason]
        return fact is not None and any(matches_reason(p, reason) for p in self.rulebook.facts[fact].paid_for)

    def evaluate(self, given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        """The compiled evaluator alone: for back-tests, previews, policy tests and replays."""
        return self.rules.evaluate(given, day, currency)

    def prepare_costs(self) -> None:
        """Simulate now what estimates of this book need, so that no decision waits for it."""
        for currency in {pack.currency for pack in self.rulebook.packs}:
            self.costs.prepare(self.rulebook.reasons, currency)

    def closed(self, reason: str, remedy: str) -> bool:
        """Whether the remedy is forbidden for this reason where no rule speaks for it (`otherwise: forbid`)."""
        declared = self.rulebook.reasons[reason]
        return declared.closed or remedy in declared.closes

    def pack_of_reason(self, reason: str) -> Pack:
        """The settings of the pack that declares a reason."""
        return self.packs[self.rulebook.reasons[reason].pack]

    def hold_seconds(self, remedy: str, reason: str, default: int) -> int:
        """How long a reservation of this remedy holds: by the remedy, else its reason's pack, else `default`."""
        own = self.rulebook.remedies[remedy].hold_seconds
        if own is not None:
            return own
        of_pack = self.pack_of_reason(reason).hold_seconds
        return default if of_pack is None else of_pack


def _speaking(rule: Rule, rulebook: Rulebook) -> Speaking:
    claims: dict[str, tuple[PricedEffect, ...]] = {}
    barriers: list[PricedEffect] = []
    advice: list[PricedEffect] = []
    for effect in rule.then:
        priced = compile_amount(effect.amount, rulebook) if effect.amount is not None else None
        remedy = effect.remedy or ""
        told = words.by_rule(rule, effect.basis)
        item = PricedEffect(rule, effect, priced, effect.basis.rank, owed_key(rule.id, remedy), told)
        if effect.kind in (EffectKind.ENTITLE, EffectKind.PERMIT):
            claims[remedy] = (*claims.get(remedy, ()), item)
        elif effect.kind in (EffectKind.FORBID, EffectKind.ESCALATE):
            barriers.append(item)
        elif effect.kind is EffectKind.ADVISE:
            advice.append(item)
    return Speaking(claims, tuple(barriers), tuple(advice))
