"""Cases as calibration sees them: plain rows, whatever records they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Path(StrEnum):
    """How a case was handled."""

    AT_ONCE = "at_once"  # the agent decided
    ESCALATED = "escalated"  # somebody with more authority decided
    GAVE_UP = "gave_up"  # it was blocked, and nobody asked any further


@dataclass(frozen=True, slots=True)
class Observed:
    """One case; None is not known.

    `minutes` are those measured, by their symbol in the model: "hd", "h1", "h2", "h3", and "hr" for each repeat
    contact. `granted` of an escalated case: something was given in the end. `repeats` are repeat contacts within the
    days that outcomes count, `left` whether the customer was gone by then; `satisfaction` is 0 to 1. `loss` is what was
    at stake and `remedy_cost` what the remedy cost, in whole currency units; `tier` is the customer's. `before` are
    further figures known beforehand.
    """

    path: Path
    reason: str
    channel: str = ""
    queue: str | None = None
    tier: str = ""
    loss: float = 0.0
    minutes: Mapping[str, float] = field(default_factory=dict)
    repeats: int | None = None
    third_tier: bool | None = None
    granted: bool | None = None
    remedy_cost: float | None = None
    left: bool | None = None
    complained: bool | None = None
    satisfaction: float | None = None
    before: tuple[float, ...] = ()
