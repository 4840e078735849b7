from __future__ import annotations

from sqlalchemy import update

from policyservice.db import tables
from policyservice.db.session import Database
from tests.cli.decisions import give_gifts
from tests.cli.support import run


def spoil_a_counter(url: str) -> None:
    db = Database(url)
    with db.transaction() as conn:
        conn.execute(update(tables.counter).values(goodwill_face=tables.counter.c.goodwill_face + 1))
    db.dispose()


def test_reconcile_says_that_counters_and_log_agree(url):
    give_gifts(url, "2.00")

    result = run("ledger", "reconcile", url=url)

    assert result.exit_code == 0
    assert result.stdout == "Counters, reservations and the log agree.\n"


def test_a_counter_that_differs_is_named(url):
    give_gifts(url, "2.00")
    spoil_a_counter(url)

    result = run("ledger", "reconcile", url=url)

    assert result.exit_code == 1
    assert "agent:agt_" in result.stdout
    assert "goodwill_face is 201, should be 200" in result.stdout


def test_rebuild_mends_counters_and_says_what_was_wrong(url):
    give_gifts(url, "2.00")
    spoil_a_counter(url)

    result = run("ledger", "reconcile", "--rebuild", url=url)

    assert result.exit_code == 0
    assert "was: counter agent:agt_" in result.stdout
    assert run("ledger", "reconcile", url=url).exit_code == 0
