"""A history written into a database as if the service had been there: decided, given, escalated, answered, and what
was heard afterwards, each through the service's own ways at its own instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import ApiKey, Role
from policyservice.costs.calibration.observed import Observed
from policyservice.costs.calibration.observed import Path as HandledBy
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import request_decision
from policyservice.decisions.services import Services
from policyservice.decisions.stored import StoredDecision
from policyservice.domain.decision import Outcome
from policyservice.domain.vocabulary import AgentKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.previews.aftermath.desk import COLLEAGUE, RESOLVER, Desk, Escalated
from policyservice.previews.aftermath.generate import Before, Fates, Wish, fates
from policyservice.previews.aftermath.heard import SOURCE, reports
from policyservice.previews.aftermath.moving import HistoryClock
from policyservice.previews.aftermath.settled import before_of
from policyservice.previews.aftermath.truth import truth_of
from policyservice.previews.aftermath.written import Written
from policyservice.previews.backtest.history import Asked
from policyservice.resolutions.outcomes import record
from policyservice.rulebook.model import Rulebook

_AT_ONCE = 500
"""Outcomes that are told together."""


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
    drawn, written = fates([truth_of(asked.request.reason) for asked in history], wish), Written()
    desk = Desk(services, book.rulebook, _registered(services, history, book.rulebook), written)
    writer = _Writer(desk, clock, book, drawn, written)
    for place, asked in enumerate(history):
        writer.answer_until(asked.at)
        writer.ask(place, asked)
        advance(1)
    writer.answer_until(datetime.max.replace(tzinfo=UTC))
    clock.move_to(clock.now() + timedelta(days=services.settings.outcome_days))
    writer.tell_outcomes()
    return written


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
        for ref in (RESOLVER, COLLEAGUE):
            agents.put(conn, AgentRecord(ref, ref, None, names[-1], AgentKind.HUMAN), trust_levels=names, now=now)
    return key


@dataclass(order=True, slots=True)
class _Due:
    """What is to be done about an escalation next, and when."""

    at: datetime
    place: int
    steps: Iterator[datetime] = field(compare=False)


@dataclass(slots=True)
class _Writer:
    desk: Desk
    clock: HistoryClock
    book: CompiledRulebook
    fates: Fates
    written: Written
    due: list[_Due] = field(default_factory=list)
    spoken: set[str | None] = field(default_factory=set)
    """Cases of which the first contact was told."""
    ends: dict[str, tuple[datetime, Observed]] = field(default_factory=dict)
    """By case: when it was first asked, and how its first request ended, or the first that was escalated."""

    def ask(self, place: int, asked: Asked) -> None:
        """Decide a request at its instant; what is allowed is given, what is escalated waits for its answer."""
        self.clock.move_to(asked.at)
        decided = self._decided(place, asked)
        self.written.requests += 1
        before = before_of(asked.request, self.book, at_once=decided.decision.outcome is Outcome.ALLOW, queue=None)
        drawn = self.fates.of(place, before)
        if decided.decision.outcome is Outcome.ALLOW:
            self.written.allowed += 1
            self.desk.give(decided.id)
            self._speak(asked, drawn.minutes["hd"])
            self._end(asked, drawn)
        elif decided.decision.outcome is Outcome.DENY:
            self.written.denied += 1
        elif drawn.path is HandledBy.ESCALATED:
            self._speak(asked, drawn.minutes["h1"])
            self._go_on(place, self._answered(place, before, Escalated(asked, decided, drawn)))
        else:
            self.written.gave_up += 1
            self.desk.withdraw(Escalated(asked, decided, drawn))
            self._end(asked, drawn)

    def answer_until(self, instant: datetime) -> None:
        """Do everything about escalations that is due before an instant."""
        while self.due and self.due[0].at < instant:
            one = heappop(self.due)
            self.clock.move_to(one.at)
            self._go_on(one.place, one.steps)

    def tell_outcomes(self) -> None:
        """Tell what was heard of every case."""
        told = [report for case, (at, end) in self.ends.items() for report in reports(case, at, end)]
        for start in range(0, len(told), _AT_ONCE):
            record(self.desk.services, told[start : start + _AT_ONCE], self.desk.key)
        self.written.outcomes = len(told)

    def _go_on(self, place: int, steps: Iterator[datetime]) -> None:
        """Do what is due, and remember when it goes on."""
        at = next(steps, None)
        if at is not None:
            heappush(self.due, _Due(at, place, steps))

    def _answered(self, place: int, before: Before, one: Escalated) -> Iterator[datetime]:
        """Have an escalation answered; yields the instants at which it goes on."""
        yield from self.desk.reach(one)
        granted = self.desk.answer(one)
        self.written.answered += 1
        self.written.granted += granted
        self._end(one.asked, self.fates.of(place, before, granted))

    def _decided(self, place: int, asked: Asked) -> StoredDecision:
        found: list[StoredDecision] = []

        def render(stored: StoredDecision) -> str:
            found.append(stored)
            return "{}"

        once = Idempotency.of("/v1/decisions", f"{SOURCE}-{place}", {})
        request_decision(self.desk.services, asked.request, self.desk.key, once, render)
        return found[-1]

    def _speak(self, asked: Asked, minutes: float) -> None:
        """Tell of the first contact of a case; repeat contacts are drawn, and told on its escalation."""
        if asked.request.case not in self.spoken:
            self.spoken.add(asked.request.case)
            self.desk.speak(asked, minutes)

    def _end(self, asked: Asked, end: Observed) -> None:
        case = str(asked.request.case)
        first, known = self.ends.get(case, (asked.at, end))
        if end.path is HandledBy.ESCALATED and known.path is not HandledBy.ESCALATED:
            known = end  # as the whole case is seen afterwards
        self.ends[case] = first, known
