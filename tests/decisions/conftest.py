from __future__ import annotations

from collections.abc import Iterator

import pytest

from policyservice.access.keys import ApiKey
from policyservice.db.session import Database
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop


@pytest.fixture
def shop(any_db: Database) -> Iterator[Runtime]:
    """The shop on each kind of database."""
    runtime = a_shop(any_db)
    yield runtime
    runtime.rulebooks.close()


@pytest.fixture
def lite_shop(sqlite_db: Database) -> Iterator[Runtime]:
    """The shop on SQLite, for what does not depend on the database."""
    runtime = a_shop(sqlite_db)
    yield runtime
    runtime.rulebooks.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> ApiKey:
    """A key bound to nobody, of whichever shop the test uses."""
    name = "shop" if "shop" in request.fixturenames else "lite_shop"
    return a_key(request.getfixturevalue(name))
