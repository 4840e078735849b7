"""A key bound to one team against all that is another team's: nothing tells it from what does not exist.

Every operation has its row here, with each way a reference can be put into it; a new operation without a row fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from policyservice.access.keys import Role
from policyservice.api.permissions import ROLES
from tests.api.factories import COURTESY, Caller, Prepared, Service, assert_problem, body, case, serving
from tests.statements import seen


@dataclass(frozen=True)
class Refs:
    """What the desk's key did in one case; or references of the same form that nobody has."""

    agent: str
    team: str
    case: str
    customer: str
    order: str
    held: str
    given: str
    escalated: str
    escalation: str
    key: str
    promise: str
    objection: str = "obj_900005"
    contact: str = "con_900006"
    incident: str = "inc_900007"

    @property
    def answer(self) -> str:
        """The promise that the escalation made."""
        return self.escalation.replace("esc_", "prm_")


NOBODYS = Refs(
    "nobody",
    "nowhere",
    "T-NONE",
    "C-NONE",
    "O-NONE",
    "dec_900001",
    "dec_900002",
    "dec_900003",
    "esc_900004",
    "k-none",
    "prm_900005",
)
Attempt = Callable[[Caller, Refs], TestResponse]
PROMISED = {"what": "w", "due_at": "2026-07-01T09:00:00Z"}
CONTACT = {"kind": "repeat_contact", "at": "2026-06-01T08:00:00Z"}
MEASURE = {"reason": "courtesy.other", "taken_on": "2026-05-30", "owner": "leena", "note": "n"}
GRANT = {"limit": "agent-day", "amount": "400.00", "currency": "EUR", "reason": "r", "ends_at": "2026-06-02T09:00:00Z"}


def _post(path: str, sent: dict[str, Any]) -> Attempt:
    return lambda caller, refs: caller.post(path.format(refs=refs), sent)


def _get(path: str) -> Attempt:
    return lambda caller, refs: caller.get(path.format(refs=refs))


def _put(path: str) -> Attempt:
    return lambda caller, refs: caller.put(path.format(refs=refs), {"source": "CRM", "facts": {}})


def _settle(step: str, sent: dict[str, Any]) -> tuple[Attempt, ...]:
    ways = [_post(f"/v1/decisions/{{refs.{which}}}/{step}", sent) for which in ("held", "given", "escalated")]
    return (*ways, lambda caller, refs: caller.post(f"/v1/decisions/{refs.given}/{step}", sent, key=refs.key))


def _batch(caller: Caller, key: str, **changes: Any) -> TestResponse:
    """A batch of one; what became of that one is the answer."""
    items = [{"idempotency_key": key, "decision": body(**changes)}]
    return caller.post("/v1/decisions/batch", {"decisions": items}, key=None)


