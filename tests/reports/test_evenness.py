"""Evenness finds planted unevenness, and finds nothing where there is none about as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from policyservice.access.keys import Role
from policyservice.reports.asked import Wanted
from policyservice.reports.evenness import LEAST, Answered, Like, Who, band_bounds, compare, evenness
from tests.decisions.factories import a_key, pseudonym
from tests.reports.factories import JUNE, Shop


def simulated(seed: int, *, agents: int = 12, cases: int = 40, mean: bool = False, reasons: int = 4) -> list[Answered]:
    """Like cases answered at random by agents of three teams; `mean`: agent 0 gives less for reason 0."""
    random = np.random.default_rng(seed)
    answers = []
    for number in range(agents * cases):
        agent, reason = int(random.integers(agents)), int(random.integers(reasons))
        amount = int(random.choice([0, 500, 500, 700, 1000, 1500]))
        if mean and agent == 0 and reason == 0:
            amount = int(random.choice([0, 0, 0, 500]))
        like = Like(f"r{reason}", "EUR", int(random.integers(2)) if not mean else 0, "")
        answers.append(Answered(like, f"dec_{number}", f"a{agent}", f"t{agent % 3}", f"c{number}", amount))
    return answers


def test_an_agent_who_gives_less_for_like_cases_is_found_and_comes_first():
    firsts = 0
    for seed in range(10):
        first = compare(simulated(seed, mean=True, cases=120)).groups[0]
        if first.is_uneven and (first.who, first.name, first.like.reason) == (Who.AGENT, "a0", "r0"):
            firsts += 1
            assert first.higher < 0.5
            assert first.mean_minor < first.others_mean_minor
    assert firsts >= 9


@pytest.mark.parametrize("seeds", [40, pytest.param(400, marks=pytest.mark.long)])
def test_where_there_is_no_unevenness_anything_at_all_is_named_in_at_most_one_of_twenty(seeds):
    named = sum(compare(simulated(seed)).uneven > 0 for seed in range(seeds))

    assert named <= seeds * 0.05 + 3 * (seeds * 0.05 * 0.95) ** 0.5


def test_at_most_ten_are_shown_the_most_uneven_first_each_with_its_cases():
    report = compare(simulated(1))

    assert len(report.groups) == 10
    assert report.compared > 10
    assert [group.p for group in report.groups] == sorted(group.p for group in report.groups)
    for group in report.groups:
        assert {case.like for case in group.cases} == {group.like}
        assert len({case.agent if group.who is Who.AGENT else case.team for case in group.cases}) == 1


def test_a_group_that_is_too_small_is_not_compared():
    like = Like("r", "EUR", 0, "")

    def answers(mine: int, others: int) -> list[Answered]:
        names = ["a"] * mine + ["b"] * (others // 2) + ["c"] * (others - others // 2)
        return [Answered(like, f"d{n}", name, "", f"c{n}", n) for n, name in enumerate(names)]

    assert {group.name for group in compare(answers(LEAST, LEAST)).groups} == {"a"}
    assert compare(answers(LEAST - 1, LEAST)).groups == ()
    assert compare(answers(LEAST, LEAST - 1)).groups == ()


def test_of_two_agents_the_comparison_is_made_once():
    like = Like("r", "EUR", 0, "")
    answers = [Answered(like, f"d{n}", "ab"[n % 2], "", f"c{n}", n) for n in range(20)]

    assert [group.name for group in compare(answers).groups] == ["a"]


def test_bands_reach_from_nothing_to_any_loss():
    assert band_bounds(0) == (0.0, 10.0)
    assert band_bounds(1) == (10.0, 20.0)
    assert band_bounds(6) == (500.0, None)


def test_decisions_are_read_with_their_loss_band_and_what_was_allowed_on_the_spot(shop: Shop):
    for number in range(6):
        shop.ask(agent="maija", amount="7.00")
        shop.ask(agent="teppo", amount=f"{9 + number % 1}.00")
    escalated = shop.ask(agent="maija", amount="90.00")
    shop.resolve(escalated, "granted")
    with shop.runtime.db.reading() as conn:
        report = evenness(conn, shop.runtime, Wanted(JUNE))

    (group,) = report.groups
    assert (group.like, group.who) == (Like("delivery.late", "EUR", 0, ""), Who.AGENT)
    assert {group.mean_minor, group.others_mean_minor} == {700, 900}
    assert group.is_uneven
    assert {case.agent for case in group.cases} <= {
        pseudonym(shop.runtime, name, "agent") for name in ("maija", "teppo")
    }

    phone = a_key(shop.runtime, Role.MANAGER, teams=("phone",))
    with shop.runtime.db.reading() as conn:
        assert evenness(conn, shop.runtime, Wanted(JUNE), phone).groups == ()
