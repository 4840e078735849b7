from __future__ import annotations

import pytest
from sqlalchemy import Boolean, Column, Integer, text

from policyservice.db import tables
from policyservice.db.types import CanonicalJson, Minor, UtcInstant
from tests.decisions.seal.factories import (
    a_checkpoint,
    attacker,
    differences,
    differences_of,
    move,
    reseal,
    run,
    seal_all,
)


def test_a_log_as_it_was_sealed_has_no_differences(shop, sealed):
    assert differences_of(shop.db) == []
    assert differences_of(shop.db, a_checkpoint(shop.db)) == []


def test_rows_that_are_not_sealed_yet_are_no_difference(shop, logged):
    assert differences_of(shop.db) == []


# --- rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_a_change_in_any_column_is_found_and_its_row_is_named(shop, sealed, table):
    columns = [column for column in tables.metadata.tables[table].columns if column.name != "seq"]
    unnoticed = []
    for column in columns:
        with attacker(shop.db) as conn:
            before = run(conn, f'SELECT "{column.name}" FROM {table} WHERE seq = 5').scalar_one()
            run(conn, f'UPDATE {table} SET "{column.name}" = {other_value(column, conn.dialect.name)} WHERE seq = 5')
            after = run(conn, f'SELECT "{column.name}" FROM {table} WHERE seq = 5').scalar_one()
            assert before != after, column.name
            found = differences(conn)
            if not (len(found) == 1 and found[0].startswith(f"{table} 5 (") and found[0].endswith("): altered")):
                unnoticed.append((column.name, found))

    assert unnoticed == []
    assert differences_of(shop.db) == []


