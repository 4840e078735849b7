"""What is personal or secret, planted in calls of every kind, stands in no log line and in no problem document.

Not when the call is refused, not when it is taken, not when the service or its database fails in the middle of it.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import exc, text
from werkzeug.test import TestResponse

from policyservice.access.keys import Role
from policyservice.db.session import Database
from tests.api.factories import COURTESY, Caller, Service, body
from tests.api.planted import refused_beside_decisions, taken_beside_decisions
from tests.logs import lines_of

MARK = "Zorblatt"
"""In everything that is planted: a name that stands nowhere else."""

PLANTED = {
    "agent": f"{MARK}-agent",
    "case": f"{MARK}-case",
    "customer": f"{MARK}-customer",
    "order": f"{MARK}-order",
    "incident": f"{MARK}-incident",
    "channel": f"{MARK}-channel",
    "reason": f"{MARK}.reason",
    "remedy": f"{MARK}-remedy",
    "amount": f"{MARK}-amount",
    "currency": MARK,
    "justification": f"My name is {MARK}, call 040 1234567",
    "given_at": f"{MARK}-instant",
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged during the test, from `debug` on."""
    with lines_of("debug") as stream:
        yield stream


@pytest.fixture
def known(service: Service) -> Caller:
    """A caller who may act for a registered agent whose reference and name are planted."""
    registered = {"name": f"Maija {MARK}", "team": f"{MARK}-team", "trust_level": "new", "kind": "human"}
    assert service.caller(Role.MANAGER).put(f"/v1/agents/{PLANTED['agent']}", registered).status_code == 201
    return service.caller(Role.ADMIN)


def taken(caller: Caller) -> Iterator[TestResponse]:
    """Calls that are taken, with all that may be planted in them."""
    refs = {name: PLANTED[name] for name in ("agent", "case", "customer", "order", "incident", "channel")}
    spoken = {**refs, "justification": PLANTED["justification"]}
    yield (held := caller.ask(**spoken))
    yield (given := caller.ask(**{**spoken, "order": f"{MARK}-2"}, key=f"{MARK}-key"))
    yield (asked := caller.ask(**COURTESY | spoken | {"amount": "90.00"}))
    first, second, third = (answer.get_json() for answer in (held, given, asked))
    yield caller.post(f"/v1/decisions/{second['id']}/commit", {"external_ref": f"{MARK}-payment"})
    yield caller.post(f"/v1/decisions/{second['id']}/reverse", {"reason": f"{MARK} paid twice"})
    yield caller.post(f"/v1/decisions/{first['id']}/void", {"reason": f"{MARK} went away"})
    refusal = {"result": "refused", "agent": "leena", "note": f"{MARK} is not owed it"}
    yield caller.post(f"/v1/escalations/{third['escalation']['id']}/resolve", refusal)
    for address in (f"cases/{refs['case']}", f"customers/{refs['customer']}/history", f"agents/{refs['agent']}"):
        yield caller.get(f"/v1/{address}")
    yield caller.get(f"/v1/decisions?customer={refs['customer']}&agent={refs['agent']}")
    yield caller.get(f"/v1/decisions/{first['id']}/explanation")


def refused(caller: Caller) -> Iterator[TestResponse]:
    """Calls that are refused for what is planted in them."""
    for name, value in PLANTED.items():
        yield caller.ask(**{name: value})
        yield caller.ask(**{name: value + "\x00"})
        yield caller.ask(**{name: {"inner": value}})
    yield caller.ask(facts={"order.category": MARK})
    yield caller.ask(facts={"order.paid": MARK})
    yield caller.post("/v1/decisions", {**body(), "amount": "1.00"}, key="same")
    yield caller.post("/v1/decisions", {**body(), "case": MARK}, key="same")
    yield caller.call("POST", "/v1/decisions", data=f'{{"case": "{MARK}"'.encode())
    yield caller.call("POST", "/v1/decisions", data=b'{"case": "' + MARK.encode() + b'\xff"}')
    yield caller.call("POST", "/v1/decisions", data=f'"{MARK}"', content_type=f"text/{MARK}")
    yield caller.call("POST", "/v1/decisions", body=body(justification=MARK * 100_000))
    yield caller.post("/v1/decisions", body(), key=f"{MARK}\tä")
    for address in (
        f"decisions/{MARK}",
        f"decisions/{MARK}/explanation",
        f"cases/{MARK}",
        f"cases/{MARK}%0A",
        f"agents/{MARK}",
        f"nowhere/{MARK}",
        f"decisions?cursor={MARK}",
        f"decisions?outcome={MARK}",
        f"escalations?cursor={MARK}",
        f"vocabulary?of=x&to={MARK}",
    ):
        yield caller.get(f"/v1/{address}")
    for step in ("commit", "void", "reverse"):
        yield caller.post(f"/v1/decisions/{MARK}/{step}", {"reason": MARK})
    yield caller.post(f"/v1/escalations/{MARK}/resolve", {"result": MARK, "agent": MARK, "note": MARK})
    yield caller.put(f"/v1/agents/{MARK}", {"name": MARK, "team": MARK, "trust_level": MARK, "kind": MARK})
    yield caller.post("/v1/grants", {"agent": MARK, "limit": MARK, "amount": MARK, "reason": MARK, "ends_at": MARK})
    yield caller.post("/v1/options", {"agent": MARK, "reason": MARK})
    yield caller.call("DELETE", f"/v1/cases/{MARK}")


