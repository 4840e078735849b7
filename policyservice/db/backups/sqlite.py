"""SQLite: the file as it stands at one instant, copied by SQLite itself."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, exc, text

from policyservice.db import migrate
from policyservice.db.backups.contents import Contents, Erasure, Restored, contents, erasures, lost, require_room
from policyservice.db.session import Database
from policyservice.domain.errors import BackupRefused

NAME = "SQLite"
_HEADER = b"SQLite format 3\x00"
_WAIT_SECONDS = 2.0
_GUARDS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")


def wrote(file: Path) -> bool:
    """Whether a file is a backup of this kind."""
    with file.open("rb") as opened:
        return opened.read(len(_HEADER)) == _HEADER


def back_up(db: Database, part: Path) -> Contents:
    """Copy a database into an empty file."""
    with db.reading() as connection, closing(sqlite3.connect(part)) as copy:
        found = contents(connection)
        try:
            _driver(connection).backup(copy)  # in one step, from the snapshot just looked at: writers go on
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, which needs no other beside it
        except sqlite3.Error as error:
            raise BackupRefused(f"{part} cannot be written: {error}.") from error
        _require_sound(copy)
    return found


def restore(db: Database, file: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of a database that nobody uses."""
    place = Path(str(db.url.database))
    with _read_only(file) as connection:
        source = _driver(connection)
        _require_sound(source)
        _require_all_of_it(source, file)
        found = contents(connection)
        _require_guards(connection, found.schema)
    with _at_this_schema(file, found.schema, place) as ready, _read_only(ready) as connection:
        before = _overwrite(place, _driver(connection), replace=replace)
        return Restored(found, lost(before, erasures(connection)))


@contextmanager
def _at_this_schema(file: Path, schema: str, place: Path) -> Iterator[Path]:
    """The backup itself, or a copy that was brought to this schema: a step that is refused then changes nothing."""
    if schema == migrate.head():
        yield file
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=place.parent) as folder:
            copy = Path(shutil.copyfile(file, Path(folder) / "copy"))
            migrate.upgrade(f"sqlite:///{copy}")
            with closing(sqlite3.connect(copy)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")  # one file again
            yield copy
    except OSError as error:
        raise BackupRefused(f"{place.parent} has no room for a copy: {error.strerror}.") from error


def _overwrite(place: Path, source: sqlite3.Connection, *, replace: bool) -> frozenset[Erasure]:
    """Replace what a database holds; tells what had been erased from it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place, timeout=_WAIT_SECONDS), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            target = _driver(connection)
            target.execute("PRAGMA journal_mode = DELETE")  # only who is alone with the file may do that
            require_room(connection, replace=replace)
            before = erasures(connection)
            connection.rollback()
            source.backup(target)
            return before
    except (sqlite3.DatabaseError, exc.DBAPIError) as error:
        raise BackupRefused(_why_not(place, getattr(error, "orig", error))) from error


def _why_not(place: Path, error: BaseException) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{place} is in use: end the service, then restore."
    return f"{place} cannot be written ({error}). Where it is damaged, move it and the files beside it away first."


@contextmanager
def _read_only(file: Path) -> Iterator[Connection]:
    address = f"{file.absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _require_sound(connection: sqlite3.Connection) -> None:
    try:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise BackupRefused(f"The copy is not whole: {said}.")


def _require_all_of_it(connection: sqlite3.Connection, file: Path) -> None:
    (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if file.stat().st_size != pages * size:
        raise BackupRefused(f"The copy is not whole: {file.stat().st_size} bytes where {pages * size} were written.")


def _require_guards(connection: Connection, schema: str) -> None:
    """The triggers that keep the log append-only are those that this schema was made with."""
    with tempfile.TemporaryDirectory(prefix="policyservice-") as folder:
        fresh = Database(f"sqlite:///{folder}/fresh.db")
        migrate.upgrade(fresh.url, schema)
        with fresh.reading() as made:
            wanted = {(row.name, row.sql) for row in made.execute(_GUARDS)}
        fresh.dispose()
    missing = wanted - {(row.name, row.sql) for row in connection.execute(_GUARDS)}
    if missing:
        raise BackupRefused(f"It was tampered with: {', '.join(sorted(name for name, _ in missing))} is not as made.")


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
