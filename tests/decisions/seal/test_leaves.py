from __future__ import annotations

import pytest

from policyservice.db.session import Database
from policyservice.decisions.seal import rows
from policyservice.decisions.seal.leaves import Leaf, digest_of, flag, instant, pack, row_text, unpack
from policyservice.decisions.seal.rows import stored_instant
from policyservice.personal import key
from tests.decisions.factories import a_key, a_shop
from tests.decisions.seal.factories import some_decisions

_DIGEST = bytes(range(32))


def texts(db: Database) -> list[tuple[int, str, str]]:
    """Every row of the log of a shop in which always the same happens."""
    shop = a_shop(db, pseudonym_key="k" * 32)  # the same pseudonyms wherever it happens
    some_decisions(shop, a_key(shop))
    shop.rulebooks.close()
    with db.reading() as conn, rows.as_stored(conn):
        return [tuple(row) for table in ("decision", "entry") for row in rows.read(conn, table)]


def test_a_row_has_the_same_text_on_every_database(sqlite_db, postgres_db, monkeypatch):
    monkeypatch.setattr(key, "new_nonce", lambda: "0" * 32)
    found = texts(sqlite_db)

    assert found == texts(postgres_db)
    assert len(found) > 8


def test_a_column_that_is_null_leaves_no_trace():
    assert row_text({"b": 1, "a": "x", "c": None}) == row_text({"a": "x", "b": 1}) == '{"a":"x","b":1}'


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, "1"), (1, 1.0), ("None", None), ("x", b"x"), (b"x", "b'x'"), (0, False), ("", None), ("a", "á")],
)
def test_values_that_are_not_the_same_never_have_the_same_text(one, other):
    assert row_text({"column": one}) != row_text({"column": other})


@pytest.mark.parametrize("value", [0, 1])
def test_a_truth_value_is_the_same_from_every_database(value):
    assert flag(value) is flag(bool(value)) is bool(value)


@pytest.mark.parametrize("value", [2, -1, 1.0, 0.0, "1", None])
def test_what_is_no_truth_value_stays_what_it_is(value):
    assert flag(value) is value


def test_an_instant_has_six_digits_and_its_zone():
    assert instant("2026-06-01 09:00:00.000120") == "2026-06-01T09:00:00.000120Z"
    assert stored_instant("2026-06-01 09:00:00.00012", "postgresql") == "2026-06-01T09:00:00.000120Z"
    assert stored_instant("2026-06-01 09:00:00", "postgresql") == "2026-06-01T09:00:00.000000Z"
    assert stored_instant(None, "postgresql") is None


@pytest.mark.parametrize("value", ["2026-06-01 09:00:00", "2026-06-01T09:00:00.000000Z", "infinity", "", 5, b"x"])
def test_what_is_no_instant_is_told_from_every_instant(value):
    assert instant(value) == {"not an instant": str(value)}


def test_leaves_come_back_from_their_bytes():
    leaves = [Leaf("decision", 7, _DIGEST), Leaf("entry", 9, _DIGEST)]

    assert list(unpack(pack(leaves), 1)) == leaves
    with pytest.raises(ValueError):
        list(unpack(pack(leaves)[:-1], 1))


def test_a_leaf_is_of_its_table_number_and_digest():
    hashes = {
        Leaf(table, seq, digest).hash()
        for table in ("decision", "entry")
        for seq in (1, 2)
        for digest in (_DIGEST, digest_of("x"))
    }
    assert len(hashes) == 8
