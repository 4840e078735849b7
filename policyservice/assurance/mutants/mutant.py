"""A rulebook with one small change, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from policyservice.rulebook.model import Place, Rule, Rulebook


class Kind(StrEnum):
    """What sort of change it is."""

    CONDITION = "condition"
    BOUND = "bound"
    AMOUNT = "amount"
    EFFECT = "effect"
    BASIS = "basis"
    RULE = "rule"
    IN_FORCE = "in force"
    PARAMETER = "parameter"
    VOCABULARY = "vocabulary"
    REASON = "reason"
    LIMIT = "limit"
    PACK = "pack"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed rulebook.

    `about` names what was changed: a rule, a parameter, a fact. `rule` is the changed rule's id, None where it is no
    rule; `effects_only` says that whether rules fire is as it was. `reasons` are those that may be answered otherwise,
    None for any.
    """

    kind: Kind
    about: str
    what: str
    rulebook: Rulebook
    place: Place | None = None
    rule: str | None = None
    effects_only: bool = False
    reasons: frozenset[str] | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.about}: {self.what}"


def with_rule(rulebook: Rulebook, changed: Rule) -> Rulebook:
    """The rulebook with a rule in place of the one of its id."""
    return replace(rulebook, rules=tuple(changed if rule.id == changed.id else rule for rule in rulebook.rules))
