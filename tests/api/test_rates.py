"""How often a key may call, and who may read the figures."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Prepared, Service, assert_problem, serving


def test_a_key_that_calls_too_often_is_told_when_to_come_back_and_holds_nothing(prepared: Prepared, tmp_path):
    with serving(prepared, tmp_path, rate_per_minute=60, rate_burst=50) as service:
        ui = service.caller()
        answers = [ui.get("/v1/vocabulary") for _ in range(50)]
        refused = ui.ask()

        assert {answer.status_code for answer in answers} == {200}
        assert_problem(refused, 429, "rate-limited")
        assert int(refused.headers["Retry-After"]) >= 1
        assert service.caller(Role.AUDITOR).get("/v1/decisions").get_json()["items"] == []

        service.clock.advance(seconds=int(refused.headers["Retry-After"]) + 1)
        assert ui.ask().status_code == 201


@pytest.mark.parametrize(("setting", "status"), [("open", 200), ("key", 401)])
def test_figures_ask_for_a_key_where_the_settings_say_so(prepared: Prepared, tmp_path, setting, status):
    with serving(prepared, tmp_path, metrics=setting) as service:
        assert service.anonymous().get("/metrics").status_code == status
        assert service.caller(Role.FINANCE).get("/metrics").status_code == 200


def test_an_agents_screen_reads_no_figures_where_a_key_is_asked_for(prepared: Prepared, tmp_path):
    with serving(prepared, tmp_path, metrics="key") as service:
        assert_problem(service.caller(Role.AGENT_UI).get("/metrics"), 403, "not-allowed")


def test_two_headers_of_authorization_are_one_too_many(service: Service):
    twice = [("Authorization", f"Bearer {service.key()}")] * 2
    response = service.app.test_client().get("/v1/vocabulary", headers=twice)
    assert_problem(response, 401, "not-authenticated")
