"""Copies of a whole database, taken while it serves, and put back; docs/decisions/0009-backups.md says why so."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL

from policyservice.db.backups import postgres, sqlite
from policyservice.db.backups.contents import Contents, Erasure, Restored
from policyservice.db.backups.files import new_file
from policyservice.db.session import Database
from policyservice.domain.errors import BackupRefused

__all__ = ["Contents", "Erasure", "Restored", "back_up", "restore"]


class Kind(Protocol):
    """What the copying of each kind of database can do."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - a module's constant

    def wrote(self, file: Path) -> bool:
        """Whether a file is a backup of this kind."""

    def back_up(self, db: Database, part: Path) -> Contents:
        """Copy a database into an empty file."""

    def restore(self, db: Database, file: Path, *, replace: bool) -> Restored:
        """Put a backup in the place of what a database holds."""


def back_up(url: str | URL, file: Path) -> Contents:
    """Write everything a database holds at one instant into a new file, its owner's alone to read; says what it holds.

    Decisions go on meanwhile; what is answered before the call begins is in it.

    Raises:
        BackupRefused: the file is there already, or cannot be written.
        LogUnavailable: the database cannot be reached.
    """
    db = Database(url)
    kind: Kind = sqlite if db.is_sqlite else postgres
    try:
        with new_file(file) as part:
            return kind.back_up(db, part)
    finally:
        db.dispose()


def restore(url: str | URL, file: Path, *, replace: bool = False) -> Restored:
    """Make a database what it was when a backup was taken, at the schema that this version needs; says what it holds.

    All of it or nothing, the key for pseudonyms included. Nobody may serve from the database meanwhile. What was erased
    since the backup is there again: the caller repeats those erasures, which are told.

    Raises:
        BackupRefused: the file is no whole backup, of another kind of database or of a schema this version does not
            know; or the database is in use, or holds something and `replace` is not said.
        LogUnavailable: the database cannot be reached.
    """
    db = Database(url)
    kind: Kind = sqlite if db.is_sqlite else postgres
    try:
        if not kind.wrote(file):
            raise BackupRefused(f"{file} is no backup of a {kind.NAME} database.")
        return kind.restore(db, file, replace=replace)
    finally:
        db.dispose()
