"""Keeps the publishing of limits apart from the transactions that count against them.

Whoever appends to the ledger shares the barrier until the transaction ends, and whoever changes what is counted has it
alone. So no transaction appends an entry without knowing of a counter that another has just begun to keep. SQLite has
one writer at a time, which does the same.
"""

from __future__ import annotations

from sqlalchemy import Connection, Text, text

from policyservice.db.prepared import Asking, Prepared

_KEY = 7_265_001
"""The number of the advisory lock; any that nobody else in the database uses."""

_SHARE = Prepared(text("SELECT pg_advisory_xact_lock_shared(:key)").columns(shared=Text()))
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")


def share(connection: Connection) -> None:
    """Count against limits until the transaction ends; waits while limits are being published."""
    for statement, values in sharing(connection):
        statement.run(connection, values)


def sharing(connection: Connection) -> list[Asking]:
    """What `share` runs, for a transaction that asks for more at once; one row, or nothing to run."""
    return [(_SHARE, {"key": _KEY})] if connection.dialect.name == "postgresql" else []


def alone(connection: Connection) -> None:
    """Change what is counted: waits for every transaction that shares, and keeps new ones waiting."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE, {"key": _KEY})
