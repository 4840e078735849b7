"""What is not HTTP, sent to the service as it is run: refused without a word of it, in the answer and in the log."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyservice.cli.demo.host import HOST
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
