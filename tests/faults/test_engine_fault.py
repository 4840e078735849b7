"""The rule engine fails, or says something else than the compiled rules, under load: never an allow."""

from __future__ import annotations

import json

from tests.faults.audit import audit, held_minor
from tests.faults.load import Load, call
from tests.faults.service import serving
from tests.faults.stage import set_up


def test_an_engine_that_fails_or_differs_under_load_never_allows(any_url, tmp_path):
    stage = set_up(tmp_path, any_url)
    with serving(tmp_path, any_url, plant="engine") as service:
        load = Load([service.address], stage.secret, most=90).begin().wait()
        figures = call(service.address, "/metrics").text

    answers = [json.loads(body) for body in load.answered.values()]
    faulty = [answer for answer in answers if answer["fault"]]
    sound = [answer for answer in answers if not answer["fault"]]
    assert audit(any_url, load) == []
    assert len(answers) == 90
    assert len(faulty) > 20  # the fault was met by two of three, in truth
    assert {answer["outcome"] for answer in faulty} == {"escalate"}
    assert all(answer["escalation"]["id"] for answer in faulty)
    assert {answer["outcome"] for answer in sound} == {"allow"}  # the engine is as good as new after a fault
    assert held_minor(any_url) == 200 * len(sound)
    counted = [line for line in figures.splitlines() if line.startswith("policyservice_engine_faults_total")]
    assert sum(float(line.rsplit(" ", 1)[1]) for line in counted) == len(faulty)
