"""What a timeline is made of, and whose is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_

from policyservice.access.keys import ApiKey


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose timeline, by pseudonym: a case's or a customer's; as a key may see it, from behind a place on.

    `cases` are the customer's: what was said in them before the customer was named belongs to the customer as well.
    """

    case: str | None = None
    customer: str | None = None
    cases: tuple[str, ...] = ()
    seen_by: ApiKey | None = None
    behind: Place | None = None
    limit: int = 50

    def of(self, table: FromClause) -> ColumnElement[bool]:
        """The rows of a table with `case_ref` and `customer` that are wanted, whoever may see them."""
        if self.case is not None:
            return table.c.case_ref == self.case
        return table.c.customer == self.customer

    def said_of(self, table: FromClause) -> ColumnElement[bool]:
        """As `of`, with those that name no customer in one of the customer's cases."""
        if not self.cases:
            return self.of(table)
        return or_(self.of(table), and_(table.c.customer.is_(None), table.c.case_ref.in_(self.cases)))

    def page(
        self, query: Select[Any], at: ColumnElement[datetime], key: ColumnElement[Any], source: int
    ) -> Select[Any]:
        """The rows of a query from behind the place on, newest first, at most as many as are wanted."""
        if self.behind is not None:
            there, place, last = self.behind
            query = query.where(at <= there)
            if source == place:
                query = query.where((at < there) | (key < last))
            elif source < place:
                query = query.where(at < there)
        return query.order_by(at.desc(), key.desc()).limit(self.limit)
