"""Cases are linked to incidents: by hand, by a decision that names it, by its rule; 500 in ten minutes."""

from __future__ import annotations

from time import monotonic, sleep

import pytest
from sqlalchemy import func, select

from policyservice.cases import incident_cases
from policyservice.cases.escalation_events import EventKind
from policyservice.cases.escalations import EscalationStatus, Result
from policyservice.cases.incident_cases import How
from policyservice.db import tables
from policyservice.decisions import publishing
from policyservice.domain.errors import InvalidRequest, NotFound
from policyservice.resolutions.linking import link_new
from policyservice.resolutions.messages import tell_of_changes
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, pseudonym, sources
from tests.resolutions.desk import announced, escalated, history, read
from tests.resolutions.incident import confirmed, link_all, linked, opened, rolled_out, step
from tests.resolutions.incident import read as told


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop):
    return a_key(shop)


def links(shop: Runtime, incident_id: str) -> dict[str, How]:
    """Plain case -> how it was linked."""
    with shop.db.reading() as conn:
        found = incident_cases.page(conn, incident_id)
    return {case: link.how for link in found for case in CASES if pseudonym(shop, case, "case") == link.case}


CASES = tuple(f"T-{number}" for number in range(1, 10))


def open_escalations(shop: Runtime) -> int:
    table = tables.escalation
    with shop.db.reading() as conn:
        query = select(func.count()).select_from(table).where(table.c.status == "open")
        return conn.execute(query).scalar_one()


def test_a_rule_links_what_is_there_already_and_what_comes(shop, key):
    decide(shop, key, "before", case="T-1", facts={"order.days_late": 2})  # not late enough
    began = shop.clock.now()
    decide(shop, key, "at the edge", case="T-2", order="O-2", facts={"order.days_late": 3})
    incident_id = opened(shop, key, began_at=began.isoformat())
    decide(shop, key, "after", case="T-3", order="O-3", facts={"order.days_late": 9})
    decide(shop, key, "another", case="T-4", order="O-4", reason="delivery.missing", facts={})
    link_all(shop)

    assert links(shop, incident_id) == {"T-2": How.RULE, "T-3": How.RULE}
    assert link_new(shop) == 0


def test_a_rule_holds_from_when_it_began_before_it_ended(shop, key):
    decide(shop, key, "too early", case="T-1")
    shop.clock.advance(hours=1)
    began = shop.clock.now().isoformat()
    shop.clock.advance(hours=1)
    until = shop.clock.now().isoformat()
    incident_id = opened(shop, key, began_at=began, rule_until=until)
    decide(shop, key, "too late", case="T-2", order="O-2")
    link_all(shop)
    assert links(shop, incident_id) == {}


def test_what_is_not_known_links_nothing(shop, key):
    incident_id = opened(shop, key, rule="{order.paid: {at_most: 500.00}}")
    decide(shop, key, "unknown", case="T-1")
    decide(shop, key, "known", case="T-2", order="O-2", facts={"order.days_late": 4, "order.paid": "9.00"})
    link_all(shop)
    assert links(shop, incident_id) == {"T-2": How.RULE}


def test_facts_in_words_are_compared_as_they_were_stated(shop, key):
    incident_id = opened(shop, key, rule="{note.words: Pasila}")
    for number, words in ((1, "Pasila"), (2, "Kallio")):
        facts = {"order.days_late": 4, "note.words": words}
        decide(shop, key, words, case=f"T-{number}", order=f"O-{number}", facts=facts)
    link_all(shop)
    assert links(shop, incident_id) == {"T-1": How.RULE}


def test_a_decision_that_names_the_incident_is_linked(shop, key):
    incident_id = opened(shop, key, rule=...)
    decide(shop, key, "named", case="T-1", incident=incident_id)
    decide(shop, key, "not", case="T-2", order="O-2")
    link_all(shop)
    assert links(shop, incident_id) == {"T-1": How.REFERENCE}


def test_a_rule_that_the_rulebook_no_longer_understands_links_nothing_and_keeps_no_other_from_it(shop, key, caplog):
    stale = opened(shop, key, rule="{note.words: Pasila}")
    other = opened(shop, key)
    vocabulary = sources()["shop"]["vocabulary.yaml"].replace(
        "  note.words: {type: text, title: {en: Words, fi: Sanat}}\n", ""
    )
    with shop.db.transaction() as conn:
        changed = sources(vocabulary=vocabulary)
        publishing.publish(conn, changed, author="t", because="b", now=shop.clock.now())
    decide(shop, key, "k", case="T-1")
    link_new(shop)
    assert (links(shop, stale), links(shop, other)) == ({}, {"T-1": How.RULE})
    assert f"rule of incident {stale} not read" in caplog.text


