"""The handbook as one HTML page, in both languages, that loads nothing from anywhere and works without script.

What the page may do is bounded by a policy of its own: its one style sheet and its one script, by their hashes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from policyservice.assurance.handbook.chapters import Chapter, chapters, in_force, to_come, whatever_the_reason
from policyservice.assurance.handbook.limits import limits_told
from policyservice.assurance.handbook.settings import Advice, advice_of
from policyservice.assurance.handbook.writing import Writer
from policyservice.domain.limits import LimitSet
from policyservice.domain.vocabulary import LANGUAGES
from policyservice.rulebook.model import Rulebook

_FILES = resources.files(__package__ or "") / "files"
_SHORT = len("sha256:") + 12


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which rules these are, besides their digest: where they are in force, the version of the limits and the instant
    at which both were read; of folders neither."""

    limits_version: int | None = None
    read_at: datetime | None = None


def page(rulebook: Rulebook, limits: LimitSet, day: date, stamp: Stamp, language: str = "en") -> str:
    """The whole page as UTF-8 text: the rules in force on `day`, with `limits`; it opens in `language`."""
    levels = len(rulebook.trust_levels)
    style, script = _read("handbook.css") + _by_level(levels) + _on_each_sheet(rulebook.digest), _read("handbook.js")
    environment = Environment(loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("handbook.html").render(
        halves=[_half(Writer(rulebook, spoken, day), limits, stamp) for spoken in _first(language)],
        language=language,
        digest=rulebook.digest,
        style=Markup(style),
        script=Markup(script),
        security=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
    )


def _first(language: str) -> tuple[str, ...]:
    return (language, *(other for other in LANGUAGES if other != language))


def _half(writer: Writer, limits: LimitSet, stamp: Stamp) -> Mapping[str, Any]:
    """What the page says in one language."""
    book = writer.rulebook
    told = chapters(writer, limits)
    return {
        "say": writer.say,
        "language": writer.language,
        "titles": [writer.text(pack.title) for pack in book.packs],
        "stamp": _stamp(writer, stamp),
        "levels": [writer.text(level.title) for level in book.trust_levels],
        "chapters": told,
        "general": whatever_the_reason(writer),
        "limits": limits_told(writer, limits),
        "advice": _advice(writer),
        "to_come": to_come(writer),
        "bases": [basis for basis in ("law", "contract", "policy", "goodwill") if _speaks(told, writer, basis)],
    }


def _speaks(told: tuple[Chapter, ...], writer: Writer, basis: str) -> bool:
    """Whether a basis is met anywhere in the handbook, so that it has to be told what it means."""
    return any(rule.basis.value == basis for rule in in_force(writer)) if told else False


def _advice(writer: Writer) -> list[tuple[str, tuple[Advice, ...]]]:
    """What each pack says for every case; the packs are named where there are several."""
    packs = writer.rulebook.packs
    return [(writer.text(pack.title) if len(packs) > 1 else "", advice_of(writer, pack)) for pack in packs]


def _stamp(writer: Writer, stamp: Stamp) -> str:
    parts = [
        writer.say("as_of", day=writer.date(writer.day)),
        writer.say("version", digest=writer.rulebook.digest[:_SHORT].partition(":")[2]),
    ]
    if stamp.limits_version is not None:
        parts.append(writer.say("limits_version", number=stamp.limits_version))
    if stamp.read_at is not None:
        parts.append(writer.say("made_at", instant=f"{writer.date(stamp.read_at.date())} {stamp.read_at:%H:%M} UTC"))
    return " · ".join(parts)


def _by_level(levels: int) -> str:
    """Shows one trust level alone where it is chosen."""
    return "".join(
        f"body:has(#level-{rank}:checked) .level:not(.level-{rank}){{display:none}}\n" for rank in range(levels)
    )


def _on_each_sheet(digest: str) -> str:
    """Prints the version at the foot of every sheet; a digest holds no character that CSS would read as its own."""
    short = "".join(letter for letter in digest[:_SHORT].partition(":")[2] if letter.isalnum())
    return f'@page{{@bottom-left{{content:"{short}"}}}}\n'


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
