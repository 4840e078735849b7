from __future__ import annotations

import pytest

from policyservice.access.keys import ApiKey
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, a_shop


@pytest.fixture
def shop(any_db) -> Runtime:
    return a_shop(any_db)


@pytest.fixture
def key(shop: Runtime) -> ApiKey:
    return a_key(shop)
