"""PostgreSQL: the rows of every table in one snapshot, as COPY writes them, in a zip with a manifest.

The schema is not in it: a restore makes it by the migrations, triggers and all. So it needs no program of the server's
version, and the rows may go to a server of another version or owner.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import Connection, MetaData, Table, inspect, text

from policyservice.db import migrate, tables
from policyservice.db.backups.contents import (
    MADE_WITH_THE_SCHEMA,
    VERSION_TABLE,
    Contents,
    Restored,
    contents,
    erasures,
    lost,
    require_room,
)
from policyservice.db.session import Database
from policyservice.domain.errors import BackupRefused

NAME = "PostgreSQL"
_FORMAT = "policyservice-rows-1"
_MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_FASTER = 6  # of deflate's nine levels
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_GUARDED = text(
    "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE c.relnamespace = current_schema()::regnamespace AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal "
    "GROUP BY c.relname HAVING bit_or(t.tgtype::int) & 56 = 56"  # on delete 8, update 16 and truncate 32
)


def wrote(file: Path) -> bool:
    """Whether a file is a backup of this kind."""
    return zipfile.is_zipfile(file)


def back_up(db: Database, part: Path) -> Contents:
    """Write the rows of every table into an empty file."""
    with (
        db.reading() as connection,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTER) as archive,
    ):
        found = contents(connection)
        connection.execute(text("SET LOCAL timezone = 'UTC'"))
        rows = {table.name: _copy_out(connection, table, archive) for table in _tables(connection)}
        manifest = {"format": _FORMAT, "schema": found.schema, "rows": rows}
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))  # last: a file that was cut off has none
    return found


def restore(db: Database, file: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of what a database holds, in one transaction."""
    with zipfile.ZipFile(file) as archive, db.transaction() as connection:
        manifest = _read(archive)
        _require_alone(connection)
        require_room(connection, replace=replace)
        _require_known(connection)
        before = erasures(connection)
        migrate.downgrade_within(connection, "base")
        migrate.upgrade_within(connection, manifest["schema"])
        _make_way(connection, manifest["rows"])
        for name, rows in manifest["rows"].items():
            _copy_in(connection, name, rows, archive)
        _let_numbers_go_on(connection)
        found = contents(connection)
        migrate.upgrade_within(connection)
        _require_guards(connection)
        return Restored(found, lost(before, erasures(connection)))


def _tables(connection: Connection) -> list[Table]:
    """The tables there are, whatever the schema: those that others point to come first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def _copy_out(connection: Connection, table: Table, archive: zipfile.ZipFile) -> dict[str, Any]:
    columns = [column.name for column in table.columns if column.computed is None]
    with (
        _driver(connection).cursor() as cursor,
        archive.open(f"{table.name}.rows", "w", force_zip64=True) as member,
    ):
        with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(*_names(table.name, columns))) as copy:
            for block in copy:
                member.write(block)
        return {"columns": columns, "count": cursor.rowcount}


def _make_way(connection: Connection, names: Iterable[str]) -> None:
    """Take away the rows that the schema was just made with, where the backup has its own."""
    for name in MADE_WITH_THE_SCHEMA.intersection(names):
        connection.execute(text(f'DELETE FROM "{name}"'))


def _copy_in(connection: Connection, name: str, rows: dict[str, Any], archive: zipfile.ZipFile) -> None:
    with _driver(connection).cursor() as cursor:
        with (
            archive.open(f"{name}.rows") as member,
            cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(*_names(name, rows["columns"]))) as copy,
        ):
            while block := member.read(_BLOCK):
                copy.write(block)
        if cursor.rowcount != rows["count"]:
            raise BackupRefused(f"{name} has {cursor.rowcount} rows where {rows['count']} were written.")


def _read(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest of a file that is whole."""
    if _MANIFEST not in archive.namelist() or (broken := archive.testzip()) is not None:
        raise BackupRefused(f"The backup is not whole: {broken or _MANIFEST} is damaged or missing.")
    manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if manifest.get("format") != _FORMAT:
        raise BackupRefused("The file is no backup that this version can read.")
    if not migrate.is_known(manifest["schema"]):
        raise BackupRefused(
            f"Its schema {manifest['schema']} is not known to this version; use the version that made it."
        )
    return manifest


def _require_alone(connection: Connection) -> None:
    others = connection.execute(_OTHERS).scalar_one()
    if others:
        raise BackupRefused(f"The database is in use by {others} connection(s): end the service, then restore.")


def _require_known(connection: Connection) -> None:
    """What stands in the way can be taken down step by step."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and not migrate.is_known(found):
        raise BackupRefused(f"The database is at schema {found}, which this version does not know; name an empty one.")


def _require_guards(connection: Connection) -> None:
    guarded = set(connection.execute(_GUARDED).scalars())
    missing = sorted(set(tables.APPEND_ONLY) - guarded)
    if missing:
        raise BackupRefused(f"Nothing keeps {', '.join(missing)} append-only.")


def _let_numbers_go_on(connection: Connection) -> None:
    """Serial numbers go on after the last one that was given."""
    for table, column in _numbered(connection):
        last = connection.execute(text(f'SELECT max("{column}") FROM "{table}"')).scalar_one()
        if last is not None:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, :numbered), :last)"),
                {"name": f'"{table}"', "numbered": column, "last": last},
            )


def _numbered(connection: Connection) -> Iterator[tuple[str, str]]:
    looked_at = inspect(connection)
    for table in looked_at.get_table_names():
        for column in looked_at.get_columns(table):
            if column.get("identity") or "nextval(" in str(column.get("default") or ""):
                yield table, column["name"]


def _names(table: str, columns: list[str]) -> tuple[sql.Composable, sql.Composable]:
    return sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
