"""What the service is measured against: Flask and a database, one conditional update and one insert, no more.

Three of a kind: as anyone would write it with SQLAlchemy; the same behind a fair lock on SQLite; the same two
statements given to the driver as text. Each in one durable transaction, under the same server as the service.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    make_url,
    update,
)

from policyservice.cli.server import options_of
from policyservice.config import Settings

PLAIN, FAIR, DRIVER = "plain", "fair", "driver"

metadata = MetaData()
budget = Table(
    "bare_budget",
    metadata,
    Column("id", Text, primary_key=True),
    Column("left_minor", BigInteger, nullable=False),
)
spent = Table(
    "bare_spent",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("budget", String(40), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("case_ref", Text, nullable=False),
)
_PRAGMAS = ("busy_timeout = 10000", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 200")
Spend = Callable[[str, int, str], bool]


def prepare(url: str, budgets: int) -> None:
    """Make the two tables, with so many budgets that are never used up, and one, `hot`, for everybody."""
    engine = _engine(url)
    metadata.create_all(engine)
    with engine.begin() as conn:
        names = [*(f"b{n}" for n in range(budgets)), "hot"]
        conn.execute(insert(budget), [{"id": name, "left_minor": 10**15} for name in names])
    engine.dispose()


def create_app(url: str, kind: str) -> Flask:
    """The endpoint of a kind: `POST /spend {"budget", "amount", "case"}`, 201, or 409 where too little is left."""
    app = Flask("bare")
    spend = _by_driver(url) if kind == DRIVER else _by_sqlalchemy(url, _fair(url) if kind == FAIR else _unfair)

    @app.post("/spend")
    def spend_now() -> tuple[Response, int]:
        body = request.get_json()
        if not spend(body["budget"], body["amount"], body["case"]):
            return jsonify(outcome="refused"), 409
        return jsonify(outcome="spent", amount=body["amount"]), 201

    return app


def _by_sqlalchemy(url: str, locked: Callable[[], Any]) -> Spend:
    engine = _engine(url)

    def spend(name: str, amount: int, case: str) -> bool:
        with locked(), engine.begin() as conn:
            return _spend(conn, name, amount, case)

    return spend


def _spend(conn: Connection, name: str, amount: int, case: str) -> bool:
    changed = conn.execute(
        update(budget)
        .where(budget.c.id == name, budget.c.left_minor >= amount)
        .values(left_minor=budget.c.left_minor - amount)
    )
    if changed.rowcount != 1:
        return False
    conn.execute(insert(spent).values(budget=name, amount_minor=amount, case_ref=case))
    return True


@contextmanager
def _unfair() -> Iterator[None]:
    yield


def _fair(url: str) -> Callable[[], Any]:
    """A lock that is had in the order it was asked for, kept by the system beside the database."""
    if make_url(url).get_backend_name() != "sqlite":
        return _unfair
    path, own = f"{make_url(url).database}.bare-lock", threading.local()

    @contextmanager
    def locked() -> Iterator[None]:
        if not hasattr(own, "file"):
            own.file = os.open(path, os.O_CREAT | os.O_RDWR)
        fcntl.flock(own.file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(own.file, fcntl.LOCK_UN)

    return locked


def _by_driver(url: str) -> Spend:
    own = threading.local()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path, locked = str(parsed.database), _fair(url)

        def spend_in_sqlite(name: str, amount: int, case: str) -> bool:
            if not hasattr(own, "connection"):
                own.connection = sqlite3.connect(path, isolation_level=None)
                for pragma in _PRAGMAS:
                    own.connection.execute(f"PRAGMA {pragma}")
            with locked():
                run = own.connection.execute
                run("BEGIN IMMEDIATE")
                left = "UPDATE bare_budget SET left_minor = left_minor - ? WHERE id = ? AND left_minor >= ?"
                if run(left, (amount, name, amount)).rowcount != 1:
                    run("ROLLBACK")
                    return False
                run("INSERT INTO bare_spent (budget, amount_minor, case_ref) VALUES (?, ?, ?)", (name, amount, case))
                run("COMMIT")
            return True

        return spend_in_sqlite

    def spend_in_postgres(name: str, amount: int, case: str) -> bool:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(url)
        left = "UPDATE bare_budget SET left_minor = left_minor - %s WHERE id = %s AND left_minor >= %s"
        with own.connection.transaction():
            if own.connection.execute(left, (amount, name, amount)).rowcount != 1:
                return False
            row = "INSERT INTO bare_spent (budget, amount_minor, case_ref) VALUES (%s, %s, %s)"
            own.connection.execute(row, (name, amount, case))
        return True

    return spend_in_postgres


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"))
    engine = create_engine(parsed)

    @event.listens_for(engine, "connect")
    def durable(connection: sqlite3.Connection, record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


class Server(BaseApplication):
    """The endpoint under gunicorn, with the options of `policyservice serve`."""

    def __init__(self, settings: Settings, kind: str) -> None:
        self._settings, self._kind = settings, kind
        super().__init__(prog="bare")

    def load_config(self) -> None:
        """The same as the service's, but for its log."""
        for name, value in options_of(self._settings).items():
            if name != "logger_class":
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The endpoint of one worker."""
        return create_app(self._settings.database_url, self._kind)


if __name__ == "__main__":
    Server(Settings.from_environment(), sys.argv[1]).run()
