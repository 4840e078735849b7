"""Which values of a fact a rule demands, as far as that is certain; used to prove that two rules never both fire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.rulebook.check.normal import demanded, without_not
from policyservice.rulebook.model import Compare, Condition, Op, ParameterRef
from policyservice.rulebook.read.names import FactKind, Names


@dataclass(frozen=True, slots=True)
class Domain:
    """Holds every value the rule accepts: one of `among` (None: any), from `low` to `high`, not of `without`.

    `known` says whether the fact must be known (True), must be unknown (False), or may be either.
    """

    known: bool | None = None
    among: frozenset[FactValue] | None = None
    low: int | None = None
    high: int | None = None
    without: frozenset[FactValue] = frozenset()

    def excludes(self, other: Domain) -> bool:
        """Whether no value, and no absence, is accepted by both."""
        if {self.known, other.known} == {True, False}:
            return True
        if self.known is not True or other.known is not True:
            return False
        return not _some_value(_both(self, other))


def domains(condition: Condition, names: Names) -> dict[str, Domain]:
    """What a condition demands of each fact at its top; of other facts nothing is certain."""
    found: dict[str, Domain] = {}
    for compare in demanded(without_not(condition)):
        fact = names.kind_of(compare.fact)
        if fact is not None:
            found[compare.fact] = _narrowed(found.get(compare.fact, Domain()), compare, fact)
    return found


def _narrowed(domain: Domain, compare: Compare, fact: FactKind) -> Domain:
    if compare.op is Op.PRESENT:
        return replace(domain, known=bool(compare.value))
    domain = replace(domain, known=True)
    if isinstance(compare.value, ParameterRef):
        return domain
    accepted = _accepted(compare, fact)
    return _both(domain, accepted)


def _accepted(compare: Compare, fact: FactKind) -> Domain:
    values = _members(compare)
    if compare.op in (Op.IS, Op.ONE_OF):
        return Domain(True, among=values)
    if compare.op in (Op.IS_NOT, Op.NONE_OF):
        possible = _possible(fact)
        return Domain(True, among=possible - values) if possible is not None else Domain(True, without=values)
    if fact.type is FactType.CODE:
        return Domain(True, among=frozenset(_ranked(compare, fact.values)))
    assert isinstance(compare.value, int)
    bound = compare.value
    low = {Op.AT_LEAST: bound, Op.MORE_THAN: bound + 1}.get(compare.op)
    high = {Op.AT_MOST: bound, Op.LESS_THAN: bound - 1}.get(compare.op)
    return Domain(True, low=low, high=high)


def _members(compare: Compare) -> frozenset[FactValue]:
    assert not isinstance(compare.value, ParameterRef)
    return frozenset(compare.value) if isinstance(compare.value, tuple) else frozenset({compare.value})


def _possible(fact: FactKind) -> frozenset[FactValue] | None:
    if fact.type is FactType.BOOLEAN:
        return frozenset({True, False})
    return frozenset(fact.values) if fact.type is FactType.CODE else None


def _ranked(compare: Compare, codes: tuple[str, ...]) -> Iterable[str]:
    rank = codes.index(str(compare.value))
    if compare.op is Op.AT_LEAST:
        return codes[rank:]
    if compare.op is Op.MORE_THAN:
        return codes[rank + 1 :]
    return codes[: rank + 1] if compare.op is Op.AT_MOST else codes[:rank]


def _both(one: Domain, other: Domain) -> Domain:
    among = one.among if other.among is None else other.among if one.among is None else one.among & other.among
    low = max((bound for bound in (one.low, other.low) if bound is not None), default=None)
    high = min((bound for bound in (one.high, other.high) if bound is not None), default=None)
    return Domain(one.known, among, low, high, one.without | other.without)


def _some_value(domain: Domain) -> bool:
    if domain.among is not None:
        return any(_fits(value, domain) for value in domain.among)
    return domain.low is None or domain.high is None or domain.low <= domain.high


def _fits(value: FactValue, domain: Domain) -> bool:
    if value in domain.without:
        return False
    if isinstance(value, (bool, str)):
        return True
    return (domain.low is None or value >= domain.low) and (domain.high is None or value <= domain.high)
