"""The timeline itself: what all sources know, newest first, page by page.

A source says which rows are its own, what they are sorted by, and what one tells; `SOURCES` lists them. To add one,
write it and put it at the end of the list: its place there is part of the cursors that were handed out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, select

from policyservice.db import tables
from policyservice.db.asked import made_once
from policyservice.db.prepared import rows_together
from policyservice.decisions.values import an_instant
from policyservice.decisions.whose import Shape, Whose
from policyservice.domain.errors import FieldProblem, InvalidRequest
from policyservice.resolutions.timeline.afterwards import HEARD, LINKED
from policyservice.resolutions.timeline.entry import Entry, Place, Wanted
from policyservice.resolutions.timeline.of_decisions import DECIDED, RESOLVED, SETTLED, WORKED
from policyservice.resolutions.timeline.of_words import CONTRADICTED, KEPT_OR_NOT, MET, PROMISED
from policyservice.resolutions.timeline.source import Source, values_of

_BETWEEN = "~"
_LONGEST_KEY = 80
_MOST_CASES = 100

SOURCES: tuple[Source, ...] = (
    *(DECIDED, SETTLED, RESOLVED, MET, PROMISED, KEPT_OR_NOT, CONTRADICTED),
    *(HEARD, LINKED, WORKED),
)
"""What a timeline is made of."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries, newest first, and the cursor of those after them; None where there are none."""

    entries: tuple[Entry, ...]
    next: str | None


def timeline(conn: Connection, wanted: Wanted) -> Timeline:
    """Everything that happened, newest first; at one instant in the order of the sources."""
    asked = [source.asked(wanted, place) for place, source in enumerate(SOURCES)]
    values = values_of(wanted)
    rows = rows_together(conn, [(each.statement, values) for each in asked])
    found = [
        [(entry.at, -place, entry.key, entry) for entry in map(SOURCES[place].entry, each.named(of_each))]
        for place, (each, of_each) in enumerate(zip(asked, rows, strict=True))
    ]
    newest = merge(*found, key=lambda each: (each[0], each[1]), reverse=True)
    page = list(islice(newest, wanted.limit))
    is_full = len(page) == wanted.limit and sum(len(each) for each in found) >= wanted.limit
    last = Place(page[-1][0], -page[-1][1], page[-1][2]) if page and is_full else None
    return Timeline(tuple(entry for *_, entry in page), cursor_of(last) if last else None)


def cases_of(conn: Connection, whose: Whose) -> tuple[str, ...]:
    """The latest cases of a customer, by what was decided, as a key may see it."""
    return tuple(dict.fromkeys(row.case_ref for row in _latest_cases(whose.shape).rows(conn, whose.values)))


@made_once
def _latest_cases(shape: Shape) -> Select[Any]:
    table = tables.decision
    query = select(table.c.case_ref).where(shape.of(table), shape.dealt_with(table))
    return query.order_by(table.c.at.desc()).limit(_MOST_CASES)


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
    if not SOURCES[int(source)].is_numbered:
        return Place(instant, int(source), key)
    if not (key.isdigit() and len(key) <= 18):
        raise wrong
    return Place(instant, int(source), int(key))
