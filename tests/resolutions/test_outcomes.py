"""What was heard of a case afterwards: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from policyservice.access.keys import Role
from policyservice.cases import outcomes
from policyservice.cases.outcomes import OutcomeKind, Score
from policyservice.db import tables
from policyservice.domain.errors import InvalidRequest, NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal.shown import texts
from policyservice.privacy.erase import erase
from policyservice.privacy.export import export
from policyservice.resolutions.outcomes import AHEAD, Receipt, Report, Taken, record
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym
from tests.fakes import NOON

ANSWER = {"kind": "satisfaction", "at": "2026-06-01T08:30:00Z", "case": "T-1", "score": 4, "lowest": 1, "highest": 5}
CONTACT = {"kind": "repeat_contact", "at": "2026-06-01T09:00:00Z", "case": "T-1"}
LEFT = {"kind": "churn", "at": "2026-06-01T09:00:00Z", "customer": "C-1", "left": True}


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


def tell(shop: Runtime, *fields: dict[str, object], source: str = "tool", actor=None) -> list[Receipt]:
    return record(shop, [Report(each, source) for each in fields], actor)


def of_case(shop: Runtime, case: str = "T-1") -> list[outcomes.Outcome]:
    with shop.db.reading() as conn:
        return outcomes.of_case(conn, pseudonym(shop, case, "case"))


def test_an_outcome_of_a_decided_case_is_kept_and_found_by_its_case(shop):
    decide(shop, a_key(shop), "k")

    (receipt,) = tell(shop, {**ANSWER, "at": "2026-06-01T09:00:00Z", "note": "quick", "channel": "email"})

    (kept,) = of_case(shop)
    assert receipt.taken is Taken.KEPT
    assert (kept.id, kept.kind, kept.at) == (receipt.outcome.id, OutcomeKind.SATISFACTION, NOON)
    assert (kept.score, kept.channel, kept.stands) == (Score(4, 1, 5), "email", True)
    assert kept.score is not None
    assert kept.score.share == 0.75


def test_an_outcome_of_a_case_that_is_not_known_is_tied_once_the_case_appears(shop):
    (receipt,) = tell(shop, CONTACT)
    assert receipt.taken is Taken.UNKNOWN
    with shop.db.reading() as conn:
        assert outcomes.counts(conn)[OutcomeKind.REPEAT_CONTACT] == outcomes.Counts(kept=1, tied=0, contradicting=0)

    decide(shop, a_key(shop), "k")

    assert [each.id for each in of_case(shop)] == [receipt.outcome.id]
    with shop.db.reading() as conn:
        assert outcomes.counts(conn)[OutcomeKind.REPEAT_CONTACT] == outcomes.Counts(kept=1, tied=1, contradicting=0)


def test_an_outcome_may_name_the_decision_or_the_customer_alone(shop):
    decision = decide(shop, a_key(shop), "k").decision_id

    by_decision, by_customer = tell(
        shop, {**CONTACT, "case": None, "decision": decision}, {**CONTACT, "case": None, "customer": "C-1"}
    )

    assert (by_decision.taken, by_customer.taken) == (Taken.KEPT, Taken.KEPT)
    assert [each.id for each in of_case(shop)] == [by_decision.outcome.id]
    with shop.db.reading() as conn:
        assert [each.id for each in outcomes.of_customer(conn, pseudonym(shop, "C-1"))] == [by_customer.outcome.id]


@pytest.mark.parametrize(("seconds", "taken"), [(0, Taken.KEPT), (1, Taken.LATE)])
def test_an_outcome_counts_until_its_days_are_over_included(shop, seconds: int, taken: Taken):
    decide(shop, a_key(shop), "k")
    shop.clock.advance(days=40)
    at = NOON + timedelta(days=30, seconds=seconds)

    (receipt,) = tell(shop, {**CONTACT, "at": at.isoformat()})

    assert receipt.taken is taken
    assert len(of_case(shop)) == 1


@pytest.mark.parametrize(("seconds", "is_taken"), [(0, True), (1, False)])
def test_an_outcome_may_lie_ahead_as_far_as_clocks_differ(shop, seconds: int, is_taken: bool):
    at = (NOON + AHEAD + timedelta(seconds=seconds)).isoformat()
    if is_taken:
        assert tell(shop, {**CONTACT, "at": at})
        return
    with pytest.raises(InvalidRequest) as refused:
        tell(shop, {**CONTACT, "at": at})
    assert [error.field for error in refused.value.errors] == ["at"]


def test_a_copy_is_told_as_a_duplicate_and_not_kept_twice(shop):
    first, second = tell(shop, ANSWER, {**ANSWER, "note": "told again"})

    (third,) = tell(shop, ANSWER)

    assert [second.taken, third.taken] == [Taken.DUPLICATE, Taken.DUPLICATE]
    assert {second.outcome.id, third.outcome.id} == {first.outcome.id}
    assert len(of_case(shop)) == 1
    (of_another,) = tell(shop, ANSWER, source="other")
    assert of_another.taken is not Taken.DUPLICATE


def test_of_two_answers_under_one_reference_both_are_kept_and_the_later_stands(shop):
    (first,) = tell(shop, {**ANSWER, "ref": "a-1"})
    (second,) = tell(shop, {**ANSWER, "ref": "a-1", "score": 1})
    (other,) = tell(shop, {**ANSWER, "ref": "a-2", "score": 2})

    assert (second.taken, second.outcome.contradicts) == (Taken.CONTRADICTS, first.outcome.id)
    assert other.outcome.contradicts is None
    stands = {each.id: each.stands for each in of_case(shop)}
    assert stands == {first.outcome.id: False, second.outcome.id: True, other.outcome.id: True}


def test_what_happened_later_stands_whichever_is_told_first(shop):
    (later,) = tell(shop, {**LEFT, "left": False})
    (earlier,) = tell(shop, {**LEFT, "at": "2026-05-01T09:00:00Z"})

    assert earlier.taken is Taken.CONTRADICTS
    with shop.db.reading() as conn:
        found = outcomes.of_customer(conn, pseudonym(shop, "C-1"))
    assert [(each.id, each.stands) for each in found] == [(earlier.outcome.id, False), (later.outcome.id, True)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"kind": "anger"}, ["kind"]),
        ({"kind": None}, ["kind"]),
        ({"at": None}, ["at"]),
        ({"at": "2026-06-01"}, ["at"]),
        ({"case": None}, ["case"]),
        ({"case": " T"}, ["case"]),
        ({"score": None, "lowest": None, "highest": None}, ["score"]),
        ({"score": "4"}, ["score"]),
        ({"score": True}, ["score"]),
        ({"score": 6}, ["score"]),
        ({"score": 0}, ["score"]),
        ({"lowest": 5}, ["highest"]),
        ({"highest": 1001}, ["highest"]),
        ({"left": True}, ["left"]),
        ({"kind": "churn", "lowest": None, "highest": None, "score": None}, ["left"]),
        ({"kind": "repeat_contact", "lowest": None, "highest": None}, ["score"]),
        ({"decision": "d" * 41}, ["decision"]),
        ({"source": "two words"}, ["source"]),
        ({"note": "n" * 2001}, ["note"]),
        ({"team": "web"}, ["team"]),
        ({"team": "web", "case": 7, "score": 1.5}, ["team", "case", "score"]),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_fields_and_nothing_is_kept(shop, changes, fields):
    with pytest.raises(InvalidRequest) as refused:
        tell(shop, {**ANSWER, **changes})

    assert sorted(error.field for error in refused.value.errors) == sorted(fields)
    assert of_case(shop) == []


def test_of_several_one_that_cannot_be_taken_keeps_all_from_being_kept(shop):
    with pytest.raises(InvalidRequest) as refused:
        tell(shop, ANSWER, {**ANSWER, "score": 9})

    assert [error.field for error in refused.value.errors] == ["1.score"]
    assert of_case(shop) == []


def test_no_reference_and_no_text_stands_in_the_records_and_an_erasure_takes_both(shop):
    decide(shop, a_key(shop), "k")
    tell(shop, {**ANSWER, "customer": "C-1", "ref": "planted-ref", "note": "planted note"})
    with shop.db.reading() as conn:
        kept = str(conn.execute(select(tables.outcome)).all())
        seals = set(conn.execute(select(tables.outcome.c.note)).scalars())
        assert set(texts(conn, seals).values()) == {"planted note"}
    assert not [word for word in ("T-1", "C-1", "planted") if word in kept]
    (exported,) = export(shop, PersonalKind.CUSTOMER, "C-1")["outcomes"]
    assert (exported["note"], exported["case"], exported["customer"]) == ("planted note", "T-1", "C-1")

    erase(shop, PersonalKind.CUSTOMER, "C-1", "ticket 9")

    with shop.db.reading() as conn:
        assert texts(conn, seals) == {}
    (exported,) = export(shop, PersonalKind.CUSTOMER, pseudonym(shop, "C-1"))["outcomes"]
    assert exported["note"] is None
    assert exported["case"] == pseudonym(shop, "T-1", "case")


def test_a_customer_heard_of_before_anything_was_decided_can_be_erased(shop):
    tell(shop, {**ANSWER, "customer": "C-9", "case": "T-9", "note": "planted note"})

    erased = erase(shop, PersonalKind.CUSTOMER, "C-9", "ticket 9")

    assert (erased.reference_count, erased.text_count) == (2, 1)


def test_a_bound_key_tells_of_what_its_own_have_dealt_with_and_of_nothing_else(shop):
    decide(shop, a_key(shop), "k")
    mine, others = (a_key(shop, Role.AGENT_UI, agents=(agent,)) for agent in ("maija", "liisa"))

    assert tell(shop, CONTACT, actor=mine)[0].taken is Taken.KEPT
    for fields in (CONTACT, {**CONTACT, "case": "T-none"}, {**CONTACT, "customer": "C-1"}):
        with pytest.raises(NotFound):
            tell(shop, {**fields, "at": "2026-06-01T08:59:00Z"}, actor=others)
    assert len(of_case(shop)) == 1


def test_what_is_told_is_counted_by_kind_and_by_what_became_of_it(shop):
    told: list[tuple[str, str]] = []
    shop.hooks.outcome_taken = lambda kind, taken: told.append((kind, taken))

    tell(shop, CONTACT, CONTACT, LEFT)

    assert told == [("repeat_contact", "unknown"), ("repeat_contact", "duplicate"), ("churn", "unknown")]
