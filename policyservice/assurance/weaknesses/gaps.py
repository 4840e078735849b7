"""Gaps: a declared reason that no rule speaks for, and cases of a reason in which none does.

A reason whose list is closed (`otherwise: forbid`) for every remedy that its rules give is silent on purpose, unless no
rule speaks for it at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from policyservice.assurance.symbolic.terms import conj
from policyservice.assurance.weaknesses.regions import BARRING, GIVING, Region
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import Rule


def gaps(book: CompiledRulebook, regions: Iterable[Region], *, day: date) -> Iterator[Weakness]:
    """A note for each reason with a gap on a day."""
    spoken_for: set[str] = set()
    for region in regions:
        speaking = [rule for rule in region.rules if _speaks(rule)]
        if not speaking:
            continue
        spoken_for.add(region.reason)
        if not _is_closed(region):
            yield from _silent(region, speaking, day)
    for name, reason in book.rulebook.reasons.items():
        if name not in spoken_for:
            what = "denied" if reason.closed else "escalated"
            yield Weakness(
                Weight.NOTE, reason.place, f"no rule speaks for the reason `{name}`: every case of it is {what}"
            )


def _speaks(rule: Rule) -> bool:
    return any(effect.kind in (*GIVING, *BARRING) for effect in rule.then)


def _is_closed(region: Region) -> bool:
    given = region.given or list(region.book.rulebook.remedies)
    return all(region.book.closed(region.reason, remedy) for remedy in given)


def _silent(region: Region, speaking: list[Rule], day: date) -> Iterator[Weakness]:
    """The case in which every rule that speaks is plainly false, not merely waiting for a fact."""
    ids = {rule.id for rule in speaking}
    rulebook = region.book.rulebook
    formula = conj(region.symbols.day == day.toordinal(), *(region.findings.rule(rule).no for rule in speaking))
    found = region.case(formula, lambda case: ids.isdisjoint(case.decided(region.book).rules), day=day)
    if found is not None:
        message = (
            f"no rule speaks for some cases of `{region.reason}` in {region.currency}: {found.in_one_line(rulebook)}"
        )
        yield Weakness(Weight.NOTE, rulebook.reasons[region.reason].place, message)
