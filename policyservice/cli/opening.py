"""Makes a database ready to serve: an empty one gets its schema and a first rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policyservice.cli.packs import folders_or_default
from policyservice.cli.publications import anything_published
from policyservice.config import Settings
from policyservice.db import barrier, migrate
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.personal import key
from policyservice.rulebook.source import read_packs
from policyservice.runtime import SystemClock, make_database_folder

AUTHOR = "policyservice"
BECAUSE = "The rules this service began with."


@dataclass(frozen=True, slots=True)
class Opened:
    """What was done: a schema created, a first rulebook published."""

    created: bool
    published: bool


def open_database(settings: Settings, folders: tuple[Path, ...] = ()) -> Opened:
    """Create what an empty database lacks; leave one that is in use as it is.

    `folders` are the packs to begin with, the default pack when there are none.

    Raises:
        SchemaOutOfDate: the database was made by another version; nothing was changed.
        PseudonymKeyMismatch: the log was begun with another key for pseudonyms.
        RulebookRefused: a pack has problems; the schema may have been created.
    """
    make_database_folder(settings.database_url)
    db = Database(settings.database_url)
    try:
        created = migrate.current(db) is None
        if created:
            migrate.upgrade(settings.database_url)
        migrate.require_current(db)
        key.pseudonyms(db, settings.pseudonym_key)
        return Opened(created, _publish_first(db, folders))
    finally:
        db.dispose()


def _publish_first(db: Database, folders: tuple[Path, ...]) -> bool:
    with db.reading() as conn:
        if anything_published(conn):
            return False
    with db.transaction() as conn:
        barrier.alone(conn)  # of several that start on one empty database, one publishes
        if anything_published(conn):
            return False
        sources = read_packs(folders_or_default(folders))
        publishing.publish(conn, sources, author=AUTHOR, because=BECAUSE, now=SystemClock().now())
    return True
