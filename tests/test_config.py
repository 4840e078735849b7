from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyservice.config import TABLE, Settings
from policyservice.domain.errors import InvalidSettings

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.from_environment({})

    assert settings.database_url == "sqlite:///var/policyservice.db"
    assert (settings.bind_host, settings.bind_port) == ("127.0.0.1", 8080)
    assert settings.timezone == "Europe/Helsinki"
    assert settings.language == "en"
    assert settings.unknown_agents is None
    assert settings.hold_seconds == 24 * 60 * 60


def test_a_variable_set_to_nothing_counts_as_not_set():
    assert Settings.from_environment({"POLICYSERVICE_WORKERS": ""}) == Settings.from_environment({})


def test_settings_are_read_from_the_environment():
    settings = Settings.from_environment(
        {
            "POLICYSERVICE_DATABASE_URL": "postgresql+psycopg://u:p@db/policy",
            "POLICYSERVICE_BIND": "[::1]:0",
            "POLICYSERVICE_WORKERS": "4",
            "POLICYSERVICE_TIMEZONE": "Europe/London",
            "POLICYSERVICE_LANGUAGE": "fi",
            "POLICYSERVICE_UNKNOWN_AGENTS": "new",
            "POLICYSERVICE_HOLD_MINUTES": "5",
            "SOMETHING_ELSE": "x",
        }
    )

    assert settings.database_url == "postgresql+psycopg://u:p@db/policy"
    assert (settings.bind_host, settings.bind_port, settings.workers) == ("::1", 0, 4)
    assert (settings.timezone, settings.language, settings.unknown_agents) == ("Europe/London", "fi", "new")
    assert settings.hold_seconds == 300


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/policy"),
        ("DATABASE_URL", "not a url"),
        ("BIND", "8080"),
        ("BIND", "127.0.0.1"),
        ("BIND", "127.0.0.1:99999"),
        ("BIND", "http://127.0.0.1:80"),
        ("WORKERS", "0"),
        ("WORKERS", "65"),
        ("WORKERS", "two"),
        ("WORKERS", "1.5"),
        ("WORKERS", "-1"),
        ("THREADS", "0"),
        ("TIMEZONE", "Europe/Atlantis"),
        ("TIMEZONE", "../etc/passwd"),
        ("LANGUAGE", "sv"),
        ("UNKNOWN_AGENTS", "two words"),
        ("HOLD_MINUTES", "0"),
        ("HOLD_MINUTES", "525601"),
        ("SWEEP_SECONDS", "0"),
        ("MAX_BODY_BYTES", "1023"),
        ("MAX_BODY_BYTES", "10MB"),
        ("SURVEY_RATE_PER_MINUTE", "6000001"),
        ("SURVEY_RATE_BURST", "0"),
        ("SURVEY_RATE_BURST", "1000001"),
        ("LOG_LEVEL", "loud"),
        ("KEEP_TEXTS_DAYS", "0"),
        ("KEEP_REFERENCES_DAYS", "36501"),
        ("PSEUDONYM_KEY", "k" * 31),
        ("PSEUDONYM_KEY", "k" * 201),
        ("PSEUDONYM_KEY", "ä" * 32),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_its_variable(name, value):
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_environment({f"POLICYSERVICE_{name}": value})

    assert caught.value.message.startswith(f"POLICYSERVICE_{name}: expected ")


@pytest.mark.parametrize(("value", "seconds"), [("1", 60), ("525600", 525_600 * 60)])
def test_the_bounds_of_the_hold_time_are_included(value, seconds):
    assert Settings.from_environment({"POLICYSERVICE_HOLD_MINUTES": value}).hold_seconds == seconds


@pytest.mark.parametrize(("per_minute", "burst"), [("0", "1"), ("6000000", "1000000")])
def test_the_bounds_of_the_rate_of_survey_tools_are_included(per_minute, burst):
    given = {"POLICYSERVICE_SURVEY_RATE_PER_MINUTE": per_minute, "POLICYSERVICE_SURVEY_RATE_BURST": burst}
    settings = Settings.from_environment(given)

    assert (settings.survey_rate_per_minute, settings.survey_rate_burst) == (int(per_minute), int(burst))


@pytest.mark.parametrize("length", [32, 200])
def test_the_key_for_pseudonyms_is_read_at_both_bounds_and_never_printed(length):
    settings = Settings.from_environment({"POLICYSERVICE_PSEUDONYM_KEY": "k" * length})

    assert settings.pseudonym_key == "k" * length
    assert "kkk" not in repr(settings)


def test_every_default_is_a_value_that_can_be_read():
    for setting in TABLE:
        assert setting.read(setting.default)


def test_the_page_of_settings_shows_the_same_table():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert rows == [
        (each.name, each.what, each.unit, f"`{each.default}`" if each.default else "nothing") for each in TABLE
    ]


SECRET = "whsec_" + "a" * 32


def test_an_address_for_events_comes_with_a_secret():
    settings = Settings.from_environment(
        {"POLICYSERVICE_WEBHOOK_URL": "https://hooks.example/in", "POLICYSERVICE_WEBHOOK_SECRET": SECRET}
    )

    assert (settings.webhook_url, settings.webhook_secret) == ("https://hooks.example/in", SECRET)
    assert SECRET not in repr(settings)
    assert "hooks" not in repr(settings)  # many an address is a secret itself
    with pytest.raises(InvalidSettings, match="POLICYSERVICE_WEBHOOK_SECRET"):
        Settings.from_environment({"POLICYSERVICE_WEBHOOK_URL": "https://hooks.example/in"})


def test_neither_the_secret_of_a_survey_tool_nor_the_password_of_the_database_is_printed():
    settings = Settings.from_environment(
        {
            "POLICYSERVICE_SURVEYS": f"tool:generic={SECRET}",
            "POLICYSERVICE_DATABASE_URL": "postgresql://policyservice:hunter2@one.example/policyservice",
        }
    )

    (source,) = settings.surveys
    for shown in (repr(settings), repr(source), str(settings.surveys)):
        assert SECRET.removeprefix("whsec_") not in shown
        assert repr(source.secret) not in shown
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    "address",
    [
        "hooks.example",
        "ftp://hooks.example",
        "file:///etc/passwd",
        "https://",
        "http://a b",
        "http://a:x/",
        "https://name:word@hooks.example/in",
        "https://word@hooks.example/in",
        "https://hooks..example/in",
        f"https://{'a' * 64}.example/in",
    ],
)
def test_what_is_no_address_for_events_is_refused(address):
    with pytest.raises(InvalidSettings, match="POLICYSERVICE_WEBHOOK_URL"):
        Settings.from_environment(
            {"POLICYSERVICE_WEBHOOK_URL": address, "POLICYSERVICE_WEBHOOK_SECRET": SECRET},
        )
