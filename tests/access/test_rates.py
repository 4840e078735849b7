"""The rate of a key's calls, or of a survey tool's: a bucket that fills again, shared between processes without a write
per call."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from policyservice.access import keys
from policyservice.access.keys import Role
from policyservice.access.rates import SURVEY_TOOLS, Bucket, Rates, Unshared
from policyservice.domain.errors import RateLimited
from tests.fakes import NOON, CountingIds
from tests.statements import seen


@pytest.fixture
def ids():
    return CountingIds()


@pytest.fixture
def key_id(any_db, ids):
    with any_db.transaction() as conn:
        return keys.create(conn, ids, "test", Role.AGENT_UI, now=NOON)[0].id


def spent(rates: Rates, key_id: str, calls: int, at=NOON) -> int:
    """How many of so many calls are let through."""
    passed = 0
    for _ in range(calls):
        try:
            rates.spend(key_id, at)
            passed += 1
        except RateLimited:
            break
    return passed


def test_a_quiet_key_may_call_its_burst_and_not_once_more(any_db, key_id):
    rates = Rates(any_db, per_minute=60, burst=100)

    assert spent(rates, key_id, 500) == 100
    with pytest.raises(RateLimited) as refused:
        rates.spend(key_id, NOON)
    assert refused.value.retry_after >= 1


def test_after_a_while_it_may_call_at_its_rate_again(any_db, key_id):
    rates = Rates(any_db, per_minute=60, burst=100)
    spent(rates, key_id, 500)

    later = spent(rates, key_id, 500, NOON + timedelta(seconds=30))

    assert 28 <= later <= 32


def test_two_processes_share_the_bucket_but_for_a_small_part(any_db, key_id):
    one, other = (Rates(any_db, per_minute=60, burst=100) for _ in range(2))

    total = spent(one, key_id, 500) + spent(other, key_id, 500)

    assert 100 <= total <= 102


def test_keys_have_buckets_of_their_own(any_db, key_id, ids):
    with any_db.transaction() as conn:
        second = keys.create(conn, ids, "other", Role.AGENT_UI, now=NOON)[0].id
    rates = Rates(any_db, per_minute=60, burst=50)
    spent(rates, key_id, 500)

    assert spent(rates, second, 500) == 50


def test_a_survey_tool_has_a_bucket_beside_those_of_keys_shared_between_processes_too(any_db, key_id):
    one, other = (Rates(any_db, per_minute=60, burst=100, shelf=SURVEY_TOOLS) for _ in range(2))

    assert spent(one, "tool", 60) == 60
    assert 40 <= spent(other, "tool", 500) + spent(one, "tool", 500) <= 42
    assert spent(one, "another", 500) == 100
    assert spent(Rates(any_db, per_minute=60, burst=100), key_id, 500) == 100


def test_no_rate_is_no_bound(any_db, key_id):
    assert spent(Rates(any_db, per_minute=0, burst=1), key_id, 1000) == 1000


def test_who_calls_seldom_costs_no_statement(sqlite_db, ids):
    with sqlite_db.transaction() as conn:
        seldom = keys.create(conn, ids, "test", Role.AGENT_UI, now=NOON)[0].id
    rates = Rates(sqlite_db, per_minute=6000, burst=1000)

    with seen(sqlite_db.engine) as statements:
        assert spent(rates, seldom, 20) == 20
    assert statements == []


@pytest.mark.parametrize(("per_minute", "passed"), [(60, 3), (0, 10)])
def test_what_is_not_shared_is_bounded_in_its_process_alone_and_fills_again(per_minute, passed):
    rate = Unshared(per_minute=per_minute, burst=3)

    def spent_of_ten(at) -> int:
        count = 0
        for _ in range(10):
            with suppress(RateLimited):
                rate.spend(at)
                count += 1
        return count

    assert spent_of_ten(NOON) == passed
    assert spent_of_ten(NOON + timedelta(milliseconds=999)) == (0 if per_minute else 10)
    assert spent_of_ten(NOON + timedelta(seconds=1)) == (1 if per_minute else 10)


@pytest.mark.parametrize(("depth", "taken"), [(1, 1), (5, 5), (100, 100)])
def test_a_bucket_holds_its_depth_and_fills_one_by_one(depth, taken):
    bucket = Bucket.of(depth, 60)
    state = bucket.after(0, 10_000_000, taken)

    assert bucket.left(state, 10_000_000) == 0
    assert bucket.left(state, 10_000_000 + 999_999) == 0
    assert bucket.left(state, 10_000_000 + 1_000_000) == 1
    assert bucket.wait(state, 10_000_000) == 1_000_000
    assert bucket.left(state, 10_000_000 + 500_000_000) == depth
