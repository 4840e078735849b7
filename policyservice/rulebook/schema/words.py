"""The shapes that every kind of file uses: names, texts, sums, dates."""

from __future__ import annotations

import re

from policyservice.domain.currencies import EXPONENTS
from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.rulebook.schema.shapes import Key, ListOf, Plain, Record
from policyservice.rulebook.text.nodes import Kind

ANY_KIND = frozenset(Kind) - {Kind.NULL}
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})


def _word(says: str, pattern: str) -> Plain:
    return Plain(says, frozenset({Kind.TEXT}), re.compile(f"(?=.{{1,120}}\\Z){pattern}"))


def choice(*words: str) -> Plain:
    """One of a few words."""
    return Plain("one of " + ", ".join(words), frozenset({Kind.TEXT}), choices=words)


def whole(lowest: int, highest: int = LARGEST_MINOR, says: str | None = None) -> Plain:
    """A whole number between two bounds, ends included."""
    if says is None and highest == LARGEST_MINOR:
        says = f"a whole number from {lowest} up"
    return Plain(
        says or f"a whole number from {lowest} to {highest}",
        frozenset({Kind.INTEGER}),
        lowest=lowest,
        highest=highest,
    )


WORDS = Plain("a text", frozenset({Kind.TEXT}), re.compile(r"(?s)(?=.{1,4000}\Z).*\S.*"))
ANY_TEXT = Plain("a text", frozenset({Kind.TEXT}))
BOOLEAN = Plain("true or false", frozenset({Kind.BOOLEAN}))
TRUE = Plain("true", frozenset({Kind.BOOLEAN}), choices=("true",))
DATE = Plain("a date such as 2026-01-31", frozenset({Kind.DATE}))
INTEGER = Plain("a whole number", frozenset({Kind.INTEGER}))
NUMBER = Plain("a number", _NUMBERS)
SUM = Plain("a sum such as 12.50", _NUMBERS)
PERCENT = Plain("a percentage such as 45 %", frozenset({Kind.PERCENT}))
CURRENCY = Plain("an ISO 4217 currency code such as EUR", frozenset({Kind.TEXT}), choices=tuple(sorted(EXPONENTS)))
ANY_SCALAR = Plain("a value", ANY_KIND)

ID = _word("an id of a-z, 0-9 and - such as late-delivery", r"[a-z0-9-]+")
NAME = _word("a name of a-z, 0-9, _, . and -", r"[a-z0-9_.-]+")
CODE = _word("a code of A-Z, a-z, 0-9, _, . and -", r"[A-Za-z0-9_.-]+")
FACT = _word("a fact's name such as order.days_late", r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")
CONDITION_FACT = _word("a fact's name such as order.days_late, or reason", r"reason|[a-z0-9_]+(?:\.[a-z0-9_]+)+")
REASON_PATTERN = _word("a reason, or a group such as delivery.*", r"[a-z0-9_.-]+(?:\.\*)?")
COLUMN = _word("a fact's name, or $ and a name such as $share", r"reason|\$[a-z0-9_-]+|[a-z0-9_]+(?:\.[a-z0-9_]+)+")
RULE_ID = _word("a rule's id such as late-delivery or delay-repay/1", r"[a-z0-9-]+(?:/[a-z0-9-]+)?")

TEXT = Record(
    "a text in every language: {en: ..., fi: ...}",
    {language: Key(WORDS, required=True) for language in LANGUAGES},
)
NAMES = ListOf(NAME, "a list of names")
CODES = ListOf(CODE, "a list of codes")
REASON_PATTERNS = ListOf(REASON_PATTERN, "a list of reasons, or groups such as delivery.*")
