"""Limits as values: which level a bound is for, what a limit covers, the ladder of caps."""

import pytest

from policyservice.domain.limits import (
    Bound,
    Limit,
    LimitSet,
    Scope,
    Usage,
    Window,
    WindowKind,
    ladder,
    matches_reason,
)
from policyservice.domain.vocabulary import Text

LEVELS = ["new", "trusted"]


def a_limit(**more):
    values = {
        "id": "per-decision",
        "title": Text("Cap", "Katto"),
        "scope": Scope.DECISION,
        "window": Window(WindowKind.ONCE),
        "currency": "EUR",
        "bounds": {"new": Bound(1500), "trusted": Bound(5000)},
    }
    return Limit(**{**values, **more})


def test_a_bound_is_that_of_the_trust_level():
    assert a_limit().bound_for("trusted") == Bound(5000)


def test_a_level_that_is_not_named_has_the_bound_of_all_or_none():
    assert a_limit().bound_for("lead") is None
    assert a_limit(bounds={"": Bound(7)}).bound_for("lead") == Bound(7)


def test_without_a_trust_level_only_a_bound_for_all_holds():
    assert a_limit().bound_for(None) is None
    assert a_limit(bounds={"": Bound(7), "new": Bound(1)}).bound_for(None) == Bound(7)


@pytest.mark.parametrize(
    ("pattern", "reason", "matches"),
    [
        ("delivery.late", "delivery.late", True),
        ("delivery.late", "delivery.lateness", False),
        ("delivery.*", "delivery.late", True),
        ("delivery.*", "deliveryx.late", False),
        ("delivery.*", "delivery", False),
    ],
)
def test_a_reason_pattern_is_a_reason_or_its_group(pattern, reason, matches):
    assert matches_reason(pattern, reason) is matches


def test_a_limit_covers_its_remedies_and_reasons_alone():
    limit = a_limit(remedies=("credit",), reasons=("delivery.*",))

    assert limit.covers("credit", "delivery.late")
    assert not limit.covers("refund", "delivery.late")
    assert not limit.covers("credit", "billing.error")
    assert a_limit().covers("refund", "billing.error")


def test_the_ladder_gives_each_level_its_least_cap():
    credit_cap = a_limit(id="credit", remedies=("credit",), bounds={"trusted": Bound(2000)})
    limits = LimitSet(1, (a_limit(), credit_cap))

    assert ladder(limits, LEVELS, "credit", "x", "EUR") == (("new", 1500), ("trusted", 2000))
    assert ladder(limits, LEVELS, "refund", "x", "EUR") == (("new", 1500), ("trusted", 5000))
    assert ladder(limits, LEVELS, "refund", "x", "GBP") == (("new", None), ("trusted", None))


def test_usage_adds_and_subtracts_by_column():
    usage = Usage(1, 2, 3, 4, 5, 6)

    assert usage.plus(usage) == Usage(2, 4, 6, 8, 10, 12)
    assert usage.plus(usage).minus(usage) == usage
