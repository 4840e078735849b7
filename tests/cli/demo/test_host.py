from __future__ import annotations

import socket

import pytest

from policyservice.cli.demo import host
from policyservice.cli.refused import Refused


@pytest.fixture
def taken() -> int:
    with socket.socket() as listener:
        listener.bind((host.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_wanted_port_that_is_free_is_taken():
    free = host.choose_port(0)

    assert host.choose_port(free) == free


def test_a_wanted_port_that_is_taken_is_refused(taken: int):
    with pytest.raises(Refused, match=str(taken)):
        host.choose_port(taken)


def test_where_the_usual_port_is_taken_another_is_found(taken: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(host, "USUAL_PORT", taken)

    assert host.choose_port(None) not in (taken, 0)


def test_a_service_that_does_not_start_is_refused_with_the_end_of_its_log(tmp_path, monkeypatch: pytest.MonkeyPatch):
    log = tmp_path / "service.log"
    environment = {"POLICYSERVICE_DATABASE_URL": "mysql://nowhere"}

    with (
        pytest.raises(Refused, match="POLICYSERVICE_DATABASE_URL"),
        host.served(environment, host.choose_port(0), log),
    ):
        pytest.fail("it was served")
