"""Grants hold for a person or a team between two instants."""

from __future__ import annotations

import pytest

from policyservice.domain.errors import InvalidRequest, NotFound, OutsideGuardRails
from policyservice.domain.limits import Bound, Grant, GuardRails
from policyservice.limits import grants
from tests.ledger.factories import DAY, HOUR, NOON, a_limit, limits_of

LIMITS = limits_of(a_limit("agent-day", amount_rails=GuardRails(0, 50000), count_rails=GuardRails(1, 9)))
MICROSECOND = HOUR / 3_600_000_000


def a_grant(number=1, **given):
    values = {
        "agent": "maija",
        "limit": "agent-day",
        "bound": Bound(20000),
        "starts_at": NOON,
        "ends_at": NOON + DAY,
        "reason": "storm",
        "author": "riitta",
    }
    return Grant(f"grant_{number}", made_at=NOON + number * MICROSECOND, **{**values, **given})


def add(db, *some):
    with db.transaction() as connection:
        for grant in some:
            grants.add(connection, grant, LIMITS)


def holding(db, agent="maija", team="chat", at=NOON):
    with db.reading() as connection:
        return grants.holding(connection, agent, team, at)


def test_a_grant_holds_from_its_start_until_before_its_end(any_db):
    add(any_db, a_grant())

    assert holding(any_db, at=NOON - MICROSECOND) == ()
    assert holding(any_db, at=NOON) == (a_grant(),)
    assert holding(any_db, at=NOON + DAY - MICROSECOND) == (a_grant(),)
    assert holding(any_db, at=NOON + DAY) == ()


def test_a_grant_holds_for_the_agent_or_for_everybody_in_the_team(any_db):
    mine, ours = a_grant(1), a_grant(2, agent=None, team="chat", limit=None, bound=None, trust_level="lead")
    add(any_db, mine, ours)

    assert holding(any_db) == (mine, ours)
    assert holding(any_db, team=None) == (mine,)
    assert holding(any_db, agent="ville") == (ours,)
    assert holding(any_db, agent="ville", team="phone") == ()
    assert holding(any_db, agent=None, team=None) == ()


def test_grants_come_in_the_order_in_which_they_were_made(any_db):
    add(any_db, a_grant(3, bound=Bound(None, 4)), a_grant(2))

    assert [grant.id for grant in holding(any_db)] == ["grant_2", "grant_3"]
    assert holding(any_db)[1].bound == Bound(None, 4)


def test_those_that_have_yet_to_begin_are_listed_with_those_that_hold(any_db):
    add(any_db, a_grant(1), a_grant(2, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY))

    with any_db.reading() as connection:
        assert [grant.id for grant in grants.not_ended(connection, NOON)] == ["grant_1", "grant_2"]
        assert [grant.id for grant in grants.not_ended(connection, NOON + DAY)] == ["grant_2"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"team": "chat"}, "agent"),
        ({"agent": None}, "agent"),
        ({"ends_at": NOON}, "ends_at"),
        ({"bound": None}, "limit"),
        ({"bound": Bound()}, "limit"),
        ({"limit": None}, "limit"),
        ({"trust_level": "lead"}, "limit"),
        ({"limit": None, "bound": None}, "limit"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_grant_that_says_too_little_or_too_much_is_refused(sqlite_db, given, field):
    with pytest.raises(InvalidRequest) as refused:
        add(sqlite_db, a_grant(**given))

    assert [error.field for error in refused.value.errors] == [field]
    assert holding(sqlite_db) == ()


def test_a_grant_stays_inside_the_guard_rails(sqlite_db):
    add(sqlite_db, a_grant(1, bound=Bound(50000, 9)))

    with pytest.raises(OutsideGuardRails):
        add(sqlite_db, a_grant(2, bound=Bound(50001)))
    with pytest.raises(OutsideGuardRails):
        add(sqlite_db, a_grant(3, bound=Bound(None, 10)))
    with pytest.raises(NotFound):
        add(sqlite_db, a_grant(4, limit="agent-week"))
