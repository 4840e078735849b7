"""The answer to one request, and everything that was taken into account for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from policyservice.domain.limits import LimitState, Scope
from policyservice.domain.vocabulary import AgentKind, Basis, FactValue, Text


class Outcome(StrEnum):
    """The three answers there are."""

    ALLOW = "allow"
    ESCALATE = "escalate"
    DENY = "deny"


class Status(StrEnum):
    """What became of a decision."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    VOIDED = "voided"
    EXPIRED = "expired"
    REVERSED = "reversed"
    ESCALATED = "escalated"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Because:
    """One reason of an answer: a rule, a limit, or a step of the decision, in words.

    `code` is stable and says what spoke: "rule" (then `rule`, `basis` and `reference` are its own), or one of the codes
    of `engine/reasons.py`, such as "no-rule" or "limit".
    """

    code: str
    text: Text
    rule: str | None = None
    basis: Basis | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class BindingLimit:
    """The limit that keeps the asked amount from being allowed."""

    limit: str
    scope: Scope
    left_minor: int | None  # what is left of the amount; None where only a count binds
    bound_minor: int | None
    left_count: int | None
    bound_count: int | None
    renews_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """What this agent may give now instead, up to and including `up_to_minor` (None: it has no sum)."""

    remedy: str
    up_to_minor: int | None
    currency: str
    basis: Basis
    say: Text | None
    cost_minor: int


class Range(NamedTuple):
    """An estimate in minor units: expected, and the bounds of its 90 % interval."""

    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What the remedy costs beside what escalating would have cost, in minor units.

    `escalation` and `saving` are the full view; `views` has "cash", "churn" and "full".
    """

    remedy_minor: int
    escalation: Range
    saving: Range
    views: Mapping[str, tuple[Range, Range]]  # name -> (escalation, saving)
    parameters: int


@dataclass(frozen=True, slots=True)
class EscalateTo:
    """Who may decide beyond this agent, and by when the customer has an answer."""

    to: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """The part of an allowed amount that a rule owes: what a later request is lessened by.

    `rule` is the entitlement's key, see `owed_key`. `after_minor` is what other (cumulative) rules take of the
    amount first: of an amount `a`, this rule's part is `a - after_minor` bounded by 0 and `minor`.
    """

    rule: str
    minor: int  # 0 for a remedy without a sum
    after_minor: int = 0


def owed_key(rule: str, remedy: str) -> str:
    """The key of what a rule owes of a remedy: one rule may owe several remedies, each once per order."""
    return f"{rule} {remedy}"


@dataclass(frozen=True, slots=True)
class AgentView:
    """The agent as a decision sees it."""

    ref: str
    team: str | None
    kind: AgentKind
    trust_level: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """What was held or given before for the same order, or for the same case where there is no order.

    `refunded_minor` counts remedies of kind refund; `owed` is (sum, number of times) by `owed_key`.
    """

    refunded_minor: int = 0
    owed: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """Where a verified fact is from: a system's name, since when it says so, and of what (order or customer).

    `stated` is what the caller stated instead; None where the caller stated the same, or nothing.
    """

    source: str
    at: datetime
    of: str
    stated: FactValue | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything besides rulebook and request that a decision depends on; all of it is logged."""

    now: datetime  # UTC
    id: str
    timezone: str  # IANA name of the organisation's zone
    hold_seconds: int
    agent: AgentView | None = None
    limits: tuple[LimitState, ...] = ()
    limits_version: int | None = None
    ladder: tuple[tuple[str, int | None], ...] = ()  # (trust level, its cap per decision or None), lowest first
    received: Received = Received()
    verified: frozenset[str] = frozenset()  # names of facts that the company's own systems vouch for
    costs_version: int = 0
    sources: Mapping[str, Verified] = field(default_factory=dict)  # of the facts that the company's systems verified
    compensated: tuple[str, ...] = ()  # remedies that case or customer got for the incident behind the case


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request; amounts in minor units of `currency`.

    `entitled_minor` and `goodwill_minor` split an allowed amount; both are 0 for other outcomes. `facts` are
    all facts the rules saw, with `presumed` and `derived` naming those that were not given.
    """

    id: str
    outcome: Outcome
    remedy: str
    amount_minor: int | None
    available_minor: int | None
    currency: str
    basis: Basis | None
    because: tuple[Because, ...]
    say: Text | None
    binding_limit: BindingLimit | None
    alternatives: tuple[Alternative, ...]
    escalate_to: EscalateTo | None
    stretched: bool
    cost: CostEstimate | None
    expires_at: datetime | None
    entitled_minor: int = 0
    goodwill_minor: int = 0
    entitled_cost_minor: int = 0
    goodwill_cost_minor: int = 0
    owed: tuple[Owed, ...] = ()
    rules: tuple[str, ...] = ()  # ids of every rule that fired, sorted
    missing: tuple[str, ...] = ()  # facts to be found out
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    presumed: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    fault: str | None = None  # an engine fault or a disagreement of the evaluators
    after_the_fact: bool = False  # given before it was asked, under the safe floor
