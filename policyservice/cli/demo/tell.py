"""Prints a scene as a person would like to read it: who asks what, and the answer in words."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.text import Text as Line

from policyservice.cli.demo import words as w
from policyservice.cli.demo.steps import Person, Scene
from policyservice.cli.demo.words import Words
from policyservice.domain.vocabulary import Text

_LABEL_WIDTH = 9
_TEXT_COLUMN = 4 + _LABEL_WIDTH + 1
_Row = tuple[Text, str]


class Teller:
    """Writes on one console, in one language."""

    def __init__(self, screen: Console, words: Words) -> None:
        self._screen = screen
        self._words = words

    def scene(self, scene: Scene) -> None:
        """The title and what happened."""
        number = f"{self._words.of(w.SCENE)} {scene.number}: " if scene.number is not None else ""
        self._screen.print()
        self._screen.rule(Line(f"{number}{self._words.of(scene.title)}", style="bold"), align="left")
        self._prose(self._words.of(scene.story))

    def asks(self, person: Person, question: Text, what: str = "") -> None:
        """An agent's question; `what` is the request in brief."""
        who = Line.assemble(
            "\n", (person.name, "bold"), f" ({self._words.of(person.role)}): ", self._words.of(question)
        )
        if what:
            who.append(f"  [{what}]", style="dim")
        self._screen.print(who)

    def sees(self, person: Person, what: Text) -> None:
        """A colleague looks at what was promised before."""
        role = self._words.of(person.role)
        self._screen.print(Line.assemble("\n", (person.name, "bold"), f" ({role}) ", self._words.of(what)))

    def happens(self, what: Text) -> None:
        """What happens in between."""
        self._screen.print()
        self._prose(f"… {self._words.of(what)}", style="italic")

    def settled(self, what: Text, body: dict[str, Any]) -> None:
        """What became of a promise."""
        status = self._words.of(w.STATUSES[body["status"]])
        self._screen.print(Line.assemble("  → ", self._words.of(what), (f"  [{status}]", "dim")))

    def decision(self, body: dict[str, Any]) -> None:
        """The answer to a request."""
        words = self._words
        sign, colour, outcome = w.OUTCOMES[body["outcome"]]
        parts = [words.title(body["remedy"])]
        if body["amount"] is not None:
            parts.append(words.sum(body["amount"], body["currency"]))
        head = Line.assemble("  ", (f"{sign} {words.of(outcome)}: ", f"bold {colour}"), (" ".join(parts), "bold"))
        if body["basis"] is not None and body["outcome"] == "allow":
            head.append(f" · {words.of(w.BASES[body['basis']])}")
        if body["stretched"]:
            head.append(f" · {words.of(w.STRETCHED)}")
        self._screen.print(head)
        self._rows(self._parts_of(body))

    def offers(self, body: dict[str, Any]) -> None:
        """What an agent may give at all."""
        words = self._words
        for offer in body["options"]:
            up_to = (
                "" if offer["up_to"] is None else f" {words.of(w.UP_TO)} {words.sum(offer['up_to'], offer['currency'])}"
            )
            basis = words.of(w.BASES[offer["basis"]])
            self._screen.print(
                Line.assemble("  ", ("● ", "green"), (words.title(offer["remedy"]), "bold"), f"{up_to} · {basis}")
            )

    def history(self, items: list[dict[str, Any]]) -> None:
        """Decisions of a customer or a case, as one line each."""
        words = self._words
        for item in items:
            amount = item["standing"] if item["outcome"] == "allow" else item["amount"]
            money = "" if amount is None or item["amount"] is None else f" {words.sum(amount, item['currency'])}"
            status = words.of(w.STATUSES[item["status"]])
            line = Line.assemble(
                "  • ",
                (f"{words.title(item['remedy'])}{money}", "bold"),
                f" · {status} · {words.title(item['reason'])}",
                f" · {item['agent']}, {item['channel']}, {words.when(item['at'])}",
            )
            if item["escalation"] is not None:
                line.append(f" · {self._decides(item['escalation'])}")
            self._screen.print(line)

    def wrong(self, problems: list[str]) -> None:
        """An answer that is not the wanted one."""
        for problem in problems:
            self._screen.print(Line(f"  !! {problem}", style="bold red"))

    def _prose(self, text: str, style: str = "") -> None:
        for line in wrap(text, self._screen.width):
            self._screen.print(Line(line, style=style))

    def _rows(self, rows: Iterator[_Row]) -> None:
        """Labelled texts, wrapped beside their labels."""
        for label, text in rows:
            lines = wrap(text, self._screen.width - _TEXT_COLUMN) or [""]
            for number, line in enumerate(lines):
                shown = self._words.of(label) if number == 0 else ""
                self._screen.print(Line.assemble("    ", (f"{shown:{_LABEL_WIDTH}} ", "dim"), line))

    def _parts_of(self, body: dict[str, Any]) -> Iterator[_Row]:
        words = self._words
        for reason in body["reasons"]:
            yield w.WHY, self._reason(reason)
        for advice in body["advice"]:
            yield w.ADVICE, advice
        if body["say"]:
            yield w.SAY, words.both(f"“{body['say']}”", f"”{body['say']}”")
        if body["expires_at"]:
            until = words.when(body["expires_at"])
            yield w.HELD, words.both(f"until {until}, or until it is given", f"{until} asti tai kunnes se annetaan")
        if body["binding_limit"]:
            yield w.LIMIT, self._limit(body["binding_limit"], body["currency"])
        if body["outcome"] != "allow" and body["available"] is not None:
            now = f"{words.title(body['remedy'])} {words.of(w.UP_TO)} {words.sum(body['available'], body['currency'])}"
            yield w.NOW, now
        for other in body["alternatives"]:
            yield w.INSTEAD, self._alternative(other)
        if body["escalation"]:
            to, due = body["escalation"]["to"], words.when(body["escalation"]["due_at"])
            yield w.DECIDES, words.both(f"{words.title(to)}; answer due {due}", f"{words.title(to)}, viimeistään {due}")
        if body["cost"] is not None:
            yield w.COST, self._cost(body)

    def _reason(self, reason: dict[str, Any]) -> str:
        if reason["basis"] is None:
            return str(reason["text"])
        basis = self._words.of(w.BASES[reason["basis"]])
        cited = f": {reason['reference']}" if reason["reference"] else ""
        return f"{reason['text']} ({basis}{cited})"

    def _alternative(self, other: dict[str, Any]) -> str:
        words = self._words
        up_to = "" if other["up_to"] is None else f" {words.of(w.UP_TO)} {words.sum(other['up_to'], other['currency'])}"
        return f"{words.title(other['remedy'])}{up_to} · {words.of(w.BASES[other['basis']])}"

    def _limit(self, limit: dict[str, Any], currency: str) -> str:
        words, scope = self._words, self._words.of(w.SCOPES[limit["scope"]])
        text = f"{limit['limit']} ({scope})"
        if limit["left"] is not None and limit["bound"] is not None:
            left, bound = words.sum(limit["left"], currency), words.sum(limit["bound"], currency)
            text += words.both(f": {left} of {bound} left", f": {left} / {bound} jäljellä")
        if limit["renews_at"] is not None:
            at = words.when(limit["renews_at"])
            text += words.both(f", renews {at}", f", uusiutuu {at}")
        return text

    def _decides(self, escalation: dict[str, Any]) -> str:
        who, by = self._words.title(escalation["to"]), self._words.when(escalation["due_at"])
        return self._words.both(f"{who} decides; answer due {by}", f"{who} päättää, vastaus viimeistään {by}")

    def _cost(self, body: dict[str, Any]) -> str:
        words, cost, currency = self._words, body["cost"], body["currency"]
        remedy, other = words.sum(cost["remedy"], currency), cost["escalation"]
        about = words.sum(other["expected"], currency)
        low, high = (other[end].replace(".", words.both(".", ",")) for end in ("low", "high"))
        return words.both(
            f"{remedy} to us; asking somebody else instead: about {about} (estimate, {low} to {high})",
            f"meille {remedy}; asian siirtäminen maksaisi noin {about} (arvio, {low}–{high})",
        )
