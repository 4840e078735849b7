from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.decisions.searching import LogFilters, search
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import FieldProblem
from tests.decisions.factories import a_key
from tests.fakes import NOON


def found(shop, ids: dict[str, str], **filters: object) -> list[str]:
    with shop.db.reading() as conn:
        page = search(conn, LogFilters(**filters))
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
            page = search(conn, LogFilters(), cursor=cursor, limit=2)
            seen += [stored.id for stored in page.items]
            cursor = page.next
    assert seen == [ids[name] for name in ("other", "denied", "escalated", "given")]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "٣", "9" * 19, "1; DROP TABLE decision"])
def test_a_cursor_that_was_not_handed_out_is_refused(shop, cursor):
    with shop.db.reading() as conn, pytest.raises(FieldProblem, match="cursor"):
        search(conn, LogFilters(), cursor=cursor)


def test_a_bound_key_finds_the_decisions_of_its_agents_and_teams(shop, ids):
    web, liisa, none = a_key(shop, teams=("web",)), a_key(shop, agents=("liisa",)), a_key(shop, agents=())
    with shop.db.reading() as conn:
        assert len(search(conn, LogFilters(), seen_by=web).items) == 3
        assert [stored.id for stored in search(conn, LogFilters(), seen_by=liisa).items] == [ids["other"]]
        assert search(conn, LogFilters(), seen_by=none).items == ()
