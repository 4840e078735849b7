"""What never changes is read once per database."""

from __future__ import annotations

from policyservice.db.once import Once
from policyservice.db.session import Database


def test_a_key_is_read_once_per_database(sqlite_url, tmp_path):
    reads = []
    once = Once(lambda connection, key: reads.append(key) or f"value of {key}")
    for url in (sqlite_url, f"sqlite:///{tmp_path}/other.db"):
        db = Database(url)
        for _ in range(2):
            with db.looking() as connection:
                assert once(connection, 7) == "value of 7"
        with db.transaction() as connection:
            assert once(connection, 7) == "value of 7"
        db.dispose()

    assert reads == [7, 7]
