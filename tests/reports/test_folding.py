"""The sums that are kept equal the rows of the log: whatever happened, wherever the folding was stopped."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from policyservice.db import tables
from policyservice.reports import folding, store
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.folding import Folder, prove, rebuild
from policyservice.reports.speed.summing import counting_of
from policyservice.reports.store import Behind, Head
from tests.reports.factories import ALWAYS, FINEST, Shop, all_by_hand, as_by_hand, live
from tests.reports.speed.factories import hear


def head(shop: Shop) -> Head | None:
    with shop.runtime.db.reading() as conn:
        return store.head(conn)


def newest(shop: Shop) -> tuple[int, int]:
    with shop.runtime.db.reading() as conn:
        rows = [conn.execute(select(each.c.seq)).scalars().all() for each in (tables.decision, tables.entry)]
    return max(rows[0]), max(rows[1])


@pytest.mark.parametrize("seed", range(4))
def test_after_a_random_history_the_sums_equal_what_every_decision_became(shop: Shop, seed: int):
    for part in range(3):
        live(shop, 40, seed * 10 + part)
        shop.fold(most=1 + seed)
        live(shop, 8, seed * 10 + part + 5)  # rows behind the sums, some about decisions that are in them

        assert as_by_hand(shop.sums()) == all_by_hand(shop)

    shop.fold()
    kept = shop.sums()
    assert prove(shop.runtime.db).holds
    assert as_by_hand(kept) == all_by_hand(shop)
    rebuild(shop.runtime.db, counting_of(shop.runtime))
    assert shop.sums() == kept  # added up from the rows meanwhile
    shop.fold(most=7)
    assert shop.sums() == kept
    assert prove(shop.runtime.db).holds


def test_a_random_history_has_everything_in_it_that_can_happen(lite_shop: Shop):
    names: set[str] = set()
    for seed in range(6):
        live(lite_shop, 120, seed)
        found = as_by_hand(lite_shop.sums(), leaving=())
        names |= {name for figures in found.values() for name in figures}

    assert {f"goodwill_{state}" for state in tables.BOOKED} <= names
    assert {f"entitled_{state}" for state in tables.BOOKED} <= names
    assert {key[-1] for key in found} == {"at_once", "stretched", "escalated", "answer", "denied"}


def test_folding_goes_to_the_last_row_and_takes_each_once(shop: Shop):
    live(shop, 60, 1)
    folded = shop.fold(most=4)
    reached = head(shop)

    assert reached is not None
    assert (reached.decision, reached.entry) == newest(shop)
    assert folded == sum(newest(shop))
    assert shop.fold() == 0


def test_folders_side_by_side_count_nothing_twice_while_decisions_are_made(shop: Shop):
    done, failures = Event(), list[BaseException]()

    def keep_folding() -> None:
        folder = Folder(shop.runtime.db, counting_of(shop.runtime), most=2)
        try:
            while not done.wait(0.002):
                folder.step()
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=keep_folding) for _ in range(3)]
    for thread in threads:
        thread.start()
    live(shop, 50, 3)
    done.set()
    for thread in threads:
        thread.join()
    shop.fold()

    assert failures == []
    assert prove(shop.runtime.db).holds
    assert as_by_hand(shop.sums()) == all_by_hand(shop)


def test_on_postgresql_nothing_is_summed_up_behind_a_transaction_that_is_still_open(postgres_db):
    from policyservice.access.keys import Role
    from tests.decisions.factories import a_shop

    shop = Shop(a_shop(postgres_db), Role.MANAGER)
    shop.give()
    folder = Folder(postgres_db, counting_of(shop.runtime))
    with postgres_db.transaction() as slow:
        slow.execute(text("LOCK TABLE decision IN ROW EXCLUSIVE MODE"))  # as whoever inserts does first
        assert folder.step() == 0
        assert folder.is_waiting
        assert as_by_hand(shop.sums()) == all_by_hand(shop)
    assert folder.step() > 0
    assert not folder.is_waiting
    shop.runtime.rulebooks.close()


def test_a_folder_that_is_killed_between_the_head_and_the_sums_leaves_both_as_they_were(shop: Shop, monkeypatch):
    shop.give()
    shop.fold()
    shop.give()
    before = head(shop)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(folding.store, "add_up", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.fold()

    assert head(shop) == before
    shop.fold()
    assert prove(shop.runtime.db).holds


def test_the_proof_names_a_sum_that_somebody_changed(shop: Shop):
    shop.give()
    shop.fold()
    with shop.runtime.db.transaction() as conn:
        conn.execute(update(tables.report_sum).where(tables.report_sum.c.span == "day").values(goodwill_given=1))

    (difference,) = prove(shop.runtime.db).differences

    assert difference.kept.span == "day"
    assert difference.stored != difference.rows


def test_sums_of_another_time_zone_are_neither_used_nor_added_to_until_they_are_rebuilt(shop: Shop):
    live(shop, 30, 2)
    elsewhere = replace(counting_of(shop.runtime), zone=ZoneInfo("America/New_York"))
    rebuild(shop.runtime.db, elsewhere)
    other = Folder(shop.runtime.db, elsewhere)
    while other.step():
        pass

    assert shop.fold() == 0
    assert as_by_hand(shop.sums()) == all_by_hand(shop)

    rebuild(shop.runtime.db, counting_of(shop.runtime))
    assert shop.fold() > 0
    assert as_by_hand(shop.sums()) == all_by_hand(shop)


def test_how_far_the_sums_are_behind_the_log_is_told_of_those_that_reports_use(shop: Shop):
    folder = Folder(shop.runtime.db, counting_of(shop.runtime))
    assert folder.behind() == Behind(0, None)
    shop.give()
    began = shop.runtime.clock.now()
    shop.runtime.clock.advance(minutes=20)  # type: ignore[attr-defined]
    shop.ask()
    assert folder.behind() == Behind(sum(newest(shop)), began)

    folder.step()
    assert folder.behind() == Behind(0, None)
    hear(shop, case="T-1")
    assert folder.behind() == Behind(1, shop.runtime.clock.now())

    other = Folder(shop.runtime.db, replace(counting_of(shop.runtime), outcome_days=7))
    assert other.step() == 0
    assert other.behind() == Behind(sum(newest(shop)) + 1, began)


@pytest.mark.parametrize("by", [(By.MONTH, By.REASON), (By.TEAM,), (By.CHANNEL, By.TRUST_LEVEL), FINEST])
def test_coarser_groups_and_shorter_periods_add_up_to_the_same(shop: Shop, by):
    for day in range(70):
        if day % 6 == 0:
            live(shop, 6, day)
        shop.pass_time(days=1)
    shop.fold(most=50)
    live(shop, 6, 99)
    finest = shop.sums()

    for period in (ALWAYS, *SPLIT):
        wanted = Wanted(period, by)
        right: dict[object, list[int]] = {}
        for fine, vector in finest.items():
            if period.since.isoformat() <= str(fine.cell.period) < period.before.isoformat():
                key = fine._replace(cell=wanted.cell(fine.cell, str(fine.cell.period)))
                kept = right.setdefault(key, [0] * len(vector))
                right[key] = [a + b for a, b in zip(kept, vector, strict=True)]
        assert shop.sums(wanted) == {key: vector for key, vector in right.items() if any(vector)}


SPLIT = (
    Period(ALWAYS.since, ALWAYS.since.replace(month=6, day=15)),
    Period(ALWAYS.since.replace(month=6, day=15), ALWAYS.since.replace(month=8, day=3)),
    Period(ALWAYS.since.replace(month=7, day=1), ALWAYS.since.replace(month=8, day=1)),
    Period(ALWAYS.since.replace(month=7, day=3), ALWAYS.since.replace(month=7, day=9)),
)
