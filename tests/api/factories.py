"""The default rulebook behind the API, callers with keys, and bodies that name only what matters."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import Role
from policyservice.api.endpoint import Operation
from policyservice.api.schemas.problem import ProblemSchema
from policyservice.app import create_app
from policyservice.config import Settings
from policyservice.db import migrate, tables
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.vocabulary import AgentKind
from policyservice.rulebook.source import read_packs
from policyservice.runtime import Runtime
from tests.fakes import CountingIds, VirtualClock

GOODWILL = Path(__file__).parents[2] / "rules" / "goodwill"
AGENTS = (
    AgentRecord("maija", "Maija M.", "cabin", "new", AgentKind.HUMAN),
    AgentRecord("teemu", "Teemu T.", "desk", "trusted", AgentKind.HUMAN),
    AgentRecord("leena", "Leena L.", "desk", "lead", AgentKind.HUMAN),
    AgentRecord("botti", "Botti", "web", "new", AgentKind.AI),
)


class LaterIds(CountingIds):
    """Ids that begin beyond those the prepared database was filled with."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1000)


@dataclass
class Prepared:
    """A database with the default rulebook in force, to copy, and that rulebook made ready."""

    path: Path
    rulebooks: Rulebooks
    secrets: dict[Role, str]


def prepare(folder: Path) -> Prepared:
    """Migrate, publish the default rulebook, register the agents, make a key per role."""
    path = folder / "prepared.db"
    migrate.upgrade(f"sqlite:///{path}")
    db = Database(f"sqlite:///{path}")
    clock, ids = VirtualClock(), CountingIds()
    with db.transaction() as conn:
        now = clock.now()
        published = publishing.publish(conn, read_packs([GOODWILL]), author="tests", because="opening", now=now)
        levels = {agent.trust_level for agent in AGENTS}
        for agent in AGENTS:
            agents.put(conn, agent, trust_levels=levels, now=now)
        secrets = {role: keys.create(conn, ids, role.value, role, now=now)[1] for role in Role}
    rulebooks = Rulebooks()
    with db.reading() as conn:
        rulebooks.ready(conn, published.digest, published.costs)
    db.dispose()
    return Prepared(path, rulebooks, secrets)


class Service:
    """One service over HTTP, with a clock that is told the time."""

    def __init__(self, app: Flask, runtime: Runtime, clock: VirtualClock, secrets: dict[Role, str]) -> None:
        self.app = app
        self.runtime = runtime
        self.clock = clock
        self._secrets = secrets
        self._keys = count(1)

    def caller(self, role: Role = Role.AGENT_UI) -> Caller:
        """A caller with a key of a role, bound to nobody."""
        return Caller(self, self._secrets[role])

    def bound(
        self, role: Role = Role.AGENT_UI, *, agents: tuple[str, ...] | None = None, teams: tuple[str, ...] | None = None
    ) -> Caller:
        """A caller with a key that acts for these agents or teams alone."""
        return Caller(self, self.key(role, agents=agents, teams=teams))

    def key(self, role: Role = Role.AGENT_UI, **terms: Any) -> str:
        """A new key's secret."""
        with self.runtime.db.transaction() as conn:
            return keys.create(conn, self.runtime.ids, "test", role, now=self.clock.now(), **terms)[1]

    def anonymous(self) -> Caller:
        """A caller without a key."""
        return Caller(self, None)

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        with self.runtime.db.reading() as conn:
            return int(conn.execute(select(func.count()).select_from(tables.metadata.tables[table])).scalar_one())

    def next_key(self) -> str:
        """An idempotency key that was never used."""
        return f"key-{next(self._keys)}"


