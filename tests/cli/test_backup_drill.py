"""The drill: serve under load, back up meanwhile, lose the database, restore, and go on where the backup was taken."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import make_url, select

from policyservice.cli.opening import open_database
from policyservice.config import Settings
from policyservice.db import tables
from policyservice.db.session import Database
from tests.cli.service import end, serving
from tests.cli.support import database_url, run, write_pack

CALLERS = 3
BEFORE, AFTER = 40, 20
LONGEST_SECONDS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield database_url(tmp_path)
        return
    with request.getfixturevalue("postgres_server").database(migrated=False) as url:
        yield url


@dataclass
class Load:
    """Callers that ask and commit, one request after the other, until they are told to stop."""

    port: int
    key: str
    answered: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def call(self, caller: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            answer = self.ask(f"{caller}-{number}")
            if number % 2:
                self.post(f"/v1/decisions/{answer['id']}/commit", f"c-{caller}-{number}", {})
            with self._lock:
                self.answered.append(answer["id"])

    def ask(self, case: str) -> dict[str, str]:
        body = {
            "agent": "maija",
            "case": case,
            "order": f"O-{case}",
            "channel": "chat",
            "reason": "coffee.cold",
            "remedy": "refund",
            "amount": "4.00",
            "currency": "EUR",
            "facts": {"order.paid": "4.00"},
        }
        return self.post("/v1/decisions", f"a-{case}", body)

    def post(self, path: str, key: str, body: dict[str, object]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": key}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return dict(json.load(response))

    def wait_for(self, count: int) -> None:
        until = monotonic() + LONGEST_SECONDS
        while len(self.answered) < count:
            assert monotonic() < until
            sleep(0.02)

    def stop(self) -> None:
        self._stop.set()


def test_what_was_answered_before_the_backup_is_there_after_the_database_was_lost(place: str, tmp_path: Path):
    settings = Settings.from_environment({"POLICYSERVICE_DATABASE_URL": place})
    open_database(settings, (write_pack(tmp_path),))
    key = run("keys", "create", "--role", "agent_ui", "--name", "desk", url=place).stdout.strip()
    run("agents", "import", "-", url=place, given="ref,name,team,trust_level,kind\nmaija,Maija,web,new,human\n")
    copy = tmp_path / "copy"

    with serving(tmp_path, POLICYSERVICE_DATABASE_URL=place) as (process, port), ThreadPoolExecutor(CALLERS) as pool:
        load = Load(port, key)
        calls = [pool.submit(load.call, caller) for caller in range(CALLERS)]
        try:
            load.wait_for(BEFORE)
            before = list(load.answered)
            assert run("db", "backup", str(copy), url=place).exit_code == 0
            load.wait_for(len(load.answered) + AFTER)
        finally:
            load.stop()
        for call in calls:
            call.result()
        assert end(process) == 0
    lose(place)

    restored = run("db", "restore", str(copy), url=place)

    assert restored.exit_code == 0, restored.output
    assert "Counters, reservations and the log agree." in restored.stdout
    numbers = logged(place)
    assert set(before) <= set(numbers) < set(load.answered)
    assert f"{len(numbers)} decision(s)" in restored.stdout
    assert run("ledger", "reconcile", url=place).exit_code == 0
    assert run("log", "replay", url=place).exit_code == 0

    with serving(tmp_path, POLICYSERVICE_DATABASE_URL=place) as (process, port):
        load.port = port
        assert load.ask("0-1")["id"] in numbers  # the same key gets the same answer
        new = load.ask("new")["id"]
        assert end(process) == 0
    assert logged(place)[new] > max(numbers.values())


def lose(place: str) -> None:
    """What a broken disk does, or somebody in the wrong window."""
    url = make_url(place)
    if url.get_backend_name() == "sqlite":
        for file in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):
            file.unlink()
        return
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def logged(place: str) -> dict[str, int]:
    """The serial number of every decision in the log."""
    db = Database(place)
    with db.reading() as connection:
        found = {row.id: row.seq for row in connection.execute(select(tables.decision.c.id, tables.decision.c.seq))}
    db.dispose()
    return found
