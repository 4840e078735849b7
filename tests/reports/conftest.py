from __future__ import annotations

from collections.abc import Iterator

import pytest

from policyservice.access.keys import Role
from policyservice.db.session import Database
from tests.decisions.factories import a_shop
from tests.reports.factories import Shop


@pytest.fixture
def shop(any_db: Database) -> Iterator[Shop]:
    """The shop on each kind of database, with a manager's key."""
    yield from _opened(any_db)


@pytest.fixture
def lite_shop(sqlite_db: Database) -> Iterator[Shop]:
    """The shop on SQLite, for what does not depend on the database."""
    yield from _opened(sqlite_db)


def _opened(db: Database) -> Iterator[Shop]:
    runtime = a_shop(db)
    yield Shop(runtime, Role.MANAGER)
    runtime.rulebooks.close()
