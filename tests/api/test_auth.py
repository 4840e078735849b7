"""The key of a request is known before anything of it is parsed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policyservice.access import keys
from policyservice.access.keys import Role
from tests.api.factories import Caller, Service, assert_problem, body, case


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "psk_123", "Bearer nobody", "Bearer " + "x" * 1000, "Bearer ä"],
)
def test_a_header_without_a_valid_key_is_refused(service: Service, header):
    response = service.anonymous().call("GET", "/v1/vocabulary", headers={"Authorization": header})
    assert_problem(response, 401, "not-authenticated")


def test_the_scheme_may_be_written_in_any_case(service: Service):
    response = service.anonymous().call("GET", "/v1/vocabulary", headers={"Authorization": f"bearer {service.key()}"})
    assert response.status_code == 200


def test_a_key_is_good_until_its_end_and_refused_from_it_on(service: Service):
    end = service.clock.now() + timedelta(hours=1)
    caller = Caller(service, service.key(expires_at=end))
    service.clock.instant = end - timedelta(seconds=1)
    assert caller.get("/v1/vocabulary").status_code == 200
    service.clock.instant = end
    problem = assert_problem(caller.get("/v1/vocabulary"), 401, "not-authenticated")
    assert "expired" in problem["detail"]


def test_a_revoked_key_is_refused(service: Service, ui: Caller):
    with service.runtime.db.transaction() as conn:
        for key in keys.list_all(conn):
            keys.revoke(conn, key.id, service.clock.now())
    assert "revoked" in assert_problem(ui.get("/v1/vocabulary"), 401, "not-authenticated")["detail"]


def test_nothing_of_a_body_is_read_before_the_key_is_known(service: Service):
    response = service.anonymous().call("POST", "/v1/decisions", data=b"{not json")
    assert_problem(response, 401, "not-authenticated")
    finance = service.caller(Role.FINANCE)
    assert_problem(finance.call("POST", "/v1/decisions", data=b"{not json"), 403, "not-allowed")


@pytest.mark.parametrize("binding", [{"agents": ("maija",)}, {"teams": ("cabin",)}])
def test_a_bound_key_acts_for_its_agents_and_for_no_others(service: Service, binding):
    bound = service.bound(**binding)
    assert bound.ask(agent="maija").status_code == 201
    assert_problem(bound.ask(agent="teemu"), 403, "not-allowed", "agent")
    assert_problem(bound.post("/v1/options", case(agent="teemu"), key=None), 403, "not-allowed", "agent")
    assert service.rows("decision") == 1


def test_a_bound_key_is_not_told_whether_another_agent_is_registered(service: Service):
    bound = service.bound(agents=("maija",))
    registered = assert_problem(bound.ask(agent="teemu"), 403, "not-allowed", "agent")
    unknown = assert_problem(bound.ask(agent="nobody"), 403, "not-allowed", "agent")
    assert registered["detail"].replace("teemu", "nobody") == unknown["detail"]


def test_a_key_bound_to_nobody_at_all_acts_for_nobody(service: Service):
    assert_problem(service.bound(agents=()).ask(), 403, "not-allowed", "agent")


def test_another_teams_decision_is_not_found_rather_than_forbidden(service: Service, ui: Caller):
    decision = ui.decided(agent="teemu")
    cabin = service.bound(teams=("cabin",))
    for path in ("", "/explanation"):
        assert_problem(cabin.get(f"/v1/decisions/{decision['id']}{path}"), 404, "not-found")
    for step, sent in (("commit", {}), ("void", {"reason": "no"}), ("reverse", {"reason": "no"})):
        assert_problem(cabin.post(f"/v1/decisions/{decision['id']}/{step}", sent), 404, "not-found")


@pytest.mark.parametrize(
    "authority",
    [
        {"approved_by": "boss"},
        {"trust_level": "lead"},
        {"limits": {"agent-day": "9999.00"}},
        {"role": "admin"},
        {"roles": ["admin"]},
        {"verified": ["order.paid"]},
        {"context": {}},
    ],
)
def test_a_caller_never_sets_its_own_authority(service: Service, ui: Caller, authority):
    (name,) = authority
    problem = assert_problem(ui.post("/v1/decisions", {**body(), **authority}), 422, "invalid-request", name)
    assert "unknown" in problem["errors"][0]["message"]
    assert service.rows("decision") == 0
