"""Who may call what: one table, held against every operation and role, and shown in the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyservice.access.keys import Role
from policyservice.api import auth, permissions
from tests.api.factories import Service, assert_problem

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "http-api.md"
COLUMNS = (Role.AGENT_UI, Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMIN)
OPERATIONS = sorted(permissions.ROLES)


def test_every_operation_of_the_application_is_in_the_table_and_none_besides(shared: Service):
    assert auth.operations(shared.app) == set(permissions.ROLES) | permissions.OPEN | permissions.SIGNED


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_is_let_through_or_refused_as_the_table_says(shared: Service, operation, role):
    response = _called(shared, operation, shared.key(role))
    if role in permissions.ROLES[operation]:
        assert response.status_code not in (401, 403), response.get_data(as_text=True)
    else:
        problem = assert_problem(response, 403, "not-allowed")
        assert role.value in problem["detail"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_of_the_companys_systems_verifies_and_does_nothing_else(shared: Service, operation):
    response = _called(shared, operation, shared.key(Role.SYSTEM))
    if operation in ("PUT /v1/orders/{ref}", "PUT /v1/customers/{ref}"):
        assert response.status_code == 422
    else:
        assert_problem(response, 403, "not-allowed")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_under_v1_answers_without_a_key(shared: Service, operation):
    response = _called(shared, operation, None)
    assert_problem(response, 401, "not-authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", sorted(permissions.OPEN))
def test_what_needs_no_key_answers_without_one(shared: Service, operation):
    assert _called(shared, operation, None).status_code in (200, 404)


def test_the_reference_shows_the_table_as_it_is():
    shown = re.findall(r"^\| `([A-Z]+ /v1/[^`]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {operation: cells.split(" | ") for operation, cells in shown} == {
        operation: ["yes" if role in roles else "no" for role in COLUMNS]
        for operation, roles in permissions.ROLES.items()
    }


def _called(shared: Service, operation: str, secret: str | None):
    method, path = operation.split(" ")
    address = re.sub(r"\{[a-z_]+\}", "dec_000000", path)
    caller = shared.anonymous()
    caller.secret = secret
    body = {} if method in ("POST", "PUT") else None
    return caller.call(method, address, body=body)
