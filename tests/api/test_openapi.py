"""The OpenAPI document is whole: every route, sound references, examples that load."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from policyservice.api import auth, permissions
from policyservice.api.schemas.problem import ProblemSchema
from tests.api.factories import Service

METHODS = {"get", "post", "put", "delete", "patch", "head", "options", "trace"}


@pytest.fixture
def document(shared: Service) -> dict[str, Any]:
    return dict(shared.anonymous().get("/openapi.json").get_json())


def test_it_is_openapi_3_1_with_title_version_and_licence(document):
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"] == "policyservice"
    assert document["info"]["version"]
    assert document["info"]["license"]["name"] == "MIT"


def test_every_route_of_the_application_is_in_it_and_none_besides(shared: Service, document):
    described = {f"{method.upper()} {path}" for path, method, _ in _operations(document)}
    assert described == auth.operations(shared.app)


def test_every_reference_points_to_something(document):
    for reference in _references(document):
        assert reference.startswith("#/")
        target: Any = document
        for part in reference[2:].split("/"):
            target = target[part]
        assert target


def test_operations_are_named_once_and_summed_up(document):
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(set(names)) == len(names)
    for _, _, operation in _operations(document):
        assert operation["summary"]
        assert operation["tags"]


def test_the_parameters_of_a_path_are_declared_and_required(document):
    for path, item in document["paths"].items():
        declared = {p["name"] for p in item.get("parameters", []) if p["in"] == "path"}
        for method in METHODS & set(item):
            own = {p["name"] for p in item[method].get("parameters", []) if p["in"] == "path"}
            assert declared | own == set(re.findall(r"\{([a-z_]+)\}", path)), path
        assert all(p["required"] for p in item.get("parameters", []) if p["in"] == "path")


def test_every_operation_has_an_answer_and_its_problems(document):
    for path, method, operation in _operations(document):
        responses = operation["responses"]
        assert [status for status in responses if status.startswith("2")], path
        for status, response in responses.items():
            assert response["description"]
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"]
                assert response["content"]["application/problem+json"]["schema"] == {
                    "$ref": "#/components/schemas/Problem"
                }
        wanted = {"401", "403"} if f"{method.upper()} {path}" in permissions.ROLES else set()
        assert wanted <= set(responses), path


def test_what_needs_no_key_says_so_and_all_else_needs_one(document):
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    open_ones = {
        f"{method.upper()} {path}"
        for path, method, operation in _operations(document)
        if operation.get("security") == []
    }
    assert open_ones == permissions.OPEN | permissions.SIGNED


ESCALATION_STEPS = ("take", "hand-on", "contacts", "resolve", "withdraw", "correct")
INCIDENT_STEPS = ("cases", "cases/{ref}/unlink", "transition", "action", "remedy", "roll-out")
"""Each adds to a history that cannot be changed: a call that is repeated must not add twice."""


def test_what_moves_money_or_adds_to_a_case_needs_an_idempotency_key(document):
    keyed = {
        path
        for path, _, operation in _operations(document)
        if any(p["name"] == "Idempotency-Key" and p["required"] for p in operation.get("parameters", []))
    }
    assert keyed == {
        "/v1/decisions",
        "/v1/decisions/{id}/commit",
        "/v1/decisions/{id}/void",
        "/v1/decisions/{id}/reverse",
        *(f"/v1/escalations/{{id}}/{step}" for step in ESCALATION_STEPS),
        "/v1/incidents",
        *(f"/v1/incidents/{{id}}/{step}" for step in INCIDENT_STEPS),
        "/v1/cases/{ref}/contacts",
        "/v1/contacts/{id}/correct",
        "/v1/cases/{ref}/promises",
        "/v1/promises/{promise}/keep",
        "/v1/promises/{promise}/move",
        "/v1/promises/{promise}/break",
    }


def test_every_operation_under_v1_has_an_example_of_its_answer_and_of_its_body(document):
    for path, _, operation in _operations(document):
        if not path.startswith("/v1"):
            continue
        answer = next(response for status, response in operation["responses"].items() if status.startswith("2"))
        assert answer["content"]["application/json"]["examples"], path
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"], path


def test_every_example_loads_through_its_schema(shared: Service):
    for name, view in shared.app.view_functions.items():
        what = view.operation  # type: ignore[attr-defined]
        for body in what.examples.values():
            assert what.body().load(body) is not None, name
        for answer in what.answers.values():
            what.answer().load(answer)


def test_every_example_of_a_problem_is_one(document):
    for _, _, operation in _operations(document):
        for response in operation["responses"].values():
            content = response["content"].get("application/problem+json")
            if content is not None:
                ProblemSchema().load(content["example"])


def test_the_bodies_shown_are_taken_by_the_service(service: Service):
    from tests.api.record_examples import recorded

    assert all(answer for answer in recorded(service).values())


def test_the_answers_shown_have_the_fields_that_are_answered_now(service: Service):
    from policyservice.api import examples
    from tests.api.record_examples import recorded

    shown = json.loads(examples.RECORDED.read_text("utf-8"))
    now = recorded(service)
    assert {name: sorted(answer) for name, answer in shown.items()} == {
        name: sorted(answer) for name, answer in now.items()
    }


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
