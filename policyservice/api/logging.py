"""Structured logs: one JSON object a line, with the request's id; no personal data, no secrets, no references."""

from __future__ import annotations

import logging
import re
import sys
from time import perf_counter
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

from policyservice.access.keys import PREFIX
from policyservice.api.context import runtime
from policyservice.api.traces import traced

HEADER = "X-Request-Id"
_SANE = re.compile(rf"(?!{PREFIX})[A-Za-z0-9._-]{{1,64}}\Z")  # a key is no id: it would stand in the log


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Write events from `level` on to `stream` (standard error when left out), those of the standard library too."""
    target = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        traced,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(),
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)


def register(app: Flask) -> None:
    """Give every request an id, and log it when it is answered."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Take the caller's id of the request where it is sane, else a new one."""
    g.began = perf_counter()
    given = request.headers.get(HEADER, "")
    g.request_id = given if _SANE.match(given) else runtime().ids.new("req")


def end(response: Response) -> Response:
    """Log the answered request by its route, never by its address: that holds references."""
    response.headers[HEADER] = g.request_id
    caller = g.get("caller")
    structlog.get_logger("policyservice.api").info(
        "request",
        request_id=g.request_id,
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((perf_counter() - g.began) * 1000, 1),
        key=caller.id if caller else None,
        problem=g.get("problem"),
        decision=g.get("decision"),
    )
    return response
