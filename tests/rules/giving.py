"""What the two packs' plain readings share: what an answer is, and how an asked sum meets what may be given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Facts = Mapping[str, object]


class Answer(NamedTuple):
    """An outcome, and what is available in cents (None: no sum)."""

    outcome: str
    cents: int | None = None


DENY, ESCALATE = Answer("deny"), Answer("escalate")


def give(most: int | None, asked: int | None, paid: int | None = None) -> Answer:
    """Up to `most` cents, and never more than was `paid`; None for `most`: nobody knows how much it is."""
    if most is None:
        return Answer("allow") if asked is None else ESCALATE
    if paid is not None:
        most = min(most, paid)
    if asked is None or asked <= most:
        return Answer("allow", most)
    return Answer("deny" if paid is not None and asked > paid else "escalate", most)


def cents(value: object) -> int | None:
    """A decimal string in cents."""
    if value is None:
        return None
    whole, _, rest = str(value).partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0"))
