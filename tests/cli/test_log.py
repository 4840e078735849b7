from __future__ import annotations

import json

from sqlalchemy import text

from policyservice.db.session import Database
from tests.cli.decisions import give_gifts
from tests.cli.support import run


def alter_a_record(url: str) -> None:
    """What nobody can do through the service: the log is append-only, so its guard goes first."""
    db = Database(url)
    with db.transaction() as conn:
        names = conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'decision'"))
        for (name,) in names.all():
            conn.execute(text(f"DROP TRIGGER {name}"))
        conn.execute(
            text("""UPDATE decision SET record = replace(record, '"outcome":"escalate"', '"outcome":"allow"')""")
        )
    db.dispose()


def test_replay_finds_every_decision_as_it_was_logged(url):
    give_gifts(url, "2.00", "4.00")

    result = run("log", "replay", url=url)

    assert result.exit_code == 0
    assert result.stdout == "2 decision(s) re-computed, every one as it was logged.\n"


def test_replay_names_a_decision_that_was_altered(url):
    _, altered = give_gifts(url, "2.00", "4.00")
    alter_a_record(url)

    result = run("log", "replay", url=url)

    assert result.exit_code == 1
    assert f"{altered}: outcome: logged allow, re-computed escalate" in result.stdout
    assert "1 of 2 decision(s) differ" in result.stderr


def test_replay_keeps_to_the_instants_asked_for(url):
    give_gifts(url, "2.00")

    assert run("log", "replay", "--until", "2020-01-01", url=url).stdout.startswith("0 decision(s)")
    assert run("log", "replay", "--from", "2020-01-01", url=url).stdout.startswith("1 decision(s)")
    assert run("log", "replay", "--from", "2999-01-01", url=url).stdout.startswith("0 decision(s)")


def test_show_tells_what_was_asked_answered_and_became_of_it(url):
    (decision,) = give_gifts(url, "2.00")

    shown = run("log", "show", decision, url=url).stdout

    assert "allow, now reserved" in shown
    assert "gift for coffee.cold" in shown
    assert "2.00 EUR" in shown
    assert "Something small" in shown
    assert "sha256:" in shown


def test_show_as_json_is_the_whole_record(url):
    (decision,) = give_gifts(url, "2.00")

    record = json.loads(run("log", "show", decision, "--json", url=url).stdout)

    assert record["decision"]["id"] == decision
    assert record["request"]["amount_minor"] == 200


def test_a_decision_that_is_not_there_is_refused(url):
    assert run("log", "show", "dec_none", url=url).exit_code == 1
