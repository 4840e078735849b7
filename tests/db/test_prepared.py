"""Statements compiled once: the same rows, transactions and errors as SQLAlchemy's own way."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, exc, insert, select

from policyservice.db.prepared import Prepared, Writes
from policyservice.db.tables import agent, counter
from tests.ledger.factories import NOON, rows

_ADD = Prepared(insert(agent))
_NAMED = Prepared(select(agent.c.ref, agent.c.changed_at).where(agent.c.ref == bindparam("of_ref")))


def an_agent(ref="maija"):
    return {"ref": ref, "name": "Maija", "team": None, "trust_level": "new", "kind": "human", "changed_at": NOON}


def test_what_is_written_is_read_back_as_it_was(any_db):
    with any_db.transaction() as connection:
        _ADD.run(connection, an_agent())
        assert _NAMED.one(connection, {"of_ref": "maija"}) == ("maija", NOON)
        assert _NAMED.one(connection, {"of_ref": "nobody"}) is None


def test_it_runs_in_the_transaction_of_its_connection(any_db):
    def fail():
        with any_db.transaction() as connection:
            _ADD.run(connection, an_agent())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert rows(any_db, "agent") == 0


def test_rows_of_each_are_in_the_order_asked(any_db):
    with any_db.transaction() as connection:
        _ADD.run_many(connection, [an_agent("a"), an_agent("b")])
        found = _NAMED.rows_of_each(connection, [{"of_ref": "b"}, {"of_ref": "x"}, {"of_ref": "a"}])

    assert [[row[0] for row in each] for each in found] == [["b"], [], ["a"]]


def test_errors_are_those_of_sqlalchemy(any_db):
    with any_db.transaction() as connection:
        _ADD.run(connection, an_agent())

    with pytest.raises(exc.IntegrityError), any_db.transaction() as connection:
        _ADD.run(connection, an_agent())


def test_an_error_of_what_waits_shows_when_it_is_written(any_db):
    writes = Writes()
    writes.add(_ADD, an_agent())
    writes.add(_ADD, an_agent())

    with pytest.raises(exc.IntegrityError), any_db.transaction() as connection:
        writes.run(connection, commit=True)

    assert rows(any_db, "agent") == 0


def test_values_given_last_under_a_key_stand(any_db):
    writes = Writes()
    writes.add(_ADD, an_agent("a"), key="k")
    writes.add(_ADD, an_agent("b"), key="k")

    with any_db.transaction() as connection:
        writes.run(connection, commit=True)

    with any_db.looking() as connection:
        assert [row.ref for row in connection.execute(select(agent.c.ref))] == ["b"]


def test_values_with_keys_are_written_in_the_order_of_the_keys_and_others_as_they_came(sqlite_db):
    """Two transactions that write the same new rows would otherwise wait for each other crosswise."""
    written: list[str] = []

    class Noted(Prepared):
        def run_many(self, connection, many):
            written.extend(values["ref"] for values in many)

    keyed, plain, writes = Noted(insert(agent)), Noted(insert(agent)), Writes()
    for ref in ("c", "a", "b"):
        writes.add(keyed, an_agent(ref), key=("k", ref))
        writes.add(plain, an_agent(ref.upper()))
    with sqlite_db.transaction() as connection:
        writes.run(connection)

    assert written == ["a", "b", "c", "C", "A", "B"]


def test_a_boolean_and_a_missing_instant_are_read_as_such(any_db):
    zeros = dict.fromkeys((c.name for c in counter.c if c.name.endswith(("face", "cost", "count"))), 0)
    with any_db.transaction() as connection:
        Prepared(insert(counter)).run(
            connection, {"key": "k", **zeros, "counted": True, "summed_at": NOON, "stale_at": None}
        )
        row = Prepared(select(counter.c.counted, counter.c.summed_at, counter.c.stale_at)).one(connection, {})

    assert row == (True, NOON, None)
