from __future__ import annotations

import pytest

from policyservice.access.keys import ApiKey
from policyservice.runtime import Runtime
from tests.decisions.seal.factories import seal_all, some_decisions


@pytest.fixture
def logged(shop: Runtime, key: ApiKey) -> list[str]:
    """Decisions in the shop's log, none sealed; their ids."""
    return some_decisions(shop, key, times=2)


@pytest.fixture
def sealed(shop: Runtime, logged: list[str]) -> list[str]:
    """The same, sealed in several seals of at most three decisions and three entries."""
    seal_all(shop.db)
    return logged
