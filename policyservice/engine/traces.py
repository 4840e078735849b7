"""What an explanation is made of: each rule that could speak, and how each of its comparisons came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policyservice.domain.vocabulary import FactValue
from policyservice.rulebook.model import Op


class RuleState(StrEnum):
    """What became of a rule."""

    FIRED = "fired"
    NOT_FIRED = "not_fired"
    UNKNOWN = "unknown"
    NOT_IN_FORCE = "not_in_force"
    OTHER_CURRENCY = "other_currency"


@dataclass(frozen=True, slots=True)
class LeafTrace:
    """One comparison of a rule's condition.

    `value` is what the fact was compared with, `parameter` the parameter it came from (`value` None: it has none yet),
    `found` the fact's value (None: not known), `presumed` whether that was only presumed, `holds` None for unknown.
    """

    fact: str
    op: Op
    value: FactValue | tuple[FactValue, ...] | None
    parameter: str | None
    found: FactValue | None
    presumed: bool
    holds: bool | None


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule: its state, its comparisons in the order of the text, and the facts that would settle it where unknown.

    `because_of_row` is the row before it, in a first-hit table, that keeps this one from firing.
    """

    rule: str
    state: RuleState
    leaves: tuple[LeafTrace, ...]
    missing: tuple[str, ...] = ()
    because_of_row: str | None = None
