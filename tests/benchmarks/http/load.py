"""The load: one small process that keeps `clients` connections busy for some seconds and tells what it saw.

It costs little and is the same for every server measured. Run by `servers.load` as a process of its own:
`python -m tests.benchmarks.http.load`, the plan as JSON on standard input, the result as JSON on standard output.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

STALLED_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send to `path`. In headers and body `@n` becomes the number of the request, unique from `first` on,
    and `@s` that number among so many `subjects`.
    """

    port: int
    path: str
    headers: dict[str, str]
    body: str
    clients: int
    seconds: float
    first: int = 0
    subjects: int = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What was answered: statuses by number, requests a second, latencies in milliseconds."""

    statuses: dict[str, int]
    rate: float
    p50: float
    p99: float
    sent: int


class _Client:
    """One connection: sends a request, reads its answer, sends the next."""

    def __init__(self, plan: Plan) -> None:
        self.socket = socket.create_connection(("127.0.0.1", plan.port), STALLED_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._read = b""
        self.sent_at = perf_counter()
        self.socket.sendall(request)

    def answered(self) -> int | None:
        """The status, once the whole answer is there."""
        got = self.socket.recv(262_144)
        if not got:
            raise ConnectionError("the server closed a connection")
        self._read += got
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return None
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return int(head[9:12]) if len(body) >= int(length or 0) else None


def _requests(plan: Plan) -> tuple[str, str]:
    lines = [f"POST {plan.path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in plan.headers.items()]
    return "\r\n".join(lines), plan.body


def _written(head: str, body: str, number: int, subjects: int) -> bytes:
    given = {"@n": str(number), "@s": str(number % subjects)}
    for sign, value in given.items():
        head, body = head.replace(sign, value), body.replace(sign, value)
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode("ascii")


def run(plan: Plan) -> Seen:
    """Keep every connection busy until the time is over, then wait for the last answers."""
    head, body = _requests(plan)
    statuses: dict[str, int] = {}
    latencies: list[float] = []
    number, busy = plan.first, 0
    ready = selectors.DefaultSelector()
    clients = [_Client(plan) for _ in range(plan.clients)]
    began = perf_counter()
    for client in clients:
        ready.register(client.socket, selectors.EVENT_READ, client)
        client.send(_written(head, body, number, plan.subjects))
        number, busy = number + 1, busy + 1
    while busy:
        events = ready.select(STALLED_SECONDS)
        if not events:
            raise TimeoutError(f"no answer for {STALLED_SECONDS} seconds")
        for key, _ in events:
            client = key.data
            status = client.answered()
            if status is None:
                continue
            now = perf_counter()
            latencies.append(now - client.sent_at)
            statuses[str(status)] = statuses.get(str(status), 0) + 1
            if now - began < plan.seconds:
                client.send(_written(head, body, number, plan.subjects))
                number += 1
            else:
                busy -= 1
    took = perf_counter() - began
    latencies.sort()
    at = {share: latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000 for share in (0.5, 0.99)}
    return Seen(statuses, len(latencies) / took, at[0.5], at[0.99], number - plan.first)


if __name__ == "__main__":
    print(json.dumps(asdict(run(Plan(**json.load(sys.stdin))))))
