"""Bad and missing inputs never become an `allow`: every row of docs/reference/conformance.md, sent over HTTP."""

from __future__ import annotations

import pytest

from tests.api.conformance import ROWS, Row, shown, table
from tests.api.factories import Caller, Service, assert_problem


def test_the_page_shows_the_rows_that_are_tested():
    assert shown() == table()


def test_there_is_no_allow_in_the_table_and_no_row_twice():
    assert "allow" not in {row.answer for row in ROWS}
    assert len({row.sent for row in ROWS}) == len(ROWS) >= 40


def test_the_request_that_the_rows_change_would_be_allowed(ui: Caller):
    assert ui.decided()["outcome"] == "allow"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sent)
def test_a_row_is_answered_as_the_page_says_and_holds_nothing(shared: Service, row: Row):
    before = _written(shared)
    response = _sent(shared, row)
    if row.status == 201:
        answer = response.get_json()
        assert (response.status_code, answer["outcome"]) == (201, row.answer), answer
        assert sorted(answer["missing"]) == sorted(row.fields)
    else:
        assert_problem(response, row.status, row.answer, *row.fields)
    logged = 1 if row.status == 201 else 0
    assert _written(shared) == [before[0] + logged, before[1] + logged, 0, 0]


def _written(service: Service) -> list[int]:
    """What is logged, what is kept under keys, what is held."""
    return [service.rows(table) for table in ("decision", "reply", "entry", "reservation")]


def _sent(service: Service, row: Row):
    caller = service.caller()
    if row.secret is not None:
        caller.secret = row.secret(service)
    headers = {"Idempotency-Key": service.next_key()} if row.keyed else {}
    return caller.call(
        "POST", "/v1/decisions", body=row.body, data=row.data, headers=headers, content_type=row.content_type
    )
