from __future__ import annotations

from policyservice.db import migrate
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
