"""Two services on two machines with one PostgreSQL behave as one: nothing that the other needs is kept in memory."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import NamedTuple

import pytest

from tests.cli.support import PACK, environment, write_pack
from tests.faults import cluster
from tests.faults.audit import audit, held_minor
from tests.faults.load import Load, call
from tests.faults.machines import Machine, two_machines
from tests.faults.service import Service
from tests.faults.stage import LIMITS, Stage, a_gift, set_up

BUDGET = "100.00"
BURST, PER_MINUTE = 300, 60
TRANSACTION_SECONDS = 3
_REPOSITORY = Path(__file__).parents[2]


class Pair(NamedTuple):
    """Two services, each on a machine of its own."""

    machines: tuple[Machine, Machine]
    services: tuple[Service, Service]
    stage: Stage
    urls: tuple[str, str]

    @property
    def addresses(self):
        """Where they answer."""
        return [service.address for service in self.services]

    def command(self, number: int, *arguments: str) -> str:
        """A command of ours, run on one of the machines; what it said."""
        return subprocess.run(
            [*self.machines[number].within, sys.executable, "-m", "policyservice.cli.main", *arguments],
            cwd=_REPOSITORY,
            env=environment(POLICYSERVICE_DATABASE_URL=self.urls[number]),
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[str, tuple[Machine, Machine]]]:
    with two_machines() as made:
        yield made


@pytest.fixture(scope="module")
def pair_of(played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("machines")
    _, machines = played
    with cluster.running() as server:
        server.run(f"CREATE DATABASE {cluster.DATABASE} TEMPLATE {cluster.TEMPLATE}")
        server.stop()
        server.start(*{machine.database_host for machine in machines} - {"127.0.0.1"})
        stage = set_up(folder, server.url(), budget=BUDGET)
        urls = tuple(server.url(host=machine.database_host) for machine in machines)
        settings = {
            "POLICYSERVICE_RATE_BURST": str(BURST),
            "POLICYSERVICE_RATE_PER_MINUTE": str(PER_MINUTE),
            "POLICYSERVICE_TRANSACTION_SECONDS": str(TRANSACTION_SECONDS),
        }
        services = tuple(
            Service(folder, url, host=machine.address, within=machine.within, **settings)
            for machine, url in zip(machines, urls, strict=True)
        )
        try:
            for service in services:
                service.start(ready=False)
            for service in services:
                service.wait_until_ready()
            yield Pair(machines, services, stage, urls)
        finally:
            for service in services:
                service.kill()


@pytest.fixture
def pair(pair_of: Pair, played, record_property) -> Pair:
    record_property("played on", played[0])
    return pair_of


def test_a_call_that_is_sent_to_both_is_decided_once(pair):
    together = Barrier(2)

    def ask(number, address):
        together.wait(20)
        return call(address, "/v1/decisions", a_gift(number), secret=pair.stage.secret, key=f"both-{number}")

    with ThreadPoolExecutor(2) as pool:
        for number in range(15):
            one, other = pool.map(ask, (number, number), pair.addresses)
            assert (one.status, other.status) == (201, 201)
            assert one.text == other.text
            assert Counter(each.headers.get("Idempotent-Replayed") for each in (one, other)) == {None: 1, "true": 1}


def test_a_budget_that_both_draw_on_is_used_up_and_not_a_cent_more(pair):
    url = pair.urls[0] if not pair.machines[0].within else pair.stage.url
    load = Load(pair.addresses, pair.stage.secret, most=70).begin(8).wait()

    assert load.unanswered == []
    assert load.outcomes["escalate"] > 0  # until it was used up
    assert held_minor(url) == 100_00


def test_a_key_that_is_revoked_on_one_is_refused_at_once_on_the_other(pair):
    secret = pair.command(0, "keys", "create", "--role", "agent_ui", "--name", "short-lived").strip().splitlines()[-1]
    listed = pair.command(0, "keys", "list")
    key_id = next(
        word
        for line in listed.splitlines()
        if "short-lived" in line
        for word in line.split()
        if word.startswith("key_")
    )
    before = [call(address, "/v1/vocabulary", secret=secret).status for address in pair.addresses]

    pair.command(0, "keys", "revoke", key_id)

    assert before == [200, 200]
    assert [call(address, "/v1/vocabulary", secret=secret).status for address in pair.addresses] == [401, 401]


def test_rules_that_are_published_on_one_are_used_at_once_by_both(pair, tmp_path):
    words = PACK["rules/coffee.yaml"].replace("A biscuit mends a morning.", f"A biscuit mends {random.random()}.")
    pack = write_pack(tmp_path, rules__coffee_yaml=words, limits__opening_yaml=LIMITS.format(budget=BUDGET))

    def cited():
        answers = [
            call(address, "/v1/decisions", a_gift(1), secret=pair.stage.secret, key=f"{time.monotonic_ns()}")
            for address in pair.addresses
        ]
        return [answer.body["policy"]["rules"] for answer in answers]

    before = cited()
    pair.command(1, "rules", "publish", str(pack), "--because", "another morning")
    after = cited()

    assert before[0] == before[1] != after[0] == after[1]


def test_the_rate_of_a_key_is_shared_by_all_processes_of_both(pair):
    began = time.monotonic()

    def ask(number):
        return call(pair.addresses[number % 2], "/v1/vocabulary", secret=pair.stage.other_secret)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(BURST + 150)))

    admitted = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 429]
    came_since = PER_MINUTE * (time.monotonic() - began) / 60
    own = 3 * (BURST // 50 + 1)  # a fiftieth for each process beyond the first
    assert len(admitted) + len(refused) == len(answers)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert BURST * 0.6 < len(admitted) <= BURST + came_since + own


def test_a_machine_that_stands_still_in_the_middle_keeps_the_other_waiting_no_longer_than_set(pair):
    still, other = pair.services
    loads = [Load([service.address], pair.stage.secret, most=25) for service in (still, other)]
    for load in loads:
        load.begin(3)
    try:
        for _ in range(2):
            loads[0].wait_for(3)
            still.signal_all(signal.SIGSTOP)
            loads[1].wait_for(3, within=3 * TRANSACTION_SECONDS)
            still.signal_all(signal.SIGCONT)
    finally:
        still.signal_all(signal.SIGCONT)
    for load in loads:
        load.wait()

    assert [load.unanswered for load in loads] == [[], []]
    assert [load.unexpected for load in loads] == [[], []]


def test_after_all_of_it_the_books_agree(pair):
    url = pair.urls[0] if not pair.machines[0].within else pair.stage.url
    found = audit(url, Load(pair.addresses, pair.stage.secret))

    assert [each for each in found if not each.endswith("was never sent")] == []
    assert "agree" in pair.command(1, "ledger", "reconcile")
