"""Figures: decisions, latency, faults, disagreements, holds that ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from policyservice.api import multiprocess
from policyservice.engine.matcher import DurableMatcher
from tests.api.factories import Caller, Service


def test_decisions_are_counted_by_outcome_and_reason(service: Service, ui: Caller):
    ui.decided()
    ui.decided(case="T-2", order="O-2")
    ui.decided(amount="7.01", case="T-3", order="O-3")
    ui.decided(reason="fraud.suspected")
    figures = _figures(service)
    name = "policyservice_decisions_total"
    assert figures[f'{name}{{outcome="allow",reason="service.not_delivered"}}'] == 2
    assert figures[f'{name}{{outcome="deny",reason="service.not_delivered"}}'] == 1
    assert figures[f'{name}{{outcome="deny",reason="fraud.suspected"}}'] == 1
    assert figures["policyservice_decision_seconds_count"] == 4


def test_a_repeated_answer_is_no_second_decision(service: Service, ui: Caller):
    ui.ask(key="k")
    ui.ask(key="k")
    assert _figures(service)["policyservice_decision_seconds_count"] == 1


def test_what_is_refused_is_no_decision(service: Service, ui: Caller):
    ui.ask(amount=7)
    assert _figures(service)["policyservice_decision_seconds_count"] == 0


def test_requests_are_timed_by_route_never_by_address(service: Service, ui: Caller):
    ui.get("/v1/customers/C-77/history")
    ui.get("/nowhere/C-77")
    figures = _figures(service)
    labels = 'method="GET",route="/v1/customers/<path:ref>/history",status="200"'
    assert figures[f"policyservice_request_seconds_count{{{labels}}}"] == 1
    assert figures['policyservice_request_seconds_count{method="GET",route="none",status="404"}'] == 1
    assert "C-77" not in "".join(figures)


def test_an_invented_method_is_no_label(service: Service, ui: Caller):
    ui.call("BREW", "/v1/options")
    assert not [name for name in _figures(service) if "BREW" in name]


def test_a_disagreement_is_counted_as_a_fault_too(service: Service, ui: Caller, monkeypatch):
    monkeypatch.setattr(DurableMatcher, "match", lambda *_: ())
    ui.decided()
    figures = _figures(service)
    assert figures["policyservice_engine_faults_total"] == 1
    assert figures["policyservice_evaluator_disagreements_total"] == 1


def test_a_fault_of_the_engine_is_no_disagreement(service: Service, ui: Caller, monkeypatch):
    from policyservice.domain.errors import EngineFault

    def faulty(*_: object) -> None:
        raise EngineFault("A fact was left over.")

    monkeypatch.setattr(DurableMatcher, "match", faulty)
    ui.decided()
    figures = _figures(service)
    assert figures["policyservice_engine_faults_total"] == 1
    assert figures["policyservice_evaluator_disagreements_total"] == 0


def test_holds_that_ended_are_counted(service: Service, ui: Caller):
    from policyservice.decisions import settle

    ui.decided()
    service.clock.advance(hours=24)
    settle.end_due_holds(service.runtime)
    assert _figures(service)["policyservice_holds_ended_total"] == 1


def test_how_far_the_log_is_sealed_is_shown(service: Service, ui: Caller):
    ui.decided()
    service.runtime.hooks.sealed(3, service.clock.now())
    figures = _figures(service)
    assert figures["policyservice_log_unsealed_rows"] == 3
    assert figures["policyservice_log_sealed_until_timestamp_seconds"] == service.clock.now().timestamp()


def test_how_far_the_log_is_summed_up_for_reports_is_shown(service: Service, ui: Caller):
    ui.decided()
    service.runtime.hooks.summed_up(4, service.clock.now())
    figures = _figures(service)
    assert figures["policyservice_reports_waiting_rows"] == 4
    assert figures["policyservice_reports_summed_until_timestamp_seconds"] == service.clock.now().timestamp()


def test_of_several_workers_the_latest_tells_how_far_the_log_is_sealed(tmp_path: Path):
    child = "from datetime import *; from policyservice.api.metrics import Metrics; m = Metrics(); "
    _run(child + "m._sealed(7, datetime.fromtimestamp(100, UTC))", tmp_path)
    shown = _run(child + "m._sealed(2, datetime.fromtimestamp(200, UTC)); print(m.exposed().decode())", tmp_path)
    assert "policyservice_log_unsealed_rows 2.0" in shown
    assert "policyservice_log_sealed_until_timestamp_seconds 200.0" in shown


def test_every_figure_is_there_before_anything_happened(service: Service):
    figures = _figures(service)
    for name in ("engine_faults", "evaluator_disagreements", "holds_ended"):
        assert figures[f"policyservice_{name}_total"] == 0
    assert figures["policyservice_log_unsealed_rows"] == 0
    assert figures["policyservice_log_sealed_until_timestamp_seconds"] == 0
    assert figures["policyservice_reports_waiting_rows"] == 0
    assert figures["policyservice_reports_summed_until_timestamp_seconds"] == 0


def test_several_workers_are_counted_together(tmp_path: Path):
    child = "from policyservice.api.metrics import Metrics; m = Metrics(); m.holds_ended.inc(3); "
    _run(child, tmp_path)
    shown = _run(child + "print(m.exposed().decode())", tmp_path)
    assert "policyservice_holds_ended_total 6.0" in shown


def test_what_an_earlier_run_left_is_not_counted(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(multiprocess.VARIABLE, "")
    left = tmp_path / "figures" / "counter_1.db"
    left.parent.mkdir()
    left.touch()
    multiprocess.prepare(left.parent)
    assert not left.exists()
    assert multiprocess.directory() == str(left.parent)


def _run(code: str, folder: Path) -> str:
    """Run Python in a process of its own that shares figures through a folder."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _figures(service: Service) -> dict[str, float]:
    response = service.anonymous().get("/metrics")
    assert response.content_type.startswith("text/plain")
    lines = [line for line in response.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
