from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from policyservice.db import tables
from policyservice.decisions import cost_versions, publishing
from policyservice.decisions.policy import policy_in_force
from policyservice.domain.errors import FieldProblem, NoRulebookInForce, RulebookRefused
from policyservice.domain.limits import Bound
from policyservice.limits import versions
from policyservice.limits.change import with_bound
from policyservice.rulebook.model import CostSet, CostValue
from tests.decisions.factories import LIMITS, PACK, RULES, TESTS, a_rulebook, sources
from tests.fakes import NOON

LATER = NOON + timedelta(days=1)


def publish(db, now=NOON, effective_from=None, **files: str) -> publishing.Published:
    with db.transaction() as conn:
        return publishing.publish(
            conn, sources(**files), author="liisa", because="spring", now=now, effective_from=effective_from
        )


def in_force(db, at=NOON):
    with db.reading() as conn:
        return policy_in_force(conn, at)


def turn(db, target: str, value: str) -> None:
    with db.transaction() as conn:
        turned = with_bound(versions.in_force(conn, NOON), target, value)
        versions.publish(conn, turned, effective_from=NOON, author="liisa", because="storm", now=NOON)


def test_the_first_rulebook_brings_its_limits_and_costs_as_version_1(any_db):
    published = publish(any_db)

    assert published == publishing.Published(a_rulebook().digest, 1, 1, NOON, True, True)
    policy = in_force(any_db)
    assert (policy.rules, policy.limits.version, policy.costs) == (published.digest, 1, 1)
    assert policy.limits.limits == a_rulebook().opening_limits.limits


def test_nothing_is_in_force_before_the_first_rulebook(any_db):
    publish(any_db, effective_from=LATER)

    with pytest.raises(NoRulebookInForce):
        in_force(any_db, LATER - timedelta(microseconds=1))
    assert in_force(any_db, LATER).costs == 1


def test_publishing_the_same_again_changes_nothing_but_the_history(any_db):
    first = publish(any_db)
    again = publish(any_db, now=LATER)

    assert (again.digest, again.limits, again.costs) == (first.digest, 1, 1)
    assert (again.limits_changed, again.costs_changed) == (False, False)
    with any_db.reading() as conn:
        count = select(func.count()).select_from
        assert conn.execute(count(tables.publication)).scalar_one() == 2
        assert conn.execute(count(tables.rulebook)).scalar_one() == 1


def test_a_rulebook_published_for_later_leaves_the_one_before_in_force_until_then(any_db):
    first = publish(any_db)
    second = publish(any_db, effective_from=LATER, rules=RULES.replace("up_to: 5.00", "up_to: 6.00"))

    assert in_force(any_db, LATER - timedelta(seconds=1)).rules == first.digest
    assert in_force(any_db, LATER).rules == second.digest


def test_of_two_rulebooks_from_the_same_instant_the_one_published_last_is_in_force(any_db):
    publish(any_db, effective_from=LATER)
    second = publish(any_db, effective_from=LATER, rules=RULES.replace("up_to: 5.00", "up_to: 6.00"))

    assert in_force(any_db, LATER).rules == second.digest


def test_the_past_cannot_be_changed(sqlite_db):
    publish(sqlite_db)
    with pytest.raises(FieldProblem, match="effective_from"):
        publish(sqlite_db, effective_from=NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"rules": "rules: 5"}, "shop/rules/shop.yaml:1"),
        ({"tests": TESTS.replace("allow", "deny")}, "what was paid comes back"),
    ],
)
def test_a_bad_rulebook_never_replaces_a_good_one(any_db, files, says):
    good = publish(any_db)

    with pytest.raises(RulebookRefused, match=says):
        publish(any_db, now=LATER, **files)
    assert in_force(any_db, LATER).rules == good.digest


def test_a_turned_limit_stays_turned_when_rules_are_published(any_db):
    publish(any_db)
    turn(any_db, "agent-day.new", "75.00")
    published = publish(any_db, rules=RULES.replace("up_to: 5.00", "up_to: 6.00"))

    assert (published.limits, published.limits_changed) == (2, False)


