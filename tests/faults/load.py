"""Callers who keep asking as the documentation tells them to, and who write down every answer.

Each intent has an Idempotency-Key of its own. Where a call breaks off or gets 503 it is repeated with the same key
until it is answered, or until the patience of `finish` ends.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from uuid import uuid4

from tests.faults.stage import a_gift

Address = tuple[str, int]
_PAUSE_SECONDS = 0.1
_CALL_SECONDS = 40


class Answer(NamedTuple):
    """What came back: status, headers, the body as text, and how long it took."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def body(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.text)
        return found


def call(
    address: Address,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    secret: str = "",
    key: str | None = None,
    timeout: float = _CALL_SECONDS,
) -> Answer:
    """One call on a connection of its own: POST where there is a body.

    Raises:
        OSError, HTTPException: no whole answer came.
    """
    headers = {"Content-Type": "application/json", "Connection": "close"}
    headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
    headers |= {"Idempotency-Key": key} if key else {}
    began = time.monotonic()
    connection = HTTPConnection(*address, timeout=timeout)
    try:
        data = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", path, data, headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    return Answer(response.status, dict(response.getheaders()), text, time.monotonic() - began)


@dataclass
class Load:
    """Callers of one service or of several in turn."""

    addresses: Sequence[Address]
    secret: str
    asks: Callable[[int], dict[str, Any]] = a_gift
    most: int = 100_000
    answered: dict[str, str] = field(default_factory=dict)  # Idempotency-Key -> body
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[Answer] = field(default_factory=list)  # 503
    unexpected: list[str] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._name = uuid4().hex[:8]
        self._numbers = count()
        self._stop, self._lock = Event(), Lock()
        self._give_up = float("inf")
        self._threads: list[Thread] = []

    def begin(self, callers: int = 4) -> Load:
        """Start asking."""
        self._threads = [Thread(target=self._ask_on, daemon=True) for _ in range(callers)]
        for thread in self._threads:
            thread.start()
        return self

    def finish(self, patience: float = 60) -> Load:
        """No new intents; those under way are repeated until they are answered, for at most so many seconds."""
        self._give_up = time.monotonic() + patience
        self._stop.set()
        return self.wait()

    def wait(self) -> Load:
        """Return when every caller is done: at `most` intents, or after `finish`."""
        for thread in self._threads:
            thread.join(2 * _CALL_SECONDS + 60)
            assert not thread.is_alive()
        return self

    def wait_for(self, answers: int, within: float = 60) -> None:
        """Return when so many more intents are answered."""
        wanted, deadline = len(self.answered) + answers, time.monotonic() + within
        while len(self.answered) < wanted:
            assert time.monotonic() < deadline, f"{len(self.answered)} answers, not {wanted}, {self.unexpected[:3]}"
            time.sleep(0.02)

    def wait_for_refusals(self, refusals: int, within: float = 60) -> None:
        """Return when so many more calls got 503."""
        wanted, deadline = len(self.refused) + refusals, time.monotonic() + within
        while len(self.refused) < wanted:
            assert time.monotonic() < deadline, f"{len(self.refused)} refusals, not {wanted}, {self.unexpected[:3]}"
            time.sleep(0.02)

    @property
    def outcomes(self) -> Counter[str]:
        """How often each outcome was answered."""
        return Counter(json.loads(body)["outcome"] for body in self.answered.values())

    @property
    def unanswered(self) -> list[str]:
        """Intents that never got an answer."""
        return sorted(set(self.sent) - set(self.answered))

    def repeat(self, most: int = 20) -> list[str]:
        """Send some of the answered intents again; what was then answered otherwise than before."""
        changed = []
        for number, key in enumerate(list(self.answered)[-most:]):
            again = call(self._address(number), "/v1/decisions", self.sent[key], secret=self.secret, key=key)
            if (again.status, again.text) != (201, self.answered[key]):
                changed.append(f"{key}: {again.status} {again.text}")
        return changed

    def _ask_on(self) -> None:
        while not self._stop.is_set():
            number = next(self._numbers)
            if number >= self.most:
                return
            key = f"{self._name}-{number}"
            self.sent[key] = self.asks(number)
            self._ask(key, number)

    def _ask(self, key: str, number: int) -> None:
        for attempt in count():
            try:
                answer = call(
                    self._address(number + attempt), "/v1/decisions", self.sent[key], secret=self.secret, key=key
                )
            except (OSError, HTTPException) as broken:
                with self._lock:
                    self.broken[type(broken).__name__] += 1
            else:
                with self._lock:
                    if answer.status == 201:
                        self.answered[key] = answer.text
                        return
                    if not is_good_refusal(answer):
                        self.unexpected.append(f"{key}: {answer.status} {answer.text}")
                        return
                    self.refused.append(answer)
            if time.monotonic() > self._give_up:
                return
            time.sleep(_PAUSE_SECONDS)

    def _address(self, number: int) -> Address:
        return self.addresses[number % len(self.addresses)]


def is_good_refusal(answer: Answer) -> bool:
    """Whether a caller is told to come back: 503, when, and that the database is the reason."""
    codes = ("temporarily-unavailable", "unconfirmed")
    return answer.status == 503 and int(answer.headers["Retry-After"]) > 0 and answer.body["code"] in codes