MATRIX: dict[str, tuple[Attempt, ...] | str] = {
    "POST /v1/options": (lambda caller, refs: caller.post("/v1/options", case(agent=refs.agent), key=None),),
    "POST /v1/decisions": (
        lambda caller, refs: caller.ask(agent=refs.agent),
        lambda caller, refs: caller.ask(agent=refs.agent, case=refs.case, customer=refs.customer, key=refs.key),
    ),
    "POST /v1/decisions/batch": (
        lambda caller, refs: _batch(caller, "k-row", agent=refs.agent),
        lambda caller, refs: _batch(caller, "k-row", agent=refs.agent, case=refs.case, customer=refs.customer),
    ),
    "GET /v1/decisions": tuple(
        _get(f"/v1/decisions?{name}={{refs.{name}}}") for name in ("agent", "team", "case", "customer", "order")
    ),
    "GET /v1/decisions/{id}": tuple(
        _get(f"/v1/decisions/{{refs.{which}}}") for which in ("held", "given", "escalated", "escalation")
    ),
    "GET /v1/decisions/{id}/explanation": tuple(
        _get(f"/v1/decisions/{{refs.{which}}}/explanation") for which in ("held", "given", "escalated")
    ),
    "POST /v1/decisions/{id}/commit": _settle("commit", {}),
    "POST /v1/decisions/{id}/void": _settle("void", {"reason": "r"}),
    "POST /v1/decisions/{id}/reverse": _settle("reverse", {"reason": "r"}),
    "POST /v1/decisions/{id}/objections": tuple(
        lambda caller, refs, which=which: caller.post(
            f"/v1/decisions/{getattr(refs, which)}/objections", {"agent": "maija", "note": "n"}, key=None
        )
        for which in ("held", "given", "escalated")
    ),
    "GET /v1/objections": (
        _get("/v1/objections"),
        _get("/v1/objections?owner=management"),
        _get("/v1/objections?decision={refs.given}"),
    ),
    "POST /v1/objections/{objection}/answer": (
        _post("/v1/objections/{refs.objection}/answer", {"agent": "maija", "result": "stands", "note": "n"}),
    ),
    "POST /v1/outcomes": (
        lambda caller, refs: caller.post("/v1/outcomes", {**CONTACT, "case": refs.case}, key=None),
        lambda caller, refs: caller.post("/v1/outcomes", {**CONTACT, "customer": refs.customer}, key=None),
        lambda caller, refs: caller.post("/v1/outcomes", {**CONTACT, "decision": refs.given}, key=None),
    ),
    "GET /v1/customers/{ref}/history": (_get("/v1/customers/{refs.customer}/history"),),
    "GET /v1/cases/{ref}": (_get("/v1/cases/{refs.case}"),),
    "POST /v1/cases/{ref}/contacts": (
        _post("/v1/cases/{refs.case}/contacts", {"agent": "teemu", "channel": "phone"}),
        lambda caller, refs: caller.post(f"/v1/cases/{refs.case}/contacts", {"agent": refs.agent, "channel": "phone"}),
    ),
    "POST /v1/contacts/{id}/correct": (
        _post("/v1/contacts/{refs.contact}/correct", {"agent": "maija", "minutes": 3, "reason": "r"}),
    ),
    "POST /v1/cases/{ref}/promises": (
        lambda caller, refs: caller.post(f"/v1/cases/{refs.case}/promises", {**PROMISED, "agent": refs.agent}),
    ),
    "GET /v1/promises": (
        _get("/v1/promises"),
        _get("/v1/promises?case={refs.case}&customer={refs.customer}&owner={refs.agent}&team={refs.team}"),
    ),
    **{
        f"POST /v1/promises/{{promise}}/{step}": (
            _post(f"/v1/promises/{{refs.promise}}/{step}", {"agent": "maija", **sent}),
            _post(f"/v1/promises/{{refs.answer}}/{step}", {"agent": "maija", **sent}),
        )
        for step, sent in (("keep", {}), ("move", {"due_at": "2026-07-01T09:00:00Z"}), ("break", {"note": "n"}))
    },
    "PUT /v1/orders/{ref}": (_put("/v1/orders/{refs.order}"),),
    "PUT /v1/customers/{ref}": (_put("/v1/customers/{refs.customer}"),),
    "GET /v1/vocabulary": "names of the rulebook alone",
    "GET /v1/escalations": (
        _get("/v1/escalations"),
        _get("/v1/escalations?status=open&to=lead"),
        _get("/v1/escalations?holder={refs.agent}"),
    ),
    "POST /v1/escalations/{id}/resolve": (
        _post("/v1/escalations/{refs.escalation}/resolve", {"result": "granted", "agent": "maija"}),
        _post("/v1/escalations/{refs.escalation}/resolve", {"result": "refused", "agent": "maija", "note": "n"}),
    ),
    "GET /v1/escalations/{id}": (_get("/v1/escalations/{refs.escalation}"),),
    "POST /v1/escalations/{id}/take": (_post("/v1/escalations/{refs.escalation}/take", {"agent": "maija"}),),
    "POST /v1/escalations/{id}/hand-on": (
        _post("/v1/escalations/{refs.escalation}/hand-on", {"agent": "maija", "to": "lead", "note": "n"}),
        lambda caller, refs: caller.post(
            f"/v1/escalations/{refs.escalation}/hand-on", {"agent": "maija", "to_agent": refs.agent, "note": "n"}
        ),
    ),
    "POST /v1/escalations/{id}/contacts": (_post("/v1/escalations/{refs.escalation}/contacts", {"agent": "maija"}),),
    "POST /v1/escalations/{id}/withdraw": (
        _post("/v1/escalations/{refs.escalation}/withdraw", {"agent": "maija", "note": "n"}),
    ),
    "POST /v1/escalations/{id}/correct": (
        _post("/v1/escalations/{refs.escalation}/correct", {"agent": "maija", "contacts": 1, "reason": "r"}),
    ),
    "GET /v1/incidents": "the whole company's, and nothing of a case stands in it",
    "GET /v1/incidents/{id}": "the whole company's, and nothing of a case stands in it",
    "GET /v1/incidents/{id}/cases": (
        _get("/v1/incidents/inc_900005/cases"),
        _get("/v1/incidents/{refs.incident}/cases?cursor={refs.case}"),
        _get("/v1/incidents/{refs.incident}/cases?linked=false&cursor={refs.case}"),
    ),
    "POST /v1/incidents": (_post("/v1/incidents", {"agent": "maija", "title": "t", "reason": "delivery.late"}),),
    "POST /v1/incidents/{id}/cases": (
        lambda caller, refs: caller.post(
            "/v1/incidents/inc_900005/cases", {"agent": refs.agent, "case": refs.case, "channel": "chat"}
        ),
        lambda caller, refs: caller.post(
            "/v1/incidents/inc_900005/cases", {"agent": "maija", "case": refs.case, "channel": "chat"}
        ),
    ),
    "POST /v1/incidents/{id}/cases/{ref}/unlink": (
        _post("/v1/incidents/{refs.incident}/cases/{refs.case}/unlink", {"agent": "maija", "note": "n"}),
        lambda caller, refs: caller.post(
            f"/v1/incidents/{refs.incident}/cases/T-NONE/unlink", {"agent": refs.agent, "note": "n"}
        ),
        _post("/v1/incidents/inc_900005/cases/{refs.case}/unlink", {"agent": "maija", "note": "n"}),
    ),
    "POST /v1/incidents/{id}/transition": (
        _post("/v1/incidents/inc_900005/transition", {"agent": "maija", "to": "confirmed"}),
    ),
    "POST /v1/incidents/{id}/action": (_post("/v1/incidents/inc_900005/action", {"agent": "maija", "done": True}),),
    "POST /v1/incidents/{id}/remedy": (
        _post(
            "/v1/incidents/inc_900005/remedy",
            {"agent": "maija", "remedy": "gift", "amount": "1.00", "currency": "EUR", "budget": "9.00"},
        ),
    ),
    "POST /v1/incidents/{id}/roll-out": (_post("/v1/incidents/inc_900005/roll-out", {"agent": "maija"}),),
    "PUT /v1/agents/{ref}": (
        lambda caller, refs: caller.put(
            f"/v1/agents/{refs.agent}", {"name": "N", "team": refs.team, "trust_level": "new", "kind": "human"}
        ),
    ),
    "GET /v1/agents/{ref}": (_get("/v1/agents/{refs.agent}"),),
    "POST /v1/grants": (
        lambda caller, refs: caller.post("/v1/grants", {**GRANT, "agent": refs.agent}, key=None),
        lambda caller, refs: caller.post("/v1/grants", {**GRANT, "team": refs.team}, key=None),
    ),
    "GET /v1/reports/comparison": (
        _get("/v1/reports/comparison?team={refs.team}"),
        _get("/v1/reports/comparison?by=team"),
    ),
    "GET /v1/reports/comparison/decisions": (
        _get("/v1/reports/comparison/decisions?team={refs.team}"),
        _get("/v1/reports/comparison/decisions"),
    ),
    "GET /v1/reports/root-causes": (_get("/v1/reports/root-causes"), _get("/v1/reports/root-causes?team={refs.team}")),
    "POST /v1/reports/root-causes/measures": (
        lambda caller, refs: caller.post(
            "/v1/reports/root-causes/measures", {**MEASURE, "agent": refs.agent}, key=None
        ),
    ),
    "GET /v1/reports/evenness": (_get("/v1/reports/evenness"), _get("/v1/reports/evenness?team={refs.team}")),
    "GET /v1/limits": "bounds by trust level, and nothing of who used how much of them",
}
"""Operation -> the ways to reach for what is another's; or why nothing of a case can be had there."""

