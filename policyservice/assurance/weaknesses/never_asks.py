"""Rules whose `verify_above` asks for nothing: there is no fact to verify, or nothing above the sum is ever given.

A rule that states a higher sum than its packs, so as to be free of theirs, says something all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyservice.assurance.symbolic.terms import conj, disj, neg
from policyservice.assurance.weaknesses.regions import Region
from policyservice.assurance.weaknesses.weakness import Weakness, Weight
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.demands import usual_bounds
from policyservice.rulebook.model import Rule


def never_asks(book: CompiledRulebook, rules: Iterable[Rule], regions: Iterable[Region]) -> Iterator[Weakness]:
    """An error where there is no fact to verify, a note where nothing is given above the sum; of a table, once."""
    stated: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.verify is not None:
            stated.setdefault(rule.table or rule.id, []).append(rule)
    exceeded = _exceeded(regions) if stated else set()
    usual = usual_bounds(book.rulebook)
    for name, rows in stated.items():
        verify, bound = rows[0].verify, usual.get(rows[0].currency)
        assert verify is not None
        asks = f"`verify_above` of `{name}` asks for nothing"
        if not any(rule.id in book.demands for rule in rows):
            yield Weakness(Weight.ERROR, verify.place, f"{asks}: no fact that anybody gives is read; name its `facts`")
        elif (bound is None or bound >= verify.above_minor) and not any(rule.id in exceeded for rule in rows):
            yield Weakness(Weight.NOTE, verify.place, f"{asks}: no more than that is ever given with it")


def _exceeded(regions: Iterable[Region]) -> set[str]:
    """The rules of which a claim stands in some case in which more than their `verify_above` is given."""
    found: set[str] = set()
    for region in regions:
        for remedy in region.given if any(rule.verify is not None for rule in region.rules) else ():
            spoken = region.spoken(remedy)
            for claim, stands in (*spoken.entitled, *spoken.permitted):
                verify = claim.rule.verify
                if verify is None or claim.rule.id in found:
                    continue
                above = verify.above_minor
                more = disj(spoken.entitled_minor > above, spoken.permitted_minor > above)
                if not region.is_empty(conj(stands, neg(claim.unpriced), more)):
                    found.add(claim.rule.id)
    return found
