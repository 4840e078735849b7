from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from policyservice.decisions.transactions import TRIES, in_transaction
from policyservice.domain.errors import LogUnavailable


class Failure(Exception):
    """What a driver raises, with the state that PostgreSQL gives."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("failed")
        self.sqlstate = sqlstate


class Flaky:
    """A database whose transactions fail as often as told, in a way it names."""

    def __init__(self, failures: int, sqlstate: str | None) -> None:
        self.failures = failures
        self.sqlstate = sqlstate
        self.begun = 0

    @contextmanager
    def transaction(self):
        self.begun += 1
        yield self.begun
        if self.begun <= self.failures:
            raise LogUnavailable() from OperationalError("commit", {}, Failure(self.sqlstate))


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_work_that_the_database_turned_down_is_done_again(sqlstate):
    db = Flaky(TRIES - 1, sqlstate)

    assert in_transaction(db, lambda conn: f"done in {conn}") == f"done in {TRIES}"  # type: ignore[arg-type]


def test_work_is_given_up_after_a_number_of_tries():
    db = Flaky(TRIES, "40001")

    with pytest.raises(LogUnavailable):
        in_transaction(db, lambda conn: None)  # type: ignore[arg-type]
    assert db.begun == TRIES


@pytest.mark.parametrize("sqlstate", [None, "57P01", "08006"])
def test_a_database_that_is_away_is_not_asked_again(sqlstate):
    db = Flaky(1, sqlstate)

    with pytest.raises(LogUnavailable):
        in_transaction(db, lambda conn: None)  # type: ignore[arg-type]
    assert db.begun == 1
