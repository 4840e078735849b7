from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from policyservice.db import tables
from policyservice.decisions import log, settle
from policyservice.decisions.log import LogFilters
from policyservice.decisions.replies import Idempotency
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import FieldProblem, NotFound
from tests.decisions.factories import a_key, decide, render
from tests.fakes import NOON


@pytest.fixture
def ids(shop, key) -> dict[str, str]:
    """Four decisions: committed, escalated, denied, and one of another agent and customer a day later."""
    wanted: dict[str, dict[str, object]] = {
        "given": {"incident": "I-1"},
        "escalated": {"amount": "20.01", "case": "T-2", "order": "O-2"},
        "denied": {"reason": "courtesy.other"},
        "other": {
            "agent": "liisa",
            "customer": "C-2",
            "case": "T-3",
            "order": None,
            "remedy": "gift",
            "amount": "1.00",
        },
    }
    made = {}
    for name, changes in wanted.items():
        if name == "other":
            shop.clock.advance(days=1)
        made[name] = str(decide(shop, key, name, **changes).decision_id)
        if name == "given":
            settle.commit(shop, made[name], key, Idempotency("p", "k", "f"), render)
    return made


def found(shop, ids: dict[str, str], **filters: object) -> list[str]:
    with shop.db.reading() as conn:
        page = log.search(conn, LogFilters(**filters))
    names = {decision_id: name for name, decision_id in ids.items()}
    return [names[stored.id] for stored in page.items]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["other", "denied", "escalated", "given"]),
        ({"agent": "liisa"}, ["other"]),
        ({"team": "web"}, ["denied", "escalated", "given"]),
        ({"customer": "C-1"}, ["denied", "escalated", "given"]),
        ({"case": "T-2"}, ["escalated"]),
        ({"order": "O-1"}, ["denied", "given"]),
        ({"incident": "I-1"}, ["given"]),
        ({"reason": "courtesy.other"}, ["denied"]),
        ({"remedy": "gift"}, ["other"]),
        ({"outcome": Outcome.ALLOW}, ["other", "given"]),
        ({"status": Status.COMMITTED}, ["given"]),
        ({"status": Status.ESCALATED}, ["escalated"]),
        ({"status": Status.DENIED}, ["denied"]),
        ({"since": NOON + timedelta(days=1)}, ["other"]),
        ({"before": NOON + timedelta(days=1)}, ["denied", "escalated", "given"]),
        ({"customer": "C-1", "outcome": Outcome.DENY}, ["denied"]),
        ({"customer": "nobody"}, []),
    ],
)
def test_the_log_is_searched(shop, ids, filters, names):
    assert found(shop, ids, **filters) == names


def test_pages_follow_each_other_newest_first(shop, ids):
    seen: list[str] = []
    cursor = None
    with shop.db.reading() as conn:
        for _ in range(2):
            page = log.search(conn, LogFilters(), cursor=cursor, limit=2)
            seen += [stored.id for stored in page.items]
            cursor = page.next
    assert seen == [ids[name] for name in ("other", "denied", "escalated", "given")]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "٣", "9" * 19, "1; DROP TABLE decision"])
def test_a_cursor_that_was_not_handed_out_is_refused(shop, cursor):
    with shop.db.reading() as conn, pytest.raises(FieldProblem, match="cursor"):
        log.search(conn, LogFilters(), cursor=cursor)


def test_a_bound_key_sees_the_decisions_of_its_agents_and_teams(shop, ids):
    web, maija, none = a_key(shop, teams=("web",)), a_key(shop, agents=("liisa",)), a_key(shop, agents=())
    with shop.db.reading() as conn:
        assert len(log.search(conn, LogFilters(), seen_by=web).items) == 3
        assert [stored.id for stored in log.search(conn, LogFilters(), seen_by=maija).items] == [ids["other"]]
        assert log.search(conn, LogFilters(), seen_by=none).items == ()
        assert log.read(conn, ids["given"], seen_by=web).id == ids["given"]
        with pytest.raises(NotFound):
            log.read(conn, ids["other"], seen_by=web)


def test_a_decision_that_was_never_made_is_not_found(shop):
    with shop.db.reading() as conn, pytest.raises(NotFound):
        log.read(conn, "dec_nothing")


def test_the_database_refuses_to_change_or_delete_a_row(shop, ids):
    for statement in (update(tables.decision).values(agent="x"), delete(tables.decision)):
        with pytest.raises(DBAPIError), shop.db.transaction() as conn:
            conn.execute(statement)
    assert len(found(shop, ids)) == 4
