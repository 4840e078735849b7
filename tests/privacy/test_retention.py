from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from policyservice.db import tables
from policyservice.decisions.replay import replay
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.ledger.reconcile import reconcile
from policyservice.privacy.retention import remove_batch
from tests.decisions.factories import decide, pseudonym, settings
from tests.fakes import NOON
from tests.privacy.planted import standing_in

KEEPING = settings(keep_texts_days=10, keep_references_days=20)
TICK = timedelta(microseconds=1)


def asked(shop, key, number: int = 1, **changes: object) -> None:
    decide(shop, key, f"k{number}", justification="as agreed", **changes)


def kept(shop, *words: str) -> set[str]:
    return {word for _, word in standing_in(shop.db, ["personal_reference", "personal_text"], words)}


def count(shop, table) -> int:
    with shop.db.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(("age", "is_kept"), [(timedelta(days=10) - TICK, True), (timedelta(days=10), False)])
def test_a_text_is_kept_until_it_is_as_old_as_the_setting_says(shop, key, age, is_kept):
    asked(shop, key)
    removed = remove_batch(shop.db, KEEPING, NOON + age)

    assert removed == (0 if is_kept else 1, 0, False)
    assert kept(shop, "as agreed", "C-1") == ({"as agreed", "C-1"} if is_kept else {"C-1"})


@pytest.mark.parametrize(("age", "is_kept"), [(timedelta(days=20) - TICK, True), (timedelta(days=20), False)])
def test_a_reference_is_kept_until_its_last_decision_is_as_old_as_the_setting_says(shop, key, age, is_kept):
    asked(shop, key, 1)
    shop.clock.advance(days=15)
    asked(shop, key, 2, case="T-2", order="O-2", amount="1.00")
    remove_batch(shop.db, KEEPING, NOON + timedelta(days=15) + age)

    assert kept(shop, "C-1", "T-1", "O-1", "T-2") == ({"C-1", "T-2"} if is_kept else set())


def test_an_agent_who_is_registered_is_in_use(shop, key):
    asked(shop, key)
    remove_batch(shop.db, KEEPING, NOON + timedelta(days=400))

    assert kept(shop, "maija", "C-1") == {"maija"}
    assert remove_batch(shop.db, KEEPING, NOON + timedelta(days=401)) == (0, 0, False)


def test_a_reference_that_went_comes_back_under_the_same_pseudonym(shop, key):
    asked(shop, key, 1)
    shop.clock.advance(days=400)
    remove_batch(shop.db, KEEPING, shop.clock.now())
    assert kept(shop, "C-1") == set()
    asked(shop, key, 2, amount="1.00")

    with shop.db.reading() as conn:
        found = set(conn.execute(select(tables.decision.c.customer)).scalars())
    assert found == {pseudonym(shop, "C-1")}
    assert kept(shop, "C-1") == {"C-1"}


def test_a_batch_is_small_and_says_that_more_is_waiting(shop, key):
    for number in range(5):
        asked(shop, key, number, case=f"T-{number}", amount="1.00")
    later = NOON + timedelta(days=400)

    assert remove_batch(shop.db, KEEPING, later, most=3) == (3, 2, True)  # maija is looked at, and stays
    assert remove_batch(shop.db, KEEPING, later, most=3) == (2, 3, True)
    assert remove_batch(shop.db, KEEPING, later, most=3) == (0, 2, False)
    assert count(shop, tables.personal_reference) == 1


def test_processes_that_remove_at_once_remove_each_once(shop, key):
    for number in range(12):
        asked(shop, key, number, case=f"T-{number}", amount="1.00")
    later = NOON + timedelta(days=400)

    def work(_: int) -> tuple[int, int]:
        texts = references = 0
        for _round in range(30):
            removed = remove_batch(shop.db, KEEPING, later, most=2)
            texts, references = texts + removed.texts, references + removed.references
        return texts, references

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(work, range(3)))
    assert [sum(each) for each in zip(*done, strict=True)] == [12, 14]


def test_the_log_replays_and_reconciles_after_everything_went(shop, key):
    asked(shop, key)
    remove_batch(shop.db, KEEPING, NOON + timedelta(days=4000))

    with shop.db.reading() as conn:
        assert [replayed.differences for replayed in replay(conn, Rulebooks())] == [()]
        assert not reconcile(conn, shop.zone)
