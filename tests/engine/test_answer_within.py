"""By when an escalation is due: by its reason and its sum."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyservice.engine.beyond import answer_minutes
from policyservice.engine.compiled import CompiledRulebook
from tests.engine.books import CATALOGUE, a_book, a_request, a_rule

STEPS = "answer_within_by_amount: [{at_least: 100.00, minutes: 60}, {at_least: 500.00, minutes: 15}]\n"


def book(pack: str = "", reason: str = "") -> CompiledRulebook:
    late = "late: {title: {en: Late, fi: Myöhässä}"
    catalogue = CATALOGUE.replace(late, f"{late}, {reason}" if reason else late)
    permit = a_rule("permit", "{reason: late}", "[{permit: {remedy: credit, up_to: 50.00}}]")
    return a_book(permit, pack=pack, catalogue=catalogue)


@pytest.mark.parametrize(
    ("amount", "minutes"), [(9999, 240), (10000, 60), (49999, 60), (50000, 15), (10**12, 15), (None, 240)]
)
def test_a_step_holds_from_its_sum_on(amount, minutes):
    ready = book(f"answer_within_minutes: 240\n{STEPS}")
    assert answer_minutes(ready, a_request(amount=amount)) == minutes


def test_what_the_reason_says_goes_before_what_its_pack_says():
    ready = book(STEPS, "answer_within_minutes: 90")
    assert answer_minutes(ready, a_request(amount=60000)) == 90
    ready = book(STEPS, "answer_within_by_amount: [{at_least: 200.00, minutes: 5}]")
    assert [answer_minutes(ready, a_request(amount=minor)) for minor in (19999, 20000)] == [60, 5]


def test_a_sum_in_another_currency_is_not_compared():
    assert answer_minutes(book(STEPS), replace(a_request(amount=60000), currency="SEK")) == 1440
