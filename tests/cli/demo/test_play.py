from __future__ import annotations

from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from policyservice.cli.demo.cast import MAIJA
from policyservice.cli.demo.client import Answer
from policyservice.cli.demo.play import Player
from policyservice.cli.demo.steps import Ask, Give, Scene, Want
from policyservice.cli.demo.tell import Teller
from policyservice.cli.demo.words import Words
from policyservice.domain.vocabulary import Text

_ALLOWED = {
    "id": "dec_1",
    "outcome": "allow",
    "status": "reserved",
    "expires_at": "2026-11-22T12:00:00Z",
    "remedy": "gift",
    "amount": "2.00",
    "available": "5.00",
    "currency": "EUR",
    "basis": "goodwill",
    "reasons": [{"rule": "small", "text": "Something small", "basis": "goodwill", "reference": None}],
    "advice": [],
    "say": "Here you are.",
    "binding_limit": None,
    "alternatives": [],
    "escalation": None,
    "stretched": False,
    "cost": {"remedy": "0.90", "escalation": {"expected": "23.55", "low": "21.44", "high": "45.86"}},
}


class FakeService:
    """Answers as it is told to, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[tuple[str, ...], dict[str, Any]]] = []

    def post(self, *path: str, body: dict[str, Any], once: bool = False) -> Answer:
        self.asked.append((path, body))
        return self._answers.pop(0)


def a_scene(*steps: Any) -> Scene:
    return Scene(1, Text("A", "Ä"), Text("story", "tarina"), "chat", "courtesy.other", "C-1", "T-1", steps)


def an_ask(outcome: str) -> Ask:
    return Ask(MAIJA, Text("May I?", "Saanko?"), "gift", Want(outcome), amount="2.00")


def play(scene: Scene, service: FakeService, tag: str = "", language: str = "en") -> tuple[list[str], str]:
    screen = Console(file=StringIO(), width=110)
    teller = Teller(screen, Words(language, ZoneInfo("Europe/Helsinki"), {"gift": "Something extra"}))
    problems = Player(service, teller, tag).play(scene)
    return problems, screen.file.getvalue()


def test_the_wanted_answer_is_told_in_words_and_is_no_problem():
    problems, shown = play(a_scene(an_ask("allow")), FakeService(Answer(201, _ALLOWED)))

    assert problems == []
    assert "Yes: Something extra 2.00 EUR · goodwill" in shown
    assert "“Here you are.”" in shown
    assert "until Sun 22 Nov at 14:00" in shown
    assert "0.90 EUR to us; asking somebody else instead: about 23.55 EUR (estimate, 21.44 to 45.86)" in shown


def test_sums_and_times_are_written_as_the_language_does():
    _, shown = play(a_scene(an_ask("allow")), FakeService(Answer(201, _ALLOWED)), language="fi")

    assert "Kyllä: Something extra 2,00 EUR · hyvän tahdon ele" in shown
    assert "su 22.11. klo 14.00 asti" in shown
    assert "arvio, 21,44–45,86" in shown


def test_an_answer_that_is_not_the_wanted_one_is_named_with_scene_and_step():
    problems, shown = play(a_scene(an_ask("deny")), FakeService(Answer(201, _ALLOWED)))

    assert problems == ["A, step 1: outcome: wanted deny, came allow"]
    assert "!! outcome: wanted deny, came allow" in shown


def test_a_refusal_does_not_stop_the_scene():
    service = FakeService(Answer(422, {"detail": "no"}), Answer(201, _ALLOWED))

    problems, _ = play(a_scene(an_ask("allow"), an_ask("allow")), service)

    assert problems == ["A, step 1: HTTP status: wanted 201, came 422: no"]


def test_what_was_allowed_last_is_what_is_given():
    committed = Answer(200, _ALLOWED | {"status": "committed"})
    service = FakeService(Answer(201, _ALLOWED), committed)

    problems, shown = play(a_scene(an_ask("allow"), Give(Text("Given.", "Annettu."))), service)

    assert problems == []
    assert service.asked[1][0] == ("decisions", "dec_1", "commit")
    assert "→ Given.  [given]" in shown


def test_every_reference_carries_the_tag_of_the_run():
    service = FakeService(Answer(201, _ALLOWED))

    play(a_scene(an_ask("allow")), service, tag="-ab12")

    body = service.asked[0][1]
    assert (body["agent"], body["case"], body["customer"]) == ("maija-ab12", "T-1-ab12", "C-1-ab12")
