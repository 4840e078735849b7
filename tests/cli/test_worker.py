"""What is not HTTP, sent to the service as it is run: refused without a word of it, in the answer and in the log."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from unittest.mock import Mock

import psutil
import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from policyservice.cli import worker
from policyservice.cli.demo.host import HOST
from policyservice.cli.shares import SILENT_SECONDS, Shares
from policyservice.cli.worker import ARRIVES_WITHIN_SECONDS
from tests.cli.service import end, serving
from tests.cli.support import database_url, run

MARK = "Zorblatt"
_KEY = "psk_" + MARK * 6
_WITHOUT_BODY = "GET /v1/vocabulary HTTP/1.1\r\nHost: desk\r\n"
_WITH_BODY = (
    "POST /v1/decisions HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\n"
)
UNREADABLE = {
    "a line that is none": f"GET /v1/cases/{MARK} HTP/1.1\r\n\r\n",
    "a method that is none": f"g{MARK} / HTTP/1.1\r\n\r\n",
    "a header without its colon": f"{_WITHOUT_BODY}Authorization Bearer {_KEY}\r\n\r\n",
    "a header that goes on": f"{_WITHOUT_BODY}Authorization: Bearer\r\n {_KEY}\r\n\r\n",
    "an expectation": f"{_WITHOUT_BODY}Expect: {MARK}\r\n\r\n",
    "an address that is too long": f"GET /v1/cases/{MARK * 1000} HTTP/1.1\r\nHost: desk\r\n\r\n",
    "a header that is too long": f"{_WITHOUT_BODY}Authorization: Bearer {_KEY * 1000}\r\n\r\n",
    "two hosts": f"{_WITHOUT_BODY}Host: {MARK}\r\n\r\n",
    "two lengths": f"{_WITH_BODY}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}",
    "a length and chunks": f"{_WITH_BODY}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding that nobody knows": f"{_WITH_BODY}Transfer-Encoding: {MARK}\r\n\r\n",
    "chunks that are none": f"{_WITH_BODY}Transfer-Encoding: chunked\r\n\r\n{MARK}\r\n\r\n",
    "chunks that break off": f"{_WITH_BODY}Transfer-Encoding: chunked\r\n\r\nff\r\n{MARK}",
}

_UNENDED = (
    "GET /v1/vocab",
    f"{_WITHOUT_BODY}X-Request-Id: a",
    "GET /healthz HTTP/1.1\r\nHost: desk\r\nContent-Length: 9\r\n\r\n{",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[int, str, Path]]:
    """A service that logs all it ever logs: its port, a key, and its log."""
    folder = tmp_path_factory.mktemp("unreadable")
    with serving(folder, POLICYSERVICE_LOG_LEVEL="debug", POLICYSERVICE_WORKERS="1") as (process, port):
        key = run("keys", "create", "--role", "agent_ui", "--name", "desk", url=database_url(folder)).stdout.strip()
        yield port, key, folder / "service.log"
        assert end(process) == 0


def _answer(port: int, sent: str) -> bytes:
    """All that comes back until the service closes the connection."""
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(sent.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_http_is_refused_without_a_word_of_it(served: tuple[int, str, Path], sent: str):
    port, key, log = served
    before = len(log.read_text(encoding="utf-8").splitlines())

    head, _, body = _answer(port, sent.replace("{key}", key)).decode("latin-1").partition("\r\n\r\n")

    assert head.splitlines()[0].upper() == "HTTP/1.1 400 BAD REQUEST"
    assert "Content-Type: application/problem+json" in head
    assert "X-Content-Type-Options: nosniff" in head
    assert json.loads(body)["code"] == "malformed-request"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[before:]]
    assert lines
    assert "exception" not in lines[0]
    assert MARK not in head + body + json.dumps(lines)
    assert key not in head + body + json.dumps(lines)


def test_who_goes_away_in_the_middle_of_a_request_leaves_nothing_in_the_log(served: tuple[int, str, Path]):
    port, _, log = served
    assert _answer(port, f"GET /v1/cases/{MARK} HTT") == b""
    assert MARK not in log.read_text(encoding="utf-8")


def test_no_answer_names_what_the_service_is_made_of(served: tuple[int, str, Path]):
    port, *_ = served
    for sent in (f"{_WITHOUT_BODY}\r\n", *UNREADABLE.values()):
        answer = _answer(port, sent).lower()
        for part in (b"gunicorn", b"werkzeug", b"flask", b"python"):
            assert part not in answer


def test_callers_who_never_end_their_requests_keep_nobody_waiting_for_ever(served: tuple[int, str, Path]):
    port, *_ = served
    slow = [socket.create_connection((HOST, port)) for _ in range(8)]  # more than there are threads
    try:
        for number, connection in enumerate(slow):
            connection.sendall(_UNENDED[number % len(_UNENDED)].encode("ascii"))
        with socket.create_connection((HOST, port), timeout=3 * ARRIVES_WITHIN_SECONDS) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    finally:
        for connection in slow:
            connection.close()


@pytest.fixture
def one(monkeypatch) -> worker.Worker:
    """A worker with three connections that takes more, and notes what it takes."""
    monkeypatch.setattr(worker, "SHARES", Shares())
    monkeypatch.setattr(worker, "sleep", lambda seconds: None)
    made = worker.Worker(7, 1, [], None, 30, Config(), None)
    made.tmp.close()
    made._accepting = True
    made.nr_conns = 3
    return made


@pytest.mark.parametrize(
    ("others", "is_left"), [([], False), ([3], False), ([4, 3], False), ([2], True), ([5, 2], True)]
)
def test_a_connection_is_left_to_a_worker_that_has_fewer(monkeypatch, one, others, is_left):
    taken: list[object] = []
    monkeypatch.setattr(ThreadWorker, "accept", lambda self, listener: taken.append(listener))
    for number, connections in enumerate(others):
        worker.SHARES.tell(number, connections)
        worker.SHARES.show(number, monotonic())

    one.accept("a listener")

    assert taken == ([] if is_left else ["a listener"])


@pytest.mark.parametrize(
    ("looks", "taken_by_then"),
    [
        ([100.0, 100.049, 100.051, 200.0, 200.051], [0, 0, 1, 1, 2]),
        ([100.0, 200.0, 200.049, 200.051], [0, 0, 0, 1]),  # the first was taken by the other
    ],
)
def test_what_nobody_comes_for_in_time_is_taken_after_all(monkeypatch, one, looks, taken_by_then):
    taken: list[object] = []
    now = iter(looks)
    monkeypatch.setattr(worker, "monotonic", lambda: next(now))
    monkeypatch.setattr(ThreadWorker, "accept", lambda self, listener: taken.append(listener))
    worker.SHARES.tell(1, 0)

    counts = []
    for look in looks:
        worker.SHARES.show(1, look)
        one.accept("a listener")
        counts.append(len(taken))

    assert counts == taken_by_then  # each has its own time


def test_a_worker_that_takes_none_or_is_gone_is_left_nothing(one):
    for number in (1, one.age):
        worker.SHARES.show(number, 100.0)
    worker.SHARES.tell(1, 0)
    assert worker.SHARES.has_fewer(1, 100.0)

    worker.SHARES.forget(1)
    assert not worker.SHARES.has_fewer(3, 100.0)
    assert worker.SHARES.has_fewer(4, 100.0)  # the worker itself, with three

    one.poller = Mock()
    one.set_accept_enabled(False)
    assert not worker.SHARES.has_fewer(4, 100.0)
    one.nr_conns = 2
    assert not worker.SHARES.has_fewer(4, 100.0)


@pytest.mark.parametrize(("silent_for", "is_left_any"), [(2.5, True), (2.6, False)])
def test_a_worker_that_stands_still_is_left_nothing(silent_for, is_left_any):
    shares = Shares()
    shares.tell(1, 0)
    shares.show(1, 100.0)

    assert shares.has_fewer(3, 100.0 + silent_for) is is_left_any


def test_a_worker_shows_itself_when_it_tells_the_server_that_it_is_alive(monkeypatch, one):
    monkeypatch.setattr(ThreadWorker, "notify", lambda self: None)
    monkeypatch.setattr(worker, "monotonic", lambda: 200.0)
    assert not worker.SHARES.has_fewer(4, 200.0)

    one.notify()

    assert worker.SHARES.has_fewer(4, 200.0)


def test_processes_that_are_forked_see_the_same():
    shares = Shares()
    child = os.fork()
    if child == 0:
        shares.tell(1, 5)
        shares.show(1, 100.0)
        os._exit(0)
    os.waitpid(child, 0)

    assert [shares.has_fewer(than, 100.0) for than in (5, 6)] == [False, True]


def test_callers_who_keep_their_connections_are_shared_out_among_the_workers(tmp_path: Path):
    with serving(tmp_path, POLICYSERVICE_WORKERS="2") as (process, port):
        _wait_until(lambda: min(_shares_of_ten(process.pid, port)) > 0)  # the service is ready when one of them is
        for _ in range(4):
            assert min(_shares_of_ten(process.pid, port)) >= 4


def test_while_a_worker_stands_still_the_other_takes_what_comes_at_once(tmp_path: Path):
    with serving(tmp_path, POLICYSERVICE_WORKERS="2") as (process, port):
        _wait_until(lambda: min(_shares_of_ten(process.pid, port)) > 0)
        stands = psutil.Process(process.pid).children()[0]
        stands.suspend()
        sleep(SILENT_SECONDS)
        try:
            with ExitStack() as callers:
                waited = [_waits_for_an_answer(callers, port) for _ in range(20)]
        finally:
            stands.resume()

    assert sorted(waited)[10] < 0.05, waited  # left to the one that stands, each would wait that long


def _waits_for_an_answer(callers: ExitStack, port: int) -> float:
    """Seconds until a new caller, who keeps his connection, has his answer."""
    began = monotonic()
    caller = callers.enter_context(socket.create_connection((HOST, port), timeout=30))
    caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n")
    assert caller.recv(65536).startswith(b"HTTP/1.1 200 ")
    return monotonic() - began


def _shares_of_ten(pid: int, port: int) -> list[int]:
    """How many of ten callers each worker of a service has; they are gone afterwards."""
    with ExitStack() as callers:
        for _ in range(10):
            caller = callers.enter_context(socket.create_connection((HOST, port), timeout=30))
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n")
            assert caller.recv(65536).startswith(b"HTTP/1.1 200 ")
        found = _connections_of_each(pid, port)
    assert sum(found) == 10
    _wait_until(lambda: sum(_connections_of_each(pid, port)) == 0)
    return found


def _connections_of_each(pid: int, port: int) -> list[int]:
    return [
        sum(one.status == "ESTABLISHED" and one.laddr.port == port for one in child.net_connections("tcp"))
        for child in psutil.Process(pid).children()
    ]


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 30
    while not holds():
        assert monotonic() < deadline
        sleep(0.05)
