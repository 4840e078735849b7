"""How long the database may keep a caller waiting; what takes longer is given up, so that no caller waits for ever."""

from __future__ import annotations

from time import monotonic
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

_Result = TypeVar("_Result")
_INTERVAL_SECONDS = 0.1
_SLACK_SECONDS = 1
"""PostgreSQL is to end a statement before its caller hangs up: its answer says why."""

_BOUNDS_TRANSACTIONS = 170000
"""From this version on PostgreSQL ends a transaction that takes too long, whatever it is doing. Before, one whose
process stands still between statements that were sent ahead (`prepared.pipelined`) keeps its locks: there neither the
server is at work nor the transaction idle.
"""


class Patience(NamedTuple):
    """Whole seconds; `transaction` is None where a transaction may take as long as it does."""

    lock: int = 10
    transaction: int | None = None
    connect: int = 3


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that hangs up on a server that keeps silent.

    The server's own bounds end what it knows to take too long; this one holds where nothing comes back at all: a
    network that swallows packets, a machine that stands still, a commit that waits for a standby.
    """

    patience: float | None = None
    deadline: float | None = None  # of the transaction under way, on the monotonic clock

    def wait(self, gen: PQGen[_Result], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> _Result:
        """As in psycopg, for at most `patience` seconds, and not beyond the deadline.

        Raises:
            psycopg.OperationalError: it took longer; the connection is closed, since nobody knows what it will answer.
        """
        end = self._end()
        if end is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, max(0.0, end - monotonic()))
        except psycopg.OperationalError:
            if monotonic() >= end:
                self.pgconn.finish()
            raise

    def _end(self) -> float | None:
        if self.patience is None:
            return None
        ours = monotonic() + self.patience
        return ours if self.deadline is None else min(ours, self.deadline)


def session_options(patience: Patience) -> str:
    """What a PostgreSQL session is begun with, as `options` of its connection."""
    options = {"lock_timeout": f"{patience.lock}s", "synchronous_commit": "on"}
    if patience.transaction is not None:
        options["statement_timeout"] = f"{patience.transaction}s"
        # A process that stands still in a transaction keeps its locks no longer than this.
        options["idle_in_transaction_session_timeout"] = f"{patience.transaction}s"
    return " ".join(f"-c {name}={value}" for name, value in options.items())


def bound(engine: Engine, patience: Patience) -> None:
    """Make every connection of a PostgreSQL engine a bounded one; a transaction begins where one is taken out."""
    most = None if patience.transaction is None else patience.transaction + _SLACK_SECONDS

    @event.listens_for(engine, "do_connect")
    def connect(dialect: object, record: object, arguments: Any, named: dict[str, Any]) -> BoundedConnection:
        connection = BoundedConnection.connect(*arguments, **named)
        connection.patience = most
        if most is not None and connection.info.server_version >= _BOUNDS_TRANSACTIONS:
            connection.execute("SELECT set_config('transaction_timeout', %s, false)", [f"{most}s"])
        return connection

    @event.listens_for(engine, "checkout")
    def taken(connection: BoundedConnection, record: object, proxy: object) -> None:
        connection.deadline = None if most is None else monotonic() + most

    @event.listens_for(engine, "checkin")
    def given_back(connection: BoundedConnection | None, record: object) -> None:
        if connection is not None:  # None: it was closed instead
            connection.deadline = None
