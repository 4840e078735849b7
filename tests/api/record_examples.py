"""Asks the service for the answers that the documentation shows: `python -m tests.api.record_examples`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from policyservice.access.keys import Role
from policyservice.api import examples
from tests.api.factories import Caller, Service, prepare, serving


def recorded(service: Service) -> dict[str, Any]:
    """Every answer by its name in `examples.json`."""
    ui, manager, system = service.caller(), service.caller(Role.MANAGER), service.caller(Role.SYSTEM)
    said = {
        "contact": ui.post("/v1/cases/T-1001/contacts", examples.CONTACT).get_json(),
        "promise": ui.post("/v1/cases/T-1001/promises", examples.PROMISE).get_json(),
        "verified order": system.put("/v1/orders/O-59", examples.VERIFY_ORDER).get_json(),
        "verified customer": system.put("/v1/customers/C-79", examples.VERIFY_CUSTOMER).get_json(),
    }
    contact = said["contact"]["id"]
    said["contact corrected"] = ui.post(f"/v1/contacts/{contact}/correct", examples.CORRECT_CONTACT).get_json()
    allowed = ui.post("/v1/decisions", examples.ASK).get_json()
    escalated = ui.post("/v1/decisions", examples.ASK_TOO_MUCH).get_json()
    other = ui.post("/v1/decisions", {**examples.ASK, "case": "T-1004", "order": "O-57"}).get_json()
    options = ui.post("/v1/options", {**examples.CASE, "order": "O-58"}, key=None).get_json()
    service.clock.advance(minutes=4)
    committed = _settled(ui, allowed, "commit", examples.COMMIT)
    queue = manager.get("/v1/escalations").get_json()
    vocabulary = ui.get("/v1/vocabulary").get_json()
    limits = manager.get("/v1/limits").get_json()
    said["moved"] = _said(ui, said, "move", examples.MOVE_PROMISE)
    history = {**ui.get("/v1/customers/C-77/history").get_json(), "timeline_next": None}
    case = ui.get("/v1/cases/T-1001").get_json()
    said["kept"] = _said(ui, said, "keep", examples.KEEP_PROMISE)
    other_promise = {"promise": ui.post("/v1/cases/T-1004/promises", examples.PROMISE).get_json()}
    said["broken"] = _said(ui, other_promise, "break", examples.BREAK_PROMISE)
    return {
        **said,
        "history": {**history, "items": history["items"][-1:], "timeline": history["timeline"][-3:]},
        "options": options,
        "allowed": allowed,
        "escalated": escalated,
        "committed": committed,
        "voided": _settled(ui, other, "void", examples.VOID),
        "explanation": ui.get(f"/v1/decisions/{allowed['id']}/explanation").get_json(),
        "past": ui.get("/v1/customers/C-77/history").get_json()["items"][-1],
        "case": case,
        "vocabulary": _shortened(vocabulary),
        "limits": {**limits, "limits": limits["limits"][:1]},
        "escalation": queue["items"][0],
        "worked": _worked(manager, escalated),
        "resolved": manager.post(
            f"/v1/escalations/{escalated['escalation']['id']}/resolve", examples.RESOLVE
        ).get_json(),
        **_incident(service, manager),
        "reversed": _settled(ui, allowed, "reverse", examples.REVERSE),
        "agent": manager.put("/v1/agents/maija", examples.AGENT).get_json(),
        "grant": manager.post("/v1/grants", examples.GRANT, key=None).get_json(),
        **_afterwards(ui, manager, escalated["id"]),
        **_reports(service, ui, manager),
    }


def _afterwards(ui: Caller, manager: Caller, escalated: str) -> dict[str, Any]:
    """What was heard of a case, and an objection with its answer."""
    objection = ui.post(f"/v1/decisions/{escalated}/objections", examples.OBJECT, key=None).get_json()
    answer = manager.post(f"/v1/objections/{objection['id']}/answer", examples.ANSWER_OBJECTION, key=None)
    return {
        "outcome": ui.post("/v1/outcomes", examples.OUTCOME, key=None).get_json(),
        "objection": objection,
        "objection_answered": answer.get_json(),
    }


def _said(ui: Caller, said: dict[str, Any], step: str, body: dict[str, Any]) -> Any:
    return ui.post(f"/v1/promises/{said['promise']['id']}/{step}", body).get_json()


def _reports(service: Service, ui: Caller, manager: Caller) -> dict[str, Any]:
    """The comparison, the decisions behind its first row, root causes with a measure, and evenness, one of each."""
    for number in range(12):
        agent = ("teemu", "leena")[number % 2]
        given = {"case": f"T-20{number}", "customer": f"C-20{number}", "order": f"O-20{number}", "agent": agent}
        asked = {**examples.ASK, **given, "remedy": "gift", "amount": ("10.00", "4.00")[number % 2]}
        _settled(ui, ui.post("/v1/decisions", asked).get_json(), "commit", {})
    service.clock.advance(days=1)
    measure = manager.post("/v1/reports/root-causes/measures", examples.MEASURE, key=None).get_json()
    comparison = manager.get("/v1/reports/comparison?since=2026-06-01&before=2026-07-01&by=reason").get_json()
    behind = manager.get(comparison["items"][0]["behind"] + "&limit=1").get_json()
    causes = manager.get("/v1/reports/root-causes?since=2026-06-01&before=2026-07-01").get_json()
    even = manager.get("/v1/reports/evenness?since=2026-06-01&before=2026-07-01").get_json()
    items = [{**item, "decisions": item["decisions"][:2]} for item in even["items"][:1]]
    return {
        "measure": measure,
        "comparison": {**comparison, "items": comparison["items"][:1], "break_even": comparison["break_even"][:1]},
        "comparison_decisions": behind,
        "root_causes": {**causes, "items": causes["items"][:1]},
        "evenness": {**even, "items": items},
    }


def _settled(ui: Caller, decision: dict[str, Any], step: str, body: dict[str, Any]) -> Any:
    response = ui.post(f"/v1/decisions/{decision['id']}/{step}", body)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def _worked(manager: Caller, escalated: dict[str, Any]) -> Any:
    """An escalation that was taken, and whose customer was spoken with."""
    address = f"/v1/escalations/{escalated['escalation']['id']}"
    for step, body in (("take", examples.TAKE), ("contacts", examples.ESCALATION_CONTACT)):
        assert manager.post(f"{address}/{step}", body).status_code == 200
    return manager.get(address).get_json()


def _incident(service: Service, manager: Caller) -> dict[str, Any]:
    """An incident that was confirmed and rolled out, with the case that was linked by hand, and one taken out again."""
    opened = manager.post("/v1/incidents", examples.OPEN_INCIDENT).get_json()
    address = f"/v1/incidents/{opened['id']}"
    for step, body in (
        ("cases", examples.LINK),
        ("cases", {**examples.LINK, "case": "T-2002", "customer": "C-89"}),
        ("cases/T-2002/unlink", examples.UNLINK),
        ("transition", examples.TRANSITION),
        ("action", examples.ACTION),
        ("remedy", examples.SHARED_REMEDY),
    ):
        answer = manager.post(f"{address}/{step}", body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
    service.clock.advance(seconds=3)
    rolled_out = manager.post(f"{address}/roll-out", examples.ROLL_OUT).get_json()
    return {
        "incident": manager.get("/v1/incidents").get_json()["items"][0],
        "one_incident": manager.get(address).get_json(),
        "linked_case": manager.get(f"{address}/cases").get_json()["items"][0],
        "unlinked_case": manager.get(f"{address}/cases?linked=false").get_json()["items"][0],
        "rolled_out": rolled_out,
    }


def _shortened(vocabulary: dict[str, Any]) -> dict[str, Any]:
    """One or two of each: the whole is a page to scroll."""
    kept = {"order.category", "order.paid"}
    return {
        **vocabulary,
        "facts": [fact for fact in vocabulary["facts"] if fact["name"] in kept],
        "remedies": vocabulary["remedies"][:2],
        "reasons": [reason for reason in vocabulary["reasons"] if reason["name"] == "service.not_delivered"],
        "trust_levels": vocabulary["trust_levels"][:2],
    }


def main() -> None:
    """Write them where the documentation reads them."""
    with tempfile.TemporaryDirectory() as folder:
        made = prepare(Path(folder))
        with serving(made, Path(folder)) as service:
            found = recorded(service)
        made.rulebooks.close()
    text = json.dumps(found, indent=1, ensure_ascii=False)
    examples.RECORDED.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
