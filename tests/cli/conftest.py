"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import copied_database, opened_database


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that the small pack is in force in; not to be changed."""
    folder = tmp_path_factory.mktemp("opened")
    opened_database(folder)
    return folder


@pytest.fixture
def url(opened: Path, tmp_path: Path) -> str:
    """A database of the test's own with the small pack in force."""
    return copied_database(opened, tmp_path)
