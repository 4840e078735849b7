"""How long the timelines of a case and of a customer take over HTTP with a million decisions in the log."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from statistics import median
from time import perf_counter
from typing import Any

from tests.benchmarks.http import growth
from tests.benchmarks.http.servers import POSTGRES, SQLITE, Target
from tests.benchmarks.table import Figure

_CALLS = 200
_TARGET_MS = 10.0


def measure() -> list[Figure]:
    """The middle time of a call, one after the other by one client, on each kind of database."""
    return [figure for kind in (SQLITE, POSTGRES) for figure in measure_on(kind)]


def measure_on(kind: str) -> list[Figure]:
    """On one kind of database."""
    with growth._filled(kind, growth.MANY) as target:
        latest = _get(target, [f"/v1/decisions?limit={_CALLS}"])[0][1]["items"]
        cases = [f"/v1/cases/{item['asked']['case']}" for item in latest]
        # Copies have customers of their own, under names that nothing is kept of.
        customers = [f"/v1/customers/C-{number}/history" for number in range(1000, 1000 + _CALLS)]
        first_ten = [f"{customer}?limit=10" for customer in customers]
        return [
            _figure(kind, "a case", target, cases),
            _figure(kind, "a customer of a hundred decisions, the first ten", target, first_ten),
            _figure(kind, "a customer of a hundred decisions, a page of fifty", target, customers),
        ]


def _figure(kind: str, what: str, target: Target, addresses: list[str]) -> Figure:
    answers = _get(target, addresses)
    assert all(body["timeline"] for _, body in answers)
    spent = median(ms for ms, _ in answers)
    label = f"{kind}, 1 client: timeline of {what} with {growth.MANY:,} decisions in the log, median"
    return Figure(label, f"{spent:.1f} ms", "under 10 ms", spent < _TARGET_MS)


def _get(target: Target, addresses: Iterable[str]) -> list[tuple[float, Any]]:
    """Milliseconds and body of each answer."""
    headers = {"Authorization": target.headers["Authorization"]}
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    found = []
    for address in addresses:
        began = perf_counter()
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        found.append(((perf_counter() - began) * 1000, json.loads(body)))
        assert answer.status == 200, body
    connection.close()
    return found
