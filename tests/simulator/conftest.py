from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from policyservice.decisions.rulebooks import Rulebooks
from tests.simulator.shop import make


@pytest.fixture(scope="package")
def rulebooks() -> Iterator[Rulebooks]:
    """Rulebooks are found by their content, so that all seeds may share those made ready."""
    shared = Rulebooks()
    yield shared
    shared.close()


@pytest.fixture(scope="package")
def opened_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the shop's rules in force, to copy."""
    return make(sqlite_template, tmp_path_factory.mktemp("shop") / "opened.db")
