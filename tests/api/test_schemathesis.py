"""The service against its own OpenAPI document: generated calls, valid and not, by a key of each role and by none.

No answer is a server error, none has a status, a content type, a header or a shape that the document does not state;
what the document forbids is refused; what was voided or never made is not answered as if it were there. What is signed
in place of a key cannot be made up; `api/admin/test_surveys.py` calls it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from policyservice.access.keys import Role
from policyservice.api import examples
from policyservice.api.admin.docs import ASSETS
from policyservice.api.permissions import OPEN, ROLES, SIGNED
from tests.api.factories import COURTESY, Caller, Prepared, Service, serving

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
LED_TO = {
    "^/v1/cases/": {"path.ref": "cases"},
    "^/v1/incidents/[^/]+(/(cases|transition|action|remedy))?$": {"path.id": "incidents"},
    "^/v1/incidents/[^/]+/roll-out$": {"path.id": "incidents to roll out"},
    "^/v1/incidents/[^/]+/cases/[^/]+/unlink$": {"path.id": "incidents with cases", "path.ref": "linked cases"},
    "^/v1/escalations/[^/]+(/(take|hand-on|contacts|correct))?$": {"path.id": "escalations"},
    "^/v1/escalations/[^/]+/resolve$": {"path.id": "escalations to resolve"},
    "^/v1/escalations/[^/]+/withdraw$": {"path.id": "escalations to withdraw"},
    "^/v1/decisions/[^/]+/commit$": {"path.id": "decisions to commit"},
    "^/v1/decisions/[^/]+/void$": {"path.id": "decisions to void"},
    "^/v1/decisions/[^/]+/reverse$": {"path.id": "decisions to reverse"},
    "^/v1/promises/[^/]+/keep$": {"path.promise": "promises to keep"},
    "^/v1/promises/[^/]+/break$": {"path.promise": "promises to break"},
    "^/v1/promises/[^/]+/move$": {"path.promise": "promises to move"},
}
"""Where parameters lead most of the time. What ends a thing has things of its own, so that no draw for another
operation, nor another operation that comes to be, leaves it without one."""

NOT_IN_THE_DOCUMENT = ["422"]
"""What a call that fits the document may be refused with all the same: reasons, remedies, facts, trust levels and
limits are names of the rulebook in force, which the document does not know."""


@pytest.fixture
def running(prepared: Prepared, tmp_path: Path) -> Iterator[Service]:
    with serving(prepared, tmp_path, rate_per_minute=0) as service:
        yield service


@pytest.mark.parametrize("role", Role)
def test_generated_calls_are_answered_as_the_document_says(running: Service, role: Role):
    _assert_as_documented(running, role, each=6)


@pytest.mark.long
@pytest.mark.parametrize("role", Role)
def test_many_generated_calls_are_answered_as_the_document_says(running: Service, role: Role):
    _assert_as_documented(running, role, each=150)


def _assert_as_documented(service: Service, role: Role, *, each: int) -> None:
    known = _already_there(service)
    answers, failures = _run(service, _config(service.caller(role).secret, known, each))

    assert not failures, "\n\n".join(failures)
    may_call = {operation for operation, roles in ROLES.items() if role in roles} | OPEN
    answered = {operation for operation, statuses in answers.items() if any(status < 300 for status in statuses)}
    refused = {operation for operation, statuses in answers.items() if 403 in statuses}
    assert answered | {THE_DOCUMENT} == may_call
    assert refused >= set(ROLES) - may_call


def _already_there(service: Service) -> dict[str, list[str]]:
    """Parameters that lead somewhere: what was decided and registered before."""
    ui = service.caller(Role.AGENT_UI)
    held = _held(ui, "", 24)
    given, escalated = ui.decided(), ui.decided(**COURTESY)
    ui.post(f"/v1/decisions/{given['id']}/commit")
    said = {"agent": "teemu", "note": "Too little."}
    raised = [ui.post(f"/v1/decisions/{one}/objections", said, key=None).get_json()["id"] for one in held]
    return {
        "path.id": [*held, given["id"], escalated["id"], escalated["escalation"]["id"]],
        "path.objection": raised,
        "path.ref": ["maija", "T-1001", "C-77"],
        "cases": [f"T-{number}" for number in range(4)],
        "incidents": _incidents(service),
        "incidents to roll out": _incidents(service)[:6],
        **_linked(service),
        "escalations": _waiting(ui, "E"),
        "escalations to resolve": _waiting(ui, "ER"),
        "escalations to withdraw": _waiting(ui, "EW"),
        "decisions to commit": _held(ui, "DC", 12),
        "decisions to void": _held(ui, "DV", 12),
        "decisions to reverse": _given(ui, "DR"),
        **{f"promises to {step}": _promised(ui) for step in ("keep", "break", "move")},
        "path.name": list(ASSETS),
        "path.code": ["invalid-request"],
    }


def _held(ui: Caller, mark: str, count: int) -> list[str]:
    return [ui.decided(case=f"T-{mark}{number}", order=f"O-{mark}{number}")["id"] for number in range(count)]


def _given(ui: Caller, mark: str) -> list[str]:
    given = _held(ui, mark, 12)
    assert {ui.post(f"/v1/decisions/{one}/commit").status_code for one in given} == {200}
    return given


def _waiting(ui: Caller, mark: str) -> list[str]:
    asked = [ui.decided(**COURTESY, case=f"T-{mark}{n}", order=f"O-{mark}{n}") for n in range(12)]
    return [one["escalation"]["id"] for one in asked]


def _promised(ui: Caller) -> list[str]:
    soon = {"agent": "maija", "what": "a call", "due_at": "2026-07-01T09:00:00Z"}
    return [ui.post(f"/v1/cases/T-{number}/promises", soon).get_json()["id"] for number in range(12)]


def _incidents(service: Service) -> list[str]:
    """Incidents of which some are open, and some are ready to be rolled out."""
    manager = service.caller(Role.MANAGER)
    opened = [manager.post("/v1/incidents", examples.OPEN_INCIDENT).get_json()["id"] for _ in range(10)]
    for incident in opened[:6]:
        for step, body in (("transition", examples.TRANSITION), ("remedy", examples.SHARED_REMEDY)):
            assert manager.post(f"/v1/incidents/{incident}/{step}", body).status_code == 200
    service.clock.advance(seconds=3)
    return opened


def _linked(service: Service) -> dict[str, list[str]]:
    """Incidents, and the cases that every one of them is behind."""
    manager = service.caller(Role.MANAGER)
    opened = [manager.post("/v1/incidents", examples.OPEN_INCIDENT).get_json()["id"] for _ in range(3)]
    cases = [f"T-L{number}" for number in range(4)]
    for incident, case in product(opened, cases):
        link = {**examples.LINK, "case": case}
        assert manager.post(f"/v1/incidents/{incident}/cases", link).status_code == 200
    return {"incidents with cases": opened, "linked cases": cases}


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


def _config(secret: str | None, known: dict[str, list[str]], each: int) -> SchemathesisConfig:
    return schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "cache": {"enabled": False},  # what an earlier run found must not change this one
            "continue-on-failure": True,
            "generation": {"max-examples": each, "deterministic": True, "database": "none"},
            "checks": {
                "enabled": True,
                "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "404", "409", *NOT_IN_THE_DOCUMENT]},
                **{name: {"enabled": False} for name in LEFT_OUT},
            },
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "parameters": {
                name: {"dictionary": name, "probability": 0.5} for name in known if name.startswith("path.")
            },
            "operations": [
                {
                    "include-path-regex": path,
                    "parameters": {
                        parameter: {"dictionary": name, "probability": 0.9} for parameter, name in led.items()
                    },
                }
                for path, led in LED_TO.items()
            ],
            "auth": {"openapi": {"key": {"bearer": secret}}},
        }
    )
