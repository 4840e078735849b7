"""The service against its own OpenAPI document: generated calls, valid and not, by a key of each role and by none.

No answer is a server error, none has a status, a content type, a header or a shape that the document does not state;
what the document forbids is refused; what was voided or never made is not answered as if it were there. What is signed
in place of a key cannot be made up; `api/admin/test_surveys.py` calls it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from policyservice.access.keys import Role
from policyservice.api.admin.docs import ASSETS
from policyservice.api.permissions import OPEN, ROLES, SIGNED
from tests.api.factories import COURTESY, Prepared, Service, serving

# Whoever calls in the same process leaves the files of the page to be closed by the interpreter.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"
)

SEED = 20_260_601
LEFT_OUT = {
    "ignored_auth": "cannot be sent to an application in the same process; test_permissions calls each without a key",
}
"""Checks that do not run here, each with its reason; every other one that there is runs."""

THE_DOCUMENT = "GET /openapi.json"
NOT_IN_THE_DOCUMENT = ["422"]
"""What a call that fits the document may be refused with all the same: reasons, remedies, facts, trust levels and
limits are names of the rulebook in force, which the document does not know."""


@pytest.fixture
def running(prepared: Prepared, tmp_path: Path) -> Iterator[Service]:
    with serving(prepared, tmp_path, rate_per_minute=0) as service:
        yield service


@pytest.mark.parametrize("role", Role)
def test_generated_calls_are_answered_as_the_document_says(running: Service, role: Role):
    _assert_as_documented(running, role, examples=6)


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
def test_many_generated_calls_are_answered_as_the_document_says(running: Service, role: Role):
    _assert_as_documented(running, role, examples=150)


def _assert_as_documented(service: Service, role: Role, *, examples: int) -> None:
    known = _already_there(service)
    answers, failures = _run(service, _config(service.caller(role).secret, known, examples))

    assert not failures, "\n\n".join(failures)
    may_call = {operation for operation, roles in ROLES.items() if role in roles} | OPEN
    answered = {operation for operation, statuses in answers.items() if any(status < 300 for status in statuses)}
    refused = {operation for operation, statuses in answers.items() if 403 in statuses}
    assert answered | {THE_DOCUMENT} == may_call
    assert refused >= set(ROLES) - may_call


def _already_there(service: Service) -> dict[str, list[str]]:
    """Parameters that lead somewhere: what was decided and registered before."""
    ui = service.caller(Role.AGENT_UI)
    held = [ui.decided(case=f"T-{number}", order=f"O-{number}")["id"] for number in range(8)]
    given, escalated = ui.decided(), ui.decided(**COURTESY)
    ui.post(f"/v1/decisions/{given['id']}/commit")
    said = {"agent": "teemu", "note": "Too little."}
    raised = [ui.post(f"/v1/decisions/{one}/objections", said, key=None).get_json()["id"] for one in held]
    return {
        "path.id": [*held, given["id"], escalated["id"], escalated["escalation"]["id"]],
        "path.objection": raised,
        "path.ref": ["maija", "T-1001", "C-77"],
        "path.name": list(ASSETS),
        "path.code": ["invalid-request"],
    }


def _run(service: Service, config: SchemathesisConfig) -> tuple[dict[str, set[int]], list[str]]:
    """The statuses by operation, and what failed, in words."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", service.app, config=config)
    schema = schema.exclude(path=[operation.partition(" ")[2] for operation in sorted(SIGNED)])
    answers: defaultdict[str, set[int]] = defaultdict(set)
    failures: list[str] = []
    for event in from_schema(schema).execute():
        match event:
            case events.NonFatalError() | events.FatalError():
                failures.append(str(event))
            case events.ScenarioFinished():
                for case_id, interaction in event.recorder.interactions.items():
                    case = event.recorder.cases[case_id].value
                    if interaction.response is not None:
                        answers[case.operation.label].add(interaction.response.status_code)
                failures += [
                    f"{check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                    for checks in event.recorder.checks.values()
                    for check in checks
                    if check.failure_info is not None
                ]
    return dict(answers), failures


def _config(secret: str | None, known: dict[str, list[str]], examples: int) -> SchemathesisConfig:
    return schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "cache": {"enabled": False},  # what an earlier run found must not change this one
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "checks": {
                "enabled": True,
                "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "404", "409", *NOT_IN_THE_DOCUMENT]},
                **{name: {"enabled": False} for name in LEFT_OUT},
            },
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "parameters": {name: {"dictionary": name, "probability": 0.5} for name in known},
            "auth": {"openapi": {"key": {"bearer": secret}}},
        }
    )
