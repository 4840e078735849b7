"""The timeline itself: what all sources know, newest first, page by page.

A source is a small function that gives its own entries, newest first, from a place on; `SOURCES` lists them. To add
one, write it and put it at the end of the list: its place there is part of the cursors that were handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from heapq import merge
from itertools import islice

from sqlalchemy import Connection, select

from policyservice.access.keys import ApiKey
from policyservice.db import tables
from policyservice.decisions.sight import dealt_with
from policyservice.decisions.values import an_instant
from policyservice.domain.errors import FieldProblem, InvalidRequest
from policyservice.resolutions.timeline.afterwards import heard, linked
from policyservice.resolutions.timeline.entry import Entry, Place, Wanted
from policyservice.resolutions.timeline.of_decisions import decided, resolved, settled, worked
from policyservice.resolutions.timeline.of_words import contradicted, kept_or_not, met, promised

_BETWEEN = "~"
_LONGEST_KEY = 80
_MOST_CASES = 100

Source = Callable[[Connection, Wanted, int], Sequence[Entry]]
"""Gives a source's entries; the number is its place in `SOURCES`."""
SOURCES: tuple[Source, ...] = (
    *(decided, settled, resolved, met, promised, kept_or_not, contradicted),
    *(heard, linked, worked),
)
"""What a timeline is made of."""
_BY_NUMBER = frozenset({settled, kept_or_not, contradicted, heard, worked})
"""Sources whose keys are numbers."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries, newest first, and the cursor of those after them; None where there are none."""

    entries: tuple[Entry, ...]
    next: str | None


def timeline(conn: Connection, wanted: Wanted) -> Timeline:
    """Everything that happened, newest first; at one instant in the order of the sources."""
    found = [
        [(entry.at, -place, entry.key, entry) for entry in source(conn, wanted, place)]
        for place, source in enumerate(SOURCES)
    ]
    newest = merge(*found, key=lambda each: (each[0], each[1]), reverse=True)
    page = list(islice(newest, wanted.limit))
    is_full = len(page) == wanted.limit and sum(len(each) for each in found) >= wanted.limit
    last = Place(page[-1][0], -page[-1][1], page[-1][2]) if page and is_full else None
    return Timeline(tuple(entry for *_, entry in page), cursor_of(last) if last else None)


def cases_of(conn: Connection, customer: str, *, seen_by: ApiKey | None) -> tuple[str, ...]:
    """The latest cases of a customer, by what was decided, as a key may see it."""
    table = tables.decision
    query = select(table.c.case_ref).where(table.c.customer == customer, dealt_with(seen_by))
    return tuple(dict.fromkeys(conn.execute(query.order_by(table.c.at.desc()).limit(_MOST_CASES)).scalars()))


def cursor_of(place: Place) -> str:
    """A place as it is handed out."""
    at = place.at.astimezone(UTC).isoformat().replace("+00:00", "Z")  # "+" would be a blank in an address
    return f"{at}{_BETWEEN}{place.source}{_BETWEEN}{place.key}"


def place_of(cursor: str) -> Place:
    """The place of a cursor.

    Raises:
        FieldProblem: it was not handed out.
    """
    at, _, rest = cursor.partition(_BETWEEN)
    source, _, key = rest.partition(_BETWEEN)
    wrong = FieldProblem("timeline_cursor", "is not a cursor of this list; use `timeline_next` of the page before.")
    if not (source.isascii() and source.isdigit() and len(source) < 3 and int(source) < len(SOURCES)):
        raise wrong
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise wrong
    try:
        instant = an_instant("timeline_cursor", at)
    except InvalidRequest:
        raise wrong from None
    if SOURCES[int(source)] not in _BY_NUMBER:
        return Place(instant, int(source), key)
    if not (key.isdigit() and len(key) <= 18):
        raise wrong
    return Place(instant, int(source), int(key))
