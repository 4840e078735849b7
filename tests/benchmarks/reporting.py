"""How long the comparison takes over a million decisions, on each kind of database.

The log is filled with made-up rows, inserted in bulk: as wide as real ones, spread over a year, a tenth of them
escalated; what is allowed is given at once, after minutes or after hours, and one in five customers comes back. What is
summed up is summed up by the folder that serves, and the newest rows are left to be added live.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from policyservice.access.keys import Role
from policyservice.db import migrate, tables
from policyservice.db.session import Database
from policyservice.reports import documents
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.comparison import comparison
from policyservice.reports.evenness import evenness
from policyservice.reports.folding import Folder
from policyservice.reports.speed.summing import counting_of
from policyservice.runtime import Runtime
from tests import postgres
from tests.benchmarks.table import Figure
from tests.decisions.factories import a_key, a_shop
from tests.fakes import NOON

MANY = int(os.environ.get("POLICYSERVICE_BENCH_DECISIONS", "1000000"))
_LIVE = 500
_CHUNK = 5_000
_RUNS = 5
_DAYS = 365
_BEGIN = NOON - timedelta(days=_DAYS)
_YEAR = Period(date(2025, 6, 1), date(2026, 6, 2))
_REASONS = ("delivery.late", "delivery.missing", "courtesy.other", "fraud.suspected", *(f"other.{n}" for n in range(8)))
_MONTH = Period(date(2026, 4, 1), date(2026, 5, 1))
_RECORD = {"padding": "x" * 1_500}
_VIEWS = {view: [[2281, 2084, 4506], [1513, 1235, 3651]] for view in ("cash", "churn", "full")}
_ASKED = {
    "by reason": (By.REASON,),
    "by month and reason": (By.MONTH, By.REASON),
    "by reason, channel, team and trust level": (By.REASON, By.CHANNEL, By.TEAM, By.TRUST_LEVEL),
}


def measure() -> list[Figure]:
    """The report over the whole log, least of several runs, and the first one of a process."""
    return [*_measure("SQLite"), *_measure("PostgreSQL")]


def _measure(kind: str) -> list[Figure]:
    with ExitStack() as stack:
        db = stack.enter_context(_database(kind))
        shop = a_shop(db)
        a_key(shop, Role.MANAGER)
        _fill(db, shop, MANY)
        started = time.perf_counter()
        Folder(db, counting_of(shop), most=20_000).step()
        folded = time.perf_counter() - started
        _fill(db, shop, _LIVE, first=MANY)
        figures = [Figure(f"{kind}: summing up {MANY:,} decisions and their entries", f"{folded:.0f} s", "", None)]
        for name, by in _ASKED.items():
            seconds = [_seconds(shop, by) for _ in range(_RUNS)]
            what = f"{kind}: comparison {name}, {MANY:,} decisions and {_LIVE} not yet summed up"
            if not figures[1:]:
                figures.append(Figure(f"{what}, the first", f"{seconds[0]:.2f} s", "under 2 s", seconds[0] < 2))
            figures.append(Figure(what, f"{min(seconds):.2f} s", "under 2 s", min(seconds) < 2))
        figures.append(_evenness(kind, shop))
        shop.rulebooks.close()
        return figures


def _evenness(kind: str, shop: Runtime) -> Figure:
    """Evenness reads every decision of its period: a month, as it is asked for."""
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        with shop.db.reading() as conn:
            evenness(conn, shop, Wanted(_MONTH, (By.REASON,)))
        taken.append(time.perf_counter() - started)
    what = f"{kind}: evenness of a month, about {MANY // 12:,} decisions"
    return Figure(what, f"{min(taken):.2f} s", "under 5 s", min(taken) < 5)


def _seconds(shop: Runtime, by: tuple[By, ...]) -> float:
    started = time.perf_counter()
    with shop.db.reading() as conn:
        found = comparison(conn, shop, Wanted(_YEAR, by))
    documents.comparison(found, shop.zone, "en")
    return time.perf_counter() - started


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    with ExitStack() as stack:
        if kind == "SQLite":
            url = f"sqlite:///{Path(stack.enter_context(TemporaryDirectory())) / 'many.db'}"
            migrate.upgrade(url)
        else:
            url = stack.enter_context(stack.enter_context(postgres.running()).database())
        db = Database(url)
        yield db
        db.dispose()


def _fill(db: Database, shop: Runtime, many: int, first: int = 0) -> None:
    chance = random.Random(first)
    with db.reading() as conn:
        digest = conn.execute(text("SELECT digest FROM rulebook")).scalar_one()
    for start in range(first, first + many, _CHUNK):
        rows: dict[str, list[dict[str, Any]]] = {"decision": [], "entry": [], "escalation": [], "outcome": []}
        for number in range(start, min(start + _CHUNK, first + many)):
            _one(rows, chance, number, digest)
        with db.transaction() as conn:
            for name, values in rows.items():
                if values:
                    conn.execute(tables.metadata.tables[name].insert(), values)
    if not db.is_sqlite:
        with db.transaction() as conn:
            conn.execute(text("ANALYZE"))


def _one(rows: dict[str, list[dict[str, Any]]], chance: random.Random, number: int, digest: str) -> None:
    """One made-up decision; eight in ten are allowed and given, of which one in thirty is taken back."""
    outcome = chance.choices(("allow", "escalate", "deny"), (8, 1, 1))[0]
    at = _BEGIN + timedelta(days=_DAYS * min(number / MANY, 1.0))
    own = {"reason": chance.choice(_REASONS), "remedy": "credit", "currency": "EUR"}
    own |= {"team": f"team-{chance.randrange(4)}", "agent": f"agt_{chance.randrange(80)}"}
    named = f"dec_{number:09}"
    rows["decision"].append(
        {
            **own,
            "id": named,
            "at": at,
            "logged_at": at,
            "outcome": outcome,
            "trust_level": chance.choice(("new", "trusted", "lead")),
            "customer": f"cus_{number % 20_000}",
            "case_ref": f"cas_{number}",
            "order_ref": None,
            "channel": chance.choice(("chat", "phone", "mail")),
            "remedy_kind": "credit",
            "amount_minor": 700,
            "goodwill_minor": 700 if outcome == "allow" else 0,
            "entitled_minor": 0,
            "cost_minor": 560,
            "stretched": chance.random() < 0.01,
            "after_the_fact": False,
            "rules_digest": digest,
            "limits_version": 1,
            "costs_version": 1,
            "record": {**_RECORD, "decision": {"cost": {"views": _VIEWS}}},
        }
    )
    if outcome == "escalate":
        resolved = chance.random() < 0.9
        rows["escalation"].append(
            {
                "id": f"esc_{number:09}",
                "decision_id": named,
                "to": "lead",
                "opened_at": at,
                "due_at": at + timedelta(hours=4),
                "status": "resolved" if resolved else "open",
                "result": chance.choice(("granted", "refused")) if resolved else None,
                "resolved_at": at + timedelta(hours=2) if resolved else None,
            }
        )
    if outcome == "allow":
        kinds = ("hold", "commit", "reverse") if chance.random() < 1 / 30 else ("hold", "commit")
        given = at + timedelta(minutes=chance.choice((0, chance.expovariate(1 / 10), chance.expovariate(1 / 600))))
        at_of = {"hold": at, "commit": given, "reverse": given}
        case = {**own, "case_ref": f"cas_{number}"}
        rows["entry"] += [_entry(case, named, at_of[kind], place, kind) for place, kind in enumerate(kinds)]
        if chance.random() < 0.2:
            again = at + timedelta(days=chance.uniform(0, 40))
            rows["outcome"].append(_came_back(number, again))


def _came_back(number: int, at: Any) -> dict[str, Any]:
    told = {"kind": "repeat_contact", "source": "bench", "content": f"{number:064}", "case_ref": f"cas_{number}"}
    return {**told, "id": f"out_{number:09}", "at": at, "received_at": at}


def _entry(own: dict[str, str], decision: str, at: Any, number: int, kind: str) -> dict[str, Any]:
    sign = {"hold": 1, "commit": 0, "reverse": -1}[kind]
    return {
        **own,
        "decision_id": decision,
        "number": number,
        "kind": kind,
        "at": at,
        "decided_at": at,
        "goodwill_face": 700 * sign,
        "entitled_face": 0,
        "goodwill_cost": 560 * sign,
        "entitled_cost": 0,
        "goodwill_count": sign,
        "entitled_count": 0,
        "refunded_minor": 0,
        "owed": {},
        "amount_minor": 0 if kind == "reverse" else 700,
        "late": False,
    }
