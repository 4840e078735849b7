"""The service over HTTP: a database prepared once per run, a copy of it per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from policyservice.access.keys import Role
from tests.api.factories import Caller, Prepared, Service, prepare, serving


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    made = prepare(tmp_path_factory.mktemp("api"))
    yield made
    made.rulebooks.close()


@pytest.fixture
def service(prepared: Prepared, tmp_path: Path) -> Iterator[Service]:
    with serving(prepared, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests of a module that leave nothing behind: putting one together takes a while."""
    with serving(prepared, tmp_path_factory.mktemp("shared")) as running:
        yield running


@pytest.fixture
def ui(service: Service) -> Caller:
    """An agent UI's key, bound to nobody."""
    return service.caller(Role.AGENT_UI)


@pytest.fixture
def manager(service: Service) -> Caller:
    return service.caller(Role.MANAGER)


@pytest.fixture
def auditor(service: Service) -> Caller:
    return service.caller(Role.AUDITOR)
