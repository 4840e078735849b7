"""What a scene is made of: people, steps, and the answers that are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policyservice.domain.vocabulary import AgentKind, Text


@dataclass(frozen=True, slots=True)
class Person:
    """An agent of the demo; `role` is how the scene speaks of them."""

    ref: str
    name: str
    role: Text
    team: str
    trust_level: str
    kind: AgentKind = AgentKind.HUMAN


@dataclass(frozen=True, slots=True)
class Want:
    """What an answer must be; None is not looked at. `rule` and `alternatives` must be among those answered."""

    outcome: str
    available: str | None = None
    basis: str | None = None
    rule: str | None = None
    limit: str | None = None
    to: str | None = None
    stretched: bool = False
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """An agent asks what may be given at all; `want` maps remedies to the sum that must be offered (None: no sum)."""

    by: Person
    question: Text
    want: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Ask:
    """An agent asks to give one remedy. What is None is taken from the scene."""

    by: Person
    question: Text
    remedy: str
    want: Want
    amount: str | None = None
    channel: str | None = None
    reason: str | None = None
    case: str | None = None
    order: str | None = None
    justification: str | None = None
    facts: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Give:
    """What was allowed last has been given: commit it, all of it or `amount`."""

    what: Text
    amount: str | None = None
    external_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """What was allowed last was not given after all: void it. `reason` is kept with it, and may name no customer."""

    what: Text
    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """What happens in between, told in a sentence."""

    what: Text


@dataclass(frozen=True, slots=True)
class SeeCustomer:
    """A colleague looks at what the customer was promised before; `want` is (remedy, status), newest first."""

    by: Person
    what: Text
    want: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SeeCase:
    """A colleague takes the case over and sees all of it; `want` is (remedy, status), newest first."""

    by: Person
    what: Text
    want: tuple[tuple[str, str], ...]


Step = Look | Ask | Give | Drop | Later | SeeCustomer | SeeCase


@dataclass(frozen=True, slots=True)
class Scene:
    """One story: the matter it is about, and what is asked in it.

    `number` is None for a scene that no customer told. The references stand for those of a helpdesk and a shop.
    """

    number: int | None
    title: Text
    story: Text
    channel: str
    reason: str
    customer: str
    case: str
    steps: tuple[Step, ...]
    order: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
