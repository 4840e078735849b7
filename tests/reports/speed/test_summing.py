"""How soon cases had their remedy: folded or not, the report says what each case by itself says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from policyservice.access.keys import ApiKey, Role
from policyservice.costs.speed import Tally
from policyservice.db import tables
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.folding import Folder, prove, rebuild
from policyservice.reports.speed.cases import Counting
from policyservice.reports.speed.summing import counting_of
from tests.decisions.factories import a_key
from tests.fakes import NOON
from tests.reports.factories import ALWAYS, FINEST, Shop
from tests.reports.speed.factories import as_tallies, by_hand, hear, live_and_hear, sped

ALL = Wanted(ALWAYS, ())


def whole(shop: Shop, wanted: Wanted = ALL, seen_by: ApiKey | None = None) -> Tally:
    """All cases of a report together."""
    found = Tally()
    for by_reason in sped(shop, wanted, seen_by).values():
        for tally in by_reason.values():
            found.add(tally)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_after_a_random_history_the_folded_equal_the_rows_and_both_what_each_case_says(shop: Shop, seed: int):
    for part in range(3):
        live_and_hear(shop, 12, seed * 10 + part)
        shop.fold(most=1 + seed)
        live_and_hear(shop, 3, seed * 10 + part + 5)  # behind what is folded, some about cases that are in it

        assert sped(shop) == as_tallies(shop, by_hand(shop), Wanted(ALWAYS, FINEST))

    shop.fold(most=2)
    kept = sped(shop)
    assert prove(shop.runtime.db).holds
    rebuild(shop.runtime.db, counting_of(shop.runtime))
    assert sped(shop) == kept
    shop.fold(most=7)
    assert sped(shop) == kept
    assert prove(shop.runtime.db).holds


def test_a_random_history_has_every_kind_of_case_in_it(lite_shop: Shop):
    live_and_hear(lite_shop, 60, 7)
    found = by_hand(lite_shop)
    given = [key for key in found if key.minutes >= 0]

    assert {key.minutes < 0 for key in found} == {True, False}
    assert {key.settled for key in given} == {True, False}
    assert {0, 1, 2} <= {key.minutes for key in given}


@pytest.mark.parametrize("by", [(By.MONTH, By.REASON), (By.TEAM,), (By.CHANNEL, By.TRUST_LEVEL), FINEST])
def test_any_groups_and_periods_show_the_same_cases_and_what_is_known_of_them(shop: Shop, by: tuple[By, ...]):
    for day in range(50):
        if day % 6 == 0:
            live_and_hear(shop, 2, day)
        shop.pass_time(days=1)
    shop.fold(most=50)
    live_and_hear(shop, 3, 99)
    known_before = (shop.runtime.clock.now() - timedelta(days=30)).astimezone(shop.runtime.zone).date()
    cases = by_hand(shop)

    for period in (ALWAYS, *_SPLIT):
        wanted = Wanted(period, by)
        assert sped(shop, wanted) == as_tallies(shop, cases, wanted, known_before=known_before)
    only = Wanted(ALWAYS, by, (("reason", "delivery.late"), ("team", "web")))
    assert sped(shop, only) == as_tallies(shop, cases, only, known_before=known_before)


_SPLIT = (
    Period(date(2026, 1, 1), date(2026, 6, 15)),
    Period(date(2026, 6, 15), date(2026, 8, 3)),
    Period(date(2026, 6, 1), date(2026, 7, 1)),
    Period(date(2026, 6, 3), date(2026, 6, 28)),
)


def test_a_case_counts_once_on_the_day_and_for_the_reason_it_was_first_heard_of(shop: Shop):
    shop.ask(case="T", amount="90.00")
    shop.pass_time(days=2)
    again = shop.ask(case="T", reason="delivery.missing", remedy="refund", amount="9.00", facts={"order.paid": "9.00"})
    shop.commit(again)

    for fold in (lambda: 0, shop.fold):
        fold()
        ((cell, by_reason),) = sped(shop, Wanted(ALWAYS, (By.DAY,))).items()
        assert cell.period == "2026-06-01"
        assert by_reason == {"delivery.late": Tally(1, whole(shop).minutes)}
        assert whole(shop).minutes == {2 * 24 * 60: 1}
        assert whole(shop, Wanted(Period(date(2026, 6, 2), date(2026, 7, 1)), ())).cases == 0


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (60.001, 2)])
def test_times_are_whole_minutes_rounded_up(lite_shop: Shop, seconds: float, minutes: int):
    decision = lite_shop.ask()
    lite_shop.runtime.clock.advance(seconds=seconds)
    lite_shop.commit(decision)

    assert whole(lite_shop).minutes == {minutes: 1}


def settled(shop: Shop) -> tuple[int, int]:
    """How many cases are settled in the first contact, of how many known ones."""
    found = whole(shop)
    return found.settled, found.known


def test_whether_the_first_contact_was_enough_is_known_once_the_days_are_over_and_somebody_tells(shop: Shop):
    kept, again, escalated, waiting = (
        shop.give(customer="C-1"),
        shop.give(case="T-again", customer="C-2"),
        shop.ask(amount="90.00"),
        shop.ask(),
    )
    assert len({kept, again, escalated, waiting}) == 4
    shop.fold()
    shop.pass_time(days=31)
    assert settled(shop) == (0, 0)

    hear(shop, case="T-again", at=NOON.isoformat())
    assert settled(shop) == (1, 4)
    shop.fold()
    assert settled(shop) == (1, 4)


@pytest.mark.parametrize(("hours", "known"), [(30 * 24 + 11, 0), (30 * 24 + 12, 1)])
def test_the_days_are_over_when_they_are_for_the_whole_day(shop: Shop, hours: float, known: int):
    shop.give(case="T")  # at noon
    hear(shop, case="T")
    shop.pass_time(hours=hours)

    assert settled(shop) == (0, known)
    shop.fold()
    assert settled(shop) == (0, known)


def hears(shop: Shop, **fields: Any) -> tuple[int, int]:
    """What is known after the days, once it was heard that somebody came back."""
    hear(shop, **fields)
    shop.pass_time(days=40)
    return settled(shop)


def test_who_came_back_counts_within_the_days_both_ends_included(lite_shop: Shop):
    lite_shop.give(case="T-1")
    lite_shop.give(case="T-2")
    at = NOON + timedelta(days=30)
    lite_shop.pass_time(days=35)
    hear(lite_shop, case="T-1", at=at.isoformat())

    assert hears(lite_shop, case="T-2", at=(at + timedelta(seconds=1)).isoformat()) == (1, 2)


def test_who_came_back_is_tied_to_the_case_else_the_decision_else_every_case_of_the_customer(lite_shop: Shop):
    one = lite_shop.give(case="T-1", customer="C")
    lite_shop.give(case="T-2", customer="C")
    lite_shop.give(case="T-3", customer="D")
    hear(lite_shop, decision=one, customer="D")
    lite_shop.fold()
    lite_shop.pass_time(days=40)
    assert settled(lite_shop) == (2, 3)

    hear(lite_shop, customer="C", at=NOON.isoformat())
    assert settled(lite_shop) == (1, 3)


def test_what_is_told_before_its_case_counts_once_the_case_is_there(shop: Shop):
    hear(shop, case="T-late", at=NOON.isoformat())
    shop.fold()
    shop.give(case="T-late")
    shop.pass_time(days=40)

    assert settled(shop) == (0, 1)
    shop.fold()
    assert settled(shop) == (0, 1)
    assert prove(shop.runtime.db).holds


def test_a_word_that_another_took_the_place_of_is_not_counted(shop: Shop):
    shop.give(case="T-1")
    shop.give(case="T-2")
    hear(shop, case="T-1", ref="s-1")
    shop.fold()
    shop.runtime.clock.advance(seconds=1)
    hear(shop, case="T-2", ref="s-1")
    shop.pass_time(days=40)

    assert settled(shop) == (1, 2)
    shop.fold()
    assert settled(shop) == (1, 2)
    assert prove(shop.runtime.db).holds


def test_a_key_counts_the_cases_that_its_own_agents_and_teams_began(shop: Shop):
    shop.give(case="T-1", agent="maija")
    shop.give(case="T-1", agent="liisa")
    shop.give(case="T-2", agent="liisa")
    of_agent = a_key(shop.runtime, Role.AGENT_UI, agents=["maija"])
    of_team = a_key(shop.runtime, Role.MANAGER, teams=["web"])
    of_nobody = a_key(shop.runtime, Role.MANAGER, teams=["nowhere"])

    for _ in range(2):
        assert [whole(shop, seen_by=key).cases for key in (of_agent, of_team, of_nobody, None)] == [1, 1, 0, 2]
        shop.fold()


def test_sums_with_other_days_for_outcomes_are_not_used_nor_added_to_until_they_are_rebuilt(shop: Shop):
    live_and_hear(shop, 6, 3)
    other = Counting(shop.runtime.zone, 7)
    rebuild(shop.runtime.db, other)
    Folder(shop.runtime.db, other).step()

    assert shop.fold() == 0
    assert sped(shop) == as_tallies(shop, by_hand(shop), Wanted(ALWAYS, FINEST))
    rebuild(shop.runtime.db, counting_of(shop.runtime))
    assert shop.fold() > 0
    assert sped(shop) == as_tallies(shop, by_hand(shop), Wanted(ALWAYS, FINEST))


def test_the_proof_names_a_number_of_cases_that_somebody_changed(shop: Shop):
    shop.give()
    shop.fold()
    with shop.runtime.db.transaction() as conn:
        conn.execute(update(tables.report_speed).where(tables.report_speed.c.span == "day").values(settled=[0, 7]))

    proof = prove(shop.runtime.db)

    assert not proof.holds
    assert [(kept.of.span, kept.of.reason, kept.minutes) for kept in proof.cases] == [("day", "delivery.late", 0)]


def test_on_postgresql_no_outcome_is_summed_up_behind_one_that_is_still_being_told(postgres_db):
    from tests.decisions.factories import a_shop

    shop = Shop(a_shop(postgres_db), Role.MANAGER)
    folder = Folder(postgres_db, counting_of(shop.runtime))
    shop.give(case="T")
    hear(shop, case="T")
    with postgres_db.transaction() as slow:
        slow.execute(text("LOCK TABLE outcome IN ROW EXCLUSIVE MODE"))  # as whoever inserts does first
        assert folder.step() == 0
        assert folder.is_waiting
    assert folder.step() > 0
    shop.runtime.rulebooks.close()
