"""GET /docs, its files, and the pages of problems."""

from __future__ import annotations

import re

import pytest

from policyservice.api.admin.docs import ASSETS, STATIC
from policyservice.api.problems import known_problems
from tests.api.factories import Service, assert_problem


def test_the_page_loads_everything_from_this_service(shared: Service):
    page = shared.anonymous().get("/docs").get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    for address in loaded:
        with shared.anonymous().get(address) as response:
            assert response.status_code == 200, address
    assert "http://" not in page
    assert "https://" not in page


def test_the_page_runs_no_script_of_its_own_text(shared: Service):
    response = shared.anonymous().get("/docs")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|<style|style=", response.get_data(as_text=True))


def test_the_page_keeps_nothing_and_asks_nobody_else():
    """A key that is tried on the page is gone with it."""
    script = (STATIC / "docs.js").read_text("utf-8")
    assert "validatorUrl: null" in script
    for kept in ("persistAuthorization", "localStorage", "sessionStorage", "cookie", "indexedDB", "postMessage"):
        assert kept not in script


@pytest.mark.parametrize("name", sorted(ASSETS))
def test_every_file_of_the_page_is_there_with_a_type_that_browsers_take(shared: Service, name):
    kind = {"js": "text/javascript", "css": "text/css", "png": "image/png"}[name.rpartition(".")[2]]
    with shared.anonymous().get(f"/docs/assets/{name}") as response:
        assert response.status_code == 200
        assert response.content_type.startswith(kind)
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fdocs.js", "%2e%2e", "swagger-ui%2FLICENSE", "LICENSE"])
def test_no_other_file_is_served(shared: Service, name):
    assert_problem(shared.anonymous().get(f"/docs/assets/{name}"), 404, "not-found")


def test_the_licence_of_what_is_vendored_lies_beside_it():
    assert "Apache License" in (STATIC / "swagger-ui" / "LICENSE").read_text("utf-8")
    assert (STATIC / "swagger-ui" / "NOTICE").exists()


@pytest.mark.parametrize("code", sorted(known_problems()))
def test_the_type_of_every_problem_leads_to_a_page(shared: Service, code):
    response = shared.anonymous().get(f"/problems/{code}")
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert code in page
    assert str(known_problems()[code].status) in page
    assert "Content-Security-Policy" in response.headers


def test_a_code_that_no_answer_carries_has_no_page(shared: Service):
    assert_problem(shared.anonymous().get("/problems/nonsense"), 404, "not-found")
