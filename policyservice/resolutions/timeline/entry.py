"""What a timeline is made of, and what of it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from policyservice.decisions.whose import Whose


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, in which case and channel, by whom (a pseudonym), about what by its id.

    `details` are the source's own, by name: plain values, instants, pseudonyms and seals; `amount_minor` is in minor
    units of `currency` beside it. `key` tells entries of one source and instant apart, and sorts them.
    """

    at: datetime
    kind: str
    id: str
    case: str | None
    channel: str | None
    agent: str | None
    details: Mapping[str, Any]
    key: str | int


class Place(NamedTuple):
    """An entry of the timeline, by what it is sorted by: entries from behind it on are wanted."""

    at: datetime
    source: int
    key: str | int


class Wanted(NamedTuple):
    """Whose timeline, from behind a place on (None: from its beginning), and how many entries at most."""

    whose: Whose
    behind: Place | None = None
    limit: int = 50
