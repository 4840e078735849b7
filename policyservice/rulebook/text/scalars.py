"""What a scalar's text means: decided by us from the source, so that 12.35 is 12.35 and `no` is a word."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from fractions import Fraction

from policyservice.domain.money import LARGEST_MINOR
from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.text.nodes import Broken, Kind, Scalar

UNREADABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""What no text may hold: controls other than a line's end, other separators of lines, lone surrogates."""

_NUMBERS_BEGIN = frozenset("-0123456789")
_INTEGER = re.compile(r"-?[0-9]+\Z")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+\Z")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) %\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LEADING_ZERO = re.compile(r"-?0[0-9]")
_LONGEST_NUMBER = 60
_NULLS = frozenset({"", "~", "null"})


def scalar(text: str, quoted: bool, place: Place, problems: Problems) -> Scalar | Broken:
    """The scalar that `text` stands for; an unreadable one is noted and comes back broken."""
    if not text.isprintable() and (unreadable := UNREADABLE.search(text)):
        problems.add(place, f"the text holds the character U+{ord(unreadable[0]):04X}; take it out")
        return Broken(place)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if quoted:
        return Scalar(place, Kind.TEXT, text, text)
    if text in _NULLS:
        return Scalar(place, Kind.NULL, None, text)
    if text in ("true", "false"):
        return Scalar(place, Kind.BOOLEAN, text == "true", text)
    if text[0] in _NUMBERS_BEGIN and _DATE.match(text):
        return _date(text, place, problems)
    if text[0] in _NUMBERS_BEGIN and (_INTEGER.match(text) or _DECIMAL.match(text) or _PERCENT.match(text)):
        return _number(text, place, problems)
    return Scalar(place, Kind.TEXT, text, text)


def reads_otherwise(text: str) -> bool:
    """Whether a text would be something else without quotes: a number, a date, true."""
    place = Place("", 1, 1)
    plain = scalar(text, False, place, Problems())
    return isinstance(plain, Broken) or plain.kind is not Kind.TEXT


def _date(text: str, place: Place, problems: Problems) -> Scalar | Broken:
    try:
        return Scalar(place, Kind.DATE, date.fromisoformat(text), text)
    except ValueError:
        problems.add(place, f"there is no date `{text}`; write year-month-day, or quote it if it is text")
        return Broken(place)


def _number(text: str, place: Place, problems: Problems) -> Scalar | Broken:
    if len(text) > _LONGEST_NUMBER:
        problems.add(place, f"the number `{text[:20]}...` is too long; quote it if it is text")
        return Broken(place)
    if _LEADING_ZERO.match(text):
        problems.add(place, f"the number `{text}` begins with 0; write it without, or quote it if it is text")
        return Broken(place)
    if percent := _PERCENT.match(text):
        return Scalar(place, Kind.PERCENT, Fraction(percent[1]) / 100, text)
    if _DECIMAL.match(text):
        return Scalar(place, Kind.DECIMAL, text, text)
    if abs(int(text)) > LARGEST_MINOR:
        problems.add(place, f"the number `{text}` does not fit in 64 bits; quote it if it is text")
        return Broken(place)
    return Scalar(place, Kind.INTEGER, int(text), text)