def test_a_report_by_hand_is_linked_once_whoever_reports_it(shop, key):
    incident_id = opened(shop, key)
    first = linked(shop, key, incident_id, "T-1", under="k", customer="C-1")
    again = linked(shop, key, incident_id, "T-1", under="k", customer="C-1")
    linked(shop, key, incident_id, "T-1", agent="teppo")
    assert (again.replayed, again.body, told(shop, incident_id).counts.cases) == (True, first.body, 1)
    assert len(announced(shop)) == 1


@pytest.mark.parametrize(
    ("fields", "named"), [({"case": ""}, "case"), ({"channel": None}, "channel"), ({"customer": 5}, "customer")]
)
def test_a_report_that_cannot_be_taken_names_its_field(sqlite_db, fields, named):
    shop = a_shop(sqlite_db)
    key = a_key(shop)
    given = {"case": "T-1", **fields}
    with pytest.raises(InvalidRequest) as caught:
        linked(shop, key, opened(shop, key), **given)
    assert [error.field for error in caught.value.errors] == [named]
    with pytest.raises(NotFound):
        linked(shop, key, "inc_none", "T-1")


def test_what_others_decided_in_a_case_stays_as_it_is_for_a_key_that_is_bound(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key, rule=...)
    linked(shop, a_key(shop, teams=("phone",)), incident_id, "T-1", agent="liisa")
    assert read(shop, escalation_id).status is EscalationStatus.OPEN
    linked(shop, a_key(shop, teams=("web",)), incident_id, "T-1")
    assert read(shop, escalation_id).result is Result.INCIDENT


def test_an_incident_that_was_none_gives_its_escalations_back(shop, key):
    escalation_id = escalated(shop, key)
    incident_id = opened(shop, key)
    link_all(shop)
    assert (read(shop, escalation_id).result, open_escalations(shop)) == (Result.INCIDENT, 0)

    shop.clock.advance(hours=5)
    step(shop, key, "transition", incident_id, to="dismissed")
    back = read(shop, escalation_id)
    assert (back.status, back.rises_at) == (EscalationStatus.OPEN, shop.clock.now())
    assert [event.kind for event in history(shop, key, escalation_id).events] == [EventKind.INCIDENT, EventKind.REOPEN]
    assert "escalation.reopened" in [kind for kind, _, _ in announced(shop)]


def test_whoever_asks_for_more_after_the_roll_out_gets_an_answer_of_their_own(shop, key):
    incident_id = confirmed(shop, key)
    escalated(shop, key)
    link_all(shop)
    rolled_out(shop, key, incident_id)
    more = escalated(shop, key, remedy="gift", amount="9.00")
    link_all(shop)
    assert read(shop, more).status is EscalationStatus.OPEN


@pytest.mark.parametrize("reports", [100, pytest.param(500, marks=pytest.mark.long)])
def test_hundreds_of_reports_in_ten_minutes_are_one_incident_and_no_escalation(shop, key, reports):
    for number in range(reports // 2):
        report(shop, key, number, of=reports)
    incident_id = opened(shop, key, began_at=shop.clock.now().replace(hour=8).isoformat())
    for number in range(reports // 2, reports):
        report(shop, key, number, of=reports)
    assert open_escalations(shop) == reports
    link_all(shop)
    assert (open_escalations(shop), told(shop, incident_id).counts.cases) == (0, reports)

    step(shop, key, "transition", incident_id, to="confirmed")
    tell_of_changes(shop)
    budget = {"remedy": "credit", "amount": "5.00", "currency": "EUR", "budget": f"{reports * 5}.00"}
    step(shop, key, "set_remedy", incident_id, **budget)
    shop.clock.advance(seconds=3)
    done = rolled_out(shop, key, incident_id)
    assert (done.given, done.counts.left) == (reports, 0)

    events = [kind for kind, _, _ in announced(shop)]
    assert events.count("incident.message") == 2 * reports  # one when it was linked, one when it was confirmed
    assert events.count("incident.remedy_given") == reports
    assert open_escalations(shop) == 0


def report(shop: Runtime, key, number: int, *, of: int) -> None:
    """The report of one of so many customers within ten minutes, who asks for more than the agent may give."""
    mine = {"case": f"R-{number}", "customer": f"C-{number}", "order": f"O-{number}", "amount": "40.00"}
    decide(shop, key, f"report {number}", **mine)
    shop.clock.advance(seconds=600 / of)


def test_they_are_linked_and_told_by_themselves_while_the_service_runs(any_db):
    shop = a_shop(any_db, sweep_seconds=0)
    key = a_key(shop)
    incident_id = opened(shop, key)
    decide(shop, key, "k", case="T-1")
    shop.start_sweeper()
    deadline = monotonic() + 20
    while not announced(shop) and monotonic() < deadline:
        sleep(0.02)
    shop.close()
    assert links(shop, incident_id) == {"T-1": How.RULE}
    assert [kind for kind, _, _ in announced(shop)] == ["incident.message"]
