"""The service that the demo speaks to: the real one, in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NoReturn

from policyservice.cli.refused import Refused

HOST = "127.0.0.1"
USUAL_PORT = 8080
_PATIENCE_SECONDS = 120
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 15
_LINES_SHOWN = 20


def choose_port(wanted: int | None) -> int:
    """The port to serve at: the wanted one; the usual one or, where that is taken, any free one.

    Raises:
        Refused: the wanted port is taken.
    """
    if wanted is not None and _is_free(wanted):
        return wanted if wanted else _any_free()
    if wanted is not None:
        raise Refused(f"Port {wanted} is taken. Name another with --port, or none to have one found.")
    return USUAL_PORT if _is_free(USUAL_PORT) else _any_free()


@contextmanager
def served(environment: dict[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`policyservice serve` at a port, ready to answer; ended at the end, whatever happens.

    Its structured log goes to the file `log`. It runs in a session of its own, so that Ctrl-C reaches the demo alone,
    which then ends it in order.

    Raises:
        Refused: it did not start; the end of its log says why.
    """
    command = [sys.executable, "-m", "policyservice.cli.main", "serve"]
    env = {**os.environ, **environment, "POLICYSERVICE_BIND": f"{HOST}:{port}"}
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=env, stdout=sink, stderr=sink, start_new_session=True)
    try:
        wait_until_ready(process, port, log)
        yield process
    finally:
        _end(process)


def wait_until_ready(process: subprocess.Popen[Any], port: int, log: Path) -> None:
    """Return when the service at a port answers that it is ready.

    Raises:
        Refused: it ended, or is not ready in time; the end of its log says why.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Refused(f"The service did not start:\n{_end_of(log)}")
        if _answers(port):
            return
        time.sleep(_POLL_SECONDS)
    raise Refused(f"The service is not ready after {_PATIENCE_SECONDS} seconds:\n{_end_of(log)}")


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end the demo as Ctrl-C does, so that the service is ended, too.

    SIGINT is named as well: a shell that starts the demo in the background would have it ignored.
    """

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _answers(port: int) -> bool:
    with closing(HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
