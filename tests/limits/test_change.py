"""One bound moved, inside the guard rails."""

from __future__ import annotations

import pytest

from policyservice.domain.errors import FieldProblem, NotFound, OutsideGuardRails
from policyservice.domain.limits import Bound, GuardRails, Scope, WindowKind
from policyservice.limits.change import targets, with_bound
from tests.ledger.factories import a_limit, limits_of

LIMITS = limits_of(
    a_limit(
        "agent-day",
        bounds={"new": Bound(6000, 5), "trusted": Bound(15000)},
        amount_rails=GuardRails(1000, 50000),
        count_rails=GuardRails(1, 20),
    ),
    a_limit("per-decision", Scope.DECISION, WindowKind.ONCE, bounds={"lead": Bound(30000)}),
    a_limit("organisation-month", Scope.ORGANISATION, WindowKind.MONTH, amount=900_000),
    a_limit("gifts", bounds={"": Bound(None, 3)}),
)


def bounds(limits, limit_id):
    return limits.by_id(limit_id).bounds


@pytest.mark.parametrize(
    ("target", "value", "limit", "level", "bound"),
    [
        ("agent-day.new", "80.00", "agent-day", "new", Bound(8000, 5)),
        ("agent-day.new", "80", "agent-day", "new", Bound(8000, 5)),
        ("agent-day.new.count", "7", "agent-day", "new", Bound(6000, 7)),
        ("per-decision.lead", "0.00", "per-decision", "lead", Bound(0)),
        ("organisation-month", "10000.00", "organisation-month", "", Bound(1_000_000)),
        ("gifts.count", "6", "gifts", "", Bound(None, 6)),
    ],
)
def test_one_bound_moves_and_everything_else_stays(target, value, limit, level, bound):
    moved = with_bound(LIMITS, target, value)

    assert bounds(moved, limit) == {**bounds(LIMITS, limit), level: bound}
    assert [each for each in moved.limits if each.id != limit] == [each for each in LIMITS.limits if each.id != limit]


@pytest.mark.parametrize(
    ("target", "inside"), [("agent-day.new", ["10.00", "500.00"]), ("agent-day.new.count", ["1", "20"])]
)
def test_the_guard_rails_themselves_are_inside(target, inside):
    for value in inside:
        assert targets(with_bound(LIMITS, target, value))[target].value == value


@pytest.mark.parametrize(
    ("target", "value", "words"),
    [
        ("agent-day.new", "9.99", "from 10.00 up to and including 500.00; 9.99 is outside"),
        ("agent-day.new", "500.01", "500.01 is outside"),
        ("agent-day.new.count", "0", "from 1 up to and including 20; 0 is outside"),
        ("agent-day.new.count", "21", "21 is outside"),
        ("organisation-month", "-0.01", "from 0.00 up to and including any number; -0.01 is outside"),
    ],
)
def test_a_value_outside_the_guard_rails_is_refused(target, value, words):
    with pytest.raises(OutsideGuardRails, match=words):
        with_bound(LIMITS, target, value)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("agent-week", "agent-day, per-decision"),
        ("agent-day", r"agent-day\.new, agent-day\.new\.count, agent-day\.trusted"),
        ("agent-day.lead", r"agent-day\.new, agent-day\.new\.count, agent-day\.trusted"),
        ("agent-day.trusted.count", r"agent-day\.trusted"),
        ("organisation-month.new", "organisation-month"),
        ("", "agent-day"),
    ],
)
def test_a_bound_that_does_not_exist_is_not_found_and_the_others_are_named(target, words):
    with pytest.raises(NotFound, match=words):
        with_bound(LIMITS, target, "20.00")


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("agent-day.new", "20.001"),
        ("agent-day.new", "twenty"),
        ("agent-day.new", "1e3"),
        ("agent-day.new", ""),
        ("agent-day.new.count", "2.0"),
        ("agent-day.new.count", "1e1"),
        ("agent-day.new.count", "٣"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(target, value):
    with pytest.raises(FieldProblem) as refused:
        with_bound(LIMITS, target, value)

    assert refused.value.errors[0].field == "value"