class Caller:
    """Calls the service with one key; every answer is checked against its documented schema."""

    def __init__(self, service: Service, secret: str | None) -> None:
        self.service = service
        self.secret = secret
        self._client: FlaskClient = service.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.call("GET", path, **options)

    def put(self, path: str, body: Any, **options: Any) -> TestResponse:
        """PUT a JSON body."""
        return self.call("PUT", path, body=body, **options)

    def post(self, path: str, body: Any = None, *, key: str | None = "new", **options: Any) -> TestResponse:
        """POST a JSON body under an idempotency key: a new one, a given one, or None for none."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Idempotency-Key"] = self.service.next_key() if key == "new" else key
        return self.call("POST", path, body={} if body is None else body, headers=headers, **options)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        data: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        content_type: str = "application/json",
        language: str | None = None,
    ) -> TestResponse:
        """Any call; `data` is sent as it stands, `body` as JSON."""
        sent = {**self._headers(), **(headers or {})}
        if language is not None:
            sent["Accept-Language"] = language
        raw = json.dumps(body) if body is not None else data
        options = {} if raw is None else {"data": raw, "content_type": content_type}
        response = self._client.open(path, method=method, headers=sent, **options)  # type: ignore[arg-type]
        check_documented(self.service.app, method, path, response)
        return response

    def ask(self, key: str | None = "new", **changes: Any) -> TestResponse:
        """Ask for a decision; see `body`."""
        return self.post("/v1/decisions", body(**changes), key=key)

    def decided(self, **changes: Any) -> dict[str, Any]:
        """The answer to a request that is taken."""
        response = self.ask(**changes)
        assert response.status_code == 201, response.get_data(as_text=True)
        return dict(response.get_json())

    def _headers(self) -> dict[str, str]:
        return {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"}


def check_documented(app: Flask, method: str, path: str, response: TestResponse) -> None:
    """Every answer has the shape that the documentation states."""
    if response.content_type == "application/problem+json":
        ProblemSchema().load(response.get_json())
    elif response.content_type == "application/json" and path != "/openapi.json":
        endpoint, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method)
        what: Operation = app.view_functions[endpoint].operation  # type: ignore[attr-defined]
        assert what.answer is not None
        what.answer().load(response.get_json())


@contextmanager
def serving(prepared: Prepared, folder: Path, **settings: Any) -> Iterator[Service]:
    """The service on a copy of the prepared database."""
    path = shutil.copy(prepared.path, folder / "service.db")
    clock = VirtualClock()
    chosen = replace(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": f"sqlite:///{path}"}), **settings)
    db = Database(chosen.database_url)
    runtime = Runtime(chosen, clock, LaterIds(), db, prepared.rulebooks)
    yield Service(create_app(runtime), runtime, clock, prepared.secrets)
    db.dispose()


def body(**changes: Any) -> dict[str, Any]:
    """A request for EUR 7.00 back for a breakfast that was not served; `...` leaves a field out.

    `facts` are laid over the usual ones.
    """
    asked: dict[str, Any] = {
        "agent": "maija",
        "case": "T-1001",
        "customer": "C-77",
        "channel": "cabin",
        "reason": "service.not_delivered",
        "remedy": "refund",
        "amount": "7.00",
        "currency": "EUR",
        "order": "O-55",
        "facts": {"order.category": "meal", "order.paid": "7.00"},
    }
    facts = changes.pop("facts", {})
    asked.update(changes)
    if isinstance(facts, dict):
        asked["facts"] = {name: value for name, value in {**asked["facts"], **facts}.items() if value is not ...}
    else:
        asked["facts"] = facts
    return {name: value for name, value in asked.items() if value is not ...}


def case(**changes: Any) -> dict[str, Any]:
    """The same case before a remedy is chosen."""
    return body(**{"remedy": ..., "amount": ..., **changes})


COURTESY: dict[str, Any] = {
    "reason": "courtesy.other",
    "remedy": "credit",
    "amount": "20.00",
    "facts": {"order.paid": "100.00", "customer.tier": "loyal"},
}
"""What the rules permit for a loyal customer; above what an agent who is new may give in one decision (15.00)."""


def assert_problem(response: TestResponse, status: int, code: str, *fields: str) -> dict[str, Any]:
    """The response is a problem of this status and code that names these fields (any, where none is given)."""
    assert response.content_type == "application/problem+json", response.get_data(as_text=True)
    problem = dict(response.get_json())
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"/problems/{code}"
    named = [error["field"] for error in problem.get("errors", [])]
    if fields:
        assert sorted(named) == sorted(fields), problem
    return problem
