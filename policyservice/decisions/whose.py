"""Whose history is wanted, as a key may see it, and what statements for it look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, bindparam, or_

from policyservice.access.keys import ApiKey
from policyservice.db.among import among
from policyservice.decisions import sight
from policyservice.decisions.sight import Sight

_REF = bindparam("ref", type_=Text)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is the same for all whose history is asked for alike; its conditions are bound to `Whose.values`."""

    column: str
    has_cases: bool
    sight: Sight

    def of(self, table: FromClause) -> ColumnElement[bool]:
        """The rows of a table with `case_ref` and `customer` that are wanted, whoever may see them."""
        wanted: ColumnElement[bool] = table.c[self.column] == _REF
        return wanted

    def said_of(self, table: FromClause) -> ColumnElement[bool]:
        """As `of`, with those that name no customer in one of the customer's cases."""
        if not self.has_cases:
            return self.of(table)
        return or_(self.of(table), and_(table.c.customer.is_(None), among(table.c.case_ref, "cases")))

    def dealt_with(self, table: FromClause) -> ColumnElement[bool]:
        """Those of them that the key has dealt with."""
        return sight.dealt_with(self.sight.key, table, **{self.column: _REF})

    def of_a_case(self, table: FromClause) -> ColumnElement[bool]:
        """Those of them that the key may see of contacts, promises and the like."""
        return sight.of_a_case(self.sight.key, table, **{self.column: _REF})


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
        return Shape("customer" if self.case is None else "case_ref", bool(self.cases), sight.of(self.seen_by))

    @property
    def values(self) -> Mapping[str, Any]:
        """What they are bound to."""
        ref = self.customer if self.case is None else self.case
        return {"ref": ref, "cases": self.cases, **sight.bound(self.seen_by)}
