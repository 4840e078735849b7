"""SIGTERM: what was begun is finished and answered; what comes after finds no server, and nothing is left half done."""

from __future__ import annotations

import time

from tests.faults.audit import audit
from tests.faults.load import Load
from tests.faults.service import Service, serving
from tests.faults.stage import set_up


def test_requests_under_way_are_answered_before_it_ends(any_url, tmp_path):
    stage = set_up(tmp_path, any_url)
    arrivals = tmp_path / "arrivals"
    arrivals.mkdir()
    with serving(tmp_path, any_url, plant="unhurried", ARRIVALS=str(arrivals)) as service:
        load = Load([service.address], stage.secret, most=6).begin(6)
        deadline = time.monotonic() + 20
        while len(list(arrivals.iterdir())) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        under_way = 6 - len(load.answered)
        assert service.end() == 0
        load.finish(patience=0)

    assert under_way > 0
    assert len(load.answered) == 6
    assert load.broken == {}
    assert audit(any_url, load) == []


def test_ended_and_started_again_and_again_under_load_it_breaks_off_no_request_that_it_took(any_url, tmp_path):
    stage = set_up(tmp_path, any_url)
    service = Service(tmp_path, any_url).start()
    load = Load([service.address], stage.secret).begin()
    try:
        for _ in range(2):
            load.wait_for(15)
            assert service.end() == 0
            service.start()
        load.wait_for(15)
        load.finish()
    finally:
        service.kill()

    assert load.unanswered == []
    assert set(load.broken) <= {"ConnectionRefusedError", "ConnectionResetError"}  # it had not taken them yet
    assert audit(any_url, load) == []
    assert "Traceback" not in service.log.read_text()
