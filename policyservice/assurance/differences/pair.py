"""One case answered by two rulebooks, as formulas over shared symbols.

What has one name in both is one symbol. A case gives only what both vocabularies allow: of a code fact the codes that
both have, and nothing of a fact whose type differs. A fact that one of them alone declares is given to that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from policyservice.assurance.proving.found import FoundCase
from policyservice.assurance.symbolic.answer import Answer, case_of
from policyservice.assurance.symbolic.case import Given, Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.terms import FALSE, Formula, conj, disj, neg
from policyservice.domain.decision import Decision
from policyservice.domain.limits import LimitSet
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.engine.strata import conclusions
from policyservice.rulebook.model import Rule, Rulebook


@dataclass(slots=True)
class Side:
    """One of the two rulebooks, with its rules by reason and the rules of it that are not in the other as they are."""

    book: CompiledRulebook
    changed: frozenset[str]
    shards: Shards = field(init=False)
    given: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        rulebook = self.book.rulebook
        self.shards = Shards(rulebook)
        self.given = frozenset(rulebook.facts) - {name for rule in rulebook.rules for name in conclusions(rule)}

    def rules(self, reason: str) -> list[Rule]:
        """The rules that can speak about a reason."""
        return self.shards.of(reason)

    def decided(self, case: FoundCase) -> Decision:
        """What the rulebook answers to a case, told the facts that it knows."""
        facts = {name: value for name, value in case.facts.items() if name in self.given}
        return replace(case, facts=facts).decided(self.book)


@dataclass(frozen=True, slots=True)
class Picked:
    """What is picked beforehand; everything else about a case is free."""

    reason: str
    remedy: str
    currency: str
    trust_level: str | None


class Pair:
    """A remedy in any case for a reason, at a trust level, by the old rulebook and by the new one."""

    def __init__(self, old: Side, new: Side, picked: Picked) -> None:
        self.picked = picked
        before, after = (case_of(side.book, picked.reason, picked.currency, picked.trust_level) for side in (old, new))
        after.texts = before.texts
        self._links = list(_links(before, after))
        self.old, self.new = (
            Answer(
                side.book,
                Findings(symbols),
                picked.remedy,
                side.book.rulebook.opening_limits.limits,
                side.rules(picked.reason),
            )
            for side, symbols in ((old, before), (new, after))
        )

    def symbols(self) -> Symbols:
        """The symbols of both so far, with what holds of them whatever the case."""
        before, after = self.old.symbols, self.new.symbols
        united = Symbols(_united(before.rulebook, after.rulebook), before.reason, before.currency, before.trust_level)
        for name, term in {**after.numbers, **before.numbers}.items():
            united.adopt_number(name, term)
        for name, term in {**after.truths, **before.truths}.items():
            united.adopt_truth(name, term)
        united.given = {**after.given, **before.given}
        united.texts = before.texts
        united.domain = [*before.domain, *after.domain, *self._links]
        return united


def _links(before: Symbols, after: Symbols) -> Iterator[Formula]:
    """Gives the new vocabulary a symbol of its own for each fact that differs, and says what the two have in common."""
    apart = Symbols(after.rulebook, after.reason, after.currency, after.trust_level, prefix="new ")
    for name, fact in before.rulebook.facts.items():
        other = after.rulebook.facts.get(name)
        if other is None or (other.type is fact.type and other.values == fact.values):
            continue
        one, two = before.stated(name), apart.stated(name)
        if other.type is not fact.type:
            after.given[name] = Given(FALSE, two.term)
            yield neg(one.is_given)
            continue
        after.given[name] = Given(one.is_given, two.term)
        yield disj(
            *(
                conj(one.term == fact.values.index(code), two.term == other.values.index(code))
                for code in fact.values
                if code in other.values
            )
        )


def _united(old: Rulebook, new: Rulebook) -> Rulebook:
    """What a case that a solver found is read with: the facts and limits of both."""
    limits = {limit.id: limit for limit in (*new.opening_limits.limits, *old.opening_limits.limits)}
    return replace(old, facts={**new.facts, **old.facts}, rules=(), opening_limits=LimitSet(0, tuple(limits.values())))
