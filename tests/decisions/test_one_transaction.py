"""Decisions of one transaction: each sees what those before it hold, also where one is for an instant before theirs."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from policyservice.db.session import Database
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.request import answer, item_of
from policyservice.decisions.searching import LogFilters, search
from policyservice.domain.limits import LimitSet
from policyservice.ledger.reconcile import reconcile
from policyservice.limits import versions
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, body, decide, render

AGO = (None, 0, 1, 30, 90, 24 * 60, 25 * 60, 6 * 24 * 60)
"""Minutes before now for which a decision may be recorded; None: it is asked for now."""


@pytest.fixture
def a_shop_of_its_own(sqlite_template, tmp_path) -> Iterator[Callable[[str], Runtime]]:
    shops: list[Runtime] = []

    def make(name: str) -> Runtime:
        db = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / name)}")
        shops.append(a_shop(db))
        return shops[-1]

    yield make
    for shop in shops:
        shop.rulebooks.close()
        shop.db.dispose()


def given_before(shop, minutes, **changes):
    """A body for an instant before now."""
    at = {} if minutes is None else {"given_at": (shop.clock.now() - timedelta(minutes=minutes)).isoformat()}
    return body(**at, **changes)


def together(shop, key, asked):
    """The status of each request, all answered in one transaction."""
    items = [
        item_of(shop, raw, key, Idempotency.of("/v1/decisions", f"k{number}", raw)) for number, raw in enumerate(asked)
    ]
    return [_said(found) for found in answer(shop, items, render)]


def one_by_one(shop, key, asked):
    """The status of each request, each in a transaction of its own."""
    said = []
    for number, raw in enumerate(asked):
        item = item_of(shop, raw, key, Idempotency.of("/v1/decisions", f"k{number}", raw))
        said += [_said(found) for found in answer(shop, [item], render)]
    return said


def _said(found):
    return found.body.split()[1:] if isinstance(found, Reply) else found.code


def differences(shop):
    with shop.db.reading() as conn:
        return reconcile(conn, shop.zone)


@pytest.mark.parametrize("ago", [[None, 90], [90, None], [None, 90, 30], [30, 90, None]])
def test_a_window_that_rolls_counts_what_the_same_transaction_gave(shop, key, ago):
    """Three credits a year may be given: of those that come at once no more than three are."""
    decide(shop, key, "before", amount="1.00", case="T-0", order="O-0")
    shop.clock.advance(hours=2)  # the hold ends, and the window was summed before
    asked = [
        given_before(shop, minutes, amount="1.00", case=f"T-{number}", order=f"O-{number}")
        for number, minutes in enumerate([*ago, None], start=1)
    ]
    said = together(shop, key, asked)

    assert [status for status, *_ in said if status in ("reserved", "committed")] == [
        "reserved" if minutes is None else "committed" for minutes in [*ago, None][:3]
    ]
    assert differences(shop) == []


@pytest.mark.parametrize("seed", range(25))
def test_it_makes_no_difference_whether_decisions_share_a_transaction(a_shop_of_its_own, seed):
    chance = random.Random(seed)
    asked = [
        {
            "minutes": chance.choice(AGO),
            "customer": chance.choice(("C-1", "C-2")),
            "amount": chance.choice(("1.00", "4.00", "9.00")),
            "case": f"T-{number}",
            "order": f"O-{chance.randint(1, 3)}",
            "agent": chance.choice(("maija", "teppo")),
        }
        for number in range(chance.randint(2, 9))
    ]
    pause = chance.choice((10, 90))
    found = []
    for name, answered in (("together", together), ("apart", one_by_one)):
        shop = a_shop_of_its_own(name)
        key = a_key(shop)
        for number, customer in enumerate(("C-1", "C-2")):
            decide(shop, key, f"before {number}", amount="1.00", case=f"T-b{number}", order=None, customer=customer)
        shop.clock.advance(minutes=pause)
        found.append(answered(shop, key, [given_before(shop, **each) for each in asked]))
        assert differences(shop) == []

    assert found[0] == found[1]


def test_limits_that_are_in_force_no_more_count_what_the_same_transaction_gave_under_them(shop, key):
    """Their counters are kept no more; what is recorded for an instant before still meets them."""
    decide(shop, key, "before", amount="1.00", case="T-0", order="O-0")
    shop.clock.advance(hours=2)
    with shop.db.transaction() as conn:
        now, kept = shop.clock.now(), versions.get(conn, 1).limits
        fewer = LimitSet(0, tuple(limit for limit in kept if limit.id != "credit-times"))
        versions.publish(conn, fewer, effective_from=now, author="liisa", because="too few", now=now)
    shop.clock.advance(minutes=30)
    asked = [given_before(shop, 90, amount="1.00", case=f"T-{n}", order=f"O-{n}") for n in range(1, 6)]

    together(shop, key, asked)

    with shop.db.reading() as conn:
        *recorded, _ = search(conn, LogFilters()).items
    used = [state.used for one in recorded for state in one.context.limits if state.limit == "credit-times"]
    assert [sums.goodwill_count for sums in used if sums is not None] == [4, 3, 2, 1, 0]  # the newest first
    assert differences(shop) == []
