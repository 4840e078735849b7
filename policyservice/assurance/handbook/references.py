"""The text that a rule rests on; how certain its figures are is told in words in place of its mark.

A reference may end in `; certainty A`, B or C, and in what of it is meant (`; certainty B for the day`).
Source: docs/reference/rulebook.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyservice.assurance.handbook.writing import Writer

_MARKED = re.compile(r"(?s)(?P<text>.*\S)\s*;\s*certainty (?P<mark>[ABC])(?: for (?P<part>.+))?\Z")


@dataclass(frozen=True, slots=True)
class Cited:
    """The reference without its mark, and the words for the mark; empty where there is none."""

    text: str
    certainty: str = ""


def cited(writer: Writer, reference: str) -> Cited:
    """A reference for staff to read."""
    marked = _MARKED.match(reference)
    if marked is None:
        return Cited(reference)
    words = writer.say(f"certainty_{marked['mark'].lower()}")
    part = marked["part"]
    return Cited(marked["text"], words if part is None else writer.say("certainty_of", words=words, part=part))
