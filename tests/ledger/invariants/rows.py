"""The rows of the log as plain values, read by the database's own driver: nothing of the product is between."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg

from policyservice.db.session import Database
from policyservice.decisions.record import Record, from_json
from policyservice.domain.limits import Usage

USAGE = ", ".join(Usage._fields)


class Entry(NamedTuple):
    """One row of `entry`; `change` is what it adds to the counters, `owed` {rule: [sum, times, ...]}."""

    seq: int
    decision: str
    number: int
    kind: str
    at: datetime
    decided_at: datetime
    subjects: dict[str, str | None]  # by scope
    reason: str
    remedy: str
    currency: str
    change: Usage
    refunded_minor: int
    owed: dict[str, list[int]]
    amount_minor: int
    late: bool
    note: str | None
    expires_at: datetime | None
    when_hold_ends: str | None


class Logged(NamedTuple):
    """One row of `decision`."""

    seq: int
    id: str
    at: datetime
    logged_at: datetime
    outcome: str
    currency: str
    amount_minor: int | None
    goodwill_minor: int
    entitled_minor: int
    rules: str
    limits: int
    record: Record

    @property
    def remedy(self) -> str:
        return self.record.request.remedy

    @property
    def reason(self) -> str:
        return self.record.request.reason


class Head(NamedTuple):
    """One row of `reservation`."""

    decision: str
    status: str
    amount_minor: int
    number: int
    expires_at: datetime | None


class Counted(NamedTuple):
    """One row of `counter` that was summed."""

    key: str
    usage: Usage
    summed_at: datetime | None
    stale_at: datetime | None


class Kept(NamedTuple):
    """One row of `reply`: what was answered under a key, which is kept as a digest."""

    path: str
    key: str
    body: str
    decision: str | None


ENTRY = (
    "seq, decision_id, number, kind, at, decided_at, agent, team, customer, case_ref, order_ref, incident, reason, "
    f"remedy, currency, {USAGE}, refunded_minor, owed, amount_minor, late, note, expires_at, when_hold_ends"
)
LOGGED = (
    "seq, id, at, logged_at, outcome, currency, amount_minor, goodwill_minor, entitled_minor, rules_digest, "
    "limits_version, record"
)
_SCOPES = ("agent", "team", "customer", "case", "order", "incident")


class Reader:
    """A connection of its own to a database, that only reads."""

    def __init__(self, db: Database) -> None:
        if db.is_sqlite:
            self._mark = "?"
            self._connection: Any = sqlite3.connect(str(db.url.database), isolation_level=None)
            self._version: object = None
        else:
            self._mark = "%s"
            url = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(url, autocommit=True)

    def rows(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        """What a statement finds; "?" stands for what is given."""
        found: list[tuple[Any, ...]] = self._connection.execute(statement.replace("?", self._mark), given).fetchall()
        return found

    def is_unchanged(self) -> bool:
        """Whether nothing was committed since this was asked last; PostgreSQL does not tell."""
        if self._mark != "?":
            return False
        before, ((self._version,),) = self._version, self.rows("PRAGMA data_version")
        return self._version == before

    def close(self) -> None:
        self._connection.close()


def entry(row: tuple[Any, ...]) -> Entry:
    """A row of `ENTRY`."""
    subjects = dict(zip(_SCOPES, row[6:12], strict=True)) | {"reason": row[12], "organisation": "organisation"}
    change = Usage._make(row[15:21])
    owed = json.loads(row[22])
    rest = (row[23], bool(row[24]), row[25], instant(row[26]), row[27])
    return Entry(*row[:4], _at(row[4]), _at(row[5]), subjects, *row[12:15], change, row[21], owed, *rest)


def logged(row: tuple[Any, ...]) -> Logged:
    """A row of `LOGGED`."""
    return Logged(*row[:2], _at(row[2]), _at(row[3]), *row[4:11], from_json(json.loads(row[11])))


def head(row: tuple[Any, ...]) -> Head:
    """A row of decision_id, status, amount_minor, number, expires_at."""
    return Head(*row[:4], instant(row[4]))


def counted(row: tuple[Any, ...]) -> Counted:
    """A row of key, the columns of `USAGE`, summed_at, stale_at."""
    return Counted(row[0], Usage._make(row[1:7]), instant(row[7]), instant(row[8]))


def instant(value: datetime | str | None) -> datetime | None:
    """An instant as either driver gives it."""
    return None if value is None else _at(value)


@lru_cache(maxsize=4096)
def _from_text(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _at(value: datetime | str) -> datetime:
    return _from_text(value) if isinstance(value, str) else value.astimezone(UTC)
