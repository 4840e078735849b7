"""One request for a decision, as validated values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from policyservice.domain.vocabulary import FactValue


@dataclass(frozen=True, slots=True)
class Request:
    """What an agent asks to give, to whom and why.

    `amount_minor` is None for a remedy without a sum, and in the two uses that ask how much may be given
    (`POST /v1/options` and `evaluate`), which say so by `open_amount`. `facts` holds what was given, checked
    against the vocabulary; presumed and derived facts are added by the engine.
    """

    reason: str
    remedy: str
    currency: str
    amount_minor: int | None = None
    agent: str | None = None
    case: str | None = None
    customer: str | None = None
    channel: str | None = None
    order: str | None = None
    incident: str | None = None
    justification: str | None = None
    given_at: datetime | None = None
    open_amount: bool = False
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    proactive: bool = False  # given unasked, for an incident: counts for no agent or team
