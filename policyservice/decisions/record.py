"""The record of one decision as JSON: request, context and decision, all that a replay needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from policyservice.decisions.codec import decode, encode
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision

FORMAT = 1
"""Of the record; a change that older records do not read under needs the next number and a reader for both."""


class Record(NamedTuple):
    """What was asked, everything it was decided from, and the answer."""

    request: Request
    context: Context
    decision: Decision


def as_json(request: Request, context: Context, decision: Decision) -> dict[str, Any]:
    """The JSON value that is logged; equal values give equal JSON."""
    return {
        "format": FORMAT,
        "request": encode(request),
        "context": encode(context),
        "decision": encode(decision),
    }


def from_json(value: Mapping[str, Any]) -> Record:
    """The values that `as_json` was given.

    Raises:
        ValueError: the record has another format.
    """
    if value.get("format") != FORMAT:
        raise ValueError(f"a record of format {value.get('format')!r}; this version reads {FORMAT}")
    return Record(
        decode(Request, value["request"]),
        decode(Context, value["context"]),
        decode(Decision, value["decision"]),
    )
