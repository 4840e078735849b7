"""Whether anything is due, told by the first entry of an index, however much is not due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from policyservice.db import due
from policyservice.db.prepared import Prepared
from policyservice.db.tables import outbox_event
from tests.fakes import NOON

_event = outbox_event.c
_IS_ANY = select(due.is_any(_event.due_at))
_IS_ANY_OF = select(due.is_any(_event.due_at, _event.kind == "a"))
MOMENT = timedelta(microseconds=1)


def fill(db, rows):
    """Events by their kind and the instant they are due at."""
    nothing = {"about": "x", "body": {}, "at": NOON, "attempts": 0}
    with db.transaction() as conn:
        given = [{"id": f"e-{n}", "kind": kind, "due_at": at, **nothing} for n, (kind, at) in enumerate(rows)]
        conn.execute(insert(outbox_event), given)


def asked(db, statement):
    with db.reading() as conn:
        ((found,),) = Prepared(statement).rows(conn, {"now": NOON})
        return bool(found)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], False),
        ([("a", NOON)], True),
        ([("a", NOON + MOMENT)], False),
        ([("a", NOON + MOMENT), ("b", NOON - MOMENT)], True),
        ([("a", None)], False),
        ([("a", None), ("a", NOON)], True),
    ],
)
def test_it_is_due_at_its_instant_and_not_a_moment_before(any_db, rows, expected):
    if rows:
        fill(any_db, rows)

    assert asked(any_db, _IS_ANY) is expected


def test_only_what_the_conditions_hold_for_counts(any_db):
    fill(any_db, [("a", NOON + MOMENT), ("b", NOON)])

    assert asked(any_db, _IS_ANY) is True
    assert asked(any_db, _IS_ANY_OF) is False


def test_postgresql_reads_no_table_to_find_that_nothing_is_due(postgres_db):
    fill(postgres_db, [("a", NOON + timedelta(days=1))] * 3_000)
    with postgres_db.looking() as conn:
        conn.execute(text("ANALYZE outbox_event"))
    statement = str(_IS_ANY.compile(postgres_db.engine)).replace("%(now)s", "$1").replace("%(param_1)s", "1")
    with postgres_db.transaction() as conn:
        conn.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        conn.exec_driver_sql(f"PREPARE is_any AS {statement}")
        plan = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN EXECUTE is_any ('{NOON.isoformat()}')")]
        conn.exec_driver_sql("DEALLOCATE is_any")

    assert any("Index" in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan
