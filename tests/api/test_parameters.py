"""Parameters of an address: each once, and each read by somebody."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Service, assert_problem, body


@pytest.mark.parametrize("query", ["customer=C-1&customer=C-2", "limit=1&limit=200", "agent=maija&agent=maija"])
def test_a_parameter_that_stands_twice_is_refused(shared: Service, query: str):
    answer = shared.caller(Role.ADMIN).get(f"/v1/decisions?{query}")
    assert_problem(answer, 422, "invalid-request", query.partition("=")[0])


@pytest.mark.parametrize("name", ["agent", "amount", "approved_by"])
def test_a_field_of_the_body_is_not_taken_from_the_address(shared: Service, name: str):
    answer = shared.caller(Role.ADMIN).post(f"/v1/decisions?{name}=100.00", body())
    assert_problem(answer, 422, "invalid-request", name)
