"""What a client sends, as often as it likes, and what it was told each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policyservice.access.keys import ApiKey
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.request import ask
from policyservice.decisions.services import Services
from policyservice.domain.errors import PolicyServiceError
from tests.decisions.factories import render


@dataclass
class Call:
    """One request under one idempotency key: `what` is "ask", "commit", "void" or "reverse".

    `answers` are the replies it got, `refusals` the codes of its refusals. Of a repeat and of a refusal it is noted how
    many decisions and entries appeared with it; there should be none.
    """

    what: str
    key: str
    fields: Mapping[str, object]
    decision: str | None = None
    answers: list[Reply] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    written_by_repeats: int = 0
    written_by_refusals: int = 0
    _was_refused: bool = False

    @property
    def path(self) -> str:
        return "/v1/decisions" if self.decision is None else f"/v1/decisions/{self.decision}/{self.what}"

    @property
    def idempotency(self) -> Idempotency:
        return Idempotency.of(self.path, self.key, self.fields)

    def deliver(self, services: Services, actor: ApiKey) -> Reply:
        """Send it once.

        Raises:
            PolicyServiceError: it was refused.
        """
        self._was_refused = False
        try:
            if self.decision is None:
                reply = ask(services, self.fields, actor, self.idempotency, render)
            else:
                step = getattr(settle, self.what)
                reply = step(services, self.decision, actor, self.idempotency, render, **self.fields)
        except PolicyServiceError as refusal:
            self._was_refused = True
            self.refusals.append(refusal.code)
            raise
        self.answers.append(reply)
        return reply

    def hear(self, answer: Reply | PolicyServiceError) -> Reply | None:
        """Take what it was told among others of one transaction; the reply, where it is one."""
        if isinstance(answer, PolicyServiceError):
            self.refusals.append(answer.code)
            return None
        self.answers.append(answer)
        return answer

    def note(self, written: int) -> None:
        """How much was written by the last delivery, where nobody else wrote meanwhile."""
        if self._was_refused:
            self.written_by_refusals += written
        elif self.answers[-1].replayed:
            self.written_by_repeats += written
