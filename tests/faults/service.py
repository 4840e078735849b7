"""`policyservice serve` as processes of its own, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import psutil

from policyservice.cli.demo.host import HOST, choose_port
from tests.cli.support import environment
from tests.faults.load import Address, Answer, call

_REPOSITORY = Path(__file__).parents[2]
_START_SECONDS = 90


class Service:
    """One service at one address. `plant` names a fault of `planted`; `within` is a command to run it under."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        host: str = HOST,
        port: int | None = None,
        plant: str = "",
        within: Sequence[str] = (),
        **settings: str,
    ) -> None:
        self.address: Address = (host, port or choose_port(0))
        self.log = folder / f"service-{self.address[1]}.log"
        program = ["tests.faults.planted", plant] if plant else ["policyservice.cli.main"]
        self._command = [*within, sys.executable, "-m", *program, "serve"]
        ours = {
            "POLICYSERVICE_DATABASE_URL": url,
            "POLICYSERVICE_BIND": f"{host}:{self.address[1]}",
            "POLICYSERVICE_LOG_LEVEL": "error",
            "POLICYSERVICE_RATE_PER_MINUTE": "0",
            "TMPDIR": str(folder),
        }
        self._environment = environment(**{**ours, **settings})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: bool = True) -> Service:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                self._command,
                cwd=_REPOSITORY,
                env=self._environment,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        if ready:
            self.wait_until_ready()
        return self

    def ready(self) -> Answer | None:
        """What /readyz says; None where nothing answers."""
        try:
            return call(self.address, "/readyz", timeout=20)
        except (OSError, HTTPException):
            return None

    def wait_until_ready(self, *, is_ready: bool = True, within: float = _START_SECONDS) -> Answer:
        """Return what /readyz says once it answers 200, or once it does not any more."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.told()
            found = self.ready()
            if found is not None and (found.status == 200) is is_ready:
                return found
            time.sleep(0.05)
        raise AssertionError(f"not {'ready' if is_ready else 'unready'} within {within} seconds: {self.told()}")

    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        assert self.process is not None
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def kill(self) -> None:
        """SIGKILL to all its processes at once: those of the session that `start` made."""
        self.signal_all(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(30)

    def signal_all(self, number: signal.Signals) -> None:
        """A signal to every process of it."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def end(self) -> int:
        """SIGTERM, as an operator ends it; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def told(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]


@contextmanager
def serving(folder: Path, url: str, *, plant: str = "", **settings: str) -> Iterator[Service]:
    """A service that is ready; killed at the end."""
    service = Service(folder, url, plant=plant, **settings)
    try:
        yield service.start()
    finally:
        service.kill()
