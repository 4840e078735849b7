"""A worker process of gunicorn that says no more than the service does: of itself, and of what it cannot read.

gunicorn answers what is not HTTP with a page of its own and logs it, both with the line at fault in them. That line may
be a key or a reference. So here it is told as any other refusal is: by its kind alone.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from socket import SHUT_RD
from time import monotonic, sleep
from typing import Any

from gunicorn import util
from gunicorn.http import errors, wsgi
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.workers.gthread import ThreadWorker

from policyservice.api.headers import ALWAYS
from policyservice.api.problems import HTTP_PROBLEMS, MEDIA_TYPE
from policyservice.cli.shares import Shares

ARRIVES_WITHIN_SECONDS = 15
"""A request that has not come as a whole by then is not waited for: its caller would keep a thread from the others."""

SHARES = Shares()
"""Of the workers that are forked from the process that has loaded this."""

_LEFT_FOR_SECONDS, _LOOKS_AGAIN_SECONDS = 0.05, 0.001
"""How long a connection is left to workers that have fewer, and how often it is looked whether it was taken."""

UNREADABLE = (ParseException, NoMoreData)
"""What a caller sent that is not HTTP, or broke off."""

_OF_AN_ANSWER = tuple(
    getattr(errors, name) for name in ("InvalidResponseHeader", "InvalidResponseHeaderName") if hasattr(errors, name)
)
"""Of the same family, but a mistake of ours. Not every version tells them apart."""

_REASONS = {400: "Bad Request", 500: "Internal Server Error"}
_logger = logging.getLogger("policyservice.server")

# What the header `Server` says: nothing of what the service is made of. The stubs leave the name out.
wsgi.SERVER = "policyservice"  # type: ignore[attr-defined]


class Worker(ThreadWorker):
    """Threads that answer; refuses what is not HTTP with a problem document, and waits for no request for long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._connections, self._accepting = 0, False
        self._leaves_until: float | None = None
        super().__init__(*args, **kwargs)
        self._under_way: dict[Any, float] = {}  # connections that a thread reads from, with the end of its patience

    @property
    def nr_conns(self) -> int:
        """How many connections it has: the server's own count, told to the other workers."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, connections: int) -> None:
        self._connections = connections
        if self._accepting:
            SHARES.tell(self.age, connections)

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """Take connections, or none any more; nobody leaves any to a worker that takes none."""
        super().set_accept_enabled(enabled)
        if enabled:
            SHARES.tell(self.age, self._connections)
        else:
            SHARES.forget(self.age)

    def notify(self) -> None:
        """Once a second at least: show that it does not stand still, to the server and to the other workers."""
        super().notify()
        SHARES.show(self.age, monotonic())

    def accept(self, listener: Any) -> None:
        """Take a connection, or leave it to a worker that has fewer, for a while: perhaps that one does not come."""
        now = monotonic()
        if not SHARES.has_fewer(self._connections, now):
            self._leaves_until = None
        elif self._leaves_until is None or now > self._leaves_until + _LEFT_FOR_SECONDS:  # that one was taken long ago
            self._leaves_until = now + _LEFT_FOR_SECONDS
        if self._leaves_until is not None and now < self._leaves_until:
            sleep(_LOOKS_AGAIN_SECONDS)  # it is told of the same connection again, as long as nobody has taken it
            return
        self._leaves_until = None
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        """Read a request and have it answered; in a thread."""
        self._under_way[conn] = monotonic() + ARRIVES_WITHIN_SECONDS
        try:
            return super().handle(conn)
        finally:
            del self._under_way[conn]

    def murder_pending(self) -> None:
        """Once a second: let nobody wait for what does not come. A request that has come is answered all the same."""
        super().murder_pending()
        now = monotonic()
        for conn, until in list(self._under_way.items()):
            if now > until:
                with suppress(OSError):  # whoever it was has gone
                    conn.sock.shutdown(SHUT_RD)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what could not be read (400), or answer for a failure outside the application (500).

        Where a request was read, its body was what could not be: the application has refused that itself.
        """
        if isinstance(exc, ParseException) and not isinstance(exc, _OF_AN_ANSWER):
            _logger.warning("what was sent is not HTTP: %s", type(exc).__name__)
            if req is None:
                _send(client, 400)
            return
        _logger.error("a request failed outside the application", exc_info=exc)
        _send(client, 500)


def _send(client: Any, status: int) -> None:
    try:
        util.write_nonblock(client, refusal(status))
    except OSError:
        _logger.debug("whoever sent it has gone")


def refusal(status: int) -> bytes:
    """A whole answer with the problem document of a status, after which the connection is closed."""
    known = HTTP_PROBLEMS[status]
    document = {
        "type": f"/problems/{known.code}",
        "title": known.title,
        "status": status,
        "detail": known.detail,
        "instance": "",
        "code": known.code,
    }
    body = json.dumps(document).encode("ascii")
    headers = {
        "Connection": "close",
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Content-Language": "en",
        "Cache-Control": "no-store",
        **ALWAYS,
    }
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body
