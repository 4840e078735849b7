"""How long a decision takes over HTTP with few and with many decisions in the log, on each kind of database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from sqlalchemy import Table, text

from policyservice.db import tables
from policyservice.db.session import Database
from tests.benchmarks.http import servers
from tests.benchmarks.http.measuring import ROUNDS, SECONDS
from tests.benchmarks.http.servers import POSTGRES, SQLITE, Target
from tests.benchmarks.table import Figure

FEW = 10_000
MANY = int(os.environ.get("POLICYSERVICE_BENCH_DECISIONS", "1000000"))
_SEEDS = 100
"""Decisions really made; the others are copies of them, with ids, cases, orders and customers of their own."""
_CHUNK = 1_000
_COPIED = (tables.decision, tables.entry, tables.reservation, tables.reply)
_LATER = {"POLICYSERVICE_SEAL_SECONDS": "3600", "POLICYSERVICE_SWEEP_SECONDS": "3600"}
"""So that sealing and summing up what was copied in, which takes minutes, is not measured with it."""
_OWN = {"id", "decision_id", "case_ref", "order_ref", "key"}


def measure() -> list[Figure]:
    """The middle latency with many over that with few, one client; each database filled, then measured in turns."""
    return [_measure(SQLITE), _measure(POSTGRES)]


def _measure(kind: str) -> Figure:
    with _filled(kind, FEW) as few, _filled(kind, MANY) as many:
        ratios = [servers.load(many, 1, SECONDS).p50 / servers.load(few, 1, SECONDS).p50 for _ in range(ROUNDS)]
    what = f"{kind}, 1 client: latency of a decision with {MANY:,} in the log over that with {FEW:,}"
    return Figure(what, f"{median(ratios):.2f}", "at most 1.2", median(ratios) <= 1.2)


@contextmanager
def _filled(kind: str, decisions: int) -> Iterator[Target]:
    with ExitStack() as stack:
        url = stack.enter_context(servers.database(kind))
        target = stack.enter_context(servers.service(url, servers.fill(url), **_LATER))
        while _count(url) < _SEEDS:
            servers.load(target, 1, 0.5)
        _multiply(url, decisions)
        _sum_counters(target)
        _settle(url)
        yield target


def _sum_counters(target: Target) -> None:
    """Ask once for every subject, so that the counters of the copies are summed before anything is measured."""
    seconds = 3.0
    while servers.load(target, 2, seconds).sent < servers.SUBJECTS:
        seconds *= 2


def _count(url: str) -> int:
    db = Database(url)
    with db.reading() as conn:
        found = conn.execute(text("SELECT count(*) FROM decision")).scalar_one()
    db.dispose()
    return int(found)


def _multiply(url: str, decisions: int) -> None:
    db = Database(url)
    with db.transaction() as conn:
        last = conn.execute(text("SELECT max(seq) FROM decision WHERE seq <= :most"), {"most": _SEEDS}).scalar_one()
    for first in range(1, decisions // last, _CHUNK):
        given = {"first": first, "last": min(first + _CHUNK, decisions // last) - 1, "most": last}
        with db.transaction() as conn:
            for table in _COPIED:
                conn.execute(text(_copies(table)), given)
    with db.transaction() as conn:
        conn.execute(text("DELETE FROM counter"))
    db.dispose()


def _settle(url: str) -> None:
    """Clean up and write back what was copied in: of a log that grew in years that was done long ago."""
    db = Database(url)
    if not db.is_sqlite:
        with db.looking() as conn:
            conn.execute(text("VACUUM ANALYZE"))
            conn.execute(text("CHECKPOINT"))
    db.dispose()


def _copies(table: Table) -> str:
    names = [column.name for column in table.c if column.name != "seq"]
    values = ", ".join(_value(name) for name in names)
    id_of = "id" if table is tables.decision else "decision_id"
    return (
        "WITH RECURSIVE n(n) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM n WHERE n < :last) "
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM {table.name} AS t CROSS JOIN n "
        f"WHERE t.{id_of} IN (SELECT id FROM decision WHERE seq <= :most)"
    )


def _value(name: str) -> str:
    if name in _OWN:
        return f"t.{name} || '-' || n.n"
    if name == "customer":
        return "'C-' || (n.n % 20000)"
    return f"t.{name}"
