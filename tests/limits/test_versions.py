"""Versions of the limits: dated, numbered, never edited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from policyservice.db.tables import limit_version
from policyservice.db.types import canonical_json
from policyservice.domain.errors import NoRulebookInForce, NotFound
from policyservice.domain.limits import (
    Bound,
    Counts,
    GuardRails,
    Limit,
    LimitSet,
    Measure,
    Scope,
    Window,
    WindowKind,
)
from policyservice.domain.vocabulary import Text
from policyservice.limits import versions
from tests.ledger.factories import DAY, HOUR, NOON, a_limit, limits_of

MICROSECOND = HOUR / 3_600_000_000


def publish(db, limits, *, effective_from=NOON, now=NOON):
    with db.transaction() as connection:
        return versions.publish(
            connection, limits, effective_from=effective_from, author="riitta", because="storm", now=now
        )


def in_force(db, at):
    with db.reading() as connection:
        return versions.in_force(connection, at)


def test_a_version_is_in_force_from_its_instant_and_not_a_microsecond_before(any_db):
    publish(any_db, limits_of(a_limit(amount=100)), effective_from=NOON)
    publish(any_db, limits_of(a_limit(amount=200)), effective_from=NOON + DAY)

    with pytest.raises(NoRulebookInForce):
        in_force(any_db, NOON - MICROSECOND)
    assert in_force(any_db, NOON).version == 1
    assert in_force(any_db, NOON + DAY - MICROSECOND).version == 1
    assert in_force(any_db, NOON + DAY).version == 2
    assert in_force(any_db, NOON + DAY).limits[0].bounds == {"": Bound(200)}


def test_of_two_from_one_instant_the_one_published_last_is_in_force(any_db):
    publish(any_db, limits_of(a_limit(amount=100)))
    publish(any_db, limits_of(a_limit(amount=200)))

    assert in_force(any_db, NOON).version == 2


def test_a_later_publication_with_an_earlier_instant_does_not_stand_before_what_came_into_force_after_it(any_db):
    publish(any_db, limits_of(a_limit(amount=100)), effective_from=NOON + DAY)
    publish(any_db, limits_of(a_limit(amount=200)), effective_from=NOON)

    assert in_force(any_db, NOON + DAY - MICROSECOND).version == 2
    assert in_force(any_db, NOON + DAY).version == 1


def test_a_version_tells_who_made_it_and_why(any_db):
    publish(any_db, limits_of(a_limit()))

    found = in_force(any_db, NOON)

    assert (found.author, found.because, found.effective_from) == ("riitta", "storm", NOON)


def test_an_undo_publishes_the_earlier_limits_anew(any_db):
    publish(any_db, limits_of(a_limit(amount=100)))
    publish(any_db, limits_of(a_limit(amount=200)))

    with any_db.transaction() as connection:
        earlier = versions.get(connection, 1)
        versions.publish(connection, earlier, effective_from=NOON, author="riitta", because="undo", now=NOON + HOUR)

    undone = in_force(any_db, NOON + HOUR)
    assert (undone.version, undone.limits) == (3, earlier.limits)
    with any_db.reading() as connection:
        assert [each.version for each in versions.history(connection)] == [3, 2, 1]
        assert versions.latest(connection).version == 3


def test_an_unknown_version_is_not_found(any_db):
    with any_db.reading() as connection:
        assert versions.latest(connection) is None
        with pytest.raises(NotFound):
            versions.get(connection, 7)


def test_publishers_at_once_get_a_number_each(any_db):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: publish(any_db, limits_of(a_limit(amount=n))), range(8)))

    assert sorted(numbers) == list(range(1, 9))


bounds = st.builds(Bound, st.none() | st.integers(0, 2**53), st.none() | st.integers(0, 1000))
rails = st.builds(GuardRails, st.integers(0, 10), st.none() | st.integers(10, 1000))
some_limits = st.builds(
    Limit,
    id=st.sampled_from(["agent-day", "x-1"]),
    title=st.builds(Text, st.text(max_size=5), st.just("päivä 😀")),
    scope=st.sampled_from(Scope),
    window=st.builds(Window, st.sampled_from(WindowKind), st.integers(0, 400)),
    currency=st.sampled_from(["EUR", "JPY"]),
    bounds=st.dictionaries(st.sampled_from(["", "new", "lead.2"]), bounds),
    measure=st.sampled_from(Measure),
    counts=st.sampled_from(Counts),
    remedies=st.lists(st.sampled_from(["credit", "gift"]), max_size=2).map(tuple),
    reasons=st.lists(st.sampled_from(["delivery.*", "a.b"]), max_size=2).map(tuple),
    amount_rails=rails,
    count_rails=rails,
)


@settings(deadline=None)
@given(st.lists(some_limits, max_size=3).map(tuple))
def test_limits_read_back_from_json_exactly_as_they_were(limits):
    body = versions.as_json(LimitSet(1, limits))

    assert versions.from_json(body) == limits
    assert versions.as_json(LimitSet(9, versions.from_json(body))) == body
    assert canonical_json(body) == canonical_json(versions.as_json(LimitSet(1, limits)))


def test_who_reads_the_limits_while_they_are_published_sees_the_version_before(any_db):
    publish(any_db, limits_of(a_limit(amount=100)))

    with any_db.transaction() as writing:
        versions.publish(
            writing, limits_of(a_limit(amount=200)), effective_from=NOON, author="x", because="y", now=NOON
        )
        seen = in_force(any_db, NOON)

    assert seen.version == 1
    assert in_force(any_db, NOON).version == 2


def test_a_number_is_never_given_twice(any_db):
    publish(any_db, limits_of(a_limit()))

    with any_db.reading() as connection:
        row = connection.execute(select(limit_version)).mappings().one()
    with pytest.raises(Exception, match=r"(?i)unique|append-only"), any_db.transaction() as connection:
        connection.execute(insert(limit_version).values(dict(row)))
