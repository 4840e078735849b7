"""Plays scenes against the service: asks over HTTP, tells each answer, checks it against the wanted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policyservice.cli.demo import check
from policyservice.cli.demo.client import Answer, Client
from policyservice.cli.demo.steps import (
    Ask,
    Drop,
    Give,
    Later,
    Look,
    Person,
    Scene,
    SeeCase,
    SeeCustomer,
    Step,
)
from policyservice.cli.demo.tell import Teller

_CURRENCY = "EUR"


class Player:
    """Plays one scene after the other.

    `tag` is put behind every reference, so that the demo can be played again on a database that has seen it before.
    """

    def __init__(self, client: Client, teller: Teller, tag: str) -> None:
        self._client = client
        self._tell = teller
        self._tag = tag
        self._last: str = ""  # the decision that a step without one is about

    def play(self, scene: Scene) -> list[str]:
        """Everything in the scene that was not as wanted, each with the scene's and the step's place."""
        self._tell.scene(scene)
        problems = []
        for number, step in enumerate(scene.steps, 1):
            found = self._step(scene, step)
            self._tell.wrong(found)
            problems += [f"{scene.title.en}, step {number}: {problem}" for problem in found]
        return problems

    def _step(self, scene: Scene, step: Step) -> list[str]:
        match step:
            case Look():
                return self._look(scene, step)
            case Ask():
                return self._ask(scene, step)
            case Give():
                return self._give(step)
            case Drop():
                return self._drop(step)
            case Later():
                self._tell.happens(step.what)
                return []
            case SeeCustomer():
                self._tell.sees(step.by, step.what)
                answer = self._client.get("customers", self._ref(scene.customer), "history")
                return self._history(step.want, answer)
            case SeeCase():
                self._tell.sees(step.by, step.what)
                answer = self._client.get("cases", self._ref(scene.case))
                return self._history(step.want, answer)

    def _look(self, scene: Scene, step: Look) -> list[str]:
        self._tell.asks(step.by, step.question)
        answer = self._client.post("options", body=self._about(scene, step.by))
        if answer.status == 200:
            self._tell.offers(answer.body)
        return check.of_options(step.want, answer)

    def _ask(self, scene: Scene, step: Ask) -> list[str]:
        body = self._about(scene, step.by) | {"remedy": step.remedy}
        replaced = {
            "amount": step.amount,
            "channel": step.channel,
            "reason": step.reason,
            "case": None if step.case is None else self._ref(step.case),
            "justification": step.justification,
            "facts": step.facts,
        }
        body |= {name: value for name, value in replaced.items() if value is not None}
        brief = step.remedy if step.amount is None else f"{step.remedy} {step.amount} {_CURRENCY}"
        self._tell.asks(step.by, step.question, brief)
        answer = self._client.post("decisions", body=body, once=True)
        if answer.status == 201:
            self._tell.decision(answer.body)
            if answer.body["outcome"] == "allow":
                self._last = answer.body["id"]
        return check.of_decision(step.want, answer)

    def _give(self, step: Give) -> list[str]:
        body = {"amount": step.amount, "external_ref": step.external_ref}
        answer = self._client.post(
            "decisions", self._last, "commit", body={k: v for k, v in body.items() if v is not None}, once=True
        )
        if answer.status == 200:
            self._tell.settled(step.what, answer.body)
        return check.of_settling("committed", answer)

    def _drop(self, step: Drop) -> list[str]:
        answer = self._client.post("decisions", self._last, "void", body={"reason": step.reason}, once=True)
        if answer.status == 200:
            self._tell.settled(step.what, answer.body)
        return check.of_settling("voided", answer)

    def _history(self, want: Sequence[tuple[str, str]], answer: Answer) -> list[str]:
        items: list[dict[str, Any]] = answer.body.get("items", [])
        self._tell.history(items)
        return check.of_history(want, answer, items)

    def _about(self, scene: Scene, by: Person) -> dict[str, Any]:
        """The body that every question of a scene begins with."""
        about: dict[str, Any] = {
            "agent": self._ref(by.ref),
            "case": self._ref(scene.case),
            "customer": self._ref(scene.customer),
            "channel": scene.channel,
            "reason": scene.reason,
            "currency": _CURRENCY,
            "facts": dict(scene.facts),
        }
        return about if scene.order is None else about | {"order": self._ref(scene.order)}

    def _ref(self, ref: str) -> str:
        return f"{ref}{self._tag}"
