"""The service over HTTP as ratios to bare endpoints: measured in turns within one run, the middle one of each taken."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from statistics import median

from tests.benchmarks.http import bare, servers
from tests.benchmarks.http.load import Seen
from tests.benchmarks.http.servers import POSTGRES, SQLITE, Target
from tests.benchmarks.table import Figure

ROUNDS = int(os.environ.get("POLICYSERVICE_BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("POLICYSERVICE_BENCH_SECONDS", "3"))
CLIENTS = (1, 8)
BATCH = 100
PLAIN, FAIR, DRIVER, DECISIONS, OPTIONS, BATCHES = "plain", "fair", "driver", "decisions", "options", "batches"
Rounds = Mapping[str, list[Seen]]


def measure_sqlite() -> list[Figure]:
    """Decisions, options and batches on SQLite."""
    return _measure(SQLITE, wanted=0.9)


def measure_postgres() -> list[Figure]:
    """Decisions, options and batches on PostgreSQL."""
    return _measure(POSTGRES, wanted=0.7)


def measure_hot_counter() -> list[Figure]:
    """One counter that every request shares, and one budget that every request of the bare endpoint shares."""
    with _targets(POSTGRES, servers.ONE_FOR_ALL, (PLAIN,), hot=True) as targets:
        rounds = _rounds({name: targets[name] for name in (PLAIN, DECISIONS)}, 8)
    what = f"{POSTGRES}, 8 clients, one counter shared by all: decisions over the bare endpoint"
    return [_throughput(what, rounds, DECISIONS, PLAIN, 0.7)]


def _measure(kind: str, *, wanted: float) -> list[Figure]:
    figures = []
    bares = (PLAIN, FAIR, DRIVER) if kind == SQLITE else (PLAIN, DRIVER)
    with _targets(kind, servers.FIVE_LIMITS, bares) as targets:
        single = {name: target for name, target in targets.items() if name != BATCHES}
        for clients in CLIENTS:
            rounds = _rounds(single, clients)
            named = f"{kind}, {clients} client{'s' if clients > 1 else ''}:"
            figures += [
                _throughput(f"{named} decisions over the bare endpoint", rounds, DECISIONS, PLAIN, wanted),
                _p99(f"{named} p99 of decisions over the bare endpoint", rounds, PLAIN),
                _throughput(f"{named} decisions over the bare endpoint in driver SQL", rounds, DECISIONS, DRIVER, 0.45),
                _throughput(f"{named} options over the bare endpoint", rounds, OPTIONS, PLAIN, 1.0),
            ]
            if kind == SQLITE:
                figures.insert(-2, _p99(f"{named} p99 of decisions over the bare endpoint, fair lock", rounds, FAIR))
        figures.append(_batches(kind, targets))
    return figures


def _batches(kind: str, targets: Mapping[str, Target]) -> Figure:
    rounds = _rounds({name: targets[name] for name in (DECISIONS, BATCHES)}, 1)
    ratio = median(b.rate * BATCH / d.rate for b, d in zip(rounds[BATCHES], rounds[DECISIONS], strict=True))
    what = f"{kind}, 1 client: decisions in batches of {BATCH} over single ones ({_rates(rounds, BATCHES, DECISIONS)})"
    return Figure(what, f"{ratio:.2f}", "at least 5", ratio >= 5)


@contextmanager
def _targets(kind: str, limits: str, bares: tuple[str, ...], *, hot: bool = False) -> Iterator[dict[str, Target]]:
    """The service and the bare endpoints, each on a database of its own, warmed up."""
    with ExitStack() as stack:
        url = stack.enter_context(servers.database(kind))
        secret = servers.fill(url, limits)
        found = {}
        for name in bares:
            own = stack.enter_context(servers.database(kind)) if kind == SQLITE else url
            if kind == SQLITE or name == bares[0]:
                bare.prepare(own, servers.SUBJECTS)
            found[name] = stack.enter_context(servers.bare_endpoint(own, name, hot=hot))
        service = stack.enter_context(servers.service(url, secret))
        found |= {DECISIONS: service, OPTIONS: servers.options_of(service), BATCHES: servers.batch_of(service, BATCH)}
        for target in found.values():
            servers.load(target, 2, 1)
        yield found


def _rounds(targets: Mapping[str, Target], clients: int) -> Rounds:
    """In turns, so that what else the machine does meets all of them alike."""
    seen: dict[str, list[Seen]] = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, target in targets.items():
            seen[name].append(servers.load(target, clients, SECONDS))
    return seen


def _throughput(what: str, rounds: Rounds, ours: str, theirs: str, wanted: float) -> Figure:
    ratio = median(a.rate / b.rate for a, b in zip(rounds[ours], rounds[theirs], strict=True))
    return Figure(f"{what} ({_rates(rounds, ours, theirs)})", f"{ratio:.2f}", f"at least {wanted}", ratio >= wanted)


def _p99(what: str, rounds: Rounds, theirs: str) -> Figure:
    ratio = median(a.p99 / b.p99 for a, b in zip(rounds[DECISIONS], rounds[theirs], strict=True))
    return Figure(what, f"{ratio:.2f}", "at most 1.5", ratio <= 1.5)


def _rates(rounds: Rounds, ours: str, theirs: str) -> str:
    both = (median(seen.rate for seen in rounds[name]) for name in (ours, theirs))
    return "{:.0f} and {:.0f} a second".format(*both)