def other_value(column: Column[object], dialect: str) -> str:
    """SQL for a value that differs, as little as can be, from the one that a column has."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, Boolean):
        return f"NOT {name}"
    if isinstance(kind, UtcInstant):
        if dialect == "postgresql":
            return f"coalesce({name}, 'epoch') + interval '1 microsecond'"
        return f"coalesce(substr({name}, 1, 25) || '1', '2026-06-01 09:00:00.000000')"
    if isinstance(kind, Minor | Integer):
        return f"coalesce({name}, 0) + 1"
    if isinstance(kind, CanonicalJson):
        return f"{name} || ' '"
    return "'SEK'" if column.name == "currency" else f"coalesce({name}, '') || 'x'"


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_a_value_taken_away_is_found(shop, sealed, table):
    for column in tables.metadata.tables[table].columns:
        with attacker(shop.db) as conn:
            given = run(conn, f"SELECT min(seq) FROM {table} WHERE {column.name} IS NOT NULL").scalar_one()
            if column.nullable and given is not None:
                run(conn, f"UPDATE {table} SET {column.name} = NULL WHERE seq = :seq", seq=given)
                assert [each.endswith("altered") for each in differences(conn)] == [True], column.name


@pytest.mark.parametrize("table", ["decision", "entry"])
@pytest.mark.parametrize("seq", [1, 4])
def test_a_removed_row_is_named(shop, sealed, table, seq):
    with attacker(shop.db) as conn:
        run(conn, f"DELETE FROM {table} WHERE seq = :seq", seq=seq)

        assert differences(conn) == [f"{table} {seq}: removed"]


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_a_removed_tail_is_named_row_by_row(shop, sealed, table):
    with attacker(shop.db) as conn:
        last = run(conn, f"SELECT max(seq) FROM {table}").scalar_one()
        run(conn, f"DELETE FROM {table} WHERE seq >= :first", first=last - 1)

        assert differences(conn) == [f"{table} {last - 1}: removed", f"{table} {last}: removed"]


def test_everything_removed_is_named_row_by_row(shop, sealed):
    with attacker(shop.db) as conn:
        rows = run(conn, "DELETE FROM entry").rowcount + run(conn, "DELETE FROM decision").rowcount

        found = differences(conn)
    assert len(found) == rows
    assert all(each.endswith(": removed") for each in found)


@pytest.mark.parametrize("table", ["decision", "entry"])
@pytest.mark.parametrize("seq", [0, -7])
def test_a_row_inserted_before_the_first_is_named(shop, sealed, table, seq):
    with attacker(shop.db) as conn:
        name = copied(conn, table, 1, seq)

        assert differences(conn) == [f"{table} {seq} ({name}): inserted"]


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_a_row_inserted_where_a_number_had_been_left_out_is_named(shop, logged, table):
    with attacker(shop.db) as conn:
        run(conn, f"UPDATE {table} SET seq = seq + 100 WHERE seq > 3")
        reseal(conn)
        assert differences(conn) == []

        name = copied(conn, table, 2, 50)
        assert differences(conn) == [f"{table} 50 ({name}): inserted"]


def copied(conn, table: str, seq: int, to: int) -> str:
    """Insert a copy of a row under another number, and another id; what it is called."""
    changes = {"seq": str(to), "id": "'dec_forged'"} if table == "decision" else {"seq": str(to), "number": "99"}
    names = [column.name for column in tables.metadata.tables[table].columns]
    values = ", ".join(changes.get(name, name) for name in names)
    run(conn, f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE seq = :seq", seq=seq)
    if table == "decision":
        return "dec_forged"
    row = run(conn, "SELECT kind, decision_id FROM entry WHERE seq = :seq", seq=to).one()
    return f"{row[0]} of {row[1]}"


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_swapped_rows_are_both_named_with_the_place_they_had(shop, sealed, table):
    with attacker(shop.db) as conn:
        move(conn, table, 2, 5)

        found = differences(conn)
    assert [each.split(" (")[0] for each in found] == [f"{table} 2", f"{table} 5"]
    assert [each.split("): ")[1] for each in found] == ["reordered: it was number 5", "reordered: it was number 2"]


def test_a_row_removed_with_those_after_it_moved_up_is_found(shop, sealed):
    with attacker(shop.db) as conn:
        last = run(conn, "SELECT max(seq) FROM decision").scalar_one()
        run(conn, "DELETE FROM decision WHERE seq = 3")
        for seq in range(4, last + 1):
            run(conn, "UPDATE decision SET seq = :new WHERE seq = :seq", seq=seq, new=seq - 1)

        removed, *moved = differences(conn)
    assert removed == "decision 3: removed"
    assert [each.split("): ")[-1] for each in moved] == [
        f"reordered: it was number {seq}" for seq in range(4, last + 1)
    ]


def test_a_row_put_in_the_place_of_one_that_moved_is_named_as_inserted(shop, sealed):
    with attacker(shop.db) as conn:
        run(conn, "UPDATE decision SET seq = 0 WHERE seq = 5")
        copied(conn, "decision", 1, 5)

        found = differences(conn)
    assert [each.split(" (")[0] for each in found] == ["decision 0", "decision 5"]
    assert [each.split("): ")[1] for each in found] == ["reordered: it was number 5", "inserted"]


@pytest.mark.parametrize("table", ["decision", "entry"])
def test_a_row_renumbered_beyond_the_seals_is_missed_where_it_was(shop, sealed, table):
    with attacker(shop.db) as conn:
        run(conn, f"UPDATE {table} SET seq = 1000 WHERE seq = 5")

        assert differences(conn) == [f"{table} 5: removed"]


def test_several_kinds_at_once_are_each_named(shop, sealed):
    with attacker(shop.db) as conn:
        move(conn, "decision", 1, 2)
        run(conn, "DELETE FROM decision WHERE seq = 4")
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 6")
        run(conn, "DELETE FROM entry WHERE seq = 2")

        found = differences(conn)
    assert [(each.split(" (")[0].split(":")[0], each.split(": ")[1]) for each in found] == [
        ("decision 1", "reordered"),
        ("decision 2", "reordered"),
        ("decision 4", "removed"),
        ("decision 6", "altered"),
        ("entry 2", "removed"),
    ]


def test_more_differences_than_can_be_kept_are_counted(shop, sealed, monkeypatch):
    monkeypatch.setattr("policyservice.decisions.seal.compare._MOST", 2)
    with attacker(shop.db) as conn:
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq <= 5")

        found = differences(conn)
    assert len(found) == 3
    assert found[-1] == "log: 3 further rows altered, removed, inserted or reordered"


@pytest.mark.parametrize(
    "value", ["7.0", "X'37'", "'seven'", "CAST('7' AS BLOB)"], ids=["real", "blob", "text", "text as blob"]
)
def test_sqlite_holding_another_type_is_found(lite_shop, key, value):
    from tests.decisions.seal.factories import some_decisions

    some_decisions(lite_shop, key)
    seal_all(lite_shop.db)
    with attacker(lite_shop.db) as conn:
        for column in ("reason", "at", "stretched"):
            run(conn, f"UPDATE decision SET {column} = {value} WHERE seq = 1")
            assert [each.split(": ")[-1] for each in differences(conn)] == ["altered"]


def test_sqlite_holding_bytes_that_are_no_text_is_found(lite_shop, key):
    from tests.decisions.seal.factories import some_decisions

    some_decisions(lite_shop, key)
    seal_all(lite_shop.db)
    with attacker(lite_shop.db) as conn:
        run(conn, "UPDATE decision SET id = CAST(X'FF41' AS TEXT) WHERE seq = 1")

        assert differences(conn) == [r"decision 1 (\udcffA): altered"]


# --- seals -----------------------------------------------------------------------------------------------

_OTHER_VALUES = {
    "format": "2",
    "sealed_at": "'2026-06-01 09:00:00.000001+00'",
    "first_decision": "first_decision - 1",
    "last_decision": "last_decision + 1",
    "decisions": "decisions - 1",
    "first_entry": "first_entry - 1",
    "last_entry": "last_entry + 1",
    "entries": "entries - 1",
    "root": "previous",
    "previous": "root",
    "hash": "root",
    "number": "number + 100",
}


@pytest.mark.parametrize("column", [column.name for column in tables.seal.columns])
@pytest.mark.parametrize("number", [1, 2, "last"])
def test_an_altered_seal_is_named(shop, sealed, column, number):
    with attacker(shop.db) as conn:
        last = run(conn, "SELECT max(number) FROM seal").scalar_one()
        number = last if number == "last" else number
        if column == "leaves":
            leaves = run(conn, "SELECT leaves FROM seal WHERE number = :number", number=number).scalar_one()
            run(conn, "UPDATE seal SET leaves = :new WHERE number = :number", number=number, new=flipped(leaves))
        else:
            run(conn, f"UPDATE seal SET {column} = {_OTHER_VALUES[column]} WHERE number = :number", number=number)

        found = differences(conn)
    assert found
    assert all(each.startswith("seal ") for each in found)
    assert f"seal {number}: " in found[0]


def flipped(leaves: bytes) -> bytes:
    """The same with one bit of the first digest turned."""
    return leaves[:20] + bytes([leaves[20] ^ 1]) + leaves[21:]


@pytest.mark.parametrize("value", ["''", "'x'", "X'00'", "5"])
def test_a_seal_of_rubbish_is_named_and_stops_nothing(shop, sealed, value):
    with attacker(shop.db) as conn:
        if conn.dialect.name == "postgresql":
            value = f"convert_to({value}::text, 'UTF8')"
        run(conn, f"UPDATE seal SET leaves = {value} WHERE number = 2")
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 7")

        found = differences(conn)
    assert found[0] == "seal 2: altered"
    assert found[1].startswith("seal 2: its leaves were altered: decisions 4 to 6 and entries 4 to 6 cannot be")
    assert found[2].startswith("decision 7 (")
    assert len(found) == 3


def test_a_removed_seal_is_named_with_the_rows_that_cannot_be_compared(shop, sealed):
    with attacker(shop.db) as conn:
        run(conn, "DELETE FROM seal WHERE number = 2")
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq IN (1, 4, 7)")

        found = differences(conn)
    assert found[0] == "seal 2: removed: decisions 4 to 6 and entries 4 to 6 cannot be compared"
    assert [each.split(" (")[0] for each in found[1:]] == ["decision 1", "decision 7"]


def test_the_first_seals_removed_are_named(shop, sealed):
    with attacker(shop.db) as conn:
        run(conn, "DELETE FROM seal WHERE number <= 2")

        assert differences(conn) == [
            "seal 1: removed, and those up to 2: decisions 1 to 6 and entries 1 to 6 cannot be compared"
        ]


def test_two_seals_that_changed_places_are_named(shop, sealed):
    with attacker(shop.db) as conn:
        for old, new in ((1, 100), (2, 1), (100, 2)):
            run(conn, "UPDATE seal SET number = :new WHERE number = :old", old=old, new=new)

        found = differences(conn)
    assert {each.split(":")[0] for each in found} == {"seal 1", "seal 2", "seal 3"}


def test_a_row_changed_together_with_its_seal_breaks_the_chain_at_the_next_seal(shop, sealed):
    with attacker(shop.db) as conn:
        whole = run(conn, "SELECT * FROM seal ORDER BY number").mappings().all()
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 1")
        run(conn, "DELETE FROM seal WHERE number > 1")
        rows_beyond = [dict(row) for row in whole if row["number"] > 1]
        replaced_first_seal(conn, decisions=3, entries=3)
        for row in rows_beyond:
            run(conn, f"INSERT INTO seal ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", **row)

        assert differences(conn) == ["seal 2: not chained to the seal before it: one of the two was replaced"]


def replaced_first_seal(conn, *, decisions: int, entries: int) -> None:
    """Seal the first rows anew, as the service would have."""
    from policyservice.decisions.seal import rows, store
    from policyservice.decisions.seal.chain import End, sealed
    from tests.fakes import NOON

    run(conn, "DELETE FROM seal WHERE number = 1")
    with rows.as_stored(conn):
        leaves = [
            [row.leaf(table) for row in rows.read(conn, table, most=most)]
            for table, most in (("decision", decisions), ("entry", entries))
        ]
        assert store.append(conn, sealed(End(), *leaves, now=NOON))


# --- checkpoints -----------------------------------------------------------------------------------------


def cut_off(conn) -> int:
    """Remove the last seal with its rows; how many seals there were."""
    last = run(conn, "SELECT number, first_decision, first_entry FROM seal ORDER BY number DESC LIMIT 1").one()
    run(conn, "DELETE FROM entry WHERE seq >= :first", first=last[2])
    run(conn, "DELETE FROM decision WHERE seq >= :first", first=last[1])
    run(conn, "DELETE FROM seal WHERE number = :number", number=last[0])
    return int(str(last[0]))


def test_a_log_cut_off_at_a_seal_looks_whole_and_a_checkpoint_shows_it(shop, sealed):
    kept = a_checkpoint(shop.db)
    with attacker(shop.db) as conn:
        last = cut_off(conn)

        assert differences(conn) == []
        assert differences(conn, kept) == [
            f"checkpoint {last}: had {last} seals, the log has {last - 1}: its end was cut off"
        ]


def test_a_log_written_anew_looks_whole_and_a_checkpoint_shows_it(shop, sealed):
    kept = a_checkpoint(shop.db)
    with attacker(shop.db) as conn:
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 1")
        reseal(conn)
        assert differences(conn) == []
        assert [each.split(": ")[0] for each in differences(conn, kept)] == [f"checkpoint {kept.seals}"]


def test_a_log_written_anew_with_as_many_seals_is_shown_by_a_checkpoint(shop, logged):
    seal_all(shop.db, most=100)
    kept = a_checkpoint(shop.db)
    with attacker(shop.db) as conn:
        run(conn, "UPDATE decision SET reason = 'x' WHERE seq = 1")
        reseal(conn)

        assert differences(conn) == []
        assert differences(conn, kept) == [
            "checkpoint 1: its seals are not those of the log: the log was written anew, or is another one"
        ]


def test_an_older_checkpoint_holds_on_as_the_log_grows(shop, key, sealed):
    from tests.decisions.factories import decide

    kept = a_checkpoint(shop.db)
    decide(shop, key, "one more")
    seal_all(shop.db)

    assert differences_of(shop.db, kept) == []
    assert a_checkpoint(shop.db).seals == kept.seals + 1


def test_a_checkpoint_older_than_the_cut_does_not_show_it(shop, key, sealed):
    from tests.decisions.factories import decide

    kept = a_checkpoint(shop.db)
    decide(shop, key, "one more")
    seal_all(shop.db)
    with attacker(shop.db) as conn:
        cut_off(conn)
        assert differences(conn, kept) == []
        cut_off(conn)
        assert len(differences(conn, kept)) == 1


def test_a_seal_without_a_hash_does_not_stop_the_comparing_with_a_checkpoint(shop, sealed):
    kept = a_checkpoint(shop.db)
    with attacker(shop.db) as conn:
        conn.execute(text("UPDATE seal SET hash = 'none' WHERE number = 1"))

        assert differences(conn, kept) == [
            "seal 1: altered",
            "seal 2: not chained to the seal before it: one of the two was replaced",
        ]
