"""The record of one decision as JSON: request, context and decision, all that a replay needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from policyservice.decisions.codec import decode, encode
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Decision, Verified
from policyservice.domain.vocabulary import FactValue, Text

FORMAT = 1
"""Of the record; a change that older records do not read under needs the next number and a reader for both."""


class Record(NamedTuple):
    """What was asked, everything it was decided from, and the answer."""

    request: Request
    context: Context
    decision: Decision


class Said(NamedTuple):
    """What a history shows of a record: the facts, where verified ones are from, and what is said to the customer."""

    facts: Mapping[str, FactValue]
    sources: Mapping[str, Verified]
    say: Text | None


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
    _require_format(value)
    return Record(
        decode(Request, value["request"]),
        decode(Context, value["context"]),
        decode(Decision, value["decision"]),
    )


def said(value: Mapping[str, Any]) -> Said:
    """What a history shows of the values that `as_json` was given, in a tenth of the time.

    Raises:
        ValueError: the record has another format.
    """
    _require_format(value)
    sources, say = value["context"].get("sources", {}), value["decision"]["say"]
    return Said(
        value["request"].get("facts", {}),
        {name: decode(Verified, source) for name, source in sources.items()},
        None if say is None else decode(Text, say),
    )


def _require_format(value: Mapping[str, Any]) -> None:
    if value.get("format") != FORMAT:
        raise ValueError(f"a record of format {value.get('format')!r}; this version reads {FORMAT}")
