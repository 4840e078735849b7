"""POST /v1/webhooks/surveys/{source}: signed in place of a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from policyservice.api import examples
from policyservice.config import SurveySource
from policyservice.resolutions.surveys.signature import signature
from tests.api.factories import Prepared, Service, assert_problem, serving

SECRET = b"s" * 32
BODY = json.dumps(examples.DELIVERY)


@pytest.fixture
def service(prepared: Prepared, tmp_path: Path) -> Iterator[Service]:
    with serving(prepared, tmp_path, surveys=(SurveySource("tool", "generic", SECRET),)) as running:
        yield running


def deliver(
    service: Service, body: str = BODY, *, source: str = "tool", id: str = "msg_1", seconds: int = 0, **options
) -> TestResponse:
    service.clock.instant = service.clock.instant.replace(hour=12)
    stamp = str(int(service.clock.now().timestamp()) + seconds)
    headers = {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + signature(SECRET, id, stamp, body.encode()),
        **options.pop("headers", {}),
    }
    return service.anonymous().call("POST", f"/v1/webhooks/surveys/{source}", data=body, headers=headers, **options)


def counted(service: Service, result: str, source: str = "tool") -> bool:
    text = service.anonymous().get("/metrics").get_data(as_text=True)
    return f'policyservice_survey_deliveries_total{{result="{result}",source="{source}"}} 1.0' in text


def test_a_signed_delivery_is_kept_and_its_replay_refused_and_counted(service: Service):
    answer = deliver(service)

    assert answer.status_code == 200
    assert [item["taken"] for item in answer.get_json()["items"]] == ["unknown"]
    assert_problem(deliver(service), 409, "delivery-replayed")
    assert service.rows("outcome") == 1
    assert counted(service, "taken")
    assert counted(service, "replayed")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_timestamp_is_refused_and_counted(service: Service, seconds: int):
    assert_problem(deliver(service, seconds=seconds), 401, "delivery-refused")
    assert counted(service, "old")
    assert service.rows("outcome") == 0


def test_a_bad_signature_or_an_unknown_source_is_refused_alike_and_counted(service: Service):
    forged = deliver(service, headers={"webhook-signature": "v1,bm90IGl0"})
    unknown = deliver(service, source="nosuch")

    assert_problem(forged, 401, "delivery-refused")
    assert_problem(unknown, 401, "delivery-refused")
    assert counted(service, "bad_signature")
    assert counted(service, "bad_signature", "unknown")
    assert service.rows("survey_delivery") == 0


def test_a_delivery_that_cannot_be_read_names_its_fields_and_is_counted(service: Service):
    assert_problem(deliver(service, "[]"), 400, "malformed-body")
    assert_problem(
        deliver(service, '{"outcomes": [{"kind": "satisfaction", "stars": 5}]}'), 422, "invalid-request", "stars"
    )
    assert service.rows("survey_delivery") == 0
    assert deliver(service).status_code == 200


def test_a_body_that_is_too_long_or_not_declared_as_json_is_refused_before_it_is_looked_at(service: Service):
    longest = service.runtime.settings.max_body_bytes
    assert_problem(deliver(service, "x" * (longest + 1)), 413, "body-too-large")
    assert_problem(deliver(service, content_type="text/plain"), 415, "unsupported-media-type")


def test_a_tool_that_delivers_too_often_is_told_when_to_come_back_and_loses_nothing(prepared: Prepared, tmp_path: Path):
    with a_slow_service(prepared, tmp_path) as service:
        answers = [deliver(service, id=f"msg_{number}") for number in range(3)]
        limited = deliver(service, id="msg_3")

        assert [answer.status_code for answer in answers] == [200] * 3
        assert_problem(limited, 429, "deliveries-limited")
        assert counted(service, "limited")
        assert service.rows("survey_delivery") == 3

        service.clock.advance(seconds=int(limited.headers["Retry-After"]))
        assert deliver(service, id="msg_3").status_code == 200
        assert service.rows("survey_delivery") == 4


def test_too_many_that_are_refused_are_answered_alike_and_leave_the_tool_its_rate(prepared: Prepared, tmp_path: Path):
    with a_slow_service(prepared, tmp_path) as service:
        refused = [deliver(service, source=f"guess-{number}") for number in range(3)]
        of_none = deliver(service, source="guess-3")
        of_one = deliver(service, headers={"webhook-signature": "v1,bm90IGl0"})

        assert [answer.status_code for answer in refused] == [401] * 3
        said = [assert_problem(answer, 429, "deliveries-limited") for answer in (of_none, of_one)]
        assert len({problem["detail"] for problem in said}) == 1
        assert of_none.headers["Retry-After"] == of_one.headers["Retry-After"]
        assert counted(service, "bad_signature")
        assert [deliver(service, id=f"msg_{number}").status_code for number in range(3)] == [200] * 3


@contextmanager
def a_slow_service(prepared: Prepared, tmp_path: Path) -> Iterator[Service]:
    """One that takes three deliveries of a tool at once, and then one a second."""
    rates = {"survey_rate_per_minute": 60, "survey_rate_burst": 3}
    with serving(prepared, tmp_path, surveys=(SurveySource("tool", "generic", SECRET),), **rates) as running:
        yield running
