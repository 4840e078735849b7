from __future__ import annotations

from collections.abc import Iterator

import pytest

from policyservice.access.keys import ApiKey
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop, decide, render


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


@pytest.fixture
def ids(shop, key) -> dict[str, str]:
    """Four decisions: committed, escalated, denied, and one of another agent and customer a day later."""
    wanted: dict[str, dict[str, object]] = {
        "given": {"incident": "I-1"},
        "escalated": {"amount": "20.01", "case": "T-2", "order": "O-2"},
        "denied": {"reason": "courtesy.other"},
        "other": {
            "agent": "liisa",
            "customer": "C-2",
            "case": "T-3",
            "order": None,
            "remedy": "gift",
            "amount": "1.00",
        },
    }
    made = {}
    for name, changes in wanted.items():
        if name == "other":
            shop.clock.advance(days=1)
        made[name] = str(decide(shop, key, name, **changes).decision_id)
        if name == "given":
            settle.commit(shop, made[name], key, Idempotency("p", "k", "f"), render)
    return made
