from __future__ import annotations

import json

from policyservice.domain.pseudonyms import PersonalKind
from policyservice.privacy.erase import erase
from policyservice.privacy.export import export
from policyservice.reports.measures import Told, record
from tests.decisions.factories import pseudonym
from tests.fakes import NOON
from tests.privacy.planted import AGENT, CUSTOMER, NAME, REFERENCES, TEXTS, asked, deal
from tests.resolutions.desk import escalated, step
from tests.resolutions.incident import linked, opened, unlinked


def test_everything_about_a_customer_is_there_and_nothing_of_the_agents(shop, key):
    dealings = deal(shop, key)
    asked(shop, key, 70, customer="Somebody-Else", case="Elsewhere", order="Elsewhere")
    document = export(shop, PersonalKind.CUSTOMER, CUSTOMER)

    text = json.dumps(document)
    assert [word for word in (*REFERENCES, *TEXTS[:5], *TEXTS[6:]) if word not in text] == []
    assert [word for word in (AGENT, NAME, "liisa", "Somebody-Else", "Elsewhere") if word in text] == []
    assert document["person"] == {
        "kind": "customer",
        "pseudonym": pseudonym(shop, CUSTOMER),
        "reference": CUSTOMER,
    }
    ids = [each["id"] for each in document["decisions"]]
    assert len(ids) == 5  # those in the customer's order that name nobody, too
    assert {dealings.given, dealings.voided, dealings.escalated, dealings.granted} <= set(ids)
    given = document["decisions"][0]
    assert given["reservation"] == {
        "status": "committed",
        "standing_minor": 600,
        "currency": "EUR",
        "expires_at": None,
    }
    assert [entry["kind"] for entry in given["entries"]] == ["hold", "commit", "reverse"]
    assert given["answer"]["outcome"] == "allow"
    escalated = next(each for each in document["decisions"] if each["id"] == dealings.escalated)
    assert (escalated["escalation"]["result"], escalated["escalation"]["note"]) == ("granted", TEXTS[4])


def test_everything_about_an_agent_is_there_and_nothing_of_the_customers(shop, key):
    deal(shop, key)
    document = export(shop, PersonalKind.AGENT, AGENT)

    text = json.dumps(document)
    assert [word for word in (AGENT, NAME, TEXTS[0], TEXTS[5]) if word not in text] == []
    assert [word for word in (*REFERENCES, "liisa") if word in text] == []
    assert document["register"]["name"] == NAME
    assert [grant["reason"] for grant in document["grants"]] == [TEXTS[5]]
    assert len(document["decisions"]) == 4


def test_what_an_agent_resolved_is_in_the_agents_document(shop, key):
    dealings = deal(shop, key)
    document = export(shop, PersonalKind.AGENT, "liisa")

    assert [one["decision_id"] for one in document["resolved"]] == [dealings.escalated]
    assert [one["id"] for one in document["decisions"]] == [dealings.granted]


def test_what_is_left_after_an_erasure_is_pseudonymous_and_says_so(shop, key):
    deal(shop, key)
    erase(shop, PersonalKind.CUSTOMER, CUSTOMER, "ticket 12")
    document = export(shop, PersonalKind.CUSTOMER, CUSTOMER)

    text = json.dumps(document)
    assert [word for word in (*REFERENCES, *TEXTS) if word in text] == []
    assert document["person"]["reference"] is None
    assert len(document["decisions"]) == 5
    (erasure,) = document["erasures"]
    assert (erasure["references"], erasure["because"]) == (len(REFERENCES), "ticket 12")
    assert export(shop, PersonalKind.CUSTOMER, pseudonym(shop, CUSTOMER)) == document


def test_of_somebody_unknown_there_is_nothing(shop, key):
    document = export(shop, PersonalKind.CUSTOMER, "nobody")

    assert (document["decisions"], document["erasures"], document["person"]["reference"]) == ([], [], None)


