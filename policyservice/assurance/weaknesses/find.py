"""Looks for every kind of weakness, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policyservice.assurance.weaknesses.contradictions import contradictions
from policyservice.assurance.weaknesses.gaps import gaps
from policyservice.assurance.weaknesses.holes import holes
from policyservice.assurance.weaknesses.invariants import contradictory_invariants
from policyservice.assurance.weaknesses.never_asks import never_asks
from policyservice.assurance.weaknesses.never_fires import dead_rules, never_fires
from policyservice.assurance.weaknesses.never_matters import never_matters
from policyservice.assurance.weaknesses.regions import regions
from policyservice.assurance.weaknesses.valueless import valueless
from policyservice.assurance.weaknesses.weakness import Weakness
from policyservice.engine.compiled import CompiledRulebook


def weaknesses(book: CompiledRulebook, *, day: date) -> list[Weakness]:
    """Every weakness by file, line and column; gaps are those of a day, examples are from it on."""
    return sorted(_found(book, day), key=lambda weakness: weakness.order)


def _found(book: CompiledRulebook, day: date) -> Iterator[Weakness]:
    everywhere = list(regions(book))
    rules = book.rulebook.rules
    dead = dead_rules(rules, everywhere)
    yield from never_fires(dead)
    fires_nowhere = {rule.id for rule in dead}
    alive = [rule for rule in rules if rule.id not in fires_nowhere]
    yield from never_matters(alive, everywhere)
    yield from never_asks(book, alive, everywhere)
    yield from contradictions(everywhere, day=day)
    yield from gaps(book, everywhere, day=day)
    yield from holes(book.rulebook)
    yield from valueless(book.rulebook)
    yield from contradictory_invariants(book, day=day)
