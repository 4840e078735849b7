"""Which limits a request meets, by whose bound, and where a decision counts."""

from __future__ import annotations

from datetime import UTC, datetime

from policyservice.domain.limits import Bound, Grant, Scope, Usage, Window, WindowKind
from policyservice.ledger.algebra import bound_by, meet, shapes_of, specs_of, states, trust_level_by
from policyservice.ledger.meeting import Counting
from tests.ledger.factories import DAY, HELSINKI, HOUR, NOON, a_footprint, a_limit, limits_of


def ids_met(*limits, footprint=None, level=None, grants=()):
    met = meet(limits_of(*limits), footprint or a_footprint(), level, grants, HELSINKI)
    return [each.limit.id for each in met]


def a_grant(number=1, **given):
    values = {"agent": "maija", "starts_at": NOON, "ends_at": NOON + DAY, "reason": "storm", "author": "riitta"}
    return Grant(f"grant_{number}", made_at=NOON + number * HOUR, **{**values, **given})


def test_a_limit_of_another_currency_is_not_met():
    assert ids_met(a_limit(currency="GBP")) == []
    assert ids_met(a_limit(currency="EUR")) == ["agent-day"]


def test_a_request_without_the_scopes_subject_does_not_meet_the_limit():
    limit = a_limit("per-incident", Scope.INCIDENT)

    assert ids_met(limit) == []
    assert ids_met(limit, footprint=a_footprint(incident="power-cut")) == ["per-incident"]


def test_limits_of_other_remedies_are_met_too_and_say_which_they_are_for():
    met = meet(limits_of(a_limit(remedies=("gift",))), a_footprint(), None, (), HELSINKI)

    assert [state.remedies for state in states(met, {spec.key: Usage() for spec in specs_of(met)})] == [("gift",)]


def test_a_filter_leaves_other_reasons_out():
    assert ids_met(a_limit(reasons=("delivery.*",))) == ["agent-day"]
    assert ids_met(a_limit(reasons=("deliver.*", "delivery"))) == []


def test_a_trust_level_without_a_bound_is_not_bounded_but_still_counts():
    limit = a_limit(bounds={"new": Bound(100)})

    assert ids_met(limit, level="lead") == []
    assert ids_met(limit, level="new") == ["agent-day"]
    assert len(Counting([limit.shape], HELSINKI).counters(a_footprint())) == 1


def test_a_cap_per_decision_has_no_counter():
    (met,) = meet(limits_of(a_limit("cap", Scope.DECISION, WindowKind.ONCE)), a_footprint(), None, (), HELSINKI)

    assert met.spec is None
    assert states([met], {})[0].used == Usage()
    assert shapes_of([limits_of(a_limit("cap", Scope.DECISION, WindowKind.ONCE))]) == ()


def test_a_state_tells_what_was_used_until_when():
    met = meet(limits_of(a_limit(amount=5000)), a_footprint(), None, (), HELSINKI)
    (spec,) = specs_of(met)

    (state,) = states(met, {spec.key: Usage(goodwill_face=1200)})

    assert spec.key == "agent:maija|day:2026-11-18|EUR"
    assert (state.limit, state.subject, state.window) == ("agent-day", "maija", "day:2026-11-18")
    assert (state.bound, state.used.goodwill_face) == (Bound(5000), 1200)
    assert state.renews_at == datetime(2026, 11, 18, 22, tzinfo=UTC)


def test_one_meter_follows_requests_from_day_to_day():
    limits = limits_of(a_limit(), a_limit("rolling", window=WindowKind.ROLLING, days=7))
    days = [meet(limits, a_footprint(NOON + n * DAY), None, (), HELSINKI) for n in (0, 1, 0)]

    assert [met[0].spec.window_key for met in days] == ["day:2026-11-18", "day:2026-11-19", "day:2026-11-18"]
    assert {met[1].spec.key for met in days} == {"agent:maija|rolling:7|EUR"}


def test_the_grant_made_last_sets_the_bound_and_keeps_what_it_leaves_out():
    limit = a_limit(amount=100, count=3)
    first = a_grant(1, limit="agent-day", bound=Bound(900, 9))
    last = a_grant(2, limit="agent-day", bound=Bound(500))

    assert bound_by(limit, None, ()) == Bound(100, 3)
    assert bound_by(limit, None, (first,)) == Bound(900, 9)
    assert bound_by(limit, None, (last, first)) == Bound(500, 3)
    assert bound_by(a_limit("other", amount=100), None, (last, first)) == Bound(100)


def test_a_grant_can_bound_a_level_that_has_no_bound():
    limit = a_limit(bounds={"new": Bound(100)})

    assert bound_by(limit, "lead", (a_grant(limit="agent-day", bound=Bound(50)),)) == Bound(50)


def test_the_grant_made_last_sets_the_trust_level():
    grants = (a_grant(3, trust_level="lead"), a_grant(2, trust_level="expert"), a_grant(4, limit="x", bound=Bound(1)))

    assert trust_level_by("new", ()) == "new"
    assert trust_level_by("new", grants) == "lead"


def test_a_grant_does_not_linger_in_what_the_meter_remembers():
    limits = limits_of(a_limit(amount=100))
    grant = a_grant(limit="agent-day", bound=Bound(900))

    bounds = [
        meet(limits, a_footprint(), None, grants, HELSINKI)[0].bound.amount_minor for grants in ((), (grant,), ())
    ]

    assert bounds == [100, 900, 100]


def test_limits_of_one_shape_are_kept_once():
    kept = shapes_of([limits_of(a_limit("a"), a_limit("b", amount=1)), limits_of(a_limit("c", remedies=("x",)))])

    assert [(shape.window, shape.remedies) for shape in kept] == [
        (Window(WindowKind.DAY), ()),
        (Window(WindowKind.DAY), ("x",)),
    ]
