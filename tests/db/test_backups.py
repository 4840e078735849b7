"""A copy of a database is whole or is not there, and takes nothing's place unasked."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import exc, select, text

from policyservice.db import backups, migrate, tables
from policyservice.db.session import Database
from policyservice.domain.errors import BackupRefused, LogUnavailable, PlainLog
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.key import pseudonyms
from policyservice.privacy.erase import erase
from tests.decisions.factories import a_key, a_shop, decide
from tests.ledger.factories import a_footprint, a_held, a_limit, hold, limits_of, prepare

BEFORE_RATES = "0001"
BEFORE_PERSONAL_DATA = "0003"


@pytest.fixture
def filled(any_db: Database) -> Database:
    prepare(any_db, limits_of(a_limit()))
    hold(any_db, a_held(footprint=a_footprint(agent=pseudonyms(any_db, None).of(PersonalKind.AGENT, "maija"))))
    return any_db


@pytest.fixture
def elsewhere(filled: Database, request: pytest.FixtureRequest, tmp_path: Path):
    """The URL of an empty database of the same kind."""
    if filled.is_sqlite:
        yield f"sqlite:///{tmp_path}/elsewhere/policyservice.db"
        return
    with request.getfixturevalue("postgres_server").database(migrated=False) as url:
        yield url


def rows(url: object) -> dict[str, list[tuple[object, ...]]]:
    db = Database(url)  # type: ignore[arg-type]
    with db.reading() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in tables.metadata.tables.items()
        }
    db.dispose()
    return found


def test_what_is_restored_is_what_was_backed_up_row_for_row(filled, elsewhere, tmp_path):
    written = backups.back_up(filled.url, tmp_path / "copy")

    restored = backups.restore(elsewhere, tmp_path / "copy")

    assert restored == backups.Restored(written)
    assert (written.schema, written.decisions) == (migrate.head(), 1)
    assert rows(elsewhere) == rows(filled.url)


def test_an_empty_database_that_has_its_schema_is_room_enough(filled, elsewhere, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    migrate.upgrade(elsewhere)

    assert backups.restore(elsewhere, tmp_path / "copy").held.decisions == 1


def test_the_log_is_append_only_again_and_its_numbers_go_on(filled, elsewhere, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    backups.restore(elsewhere, tmp_path / "copy")
    db = Database(elsewhere)

    for table in ("decision", "entry"):
        with pytest.raises(exc.DBAPIError, match="append-only"), db.transaction() as connection:
            connection.execute(text(f"DELETE FROM {table}"))
    hold(db, a_held(decision="dec_2"))
    with db.reading() as connection:
        assert list(connection.execute(select(tables.decision.c.seq).order_by(tables.decision.c.seq)).scalars()) == [
            1,
            2,
        ]
    db.dispose()


def test_only_its_owner_can_read_a_backup(filled, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")

    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir() if "copy" in file.name] == ["copy"]


def test_a_file_that_is_there_is_never_written_over(filled, tmp_path):
    (tmp_path / "copy").write_text("mine")

    with pytest.raises(BackupRefused, match="is there already"):
        backups.back_up(filled.url, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_named(filled, tmp_path):
    with pytest.raises(BackupRefused, match="cannot be written"):
        backups.back_up(filled.url, tmp_path / "nowhere" / "copy")


def test_a_database_without_a_schema_leaves_no_file_behind(filled, elsewhere, tmp_path):
    with pytest.raises(BackupRefused, match="no schema"):
        backups.back_up(elsewhere, tmp_path / "copy")
    assert not list(tmp_path.glob("copy*"))


def test_what_a_database_holds_is_gone_only_where_one_says_so(filled, elsewhere, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    prepare_other(elsewhere)
    before = rows(elsewhere)

    with pytest.raises(BackupRefused, match="--replace"):
        backups.restore(elsewhere, tmp_path / "copy")
    assert rows(elsewhere) == before

    backups.restore(elsewhere, tmp_path / "copy", replace=True)
    assert rows(elsewhere) == rows(filled.url)


def test_a_database_in_use_is_left_alone(filled, elsewhere, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    migrate.upgrade(elsewhere)
    user = Database(elsewhere)
    with user.reading() as connection:
        connection.execute(text("SELECT 1"))

        with pytest.raises(BackupRefused, match="in use"):
            backups.restore(elsewhere, tmp_path / "copy")
    user.dispose()


def test_a_backup_of_an_earlier_schema_is_brought_to_this_versions(filled, elsewhere, tmp_path):
    migrate.downgrade(filled.url, BEFORE_RATES)
    backups.back_up(filled.url, tmp_path / "copy")

    assert backups.restore(elsewhere, tmp_path / "copy").held.schema == BEFORE_RATES

    db = Database(elsewhere)
    migrate.require_current(db)
    db.dispose()


def test_the_key_for_pseudonyms_is_the_backups(filled, elsewhere, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    migrate.upgrade(elsewhere)  # with a key of its own
    own = rows(elsewhere)["pseudonym_key"]

    backups.restore(elsewhere, tmp_path / "copy")

    assert rows(elsewhere)["pseudonym_key"] == rows(filled.url)["pseudonym_key"] != own


def test_a_backup_with_plain_references_is_refused_and_what_is_there_stays(any_db, tmp_path):
    prepare(any_db, limits_of(a_limit()))
    hold(any_db, a_held())  # by "maija", as logs once had it
    migrate.downgrade(any_db.url, BEFORE_PERSONAL_DATA)
    backups.back_up(any_db.url, tmp_path / "copy")
    migrate.downgrade(any_db.url, "base")
    migrate.upgrade(any_db.url)
    prepare(any_db, limits_of(a_limit("another")))
    before = rows(any_db.url)
    any_db.dispose()

    with pytest.raises(PlainLog):
        backups.restore(any_db.url, tmp_path / "copy", replace=True)
    assert rows(any_db.url) == before
    assert not list(tmp_path.glob(".restoring-*"))


def test_erasures_that_a_restore_takes_back_are_told_in_their_order(any_db, tmp_path):
    shop = a_shop(any_db)
    key = a_key(shop)
    for number in range(3):
        decide(shop, key, str(number), customer=f"C-{number}", case=f"T-{number}", order=f"O-{number}")
    erase(shop, PersonalKind.CUSTOMER, "C-0", "before")
    backups.back_up(any_db.url, tmp_path / "copy")
    later = []
    for number in (2, 1):
        shop.clock.advance(minutes=1)  # type: ignore[attr-defined]
        done = erase(shop, PersonalKind.CUSTOMER, f"C-{number}", "after")
        later.append(backups.Erasure(shop.clock.now(), "customer", done.pseudonym))
    shop.rulebooks.close()
    any_db.dispose()

    assert backups.restore(any_db.url, tmp_path / "copy", replace=True).to_repeat == tuple(later)
    assert backups.restore(any_db.url, tmp_path / "copy", replace=True).to_repeat == ()


def test_a_database_from_before_there_were_erasures_is_replaced(filled, tmp_path):
    backups.back_up(filled.url, tmp_path / "copy")
    migrate.downgrade(filled.url, BEFORE_PERSONAL_DATA)
    filled.dispose()

    assert backups.restore(filled.url, tmp_path / "copy", replace=True).to_repeat == ()


def test_a_backup_of_a_schema_to_come_is_refused(filled, elsewhere, tmp_path):
    with filled.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(BackupRefused, match="9999 is not known"):
        backups.back_up(filled.url, tmp_path / "copy")


def test_a_database_of_a_schema_to_come_is_not_taken_down(postgres_db, tmp_path):
    backups.back_up(postgres_db.url, tmp_path / "copy")
    with postgres_db.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    postgres_db.dispose()

    with pytest.raises(BackupRefused, match="9999, which this version does not know"):
        backups.restore(postgres_db.url, tmp_path / "copy", replace=True)


def test_a_disk_that_is_full_leaves_no_file_behind_and_says_so_in_one_sentence(filled, tmp_path):
    command = 'ulimit -f 1; exec "$0" -m policyservice.cli.main db backup "$1"'
    settings = {"POLICYSERVICE_DATABASE_URL": filled.url.render_as_string(hide_password=False)}

    done = subprocess.run(
        ["bash", "-c", command, sys.executable, str(tmp_path / "copy")],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_backup_that_was_cut_off_changes_nothing(filled, elsewhere, tmp_path, kept):
    backups.back_up(filled.url, tmp_path / "copy")
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * kept)])
    migrate.upgrade(elsewhere)

    with pytest.raises(BackupRefused):
        backups.restore(elsewhere, tmp_path / "cut", replace=True)
    assert rows(elsewhere)["decision"] == []


def test_a_backup_of_the_other_kind_of_database_is_refused(sqlite_db, postgres_db, tmp_path):
    backups.back_up(sqlite_db.url, tmp_path / "lite")
    backups.back_up(postgres_db.url, tmp_path / "post")

    with pytest.raises(BackupRefused, match="no backup of a PostgreSQL database"):
        backups.restore(postgres_db.url, tmp_path / "lite")
    with pytest.raises(BackupRefused, match="no backup of a SQLite database"):
        backups.restore(sqlite_db.url, tmp_path / "post")


def test_a_zip_of_somebody_elses_is_refused(postgres_db, tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("manifest.json", '{"format": "another"}')

    with pytest.raises(BackupRefused, match="no backup that this version can read"):
        backups.restore(postgres_db.url, tmp_path / "other.zip")


def test_rows_that_are_missing_from_a_backup_are_noticed(postgres_db, tmp_path):
    prepare(postgres_db, limits_of(a_limit()))
    hold(postgres_db, a_held())
    backups.back_up(postgres_db.url, tmp_path / "copy")
    with zipfile.ZipFile(tmp_path / "copy") as whole, zipfile.ZipFile(tmp_path / "less", "w") as less:
        for name in whole.namelist():
            less.writestr(name, b"" if name == "entry.rows" else whole.read(name))
    before = rows(postgres_db.url)
    postgres_db.dispose()

    with pytest.raises(BackupRefused, match="entry has 0 rows where 1 were written"):
        backups.restore(postgres_db.url, tmp_path / "less", replace=True)
    assert rows(postgres_db.url) == before


def test_a_sqlite_backup_whose_guards_were_taken_off_is_refused(sqlite_db, tmp_path):
    prepare(sqlite_db, limits_of(a_limit()))
    backups.back_up(sqlite_db.url, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        copy.execute("DROP TRIGGER decision_refuses_delete")

    with pytest.raises(BackupRefused, match="decision_refuses_delete"):
        backups.restore(f"sqlite:///{tmp_path}/new.db", tmp_path / "copy")


def test_a_file_that_is_no_database_is_not_written_over(sqlite_db, tmp_path):
    backups.back_up(sqlite_db.url, tmp_path / "copy")
    (tmp_path / "damaged.db").write_bytes(b"x" * 5000)

    with pytest.raises((BackupRefused, LogUnavailable), match="move it"):
        backups.restore(f"sqlite:///{tmp_path}/damaged.db", tmp_path / "copy", replace=True)
    assert (tmp_path / "damaged.db").read_bytes() == b"x" * 5000


def prepare_other(url: str) -> None:
    migrate.upgrade(url)
    db = Database(url)
    prepare(db, limits_of(a_limit("another")))
    db.dispose()
