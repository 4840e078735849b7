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
def key(shop: Runtime) -> ApiKey:
    """A key bound to nobody."""
    return a_key(shop)