WRITTEN = (
    *("decision", "entry", "reply", "agent", "trust_grant", "contact", "promise", "promise_step", "verified_facts"),
    *("outcome", "objection", "objection_answer", "escalation", "escalation_event", "fact_conflict", "outbox_event"),
    *("incident", "incident_case", "incident_event", "cause_measure"),
)
ROWS = [
    pytest.param(operation, role, number, id=f"{operation} {role} {number}")
    for operation, ways in MATRIX.items()
    if not isinstance(ways, str)
    for role in sorted(ROLES[operation])
    for number in range(len(ways))
]


@pytest.fixture(scope="module")
def both(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Refs]]:
    """A service in which the desk has settled, held and escalated something in one case."""
    with serving(prepared, tmp_path_factory.mktemp("both")) as service:
        desk = service.bound(Role.AGENT_UI, teams=("desk",))
        mine = {"agent": "teemu", "case": "T-DESK", "customer": "C-DESK", "order": "O-DESK"}
        held, given = desk.decided(**mine), desk.decided(**{**mine, "order": "O-DESK-2"}, key="k-desk")
        desk.post(f"/v1/decisions/{given['id']}/commit", {}, key="k-desk")
        asked = desk.decided(**COURTESY | mine | {"amount": "90.00"})
        assert asked["outcome"] == "escalate"
        promised = desk.post("/v1/cases/T-DESK/promises", {**PROMISED, "agent": "teemu"}).get_json()
        spoken = desk.post("/v1/cases/T-DESK/contacts", {"agent": "teemu", "channel": "phone", "note": "n"})
        what = {"agent": "leena", "title": "t", "reason": "service.not_delivered"}
        incident = service.caller(Role.MANAGER).post("/v1/incidents", what).get_json()["id"]
        link = {"agent": "teemu", "case": "T-DESK", "channel": "phone", "customer": "C-DESK"}
        assert desk.post(f"/v1/incidents/{incident}/cases", link).status_code == 200
        refs = Refs(
            "teemu",
            "desk",
            "T-DESK",
            "C-DESK",
            "O-DESK",
            held["id"],
            given["id"],
            asked["id"],
            asked["escalation"]["id"],
            "k-desk",
            promised["id"],
            desk.post(
                f"/v1/decisions/{given['id']}/objections", {"agent": "teemu", "note": "Too little."}, key=None
            ).get_json()["id"],
            spoken.get_json()["id"],
            incident,
        )
        yield service, refs


