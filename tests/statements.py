"""The SQL that is run meanwhile, in the usual way and by prepared statements, which no event of SQLAlchemy tells of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from policyservice.db import prepared


@contextmanager
def seen(engine: Engine) -> Iterator[list[str]]:
    """Statements of an engine as they are run, the prepared ones of every engine among them."""
    run: list[str] = []
    way = prepared._run

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        run.append(statement)

    def prepared_too(connection: Any, sql: str, given: Any) -> Any:
        run.append(sql)
        return way(connection, sql, given)

    event.listen(engine, "before_cursor_execute", note)
    prepared._run = prepared_too
    try:
        yield run
    finally:
        prepared._run = way
        event.remove(engine, "before_cursor_execute", note)
