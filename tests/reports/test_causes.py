"""Root causes: ranked by what was booked and recorded, with the trend, and whether measures helped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policyservice.access.keys import ApiKey, Role
from policyservice.domain.errors import FieldProblem, NotAllowed
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.causes import Cause, causes
from policyservice.reports.measures import Told, of_reasons, record
from policyservice.reports.statistics.rates import Change
from tests.decisions.factories import a_key
from tests.reports.factories import JUNE, Shop

PARCEL = {"reason": "delivery.missing", "remedy": "refund", "facts": {"order.paid": "90.00"}}


def found(
    shop: Shop, period: Period = JUNE, today: date = date(2026, 7, 1), seen_by: ApiKey | None = None
) -> list[Cause]:
    with shop.runtime.db.reading() as conn:
        return list(causes(conn, shop.runtime, Wanted(period, (By.REASON,)), today, seen_by))


def told(
    reason: str = "delivery.late", day: date = date(2026, 6, 1), note: str = "More vans.", agent: str = "liisa"
) -> Told:
    return Told(reason, day, "teppo", agent, note)


def keep(shop: Shop, one: Told, today: date = date(2026, 7, 1), actor: ApiKey | None = None) -> None:
    record(shop.runtime, one, today, actor or shop.key)


def test_reasons_stand_in_the_order_of_what_was_booked_for_them(shop: Shop):
    for _ in range(3):
        shop.give()
    shop.give(**PARCEL, amount="90.00")
    taken_back = shop.give()
    shop.reverse(taken_back)
    shop.ask(**PARCEL, amount="50.00")  # held alone: it cost nothing yet

    first, second = found(shop)

    assert (first.reason, first.cost, first.decisions, first.owner) == ("delivery.missing", 9000, 2, "management")
    assert (second.reason, second.cost, second.decisions) == ("delivery.late", 3 * 560, 4)
    assert first.saves["cash"].expected > 9000  # with the time it takes, and induced claims
    assert first.saves["full"].low <= first.saves["full"].expected <= first.saves["full"].high


def test_what_removing_would_save_holds_escalations_at_their_estimate_and_leaves_their_answers_out(shop: Shop):
    asked = shop.ask(amount="90.00")
    (before,) = found(shop)
    answer = shop.resolve(asked, "granted")
    assert answer is not None
    shop.commit(answer)
    (after,) = found(shop)

    assert before.saves == after.saves
    assert before.saves["full"].expected > before.saves["cash"].expected > 0
    assert (before.cost, after.cost) == (0, 7200)
    assert after.decisions == 1


def lives(shop: Shop, days: int, each: int) -> None:
    for _ in range(days):
        for _ in range(each):
            shop.ask(amount="3.00", agent="liisa")
        shop.runtime.clock.advance(days=1)  # type: ignore[attr-defined]


def test_a_measure_after_which_the_reason_went_down_is_told_from_one_of_which_nobody_can_tell(shop: Shop):
    lives(shop, 14, 3)
    measured = date(2026, 6, 15)
    keep(shop, told(day=measured), today=measured)
    assert found(shop, today=measured)[0].measures[0].rates.change is Change.CANNOT_TELL

    lives(shop, 14, 1)
    shop.fold(most=40)
    (cause,) = found(shop, Period(date(2026, 6, 15), date(2026, 6, 29)), today=date(2026, 6, 29))

    (only,) = cause.measures
    assert (only.rates.before, only.rates.after) == (42, 14)
    assert only.rates.change is Change.DOWN
    assert only.rates.ratio == pytest.approx(1 / 3)
    assert cause.trend.change is Change.DOWN
    assert cause.answerable == only.measure.owner


def test_days_before_the_log_began_are_not_taken_for_days_without_cases(shop: Shop):
    lives(shop, 10, 2)
    (cause,) = found(shop, Period(date(2026, 6, 1), date(2026, 6, 11)), today=date(2026, 6, 11))

    assert (cause.trend.days_before, cause.trend.change) == (0, Change.CANNOT_TELL)


def test_a_reason_that_is_gone_is_still_shown_where_something_was_done_against_it(shop: Shop):
    keep(shop, told("delivery.missing"))

    (cause,) = found(shop)

    assert (cause.reason, cause.decisions, cause.cost, len(cause.measures)) == ("delivery.missing", 0, 0, 1)
    bound = a_key(shop.runtime, Role.MANAGER, teams=("web",))
    assert found(shop, seen_by=bound) == []


def test_the_same_measure_is_kept_once_and_another_day_is_another(shop: Shop):
    first = record(shop.runtime, told(), date(2026, 6, 1), shop.key)
    again = record(shop.runtime, told(), date(2026, 6, 1), shop.key)
    other = record(shop.runtime, told(day=date(2026, 5, 31)), date(2026, 6, 1), shop.key)

    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert again.measure == first.measure
    with shop.runtime.db.reading() as conn:
        assert [each.taken_on for each in of_reasons(conn)] == [date(2026, 5, 31), date(2026, 6, 1)]


def test_a_measure_names_a_reason_that_there_is_and_a_day_that_has_come(lite_shop: Shop):
    today = date(2026, 6, 1)
    with pytest.raises(FieldProblem, match="neither"):
        keep(lite_shop, told("delivery.unheard"), today)
    with pytest.raises(FieldProblem, match="not come"):
        keep(lite_shop, told(day=today + timedelta(days=1)), today)
    with pytest.raises(NotAllowed):
        keep(lite_shop, told(), today, a_key(lite_shop.runtime, Role.MANAGER, teams=("web",)))
