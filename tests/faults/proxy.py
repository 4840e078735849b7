"""A network of the tests between a service and its database: it can be slow, swallow everything, or be cut."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from policyservice.cli.demo.host import HOST

_CHUNK = 65536


class Proxy:
    """Passes bytes on, each chunk `delay` seconds late; `hold` swallows none and passes none, `cut` hangs up on all."""

    def __init__(self, to_port: int) -> None:
        self._to = (HOST, to_port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.delay = 0.0
        self._flows = Event()
        self._flows.set()
        self._is_cut = False
        self._lock = Lock()
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self._flows.clear()

    def cut(self) -> None:
        """Hang up on everybody, and refuse who comes."""
        self._is_cut = True
        self._hang_up()

    def mend(self) -> None:
        """Let everything pass, at once."""
        self.delay, self._is_cut = 0.0, False
        self._flows.set()

    def close(self) -> None:
        """Stop; every connection is closed."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._flows.set()
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            with suppress(OSError):
                server = socket.create_connection(self._to, timeout=5)
                server.settimeout(None)
                with self._lock:
                    self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(_CHUNK):
                if self.delay:
                    time.sleep(self.delay)
                self._flows.wait()
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def between(to_port: int) -> Iterator[Proxy]:
    """A proxy to a port of this machine; closed at the end."""
    proxy = Proxy(to_port)
    try:
        yield proxy
    finally:
        proxy.close()
