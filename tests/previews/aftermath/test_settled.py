"""Requests become cases, and what a colleague finds out about them; by the rules that come with the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView
from policyservice.domain.vocabulary import AgentKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.previews.aftermath.found_out import found_out
from policyservice.previews.aftermath.moving import HistoryClock, moved
from policyservice.previews.aftermath.settled import before_of
from policyservice.previews.backtest.history import Asked
from policyservice.rulebook.load import load_folders

_RULES = Path(__file__).resolve().parents[3] / "rules"
_NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
RETURNED = Request("product.returned", "refund", "EUR", 1250, order="O-1", facts={"customer.tier": "loyal"})


@pytest.fixture(scope="module")
def goodwill() -> CompiledRulebook:
    book = load_folders((_RULES / "goodwill",))
    return CompiledRulebook(book, CostModel(book.costs, 0))


@pytest.mark.parametrize(("facts", "loss"), [({}, 12.5), ({"order.paid": 990}, 9.9)])
def test_what_was_paid_is_at_stake_and_where_it_is_not_known_what_is_asked(goodwill, facts, loss):
    request = Request(
        "product.returned", "refund", "EUR", 1250, channel="chat", facts={"customer.tier": "loyal", **facts}
    )

    found = before_of(request, goodwill, at_once=False, queue="lead")

    assert (found.loss, found.tier, found.channel, found.queue) == (loss, "loyal", "chat", "lead")


def test_a_membership_is_a_tier_and_without_either_there_is_none(goodwill):
    member = Request("complaint.flight_delayed", "credit", "USD", 5000, facts={"customer.membership": "gold"})

    assert before_of(member, goodwill, at_once=True, queue=None).tier == "gold"
    assert before_of(Request("delivery.late", "credit", "EUR", 1), goodwill, at_once=True, queue=None).tier == ""


def test_what_is_found_out_about_a_piece_that_came_back_is_what_was_paid_and_when(goodwill):
    assert found_out(RETURNED, goodwill.rulebook) == {
        "order.paid": "12.50",
        "order.days_since_delivery": 10,
        "order.returned": True,
    }


def test_of_other_reasons_and_of_facts_that_the_rules_do_not_know_nothing_is_found_out(goodwill):
    assert found_out(Request("delivery.late", "credit", "EUR", 1), goodwill.rulebook) == {}
    assert found_out(Request("cancel.airline_cancelled", "refund", "EUR", 1), goodwill.rulebook) == {}


def test_a_moved_history_moves_its_dates_and_keeps_its_sums(goodwill):
    agent = AgentView("maija", "web", AgentKind.HUMAN, "new")
    day = _NOON.toordinal()
    request = Request(
        "product.returned",
        "refund",
        "GBP",
        1250,
        order="O-1",
        facts={"order.date": day, "order.days_since_delivery": 7},
    )

    (found,) = moved([Asked(_NOON, agent, request)], timedelta(days=14), goodwill.rulebook, "EUR")

    assert found.at == _NOON + timedelta(days=14)
    assert found.request.facts == {"order.date": day + 14, "order.days_since_delivery": 7}
    assert (found.request.currency, found.request.amount_minor) == ("EUR", 1250)
    assert (found.request.case, found.request.channel) == ("O-1", "phone")


def test_the_clock_of_a_history_never_goes_back():
    clock = HistoryClock(_NOON)
    clock.move_to(_NOON - timedelta(hours=1))
    assert clock.now() == _NOON
    clock.move_to(_NOON + timedelta(hours=1))
    assert clock.now() == _NOON + timedelta(hours=1)
