"""The audit that the other tests rely on finds what it is there to find."""

from __future__ import annotations

from tests.faults.audit import audit
from tests.faults.load import Load
from tests.faults.service import serving
from tests.faults.stage import set_up


def test_an_answer_that_was_not_committed_is_found(sqlite_url, tmp_path):
    stage = set_up(tmp_path, sqlite_url)
    with serving(tmp_path, sqlite_url, plant="forgetful") as service:
        load = Load([service.address], stage.secret, most=60).begin().wait()
        changed = load.repeat(most=60)

    found = audit(sqlite_url, load)
    lost = [each for each in found if each.endswith("was answered and is not in the log")]
    assert len(lost) > 0
    assert len(changed) == len(lost)  # repeated, they are decided anew


def test_a_decision_that_is_made_twice_is_found(sqlite_url, tmp_path):
    stage = set_up(tmp_path, sqlite_url)
    with serving(tmp_path, sqlite_url, plant="doubling") as service:
        load = Load([service.address], stage.secret, most=3).begin(1).wait()
        changed = load.repeat()

    assert len(changed) == 3
    assert len([each for each in audit(sqlite_url, load) if "is in the log for 0 keys" in each]) == 6
