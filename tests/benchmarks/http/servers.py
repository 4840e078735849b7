"""Databases on a disk, the service and the bare endpoints on them as processes of their own, and the load."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import Role
from policyservice.db import migrate
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.domain.vocabulary import AgentKind
from policyservice.runtime import SystemClock, TimeIds
from tests import postgres
from tests.benchmarks.books import files
from tests.benchmarks.http.load import Plan, Seen

REPOSITORY = Path(__file__).parents[3]
RULES = 100
SUBJECTS = 200
"""Agents, customers and budgets that the load is spread over."""
SQLITE, POSTGRES = "SQLite", "PostgreSQL"
_IN_MEMORY = ("tmpfs", "ramfs")
_START_SECONDS = 60

FIVE_LIMITS = """
limits:
  - {id: agent-day, title: {en: Day, fi: Päivä}, scope: agent, window: day, amount: 9000000.00, count: 9000000}
  - {id: agent-month, title: {en: Month, fi: Kuukausi}, scope: agent, window: month, amount: 9000000.00}
  - {id: customer-year, title: {en: Year, fi: Vuosi}, scope: customer, window: rolling, days: 365, amount: 9000000.00}
  - {id: case-once, title: {en: Case, fi: Tapaus}, scope: case, window: once, amount: 100.00}
  - {id: order-once, title: {en: Order, fi: Tilaus}, scope: order, window: once, amount: 100.00}
"""
ONE_FOR_ALL = FIVE_LIMITS.replace(
    "{id: order-once, title: {en: Order, fi: Tilaus}, scope: order, window: once, amount: 100.00}",
    "{id: everybody, title: {en: All, fi: Kaikki}, scope: organisation, window: month, amount: 9000000000.00}",
)
_ASK = {
    "agent": "agent-@s",
    "case": "K-@r-@n",
    "customer": "C-@s",
    "channel": "chat",
    "reason": "reason.r3",
    "currency": "EUR",
    "order": "O-@r-@n",
    "facts": {"order.paid": "80.00", "order.days_late": 6, "order.fragile": True, "customer.tier": "loyal"},
}


@dataclass(frozen=True, slots=True)
class Target:
    """What the load is put on: a server's port, and the request it answers."""

    port: int
    path: str
    headers: dict[str, str]
    body: str


def disk_folder() -> Path:
    """Where databases are put: POLICYSERVICE_BENCH_FOLDER, or `var` of the repository.

    Raises:
        RuntimeError: it lies in memory, where durable writes cost nothing and ratios say nothing.
    """
    folder = Path(os.environ.get("POLICYSERVICE_BENCH_FOLDER") or REPOSITORY / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    kind = next((mounts[above] for above in (folder, *folder.parents) if above in mounts), "")
    if kind in _IN_MEMORY:
        raise RuntimeError(f"the folder for benchmarks lies in memory ({kind}); set POLICYSERVICE_BENCH_FOLDER")
    return folder


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a migrated, empty, durable database of a kind; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=disk_folder()) as folder, ExitStack() as stack:
        if kind == SQLITE:
            url = f"sqlite:///{folder}/policyservice.db"
            migrate.upgrade(url)
        else:
            server = stack.enter_context(postgres.running(Path(folder) / "pg", durable=True))
            url = stack.enter_context(server.database())
        yield url


def fill(url: str, limits: str = FIVE_LIMITS) -> str:
    """Rules, agents and a key: the key's secret."""
    db, clock = Database(url), SystemClock()
    now = clock.now()
    pack = {**files(RULES), "limits/opening.yaml": limits}
    with db.transaction() as conn:
        publishing.publish(conn, {"bench": pack}, author="bench", because="To be measured", now=now)
        for n in range(SUBJECTS):
            record = AgentRecord(f"agent-{n}", f"Agent {n}", f"team-{n % 20}", "clerk", AgentKind.HUMAN)
            agents.put(conn, record, trust_levels=["clerk"], now=now)
        _, secret = keys.create(conn, TimeIds(clock), "bench", Role.AGENT_UI, now=now)
    db.dispose()
    return secret


@contextmanager
def service(url: str, secret: str, **settings: str) -> Iterator[Target]:
    """`policyservice serve` on a database, with settings by name: the target of single decisions."""
    command = [sys.executable, "-m", "policyservice.cli.main", "serve"]
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "@r-@n"}
    body = {**_ASK, "remedy": "credit", "amount": "1.00"}
    with _served(command, url, "/healthz", settings) as port:
        yield Target(port, "/v1/decisions", headers, json.dumps(body))


def options_of(target: Target) -> Target:
    """The options call of the same service."""
    return Target(target.port, "/v1/options", target.headers, json.dumps(_ASK))


def batch_of(target: Target, size: int) -> Target:
    """The batch call of the same service, with so many decisions in each."""
    decision = {**json.loads(target.body)}
    items = []
    for number in range(size):
        of_its_own = {"case": f"K-@r-@n-{number}", "order": f"O-@r-@n-{number}", "agent": f"agent-{number % SUBJECTS}"}
        own = {**of_its_own, "customer": f"C-{number % SUBJECTS}"}
        items.append({"idempotency_key": f"@r-@n-{number}", "decision": {**decision, **own}})
    headers = {"Authorization": target.headers["Authorization"]}
    return Target(target.port, "/v1/decisions/batch", headers, json.dumps({"decisions": items}))


@contextmanager
def bare_endpoint(url: str, kind: str, *, hot: bool = False) -> Iterator[Target]:
    """A bare endpoint of a kind on a database that `bare.prepare` made ready."""
    command = [sys.executable, "-m", "tests.benchmarks.http.bare", kind]
    body = {"budget": "hot" if hot else "b@s", "amount": 100, "case": "K-@r-@n"}
    with _served(command, url, "/") as port:
        yield Target(port, "/spend", {}, json.dumps(body))


@contextmanager
def _served(command: list[str], url: str, path: str, settings: Mapping[str, str] | None = None) -> Iterator[int]:
    port = _free_port()
    environment = {
        **os.environ,
        "POLICYSERVICE_DATABASE_URL": url,
        "POLICYSERVICE_BIND": f"127.0.0.1:{port}",
        "POLICYSERVICE_LOG_LEVEL": "info",
        **(settings or {}),
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, path, process)
            yield port
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("a server to be measured did not start")


def load(target: Target, clients: int, seconds: float) -> Seen:
    """Put `clients` connections' load on a server for some seconds.

    Raises:
        RuntimeError: anything but answers that did what was asked.
    """
    run = secrets.token_hex(4)
    headers = {name: value.replace("@r", run) for name, value in target.headers.items()}
    body = target.body.replace("@r", run)
    plan = Plan(target.port, target.path, headers, body, clients, seconds, subjects=SUBJECTS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.http.load"],
        cwd=REPOSITORY,
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=True,
    )
    seen = Seen(**json.loads(done.stdout))
    if set(seen.statuses) - {"200", "201"}:
        raise RuntimeError(f"{target.path} answered {seen.statuses}")
    return seen
