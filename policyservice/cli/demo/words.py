"""The demo's own words in English and Finnish, and sums and times as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from policyservice.domain.vocabulary import Text

OUTCOMES = {
    "allow": ("✔", "green", Text("Yes", "Kyllä")),
    "escalate": ("↗", "yellow", Text("Not on your own", "Ei yksin")),
    "deny": ("✖", "red", Text("No", "Ei")),
}
"""Outcome -> (sign, colour, word)."""

BASES = {
    "law": Text("the law says so", "laki määrää niin"),
    "contract": Text("owed by contract", "kuuluu asiakkaalle sopimuksen mukaan"),
    "policy": Text("our own policy", "oma linjauksemme"),
    "goodwill": Text("goodwill", "hyvän tahdon ele"),
}

STATUSES = {
    "reserved": Text("promised, not given yet", "luvattu, ei vielä annettu"),
    "committed": Text("given", "annettu"),
    "voided": Text("taken back before it was given", "peruttu ennen antamista"),
    "expired": Text("promise ended", "lupaus raukesi"),
    "reversed": Text("taken back", "peruttu"),
    "escalated": Text("handed on", "siirretty"),
    "denied": Text("refused", "evätty"),
}

SCOPES = {
    "decision": Text("one decision", "yksi päätös"),
    "order": Text("this order", "tämä tilaus"),
    "case": Text("this case", "tämä asia"),
    "customer": Text("this customer", "tämä asiakas"),
    "agent": Text("you", "sinä"),
    "incident": Text("this incident", "tämä häiriö"),
    "reason": Text("this reason", "tämä syy"),
    "team": Text("your team", "tiimisi"),
    "organisation": Text("the organisation", "organisaatio"),
}

SCENE = Text("Scene", "Kohtaus")
MAY_GIVE = Text("may give", "voi antaa")
WHY = Text("why", "miksi")
ADVICE = Text("for you", "sinulle")
SAY = Text("say", "sano")
HELD = Text("held", "varattu")
COST = Text("cost", "hinta")
LIMIT = Text("limit", "raja")
NOW = Text("now", "nyt")
INSTEAD = Text("instead", "tai")
DECIDES = Text("decides", "päättää")
STRETCHED = Text("over the usual cap, with a written reason", "yli tavallisen rajan, kirjallisella perustelulla")
UP_TO = Text("up to and including", "enintään")


@dataclass(frozen=True, slots=True)
class Words:
    """One language, the organisation's zone, and what codes (of remedies, reasons, trust levels) are called."""

    language: str
    zone: ZoneInfo
    titles: Mapping[str, str]

    def of(self, text: Text) -> str:
        """A text in this language."""
        return text.get(self.language)

    def both(self, en: str, fi: str) -> str:
        """The one of two texts that is in this language."""
        return fi if self.language == "fi" else en

    def title(self, code: str) -> str:
        """What a code is called; the code itself where nobody says."""
        return self.titles.get(code, code)

    def sum(self, amount: str, currency: str) -> str:
        """A decimal string with its currency, as the language writes it."""
        return f"{amount.replace('.', ',') if self.language == 'fi' else amount} {currency}"

    def when(self, instant: str) -> str:
        """An instant of the service (ISO 8601) in the organisation's zone."""
        at = datetime.fromisoformat(instant).astimezone(self.zone)
        pattern = self.both("EEE d MMM 'at' HH:mm", "EEE d.M. 'klo' H.mm")
        return format_datetime(at, pattern, locale=self.language)
