"""A source of a timeline: the rows it knows, and what each of them tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam

from policyservice.db.asked import Asked, made_once
from policyservice.db.types import UtcInstant
from policyservice.decisions.whose import Shape
from policyservice.resolutions.timeline.entry import Entry, Place, Wanted


class _Behind(Enum):
    """What of a source lies behind a place: everything, what is not newer, what is older, what is older by its key."""

    ALL = 0
    NOT_NEWER = 1
    OLDER = 2
    OLDER_BY_KEY = 3


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Rows of a shape of history, sorted by an instant and by a key, and how one reads as an entry.

    `is_numbered` says that keys are numbers, not texts.
    """

    rows: Callable[[Shape], Select[Any]]
    at: ColumnElement[Any]
    key: ColumnElement[Any]
    entry: Callable[[Any], Entry]
    is_numbered: bool = False

    def asked(self, wanted: Wanted, place: int) -> Asked:
        """The statement for the newest entries behind the wanted place; `place` is the source's own in the timeline."""
        return _newest(wanted.whose.shape, self, _behind(wanted.behind, place))


def values_of(wanted: Wanted) -> Mapping[str, Any]:
    """What the statements of all sources are bound to."""
    at, _, key = wanted.behind or (None, None, None)
    return {**wanted.whose.values, "there": at, "last": key, "most": wanted.limit}


def _behind(place: Place | None, source: int) -> _Behind:
    """At one instant the sources follow each other in their order."""
    if place is None:
        return _Behind.ALL
    if source == place.source:
        return _Behind.OLDER_BY_KEY
    return _Behind.OLDER if source < place.source else _Behind.NOT_NEWER


@made_once
def _newest(shape: Shape, source: Source, behind: _Behind) -> Select[Any]:
    query, at, key = source.rows(shape), source.at, source.key
    there, last = bindparam("there", type_=UtcInstant()), bindparam("last", type_=key.type)
    match behind:
        case _Behind.NOT_NEWER:
            query = query.where(at <= there)
        case _Behind.OLDER:
            query = query.where(at < there)
        case _Behind.OLDER_BY_KEY:
            query = query.where(at <= there, (at < there) | (key < last))
    return query.order_by(at.desc(), key.desc()).limit(bindparam("most", type_=Integer()))
