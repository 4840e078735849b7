"""A service of the tests: `policyservice serve` as a process of its own, at a free port."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policyservice.cli.demo.host import HOST, choose_port, wait_until_ready
from tests.cli.support import database_url, environment


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service on the database of a folder, ready, with its port; killed where the test left it running."""
    port, log = choose_port(0), folder / "service.log"
    ours = {
        "POLICYSERVICE_DATABASE_URL": database_url(folder),
        "POLICYSERVICE_BIND": f"{HOST}:{port}",
        "POLICYSERVICE_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "policyservice.cli.main", "serve", *arguments]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(**ours | settings), stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        wait_until_ready(process, port, log)
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def end(process: subprocess.Popen[bytes]) -> int:
    """Tell a service to end, and wait for it; its exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(30)
