"""Whether a delivery comes from who holds the secret, and was sent just now; as Standard Webhooks says.

The sender signs "ID.TIMESTAMP.BODY" with HMAC-SHA-256 and sends `webhook-id`, `webhook-timestamp` (seconds since 1970)
and `webhook-signature` ("v1,BASE64", several with blanks between). Source: the specification at standardwebhooks.com.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=5)
"""How far a delivery's timestamp may lie from now, either way and included."""

_SECONDS = re.compile(r"[0-9]{1,11}\Z")
_LONGEST_ID = 255
_VERSION = "v1"


class Fault(StrEnum):
    """Why a delivery is refused."""

    SIGNATURE = "bad_signature"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a delivery says of itself, as its headers have it; empty where a header is missing."""

    id: str
    timestamp: str
    signature: str


def fault_of(signed: Signed, body: bytes, secrets: Iterable[bytes], now: datetime) -> Fault | None:
    """Why a delivery cannot be taken; None where it can. Any of the secrets will do.

    The signature is looked at first: who does not hold a secret learns nothing of what else is wrong.
    """
    if not (0 < len(signed.id) <= _LONGEST_ID and signed.id.isascii() and signed.id.isprintable()):
        return Fault.SIGNATURE
    if not _SECONDS.match(signed.timestamp):
        return Fault.SIGNATURE
    given = [part.partition(",") for part in signed.signature.split()]
    offered = [value.encode() for version, _, value in given if version == _VERSION and value.isascii()]
    expected = [signature(secret, signed.id, signed.timestamp, body).encode() for secret in secrets]
    # every pair is compared, so that the time tells nothing of which came close
    if sum(hmac.compare_digest(one, other) for one in expected for other in offered) == 0:
        return Fault.SIGNATURE
    sent_at = datetime.fromtimestamp(int(signed.timestamp), UTC)
    return Fault.OLD if abs(now - sent_at) > TOLERANCE else None


def signature(secret: bytes, delivery_id: str, timestamp: str, body: bytes) -> str:
    """The base64 of the HMAC that a sender puts behind "v1,"."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return b64encode(hmac.digest(secret, signed, "sha256")).decode("ascii")