def test_what_was_said_while_an_escalation_was_worked_on_is_in_both_documents_and_goes_with_the_erasure(shop, key):
    escalation_id = escalated(shop, key)
    step(shop, key, "take", escalation_id, agent="teppo", note="planted take")
    as_customer = export(shop, PersonalKind.CUSTOMER, "C-1")
    as_agent = export(shop, PersonalKind.AGENT, "teppo")

    assert [event["note"] for event in as_customer["decisions"][0]["escalation"]["history"]] == ["planted take"]
    assert "teppo" not in json.dumps(as_customer)
    assert [(each["escalation"], each["note"]) for each in as_agent["worked_on"]] == [(escalation_id, "planted take")]
    erase(shop, PersonalKind.AGENT, "teppo", "ticket 13")
    assert "planted take" not in json.dumps(export(shop, PersonalKind.CUSTOMER, "C-1"))


def test_incidents_that_a_case_reports_are_in_its_customers_document_and_erased_with_it(shop, key):
    incident_id = opened(shop, key, note="planted words")
    linked(shop, key, incident_id, "Reported-Case", customer="Reporter")
    (link,) = export(shop, PersonalKind.CUSTOMER, "Reporter")["incidents"]
    assert (link["incident_id"], link["case"], link["customer"]) == (incident_id, "Reported-Case", "Reporter")
    assert len(export(shop, PersonalKind.CASE, "Reported-Case")["incidents"]) == 1
    (opening,) = export(shop, PersonalKind.AGENT, "liisa")["incident_steps"]
    assert (opening["incident"], opening["note"]) == (incident_id, "planted words")

    assert erase(shop, PersonalKind.CUSTOMER, "Reporter", "ticket 14").reference_count == 2
    left = export(shop, PersonalKind.CUSTOMER, pseudonym(shop, "Reporter"))
    assert [word for word in ("Reported-Case", "Reporter") if word in json.dumps(left)] == []
    erase(shop, PersonalKind.AGENT, "liisa", "ticket 15")
    assert "planted words" not in json.dumps(export(shop, PersonalKind.AGENT, pseudonym(shop, "liisa", "agent")))


def test_why_a_case_was_taken_out_of_an_incident_is_its_customers_and_its_writers_and_goes_with_either(shop, key):
    incident_id = opened(shop, key)
    for number in (1, 2):
        linked(shop, key, incident_id, f"Reported-{number}", agent="teppo", customer=f"Reporter-{number}", order="O-9")
        unlinked(shop, key, incident_id, f"Reported-{number}", note=f"planted why {number}")
        shop.clock.advance(minutes=1)
    for kind, reference in (
        (PersonalKind.CUSTOMER, "Reporter-1"),
        (PersonalKind.CASE, "Reported-1"),
        (PersonalKind.AGENT, "liisa"),
        (PersonalKind.ORDER, "O-9"),
    ):
        (link, *rest) = export(shop, kind, reference)["incidents"]
        assert (link["note"], link["unlinked_at"]) == ("planted why 1", NOON.isoformat())
        assert bool(rest) is (kind in (PersonalKind.AGENT, PersonalKind.ORDER))
    assert [link["linked_by"] for link in export(shop, PersonalKind.AGENT, "teppo")["incidents"]] == [
        pseudonym(shop, "teppo", "agent")
    ] * 2
    assert "planted why" not in json.dumps(export(shop, PersonalKind.AGENT, "teppo"))  # a colleague's words

    assert erase(shop, PersonalKind.AGENT, "teppo", "ticket 16").text_count == 0
    assert erase(shop, PersonalKind.CUSTOMER, "Reporter-1", "ticket 17").text_count == 1
    left = export(shop, PersonalKind.AGENT, "liisa")
    assert ["planted why 1" in json.dumps(left), "planted why 2" in json.dumps(left)] == [False, True]
    assert erase(shop, PersonalKind.AGENT, "liisa", "ticket 18").text_count == 1


def test_measures_that_an_agent_recorded_or_answers_for_are_its_own_and_their_texts_can_be_erased(shop, key):
    today = shop.clock.now().date()
    note = "Liisa asked the depot for one more van."
    for owner, agent in ((AGENT, "liisa"), ("liisa", "liisa")):
        record(shop, Told("delivery.late", today, owner, agent, note), today, key)

    assert [one["note"] for one in export(shop, PersonalKind.AGENT, AGENT)["measures"]] == [note]
    assert len(export(shop, PersonalKind.AGENT, "liisa")["measures"]) == 2

    erase(shop, PersonalKind.AGENT, "liisa", "ticket 9")

    left = export(shop, PersonalKind.AGENT, "liisa")["measures"]
    assert [(one["note"], "liisa" in json.dumps(one)) for one in left] == [(None, False)] * 2
