"""The words a rulebook may use: kinds of remedy, bases, types of fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LANGUAGES = ("en", "fi")

FactValue = int | str | bool
"""A fact inside the service: money in minor units, a date as `date.toordinal()`, a code or text as NFC text."""


class FactType(StrEnum):
    """What a fact's value is; types are strict and never coerced."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    MONEY = "money"
    CODE = "code"
    DATE = "date"
    TEXT = "text"


class Basis(StrEnum):
    """Why a remedy may or must be given; law and contract create an entitlement."""

    LAW = "law"
    CONTRACT = "contract"
    POLICY = "policy"
    GOODWILL = "goodwill"

    @property
    def rank(self) -> int:
        """Law 3, contract 2, policy and goodwill together 1; a higher rank outranks a lower."""
        return _RANKS[self]


_RANKS = {Basis.LAW: 3, Basis.CONTRACT: 2, Basis.POLICY: 1, Basis.GOODWILL: 1}


class RemedyKind(StrEnum):
    """The one kind a remedy of the catalogue has."""

    REFUND = "refund"
    CREDIT = "credit"
    REPLACEMENT = "replacement"
    WAIVER = "waiver"
    EXTENSION = "extension"
    UPGRADE = "upgrade"
    GIFT = "gift"
    COMPENSATION = "compensation"
    OTHER = "other"


class AgentKind(StrEnum):
    """Who acts: a person, or a program acting as one."""

    HUMAN = "human"
    AI = "ai"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in every language of the product."""

    en: str
    fi: str

    def get(self, language: str) -> str:
        """The text in `language`, English where there is none."""
        return self.fi if language == "fi" else self.en

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Text:
        """From `{"en": ..., "fi": ...}`."""
        return cls(words["en"], words["fi"])