def test_a_new_limit_is_added_one_that_is_gone_is_removed_and_turned_ones_stay(any_db):
    publish(any_db)
    turn(any_db, "agent-day.new", "75.00")
    added = LIMITS.replace("id: credit-times", "id: order-times").replace(
        "customer\n    window: rolling\n    days: 365", "order\n    window: once"
    )
    published = publish(any_db, limits=added)

    limits = in_force(any_db).limits
    assert (published.limits, published.limits_changed) == (3, True)
    assert [limit.id for limit in limits.limits] == ["per-decision", "agent-day", "order-times"]
    agent_day = limits.by_id("agent-day")
    assert agent_day is not None
    assert agent_day.bounds["new"] == Bound(7500, None)


def test_a_limit_that_measures_something_else_opens_anew(sqlite_db):
    publish(sqlite_db)
    turn(sqlite_db, "agent-day.new", "75.00")
    publish(sqlite_db, limits=LIMITS.replace("window: day", "window: week"))

    agent_day = in_force(sqlite_db).limits.by_id("agent-day")
    assert agent_day is not None
    assert agent_day.bounds["new"] == Bound(5000, None)


def test_a_turned_bound_moves_to_the_nearer_guard_rail(sqlite_db):
    publish(sqlite_db)
    turn(sqlite_db, "agent-day.new", "75.00")
    publish(
        sqlite_db,
        limits=LIMITS.replace("highest: 1000.00", "highest: 60.00").replace(
            "200.00, lead: 1000.00", "60.00, lead: 60.00"
        ),
    )

    agent_day = in_force(sqlite_db).limits.by_id("agent-day")
    assert agent_day is not None
    assert [agent_day.bounds[level] for level in ("new", "trusted")] == [Bound(6000), Bound(6000)]


def test_a_trust_level_that_is_new_is_bounded_as_the_rules_say():
    book = a_rulebook()
    opening = book.opening_limits
    before = replace(
        opening,
        limits=tuple(
            replace(limit, bounds={k: v for k, v in limit.bounds.items() if k != "lead"}) for limit in opening.limits
        ),
    )

    assert publishing.merged(book, before) == opening.limits


def test_changed_cost_parameters_are_a_new_version(any_db):
    publish(any_db)
    costs = "costs:\n  - parameters:\n      V: {value: 90, low: 20, high: 200, source: own figure}\n"
    published = publish(any_db, now=LATER, costs=costs)

    assert (published.costs, published.costs_changed) == (2, True)
    assert (in_force(any_db).costs, in_force(any_db, LATER).costs) == (1, 2)
    assert publish(any_db, now=LATER, costs=costs).costs == 2


def test_packs_are_published_together(sqlite_db):
    other = {
        "other": {
            "pack.yaml": PACK.replace("pack: shop", "pack: other"),
            "catalogue.yaml": "remedies:\n  voucher: {kind: credit, title: {en: V, fi: V}}\n"
            "reasons:\n  other.reason: {title: {en: O, fi: O}}\n",
        }
    }
    with sqlite_db.transaction() as conn:
        published = publishing.publish(conn, {**sources(), **other}, author="a", because="b", now=NOON)

    assert published.digest != a_rulebook().digest


def test_what_was_measured_and_accepted_stays_when_rules_or_their_costs_change(any_db):
    publish(any_db)
    measured = CostSet({"q": CostValue(*[Fraction(1, 2)] * 3, "measured on 240 cases")}, measured=True)
    with any_db.transaction() as conn:
        cost_versions.publish(conn, (measured,), effective_from=NOON, author="liisa", because="measured", now=NOON)
    costs = "costs:\n  - parameters:\n      V: {value: 90, low: 20, high: 200, source: own figure}\n"

    again = publish(any_db)
    changed = publish(any_db, now=LATER, costs=costs)

    assert (again.costs, again.costs_changed) == (2, False)
    assert (changed.costs, changed.costs_changed) == (3, True)
    with any_db.reading() as conn:
        stated, kept = cost_versions.read(conn, 3)
    assert (set(stated.values), kept) == ({"V"}, measured)
