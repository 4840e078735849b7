"""A column's value among any number of bound texts, by one statement and by index."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from policyservice.db.among import among
from policyservice.db.prepared import Prepared
from policyservice.db.tables import personal_reference
from tests.fakes import NOON

_kept = personal_reference.c
_AMONG = select(_kept.plain).where(among(_kept.pseudonym, "names"))
_PREPARED = Prepared(_AMONG)
NAMES = ("a", "b'", 'c"', "d,e", "{f}", "g\\", "ä", "NULL", "")


@pytest.fixture
def kept(any_db):
    rows = [
        {"pseudonym": name, "kind": "agent", "plain": f"p{number}", "used_at": NOON}
        for number, name in enumerate(NAMES)
    ]
    with any_db.transaction() as conn:
        conn.execute(personal_reference.insert(), rows)
    return any_db


@pytest.mark.parametrize("names", [(), ("a",), NAMES, (*NAMES, "nobody", "a"), ("a,b'",), ("nobody",)])
def test_those_are_found_that_are_among_them_however_they_are_spelled(kept, names):
    expected = [(f"p{NAMES.index(name)}",) for name in sorted(set(names) & set(NAMES))]
    with kept.reading() as conn:
        assert sorted(_PREPARED.rows(conn, {"names": names})) == sorted(expected)
        assert sorted(tuple(row) for row in conn.execute(_AMONG, {"names": names})) == sorted(expected)


def test_they_are_looked_up_in_the_index(kept):
    asked = str(_AMONG.compile(kept.engine))
    with kept.reading() as conn:
        if kept.is_sqlite:
            plan = [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("[]",))]
            assert any(line.startswith("SEARCH personal_reference USING") for line in plan), plan
        else:
            conn.execute(text("SET LOCAL enable_seqscan = off"))
            plan = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {asked}", {"names": ["a"]})]
            assert any("Index Cond" in line for line in plan), plan
