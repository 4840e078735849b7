"""Answers show plain references for as long as they are kept; what is kept of an answer shows none."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from policyservice.access.keys import Role
from policyservice.db import tables
from policyservice.domain.pseudonyms import ANY, PersonalKind
from policyservice.privacy.erase import erase
from tests.api.factories import COURTESY, Caller, Service, body
from tests.logs import lines_of

PLAIN = {"agent": "maija", "case": "T-1001", "customer": "C-77", "order": "O-55"}


def everything(ui: Caller, manager: Caller, decision: str) -> list[dict]:
    """Every answer that shows references or texts of the decision of C-77."""
    paths = (
        f"/v1/decisions/{decision}",
        "/v1/decisions?customer=C-77",
        "/v1/customers/C-77/history",
        "/v1/cases/T-1001",
    )
    answers = [ui.get(path).get_json() for path in paths]
    return [*answers, manager.get("/v1/escalations?status=resolved").get_json()]


def test_answers_show_what_was_sent(ui: Caller):
    decision = ui.decided(justification="as agreed")["id"]
    given = ui.post(f"/v1/decisions/{decision}/commit", {"external_ref": "PAY-1"}).get_json()
    back = ui.post(f"/v1/decisions/{decision}/reverse", {"reason": "sent back"}).get_json()

    shown = ui.get(f"/v1/decisions/{decision}").get_json()
    assert shown == back
    assert {name: shown["asked"][name] for name in PLAIN} == PLAIN
    assert shown["asked"]["justification"] == "as agreed"
    assert given["history"][1]["external_ref"] == "PAY-1"
    assert shown["history"][2]["note"] == "sent back"
    (listed,) = ui.get("/v1/decisions?customer=C-77&agent=maija&case=T-1001&order=O-55").get_json()["items"]
    assert listed == shown
    (past,) = ui.get("/v1/customers/C-77/history").get_json()["items"]
    assert (past["agent"], past["case"], past["order"]) == ("maija", "T-1001", "O-55")
    case = ui.get("/v1/cases/T-1001").get_json()
    assert (case["case"], case["customers"], case["orders"]) == ("T-1001", ["C-77"], ["O-55"])


def test_the_queue_shows_who_resolved_a_case_and_what_they_noted(service: Service, ui: Caller, manager: Caller):
    escalation = ui.decided(**COURTESY)["escalation"]["id"]
    resolution = {"result": "refused", "agent": "leena", "note": "twice this week"}
    answer = manager.post(f"/v1/escalations/{escalation}/resolve", resolution).get_json()

    (item,) = manager.get("/v1/escalations?status=resolved").get_json()["items"]
    assert (item["resolved_by"], item["note"]) == ("leena", "twice this week")
    assert answer["escalation"] == item


def test_after_erasure_references_are_pseudonyms_and_texts_are_null(service: Service, ui: Caller, manager: Caller):
    decision = ui.decided(justification="as agreed")["id"]
    ui.post(f"/v1/decisions/{decision}/commit", {"external_ref": "PAY-1"})
    ui.post(f"/v1/decisions/{decision}/reverse", {"reason": "sent back"})
    erase(service.runtime, PersonalKind.CUSTOMER, "C-77", "ticket 12")
    of = service.runtime.pseudonyms.of

    shown = ui.get(f"/v1/decisions/{decision}").get_json()
    assert shown["asked"]["customer"] == of(PersonalKind.CUSTOMER, "C-77")
    assert shown["asked"]["agent"] == "maija"
    assert shown["asked"]["justification"] is None
    assert [entry["note"] for entry in shown["history"]] == [None, None, None]
    assert shown["history"][1]["external_ref"] == of(PersonalKind.PAYMENT, "PAY-1")
    assert ui.get("/v1/customers/C-77/history").get_json()["items"] == []
    pseudonym = of(PersonalKind.CUSTOMER, "C-77")
    history = ui.get(f"/v1/customers/{pseudonym}/history").get_json()
    assert [item["id"] for item in history["items"]] == [decision]
    assert history["customer"] == pseudonym


def test_a_repeated_call_is_answered_as_the_first_time_until_the_erasure(service: Service, ui: Caller):
    decision = ui.ask("k-C-77", justification="as agreed")
    again = ui.ask("k-C-77", justification="as agreed")
    path = f"/v1/decisions/{decision.get_json()['id']}/commit"
    first = ui.post(path, {"external_ref": "PAY-1"}, key="c-C-77")
    second = ui.post(path, {"external_ref": "PAY-1"}, key="c-C-77")
    erase(service.runtime, PersonalKind.CUSTOMER, "C-77", "ticket 12")
    after = ui.post(path, {"external_ref": "PAY-1"}, key="c-C-77")

    assert again.get_data() == decision.get_data()
    assert (second.get_data(), second.status_code) == (first.get_data(), first.status_code)
    assert first.get_json()["asked"]["customer"] == "C-77"
    assert after.headers["Idempotent-Replayed"] == "true"
    assert after.get_json()["asked"]["customer"].startswith("cus_")
    same = {"asked", "history"}
    assert {k: v for k, v in after.get_json().items() if k not in same} == {
        k: v for k, v in first.get_json().items() if k not in same
    }
    assert ui.ask("k-C-77", amount="6.00").status_code == 422


def test_a_kept_answer_holds_no_reference_and_no_text(service: Service, ui: Caller):
    decision = ui.decided(justification="as agreed")["id"]
    ui.post(f"/v1/decisions/{decision}/commit", {"external_ref": "PAY-1"}, key="mine C-77")

    with service.runtime.db.reading() as conn:
        whole = str(conn.execute(select(tables.reply)).all())
    assert [word for word in ("C-77", "T-1001", "O-55", "maija", "PAY-1", "as agreed", "mine") if word in whole] == []
    assert ANY.search(whole)


def test_what_a_caller_writes_elsewhere_is_never_taken_for_a_pseudonym(service: Service, ui: Caller):
    theirs = service.runtime.pseudonyms.of(PersonalKind.CUSTOMER, "C-77")
    ui.decided()
    with service.runtime.db.reading() as conn:
        text = conn.execute(select(tables.personal_reference.c.pseudonym)).scalars().first()
    assert text is not None
    decision = ui.decided(customer="C-78", case="T-2", order="O-2", channel=theirs, justification=theirs)
    shown = ui.get(f"/v1/decisions/{decision['id']}").get_json()

    assert (shown["asked"]["channel"], shown["asked"]["justification"]) == (theirs, theirs)
    assert ui.get(f"/v1/customers/{theirs}/history").get_json()["customer"] == theirs


def test_a_seal_sent_as_a_text_shows_nobody_elses_text(service: Service, ui: Caller):
    ui.decided(justification="private words")
    with service.runtime.db.reading() as conn:
        (seal,) = conn.execute(select(tables.personal_text.c.seal)).scalars()
    decision = ui.decided(case="T-2", order="O-2", justification=seal)

    answer = ui.get(f"/v1/decisions/{decision['id']}").get_data(as_text=True)
    assert json.loads(answer)["asked"]["justification"] == seal
    assert "private words" not in answer


def test_a_bound_key_still_sees_its_own_agents_decisions(service: Service, ui: Caller):
    decision = ui.decided()["id"]
    mine = service.bound(Role.AGENT_UI, agents=("maija",))
    others = service.bound(Role.AGENT_UI, agents=("teemu",))
    pseudonymous = service.bound(Role.AGENT_UI, agents=(service.runtime.pseudonyms.of(PersonalKind.AGENT, "maija"),))

    assert mine.get(f"/v1/decisions/{decision}").status_code == 200
    assert others.get(f"/v1/decisions/{decision}").status_code == 404
    assert pseudonymous.ask(customer="C-78").status_code == 403


def test_a_grant_is_answered_as_it_was_sent_and_kept_without(service: Service, manager: Caller):
    grant = {"agent": "maija", "trust_level": "trusted", "ends_at": "2026-06-02T00:00:00Z", "reason": "storm at sea"}
    made = manager.post("/v1/grants", grant, key=None).get_json()

    assert (made["agent"], made["reason"]) == ("maija", "storm at sea")
    with service.runtime.db.reading() as conn:
        row = conn.execute(select(tables.trust_grant)).one()
    assert row.agent == service.runtime.pseudonyms.of(PersonalKind.AGENT, "maija")
    assert "storm" not in str(row)


@pytest.fixture
def lines():
    """What is logged during the test, down to `debug`."""
    with lines_of("debug") as stream:
        yield stream


def test_no_log_line_holds_a_reference_a_name_or_a_text(lines, service: Service, ui: Caller, manager: Caller):
    ask = body(customer="PLANTED-1", case="PLANTED-2", order="PLANTED-3", justification="PLANTED-4")
    decision = ui.post("/v1/decisions", ask, key="PLANTED-5").get_json()["id"]
    ui.post(f"/v1/decisions/{decision}/void", {"reason": "PLANTED-6"})
    manager.put("/v1/agents/planted-7", {"name": "PLANTED", "team": "web", "trust_level": "new", "kind": "human"})
    ui.get("/v1/customers/PLANTED-1/history")
    ui.get("/v1/decisions?order=PLANTED-3")
    erase(service.runtime, PersonalKind.CUSTOMER, "PLANTED-1", "ticket 12")
    everything(ui, manager, decision)

    assert "/v1/decisions" in lines.getvalue()
    assert "planted" not in lines.getvalue().casefold()
