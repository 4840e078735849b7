"""Sends events to an address as signed webhooks, in the form of the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

SECRET_PREFIX = "whsec_"
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64
_SECONDS = 10
_TOO_MANY = 429


class Failure(NamedTuple):
    """Why an event was not taken: a few words; `is_away` where nothing else would be taken now, either."""

    why: str
    is_away: bool


class Webhook(NamedTuple):
    """Where events go, and the key that they are signed with."""

    address: str
    key: bytes

    def send(self, event_id: str, kind: str, at: datetime, data: Mapping[str, Any], now: datetime) -> Failure | None:
        """Send one event; None where it was taken (2xx). Each step may take 10 seconds; no redirect is followed."""
        body = body_of(kind, at, data)
        stamp = str(int(now.timestamp()))
        request = Request(self.address, body, _headers(event_id, stamp, self.signature(event_id, stamp, body)))
        try:
            with _OPENER.open(request, timeout=_SECONDS) as response:
                response.read(1)
        except HTTPError as refused:
            refused.close()
            return Failure(f"answered {refused.code}", refused.code >= 500 or refused.code == _TOO_MANY)
        except (OSError, HTTPException):
            return Failure("no answer", is_away=True)
        return None

    def signature(self, event_id: str, stamp: str, body: bytes) -> str:
        """The signature of an event that is sent at `stamp` (seconds since 1970), as its header has it."""
        signed = f"{event_id}.{stamp}.".encode() + body
        return "v1," + b64encode(hmac.digest(self.key, signed, "sha256")).decode("ascii")


def key_of(secret: str) -> bytes | None:
    """The key of a secret such as "whsec_MfKQ...": 24 to 64 bytes in base 64; None where it is no such secret."""
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (NotBase64, ValueError):
        return None
    return key if secret.startswith(SECRET_PREFIX) and _SHORTEST_SECRET <= len(key) <= _LONGEST_SECRET else None


def body_of(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """The body of an event: its type, the instant it happened, and its data."""
    document = {"type": kind, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _headers(event_id: str, stamp: str, signature: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "policyservice",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature,
    }


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer that is not 2xx: what was signed for one address goes to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirect)
