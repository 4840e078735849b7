"""A history written into a database as if the service had been there: decided, given, escalated, answered, and what
was heard afterwards, each through the service's own ways at its own instant.

Escalations of customers who gave up stay open: nobody answers what nobody asks any more. Grants are decisions of a
colleague with the highest trust level, by facts found out since where it takes them; who grants less, or refuses, where
the rules allow nobody more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import ApiKey, Role
from policyservice.costs.calibration.observed import Observed
from policyservice.costs.calibration.observed import Path as HandledBy
from policyservice.decisions import settle
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import request_decision
from policyservice.decisions.services import Services
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.decision import Outcome
from policyservice.domain.errors import BeyondAuthority
from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import AgentKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.previews.aftermath.found_out import found_out
from policyservice.previews.aftermath.generate import Before, Fates, Wish, fates
from policyservice.previews.aftermath.heard import SOURCE, reports
from policyservice.previews.aftermath.moving import HistoryClock
from policyservice.previews.aftermath.settled import before_of
from policyservice.previews.aftermath.truth import truth_of
from policyservice.previews.backtest.history import Asked
from policyservice.resolutions.escalations import Resolution, Resolved, resolve
from policyservice.resolutions.outcomes import record
from policyservice.rulebook.model import Rulebook

RESOLVER = "simulated-lead"
_AT_ONCE = 500
"""Outcomes that are told together."""
_NOTE = "Made up by policyservice simulate."
_LEAST_WAIT = timedelta(hours=4)
_WAIT_PER_MINUTE = timedelta(minutes=10)
"""A customer waits four hours, and ten minutes for each minute of work."""


@dataclass(slots=True)
class Written:
    """What was written.

    `lessened` are grants of less than was asked, `found_out` those that took facts found out since, `unable` grants
    that were drawn and had to be refusals.
    """

    requests: int = 0
    allowed: int = 0
    denied: int = 0
    answered: int = 0
    gave_up: int = 0
    granted: int = 0
    lessened: int = 0
    found_out: int = 0
    unable: int = 0
    outcomes: int = 0


def write(
    services: Services,
    clock: HistoryClock,
    history: Sequence[Asked],
    book: CompiledRulebook,
    wish: Wish,
    advance: Callable[[int], None] = lambda requests: None,
) -> Written:
    """Write a history in time order; `clock` is the clock of `services`.

    Raises:
        NoRulebookInForce: nothing was published that is in force when the history begins.
        LogUnavailable: the database does not answer.
    """
    drawn = fates([truth_of(asked.request.reason) for asked in history], wish)
    writer = _Writer(services, clock, book, drawn, _registered(services, history, book.rulebook))
    for place, asked in enumerate(history):
        writer.answer_until(asked.at)
        writer.ask(place, asked)
        advance(1)
    writer.answer_until(datetime.max.replace(tzinfo=UTC))
    clock.move_to(clock.now() + timedelta(days=services.settings.outcome_days))
    writer.tell_outcomes()
    return writer.written


def _registered(services: Services, history: Sequence[Asked], rulebook: Rulebook) -> ApiKey:
    """A key to decide with, every agent of the history, and who answers what they escalate."""
    now, levels = services.clock.now(), sorted(rulebook.trust_levels, key=lambda level: level.rank)
    names = [level.name for level in levels]
    found = {asked.agent.ref: asked.agent for asked in history}
    with services.db.transaction() as conn:
        key, _ = keys.create(conn, services.ids, SOURCE, Role.MANAGER, now=now)
        for agent in found.values():
            of_team = AgentRecord(agent.ref, agent.ref, agent.team, agent.trust_level or names[0], AgentKind.HUMAN)
            agents.put(conn, of_team, trust_levels=names, now=now)
        lead = AgentRecord(RESOLVER, RESOLVER, None, names[-1], AgentKind.HUMAN)
        agents.put(conn, lead, trust_levels=names, now=now)
    return key


@dataclass(order=True, slots=True)
class _Due:
    """An escalation that is answered at an instant."""

    at: datetime
    place: int
    asked: Asked = field(compare=False)
    decided: StoredDecision = field(compare=False)
    before: Before = field(compare=False)


@dataclass(slots=True)
class _Writer:
    services: Services
    clock: HistoryClock
    book: CompiledRulebook
    fates: Fates
    key: ApiKey
    written: Written = field(default_factory=Written)
    due: list[_Due] = field(default_factory=list)
    ends: dict[str, tuple[datetime, Observed]] = field(default_factory=dict)
    """By case: when it was first asked, and how its first request ended, or the first that was escalated."""

    def ask(self, place: int, asked: Asked) -> None:
        """Decide a request at its instant; what is allowed is given, what is escalated waits for its answer."""
        self.clock.move_to(asked.at)
        decided = self._decided(place, asked)
        self.written.requests += 1
        before = before_of(asked.request, self.book, at_once=decided.decision.outcome is Outcome.ALLOW, queue=None)
        if decided.decision.outcome is Outcome.ALLOW:
            self.written.allowed += 1
            self._give(decided.id)
            self._end(asked, self.fates.of(place, before))
        elif decided.decision.outcome is Outcome.DENY:
            self.written.denied += 1
        elif self.fates.is_escalated[place]:
            wait = _LEAST_WAIT + _WAIT_PER_MINUTE * sum(self.fates.of(place, before).minutes.values())
            heappush(self.due, _Due(asked.at + wait, place, asked, decided, before))
        else:
            self.written.gave_up += 1
            self._end(asked, self.fates.of(place, before))

    def answer_until(self, instant: datetime) -> None:
        """Answer every escalation that is due before an instant."""
        while self.due and self.due[0].at < instant:
            one = heappop(self.due)
            self.clock.move_to(one.at)
            granted = self._granted(one) if self.fates.is_granted[one.place] else False
            if not granted:
                self._resolve(one, Resolution(result="refused", agent=RESOLVER, note=_NOTE))
            self.written.answered += 1
            self.written.granted += granted
            self._end(one.asked, self.fates.of(one.place, one.before, granted))

    def tell_outcomes(self) -> None:
        """Tell what was heard of every case."""
        told = [report for case, (at, end) in self.ends.items() for report in reports(case, at, end)]
        for start in range(0, len(told), _AT_ONCE):
            record(self.services, told[start : start + _AT_ONCE], self.key)
        self.written.outcomes = len(told)

    def _decided(self, place: int, asked: Asked) -> StoredDecision:
        found: list[StoredDecision] = []

        def render(stored: StoredDecision) -> str:
            found.append(stored)
            return "{}"

        once = Idempotency.of("/v1/decisions", f"{SOURCE}-{place}", {})
        request_decision(self.services, asked.request, self.key, once, render)
        return found[-1]

    def _give(self, decision_id: str) -> None:
        once = Idempotency.of(f"/v1/decisions/{decision_id}/commit", f"{SOURCE}-{decision_id}", {})
        settle.commit(self.services, decision_id, self.key, once, lambda stored: "{}")

    def _granted(self, one: _Due) -> bool:
        """Grant what was asked, if need be by what was found out, else what the asker could have given."""
        request = one.asked.request
        less, found = one.decided.decision.available_minor, found_out(request, self.book.rulebook)
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

    def _resolve(self, one: _Due, resolution: Resolution) -> None:
        escalation = one.decided.escalation
        assert escalation is not None, "what is escalated has an escalation"
        found: list[Resolved] = []

        def render(resolved: Resolved) -> str:
            found.append(resolved)
            return "{}"

        key = f"{SOURCE}-{escalation.id}-{resolution.result}-{resolution.amount}-{len(resolution.facts or {})}"
        once = Idempotency.of(f"/v1/escalations/{escalation.id}/resolve", key, {})
        resolve(self.services, escalation.id, resolution, self.key, once, render)
        granted = found[-1].decision
        if granted is not None:
            self._give(granted.id)

    def _end(self, asked: Asked, end: Observed) -> None:
        case = str(asked.request.case)
        first, known = self.ends.get(case, (asked.at, end))
        if end.path is HandledBy.ESCALATED and known.path is not HandledBy.ESCALATED:
            known = end  # as the whole case is seen afterwards
        self.ends[case] = first, known
