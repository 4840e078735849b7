"""The packs of published policies: they check, their tests hold, both evaluators agree, the command answers."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from policyservice.assurance.coverage.measure import measure
from policyservice.assurance.handbook.page import Stamp
from policyservice.assurance.handbook.page import page as handbook
from policyservice.assurance.policy_tests import as_request, run
from policyservice.engine.checked import CheckedMatcher
from policyservice.engine.evaluator import compile_rules
from policyservice.engine.matcher import DurableMatcher
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.model import EffectKind
from tests.cli import support
from tests.rules.airline_by_hand import TURNS_ON as AIRLINE_TOPICS
from tests.rules.asking import RULES, case_line
from tests.rules.store_by_hand import TURNS_ON as STORE_FLOWS

PACKS = ("airline", "store")
SHIPPED = sorted(file.parent.name for file in RULES.glob("*/pack.yaml"))


@pytest.fixture(scope="module", params=PACKS)
def book(request):
    return load_folders([RULES / request.param])


def test_every_policy_test_holds(book):
    assert run(book) == []
    assert len(book.tests) > 400


def test_every_rule_fires_in_a_policy_test_and_is_silent_the_day_before_it_is_in_force(book):
    fired = {str(rule) for test in book.tests for rule in test.expect.get("fired", ())}
    first_day = min(rule.in_force.start for rule in book.rules)

    assert fired == {rule.id for rule in book.rules}
    assert any(test.as_of < first_day and test.expect["fired"] == [] for test in book.tests)


def test_every_rule_names_its_sentence(book):
    assert [rule.id for rule in book.rules if not rule.reference] == []


def test_both_evaluators_name_the_same_rules_in_every_policy_test(book):
    checked = CheckedMatcher(compile_rules(book), DurableMatcher(book))
    try:
        for test in book.tests:
            request = as_request(test)
            given = {**request.facts, "reason": request.reason}
            assert checked.evaluate(given, test.as_of.toordinal(), test.currency).fault is None, test.name
    finally:
        checked.close()


@pytest.mark.parametrize("pack", SHIPPED)
def test_the_policy_tests_of_a_shipped_pack_exercise_all_of_it(pack):
    found = measure(load_folders([RULES / pack]))

    assert [f"{point.place}: {point.what}" for point in found.points() if not point.met] == []
    assert found.share().of > 0


@pytest.mark.parametrize("pack", SHIPPED)
def test_a_shipped_pack_says_why_in_every_language(pack):
    assert [rule.id for rule in load_folders([RULES / pack]).rules if isinstance(rule.because, str)] == []


@pytest.mark.parametrize("pack", SHIPPED)
def test_the_handbook_says_in_words_how_certain_a_reference_is_and_that_it_is_in_english(pack):
    book = load_folders([RULES / pack])

    text = handbook(book, book.opening_limits, date(2026, 11, 27), Stamp())

    assert not re.search("certainty [ABC]", text)
    assert text.count('<bdi lang="en">') == text.count("(englanniksi)") == text.count("Perustuu: ") > 0


def test_nothing_bounds_an_answer_but_the_policy_itself(book):
    assert book.opening_limits.limits == ()
    assert all(pack.verify_above_minor is None and pack.stretch is None for pack in book.packs)


def test_the_readings_by_hand_know_every_reason():
    airline, store = (load_folders([RULES / name]) for name in PACKS)

    assert {reason.partition(".")[0] for reason in airline.reasons} == set(AIRLINE_TOPICS)
    assert set(store.reasons) == set(STORE_FLOWS)


def test_everything_that_is_given_says_what_the_customer_may_be_told(book):
    giving = (EffectKind.ENTITLE, EffectKind.PERMIT, EffectKind.FORBID)

    assert [r.id for r in book.rules if any(e.kind in giving for e in r.then) and r.say is None] == []


@pytest.mark.parametrize("level", [None, "new", "lead"])
def test_the_command_answers_questions_to_both_packs(level):
    agent = {} if level is None else {"agent": {"trust_level": level}}
    flight = {
        "reason": "complaint.flight_delayed",
        "customer.membership": "silver",
        "customer.asked_for_compensation": True,
        "booking.flight_status": "delayed",
        "booking.changed_or_cancelled": True,
        "booking.passengers": 3,
    }
    fee = {"reason": "manage_upgrade", "customer.member_level": "gold", "order.shipping_status": "order_received"}
    asked = [
        ("airline", flight, "credit", 150_00, ("allow", "150.00", "goodwill")),
        ("airline", {**flight, "booking.changed_or_cancelled": False}, "credit", None, ("deny", None, "policy")),
        ("store", fee, "waiver", None, ("allow", "20.00", "policy")),
        ("store", {**fee, "customer.member_level": "silver"}, "waiver", None, ("deny", None, "policy")),
    ]
    for pack, facts, remedy, amount, expected in asked:
        line = {**json.loads(case_line("a", facts, remedy, amount)), **agent, "as_of": "2024-05-15"}

        result = support.run("evaluate", "--rules", str(RULES / pack), given=json.dumps(line) + "\n")

        answer = json.loads(result.stdout)
        assert (result.exit_code, answer["outcome"], answer["amount"], answer["basis"]) == (0, *expected)
