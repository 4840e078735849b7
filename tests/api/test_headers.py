"""Headers that tell browsers and proxies what not to do, on answers of every kind."""

from __future__ import annotations

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Service

ANSWERED = {
    "a decision list": ("GET", "/v1/decisions"),
    "a customer's history": ("GET", "/v1/customers/C-77/history"),
    "nothing there": ("GET", "/v1/decisions/dec_nothing"),
    "no such address": ("GET", "/nowhere"),
    "another method": ("DELETE", "/v1/decisions"),
    "a body at fault": ("POST", "/v1/decisions"),
    "figures": ("GET", "/metrics"),
    "readiness": ("GET", "/readyz"),
    "the document": ("GET", "/openapi.json"),
    "the page": ("GET", "/docs"),
    "a file of the page": ("GET", "/docs/assets/docs.js"),
    "a page of a problem": ("GET", "/problems/not-found"),
}
KINDS = pytest.mark.parametrize(("method", "address"), ANSWERED.values(), ids=ANSWERED.keys())


@KINDS
def test_every_answer_says_what_it_is_and_that_it_is_nothing_else(shared: Service, method: str, address: str):
    with shared.caller(Role.ADMIN).call(method, address) as answer:
        kind, _, parameters = answer.headers["Content-Type"].partition(";")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "charset=utf-8" in parameters or not kind.startswith("text/")


@KINDS
def test_no_answer_may_load_anything_from_elsewhere_or_be_framed_or_followed(
    shared: Service, method: str, address: str
):
    with shared.caller(Role.ADMIN).call(method, address) as answer:
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"  # stands for object-src, too
        assert policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert ("sandbox" in policy) == (not answer.content_type.startswith("text/html"))
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@KINDS
def test_no_answer_lets_pages_of_elsewhere_read_it_or_sets_a_cookie(shared: Service, method: str, address: str):
    with shared.caller(Role.ADMIN).call(method, address, headers={"Origin": "https://elsewhere.example"}) as answer:
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers


@pytest.mark.parametrize("address", ["/v1/decisions", "/v1/customers/C-77/history", "/v1/nowhere", "/v1/vocabulary"])
@pytest.mark.parametrize("role", [Role.ADMIN, None])
def test_nothing_of_an_answer_under_v1_is_kept_on_the_way(shared: Service, address: str, role: Role | None):
    caller = shared.anonymous() if role is None else shared.caller(role)
    assert caller.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/v1/decisions", "/v1/grants", "/v1/options"])
def test_what_a_page_of_elsewhere_may_send_without_asking_first_is_refused(shared: Service, address: str):
    """A browser sends forms and plain text to any address by itself; never a key, and never JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert shared.anonymous().call("POST", address, data=b"{}", content_type=kind).status_code == 401
        keyed = shared.caller(Role.ADMIN).call("POST", address, data=b"{}", content_type=kind)
        assert keyed.status_code == 415


@pytest.mark.parametrize("address", ["/v1/decisions", "/healthz", "/docs"])
def test_trace_and_options_are_methods_of_no_address(shared: Service, address: str):
    for method in ("TRACE", "OPTIONS", "CONNECT"):
        assert shared.caller(Role.ADMIN).call(method, address).status_code == 405
