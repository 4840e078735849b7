"""The keys of counters: "agent:maija|day:2026-11-22|EUR", with "|remedies=a,b" and "|reasons=x.*" where filtered.

A key can be read back, also where a subject contains the signs that divide it: everything after the subject is of a
known form and is read from the right.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from policyservice.domain.limits import Scope, Shape, Window, WindowKind


class CounterSpec(NamedTuple):
    """One counter: what it adds up, for whom, in which window."""

    key: str
    shape: Shape
    subject: str
    window_key: str


def counter_spec(shape: Shape, subject: str, window_key: str) -> CounterSpec:
    """The counter of a shape for one subject and window; `meeting` puts the same together from parts made ready."""
    return CounterSpec(f"{shape.scope.value}:{subject}|{window_key}{tail(shape)}", shape, subject, window_key)


def tail(shape: Shape) -> str:
    """The end of a shape's keys: currency and filters."""
    remedies = f"|remedies={','.join(shape.remedies)}" if shape.remedies else ""
    reasons = f"|reasons={','.join(shape.reasons)}" if shape.reasons else ""
    return f"|{shape.currency}{remedies}{reasons}"


def received_key(order: str | None, case: str | None, currency: str) -> str | None:
    """The key whose lock guards what an order (or a case without order) received; None where there is neither."""
    if order is not None:
        return f"{RECEIVED}|order:{order}|{currency}"
    return f"{RECEIVED}|case:{case}|{currency}" if case is not None else None


RECEIVED = "received"

_KEY = re.compile(
    r"(?P<scope>[a-z]+):(?P<subject>.*)\|(?P<window>once|rolling:\d+|(?:day|week|month|quarter|year):[0-9A-Z-]+)"
    r"\|(?P<currency>[A-Z]{3})(?:\|remedies=(?P<remedies>[^|]+))?(?:\|reasons=(?P<reasons>[^|]+))?\Z",
    re.DOTALL,
)


def read_key(key: str) -> CounterSpec | None:
    """The counter a key names; None for the keys that only lock."""
    match = _KEY.match(key)
    if match is None or key.startswith(f"{RECEIVED}|"):
        return None
    shape = Shape(
        Scope(match["scope"]),
        _window(match["window"]),
        match["currency"],
        tuple((match["remedies"] or "").split(",")) if match["remedies"] else (),
        tuple((match["reasons"] or "").split(",")) if match["reasons"] else (),
    )
    return CounterSpec(key, shape, match["subject"], match["window"])


def _window(window_key: str) -> Window:
    kind, _, rest = window_key.partition(":")
    return Window(WindowKind(kind), int(rest) if kind == WindowKind.ROLLING else 0)
