from __future__ import annotations

import json
from datetime import timedelta

import pytest

from policyservice.db.session import Database
from policyservice.runtime import Runtime
from tests.cli.support import run
from tests.decisions.factories import a_key, a_shop, decide
from tests.resolutions.incident import confirmed


@pytest.fixture
def incident_id(sqlite_url) -> str:
    """An incident of last week with a decision that its rule holds for. The command's clock is the machine's."""
    db = Database(sqlite_url)
    shop = a_shop(db)
    shop.clock.instant = Runtime.start(shop.settings).clock.now() - timedelta(days=7)
    key = a_key(shop)
    opened = confirmed(shop, key)
    decide(shop, key, "k")
    shop.close()
    return opened


def test_an_incident_is_updated_listed_shown_and_rolled_out(sqlite_url, incident_id):
    assert run("incidents", "update", url=sqlite_url).stdout == "1 decision(s) looked at, 1 change(s) told.\n"
    assert run("incidents", "update", url=sqlite_url).stdout == "0 decision(s) looked at, 0 change(s) told.\n"
    listed = run("incidents", "list", "--state", "confirmed", url=sqlite_url).stdout
    assert (incident_id in listed, "The sorting centre stands still" in listed) == (True, True)
    assert incident_id not in run("incidents", "list", "--state", "closed", url=sqlite_url).stdout
    document = json.loads(run("incidents", "show", incident_id, url=sqlite_url).stdout)
    assert document["counts"] == {"cases": 1, "given": 0, "had": 0, "left": 1}

    # Maija gave a credit in the conversation, so the case has it.
    done = run("incidents", "roll-out", incident_id, "--agent", "liisa", url=sqlite_url).stdout
    assert done == "0 given, 1 had it already, 0 could not be given; 0 left.\n"


def test_what_is_not_there_or_not_registered_is_refused_in_a_sentence(sqlite_url, incident_id):
    result = run("incidents", "show", "inc_none", url=sqlite_url)
    assert (result.exit_code, "There is no incident" in result.stderr) == (1, True)
    result = run("incidents", "roll-out", incident_id, "--agent", "stranger", url=sqlite_url)
    assert (result.exit_code, "not registered" in result.stderr) == (1, True)
