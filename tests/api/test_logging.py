"""Logs: one JSON object per request, with its id; no personal data, no secrets, no references."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Prepared, Service, serving
from tests.logs import lines_of


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged during the test, from `info` on."""
    with lines_of("info") as stream:
        yield stream


def test_a_request_is_one_line_of_json(lines, ui: Caller):
    response = ui.ask()
    (line,) = _read(lines)
    assert (line["event"], line["level"], line["method"], line["route"]) == (
        "request",
        "info",
        "POST",
        "/v1/decisions",
    )
    assert (line["status"], line["problem"], line["key"]) == (201, None, "key_000001")
    assert line["decision"] == response.get_json()["id"]
    assert line["request_id"] == response.headers["X-Request-Id"]
    assert line["ms"] >= 0
    assert line["timestamp"].endswith("Z")


def test_a_refusal_is_logged_with_its_code(lines, ui: Caller):
    ui.ask(amount=7)
    assert _read(lines)[0]["problem"] == "invalid-request"


def test_who_has_no_key_may_not_or_calls_too_often_is_logged_as_such(lines, prepared: Prepared, tmp_path):
    with serving(prepared, tmp_path, rate_per_minute=1, rate_burst=1) as service:
        ui = service.caller(Role.AGENT_UI)
        answers = [
            service.anonymous().get("/v1/limits"),
            Caller(service, "psk_" + "A" * 43).get("/v1/limits"),
            ui.get("/v1/limits"),
            *(ui.get("/v1/limits") for _ in range(3)),
        ]
    wanted = ["not-authenticated", "not-authenticated", "not-allowed"]
    logged = [(line["problem"], line["status"], line["route"]) for line in _read(lines) if line["event"] == "request"]
    assert [problem for problem, *_ in logged[:3]] == wanted
    assert logged[-1] == ("rate-limited", 429, "/v1/limits")
    assert [line["key"] is None for line in _read(lines) if line["event"] == "request"][:3] == [True, True, False]
    assert [answer.status_code for answer in answers[:3]] == [401, 401, 403]


def test_nothing_of_the_customer_the_agent_the_case_or_the_key_is_logged(lines, service: Service, ui: Caller):
    secret = service.key()
    Caller(service, secret).ask(customer="C-SECRET", agent="maija", case="T-SECRET", order="O-SECRET")
    ui.ask(customer="C-SECRET", amount="x")
    ui.get("/v1/customers/C-SECRET/history")
    ui.get("/v1/nowhere/C-SECRET")
    ui.get("/v1/decisions?customer=C-SECRET")
    text = lines.getvalue()
    for private in ("SECRET", "maija", secret, "psk_"):
        assert private not in text


@pytest.mark.parametrize("given", ["abc-123", "A.b_c", "x" * 64])
def test_a_sane_id_of_the_caller_is_kept(ui: Caller, given):
    assert ui.get("/v1/vocabulary", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b", "ä", "<script>"])
def test_any_other_id_is_replaced_by_a_new_one(ui: Caller, given):
    assert ui.get("/v1/vocabulary", headers={"X-Request-Id": given}).headers["X-Request-Id"].startswith("req_")


def test_what_nobody_foresaw_is_logged_with_its_trace_under_the_requests_id(
    lines, service: Service, ui: Caller, monkeypatch
):
    def broken():
        raise RuntimeError("unforeseen trouble")

    monkeypatch.setattr(service.runtime.db, "reading", broken)
    response = ui.ask()
    error, request = _read(lines)
    assert "unforeseen trouble" in error["exception"]
    assert error["request_id"] == request["request_id"] == response.headers["X-Request-Id"]


def test_events_of_the_standard_library_are_json_too(lines):
    logging.getLogger("gunicorn.error").warning("worker %s", "restarts")
    logging.getLogger("gunicorn.error").debug("not this one")
    (line,) = _read(lines)
    assert (line["event"], line["level"], line["logger"]) == ("worker restarts", "warning", "gunicorn.error")


def _read(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]
