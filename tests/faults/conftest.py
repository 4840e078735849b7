"""A PostgreSQL that tests may stop and break: one for each test process, put right again by each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import cluster
from tests.faults.cluster import Cluster


@pytest.fixture(scope="session")
def breakable_server() -> Iterator[Cluster]:
    with cluster.running() as server:
        yield server


@pytest.fixture
def breakable(breakable_server: Cluster) -> Cluster:
    """The server with an empty database of our schema."""
    if not breakable_server.answers():
        breakable_server.start()
    breakable_server.run("ALTER SYSTEM RESET ALL")
    breakable_server.run("SELECT pg_reload_conf()")
    breakable_server.run(f"DROP DATABASE IF EXISTS {cluster.DATABASE} WITH (FORCE)")
    breakable_server.run(f"CREATE DATABASE {cluster.DATABASE} TEMPLATE {cluster.TEMPLATE}")
    return breakable_server


@pytest.fixture
def own_server() -> Iterator[Cluster]:
    """A server for one test, which may lose it for good."""
    with cluster.running() as server:
        server.run(f"CREATE DATABASE {cluster.DATABASE} TEMPLATE {cluster.TEMPLATE}")
        yield server
