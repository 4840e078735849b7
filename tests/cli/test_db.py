from __future__ import annotations

import re

from policyservice.db import migrate
from policyservice.db.session import Database
from tests.cli.decisions import give_gifts
from tests.cli.support import database_url, run


def test_upgrade_gives_an_empty_database_its_schema(tmp_path):
    url = database_url(tmp_path)

    result = run("db", "upgrade", url=url)

    assert result.stdout == f"The database is at schema {migrate.head()} (before: empty).\n"
    assert run("db", "current", url=url).exit_code == 0


def test_upgrade_again_changes_nothing(url):
    assert f"(before: {migrate.head()})" in run("db", "upgrade", url=url).stdout


def test_current_says_that_an_empty_database_is_not_up_to_date(tmp_path):
    result = run("db", "current", url=database_url(tmp_path))

    assert result.exit_code == 1
    assert result.stdout == f"found: empty\nneeded: {migrate.head()}\n"


def test_a_step_is_taken_back_and_taken_again(url):
    first = migrate.steps()[0]

    result = run("db", "downgrade", first, "--yes", url=url)

    assert result.stdout == f"The database is at schema {first} (before: {migrate.head()}).\n"
    assert run("db", "upgrade", url=url).exit_code == 0
    assert run("db", "current", url=url).exit_code == 0


def test_nothing_is_taken_back_unasked(url):
    result = run("db", "downgrade", "base", url=url)

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert run("db", "current", url=url).exit_code == 0


def test_a_step_that_does_not_exist_is_refused_naming_those_there_are(url):
    result = run("db", "downgrade", "9999", "--yes", url=url)

    assert result.exit_code == 1
    assert migrate.head() in result.stderr


def test_a_backup_says_what_is_in_it_and_restores_it(url, tmp_path):
    give_gifts(url, "1.00", "2.00")
    elsewhere = database_url(tmp_path / "elsewhere")

    written = run("db", "backup", str(tmp_path / "copy"), url=url)
    restored = run("db", "restore", str(tmp_path / "copy"), url=elsewhere)

    assert "2 decision(s), the last logged at 2" in written.stdout
    assert written.stdout.endswith(f"schema {migrate.head()}.\n")
    assert restored.stdout.startswith("Restored: 2 decision(s)")
    assert "agree" in restored.stdout
    assert "keys were revoked" in restored.stderr
    assert run("log", "replay", url=elsewhere).exit_code == 0


def test_who_was_erased_after_a_backup_is_erased_again_by_its_restore(url, tmp_path):
    give_gifts(url, "1.00", customer="C-1")
    run("agents", "import", "-", url=url, given="ref,name,team,trust_level,kind\nville,Ville,web,new,human\n")
    run("db", "backup", str(tmp_path / "copy"), url=url)
    run("privacy", "erase", "C-1", "--because", "ticket 12", url=url)
    run("privacy", "erase", "ville", "--kind", "agent", "--because", "left", url=url)

    result = run("db", "restore", str(tmp_path / "copy"), "--replace", url=url)

    assert result.exit_code == 0, result.output
    assert re.findall(r"after the backup: (customer cus|agent agt)_", result.stdout) == ["customer cus", "agent agt"]
    assert "2 erasure(s) repeated." in result.stdout
    assert run("privacy", "erase", "C-1", "--because", "ticket 12", url=url).stdout.startswith("Nothing is kept")
    agents = run("agents", "list", url=url).stdout
    assert "maija" in agents
    assert "ville" not in agents


def test_what_does_not_agree_with_the_log_after_a_restore_is_told(url, tmp_path):
    give_gifts(url, "1.00")
    db = Database(url)
    with db.transaction() as conn:
        conn.exec_driver_sql("UPDATE counter SET goodwill_face = goodwill_face + 1")
    db.dispose()
    run("db", "backup", str(tmp_path / "copy"), url=url)

    result = run("db", "restore", str(tmp_path / "copy"), "--replace", url=url)

    assert result.exit_code == 1
    assert "--rebuild" in result.stderr
