"""Pseudonyms for references that point to a person, and seals for free text: what the log holds in their place.

A pseudonym is the first 120 bits of HMAC-SHA-256 under the installation's key, domain-separated by kind, behind a
prefix: the same reference always has the same one, nobody without the key can tell whose it is or try guesses, and two
kinds of the same reference have nothing in common. The seal of a text takes a random nonce as well, which lies beside
the text: without the two nothing can be tried against it, not even with the key.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

_BYTES = 15  # 120 bits, 24 signs of base 32 without padding
_SIGNS = "[a-z2-7]{24}"


class PersonalKind(StrEnum):
    """What a reference is of. Each kind has pseudonyms of its own."""

    CUSTOMER = "customer"
    AGENT = "agent"
    CASE = "case"
    ORDER = "order"
    PAYMENT = "payment"  # what carries the remedy in the company's systems: `external_ref`


_PREFIX = {
    PersonalKind.CUSTOMER: "cus",
    PersonalKind.AGENT: "agt",
    PersonalKind.CASE: "cas",
    PersonalKind.ORDER: "ord",
    PersonalKind.PAYMENT: "pay",
}
_TEXT_PREFIX = "txt"
_PSEUDONYM = {kind: re.compile(rf"{prefix}_{_SIGNS}\Z") for kind, prefix in _PREFIX.items()}
ANY = re.compile(rf"(?:{'|'.join([*_PREFIX.values(), _TEXT_PREFIX])})_{_SIGNS}")
"""Any pseudonym, and the seal of any text."""


class Reference(NamedTuple):
    """A pseudonym with the plain reference that it stands for."""

    pseudonym: str
    kind: PersonalKind
    plain: str


class SealedText(NamedTuple):
    """A free text with its seal; the nonce is part of what was sealed."""

    seal: str
    nonce: str
    body: str


class Pseudonyms:
    """Makes pseudonyms and seals under one key. Immutable; safe to share between threads."""

    def __init__(self, key: bytes, new_nonce: Callable[[], str]) -> None:
        self._key = key
        self._new_nonce = new_nonce
        self._domains = {kind: f"policyservice 1 {kind.value}\0".encode() for kind in PersonalKind}

    @property
    def check(self) -> str:
        """Says whether two keys are the same one, and nothing else about them."""
        return hmac.digest(self._key, b"policyservice 1 check", "sha256").hex()

    def of(self, kind: PersonalKind, plain: str) -> str:
        """The pseudonym of a reference; of a pseudonym itself, so that whoever has no more than that can go on."""
        if _PSEUDONYM[kind].match(plain):
            return plain
        return f"{_PREFIX[kind]}_{self._signs(self._domains[kind] + plain.encode())}"

    def reference(self, kind: PersonalKind, plain: str) -> Reference:
        """A reference with its pseudonym."""
        return Reference(self.of(kind, plain), kind, plain)

    def seal(self, body: str) -> SealedText:
        """A text with a seal that no other text, nor this one sealed again, has."""
        nonce = self._new_nonce()
        return SealedText(self.seal_of(nonce, body), nonce, body)

    def seal_of(self, nonce: str, body: str) -> str:
        """The seal of a text with a nonce: another one than was logged shows that the text was changed."""
        return f"{_TEXT_PREFIX}_{self._signs(f'policyservice 1 text {nonce}'.encode() + bytes(1) + body.encode())}"

    def digest(self, what: str, value: str) -> str:
        """64 hexadecimal signs that equal values have in common, for comparing alone."""
        return hmac.digest(self._key, f"policyservice 1 {what}\0{value}".encode(), "sha256").hex()

    def _signs(self, message: bytes) -> str:
        return b32encode(hmac.digest(self._key, message, "sha256")[:_BYTES]).decode("ascii").lower()


def is_pseudonym(kind: PersonalKind, value: str) -> bool:
    """Whether a reference is a pseudonym of a kind, rather than plain."""
    return _PSEUDONYM[kind].match(value) is not None
