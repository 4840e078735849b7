from __future__ import annotations

import json
from datetime import timedelta

from policyservice.db.session import Database
from policyservice.runtime import Runtime
from tests.cli.support import run
from tests.decisions.factories import a_key, a_shop
from tests.resolutions.desk import escalated


def _overdue(url: str) -> str:
    """An escalation of last week; its id. The command's clock is the machine's."""
    db = Database(url)
    shop = a_shop(db)
    shop.clock.instant = Runtime.start(shop.settings).clock.now() - timedelta(days=7)
    escalation_id = escalated(shop, a_key(shop))
    shop.close()
    return escalation_id


def test_the_queue_is_listed_and_one_is_shown(sqlite_url):
    escalation_id = _overdue(sqlite_url)
    assert f"{escalation_id}  trusted" in run("escalations", "list", "--overdue", url=sqlite_url).stdout
    assert escalation_id not in run("escalations", "list", "--to", "lead", url=sqlite_url).stdout
    assert escalation_id not in run("escalations", "list", "--resolved", url=sqlite_url).stdout

    document = json.loads(run("escalations", "show", escalation_id, url=sqlite_url).stdout)
    assert (document["asked"]["case"], document["history"]) == ("T-1", [])


def test_the_overdue_rise_once(sqlite_url):
    escalation_id = _overdue(sqlite_url)
    assert run("escalations", "rise", url=sqlite_url).stdout.startswith("1 overdue")
    assert run("escalations", "rise", url=sqlite_url).stdout.startswith("0 overdue")
    assert f"{escalation_id}  lead" in run("escalations", "list", url=sqlite_url).stdout


def test_one_that_is_not_there_is_refused_in_a_sentence(sqlite_url):
    result = run("escalations", "show", "esc_none", url=sqlite_url)
    assert (result.exit_code, "There is no escalation" in result.stderr) == (1, True)
