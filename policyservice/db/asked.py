"""Statements that are made once for each form they take, and whose rows are read by the names of their columns.

Building a statement takes far longer than running it; so what asks for many rows, or is asked often, is built once.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, ParamSpec, cast

from sqlalchemy import Connection, Select

from policyservice.db.prepared import Prepared

_P = ParamSpec("_P")


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


def made_once(build: Callable[_P, Select[Any]]) -> Callable[_P, Asked]:
    """A statement made from what tells its forms apart: made once for each, so there must be few of them."""

    def asked(*forms: _P.args, **named: _P.kwargs) -> Asked:
        return Asked(build(*forms, **named))

    return cast(Callable[_P, Asked], cache(asked))
