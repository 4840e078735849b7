from __future__ import annotations

from pathlib import Path

from policyservice.cli.demo.client import Client
from policyservice.cli.demo.host import HOST
from policyservice.cli.opening import open_database
from policyservice.config import Settings
from policyservice.db import migrate
from policyservice.db.session import Database
from tests.cli.service import end, serving
from tests.cli.support import database_url, run, write_pack

_GIFT = {
    "agent": "maija",
    "case": "T-1",
    "channel": "chat",
    "reason": "coffee.cold",
    "remedy": "gift",
    "amount": "2.00",
    "currency": "EUR",
}


def test_an_empty_database_is_served_ended_in_order_and_served_again_with_its_data(tmp_path: Path):
    url, pack, temporary = database_url(tmp_path), str(write_pack(tmp_path)), tmp_path / "temporary"
    temporary.mkdir()

    with serving(tmp_path, "--rules", pack, TMPDIR=str(temporary)) as (process, port):
        key = run("keys", "create", "--role", "agent_ui", "--name", "desk", url=url).stdout.strip()
        run("agents", "import", "-", url=url, given="ref,name,team,trust_level,kind\nmaija,Maija,web,new,human\n")
        answer = Client(HOST, port, key, "en").post("decisions", body=_GIFT, once=True)
        assert (answer.status, answer.body["outcome"]) == (201, "allow")
        assert end(process) == 0
    assert list(temporary.iterdir()) == []  # the workers' figures are gone

    with serving(tmp_path) as (process, port):
        found = Client(HOST, port, key, "en").get("decisions", answer.body["id"])
        assert (found.status, found.body["status"]) == (200, "reserved")
        assert end(process) == 0


def test_rules_for_a_database_that_has_some_change_nothing(tmp_path: Path):
    settings = Settings.from_environment({"POLICYSERVICE_DATABASE_URL": database_url(tmp_path)})

    first = open_database(settings, (write_pack(tmp_path),))
    again = open_database(settings, (write_pack(tmp_path / "other"),))

    assert (first.created, first.published) == (True, True)
    assert (again.created, again.published) == (False, False)


def test_a_database_with_a_schema_and_no_rules_gets_some(tmp_path: Path):
    run("db", "upgrade", url=database_url(tmp_path))
    settings = Settings.from_environment({"POLICYSERVICE_DATABASE_URL": database_url(tmp_path)})

    opened = open_database(settings, (write_pack(tmp_path),))

    assert (opened.created, opened.published) == (False, True)


def test_a_database_of_another_schema_is_refused_naming_the_upgrade(url: str):
    db = Database(url)
    with db.transaction() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    db.dispose()

    result = run("serve", url=url)

    assert result.exit_code == 1
    assert f"at schema 0000, this version needs {migrate.head()}" in result.stderr
    assert "policyservice db upgrade" in result.stderr


def test_bad_rules_are_refused_before_anything_is_served(tmp_path: Path):
    pack = write_pack(tmp_path, rules__coffee_yaml="rules: nonsense")

    result = run("serve", "--rules", str(pack), url=database_url(tmp_path))

    assert result.exit_code == 1
    assert "cafe/rules/coffee.yaml:1:8" in result.stderr
