"""Every error becomes one problem document, by the one table."""

from __future__ import annotations

import inspect
import io
import re
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from policyservice.api import problems
from policyservice.domain import errors
from policyservice.domain.errors import EngineFault, LogUnavailable, PolicyServiceError
from tests.api.factories import Caller, Service, assert_problem, body

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "problems.md"
OURS = sorted(
    (kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PolicyServiceError)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_domain_has_a_status(kind):
    assert kind in problems.STATUS


@pytest.mark.parametrize("code", sorted(problems.known_problems()))
def test_every_code_has_a_section_in_the_reference_with_its_status(code):
    known = problems.known_problems()[code]
    assert re.search(rf"^## {re.escape(code)}$\n+.*\*\*{known.status}\.\*\*", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_reference_names_no_code_that_no_answer_carries():
    listed = re.findall(r"^## ([a-z-]+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == sorted(problems.known_problems())


def test_a_subclass_that_the_table_does_not_name_is_answered_as_its_parent():
    class Special(errors.NotFound):
        """A narrower case."""

    assert problems.status_of(Special("thing", "x")) == 404


def test_an_unknown_address_is_a_problem(ui: Caller):
    problem = assert_problem(ui.get("/v1/nothing"), 404, "not-found")
    assert problem["instance"].startswith("#req_")


def test_a_problem_names_the_route_and_not_the_references_in_the_address(ui: Caller):
    problem = assert_problem(ui.get("/v1/cases/T-nobody"), 404, "not-found")
    assert problem["instance"].startswith("/v1/cases/:ref#req_")
    assert "T-nobody" not in str(problem)


def test_a_trailing_slash_is_another_address(ui: Caller):
    assert_problem(ui.get("/v1/vocabulary/"), 404, "not-found")


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "GET", "OPTIONS", "TRACE"])
def test_another_method_is_refused_and_told_which_there_are(ui: Caller, method):
    response = ui.call(method, "/v1/options")
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "POST"


def test_a_body_is_taken_up_to_the_setting_and_refused_one_byte_beyond(service: Service, ui: Caller):
    most = service.runtime.settings.max_body_bytes
    fits = b'{"agent": "' + b"x" * (most - 13) + b'"}'
    assert len(fits) == most
    assert_problem(ui.call("POST", "/v1/options", data=fits), 422, "invalid-request")
    assert_problem(ui.call("POST", "/v1/options", data=fits + b" "), 413, "body-too-large")


def test_a_body_in_chunks_is_held_to_the_same_bound(service: Service, ui: Caller):
    most = service.runtime.settings.max_body_bytes
    fits = b'{"agent": "x"}'.ljust(most)
    assert_problem(_in_chunks(ui, fits), 422, "invalid-request")
    assert_problem(_in_chunks(ui, fits + b" "), 413, "body-too-large")
    assert_problem(_in_chunks(ui, fits + b" " * 10_000_000), 413, "body-too-large")


def _in_chunks(caller: Caller, data: bytes):
    """A body without a length, as servers hand it on: the stream ends where the body does."""
    return caller.service.app.test_client().post(
        "/v1/options",
        headers={"Authorization": f"Bearer {caller.secret}", "Content-Type": "application/json"},
        input_stream=io.BytesIO(data),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_is_not_declared_as_json_is_refused(ui: Caller, content_type):
    response = ui.call("POST", "/v1/options", data=b"{}", content_type=content_type)
    assert_problem(response, 415, "unsupported-media-type")


def test_json_with_a_charset_is_json(ui: Caller):
    response = ui.call("POST", "/v1/options", data=b"{}", content_type="application/json; charset=utf-8")
    assert_problem(response, 422, "invalid-request")


def test_a_database_that_does_not_answer_is_503_and_says_when_to_come_back(service: Service, ui: Caller, monkeypatch):
    def down():
        raise LogUnavailable

    monkeypatch.setattr(service.runtime.db, "reading", down)
    response = ui.ask()
    problem = assert_problem(response, 503, "temporarily-unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "Idempotency-Key" in problem["detail"]


def test_what_nobody_foresaw_is_500_without_its_trace(service: Service, ui: Caller, monkeypatch):
    def broken():
        raise OperationalError("SELECT secret", {}, Exception("inner"))

    monkeypatch.setattr(service.runtime.db, "reading", broken)
    problem = assert_problem(ui.ask(), 500, "internal")
    assert "secret" not in str(problem)


def test_an_error_of_ours_that_is_no_callers_fault_is_500(service: Service, ui: Caller, monkeypatch):
    def faulty(*_: object) -> None:
        raise EngineFault("The engine stopped.")

    monkeypatch.setattr(service.runtime.rulebooks, "ready", faulty)
    assert_problem(ui.ask(), 500, "engine-fault")


def test_a_problem_survives_names_that_utf_8_cannot_carry(ui: Caller):
    response = ui.call("POST", "/v1/options", data=rb'{"\ud800": 1}')
    problem = assert_problem(response, 422, "invalid-request")
    assert problem["errors"][0]["field"] == r"\ud800"


def test_every_field_at_fault_is_named_at_once(ui: Caller):
    response = ui.ask(amount=7.0, currency="EURO", surprise=1, agent=..., facts={"order.quantity": "700"})
    assert_problem(response, 422, "invalid-request", "amount", "currency", "surprise", "agent", "facts.order.quantity")


def test_no_problem_changes_anything(service: Service, ui: Caller):
    ui.ask(amount="-1.00")
    ui.post("/v1/decisions", body(), key=None)
    assert (service.rows("decision"), service.rows("entry"), service.rows("reply")) == (0, 0, 0)