def test_every_operation_has_its_row():
    assert set(MATRIX) == set(ROLES)


@pytest.mark.parametrize(("operation", "role", "number"), ROWS)
def test_what_is_another_teams_is_answered_as_what_does_not_exist(both, operation: str, role: Role, number: int):
    service, theirs = both
    cabin = service.bound(role, teams=("cabin",))
    way = MATRIX[operation][number]
    cabin.get("/v1/vocabulary")  # what the first call of a key looks up is looked up
    before = {table: service.rows(table) for table in WRITTEN}

    with seen(service.runtime.db.engine) as for_theirs:
        answer = way(cabin, theirs)
    with seen(service.runtime.db.engine) as for_nobodys:
        nobodys = way(cabin, replace(NOBODYS, incident=theirs.incident))  # the company's, and of another's case

    assert answer.status_code in (200, 403, 404)
    assert _comparable(answer, theirs) == _comparable(nobodys, NOBODYS)
    assert for_theirs == for_nobodys  # so that no time tells them apart either
    assert before == {table: service.rows(table) for table in before}
    if answer.status_code == 200:
        assert not answer.get_json().get("timeline")
        assert not answer.get_json().get("promises")
        assert [item for item in answer.get_json()["items"] if "problem" not in item or item["decision"]] == []


def test_the_idempotency_key_of_another_gives_nothing_of_their_answer(both):
    service, theirs = both
    cabin = service.bound(Role.AGENT_UI, teams=("cabin",))

    answer = cabin.ask(key=theirs.key, agent="maija", case="T-CABIN", customer="C-CABIN", order="O-CABIN")

    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers
    assert answer.get_json()["id"] not in (theirs.held, theirs.given, theirs.escalated)


def test_whoever_serves_a_customer_sees_in_short_what_others_promised_and_nobody_before(both):
    service, theirs = both
    cabin = service.bound(Role.AGENT_UI, teams=("cabin",))
    assert cabin.get(f"/v1/customers/{theirs.customer}/history").get_json()["items"] == []

    cabin.decided(agent="maija", case="T-CABIN-2", customer=theirs.customer, order="O-CABIN-2")

    seen = cabin.get(f"/v1/customers/{theirs.customer}/history").get_json()["items"]
    assert len(seen) == 4
    assert all("facts" not in item and "justification" not in item for item in seen)
    assert_problem(cabin.get(f"/v1/decisions/{theirs.held}"), 404, "not-found")


def test_a_key_bound_to_nobody_at_all_sees_nothing(both):
    service, theirs = both
    nobody = service.bound(Role.AGENT_UI, agents=())
    assert nobody.get("/v1/decisions").get_json() == {"items": [], "next": None}
    assert nobody.get(f"/v1/customers/{theirs.customer}/history").get_json()["items"] == []
    assert_problem(nobody.get(f"/v1/cases/{theirs.case}"), 404, "not-found")


def test_the_desk_itself_reaches_all_of_it(both):
    service, theirs = both
    desk = service.bound(Role.MANAGER, teams=("desk",))
    for address in (
        f"decisions/{theirs.held}",
        f"decisions/{theirs.given}/explanation",
        f"cases/{theirs.case}",
        f"agents/{theirs.agent}",
    ):
        assert desk.get(f"/v1/{address}").status_code == 200
    assert [item["id"] for item in desk.get("/v1/escalations").get_json()["items"]] == [theirs.escalation]
    assert desk.post("/v1/options", case(agent=theirs.agent), key=None).status_code == 200
    assert body()["agent"] == "maija"


def _comparable(answer: TestResponse, refs: Refs) -> tuple[int, object]:
    """The answer without what the call itself named."""
    text = re.sub(r"req_[0-9]+", "req", answer.get_data(as_text=True))
    for value in (refs.agent, refs.team, refs.case, refs.customer, refs.order):
        text = text.replace(f'"{value}"', '"ref"')
    return answer.status_code, text
