"""What the deployment page hands out can be used as it is: settings, figures and options that exist."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from policyservice.api.metrics import Metrics
from policyservice.cli.main import main
from policyservice.cli.server import _GRACE_SECONDS
from policyservice.config import TABLE, Settings

_HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
_PAGE = (_HOW_TO / "deploy.md").read_text(encoding="utf-8")
_UNIT = (_HOW_TO / "deploy" / "policyservice.service").read_text(encoding="utf-8")
_CHECK = (_HOW_TO / "deploy" / "policyservice-check.service").read_text(encoding="utf-8")
_COMMAND = (_HOW_TO / "deploy" / "policyservice").read_text(encoding="utf-8")
_CONTAINER = (_HOW_TO / "deploy" / "Containerfile").read_text(encoding="utf-8")
_PROXY = (_HOW_TO / "deploy" / "proxy.conf").read_text(encoding="utf-8")
_ALERTS = YAML(typ="safe").load(_HOW_TO / "deploy" / "alerts.yaml")
_LEVELS = {"info", "warning", "error", "exception", "critical"}
_SETTINGS = {setting.name for setting in TABLE}


def _options(unit: str = _UNIT) -> list[tuple[str, str]]:
    return [tuple(line.split("=", 1)) for line in unit.splitlines() if re.match(r"[A-Z][A-Za-z]+=", line)]


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


def _logged() -> set[str]:
    """What the package logs from `info` on, up to the first value in it; `_attempt` logs what it is given first."""
    said = set()
    for file in (_HOW_TO.parents[1] / "policyservice").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first, name, on = node.args[0], node.func.attr, ast.unparse(node.func.value)
                logs = name == "_attempt" or (name in _LEVELS and "log" in on.lower())
                if logs and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    said.add(re.split(r"%s|, ", first.value)[0].rstrip(": "))
    return said - {""}


def test_every_event_that_is_logged_stands_in_the_inventory():
    inventory = _PAGE.partition("## Ship the log")[2].partition("\n## ")[0]
    told = " ".join(re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (.*?) \|", inventory, re.MULTILINE))))
    logged = _logged()
    assert len(logged) > 15
    assert [event for event in sorted(logged) if event not in told] == []


def test_the_unit_gives_requests_under_way_their_time():
    assert int(dict(_options())["TimeoutStopSec"]) > _GRACE_SECONDS


def test_the_unit_gives_nothing_away_that_the_service_does_not_need():
    options = dict(_options())
    assert options["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "DynamicUser", "PrivateTmp", "ProtectHome"):
        assert options[name] == "yes"
    assert options["ProtectSystem"] == "strict"
    assert options["UMask"] == "0077"
    assert options["RestrictAddressFamilies"] == "AF_INET AF_INET6 AF_UNIX"
    assert options["EnvironmentFile"] == "/etc/policyservice/environment"


_SHARED = ("DynamicUser", "EnvironmentFile", "StateDirectory", "StateDirectoryMode", "UMask")


def test_what_runs_beside_the_service_is_its_user_with_its_settings():
    ours, check = dict(_options()), dict(_options(_CHECK))
    command = dict(re.findall(r"--property=(\w+)=(\S+)", _COMMAND))
    for name in _SHARED:
        assert ours[name] == check[name] == command[name]
    assert check["User"] == command["User"] == "policyservice"  # the name that DynamicUser takes from the unit's
    of_the_server = {"BIND", "WORKERS", "THREADS", "METRICS"}  # all else is said once, for commands, too
    said = {value.partition("=")[0] for name, value in _options() + _options(_CHECK) if name == "Environment"}
    assert said == {f"POLICYSERVICE_{name}" for name in of_the_server}
    program, _, _ = ours["ExecStart"].partition(" ")
    assert f"-- {program} " in _COMMAND


def test_the_nightly_check_runs_commands_that_there_are():
    program, checks = dict(_options())["ExecStart"].removesuffix("serve"), []
    for name, value in _options(_CHECK):
        if name == "ExecStart":
            assert value.startswith(program)
            checks.append(value.removeprefix(program))
    assert checks == ["ledger reconcile", "log replay", "log verify"]
    for check in checks:
        assert CliRunner().invoke(main, [*check.split(), "--help"]).exit_code == 0


def _directive(name: str) -> str:
    (value,) = re.findall(rf"^\s*{name} (.+);", _PROXY, re.MULTILINE)
    return str(value)


def test_the_proxy_speaks_tls_alone_and_says_so_for_a_year():
    assert re.findall(r"^\s*listen (.+);", _PROXY, re.MULTILINE) == ["443 ssl", "[::]:443 ssl"]
    assert _directive("ssl_protocols") == "TLSv1.2 TLSv1.3"
    suites = _directive("ssl_ciphers").split(":")
    assert all(suite.startswith("ECDHE-") and ("GCM" in suite or "POLY1305" in suite) for suite in suites)
    age = re.search(r'Strict-Transport-Security "max-age=(\d+); includeSubDomains" always', _PROXY)
    assert age is not None
    assert int(age[1]) >= 365 * 24 * 3600


def test_the_proxy_logs_no_address_of_a_call():
    written = _directive("log_format")
    assert set(re.findall(r"\$(\w+)", written)) == {
        "time_iso8601",
        "remote_addr",
        "request_method",
        "status",
        "request_time",
        "sent_http_x_request_id",
    }
    assert _directive("error_log").endswith(" crit")
    assert _directive("access_log").endswith(" policyservice")


def test_the_proxy_bounds_calls_and_passes_requests_on_whole():
    rate = int(_directive("limit_req_zone").rpartition("rate=")[2].removesuffix("r/s"))
    settings = Settings.from_environment({})
    assert rate * 60 == settings.rate_per_minute
    assert f"burst={settings.rate_burst} " in _directive("limit_req")
    assert int(_directive("client_max_body_size").removesuffix("k")) * 1024 == settings.max_body_bytes
    assert _directive("proxy_request_buffering") == "on"
    assert "location = /metrics {\n        return 404;" in _PROXY


def test_nginx_takes_the_proxy(tmp_path: Path):
    """Where there is an nginx to ask; elsewhere its form alone is looked at."""
    assert _PROXY.count("{") == _PROXY.count("}")
    program, openssl = shutil.which("nginx", path="/usr/sbin:/usr/bin"), shutil.which("openssl")
    if program is None or openssl is None:
        return
    pair = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=policyservice.example", *pair]
    subprocess.run(made, capture_output=True, timeout=60, check=True)
    ours = _PROXY.replace("/etc/policyservice/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ {ours} }}", encoding="utf-8")
    found = subprocess.run(
        [program, "-t", "-e", str(tmp_path / "log"), "-c", str(whole)], capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 0, found.stderr


def test_systemd_takes_the_units(tmp_path: Path):
    """Where there is a systemd to ask; elsewhere their form alone is looked at."""
    files = sorted(file for file in (_HOW_TO / "deploy").iterdir() if file.suffix in (".service", ".timer"))
    sections = {file.name: re.findall(r"^\[(\w+)\]$", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files}
    assert sections == {
        "policyservice-check.service": ["Unit", "Service"],
        "policyservice-check.timer": ["Unit", "Timer", "Install"],
        "policyservice.service": ["Unit", "Service", "Install"],
    }
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    units = [tmp_path / file.name for file in files]
    for file, unit in zip(files, units, strict=True):
        text = file.read_text(encoding="utf-8").replace("/opt/policyservice/bin/policyservice", "/bin/true")
        unit.write_text(text, encoding="utf-8")
    told = subprocess.run([program, "verify", *units], capture_output=True, text=True, timeout=60, check=False).stderr
    assert [line for line in told.splitlines() if "policyservice" in line] == []


def test_the_container_copies_what_is_there_and_runs_as_nobody_special():
    root = _HOW_TO.parents[1]
    for line in re.findall(r"^COPY (?!--)(.+) \S+$", _CONTAINER, re.MULTILINE):
        assert all((root / name).exists() for name in line.split())
    assert "USER 10001" in _CONTAINER


def test_the_container_installs_nothing_but_what_runs():
    installed = re.findall(r"/opt/policyservice/bin/pip install (.+?)(?: \\)?$", _CONTAINER, re.MULTILINE)
    assert installed == [
        "--no-cache-dir --require-hashes -r requirements-run.lock",
        "--no-cache-dir --no-deps /wheels/*.whl",
    ]


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
    linked = set(re.findall(r"\(deploy/([A-Za-z.-]+)\)", _PAGE))
    assert linked == {file.name for file in (_HOW_TO / "deploy").iterdir()}
