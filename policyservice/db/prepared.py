"""Statements compiled once per process and run on the pooled driver connection: the way of whatever is done often.

SQLAlchemy builds a statement and reads its rows some ten times slower than the databases answer it. A `Prepared`
statement keeps what that comes to, its text and the conversions of its values, and hands both to the driver. It runs in
the transaction of the connection it is given, beside statements that are run in the usual way, and fails with the same
errors. docs/decisions/0008-the-hot-path.md says what that gains.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, exc
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

from policyservice.db.confirming import confirmed
from policyservice.db.types import UtcInstant

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any]
_INSTANTS: dict[str, _Convert | None] = {}


class _Text(NamedTuple):
    """A statement as one kind of database takes it."""

    sql: str
    constants: Mapping[str, Any]
    binds: tuple[tuple[str, _Convert | None], ...]
    by_name: bool
    columns: tuple[_Convert | None, ...]

    def given(self, values: Values) -> Any:
        """The values as the driver takes them."""
        if self.constants:
            values = {**self.constants, **values}
        if self.by_name:
            return {name: convert(values[name]) if convert else values[name] for name, convert in self.binds}
        return [convert(values[name]) if convert else values[name] for name, convert in self.binds]

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row of the driver with its values converted."""
        return tuple([convert(item) if convert else item for convert, item in zip(self.columns, row, strict=True)])


class Prepared:
    """A Core statement. An insert without values takes its columns from the first values it is given."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def rows(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """Run it and fetch every row, each value as its column's type has it."""
        return self._begin(connection, values)()

    def rows_of_each(self, connection: Connection, many: Sequence[Values]) -> list[list[tuple[Any, ...]]]:
        """Run it for several values and fetch the rows of each; PostgreSQL is asked all of it at once."""
        return rows_together(connection, [(self, values) for values in many])

    def row_of_each(self, connection: Connection, many: Sequence[Values]) -> list[tuple[Any, ...]]:
        """As `rows_of_each`, where each finds exactly one row."""
        return [row for (row,) in self.rows_of_each(connection, many)]

    def one(self, connection: Connection, values: Values) -> tuple[Any, ...] | None:
        """Run it and fetch the row there is, or None."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, values: Values) -> None:
        """Run it; its rows, where it has any, are not fetched."""
        text = self._text(connection, values)
        _run(connection, text.sql, text.given(values))

    def run_many(self, connection: Connection, many: Sequence[Values]) -> None:
        """Run it for several values."""
        if len(many) == 1:
            self.run(connection, many[0])
            return
        text = self._text(connection, many[0])
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            driver.cursor().executemany(text.sql, [text.given(values) for values in many])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _translated(connection, error, text.sql) from error

    def _begin(self, connection: Connection, values: Values) -> Callable[[], list[tuple[Any, ...]]]:
        text = self._text(connection, values)
        found = _run(connection, text.sql, text.given(values))
        return lambda: [text.read(row) for row in found.fetchall()]

    def _text(self, connection: Connection, values: Values) -> _Text:
        text = self._texts.get(connection.dialect.name)
        if text is None:
            text = self._texts[connection.dialect.name] = _compiled(self._statement, connection.dialect, values)
        return text


Asking = tuple[Prepared, Values]
"""A statement to be run, with its values."""


def rows_together(connection: Connection, asked: Sequence[Asking]) -> list[list[tuple[Any, ...]]]:
    """Run statements, each with its values, and fetch the rows of each; PostgreSQL is asked all of them at once."""
    if len(asked) < 2:
        return [statement.rows(connection, values) for statement, values in asked]
    with pipelined(connection):
        found = [statement._begin(connection, values) for statement, values in asked]
    return [fetch() for fetch in found]  # not within: a fetch there asks for what has come, and the end waits once more


class Writes:
    """What a transaction has yet to write: run together at its end, so that it holds its locks for less long.

    Statements run in the order in which each was first added. Values with a `key` are written in the order of their
    keys, so that two transactions never wait for each other's rows crosswise; of one key those added last stand. A
    statement has values with keys or values without.
    """

    def __init__(self) -> None:
        self._waiting: dict[Prepared, dict[Any, Values]] = {}

    def add(self, statement: Prepared, values: Values, *, key: Hashable = None) -> None:
        """Have values written by a statement."""
        rows = self._waiting.setdefault(statement, {})
        rows[len(rows) if key is None else key] = values

    def run(self, connection: Connection, *, commit: bool = False) -> None:
        """Write everything; PostgreSQL is told all of it at once, where `commit` says so with the transaction's end."""
        waiting, self._waiting = self._waiting, {}
        with confirmed(connection) if commit else nullcontext(), pipelined(connection):
            for statement, rows in waiting.items():
                statement.run_many(connection, [rows[key] for key in sorted(rows)])
            if commit:
                commit_now(connection)


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Within it PostgreSQL's answers are not waited for one by one; an error shows at the end at the latest."""
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, error, None) from error


def run_text(connection: Connection, sql: str) -> None:
    """Run a statement without values, given as the driver takes it."""
    _run(connection, sql, ())


def commit_now(connection: Connection) -> None:
    """End the transaction in the driver; what SQLAlchemy then does at its end finds nothing left to do.

    PostgreSQL is told so by a statement like any other: `commit` of its driver waits for an answer within a pipeline.
    """
    driver: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "postgresql":
            driver.execute("COMMIT", prepare=False)
        else:
            driver.commit()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, error, None) from error


def _run(connection: Connection, sql: str, given: Any) -> Any:
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(sql, given)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, error, sql) from error


def _translated(connection: Connection, error: Exception, sql: str | None) -> Exception:
    """The error that SQLAlchemy would have raised; a connection that is lost is given up."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    translated = exc.DBAPIError.instance(sql or "", None, error, dialect.loaded_dbapi.Error, True, is_lost, dialect)
    if is_lost:
        connection.invalidate(error)
    return translated


def _compiled(statement: Executable, dialect: Dialect, values: Values) -> _Text:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    constants = {name: value for name, value in compiled.params.items() if name not in values}
    named = {name: bind for bind, name in compiled.bind_names.items()}
    names: Iterable[str] = named if compiled.positiontup is None else compiled.positiontup
    binds = tuple((name, _to_driver(named[name].type, dialect)) for name in names)
    columns = getattr(statement, "exported_columns", ())
    return _Text(
        compiled.string,
        constants,
        binds,
        compiled.positiontup is None,
        tuple(_from_driver(column.type, dialect) for column in columns),
    )


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(kind, UtcInstant):
        return _instants(dialect)
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _instants(dialect: Dialect) -> _Convert | None:
    """One for all columns of a kind of database: a decision writes the same few instants some thirty times."""
    if dialect.name not in _INSTANTS:
        convert = UtcInstant().dialect_impl(dialect).bind_processor(dialect)
        _INSTANTS[dialect.name] = None if convert is None else lru_cache(maxsize=256)(convert)
    return _INSTANTS[dialect.name]


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
