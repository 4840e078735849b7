"""Whether a way to another machine is one that nobody else can listen to or stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.engine import URL

_CHECKS_WHO_ANSWERS = "verify-full"
_THIS_MACHINE = re.compile(r"localhost|127\.[0-9.]+|::1|/.*")  # the last: a socket


def is_open(database_url: str) -> bool:
    """Whether a database on another machine is reached without TLS that checks its name: by `sslmode` in the URL.

    What a connection service file or the environment of libpq says is not looked at.
    """
    url = make_url(database_url)
    elsewhere = any(not _THIS_MACHINE.fullmatch(host) for host in _hosts(url))
    return elsewhere and url.query.get("sslmode") != _CHECKS_WHO_ANSWERS


def is_in_the_open(address: str) -> bool:
    """Whether events go to another machine without TLS, by an `http` address."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not _THIS_MACHINE.fullmatch(parts.hostname or "")


def _hosts(url: URL) -> Iterator[str]:
    """Every host that a URL names; one of PostgreSQL may name several, with or without their ports."""
    if url.host:
        yield url.host
    named = url.query.get("host", ())
    for listed in (named,) if isinstance(named, str) else named:
        yield from (_without_port(host) for host in listed.split(",") if host)


def _without_port(host: str) -> str:
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() and ":" not in name else host
