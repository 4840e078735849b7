"""A service killed with SIGKILL while it sends events: what was answered is told all the same, under the same id."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import select, update

from policyservice.db import tables
from policyservice.db.session import Database
from policyservice.outbox.events import LEASE_SECONDS
from tests.faults.load import call
from tests.faults.service import Service, serving
from tests.faults.stage import Stage, a_gift, set_up

SECRET = b"k" * 32
STUCK_AT = 12
"""Which delivery is heard and never answered, since the service is killed meanwhile: others of its batch wait."""
MOST = 60
WITHIN_SECONDS = 20


class Ear:
    """An address that keeps what it hears; one delivery waits for its answer until `go_on`."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.is_stuck, self.go_on, self._lock = Event(), Event(), Lock()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.hear({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def hear(self, headers: dict[str, str], body: bytes) -> None:
        """Keep a delivery; the one at which the service is to be killed is not answered."""
        with self._lock:
            self.heard.append((headers, body))
            is_the_one = len(self.heard) == STUCK_AT
        if is_the_one:
            self.is_stuck.set()
            self.go_on.wait(WITHIN_SECONDS)

    def ids(self) -> dict[str, set[str]]:
        """The ids under which each escalation's answer was heard."""
        found: dict[str, set[str]] = {}
        for headers, body in list(self.heard):
            found.setdefault(json.loads(body)["data"]["escalation"], set()).add(headers["webhook-id"])
        return found

    def close(self) -> None:
        """Hear no more."""
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.close()


def test_every_event_of_an_answered_call_is_told_at_least_once_under_one_id(any_url: str, tmp_path: Path, ear: Ear):
    stage = set_up(tmp_path, any_url)
    secret = "whsec_" + b64encode(SECRET).decode()
    webhook = {"POLICYSERVICE_WEBHOOK_URL": ear.address, "POLICYSERVICE_WEBHOOK_SECRET": secret}
    answered: list[str] = []
    with serving(tmp_path, any_url, **webhook) as service:
        caller = Thread(target=withdraw_until_it_breaks, args=(service, stage, answered))
        caller.start()
        assert ear.is_stuck.wait(WITHIN_SECONDS), service.told()
        until = monotonic() + WITHIN_SECONDS
        while len(answered) < STUCK_AT + 5 and monotonic() < until:
            sleep(0.01)
        service.kill()
        caller.join(WITHIN_SECONDS)
        assert not caller.is_alive()
    told_before = ear.ids()
    stuck_headers, stuck_body = ear.heard[STUCK_AT - 1]
    ear.go_on.set()

    db = Database(any_url)
    kept = events(db)
    assert set(answered) <= set(kept)  # none is lost, told or not
    assert not set(answered) <= set(told_before)
    end_the_leases(db)
    with serving(tmp_path, any_url, **webhook):
        until = monotonic() + WITHIN_SECONDS
        while set(kept) - set(ear.ids()) and monotonic() < until:
            sleep(0.05)

    assert ear.ids() == {escalation: {event} for escalation, event in kept.items()}
    again = [headers["webhook-id"] for headers, _ in ear.heard].count(stuck_headers["webhook-id"])
    assert again >= 2  # nobody wrote down that it was taken
    assert [body for headers, body in ear.heard if headers["webhook-id"] == stuck_headers["webhook-id"]] == [
        stuck_body
    ] * again
    assert all(is_signed(headers, body) for headers, body in ear.heard)
    db.dispose()


def withdraw_until_it_breaks(service: Service, stage: Stage, answered: list[str]) -> None:
    """Ask for more than anybody may give and withdraw it, again and again; note each escalation that was answered."""
    for number in range(MOST):
        try:
            asked = call(
                service.address, "/v1/decisions", a_gift(number, "50.00"), secret=stage.secret, key=f"a-{number}"
            )
            escalation = asked.body["escalation"]["id"]
            said = {"agent": a_gift(number)["agent"], "note": "Not needed any more."}
            path = f"/v1/escalations/{escalation}/withdraw"
            done = call(service.address, path, said, secret=stage.secret, key=f"w-{number}")
        except (OSError, HTTPException):
            return
        assert done.status == 200, done.text
        answered.append(escalation)


def events(db: Database) -> dict[str, str]:
    """The id of the event that tells of each escalation's end."""
    table = tables.outbox_event
    with db.reading() as conn:
        rows = conn.execute(select(table.c.id, table.c.body).where(table.c.kind == "escalation.resolved"))
        return {row.body["escalation"]: row.id for row in rows}


def end_the_leases(db: Database) -> None:
    """Two minutes later: what the killed process had taken may be sent by another one."""
    table = tables.outbox_event
    with db.transaction() as conn:
        waiting = conn.execute(select(table.c.seq, table.c.due_at).where(table.c.due_at.is_not(None))).all()
        for row in waiting:
            earlier = row.due_at - timedelta(seconds=LEASE_SECONDS)
            conn.execute(update(table).where(table.c.seq == row.seq).values(due_at=earlier))


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = b64encode(hmac.new(SECRET, signed, sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{right}")