def test_calls_that_are_taken_leave_nothing_in_the_log(lines, service: Service, known: Caller):
    answers = list(taken(known))
    assert [answer.status_code for answer in answers if answer.status_code >= 300] == []
    _assert_clean(lines, service, at_least=len(answers))


def test_calls_that_are_refused_leave_nothing_in_the_log_or_in_the_problem(lines, service: Service, known: Caller):
    answers = [answer for answer in refused(known) if answer.status_code != 201]
    assert len(answers) > 50
    for answer in answers:
        assert answer.status_code < 500
        assert MARK.lower() not in answer.get_data(as_text=True).lower(), answer.get_data(as_text=True)
        assert MARK.lower() not in str(answer.headers).lower()
    _assert_clean(lines, service, at_least=len(answers))


def test_what_is_said_beside_decisions_leaves_nothing_in_the_log(lines, service: Service, known: Caller):
    answers = list(taken_beside_decisions(known, PLANTED["agent"], MARK))
    assert [answer.get_json() for answer in answers if answer.status_code >= 300] == []
    _assert_clean(lines, service, at_least=len(answers))


def test_what_is_refused_beside_decisions_leaves_nothing_in_the_log_or_in_the_problem(
    lines, service: Service, known: Caller
):
    answers = list(refused_beside_decisions(known, MARK))
    assert len(answers) > 200
    for answer in answers:
        assert 400 <= answer.status_code < 500, answer.request.url
        assert MARK.lower() not in answer.get_data(as_text=True).lower(), answer.get_data(as_text=True)
        assert MARK.lower() not in str(answer.headers).lower()
    _assert_clean(lines, service, at_least=len(answers))


@pytest.mark.parametrize("header", ["{}", "Bearer {}", "Bearer {} ", "Basic {}", "{} Bearer", "Bearer  x{}"])
def test_a_key_in_any_form_and_place_is_repeated_nowhere(lines, service: Service, header: str):
    secret = service.key()
    anonymous = service.anonymous()
    answers = [
        anonymous.call("GET", "/v1/vocabulary", headers={"Authorization": header.format(secret)}),
        anonymous.call("GET", f"/v1/cases/{secret}"),
        anonymous.call("GET", "/v1/vocabulary", headers={"X-Request-Id": secret}),
        Caller(service, secret).get(f"/v1/decisions?key={secret}"),
        Caller(service, secret).post("/v1/decisions", {secret[:20]: secret, "agent": secret}),
    ]
    for answer in answers:
        assert secret not in answer.get_data(as_text=True) + str(answer.headers)
    assert secret not in lines.getvalue()


def _value_error(given: str) -> None:
    int(given)


def _database_error(given: str) -> None:
    db = Database("sqlite:///file:leaks?mode=memory&uri=true")
    try:
        with db.transaction() as connection:
            connection.execute(text("SELECT :given FROM nowhere"), {"given": given})
    finally:
        db.dispose()


def _caused(given: str) -> None:
    try:
        _database_error(given)
    except exc.DBAPIError as error:
        raise RuntimeError(f"cannot keep {given}") from error


def _grouped(given: str) -> None:
    raise ExceptionGroup(given, [KeyError(given), OSError(5, given)])


@pytest.mark.parametrize("trouble", [_value_error, _database_error, _caused, _grouped])
def test_a_failure_in_the_middle_of_a_call_is_traced_without_a_word_of_what_it_was_about(
    lines, service: Service, known: Caller, monkeypatch, trouble: Callable[[str], None]
):
    given = f"{MARK}-row (040 1234567)"
    monkeypatch.setattr(service.runtime.db, "transaction", lambda: trouble(given))
    monkeypatch.setattr(service.runtime.rates, "spend", lambda key, now: None)

    answer = known.ask(**{name: PLANTED[name] for name in ("agent", "case", "customer", "justification")})

    assert answer.status_code == 500
    assert MARK not in answer.get_data(as_text=True)
    failed = [line for line in _read(lines) if line["event"] == "unforeseen"]
    assert [trouble.__name__ in str(line["exception"]) for line in failed] == [True]
    _assert_clean(lines, service, at_least=2)


def test_a_statement_that_the_database_refuses_is_traced_without_its_parameters(
    lines, service: Service, known: Caller, monkeypatch
):
    with service.runtime.db.transaction() as connection:
        connection.execute(text("DROP TABLE entry"))

    answers = [known.get(f"/v1/cases/{MARK}"), known.ask(agent=PLANTED["agent"], case=PLANTED["case"])]

    assert {answer.status_code for answer in answers} <= {404, 500, 503}
    assert 500 in {answer.status_code for answer in answers}
    for answer in answers:
        assert MARK not in answer.get_data(as_text=True)
    _assert_clean(lines, service, at_least=2)


def test_these_tests_would_see_a_leak(lines, service: Service):
    logging.getLogger("policyservice").warning("customer %s", PLANTED["customer"])
    with pytest.raises(AssertionError):
        _assert_clean(lines, service, at_least=1)


def _assert_clean(lines: io.StringIO, service: Service, *, at_least: int) -> None:
    """Every line is JSON, and none has anything of what was planted, of a key, or of a registered name."""
    read = _read(lines)
    assert len(read) >= at_least
    text = lines.getvalue().lower()
    secrets = [caller.secret for caller in (service.caller(role) for role in Role)]
    for private in (
        MARK.lower(),
        "040 1234567",
        "psk_",
        "maija m.",
        "c-77",
        "t-1001",
        *map(str.lower, map(str, secrets)),
    ):
        assert private not in text


def _read(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]
