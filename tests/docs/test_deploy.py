"""What the deployment page hands out can be used as it is: settings, figures and options that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from policyservice.api.metrics import Metrics
from policyservice.cli.server import _GRACE_SECONDS
from policyservice.config import TABLE, Settings

_HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
_PAGE = (_HOW_TO / "deploy.md").read_text(encoding="utf-8")
_UNIT = (_HOW_TO / "deploy" / "policyservice.service").read_text(encoding="utf-8")
_CONTAINER = (_HOW_TO / "deploy" / "Containerfile").read_text(encoding="utf-8")
_ALERTS = YAML(typ="safe").load(_HOW_TO / "deploy" / "alerts.yaml")
_SETTINGS = {setting.name for setting in TABLE}


def _options() -> list[tuple[str, str]]:
    return [tuple(line.split("=", 1)) for line in _UNIT.splitlines() if re.match(r"[A-Z][A-Za-z]+=", line)]


def _samples() -> set[str]:
    exposed = Metrics()
    exposed.requests.labels("GET", "/", 200).observe(0)
    exposed.decisions.labels("allow", "r").inc()
    exposed.outcomes.labels("churn", "kept").inc()
    exposed.deliveries.labels("tool", "taken").inc()
    families = text_string_to_metric_families(exposed.exposed().decode())
    return {sample.name for family in families for sample in family.samples}


def test_every_variable_of_the_unit_is_a_setting_with_a_value_that_can_be_read():
    given = dict(value.split("=", 1) for name, value in _options() if name == "Environment")
    assert given
    assert set(given) <= _SETTINGS
    Settings.from_environment(given)


def test_every_variable_of_the_container_is_a_setting_with_a_value_that_can_be_read():
    given = dict(re.findall(r"(POLICYSERVICE_[A-Z_]+)=(\S+)", _CONTAINER))
    assert given
    assert set(given) <= _SETTINGS
    Settings.from_environment(given)


@pytest.mark.parametrize("text", [_PAGE, _UNIT, _CONTAINER], ids=["page", "unit", "container"])
def test_no_setting_is_named_that_is_not_there(text: str):
    assert set(re.findall(r"POLICYSERVICE_[A-Z_]+", text)) <= _SETTINGS


def test_the_unit_gives_requests_under_way_their_time():
    assert int(dict(_options())["TimeoutStopSec"]) > _GRACE_SECONDS


def test_the_unit_gives_nothing_away_that_the_service_does_not_need():
    options = dict(_options())
    assert options["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "DynamicUser", "PrivateTmp", "ProtectHome"):
        assert options[name] == "yes"
    assert options["ProtectSystem"] == "strict"


def test_systemd_takes_the_unit(tmp_path: Path):
    """Where there is a systemd to ask; elsewhere its form alone is looked at."""
    sections = re.findall(r"^\[(\w+)\]$", _UNIT, re.MULTILINE)
    assert sections == ["Unit", "Service", "Install"]
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    unit = tmp_path / "policyservice.service"
    unit.write_text(_UNIT.replace("/opt/policyservice/bin/policyservice", "/bin/true"), encoding="utf-8")
    found = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in found.stderr.splitlines() if unit.name in line] == []


def test_the_container_copies_what_is_there_and_runs_as_nobody_special():
    root = _HOW_TO.parents[1]
    for line in re.findall(r"^COPY (?!--)(.+) \S+$", _CONTAINER, re.MULTILINE):
        assert all((root / name).exists() for name in line.split())
    assert "USER 10001" in _CONTAINER


def test_every_figure_of_the_page_is_exposed_and_every_figure_exposed_is_on_the_page():
    told = set(re.findall(r"^\| `(policyservice_[a-z_]+)` \|", _PAGE, re.MULTILINE))
    exposed = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in _samples()}
    assert told == {name for name in exposed if name + "_total" not in exposed}


def test_every_alert_is_of_figures_that_are_exposed():
    rules = [rule for group in _ALERTS["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 8
    for rule in rules:
        figures = set(re.findall(r"policyservice_[a-z_]+", rule["expr"]))
        assert figures, rule
        assert figures <= _samples()
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_the_files_of_the_page_are_those_that_lie_there():
    linked = set(re.findall(r"\(deploy/([A-Za-z.]+)\)", _PAGE))
    assert linked == {file.name for file in (_HOW_TO / "deploy").iterdir()}
