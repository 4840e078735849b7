from __future__ import annotations

import logging

import pytest

from policyservice.cli import server
from policyservice.cli.ways import is_in_the_open, is_open
from policyservice.config import Settings

SAFE = [
    "sqlite:///var/policyservice.db",
    "postgresql://policyservice@/policyservice",
    "postgresql://policyservice@localhost/policyservice",
    "postgresql://policyservice@127.0.0.1:5433/policyservice",
    "postgresql://policyservice@[::1]/policyservice",
    "postgresql://policyservice@/policyservice?host=/var/run/postgresql",
    "postgresql://policyservice@one.example/policyservice?sslmode=verify-full",
    "postgresql://policyservice@/policyservice?host=one:5432&host=two:5432&sslmode=verify-full",
]
OPEN = [
    "postgresql://policyservice@one.example/policyservice",
    "postgresql://policyservice@10.0.0.7/policyservice?sslmode=require",
    "postgresql://policyservice@one.example/policyservice?sslmode=verify-ca",
    "postgresql://policyservice@/policyservice?host=localhost:5432&host=two:5432",
    "postgresql+psycopg://policyservice@/policyservice?host=localhost,two",
]


@pytest.mark.parametrize("url", SAFE)
def test_a_way_within_the_machine_or_under_a_name_that_is_checked_is_not_open(url: str):
    assert not is_open(url)


@pytest.mark.parametrize("url", OPEN)
def test_a_way_to_another_machine_is_open_unless_its_name_is_checked(url: str):
    assert is_open(url)


@pytest.mark.parametrize(("url", "lines"), [(SAFE[0], 0), (OPEN[0], 1)])
def test_an_open_way_is_told_when_the_service_starts_and_nothing_of_its_address(caplog, url: str, lines: int):
    with caplog.at_level(logging.WARNING, logger="policyservice.server"):
        server.tell_of_open_ways(Settings.from_environment({"POLICYSERVICE_DATABASE_URL": url}))

    assert len(caplog.messages) == lines
    assert not any("example" in message for message in caplog.messages)
    assert all("sslmode=verify-full" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("address", "is_so"),
    [
        ("https://hooks.example/in", False),
        ("http://localhost:9000/in", False),
        ("http://127.0.0.1/in", False),
        ("http://[::1]:9000/in", False),
        ("http://hooks.example/in", True),
        ("HTTP://10.0.0.7:9000/in", True),
        ("http://127.0.0.1.example/in", True),
    ],
)
def test_events_that_go_to_another_machine_without_tls_are_told_of_when_the_service_starts(caplog, address, is_so):
    assert is_in_the_open(address) is is_so

    with caplog.at_level(logging.WARNING, logger="policyservice.server"):
        server.tell_of_open_ways(
            Settings.from_environment(
                {"POLICYSERVICE_WEBHOOK_URL": address, "POLICYSERVICE_WEBHOOK_SECRET": "whsec_" + "a" * 32}
            )
        )

    assert ["https" in message for message in caplog.messages] == [True] * is_so
    assert not any("hooks" in message or "/in" in message for message in caplog.messages)
