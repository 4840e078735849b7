"""Whose history is wanted, as a key may see it; and the statements that ask for it, each made once.

Building a statement takes far longer than running it. What it looks like depends only on the shape of what is asked:
by case or by customer, with cases beside or without, for a key that is bound or is not.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, Text, and_, bindparam, or_

from policyservice.access.authority import is_bound
from policyservice.access.keys import ApiKey
from policyservice.db.among import among
from policyservice.db.prepared import Prepared
from policyservice.decisions import sight


@dataclass(frozen=True, slots=True)
class Shape:
    """What is the same for all whose history is asked for alike; its conditions are bound to `Whose.values`."""

    column: str
    has_cases: bool
    is_bound: bool  # a key that is bound to nobody sees nothing, one that is not bound sees all
    has_agents: bool
    has_teams: bool
    seen_by: ApiKey | None = field(compare=False)  # one of those alike

    def of(self, table: FromClause) -> ColumnElement[bool]:
        """The rows of a table with `case_ref` and `customer` that are wanted, whoever may see them."""
        wanted: ColumnElement[bool] = table.c[self.column] == bindparam("ref", type_=Text)
        return wanted

    def said_of(self, table: FromClause) -> ColumnElement[bool]:
        """As `of`, with those that name no customer in one of the customer's cases."""
        if not self.has_cases:
            return self.of(table)
        return or_(self.of(table), and_(table.c.customer.is_(None), among(table.c.case_ref, "cases")))

    def dealt_with(self, table: FromClause) -> ColumnElement[bool]:
        """Those of them that the key has dealt with."""
        return sight.dealt_with(self.seen_by, table)

    def of_a_case(self, table: FromClause) -> ColumnElement[bool]:
        """Those of them that the key may see of contacts, promises and the like."""
        return sight.of_a_case(self.seen_by, table)


@dataclass(frozen=True, slots=True)
class Whose:
    """A case's or a customer's history, by pseudonym, as a key may see it (None: all of it).

    `cases` are the customer's: what was said in them before the customer was named belongs to the customer as well.
    """

    case: str | None = None
    customer: str | None = None
    cases: tuple[str, ...] = ()
    seen_by: ApiKey | None = None

    @property
    def shape(self) -> Shape:
        """What statements for it look like."""
        column = "customer" if self.case is None else "case_ref"
        key = self.seen_by
        if key is None or not is_bound(key):
            return Shape(column, bool(self.cases), False, False, False, None)
        return Shape(column, bool(self.cases), True, bool(key.agents), bool(key.teams), key)

    @property
    def values(self) -> Mapping[str, Any]:
        """What they are bound to."""
        ref = self.customer if self.case is None else self.case
        return {"ref": ref, "cases": self.cases, **sight.bound(self.seen_by)}


class Asked:
    """A statement, prepared, whose rows are read by the names of its columns."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = Prepared(statement)
        named: Any = namedtuple  # its names are known only here
        self._row = named("row", statement.exported_columns.keys(), rename=True)

    def rows(self, conn: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it and fetch every row."""
        return self.named(self.statement.rows(conn, values))

    def named(self, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Rows of the statement, with the names of their columns."""
        return [self._row(*row) for row in rows]


def by_shape(build: Callable[..., Select[Any]]) -> Callable[..., Asked]:
    """A statement made from a shape, and from whatever else tells its forms apart: made once for each."""

    @cache
    def asked(shape: Shape, *form: Any) -> Asked:
        return Asked(build(shape, *form))

    return asked
