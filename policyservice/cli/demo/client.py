"""The service as an agent UI sees it: HTTP, JSON, a key; nothing of the service's own code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote
from uuid import uuid4

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status and the body as JSON."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """One caller: `key` is its API key, `language` what texts it asks for (en or fi)."""

    host: str
    port: int
    key: str
    language: str

    def get(self, *path: str) -> Answer:
        """GET /v1/... of path segments, which are escaped."""
        return self._call("GET", _path(path), None)

    def post(self, *path: str, body: dict[str, Any], once: bool = False) -> Answer:
        """POST a body; `once` sends an Idempotency-Key of its own, as every call that moves money needs."""
        return self._call("POST", _path(path), body, {"Idempotency-Key": uuid4().hex} if once else {})

    def put(self, *path: str, body: dict[str, Any]) -> Answer:
        """PUT a body."""
        return self._call("PUT", _path(path), body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None, extra: dict[str, str] | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}", "Accept-Language": self.language, **(extra or {})}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        connection = HTTPConnection(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        return Answer(response.status, json.loads(text) if text else {})


def _path(segments: tuple[str, ...]) -> str:
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def titles(client: Client) -> dict[str, str]:
    """What remedies, reasons and trust levels are called, by their codes, in the caller's language."""
    vocabulary = client.get("vocabulary").body
    return {
        word["name"]: word["title"]
        for kind in ("remedies", "reasons", "trust_levels")
        for word in vocabulary.get(kind, [])
    }
