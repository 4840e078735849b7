"""What the packs declare together: the names that everything else in a rulebook refers to."""

from __future__ import annotations

from dataclasses import dataclass

from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import Fact, Parameter, ProvidedBy, Reason, Reckoned, Remedy, TrustLevel
from policyservice.rulebook.problems import Problems

REASON = "reason"
"""The one fact that is built in: a code fact whose codes are the catalogue's reasons."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """What may be said of a fact, declared or reckoned. `currency` is set where sums of a file stand in it."""

    name: str
    type: FactType
    values: tuple[str, ...] = ()
    ordered: bool = False
    lowest: int | None = None
    highest: int | None = None
    provided_by: ProvidedBy | None = None  # None where it is reckoned
    currency: str | None = None

    @property
    def is_reckoned(self) -> bool:
        """Whether it is worked out from other facts."""
        return self.provided_by is None


class Names:
    """The declared names, and what is known of those that could not be read.

    `unsure` holds kinds of files some of which could not be read: a name of theirs that is not found may well be in
    there, so nothing is said about it. `broken` holds (kind, name) of declarations with a problem of their own.
    """

    def __init__(self, problems: Problems, unsure: frozenset[str] = frozenset()) -> None:
        self.problems = problems
        self.unsure = set(unsure)
        self.broken: set[tuple[str, str]] = set()
        self.facts: dict[str, Fact] = {}
        self.reckoned: dict[str, Reckoned] = {}
        self.reckoned_in: dict[str, str] = {}  # reckoned fact -> currency of the sums written in it
        self.remedies: dict[str, Remedy] = {}
        self.reasons: dict[str, Reason] = {}
        self.trust_levels: tuple[TrustLevel, ...] = ()
        self.parameters: dict[str, Parameter] = {}
        self._kinds: dict[str, FactKind] = {}

    def kind_of(self, fact: str) -> FactKind | None:
        """What is known of a fact by its name; None for one that is not declared, or not soundly."""
        known = self._kinds.get(fact)
        if known is None:
            known = self._kind_of(fact)
            if known is not None and fact != REASON:
                self._kinds[fact] = known
        return known

    def _kind_of(self, name: str) -> FactKind | None:
        if name == REASON:
            return FactKind(REASON, FactType.CODE, tuple(self.reasons), provided_by=ProvidedBy.CALLER)
        if ("facts", name) in self.broken:
            return None
        if (fact := self.facts.get(name)) is not None:
            return FactKind(
                name, fact.type, fact.values, fact.ordered, fact.lowest, fact.highest, provided_by=fact.provided_by
            )
        if (reckoned := self.reckoned.get(name)) is not None:
            return FactKind(name, reckoned.type, currency=self.reckoned_in.get(name))
        return None

    def is_excused(self, kind: str, name: str) -> bool:
        """Whether a name that is not found has had its problem noted where it is declared."""
        return _FILE_OF[kind] in self.unsure or (kind, name) in self.broken


_FILE_OF = {
    "facts": "vocabulary",
    "remedies": "catalogue",
    "reasons": "catalogue",
    "trust_levels": "catalogue",
    "parameters": "parameters",
    "rules": "rules",
    "limits": "limits",
}
"""The kind of file that each kind of name is declared in."""
