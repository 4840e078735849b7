"""What simulated people do about a decision: give what was allowed, ask no further, answer what was escalated; and how
long they say that each contact took, in whole minutes.

The second tier answers before the customer was promised it. Where the third tier was drawn, a colleague has it in hand
until then, so that it rises by itself; the lead answers it above. What is for whoever decides beyond every level has
nobody above, and stays. Grants are decisions of a lead with the highest trust level, by facts found out since where it
takes them; who grants less, or refuses, where the rules allow nobody more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policyservice.access.keys import ApiKey
from policyservice.cases.escalations import Escalation
from policyservice.costs.calibration.observed import Observed
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.services import Services
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.errors import BeyondAuthority
from policyservice.domain.money import decimal_string
from policyservice.previews.aftermath.found_out import found_out
from policyservice.previews.aftermath.heard import SOURCE
from policyservice.previews.aftermath.written import Written
from policyservice.previews.backtest.history import Asked
from policyservice.resolutions import contacts, working
from policyservice.resolutions.contacts import TakenContact
from policyservice.resolutions.escalations import Resolution, Resolved, resolve
from policyservice.resolutions.rising import next_above, rise_overdue
from policyservice.rulebook.model import Rulebook

RESOLVER = "simulated-lead"
COLLEAGUE = "simulated-colleague"
_NOTE = "Made up by policyservice simulate."
_LEAST_WAIT = timedelta(hours=4)
_WAIT_PER_MINUTE = timedelta(minutes=10)
_BEFORE_IT_IS_DUE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Escalated:
    """What was asked and escalated, and what was drawn to become of it."""

    asked: Asked
    decided: StoredDecision
    drawn: Observed

    @property
    def escalation(self) -> Escalation:
        """The escalation, as it was opened."""
        assert self.decided.escalation is not None, "what is escalated has an escalation"
        return self.decided.escalation


@dataclass(frozen=True, slots=True)
class Desk:
    """The service's own ways, each at the instant of its clock."""

    services: Services
    rulebook: Rulebook
    key: ApiKey
    written: Written

    def give(self, decision_id: str) -> None:
        """Commit what a decision allowed."""
        once = Idempotency.of(f"/v1/decisions/{decision_id}/commit", f"{SOURCE}-{decision_id}", {})
        settle.commit(self.services, decision_id, self.key, once, lambda stored: "{}")

    def speak(self, asked: Asked, minutes: float) -> None:
        """Tell of the contact in which a case was decided, or written up and handed over."""
        request = asked.request
        case, said = str(request.case), str(request.channel)
        once = Idempotency.of(f"/v1/cases/{case}/contacts", f"{SOURCE}-{case}-{self.services.clock.now()}", {})
        taken = TakenContact(asked.agent.ref, said, customer=request.customer, minutes=round(minutes))
        contacts.take(self.services, case, taken, self.key, once, lambda contact: "{}")

    def withdraw(self, one: Escalated) -> None:
        """Whoever asked says that the customer asks no further."""
        working.withdraw(self.services, self._step(one, "withdraw"), agent=one.asked.agent.ref, note=_NOTE)

    def reach(self, one: Escalated) -> Iterator[datetime]:
        """Have an escalation reach who answers it: each instant at which something is done, the answer's at last."""
        opened, due = one.escalation.opened_at, one.escalation.due_at
        if not self._rises(one):
            yield opened + _wait(one.drawn.minutes["h2"], due - opened)
            return
        yield max(opened, due - timedelta(minutes=one.drawn.minutes["h2"]))
        working.take(self.services, self._step(one, "take"), agent=COLLEAGUE)
        yield due
        rise_overdue(self.services)
        self.written.risen += 1
        yield due + _wait(one.drawn.minutes["h3"], due - opened)

    def answer(self, one: Escalated) -> bool:
        """Answer as was drawn, as far as the rules allow; whether something was granted."""
        if one.drawn.granted and self._grant(one):
            return True
        self._resolve(one, Resolution(result="refused", agent=RESOLVER, note=_NOTE))
        return False

    def _rises(self, one: Escalated) -> bool:
        return bool(one.drawn.third_tier) and next_above(self.rulebook, one.decided, one.escalation.to) is not None

    def _grant(self, one: Escalated) -> bool:
        """Grant what was asked, if need be by what was found out, else what the asker could have given."""
        request = one.asked.request
        less, found = one.decided.decision.available_minor, found_out(request, self.rulebook)
        ways: list[tuple[str | None, dict[str, object]]] = [(None, {})]
        ways += [(None, found)] if found else []
        ways += [(decimal_string(less, request.currency), {})] if less else []
        for amount, facts in ways:
            granting = Resolution(result="granted", agent=RESOLVER, note=_NOTE, amount=amount, facts=facts or None)
            try:
                self._resolve(one, granting)
            except BeyondAuthority:
                continue
            self.written.lessened += amount is not None
            self.written.found_out += bool(facts)
            return True
        self.written.unable += 1
        return False

    def _resolve(self, one: Escalated, resolution: Resolution) -> None:
        """Answer, with the work of whoever does, after every contact that the customer had meanwhile."""
        found: list[Resolved] = []

        def render(resolved: Resolved) -> str:
            found.append(resolved)
            return "{}"

        worked = one.drawn.minutes["h3" if self._rises(one) else "h2"]
        for number in range(one.drawn.repeats or 0):
            again = self._step(one, f"contact-{number}")
            working.contact(self.services, again, agent=one.asked.agent.ref, minutes=round(one.drawn.minutes["hr"]))
        answer = replace(resolution, minutes=max(1, round(worked)))
        name = f"resolve-{answer.result}-{answer.amount}-{len(answer.facts or {})}"
        resolve(self.services, one.escalation.id, answer, self.key, self._step(one, name).idempotency, render)
        granted = found[-1].decision
        if granted is not None:
            self.give(granted.id)

    def _step(self, one: Escalated, name: str) -> working.Step:
        escalation_id = one.escalation.id
        once = Idempotency.of(f"/v1/escalations/{escalation_id}", f"{SOURCE}-{escalation_id}-{name}", {})
        return working.Step(escalation_id, self.key, once, lambda worked: "{}")


def _wait(minutes: float, promised: timedelta) -> timedelta:
    """Four hours and ten minutes for each minute of work, within what was promised."""
    return max(timedelta(), min(_LEAST_WAIT + _WAIT_PER_MINUTE * minutes, promised - _BEFORE_IT_IS_DUE))
