"""The settings of one process, frozen, from the environment; each with its unit and default in `TABLE`."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from policyservice.domain.errors import InvalidSettings
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.outbox.webhooks import key_of

_METRICS = ("open", "key")
_SHORTEST_KEY, _LONGEST_KEY = 32, 200
_ADDRESS, _SECRET = "POLICYSERVICE_WEBHOOK_URL", "POLICYSERVICE_WEBHOOK_SECRET"
_SECRET_UNIT = "whsec_ and 24 to 64 bytes in base 64, or nothing"
_SURVEY = re.compile(r"(?P<name>[a-z0-9_.-]{1,60})(:(?P<mapping>[a-z0-9_.-]{1,60}))?=whsec_(?P<secret>[A-Za-z0-9+/=]+)")
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64  # bytes, as Standard Webhooks asks
_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class SurveySource:
    """A survey tool that may deliver: its name in the address, the mapping that reads it, and its secret."""

    name: str
    mapping: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set; the names in the environment, units and defaults are those of `TABLE`."""

    database_url: str = field(repr=False)
    bind_host: str
    bind_port: int
    workers: int
    threads: int
    timezone: str
    language: str
    unknown_agents: str | None
    hold_seconds: int
    sweep_seconds: int
    seal_seconds: int
    lock_seconds: int
    transaction_seconds: int
    max_body_bytes: int
    rate_per_minute: int
    rate_burst: int
    metrics: str
    log_level: str
    keep_texts_days: int
    keep_references_days: int
    pseudonym_key: str | None = field(repr=False)
    webhook_url: str | None = field(repr=False)
    webhook_secret: str | None = field(repr=False)
    outcome_days: int
    surveys: tuple[SurveySource, ...] = field(repr=False)
    survey_rate_per_minute: int
    survey_rate_burst: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment (the process's own when left out); what is not set takes its default.

        A variable that is set to nothing counts as not set.

        Raises:
            InvalidSettings: a value that cannot be read; names the variable and what was expected.
        """
        given = os.environ if environment is None else environment
        fields: dict[str, Any] = {}
        for setting in TABLE:
            fields.update(setting.read(given.get(setting.name) or setting.default))
        if fields["webhook_url"] and not fields["webhook_secret"]:
            raise InvalidSettings(_SECRET, f"{_SECRET_UNIT}, but never nothing where {_ADDRESS} is set")
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its unit and default as they are documented, and how it is read into fields of
    `Settings`.
    """

    name: str
    unit: str
    default: str
    what: str
    parse: Callable[[str], dict[str, Any] | None]  # None: cannot be read

    def read(self, value: str) -> dict[str, Any]:
        """The fields of `Settings` that this variable gives."""
        fields = self.parse(value.strip())
        if fields is None:
            raise InvalidSettings(self.name, self.unit)
        return fields


def _database(value: str) -> dict[str, Any] | None:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        return None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        return None
    return {"database_url": value}


def _address(value: str) -> dict[str, Any] | None:
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if host is None or port is None or parts.path or "@" in value:
        return None
    return {"bind_host": host, "bind_port": port}


def _zone(value: str) -> dict[str, Any] | None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return {"timezone": value}


def _name_or_nothing(value: str) -> dict[str, Any] | None:
    if any(not (sign.isascii() and (sign.isalnum() or sign in "_.-")) for sign in value):
        return None
    return {"unknown_agents": value or None}


def _key_or_nothing(value: str) -> dict[str, Any] | None:
    if value and not (_SHORTEST_KEY <= len(value) <= _LONGEST_KEY and value.isascii() and value.isprintable()):
        return None
    return {"pseudonym_key": value or None}


def _webhook_url(value: str) -> dict[str, Any] | None:
    try:
        parts = urlsplit(value)
        host = (parts.hostname or "").encode("idna")
        is_address = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        return None
    if value and not (
        is_address and "@" not in parts.netloc and value.isascii() and value.isprintable() and " " not in value
    ):
        return None
    return {"webhook_url": value or None}


def _webhook_secret(value: str) -> dict[str, Any] | None:
    if value and key_of(value) is None:
        return None
    return {"webhook_secret": value or None}


def _surveys(value: str) -> dict[str, Any] | None:
    parts = [part.strip() for part in value.split(",")] if value else []
    found = [_SURVEY.fullmatch(part) for part in parts]
    sources = []
    for one in found:
        secret = _survey_secret(one["secret"]) if one else None
        if one is None or secret is None:
            return None
        sources.append(SurveySource(one["name"], one["mapping"] or one["name"], secret))
    return {"surveys": tuple(sources)}


def _survey_secret(text: str) -> bytes | None:
    try:
        secret = b64decode(text, validate=True)
    except ValueError:
        return None
    return secret if _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET else None


def _one_of(field: str, choices: tuple[str, ...]) -> Callable[[str], dict[str, Any] | None]:
    return lambda value: {field: value} if value in choices else None


def _whole(field: str, lowest: int, highest: int, times: int = 1) -> Callable[[str], dict[str, Any] | None]:
    def parse(value: str) -> dict[str, Any] | None:
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            return None
        number = int(value)
        return {field: number * times} if lowest <= number <= highest else None

    return parse


TABLE: tuple[Setting, ...] = (
    Setting(
        "POLICYSERVICE_DATABASE_URL",
        "a SQLAlchemy URL of SQLite or PostgreSQL",
        "sqlite:///var/policyservice.db",
        "Where decisions, limits and rules are kept.",
        _database,
    ),
    Setting(
        "POLICYSERVICE_BIND",
        "host:port",
        "127.0.0.1:8080",
        "Where `policyservice serve` listens. Port 0 takes a free one.",
        _address,
    ),
    Setting(
        "POLICYSERVICE_WORKERS",
        "processes, 1 to 64",
        "2",
        "How many processes answer requests.",
        _whole("workers", 1, 64),
    ),
    Setting(
        "POLICYSERVICE_THREADS",
        "threads, 1 to 64",
        "4",
        "How many requests each process answers at once.",
        _whole("threads", 1, 64),
    ),
    Setting(
        "POLICYSERVICE_TIMEZONE",
        "an IANA time zone",
        "Europe/Helsinki",
        "The organisation's zone: days, weeks, months, quarters and years of limits begin and end in it.",
        _zone,
    ),
    Setting(
        "POLICYSERVICE_LANGUAGE",
        "en or fi",
        "en",
        "The language of texts where a caller asks for none.",
        _one_of("language", LANGUAGES),
    ),
    Setting(
        "POLICYSERVICE_UNKNOWN_AGENTS",
        "the name of a trust level, or nothing",
        "",
        "The trust level of agents that nobody registered; where it names nothing they are refused.",
        _name_or_nothing,
    ),
    Setting(
        "POLICYSERVICE_HOLD_MINUTES",
        "minutes, 1 to 525600",
        "1440",
        "How long an allowed decision holds its money where neither the remedy nor its pack says so.",
        _whole("hold_seconds", 1, 525_600, times=60),
    ),
    Setting(
        "POLICYSERVICE_SWEEP_SECONDS",
        "seconds, 1 to 3600",
        "1",
        "How often each process looks for holds that have ended.",
        _whole("sweep_seconds", 1, 3600),
    ),
    Setting(
        "POLICYSERVICE_SEAL_SECONDS",
        "seconds, 1 to 3600",
        "10",
        "How often what was committed to the log is sealed, about.",
        _whole("seal_seconds", 1, 3600),
    ),
    Setting(
        "POLICYSERVICE_LOCK_SECONDS",
        "seconds, 1 to 30",
        "5",
        "How long a request waits for what another one has locked, or for a free connection, before it gets 503.",
        _whole("lock_seconds", 1, 30),
    ),
    Setting(
        "POLICYSERVICE_TRANSACTION_SECONDS",
        "seconds, 1 to 30",
        "10",
        "How long the database may take over one transaction of a request before it gets 503.",
        _whole("transaction_seconds", 1, 30),
    ),
    Setting(
        "POLICYSERVICE_MAX_BODY_BYTES",
        "bytes, 1024 to 104857600",
        "262144",
        "The longest body of a request; a longer one is refused unread.",
        _whole("max_body_bytes", 1024, 104_857_600),
    ),
    Setting(
        "POLICYSERVICE_RATE_PER_MINUTE",
        "calls, 0 to 6000000",
        "120000",
        "How many calls a minute each API key may make in the long run; 0 is no bound.",
        _whole("rate_per_minute", 0, 6_000_000),
    ),
    Setting(
        "POLICYSERVICE_RATE_BURST",
        "calls, 1 to 1000000",
        "10000",
        "How many calls an API key that was quiet may make at once.",
        _whole("rate_burst", 1, 1_000_000),
    ),
    Setting(
        "POLICYSERVICE_METRICS",
        "open or key",
        "open",
        "Whether `/metrics` answers everybody who can reach the address, or only a key of role manager, finance, "
        "auditor or admin.",
        _one_of("metrics", _METRICS),
    ),
    Setting(
        "POLICYSERVICE_LOG_LEVEL",
        "debug, info, warning or error",
        "info",
        "From which level on events are logged.",
        _one_of("log_level", _LEVELS),
    ),
    Setting(
        "POLICYSERVICE_KEEP_TEXTS_DAYS",
        "days, 1 to 36500",
        "365",
        "How long free text (justifications, notes, reasons) is kept after it was written.",
        _whole("keep_texts_days", 1, 36_500),
    ),
    Setting(
        "POLICYSERVICE_KEEP_REFERENCES_DAYS",
        "days, 1 to 36500",
        "1095",
        "How long the plain reference of a customer, agent, case, order or payment is kept after its last decision.",
        _whole("keep_references_days", 1, 36_500),
    ),
    Setting(
        "POLICYSERVICE_PSEUDONYM_KEY",
        "32 to 200 printable ASCII characters, or nothing",
        "",
        "The key that pseudonyms in the log are made with; where it is nothing, one is made and kept in the database.",
        _key_or_nothing,
    ),
    Setting(
        _ADDRESS,
        "an http or https address without name or password, or nothing",
        "",
        "Where events are sent, such as promises that are overdue; where it is nothing, none is.",
        _webhook_url,
    ),
    Setting(_SECRET, _SECRET_UNIT, "", "The key that events are signed with.", _webhook_secret),
    Setting(
        "POLICYSERVICE_OUTCOME_DAYS",
        "days, 1 to 365",
        "30",
        "How long after a decision an outcome (a repeat contact, say) counts for it.",
        _whole("outcome_days", 1, 365),
    ),
    Setting(
        "POLICYSERVICE_SURVEYS",
        "NAME=whsec_SECRET or NAME:MAPPING=whsec_SECRET with commas between, or nothing",
        "",
        "The survey tools whose deliveries are taken, with their secrets; one that stands twice may use either secret.",
        _surveys,
    ),
    Setting(
        "POLICYSERVICE_SURVEY_RATE_PER_MINUTE",
        "deliveries, 0 to 6000000",
        "6000",
        "How many deliveries a minute are taken of each survey tool in the long run, and, in each process, of all that "
        "are refused how many are told so; 0 is no bound.",
        _whole("survey_rate_per_minute", 0, 6_000_000),
    ),
    Setting(
        "POLICYSERVICE_SURVEY_RATE_BURST",
        "deliveries, 1 to 1000000",
        "1000",
        "How many deliveries of a survey tool that was quiet are taken at once.",
        _whole("survey_rate_burst", 1, 1_000_000),
    ),
)
"""Every setting there is; docs/reference/settings.md shows the same."""
